-- `:checkhealth ropewalk`: is everything there that a suggestion needs, and if not, what to do.

local M = {}

local health = vim.health

local function check_neovim()
  if vim.fn.has('nvim-0.12') == 1 then
    health.ok('Neovim ' .. tostring(vim.version()))
  else
    health.error('Neovim 0.12 or newer is needed, this is ' .. tostring(vim.version()))
  end
end

local function check_program()
  local command = require('ropewalk.options').get().cmd
  if vim.is_callable(command) then
    return health.info('`cmd` is a function; whether its server runs is seen below')
  end
  local program = command[1]
  local path = vim.fn.exepath(program)
  if path == '' then
    return health.error(
      ('`%s` is not on the PATH and not an executable file'):format(program),
      { 'Install it, or name it: require("ropewalk").setup({ cmd = { "/path/to/ropewalk", "lsp" } })' }
    )
  end
  local ran, result = pcall(function()
    return vim.system({ path, '--version' }, { text = true }):wait(5000)
  end)
  if ran and result.code == 0 then
    health.ok(('%s (%s)'):format(path, vim.trim(result.stdout)))
  else
    health.error(('%s does not run: %s'):format(path, ran and vim.trim(result.stderr or '') or result))
  end
end

---@param client vim.lsp.Client
local function check_client(client)
  local root = client.root_dir or 'no workspace folder, so it learns from open files only'
  health.ok(('server %d: %d buffers, %s'):format(client.id, vim.tbl_count(client.attached_buffers), root))
  if not client:supports_method('textDocument/inlineCompletion') then
    return health.error('this server offers no inline completion', { 'Is `cmd` really a ropewalk?' })
  end
  for buffer in vim.spairs(client.attached_buffers) do
    if not vim.lsp.inline_completion.is_enabled({ bufnr = buffer }) then
      local name = vim.api.nvim_buf_get_name(buffer)
      local advice = ('vim.lsp.inline_completion.enable(true, { bufnr = %d })'):format(buffer)
      health.warn('inline completion is switched off in ' .. name, { advice })
    end
  end
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = require('ropewalk.client').name })
  if #clients == 0 then
    local advice = { 'Call require("ropewalk").setup()', 'Open a file; the server starts with the first one' }
    return health.warn('no server is running', advice)
  end
  vim.iter(clients):each(check_client)
end

---@param action string
---@param key string
local function check_key(action, key)
  local mapping = vim.fn.maparg(key, 'i', false, true)
  if type(mapping.desc) == 'string' and vim.startswith(mapping.desc, 'Ropewalk') then
    health.ok(('%s: %s'):format(key, action))
  else
    health.warn(('%s (%s) is mapped by something else in this buffer'):format(key, action), {
      ('Set keys.%s to another key, or call require("ropewalk").%s() in your own mapping'):format(action, action),
    })
  end
end

local function check_keys()
  -- The health page is itself the current buffer; the one before it is the user's.
  local buffer = vim.fn.bufnr('#')
  if buffer == -1 or not require('ropewalk.client').of(buffer) then
    return health.info('keys: open a file that Ropewalk serves and run this again')
  end
  vim.api.nvim_buf_call(buffer, function()
    for action, key in vim.spairs(require('ropewalk.options').get().keys) do
      if key then
        check_key(action, key)
      end
    end
  end)
end

function M.check()
  health.start('ropewalk')
  check_neovim()
  check_program()
  check_clients()
  check_keys()
end

return M
