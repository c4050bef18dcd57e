# How a person does things in Helix. Read by drive.sh.

start_editor() {
    mkdir -p "$folder/state/config/helix"
    cat > "$folder/state/config/helix/languages.toml" << END
[language-server.ropewalk]
command = "ropewalk"
args = ["lsp"]

[language-server.lint]
command = "python3"
args = ["$here/lint.py"]

[[language]]
name = "python"
roots = [".git"]
language-servers = ["lint", "ropewalk"]

[[language]]
name = "text"
scope = "text.plain"
file-types = ["txt"]
roots = [".git"]
language-servers = ["ropewalk"]
END
    printf '[editor.lsp]\ndisplay-progress-messages = true\n' > "$folder/state/config/helix/config.toml"
    in_terminal "$(command -v "$helix")" "$1"
    see NOR
    await has_server || fail "the server does not start"
}

# Helix opens the document in the server right after that.
has_server() { grep -qs initialize "$folder"/state/state/ropewalk/*.log && sleep 0.5; }

normal_mode() { keys Escape; }

go() { normal_mode; write ":$1"; keys Enter; normal_mode; write "gs"; }
type_below() { go "$1"; keys o; write "$2"; normal_mode; }
save() { normal_mode; write ":write-all"; keys Enter; }
undo() { normal_mode; keys u; }
quit() { normal_mode; write ":quit-all!"; keys Enter; }

# All that follows the name is JSON in Helix; what is no number is a string.
command_of_ropewalk() {
    normal_mode
    local line=":lsp-workspace-command ropewalk.$1" argument
    shift
    for argument in "$@"; do
        argument=${argument//\\ / }
        case $argument in
            *[!0-9]*) line+=" \"$argument\"" ;;
            *) line+=" $argument" ;;
        esac
    done
    write "$line"
    keys Enter
}

# choose TEXT: moves down the menu until the marked entry has the text.
choose() {
    see "$1"
    local step
    for step in $(seq 40); do
        keys Down
        sleep 0.05
        if marked | grep -qF -- "$1"; then
            keys Enter
            return
        fi
    done
    fail "no entry of the menu can be marked: $1"
}

# The rows with the colour of a marked entry in Helix's own theme.
marked() { terminal capture-pane -e -p -t editor | grep -F '48;2;255;255;255'; }

# The whole line is selected, so that what is reported anywhere in it counts.
action() {
    go "$1"
    keys x
    keys Space a
    choose "$2"
}

answer() { choose "$1"; }

# Helix shows diagnostics at the ends of their lines.
row() { screen | grep -E "^[^0-9]*$1  "; }
diagnostic_is_shown() { row 13 | grep -qF "undefined name"; }
hunk_is_shown() { row "$1" | grep -qF " · "; }
no_hunk_is_shown() { ! hunk_is_shown "$1"; }
progress_is_shown() { shows "$1"; }
