-- Options, attaching, the command, the status line and the health page.

local function attached(child)
  return child:lua([[local c = vim.lsp.get_clients({ bufnr = 0 })[1] return c ~= nil and c.initialized == true]])
end

local function start(child)
  child:lua([[require('ropewalk').setup({ cmd = server.start })]])
  child:await('the server attaches', function()
    return attached(child)
  end)
end

local function setup_error(child, options)
  return child:lua('return select(2, pcall(require("ropewalk").setup, load("return " .. ...)()))', options)
end

local report = [[{
  version = '1.2.3', message = 'learning 40%', engine = { name = 'embedded', state = 'learning' },
  learning = { files = 7, sourceBytes = 1200000, memoryBytes = 3400000, skippedFiles = 2, percentage = 40 },
  folders = { { path = '/w', trusted = false, watchedBy = 'server' } }, documents = 1,
  lastSuggestion = { offered = false, reason = 'Too uncertain.', confidence = vim.NIL, microseconds = 420 },
  problems = { 'The disk is full.' }, logFile = vim.NIL,
}]]

local M = {}

function M.wrong_options_are_named_in_plain_words(child)
  local cases = {
    ['{ comand = {} }'] = "there is no option 'comand'; there are: cmd, filetypes, keys, settings",
    ["{ cmd = 'ropewalk lsp' }"] = 'cmd: expected a list such as',
    ['{ cmd = {} }'] = 'cmd: expected a list such as',
    ["{ filetypes = 'lua' }"] = 'filetypes: expected a list such as',
    ["{ keys = { acept = '<Tab>' } }"] = "there is no option 'keys.acept'",
    ['{ keys = { accept = true } }'] = "keys.accept: expected a key such as '<Tab>', or false for none",
    ['{ settings = 1 }'] = 'settings: expected table',
  }
  for options, wanted in pairs(cases) do
    local problem = setup_error(child, options)
    assert(tostring(problem):find(wanted, 1, true), ('%s gave: %s'):format(options, problem))
  end
end

function M.the_server_is_rooted_at_the_repository_not_at_the_package(child, folder)
  vim.fn.mkdir(folder .. '/package/src', 'p')
  vim.fn.writefile({ '' }, folder .. '/package/Cargo.toml')
  child:edit('package/src/lib.rs')
  start(child)
  assert(child:lua('return vim.lsp.get_clients({ bufnr = 0 })[1].root_dir') == vim.uv.fs_realpath(folder))
end

function M.a_home_folder_is_no_workspace(child, folder)
  vim.fn.delete(folder .. '/.git', 'rf')
  child:lua('vim.env.HOME = vim.fn.getcwd()')
  start(child)
  assert(child:lua('return vim.lsp.get_clients({ bufnr = 0 })[1].root_dir') == vim.NIL)
end

function M.files_without_a_type_are_served(child)
  start(child)
  child:edit('no_known_type')
  assert(child:lua('return vim.bo.filetype') == '')
  child:await('the server attaches', function()
    return attached(child)
  end)
  assert(child:lua('return #vim.lsp.get_clients()') == 1, 'one server for both files')
end

function M.filetypes_restrict_it(child)
  child:lua([[require('ropewalk').setup({ cmd = server.start, filetypes = { 'rust' } })]])
  child:edit('a.rs')
  child:await('the server attaches', function()
    return attached(child)
  end)
  for _, file in ipairs({ 'b.lua', 'no_known_type' }) do
    child:edit(file)
    vim.wait(100)
    assert(not attached(child), file)
  end
end

function M.scratch_buffers_and_prompts_are_left_alone(child)
  start(child)
  child:lua([[vim.cmd.new() vim.bo.buftype = 'nofile' vim.bo.filetype = 'lua']])
  vim.wait(100)
  assert(not attached(child))
end

function M.settings_reach_the_server(child)
  child:lua([[require('ropewalk').setup({ cmd = server.start, settings = { completion = { preset = 'calm' } } })]])
  child:await('the server attaches', function()
    return attached(child)
  end)
  local sent = child:lua('return server.requests[1].params.initializationOptions')
  assert(vim.deep_equal(sent, { completion = { preset = 'calm' } }), vim.inspect(sent))
  local answered = child:lua([[
    local ask = vim.lsp.handlers['workspace/configuration']
    return ask(nil, { items = { { section = 'ropewalk' } } }, { client_id = vim.lsp.get_clients()[1].id })
  ]])
  assert(vim.deep_equal(answered, { { completion = { preset = 'calm' } } }), vim.inspect(answered))
  assert(child:lua('return server.requests[1].params.capabilities.experimental.ropewalk ~= nil'))
end

function M.no_settings_travel_as_an_object(child)
  start(child)
  assert(child:lua('return vim.json.encode(server.requests[1].params.initializationOptions)') == '{}')
end

function M.the_status_line_says_what_the_server_says(child)
  assert(child:lua([[return require('ropewalk').statusline()]]) == '')
  start(child)
  assert(child:lua([[return require('ropewalk').statusline()]]) == 'ropewalk')
  child:lua([[server.notify_client('ropewalk/didChangeStatus', ]] .. report .. ')')
  child:await('the message', function()
    return child:lua([[return require('ropewalk').statusline()]]) == 'ropewalk: learning 40%'
  end)
end

function M.the_command_shows_the_report(child)
  start(child)
  child:lua('server.report = ' .. report .. [[; said = {}; vim.notify = function(text) table.insert(said, text) end]])
  child:lua('vim.cmd.Ropewalk("status")')
  local expected = {
    'ropewalk 1.2.3: learning 40%',
    'engine embedded, learning',
    '7 files learned (1.2 MB of text in 3.4 MB of memory), 40% done, 2 left out as the index is full',
    '1 open document',
    'workspace /w (not trusted, watched by server)',
    'last suggestion: none in 0.4 ms. Too uncertain.',
    'problem: The disk is full.',
  }
  assert(vim.deep_equal(child:lua('return vim.split(said[1], "\\n")'), expected), child:lua('return said[1]'))
  child:lua('vim.cmd.Ropewalk("log")')
  assert(child:lua('return said[2]'):find('keeps no log file', 1, true))
  child:lua('vim.cmd.Ropewalk("dance")')
  assert(child:lua('return said[3]') == 'Usage: :Ropewalk log|restart|status')
end

function M.the_command_is_there_even_if_the_plugin_came_late(child)
  child:lua([[vim.api.nvim_del_user_command('Ropewalk')]])
  start(child)
  assert(child:lua([[return vim.fn.exists(':Ropewalk')]]) == 2)
end

function M.the_command_completes_its_words(child)
  local words = child:lua([[return vim.fn.getcompletion('Ropewalk st', 'cmdline')]])
  assert(vim.deep_equal(words, { 'status' }), vim.inspect(words))
end

function M.restart_starts_a_new_server_for_the_same_files(child)
  start(child)
  local before = child:lua('return vim.lsp.get_clients()[1].id')
  child:lua('vim.cmd.Ropewalk("restart")')
  child:await('the new server attaches', function()
    return child:lua([[local c = vim.lsp.get_clients({ bufnr = 0 })[1] return c and c.initialized == true and c.id]])
        ~= before
      and attached(child)
  end)
  assert(child:lua('return server.stopped') == 1)
end

function M.the_health_page_says_what_is_missing(child)
  child:lua([[require('ropewalk').setup({ cmd = { 'no-such-program', 'lsp' } })]])
  child:lua('vim.cmd.checkhealth("ropewalk")')
  local page = table.concat(child:lines(), '\n')
  assert(page:find('`no-such-program` is not on the PATH', 1, true), page)
  assert(page:find('no server is running', 1, true), page)
end

function M.the_help_can_be_found_and_refers_to_nothing_that_is_not_there(child, folder)
  child:lua('vim.fn.mkdir(... .. "/doc", "p")', folder)
  local plugin = child:lua('return vim.o.runtimepath:match("^[^,]+")')
  vim.fn.writefile(vim.fn.readfile(plugin .. '/doc/ropewalk.txt'), folder .. '/doc/ropewalk.txt')
  child:lua('vim.opt.runtimepath:prepend(...) vim.cmd.helptags(... .. "/doc")', folder)
  local tags = folder .. '/doc/tags'
  assert(
    vim.deep_equal(vim.fn.readfile(tags), vim.fn.readfile(plugin .. '/doc/tags')),
    'doc/tags is out of date: run `:helptags editors/nvim/doc`'
  )
  local text = table.concat(vim.fn.readfile(folder .. '/doc/ropewalk.txt'), '\n')
  for reference in text:gmatch('|(ropewalk[%w%.%-_]*)|') do
    local found = child:lua('return #vim.fn.getcompletion(..., "help")', reference)
    assert(found > 0, 'the help refers to |' .. reference .. '|, which is nowhere')
  end
end

return M
