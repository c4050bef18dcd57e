-- A Neovim without any plugin: what a user writes to have Ropewalk's tasks, and a linter beside it.

vim.o.swapfile = false
vim.o.undofile = false
vim.o.more = false

vim.lsp.config('ropewalk', { cmd = { 'ropewalk', 'lsp' }, root_markers = { '.git' } })
vim.lsp.config('lint', { cmd = { 'python3', vim.env.LINT }, root_markers = { '.git' }, filetypes = { 'python' } })
vim.lsp.enable({ 'ropewalk', 'lint' })

-- Neovim shows each server its own diagnostics only. This shows Ropewalk those of all.
vim.api.nvim_create_autocmd({ 'DiagnosticChanged', 'LspAttach' }, {
  callback = function(event)
    for _, client in ipairs(vim.lsp.get_clients({ name = 'ropewalk', bufnr = event.buf })) do
      client:notify('ropewalk/didChangeDiagnostics', {
        uri = vim.uri_from_bufnr(event.buf),
        diagnostics = vim.lsp.diagnostic.from(vim.diagnostic.get(event.buf)),
      })
    end
  end,
})

-- :Rw COMMAND ARGUMENTS, for example :Rw task.stop 1. Numbers are numbers, everything else is text.
vim.api.nvim_create_user_command('Rw', function(call)
  local words = vim.iter(call.fargs):map(function(word) return tonumber(word) or word end):totable()
  local name = 'ropewalk.' .. table.remove(words, 1)
  vim.lsp.get_clients({ name = 'ropewalk' })[1]:exec_cmd({ title = name, command = name, arguments = words })
end, { nargs = '+' })

-- Progress in the last line of the screen.
vim.api.nvim_create_autocmd('LspProgress', { command = 'redrawstatus' })
vim.o.statusline = '%f %m %{v:lua.vim.lsp.status()}'
vim.o.laststatus = 2
