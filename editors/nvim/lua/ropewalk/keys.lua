-- Maps the keys in the buffers that Ropewalk serves. A key that finds nothing to act on does what it did before:
-- the mapping that was there runs, or else Neovim's own meaning of the key.

local client = require('ropewalk.client')

local M = {}

local descriptions = {
  accept = 'Ropewalk: accept the suggestion',
  accept_word = 'Ropewalk: accept its next word',
  accept_line = 'Ropewalk: accept its next line',
  next = 'Ropewalk: next suggestion',
  dismiss = 'Ropewalk: dismiss the suggestion',
}

---@type table<integer, table<string, vim.api.keyset.get_keymap|false>> by buffer and key: the buffer's own mapping before ours
local previous = {}

---@param mappings vim.api.keyset.get_keymap[]
---@param key string
---@return vim.api.keyset.get_keymap?
local function find(mappings, key)
  local raw = vim.keycode(key)
  return vim.iter(mappings):find(function(mapping)
    return mapping.lhsraw == raw or mapping.lhsrawalt == raw
  end)
end

---@param keys string already in Neovim's internal form
---@param remap boolean
local function feed(keys, remap)
  -- Put before what was typed meanwhile, so that the order of keys stays.
  vim.api.nvim_feedkeys(keys, remap and 'mi' or 'ni', false)
end

---@param mapping vim.api.keyset.get_keymap
---@param keys string
---@param key string
local function feed_mapped(mapping, keys, key)
  local raw = vim.keycode(key)
  if mapping.noremap == 0 and vim.startswith(keys, raw) then
    -- Neovim does not map the key again when a mapping starts with itself; the rest is put in first, to come out second.
    feed(keys:sub(#raw + 1), true)
    feed(raw, false)
  else
    feed(keys, mapping.noremap == 0)
  end
end

---@param mapping vim.api.keyset.get_keymap
---@param key string
local function run(mapping, key)
  if mapping.expr == 1 then
    local keys = mapping.callback and mapping.callback() or not mapping.callback and vim.api.nvim_eval(mapping.rhs)
    if type(keys) == 'string' and keys ~= '' then
      feed_mapped(mapping, mapping.replace_keycodes == 1 and vim.keycode(keys) or keys, key)
    end
  elseif mapping.callback then
    mapping.callback()
  elseif mapping.rhs and mapping.rhs ~= '' then
    feed_mapped(mapping, vim.keycode(mapping.rhs), key)
  end
end

--- Does what the key did before Ropewalk was mapped to it.
---@param buffer integer
---@param key string
function M.fall_through(buffer, key)
  local mapping = previous[buffer] and previous[buffer][key] or find(vim.api.nvim_get_keymap('i'), key)
  if mapping then
    run(mapping, key)
  else
    feed(vim.keycode(key), false)
  end
end

---@param buffer integer
---@param keys ropewalk.Keys
local function map(buffer, keys)
  if previous[buffer] then
    return
  end
  previous[buffer] = {}
  for action, key in pairs(keys) do
    if key then
      previous[buffer][key] = find(vim.api.nvim_buf_get_keymap(buffer, 'i'), key) or false
      vim.keymap.set('i', key, function()
        if not require('ropewalk')[action]() then
          M.fall_through(buffer, key)
        end
      end, { buffer = buffer, desc = descriptions[action] })
    end
  end
end

---@param buffer integer
local function unmap(buffer)
  for key, mapping in pairs(previous[buffer] or {}) do
    pcall(vim.keymap.del, 'i', key, { buffer = buffer })
    if mapping then
      vim.api.nvim_buf_call(buffer, function()
        vim.fn.mapset('i', false, mapping)
      end)
    end
  end
  previous[buffer] = nil
end

---@param event vim.api.keyset.create_autocmd.callback_args
---@return boolean
local function is_ours(event)
  local attached = vim.lsp.get_client_by_id(event.data.client_id)
  return attached ~= nil and attached.name == client.name
end

--- Maps the keys in each buffer the server attaches to, and gives them back when it leaves.
---@param keys ropewalk.Keys
function M.watch(keys)
  local group = vim.api.nvim_create_augroup('ropewalk.keys', { clear = true })
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      if is_ours(event) then
        map(event.buf, keys)
      end
    end,
  })
  vim.api.nvim_create_autocmd('LspDetach', {
    group = group,
    callback = function(event)
      if is_ours(event) and vim.api.nvim_buf_is_valid(event.buf) then
        unmap(event.buf)
      end
    end,
  })
  vim.api.nvim_create_autocmd('BufWipeout', {
    group = group,
    callback = function(event)
      previous[event.buf] = nil
    end,
  })
end

return M
