-- Accepting, wholly and in parts, against the real insert mode and Neovim's own inline completion.

--- Starts the plugin with answers by the text before the cursor, and opens insert mode at the end of a first line.
local function begin(child, line, answers)
  child:lua(
    [[
      local line, answers = ...
      server.answers = answers
      require('ropewalk').setup({ cmd = server.start })
      vim.api.nvim_buf_set_lines(0, 0, -1, false, { line, 'last' })
    ]],
    line,
    answers
  )
  child:await('the server attaches', function()
    return child:lua([[local c = vim.lsp.get_clients({ bufnr = 0 })[1] return c ~= nil and c.initialized == true]])
  end)
  child:type('A')
end

local M = {}

function M.tab_inserts_exactly_the_suggestion(child)
  begin(child, 'let x', { ['let x'] = { { text = ' = 1;' } } })
  child:await_ghost(' = 1;')
  child:type('<Tab>')
  child:await_lines({ 'let x = 1;', 'last' })
  child:type('!')
  child:await_lines({ 'let x = 1;!', 'last' })
end

function M.a_second_file_of_the_same_server_has_them_too(child)
  begin(child, 'first', { ['one'] = { { text = ' two' } } })
  child:type('<Esc>')
  for _, file in ipairs({ 'b.lua', 'no_known_type' }) do
    child:edit(file)
    child:await('the server attaches', function()
      return child:lua('return #vim.lsp.get_clients({ bufnr = 0 })') == 1
    end)
    child:type('ione')
    child:await_ghost(' two')
    child:type('<Esc>:set hidden<CR>')
  end
  assert(child:lua('return #vim.lsp.get_clients()') == 1)
end

function M.keys_typed_at_once_keep_their_order(child)
  begin(child, 'let x', { ['let x'] = { { text = ' = 1;' } } })
  child:await_ghost(' = 1;')
  child:type('<Tab> // one<Tab>!')
  child:await_lines({ 'let x = 1; // one\t!', 'last' })
end

function M.several_lines_leave_the_cursor_behind_them(child)
  begin(child, 'if a {', { ['if a {'] = { { text = '\n    b();\n}' } } })
  child:await_ghost('\n    b();\n}')
  child:type('<Tab>')
  child:await_lines({ 'if a {', '    b();', '}', 'last' })
  child:type(';')
  child:await_lines({ 'if a {', '    b();', '};', 'last' })
end

function M.a_range_around_the_cursor_is_replaced(child)
  begin(child, 'call(val)', { ['call(val'] = { { text = 'value, 2)', start = 5, finish = 9 } } })
  child:type('<Left>')
  child:await('ghost text', function()
    return child:ghost()
  end)
  child:type('<Tab>')
  child:await_lines({ 'call(value, 2)', 'last' })
end

function M.typing_through_never_inserts_a_letter_twice(child)
  begin(child, 'for', { ['for'] = { { text = ' item in items' } } })
  child:await_ghost(' item in items')
  child:lua('server.delay = 60000')
  child:type(' item')
  child:await_ghost(' in items')
  child:type('<Tab>')
  child:await_lines({ 'for item in items', 'last' })
end

function M.what_contradicts_the_suggestion_is_not_completed_by_it(child)
  begin(child, 'for', { ['for'] = { { text = ' item in items' } } })
  child:await_ghost(' item in items')
  child:lua('server.delay = 60000; vim.o.expandtab = true; vim.o.shiftwidth = 4; vim.o.softtabstop = 4')
  child:type(' x<Tab>')
  child:await_lines({ 'for x   ', 'last' })
end

function M.word_by_word_needs_no_answer_in_between(child)
  begin(child, 'a', { ['a'] = { { text = ' = foo.bar_baz(1)' } } })
  child:await_ghost(' = foo.bar_baz(1)')
  child:lua('server.delay = 60000')
  local expected = { 'a =', 'a = foo', 'a = foo.', 'a = foo.bar_baz', 'a = foo.bar_baz(', 'a = foo.bar_baz(1' }
  for _, line in ipairs(expected) do
    child:type('<M-Right>')
    child:await_lines({ line, 'last' })
    child:await_ghost((' = foo.bar_baz(1)'):sub(#line))
  end
  child:type('<Tab>')
  child:await_lines({ 'a = foo.bar_baz(1)', 'last' })
  assert(child:ghost() == nil)
end

function M.line_by_line(child)
  begin(child, 'do', { ['do'] = { { text = ' one\n  two\nend' } } })
  child:await_ghost(' one\n  two\nend')
  child:lua('server.delay = 60000')
  child:type('<M-Down>')
  child:await_lines({ 'do one', 'last' })
  child:type('<M-Down>')
  child:await_lines({ 'do one', '  two', 'last' })
  child:type('<M-Down>')
  child:await_lines({ 'do one', '  two', 'end', 'last' })
end

function M.the_replaced_rest_of_the_line_goes_with_the_last_part(child)
  begin(child, 'f()', { ['f('] = { { text = 'one, two)', finish = 3 } } })
  child:type('<Left>')
  child:await_ghost('one, two)')
  child:type('<M-Right>')
  child:await_lines({ 'f(one)', 'last' })
  child:type('<Tab>')
  child:await_lines({ 'f(one, two)', 'last' })
end

function M.a_rest_is_forgotten_when_another_word_is_typed(child)
  begin(child, 'a', { ['a'] = { { text = ' = b + c' } } })
  child:await_ghost(' = b + c')
  child:lua('server.delay = 60000')
  child:type('<M-Right>')
  child:await_ghost(' b + c')
  child:type('=')
  child:await('the rest is gone', function()
    return child:ghost() == nil
  end)
  child:await_lines({ 'a ==', 'last' })
end

function M.one_undo_takes_back_the_suggestion_only(child)
  begin(child, 'x', { ['x = '] = { { text = 'compute(y)' } } })
  child:type(' = ')
  child:await_ghost('compute(y)')
  child:type('<Tab>')
  child:await_lines({ 'x = compute(y)', 'last' })
  child:type('<Esc>u')
  child:await_lines({ 'x = ', 'last' })
end

function M.letters_of_many_bytes_are_taken_whole(child)
  begin(child, 'é', { ['é'] = { { text = ' größe 𝒳𝒴 ende' } } })
  child:await_ghost(' größe 𝒳𝒴 ende')
  child:lua('server.delay = 60000')
  child:type('<M-Right>')
  child:await_lines({ 'é größe', 'last' })
  child:type('<M-Right>')
  child:await_lines({ 'é größe 𝒳𝒴', 'last' })
end

function M.dismiss_hides_it_and_tab_indents_again(child)
  begin(child, 'a', { ['a'] = { { text = 'bc' } } })
  child:await_ghost('bc')
  child:lua('server.delay = 60000')
  child:type('<C-]>')
  child:await('it is hidden', function()
    return child:ghost() == nil
  end)
  child:type('<Tab>')
  child:await_lines({ 'a\t', 'last' })
end

function M.next_shows_the_alternative_and_tab_takes_that(child)
  begin(child, 'a', { ['a'] = { { text = 'one' }, { text = 'two' } } })
  child:await_ghost('one')
  child:type('<M-]>')
  child:await_ghost('two (2/2)')
  child:type('<Tab>')
  child:await_lines({ 'atwo', 'last' })
end

function M.an_entry_picked_in_the_menu_comes_first(child)
  begin(child, 'wordy wordier wor', { ['wordy wordier wor'] = { { text = 'ship' } } })
  child:lua(
    [[vim.keymap.set('i', '<Tab>', function() return vim.fn.pumvisible() == 1 and '<C-y>' or '<Tab>' end, { expr = true })]]
  )
  child:await_ghost('ship')
  child:type('<C-n>')
  child:await('the menu', function()
    return child:lua('return vim.fn.pumvisible()') == 1
  end)
  child:type('<Tab>')
  child:await_lines({ 'wordy wordier wordy', 'last' })
end

return M
