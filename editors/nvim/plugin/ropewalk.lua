-- Runs once when Neovim starts: refuses Neovims that are too old and defines `:Ropewalk`.
-- Nothing else of the plugin is loaded until `require('ropewalk').setup()` or the command asks for it.

if vim.g.loaded_ropewalk then
  return
end
vim.g.loaded_ropewalk = true

if vim.fn.has('nvim-0.12') == 0 then
  vim.notify('ropewalk: this plugin needs Neovim 0.12 or newer; it stays off.', vim.log.levels.WARN)
  return
end

vim.api.nvim_create_user_command('Ropewalk', function(invocation)
  require('ropewalk.command').run(invocation.fargs)
end, {
  nargs = '*',
  complete = function(lead)
    return require('ropewalk.command').complete(lead)
  end,
  desc = 'Ropewalk: status, log, restart',
})
