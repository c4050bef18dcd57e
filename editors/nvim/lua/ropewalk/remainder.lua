-- Holds and shows what is left of a suggestion after a word or a line of it was accepted, until the server's next answer
-- replaces it or the cursor goes elsewhere. Without it every partial accept would wait for a round trip and a debounce.

local M = {}

local namespace = vim.api.nvim_create_namespace('ropewalk.remainder')

---@class ropewalk.Held
---@field rest ropewalk.Rest
---@field buffer integer
---@field changedtick integer
---@field row integer 0-based
---@field column integer bytes, 0-based

---@type ropewalk.Held?
local held

---@return boolean
local function is_at_cursor()
  local position = vim.api.nvim_win_get_cursor(0)
  return held ~= nil
    and held.buffer == vim.api.nvim_get_current_buf()
    and held.changedtick == vim.b.changedtick
    and held.row == position[1] - 1
    and held.column == position[2]
end

local function show()
  assert(held, 'only called by hold')
  local lines = vim.tbl_map(function(line)
    return { { line, 'ComplHint' } }
  end, vim.split(held.rest.text, '\n', { plain = true }))
  vim.api.nvim_buf_set_extmark(held.buffer, namespace, held.row, held.column, {
    virt_text = lines[1],
    virt_lines = vim.list_slice(lines, 2),
    virt_text_pos = 'inline',
    hl_mode = 'combine',
  })
end

--- Shows a remainder at the cursor of the current buffer.
---@param rest ropewalk.Rest
function M.hold(rest)
  M.drop()
  local position = vim.api.nvim_win_get_cursor(0)
  held = {
    rest = rest,
    buffer = vim.api.nvim_get_current_buf(),
    changedtick = vim.b.changedtick,
    row = position[1] - 1,
    column = position[2],
  }
  show()
end

--- Shows it no more.
function M.drop()
  if held and vim.api.nvim_buf_is_valid(held.buffer) then
    vim.api.nvim_buf_clear_namespace(held.buffer, namespace, 0, -1)
  end
  held = nil
end

--- The remainder, if it still belongs where the cursor is; it is then shown no more.
---@return ropewalk.Rest?
function M.take()
  local rest = is_at_cursor() and held and held.rest or nil
  M.drop()
  return rest
end

--- Drops it as soon as the user does anything else.
---@param group integer the group for the autocommands
function M.watch(group)
  vim.api.nvim_create_autocmd({ 'CursorMovedI', 'TextChangedI', 'InsertLeave', 'BufLeave' }, {
    group = group,
    desc = 'Ropewalk: forget what was left of a suggestion',
    callback = function(event)
      if held and (event.event == 'InsertLeave' or event.event == 'BufLeave' or not is_at_cursor()) then
        M.drop()
      end
    end,
  })
end

return M
