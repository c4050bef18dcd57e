-- A key that finds no suggestion does exactly what it did before the plugin mapped it.

local function begin(child, before)
  child:lua(before)
  child:lua([[require('ropewalk').setup({ cmd = server.start })]])
  child:await('the server attaches', function()
    return child:lua([[return vim.fn.maparg('<Tab>', 'i', false, true).desc]]) == 'Ropewalk: accept the suggestion'
  end)
end

local M = {}

function M.tab_indents_where_nothing_was_mapped(child)
  begin(child, [[vim.o.expandtab, vim.o.shiftwidth, vim.o.softtabstop = true, 2, 2]])
  child:type('ia<Tab>b')
  child:await_lines({ 'a b' })
end

function M.a_mapping_to_keys_runs(child)
  begin(child, [[vim.cmd('inoremap <Tab> [tab]<lt>')]])
  child:type('ia<Tab>b')
  child:await_lines({ 'a[tab]<b' })
end

function M.a_mapping_may_itself_be_mapped(child)
  begin(child, [[vim.cmd('imap <Tab> <Plug>(x)| inoremap <Plug>(x) plug')]])
  child:type('ia<Tab>b')
  child:await_lines({ 'aplugb' })
end

function M.a_mapping_that_starts_with_the_key_does_not_run_for_ever(child)
  begin(child, [[vim.o.expandtab, vim.o.softtabstop = true, 4; vim.cmd('imap <Tab> <Tab>x')]])
  child:type('ia<Tab>b')
  child:await_lines({ 'a   xb' })
end

function M.an_expression_of_vim_script_runs(child)
  begin(child, [[vim.cmd('inoremap <expr> <Tab> "\\<C-v>065"')]])
  child:type('ia<Tab>b')
  child:await_lines({ 'aAb' })
end

function M.an_expression_of_lua_runs(child)
  begin(child, [[vim.keymap.set('i', '<Tab>', function() return '<C-v>066' end, { expr = true })]])
  child:type('ia<Tab>b')
  child:await_lines({ 'aBb' })
end

function M.a_function_runs(child)
  begin(child, [[vim.keymap.set('i', '<Tab>', function() vim.g.ran = (vim.g.ran or 0) + 1 end)]])
  child:type('ia<Tab><Tab>b')
  child:await_lines({ 'ab' })
  assert(child:lua('return vim.g.ran') == 2)
end

function M.a_mapping_made_later_counts(child)
  begin(child, '')
  child:lua([[vim.keymap.set('i', '<Tab>', 'later')]])
  child:type('ia<Tab>b')
  child:await_lines({ 'alaterb' })
end

function M.a_mapping_of_the_buffer_runs_and_comes_back_when_the_server_leaves(child)
  begin(child, [[vim.keymap.set('i', '<Tab>', 'own', { buffer = 0 })]])
  child:type('ia<Tab>b')
  child:await_lines({ 'aownb' })
  child:lua([[for _, client in ipairs(vim.lsp.get_clients()) do client:stop(true) end]])
  child:await('the mapping is back', function()
    return child:lua([[return vim.fn.maparg('<Tab>', 'i')]]) == 'own'
  end)
end

function M.the_built_in_menu_still_opens(child)
  begin(child, [[vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'wordy', '' })]])
  child:type('Gowor<C-n>')
  child:await_lines({ 'wordy', '', 'wordy' })
end

function M.false_leaves_a_key_alone(child)
  child:lua([[require('ropewalk').setup({ cmd = server.start, keys = { accept = false, next = '<C-j>' } })]])
  child:await('the server attaches', function()
    return child:lua([[return vim.fn.maparg('<C-j>', 'i', false, true).desc]]) == 'Ropewalk: next suggestion'
  end)
  local mapping = child:lua([[return vim.fn.maparg('<Tab>', 'i', false, true).desc or 'none']])
  assert(not mapping:find('Ropewalk'), mapping)
end

return M
