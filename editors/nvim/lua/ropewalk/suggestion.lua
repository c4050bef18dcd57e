-- Accepts what the built-in inline completion shows: all of it, its next word, its next line; shows the next one; dismisses.
--
-- The built-in client keeps showing a suggestion while the user types through it, but would insert it as if he had not:
-- what he typed would stand there twice. So each suggestion is first fitted to the text as it now is, or left alone.

local remainder = require('ropewalk.remainder')

local M = {}

---@alias ropewalk.Part 'all'|'word'|'line'

--- Where and on which line a suggestion was asked for.
---@class ropewalk.Asked
---@field row integer 0-based
---@field column integer in bytes, 0-based
---@field line string

---@type table<integer, table<integer, ropewalk.Asked>> by request id, then by buffer; per client
local pending = {}

---@type table<string, ropewalk.Asked> the last answered one, by client and buffer
local answered = {}

---@return integer row 0-based
---@return integer column bytes, 0-based
local function cursor()
  local position = vim.api.nvim_win_get_cursor(0)
  return position[1] - 1, position[2]
end

---@param client_id integer
---@param buffer integer
---@return string
local function answered_key(client_id, buffer)
  return client_id .. ':' .. buffer
end

---@param event vim.api.keyset.create_autocmd.callback_args
local function note_request(event)
  local request = event.data.request
  if request.method ~= 'textDocument/inlineCompletion' then
    return
  end
  local id, client_id = event.data.request_id, event.data.client_id
  pending[client_id] = pending[client_id] or {}
  if request.type == 'pending' and event.buf == vim.api.nvim_get_current_buf() then
    local row, column = cursor()
    pending[client_id][id] = { row = row, column = column, line = vim.api.nvim_get_current_line() }
  elseif request.type == 'complete' then
    answered[answered_key(client_id, event.buf)] = pending[client_id][id]
    pending[client_id][id] = nil
    vim.schedule(remainder.drop)
  elseif request.type == 'cancel' then
    pending[client_id][id] = nil
  end
end

--- Follows the requests of the built-in client, to know later which text an answer was made for.
function M.watch()
  local group = vim.api.nvim_create_augroup('ropewalk.suggestion', { clear = true })
  vim.api.nvim_create_autocmd('LspRequest', { group = group, callback = note_request })
  vim.api.nvim_create_autocmd('LspDetach', {
    group = group,
    callback = function(event)
      answered[answered_key(event.data.client_id, event.buf)] = nil
    end,
  })
  remainder.watch(group)
end

--- What is still to be inserted of a suggestion: `text` at the cursor, in place of `replaced` bytes after it.
---@class ropewalk.Rest
---@field text string
---@field replaced integer

--- Fits a suggestion to the text as it now is.
---@param item vim.lsp.inline_completion.Item
---@return ropewalk.Rest? rest nil when the user has typed something else, or all of it
function M.fit(item)
  local row, column = cursor()
  local text = item.insert_text
  ---@cast text string
  local range = item.range
  if not range then
    return { text = text, replaced = 0 }
  end
  local start_row, start_column, end_row, end_column = range:to_extmark()
  local asked = answered[answered_key(item.client_id, vim.api.nvim_get_current_buf())]
  if not asked or row ~= start_row or end_row ~= start_row or row ~= asked.row or column < start_column then
    return nil
  end
  local line = vim.api.nvim_get_current_line()
  local untouched = line:sub(1, start_column) == asked.line:sub(1, start_column)
    and line:sub(column + 1) == asked.line:sub(asked.column + 1)
  local typed = line:sub(start_column + 1, column)
  if not untouched or not vim.startswith(text, typed) or text == typed then
    return nil
  end
  return { text = text:sub(#typed + 1), replaced = math.max(0, end_column - asked.column) }
end

--- The first part of a text: leading white space belongs to the word or line that follows it.
---@param text string
---@param part ropewalk.Part
---@return string
function M.first(text, part)
  if part == 'word' then
    local word = vim.fn.matchstr(text, [[^\_s*\%(\k\+\|\%(\k\@!\S\)\+\)]])
    return word ~= '' and word or text
  elseif part == 'line' then
    return text:match('^\n?[^\n]*')
  end
  return text
end

--- Inserts at the cursor, as one step of undo, and moves the cursor behind it.
---@param text string
---@param replaced integer bytes after the cursor that it replaces
local function insert(text, replaced)
  local row, column = cursor()
  local lines = vim.split(text, '\n', { plain = true })
  -- Assigning the option, even to itself, ends the undo step that the typing before belongs to.
  vim.bo.undolevels = vim.bo.undolevels
  vim.api.nvim_buf_set_text(0, row, column, row, column + replaced, lines)
  local last_column = #lines == 1 and column + #lines[1] or #lines[#lines]
  vim.api.nvim_win_set_cursor(0, { row + #lines, last_column })
end

---@param rest ropewalk.Rest
---@param part ropewalk.Part
---@return boolean whole whether nothing is left of it
local function insert_part(rest, part)
  local first = M.first(rest.text, part)
  local whole = #first == #rest.text
  insert(first, whole and rest.replaced or 0)
  if not whole then
    remainder.hold({ text = rest.text:sub(#first + 1), replaced = rest.replaced })
  end
  return whole
end

---@param item vim.lsp.inline_completion.Item
local function run_command(item)
  local client = vim.lsp.get_client_by_id(item.client_id)
  if item.command and client then
    client:exec_cmd(item.command, { bufnr = vim.api.nvim_get_current_buf() })
  end
end

--- A menu entry that the user has picked is what he is looking at.
---@return boolean
local function is_choosing_from_menu()
  return vim.fn.pumvisible() == 1 and vim.fn.complete_info({ 'selected' }).selected ~= -1
end

--- Takes the current suggestion from the built-in client, which then shows it no more.
---@return vim.lsp.inline_completion.Item?
local function take()
  local taken, done
  local shown = vim.lsp.inline_completion.get({
    on_accept = function(item)
      taken = item
    end,
  })
  if not shown then
    return nil
  end
  -- `get` does its work a moment later; keys typed meanwhile must find it done.
  vim.schedule(function()
    done = true
  end)
  vim.wait(1000, function()
    return done
  end, 1)
  return taken
end

--- Inserts a part of the suggestion shown at the cursor.
---@param part ropewalk.Part
---@return boolean accepted false when none is shown that fits the text
function M.accept(part)
  if is_choosing_from_menu() then
    return false
  end
  local held = remainder.take()
  if held then
    insert_part(held, part)
    return true
  end
  local item = take()
  if not item then
    return false
  end
  if type(item.insert_text) ~= 'string' then
    -- Another server's snippet: it is expanded whole, as the built-in client would.
    vim.snippet.expand(item.insert_text.value)
    run_command(item)
    return true
  end
  local rest = M.fit(item)
  if not rest then
    return false
  end
  insert_part(rest, part)
  run_command(item)
  return true
end

--- Whether the built-in client shows a suggestion in the current buffer.
---@return boolean
function M.is_shown()
  local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  return namespace ~= nil and #vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { limit = 1 }) > 0
end

---@return boolean shown
function M.next()
  if not M.is_shown() then
    return false
  end
  vim.lsp.inline_completion.select()
  return true
end

---@return boolean dismissed
function M.dismiss()
  local held = remainder.take()
  return take() ~= nil or held ~= nil
end

return M
