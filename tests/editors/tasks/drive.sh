#!/usr/bin/env bash
# Drives agent tasks in a real editor without any plugin, in a terminal of its own, with a scripted model:
#
#   ROPEWALK_BIN=target/debug/ropewalk SCRIPTED_MODEL=target/debug/scripted-model bash tests/editors/tasks/drive.sh nvim|helix [FILTER]
#
# The flows are the same for all editors (`flows.sh`); how a person does a thing in one of them is in `nvim.sh` and
# `helix.sh`. Each test has an editor, a server, a model and a fresh copy of the project of its own. SCREENS names a
# folder in which the screens are kept. `cargo xtask editors test` calls this.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
fetched() { [ -x "$root/target/editors/usr/bin/$1" ] && echo "$root/target/editors/usr/bin/$1" || echo "$1"; }
helix=${ROPEWALK_HX:-$(fetched hx)}
nvim=${ROPEWALK_NVIM:-$(fetched nvim)}
tmux=${ROPEWALK_TMUX:-$(fetched tmux)}
ROPEWALK_BIN=${ROPEWALK_BIN:-$root/target/debug/ropewalk}
SCRIPTED_MODEL=${SCRIPTED_MODEL:-$root/target/debug/scripted-model}
editor=${1:?name an editor: nvim or helix}
filter=${2:-}
socket=ropewalk-tasks-$$
seconds=${PATIENCE:-30}

for program in "$tmux" "$ROPEWALK_BIN" "$SCRIPTED_MODEL" "${!editor}" python3; do
    command -v "$program" > /dev/null || {
        echo "$program is not there. \`cargo xtask editors test\` fetches and builds what is needed."
        exit 1
    }
done
ROPEWALK_BIN=$(realpath "$ROPEWALK_BIN")

terminal() { "$tmux" -L "$socket" -f /dev/null "$@"; }
keys() { terminal send-keys -t editor "$@"; }
write() { terminal send-keys -t editor -l -- "$1"; }
screen() { terminal capture-pane -p -t editor 2> /dev/null; }

# Keeps the screen for whoever wants to look at it.
look() {
    [ -z "${SCREENS:-}" ] || { mkdir -p "$SCREENS" && screen > "$SCREENS/$editor-$test_name-$1.txt"; }
}

fail() {
    echo "$1"
    echo "The screen:"
    screen | sed -e 's/ *$//' -e '/^~\{0,1\}$/d' -e 's/^/  |/'
    echo "The server's log:"
    find "$folder/state" -name '*.log' -path '*ropewalk*' -exec tail -n 15 {} + | sed 's/^/  |/'
    exit 1
}

# await COMMAND...: polls until the command succeeds.
await() {
    local deadline=$((SECONDS + seconds))
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}
shows() { screen | grep -qF -- "$1"; }
hides() { ! shows "$1"; }
see() { await shows "$1" || fail "the screen never shows: $1"; }
gone() { await hides "$1" || fail "the screen goes on showing: $1"; }

# The file on disk.
file_has() { grep -qF -- "$2" "$folder/project/$1" 2> /dev/null; }
on_disk() { await file_has "$1" "$2" || fail "$1 on disk never has: $2"; }
not_on_disk() { file_has "$1" "$2" && fail "$1 on disk has: $2"; return 0; }
unchanged_on_disk() { cmp -s "$here/project/$1" "$folder/project/$1" || fail "$1 on disk was changed"; }

start() {
    folder=$(mktemp -d)
    cp -R "$here/project" "$folder/project"
    git -C "$folder/project" init -q
    mkdir -p "$folder/bin" "$folder/state/config/ropewalk"
    cp "$here/../server.sh" "$folder/bin/ropewalk"
    : > "$folder/pids"
    "$SCRIPTED_MODEL" "$here/script.json" > "$folder/model.log" 2>&1 &
    model=$!
    await test -s "$folder/model.log" || fail "the scripted model does not start"
    sed "s|SERVICE|$(head -n 1 "$folder/model.log")|" "$here/config.toml.in" > "$folder/state/config/ropewalk/config.toml"
    start_editor "$1"
}

# The environment of the editor: nothing of this machine's user.
in_terminal() {
    terminal new-session -d -s editor -x 150 -y 40 -c "$folder/project" \
        env -i TERM="${TERM_IN_TMUX:-tmux-256color}" COLORTERM=truecolor LC_ALL=C.UTF-8 PATH="$folder/bin:/usr/bin:/bin" \
        HOME="$folder/state" XDG_CONFIG_HOME="$folder/state/config" XDG_CACHE_HOME="$folder/state/cache" \
        XDG_STATE_HOME="$folder/state/state" XDG_DATA_HOME="$folder/state/data" \
        ROPEWALK_BIN="$ROPEWALK_BIN" ROPEWALK_PIDS="$folder/pids" LINT="$here/lint.py" "$@" ||
        fail "the editor could not be started"
}

servers_ended() {
    local process
    while read -r process; do
        ! kill -0 "$process" 2> /dev/null || return 1
    done < "$folder/pids"
}

finish() {
    terminal kill-server 2> /dev/null
    kill "$model" 2> /dev/null
    local process
    while read -r process; do
        kill -9 "$process" 2> /dev/null
    done < "$folder/pids"
    rm -rf "$folder"
}

# shellcheck source=/dev/null
. "$here/$editor.sh"
# shellcheck source=flows.sh
. "$here/flows.sh"

passed=0
failed=0
for test in $(declare -F | awk '{ print $3 }' | grep '^test_'); do
    test_name=${test#test_}
    [[ $test_name == *"$filter"* ]] || continue
    # In a subshell, so that a failing test ends itself and not the rest.
    if output=$(trap 'finish' EXIT; "$test" 2>&1); then
        echo "test tasks in $editor: $test_name ... ok"
        passed=$((passed + 1))
    else
        printf 'test tasks in %s: %s ... FAILED\n%s\n' "$editor" "$test_name" "$output"
        failed=$((failed + 1))
    fi
done
echo
echo "test result: $([ "$failed" = 0 ] && echo ok || echo FAILED). $passed passed; $failed failed"
[ "$failed" = 0 ]
