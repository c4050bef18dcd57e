-- Drives the real server in a real Neovim with our plugin, on the sample workspace:
--
--   ROPEWALK_BIN=target/debug/ropewalk nvim -l tests/editors/nvim/drive.lua [FILTER]
--
-- Each test has a Neovim, a server and a fresh copy of the workspace of its own. `cargo xtask editors test nvim` calls this.

local here = vim.fs.dirname(vim.fs.abspath(debug.getinfo(1, 'S').source:sub(2)))
local editors = vim.fs.dirname(here)
local root = vim.fs.dirname(vim.fs.dirname(editors))
local plugin = root .. '/editors/nvim'
package.path = plugin .. '/tests/?.lua;' .. package.path
local Child = require('child')

local server = vim.fs.abspath(vim.env.ROPEWALK_BIN or (root .. '/target/debug/ropewalk'))
if vim.fn.executable(server) == 0 then
  print(server .. ' is not there: `cargo build -p ropewalk`, or name the server in ROPEWALK_BIN')
  os.exit(1)
end

-- Stands in all modules of the sample; what the server has learned from it is seen by how it goes on after the first word.
local familiar = 'connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)'

---@class Session
---@field child table
---@field folder string
---@field workspace string
local Session = {}
Session.__index = Session

--- A fresh copy of the workspace, and `ropewalk` on a PATH of its own.
---@return Session
local function lay_out()
  local folder = vim.fn.tempname()
  local workspace = folder .. '/workspace'
  vim.fn.mkdir(folder .. '/state', 'p')
  vim.fn.mkdir(folder .. '/bin', 'p')
  assert(vim.system({ 'cp', '-R', editors .. '/sample', workspace }):wait().code == 0)
  vim.fn.mkdir(workspace .. '/.git')
  assert(vim.uv.fs_copyfile(editors .. '/server.sh', folder .. '/bin/ropewalk'))
  return setmetatable({ folder = folder, workspace = workspace }, Session)
end

--- Starts Neovim with the plugin from the source tree, or as `ropewalk setup nvim` left it.
---@param as 'from_source'|'as_set_up'
---@param options? ropewalk.UserOptions
function Session:start(as, options)
  self.child = Child.start({
    runtime = as == 'from_source' and plugin or nil,
    with_configuration = as == 'as_set_up',
    directory = self.workspace,
    state = self.folder .. '/state',
    environment = {
      PATH = self.folder .. '/bin:' .. vim.env.PATH,
      ROPEWALK_BIN = server,
      ROPEWALK_PIDS = self.folder .. '/pids',
    },
  })
  self.child:lua([[
    answered = 0
    vim.api.nvim_create_autocmd('LspRequest', { callback = function(event)
      local request = event.data.request
      if request.method == 'textDocument/inlineCompletion' and request.type == 'complete' then
        vim.schedule(function() answered = answered + 1 end)
      end
    end })
  ]])
  if as == 'from_source' then
    self.child:lua([[require('ropewalk').setup(...)]], options or vim.empty_dict())
  end
end

--- Opens a file and waits until the server has learned from the workspace.
---@param path string relative to the workspace
function Session:open(path)
  self.child:edit(path)
  self.child:await('the server attaches', function()
    return self.child:lua([[local c = vim.lsp.get_clients({ bufnr = 0 })[1] return c ~= nil and c.initialized == true]])
  end)
  self.child:await('the server is ready', function()
    return self.child:lua([[
      local report = require('ropewalk.status').ask()
      return report ~= nil and report.engine.state == 'ready' and report.learning.files > 0
    ]])
  end, 60000)
end

--- Opens a new module and types up to where the server can know how to go on.
---@return string ghost
function Session:open_with_ghost()
  self:open('harbour/ferries.py')
  self.child:type('i' .. familiar:sub(1, #'connection.audit.'))
  return self.child:await('ghost text', function()
    return self.child:ghost()
  end)
end

---@return integer[]
function Session:server_processes()
  return vim.tbl_map(tonumber, vim.fn.readfile(self.folder .. '/pids'))
end

function Session:await_servers_end()
  local processes = self:server_processes()
  assert(#processes > 0, 'no server was started')
  local ended = vim.wait(10000, function()
    return vim.iter(processes):all(function(process)
      return vim.uv.kill(process, 0) ~= 0
    end)
  end, 20)
  assert(ended, 'a server still runs after its editor: ' .. vim.inspect(processes))
end

---@param session Session
local function finish(session)
  if session.child then
    session.child:kill()
  end
  for _, process in ipairs(vim.fn.filereadable(session.folder .. '/pids') == 1 and session:server_processes() or {}) do
    vim.uv.kill(process, 'sigkill')
  end
  vim.fn.delete(session.folder, 'rf')
end

local tests = {}

function tests.ghost_text_comes_from_the_workspace(session)
  local ghost = session:open_with_ghost()
  local line = session.child:lines()[1] .. vim.split(ghost, '\n')[1]
  assert(vim.startswith(familiar, line), 'not in the workspace: ' .. line)
  local screen = table.concat(session.child:screen(), '\n')
  assert(screen:find(line, 1, true), 'not on the screen:\n' .. screen)
end

function tests.tab_inserts_exactly_the_ghost_text(session)
  local ghost = session:open_with_ghost()
  local expected = vim.split(session.child:lines()[1] .. ghost, '\n')
  session.child:type('<Tab>')
  session.child:await_lines(expected)
end

function tests.word_by_word_until_nothing_is_left(session)
  local ghost = session:open_with_ghost()
  local before = session.child:lines()[1]
  session.child:type('<M-Right>')
  session.child:await('the first word', function()
    return session.child:lines()[1] ~= before
  end)
  local first = session.child:lines()[1]:sub(#before + 1)
  assert(vim.startswith(ghost, first) and #first < #ghost, ('%q is no first word of %q'):format(first, ghost))
  for _ = 1, 3 do
    local so_far = session.child:lines()[1]
    session.child:type('<M-Right>')
    session.child:await('the next word', function()
      return #session.child:lines()[1] > #so_far
    end)
  end
  assert(vim.startswith(familiar, session.child:lines()[1]), session.child:lines()[1])
end

function tests.typing_through_keeps_the_suggestion(session)
  local ghost = session:open_with_ghost()
  local before = session.child:lines()[1]
  for length = 1, 4 do
    session.child:type(ghost:sub(length, length))
    session.child:await_lines({ before .. ghost:sub(1, length) })
    session.child:await_ghost(ghost:sub(length + 1))
  end
  -- Also after the server's own answer to what was typed.
  local answered = session.child:lua('return answered')
  session.child:await('the answer', function()
    return session.child:lua('return answered') > answered
  end)
  session.child:await_ghost(ghost:sub(5))
  session.child:type('<Tab>')
  session.child:await_lines(vim.split(before .. ghost, '\n'))
end

function tests.what_was_typed_just_now_is_learned_at_once(session)
  session:open('harbour/ferries.py')
  session.child:type('iquarantine_flag = signal_mast.hoist(yellow_jack)<CR>')
  session.child:type('quarantine_flag = signal_mast.hoist(yellow_jack)<CR>quarantine_flag = sig')
  local ghost = session.child:await('ghost text', function()
    return session.child:ghost()
  end)
  assert(vim.startswith('nal_mast.hoist(yellow_jack)', vim.split(ghost, '\n')[1]), ghost)
end

function tests.secret_files_get_none(session)
  session:open('.env')
  session.child:type('GoHARBOUR_DATABASE_PASS')
  session.child:await('the server answers', function()
    return session.child:lua('return answered') > 0
  end)
  assert(session.child:ghost() == nil, 'ghost text in .env: ' .. tostring(session.child:ghost()))
end

function tests.the_command_tells_what_was_learned(session)
  session:open('harbour/berths.py')
  session.child:lua([[vim.notify = function(text) said = text end vim.cmd.Ropewalk()]])
  local said = session.child:lua('return said')
  assert(said:find('^ropewalk %d+%.%d+%.%d+') and said:find('[1-9]%d* files learned') and said:find('ready'), said)
  assert(said:find(vim.uv.fs_realpath(session.workspace), 1, true), said)
end

function tests.nothing_is_wrong_on_the_health_page(session)
  session:open('harbour/berths.py')
  session.child:lua('vim.cmd.checkhealth("ropewalk")')
  local page = table.concat(session.child:lines(), '\n')
  assert(page:find('Tab>: accept') and not page:find('ERROR') and not page:find('WARNING'), page)
end

function tests.settings_of_the_plugin_reach_the_server(session)
  session.child:kill()
  session:start('from_source', { settings = { completion = { enabled = false } } })
  session.child:edit('harbour/berths.py')
  session.child:await('the server says that it is switched off', function()
    return session.child:lua([[
      local report = require('ropewalk.status').ask()
      return report ~= nil and report.engine.state == 'disabled'
    ]])
  end)
end

function tests.the_set_up_command_is_all_that_is_needed(session)
  session.child:kill()
  local state = session.folder .. '/state'
  local result = vim
    .system({ server, 'setup', 'nvim', '--write' }, {
      env = { HOME = state, XDG_CONFIG_HOME = state .. '/config', XDG_DATA_HOME = state .. '/data' },
      text = true,
    })
    :wait()
  assert(result.code == 0, result.stdout .. result.stderr)
  session:start('as_set_up')
  local ghost = session:open_with_ghost()
  session.child:type('<Tab>')
  session.child:await_lines(vim.split(familiar:sub(1, #'connection.audit.') .. ghost, '\n'))
  session.child:type('<Esc>:help ropewalk-keys<CR>')
  session.child:await('the help', function()
    return session.child:lua('return vim.fn.expand("%:t")') == 'ropewalk.txt'
  end)
end

function tests.quitting_leaves_no_server(session)
  session:open_with_ghost()
  session.child:quit()
  session:await_servers_end()
end

function tests.a_killed_editor_leaves_no_server(session)
  session:open_with_ghost()
  vim.uv.kill(session.child.process, 'sigkill')
  session:await_servers_end()
end

function tests.restarting_leaves_one_server(session)
  session:open('harbour/berths.py')
  local old = session:server_processes()[1]
  session.child:lua('vim.cmd.Ropewalk("restart")')
  session.child:await('a new server', function()
    return #session:server_processes() == 2 and vim.uv.kill(old, 0) ~= 0
  end)
  session:open('harbour/berths.py')
end

---@param name string
---@return boolean
local function run(name)
  local session = lay_out()
  local passed, problem = xpcall(function()
    session:start('from_source')
    tests[name](session)
  end, function(problem)
    return type(problem) == 'string' and problem or vim.inspect(problem)
  end)
  finish(session)
  print(('test nvim: %s ... %s'):format(name, passed and 'ok' or 'FAILED\n' .. tostring(problem)))
  return passed
end

local filter = _G.arg[1] or ''
local passed, failed = 0, 0
for name in vim.spairs(tests) do
  if name:find(filter, 1, true) then
    if run(name) then
      passed = passed + 1
    else
      failed = failed + 1
    end
  end
end
print(('\ntest result: %s. %d passed; %d failed'):format(failed == 0 and 'ok' or 'FAILED', passed, failed))
os.exit(failed == 0 and (passed > 0 or filter ~= '') and 0 or 1)
