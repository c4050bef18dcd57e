-- Runs the plugin's tests:  nvim -l editors/nvim/tests/run.lua [FILTER]
-- Each `*_test.lua` returns a table of named tests; a test gets a fresh child Neovim with the plugin and a scripted server.

local here = vim.fs.dirname(vim.fs.abspath(debug.getinfo(1, 'S').source:sub(2)))
local plugin = vim.fs.dirname(here)
package.path = here .. '/?.lua;' .. plugin .. '/lua/?.lua;' .. plugin .. '/lua/?/init.lua;' .. package.path
local Child = require('child')

local set_up = [[
  package.path = ... .. '/?.lua;' .. package.path
  server = require('scripted_server')
  vim.cmd.edit('a.txt')
]]

---@param name string
---@param test fun(child: table, folder: string)
---@return boolean passed
local function run(name, test)
  local folder = vim.fn.tempname()
  vim.fn.mkdir(folder .. '/workspace/.git', 'p')
  vim.fn.mkdir(folder .. '/state', 'p')
  local child = Child.start({ runtime = plugin, directory = folder .. '/workspace', state = folder .. '/state' })
  local passed, problem = xpcall(function()
    child:lua(set_up, here)
    test(child, folder .. '/workspace')
  end, function(problem)
    return type(problem) == 'string' and problem or debug.traceback(vim.inspect(problem))
  end)
  child:kill()
  vim.fn.delete(folder, 'rf')
  print(('test %s ... %s'):format(name, passed and 'ok' or 'FAILED\n' .. tostring(problem)))
  return passed
end

local filter = _G.arg[1] or ''
local passed, failed = 0, 0
for _, file in ipairs(vim.fn.glob(here .. '/*_test.lua', false, true)) do
  for name, test in vim.spairs(dofile(file)) do
    local full_name = vim.fs.basename(file):gsub('_test%.lua$', '') .. ': ' .. name
    if full_name:find(filter, 1, true) then
      if run(full_name, test) then
        passed = passed + 1
      else
        failed = failed + 1
      end
    end
  end
end
print(('\ntest result: %s. %d passed; %d failed'):format(failed == 0 and 'ok' or 'FAILED', passed, failed))
-- No test at all without a filter means that this script is broken, not that all is well.
os.exit(failed == 0 and (passed > 0 or filter ~= '') and 0 or 1)
