-- Starts the language server through Neovim's own LSP client: which files, which workspace, which settings.

local M = {}

---@class ropewalk.client
---@field name string the name under which Neovim's LSP client knows the server
M.name = 'ropewalk'

-- The first group wins wherever it is found, however far up: a package inside a repository belongs to the repository.
local root_markers = {
  { '.ropewalk', '.git', '.jj', '.hg', '.svn' },
  {
    'Cargo.toml',
    'package.json',
    'go.mod',
    'pyproject.toml',
    'setup.py',
    'pom.xml',
    'build.gradle',
    'CMakeLists.txt',
    'Makefile',
  },
}

--- The workspace folder of a buffer: the repository, else the project, else the working directory when the file is in it.
--- A home folder or `/` is never a workspace: nobody wants those read.
---@param buffer integer
---@return string? root nil when the file stands alone
function M.root(buffer)
  local marked = vim.fs.root(buffer, root_markers)
  local directory = vim.fs.normalize(vim.fn.getcwd())
  local path = vim.fs.normalize(vim.api.nvim_buf_get_name(buffer))
  local inside = path == '' or vim.fs.relpath(directory, path) ~= nil
  local root = marked or (inside and directory or nil)
  local too_wide = root == '/' or root == vim.fs.normalize(vim.env.HOME or '/')
  return not too_wide and root or nil
end

---@param buffer integer
---@return boolean
local function is_ordinary_file(buffer)
  return vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].buftype == '' and vim.bo[buffer].buflisted
end

--- `vim.lsp.enable()` waits for the FileType event, which never comes for a file whose type is unknown.
---@param buffer integer
local function attach_without_filetype(buffer)
  if not is_ordinary_file(buffer) or vim.bo[buffer].filetype ~= '' then
    return
  end
  local config = vim.deepcopy(vim.lsp.config[M.name])
  config.root_dir = M.root(buffer)
  vim.lsp.start(config, { bufnr = buffer, silent = true })
end

local function watch_files_without_filetype()
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
    group = vim.api.nvim_create_augroup('ropewalk.client', { clear = true }),
    desc = 'Ropewalk: attach to files of no known type',
    callback = function(event)
      -- Scheduled, so that the type has been found if there is one to find.
      vim.schedule(function()
        attach_without_filetype(event.buf)
      end)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(buffer) ~= '' then
      attach_without_filetype(buffer)
    end
  end
end

--- Configures the server, enables it, and turns the built-in inline completion on for it.
---@param options ropewalk.Options
function M.enable(options)
  -- An empty Lua table would travel as an empty list.
  local settings = next(options.settings) and options.settings or vim.empty_dict()
  vim.lsp.config(M.name, {
    cmd = options.cmd,
    filetypes = options.filetypes,
    root_dir = function(buffer, start)
      if is_ordinary_file(buffer) then
        start(M.root(buffer))
      end
    end,
    -- The server asks for this section; the same at the start saves it a question.
    settings = { ropewalk = settings },
    init_options = settings,
    capabilities = { experimental = { ropewalk = { status = true } } },
    handlers = require('ropewalk.status').handlers,
    on_attach = function(_, buffer)
      vim.lsp.inline_completion.enable(true, { bufnr = buffer })
    end,
  })
  vim.lsp.enable(M.name)
  if not options.filetypes then
    watch_files_without_filetype()
  end
end

--- The running server of a buffer.
---@param buffer integer
---@return vim.lsp.Client?
function M.of(buffer)
  return vim.lsp.get_clients({ bufnr = buffer, name = M.name })[1]
end

--- Stops every running server and starts new ones for the files they served.
---@param done? fun() called when the new servers have been started
function M.restart(done)
  local buffers = {}
  local clients = vim.lsp.get_clients({ name = M.name })
  for _, client in ipairs(clients) do
    vim.list_extend(buffers, vim.tbl_keys(client.attached_buffers))
    client:stop(2000)
  end
  local function all_stopped()
    return vim.iter(clients):all(function(client)
      return client:is_stopped()
    end)
  end
  local function start_when_stopped()
    if not all_stopped() then
      return vim.defer_fn(start_when_stopped, 20)
    end
    M.enable(require('ropewalk.options').get())
    for _, buffer in ipairs(buffers) do
      if vim.api.nvim_buf_is_loaded(buffer) then
        vim.api.nvim_exec_autocmds('FileType', { group = 'nvim.lsp.enable', buffer = buffer, modeline = false })
      end
    end
    if done then
      done()
    end
  end
  start_when_stopped()
end

return M
