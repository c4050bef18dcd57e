-- The way in: `setup()`, and the functions a user may map or show himself.
-- Everything is done elsewhere: options.lua checks, client.lua starts the server, suggestion.lua accepts, keys.lua maps.

local M = {}

--- Starts Ropewalk: checks the options, enables the server for every ordinary file and maps the keys where it is attached.
--- Safe to call again with other options; open files keep their server until `:Ropewalk restart`.
---@param user_options? ropewalk.UserOptions
function M.setup(user_options)
  if vim.fn.has('nvim-0.12') == 0 then
    return vim.notify('ropewalk: Neovim 0.12 or newer is needed.', vim.log.levels.ERROR)
  end
  local options = require('ropewalk.options').set(user_options)
  -- Where a plugin manager put the folder into the runtime path too late for it, `:Ropewalk` is defined now.
  require('ropewalk.command').define()
  require('ropewalk.suggestion').watch()
  require('ropewalk.status').watch()
  require('ropewalk.keys').watch(options.keys)
  require('ropewalk.client').enable(options)
end

--- Inserts the suggestion shown at the cursor.
---@return boolean accepted false when none is shown
function M.accept()
  return require('ropewalk.suggestion').accept('all')
end

--- Inserts the next word of the suggestion and keeps showing the rest.
---@return boolean accepted false when none is shown
function M.accept_word()
  return require('ropewalk.suggestion').accept('word')
end

--- Inserts the next line of the suggestion and keeps showing the rest.
---@return boolean accepted false when none is shown
function M.accept_line()
  return require('ropewalk.suggestion').accept('line')
end

--- Shows the next alternative.
---@return boolean shown false when no suggestion is shown
function M.next()
  return require('ropewalk.suggestion').next()
end

--- Hides the suggestion until the next keystroke.
---@return boolean dismissed false when none was shown
function M.dismiss()
  return require('ropewalk.suggestion').dismiss()
end

--- What the server of the current buffer is doing, in a few words for a status line; empty when it has none.
---@return string
function M.statusline()
  return require('ropewalk.status').text()
end

return M
