#!/usr/bin/env bash
# Drives the real server in a real Helix, in a terminal of its own, on the sample workspace:
#
#   ROPEWALK_BIN=target/debug/ropewalk bash tests/editors/helix/drive.sh [FILTER]
#
# Each test has a Helix, a server and a fresh copy of the workspace of its own; Helix is configured by the very file that
# users get. `cargo xtask editors test helix` calls this.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
fetched() { [ -x "$root/target/editors/usr/bin/$1" ] && echo "$root/target/editors/usr/bin/$1" || echo "$1"; }
helix=${ROPEWALK_HX:-$(fetched hx)}
tmux=${ROPEWALK_TMUX:-$(fetched tmux)}
ROPEWALK_BIN=${ROPEWALK_BIN:-$root/target/debug/ropewalk}
filter=${1:-}
socket=ropewalk-test-$$
seconds=30

for program in "$helix" "$tmux" "$ROPEWALK_BIN"; do
    command -v "$program" > /dev/null || {
        echo "$program is not there. \`cargo xtask editors test helix\` fetches and builds what is needed."
        exit 1
    }
done
ROPEWALK_BIN=$(realpath "$ROPEWALK_BIN")
export ROPEWALK_BIN

# Stands in all modules of the sample. Whatever the screen shows of it beyond what was typed comes from the server.
familiar='connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)'
typed='connection.audit.rec'

terminal() { "$tmux" -L "$socket" -f /dev/null "$@"; }
keys() { terminal send-keys -t helix "$@"; }
write() { terminal send-keys -t helix -l -- "$1"; }
screen() { terminal capture-pane -p -t helix 2> /dev/null; }

fail() {
    echo "$1"
    echo "The screen:"
    screen | sed -e 's/ *$//' -e '/^~\{0,1\}$/d' -e 's/^/  |/'
    sed 's/^/  helix.log: /' "$folder/state/cache/helix/helix.log" 2> /dev/null | tail -n 20
    exit 1
}

# await WHAT SECONDS COMMAND...: polls until the command succeeds.
await() {
    local what=$1 deadline=$((SECONDS + $2))
    shift 2
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}
shows() { screen | grep -qF -- "$1"; }

# The file as it is on disk.
holds() { [ "$(cat "$1" 2> /dev/null)" = "$2" ]; }

start() {
    folder=$(mktemp -d)
    cp -R "$here/../sample" "$folder/workspace"
    mkdir -p "$folder/workspace/.git" "$folder/bin" "$folder/state/config/helix"
    cp "$here/../server.sh" "$folder/bin/ropewalk"
    cp "$root/editors/helix/languages.toml" "$folder/state/config/helix/languages.toml"
    printf '[editor.lsp]\ndisplay-progress-messages = true\n' > "$folder/state/config/helix/config.toml"
    : > "$folder/pids"
    # Only the server of ours may be found: what else is installed must not fill the menu.
    terminal new-session -d -s helix -x 140 -y 30 -c "$folder/workspace" \
        env -i TERM="${TERM_IN_TMUX:-tmux-256color}" COLORTERM=truecolor LC_ALL=C.UTF-8 PATH="$folder/bin:/usr/bin:/bin" \
        HOME="$folder/state" XDG_CONFIG_HOME="$folder/state/config" XDG_CACHE_HOME="$folder/state/cache" \
        XDG_STATE_HOME="$folder/state/state" XDG_DATA_HOME="$folder/state/data" \
        ROPEWALK_BIN="$ROPEWALK_BIN" ROPEWALK_PIDS="$folder/pids" \
        "$(command -v "$helix")" -v "$1" || fail "Helix could not be started"
    await "Helix starts" "$seconds" shows NOR || fail "Helix shows nothing"
}

finish() {
    terminal kill-server 2> /dev/null
    local process
    while read -r process; do
        kill -9 "$process" 2> /dev/null
    done < "$folder/pids"
    rm -rf "$folder"
}

servers_ended() {
    local process
    while read -r process; do
        ! kill -0 "$process" 2> /dev/null || return 1
    done < "$folder/pids"
}

# Types into the empty file until the server, which may still be reading the workspace, has the rest in the menu.
open_menu() {
    local deadline=$((SECONDS + seconds))
    while [ "$SECONDS" -lt "$deadline" ]; do
        keys i
        await "insert mode" 5 shows INS || fail "Helix does not enter insert mode"
        write "$typed"
        await "menu" 3 shows harbour.revision && return 0
        keys Escape
        await "normal mode" 5 shows NOR
        keys % d
    done
    fail "the menu never offered the rest of the line"
}

test_the_menu_offers_the_rest_of_the_line_with_its_full_text() {
    start harbour/ferries.py
    open_menu
    keys C-n
    await "full text" "$seconds" shows "$familiar" || fail "the full text is not shown"
}

test_accepting_inserts_exactly_what_was_offered() {
    start harbour/ferries.py
    open_menu
    keys C-n
    await "preview" "$seconds" shows "$familiar" || fail "the full text is not shown"
    keys Enter
    keys Escape
    await "normal mode" "$seconds" shows NOR || fail "Helix stays in insert mode"
    write ':w'
    keys Enter
    await "saved" "$seconds" holds "$folder/workspace/harbour/ferries.py" "$familiar" ||
        fail "the file holds: $(cat "$folder/workspace/harbour/ferries.py" 2>&1)"
}

test_quitting_leaves_no_server() {
    start harbour/ferries.py
    open_menu
    keys Escape Escape
    write ':quit-all!'
    keys Enter
    await "the server ends" "$seconds" servers_ended || fail "a server still runs after Helix has quit"
}

test_a_killed_editor_leaves_no_server() {
    start harbour/ferries.py
    open_menu
    kill -9 "$(terminal display-message -p -t helix '#{pane_pid}')"
    await "the server ends" "$seconds" servers_ended || fail "a server still runs after Helix was killed"
}

passed=0
failed=0
for test in $(declare -F | awk '{ print $3 }' | grep '^test_'); do
    name=${test#test_}
    [[ $name == *"$filter"* ]] || continue
    # In a subshell, so that a failing test ends itself and not the rest.
    if output=$(trap 'finish' EXIT; "$test" 2>&1); then
        echo "test helix: $name ... ok"
        passed=$((passed + 1))
    else
        printf 'test helix: %s ... FAILED\n%s\n' "$name" "$output"
        failed=$((failed + 1))
    fi
done
echo
echo "test result: $([ "$failed" = 0 ] && echo ok || echo FAILED). $passed passed; $failed failed"
[ "$failed" = 0 ]
