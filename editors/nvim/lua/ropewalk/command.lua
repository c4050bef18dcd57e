-- `:Ropewalk status|log|restart`.

local M = {}

---@param text string
---@param level? integer
local function say(text, level)
  vim.notify(text, level or vim.log.levels.INFO)
end

---@type table<string, fun()>
local actions = {}

function actions.status()
  local status = require('ropewalk.status')
  local report, problem = status.ask()
  if report then
    say(table.concat(status.describe(report), '\n'))
  else
    say(problem .. ' `:checkhealth ropewalk` says more.', vim.log.levels.WARN)
  end
end

function actions.log()
  local report, problem = require('ropewalk.status').ask()
  if not report then
    say(
      problem .. ' Neovim keeps what the server wrote on stderr in ' .. vim.lsp.log.get_filename(),
      vim.log.levels.WARN
    )
  elseif not report.logFile then
    say('The server keeps no log file; start it with `--log-file`.', vim.log.levels.WARN)
  else
    vim.cmd.tabedit(vim.fn.fnameescape(report.logFile))
    vim.bo.autoread = true
    vim.cmd.normal({ 'G', bang = true })
  end
end

function actions.restart()
  require('ropewalk.client').restart(function()
    say('ropewalk: restarted')
  end)
end

---@return string[]
local function names()
  local all = vim.tbl_keys(actions)
  table.sort(all)
  return all
end

--- Runs the command; without a word it means `status`.
---@param words string[]
function M.run(words)
  local action = actions[words[1] or 'status']
  if not action or #words > 1 then
    return say('Usage: :Ropewalk ' .. table.concat(names(), '|'), vim.log.levels.ERROR)
  end
  action()
end

--- The words that `lead` may become.
---@param lead string
---@return string[]
function M.complete(lead)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names())
end

--- Defines the command; again does no harm.
function M.define()
  vim.api.nvim_create_user_command('Ropewalk', function(invocation)
    M.run(invocation.fargs)
  end, { nargs = '*', complete = M.complete, desc = 'Ropewalk: status, log, restart' })
end

return M
