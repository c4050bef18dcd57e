-- Ropewalk in Neovim 0.12 or newer: put this into your init.lua.
-- Tab accepts a suggestion, Alt-Right its next word, Alt-Down its next line, Alt-] shows the next one, Ctrl-] dismisses.
-- Where nothing is suggested, each of these keys does what it did before.
-- `:checkhealth ropewalk` tells what is missing, `:help ropewalk` everything else.
require('ropewalk').setup({
  -- cmd = { 'ropewalk', 'lsp' },
  -- keys = { accept = '<Tab>', accept_word = '<M-Right>', accept_line = '<M-Down>', next = '<M-]>', dismiss = '<C-]>' },
})
