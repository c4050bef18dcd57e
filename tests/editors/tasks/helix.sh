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

has_server() { [ -s "$folder/pids" ]; }

normal_mode() { keys Escape; }

go() { normal_mode; write ":$1"; keys Enter; normal_mode; write "gs"; }
type_below() { go "$1"; keys o; write "$2"; normal_mode; }
save() { normal_mode; write ":write-all"; keys Enter; }
undo() { normal_mode; keys u; }
quit() { normal_mode; write ":quit-all!"; keys Enter; }

# Every argument is JSON in Helix; what is no number is quoted.
command_of_ropewalk() {
    normal_mode
    local line=":lsp-workspace-command ropewalk.$1" argument
    shift
    for argument in "$@"; do
        argument=${argument//\\ / }
        case $argument in
            *[!0-9]*) line+=" '\"$argument\"'" ;;
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

action() {
    go "$1"
    keys Space a
    choose "$2"
}

answer() { choose "$1"; }

# Helix shows the diagnostics of the cursor's line at the end of the line and in the corner.
at_line_shows() { go "$1"; sleep 0.1; shows "$2"; }
diagnostic_is_shown() { at_line_shows 13 "undefined name"; }
hunk_is_shown() { at_line_shows "$1" "ropewalk"; }
no_hunk_is_shown() { ! hunk_is_shown "$1"; }
progress_is_shown() { shows "$1"; }
