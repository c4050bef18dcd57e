//! Commands that take too much are ended and told so; the task goes on.

use std::time::Instant;

use sandbox::{Exit, Processes, Reach, Wall};

use crate::{
    Test,
    task::{LONG, Task, processes, run_in},
};

pub(crate) const TESTS: &[Test] = &[
    ("memory_is_bounded", memory_is_bounded),
    ("disk_is_bounded", disk_is_bounded),
    ("processes_are_bounded", processes_are_bounded),
    (
        "what_is_left_behind_is_bounded_too",
        what_is_left_behind_is_bounded_too,
    ),
];

const MIB: u64 = 1 << 20;

const WALLS: [Wall; 3] = [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy];

/// Runs `text`, which takes too much, and then another command in the same task; gives the end of the first.
fn exceed(wall: Wall, text: &str, set_limits: impl Fn(&mut Task)) -> (Exit, String) {
    let mut task = Task::behind(wall);
    set_limits(&mut task);
    let process = task.start();
    let processes = processes(&process);
    let ended = run_in(&processes, text, &task.workspace, Reach::Twin);
    assert_works(&processes, &task);
    ended
}

fn assert_works(processes: &Processes, task: &Task) {
    let ended = run_in(processes, "echo works", &task.workspace, Reach::Twin);
    assert_eq!(ended, (Exit::Code(0), "works\n".into()));
}

fn memory_is_bounded() {
    for wall in WALLS {
        // What has no end of a line is kept in memory until there is one.
        let text = "head -c 3000000000 /dev/zero | tail -n 1 | wc -c";
        let (_, output) = exceed(wall, text, |task| {
            task.confinement.limits.memory_bytes = 100 * MIB
        });
        assert!(output.contains("memory"), "{wall:?}: {output}");
        assert!(!output.contains("3000000000"), "{wall:?}: {output}");
    }
}

fn disk_is_bounded() {
    for wall in WALLS {
        let text = "for i in 1 2 3 4 5 6 7 8 9; do head -c 100000000 /dev/zero > file$i; sleep 0.3; done; echo over";
        let (exit, output) = exceed(wall, text, |task| {
            task.confinement.limits.disk_bytes = 50 * MIB
        });
        let expected = "\n[the command was ended: the task's files took ";
        assert!(output.starts_with(expected), "{wall:?}: {output}");
        assert_eq!(exit, Exit::Signal(9), "{wall:?}");
    }
}

fn processes_are_bounded() {
    for wall in WALLS {
        // Some shells try again for long when they may not fork; most machines' `sh` does not.
        let text = "exec sh -c 'i=0; while [ $i -lt 1000 ]; do sleep 1000 & i=$((i+1)); done; echo all; wait'";
        let (exit, output) = exceed(wall, text, |task| task.confinement.limits.processes = 100);
        assert_ne!(exit, Exit::Code(0), "{wall:?}: {output}");
        assert!(!output.contains("all"), "{wall:?}: {output}");
    }
}

fn what_is_left_behind_is_bounded_too() {
    let mut task = Task::new();
    task.confinement.limits.processes = 60;
    let process = task.start();
    let processes = processes(&process);
    // What carries no mark and is no command's any more goes on as long as it is let.
    let text = "(env -i setsid sh -c 'while :; do sleep 1000 & done' >/dev/null 2>&1 &); true";
    run_in(&processes, text, &task.workspace, Reach::Twin);
    let looks_again = || {
        let text = "grep -qas 'while [:]' /proc/[0-9]*/cmdline; echo $?";
        let ended = run_in(&processes, text, &task.workspace, Reach::Twin);
        // With so many processes this one may be refused some, or be taken for the culprit.
        ended == (Exit::Code(0), "1\n".into())
    };
    let deadline = Instant::now() + LONG;
    while !looks_again() {
        assert!(Instant::now() < deadline);
    }
}
