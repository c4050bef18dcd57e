-- The options of `setup()`: their types, their defaults, and plain words for what is wrong with them.

local M = {}

---@class ropewalk.Keys Insert-mode keys; false leaves an action unmapped.
---@field accept string|false insert the whole suggestion
---@field accept_word string|false insert its next word
---@field accept_line string|false insert its next line
---@field next string|false show the next alternative
---@field dismiss string|false hide it until the next keystroke

---@class ropewalk.Options
---@field cmd string[]|fun(dispatchers: vim.lsp.rpc.Dispatchers): vim.lsp.rpc.PublicClient the server's program and
--- arguments, or a connection such as `vim.lsp.rpc.connect()` returns
---@field filetypes? string[] only these; nil means every ordinary file, those without a filetype included
---@field keys ropewalk.Keys
---@field settings table the server's settings, as in its config.toml

---@class ropewalk.UserOptions
---@field cmd? string[]|fun(dispatchers: vim.lsp.rpc.Dispatchers): vim.lsp.rpc.PublicClient
---@field filetypes? string[]
---@field keys? { accept?: string|false, accept_word?: string|false, accept_line?: string|false, next?: string|false, dismiss?: string|false }
---@field settings? table

---@type ropewalk.Options
local defaults = {
  cmd = { 'ropewalk', 'lsp' },
  filetypes = nil,
  keys = {
    accept = '<Tab>',
    accept_word = '<M-Right>',
    accept_line = '<M-Down>',
    next = '<M-]>',
    dismiss = '<C-]>',
  },
  settings = {},
}

---@type ropewalk.Options
local current = vim.deepcopy(defaults)

---@param value any
---@return boolean
local function is_list_of_strings(value)
  return vim.islist(value)
    and vim.iter(value):all(function(entry)
      return type(entry) == 'string' and entry ~= ''
    end)
end

---@param value any
---@return boolean
local function is_command(value)
  return vim.is_callable(value) or (is_list_of_strings(value) and #value > 0)
end

---@param value any
---@return boolean
local function is_key(value)
  return value == false or (type(value) == 'string' and value ~= '')
end

--- A misspelt option would otherwise do nothing, silently.
---@param given table
---@param known string[]
---@param where string
local function refuse_unknown(given, known, where)
  for name in pairs(given) do
    if not vim.list_contains(known, name) then
      error(("ropewalk: there is no option '%s%s'; there are: %s"):format(where, name, table.concat(known, ', ')), 0)
    end
  end
end

---@param user_options ropewalk.UserOptions
local function validate(user_options)
  vim.validate('ropewalk options', user_options, 'table')
  refuse_unknown(user_options, { 'cmd', 'filetypes', 'keys', 'settings' }, '')
  vim.validate('cmd', user_options.cmd, is_command, true, "a list such as { 'ropewalk', 'lsp' }")
  vim.validate('filetypes', user_options.filetypes, is_list_of_strings, true, "a list such as { 'rust', 'lua' }")
  vim.validate('settings', user_options.settings, 'table', true)
  vim.validate('keys', user_options.keys, 'table', true)
  local actions = vim.tbl_keys(defaults.keys)
  table.sort(actions)
  refuse_unknown(user_options.keys or {}, actions, 'keys.')
  for action, key in pairs(user_options.keys or {}) do
    vim.validate('keys.' .. action, key, is_key, false, "a key such as '<Tab>', or false for none")
  end
end

--- Checks what the user gave, fills in the defaults and remembers the result.
---@param user_options? ropewalk.UserOptions
---@return ropewalk.Options
function M.set(user_options)
  validate(user_options or {})
  current = vim.tbl_deep_extend('force', defaults, user_options or {})
  return current
end

--- The options in force: the defaults until `set` was called.
---@return ropewalk.Options
function M.get()
  return current
end

return M
