-- Runs once when Neovim starts: refuses Neovims that are too old and defines `:Ropewalk`.
-- Nothing else of the plugin is loaded until `require('ropewalk').setup()`.

if vim.g.loaded_ropewalk then
  return
end
vim.g.loaded_ropewalk = true

if vim.fn.has('nvim-0.12') == 0 then
  vim.notify('ropewalk: this plugin needs Neovim 0.12 or newer; it stays off.', vim.log.levels.WARN)
  return
end

require('ropewalk.command').define()
