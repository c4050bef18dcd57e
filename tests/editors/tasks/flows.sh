# What works in every editor, with no plugin. Read by drive.sh; `nvim.sh` and `helix.sh` say how a person does each thing.
#
# Lines of calc.py: `left - right` is on 5, `nmae` on 13, the wrong triple on 17, the wrong quarter on 21.

test_a_diagnostic_is_fixed_by_code_action() {
    start calc.py
    await diagnostic_is_shown || fail "the linter's diagnostic is not shown"
    action 13 "Fix this problem"
    see '"hello " + name'
    unchanged_on_disk calc.py
    look fixed
    await hunk_is_shown 13 || fail "the hunk is not shown"
    action 13 "Keep"
    await no_hunk_is_shown 13 || fail "the kept hunk is still shown"
    look kept
    save
    on_disk calc.py '"hello " + name'
}

test_progress_is_seen() {
    start calc.py
    command_of_ropewalk task "mend\\ the\\ quarter"
    await progress_is_shown "mend the quarter" || fail "no progress is shown"
    look progress
    see 'number / 4'
}

test_an_approval_is_answered() {
    start notes.txt
    command_of_ropewalk task "ask\\ the\\ service"
    see "wants to run with the network"
    look asked
    answer "Allow once"
    see "The service has answered."
    look answered
    unchanged_on_disk notes.txt
    save
    on_disk notes.txt "The service has answered."
}

test_a_dismissed_question_means_no() {
    start notes.txt
    command_of_ropewalk task "ask\\ the\\ service"
    see "wants to run with the network"
    keys Escape
    # The agent is told, and goes on without.
    see "The service has answered."
    grep -q "declined this" "$folder/model.log" || fail "the agent was not told that the user said no"
}

test_two_tasks_land_while_the_user_types() {
    start calc.py
    command_of_ropewalk task "mend\\ the\\ sums"
    command_of_ropewalk task "mend\\ the\\ quarter"
    type_below 1 "# typed while two tasks run"
    see "left + right"
    see "3 * number"
    see "number / 4"
    see "# typed while two tasks run"
    look landed
    unchanged_on_disk calc.py
    save
    on_disk calc.py "# typed while two tasks run"
    on_disk calc.py "left + right"
    on_disk calc.py "3 * number"
    on_disk calc.py "number / 4"
}

test_hunks_are_kept_and_undone_one_by_one() {
    start calc.py
    command_of_ropewalk task "mend\\ the\\ sums"
    see "3 * number"
    await hunk_is_shown 5 || fail "the first hunk is not shown"
    await hunk_is_shown 17 || fail "the second hunk is not shown"
    look hunks
    action 17 "Undo"
    gone "3 * number"
    see "left + right"
    await hunk_is_shown 5 || fail "the first hunk is gone with the second"
    action 5 "Keep"
    await no_hunk_is_shown 5 || fail "the kept hunk is still shown"
    look judged
    save
    on_disk calc.py "left + right"
    not_on_disk calc.py "3 * number"
}

test_the_editors_own_undo_takes_a_task_back_in_one_step() {
    start calc.py
    command_of_ropewalk task "mend\\ the\\ sums"
    see "3 * number"
    see "left + right"
    undo
    gone "3 * number"
    gone "left + right"
    look undone
    await no_hunk_is_shown 5 || fail "a hunk is shown where nothing is changed"
    save
    unchanged_on_disk calc.py
}

test_a_cancelled_task_leaves_nothing() {
    start calc.py
    command_of_ropewalk task "take\\ your\\ time"
    await command_runs || fail "the task's command does not run"
    command_of_ropewalk task.stop 1
    await command_ended || fail "the task's command still runs"
    save
    unchanged_on_disk calc.py
    look stopped
    quit
    await servers_ended || fail "a server still runs"
}
command_runs() { pgrep -f "sleep 600" > /dev/null; }
command_ended() { ! command_runs; }

test_files_are_made_and_taken_away() {
    start calc.py
    command_of_ropewalk task "split\\ it"
    await file_is_there || fail "the new file is not there"
    await file_is_gone || fail "the removed file is still there"
    look split
}
file_is_there() { save; sleep 0.3; [ -f "$folder/project/greetings.py" ] && file_has greetings.py "hello"; }
file_is_gone() { [ ! -e "$folder/project/notes.txt" ]; }

test_quitting_while_a_task_runs_leaves_no_process() {
    start calc.py
    command_of_ropewalk task "take\\ your\\ time"
    await command_runs || fail "the task's command does not run"
    quit
    await servers_ended || fail "a server still runs"
    await command_ended || fail "the task's command still runs"
}
