# How a person does things in Neovim. Read by drive.sh.

start_editor() {
    mkdir -p "$folder/state/config/nvim"
    cp "$here/init.lua" "$folder/state/config/nvim/init.lua"
    in_terminal "$(command -v "$nvim")" --listen "$folder/nvim.socket" "$1"
    see "$1"
    # Commands are answered once the server is there.
    local servers=2
    [ "$1" = "${1%.py}" ] && servers=1
    await has_server "$servers" || fail "the server does not start"
}

has_server() { [ "$(evaluate "#vim.tbl_filter(function(c) return c.initialized end, vim.lsp.get_clients({ bufnr = 0 }))")" = "${1:-2}" ]; }

normal_mode() { keys Escape; }

# go LINE: puts the cursor at the beginning of the line's text.
go() { normal_mode; write ":$1"; keys Enter ^; }

# type_below LINE TEXT: opens a new line below and types into it.
type_below() { normal_mode; write ":$1"; keys Enter o; write "$2"; normal_mode; }

save() { normal_mode; write ":silent wall"; keys Enter; }
undo() { normal_mode; keys u; }
quit() { normal_mode; write ":qall!"; keys Enter; }

# command NAME ARGUMENTS: blanks within an argument are escaped, as Neovim wants them.
command_of_ropewalk() { normal_mode; write ":Rw $*"; keys Enter; }

# choose TEXT: the entry of a numbered list that begins with or has the text.
choose() {
    see "$1"
    local number
    number=$(screen | grep -F -- "$1" | grep -oE '^ *[0-9]+:' | head -n 1 | tr -dc 0-9)
    [ -n "$number" ] || fail "no numbered entry has: $1"
    write "$number"
    keys Enter
}

# action LINE TITLE: a code action at a line.
action() {
    go "$1"
    # A selection of several actions is asked for; one alone would be taken at once.
    write ":lua vim.lsp.buf.code_action()"
    keys Enter
    choose "$2"
}

answer() { choose "$1"; }

# Neovim shows diagnostics as virtual text or signs only where the configuration says so; it is asked.
diagnostics_at() { evaluate "vim.inspect(vim.tbl_map(function(d) return (d.source or '') .. ': ' .. d.message end, vim.diagnostic.get(0, { lnum = $1 - 1 })))"; }

# evaluate EXPRESSION: what a Lua expression is, through Neovim's own socket.
evaluate() { "$nvim" --server "$folder/nvim.socket" --remote-expr "luaeval('$(printf %s "$1" | sed "s/'/''/g")')" 2> /dev/null; }

diagnostic_is_shown() { diagnostics_at 13 | grep -q "undefined name"; }
hunk_is_shown() { diagnostics_at "$1" | grep -q "ropewalk: "; }
no_hunk_is_shown() { ! hunk_is_shown "$1"; }
progress_is_shown() { shows "$1"; }
