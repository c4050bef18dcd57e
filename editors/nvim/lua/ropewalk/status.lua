-- What the server says about itself: the reports it pushes, the report on demand, and a few words for a status line.

local M = {}

---@class ropewalk.StatusReport The server's `StatusReport`; docs/protocol.md says what each field means.
---@field version string
---@field message string one short line
---@field engine { name: string, state: 'disabled'|'learning'|'ready' }
---@field learning { files: integer, sourceBytes: integer, memoryBytes: integer, skippedFiles: integer, percentage?: integer }
---@field folders { path: string, trusted: boolean, watchedBy: string }[]
---@field documents integer
---@field lastSuggestion? { offered: boolean, reason?: string, confidence?: number, microseconds: integer }
---@field problems string[]
---@field logFile? string

---@type table<integer, ropewalk.StatusReport> the newest report of each client
local reports = {}

--- JSON's null arrives as `vim.NIL`, which counts as true.
---@param value any
---@return any
local function without_null(value)
  if value == vim.NIL then
    return nil
  elseif type(value) == 'table' then
    return vim.tbl_map(without_null, value)
  end
  return value
end

---@param client_id integer
---@param report ropewalk.StatusReport
local function remember(client_id, report)
  reports[client_id] = without_null(report)
  vim.api.nvim_exec_autocmds('User', { pattern = 'RopewalkStatus', modeline = false })
  vim.cmd.redrawstatus()
end

---@type table<string, lsp.Handler> for the client's configuration
M.handlers = {
  ['ropewalk/didChangeStatus'] = function(_, report, context)
    if type(report) == 'table' then
      remember(context.client_id, report)
    end
  end,
}

--- Forgets the reports of servers that have ended.
function M.watch()
  vim.api.nvim_create_autocmd('LspDetach', {
    group = vim.api.nvim_create_augroup('ropewalk.status', { clear = true }),
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if not client or client:is_stopped() then
        reports[event.data.client_id] = nil
      end
    end,
  })
end

--- The newest pushed report of the server of a buffer.
---@param buffer? integer default: the current one
---@return ropewalk.StatusReport?
function M.report(buffer)
  local client = require('ropewalk.client').of(buffer or 0)
  return client and reports[client.id] or nil
end

--- Asks the server of a buffer for a report and waits for it, at most two seconds.
---@param buffer? integer default: the current one
---@return ropewalk.StatusReport? report
---@return string? problem why there is none
function M.ask(buffer)
  buffer = buffer or vim.api.nvim_get_current_buf()
  local client = require('ropewalk.client').of(buffer)
  if not client then
    return nil, 'No Ropewalk server serves this file.'
  end
  local answer, problem = client:request_sync('ropewalk/status', nil, 2000, buffer)
  if not answer then
    return nil, 'The server did not answer: ' .. (problem or 'timeout')
  elseif answer.err then
    return nil, 'The server refused to say: ' .. answer.err.message
  end
  local report = without_null(answer.result)
  remember(client.id, report)
  return report
end

--- For a status line: what the server is doing now; empty for a buffer without one.
---@return string
function M.text()
  local client = require('ropewalk.client').of(0)
  if not client then
    return ''
  end
  local report = reports[client.id]
  return 'ropewalk' .. (report and report.message ~= '' and ': ' .. report.message or '')
end

---@param bytes integer
---@return string
local function megabytes(bytes)
  return ('%.1f MB'):format(bytes / 1e6)
end

---@param report ropewalk.StatusReport
---@return string
local function learned(report)
  local learning = report.learning
  local line = ('%d files learned (%s of text in %s of memory)'):format(
    learning.files,
    megabytes(learning.sourceBytes),
    megabytes(learning.memoryBytes)
  )
  if learning.percentage then
    line = line .. (', %d%% done'):format(learning.percentage)
  end
  if learning.skippedFiles > 0 then
    line = line .. (', %d left out as the index is full'):format(learning.skippedFiles)
  end
  return line
end

---@param suggestion { offered: boolean, reason?: string, confidence?: number, microseconds: integer }
---@return string
local function outcome(suggestion)
  local milliseconds = suggestion.microseconds / 1000
  if suggestion.offered then
    local confidence = suggestion.confidence and (', confidence %.0f%%'):format(suggestion.confidence * 100) or ''
    return ('last suggestion: offered in %.1f ms%s'):format(milliseconds, confidence)
  end
  return ('last suggestion: none in %.1f ms. %s'):format(milliseconds, suggestion.reason or '')
end

--- A report in lines for people.
---@param report ropewalk.StatusReport
---@return string[]
function M.describe(report)
  local lines = {
    ('ropewalk %s: %s'):format(report.version, report.message),
    ('engine %s, %s'):format(report.engine.name, report.engine.state),
    learned(report),
    ('%d open document%s'):format(report.documents, report.documents == 1 and '' or 's'),
  }
  for _, folder in ipairs(report.folders) do
    local trust = folder.trusted and 'trusted' or 'not trusted'
    table.insert(lines, ('workspace %s (%s, watched by %s)'):format(folder.path, trust, folder.watchedBy))
  end
  if report.lastSuggestion then
    table.insert(lines, outcome(report.lastSuggestion))
  end
  for _, problem in ipairs(report.problems) do
    table.insert(lines, 'problem: ' .. problem)
  end
  if report.logFile then
    table.insert(lines, 'log ' .. report.logFile)
  end
  return lines
end

return M
