//! The program is killed at random moments and resumed, until the task is done.

use std::time::Duration;

use scripted_model::{Server, Step};

use crate::fixer::{self, GOAL};
use crate::home::Home;
use crate::line::Line;
use crate::process::Finished;
use crate::project::SHELL;
use crate::thread_log;

/// Kills that each of the four tests makes: more than fifty in all.
const KILLS: usize = 13;

/// A run that is killed a moment after the server has seen so many requests; nothing when it ends before.
fn killed(
    home: &Home,
    server: &Server,
    arguments: &[&str],
    random: &mut fastrand::Rng,
) -> Finished {
    let before = server.requests().len();
    let mut run = home.start(arguments);
    let wanted = before + random.usize(0..5);
    let soon = Duration::from_millis(5);
    while !server.wait_until(soon, |requests| requests.len() >= wanted) && !run.has_ended() {}
    // Not to wait for something, but to strike anywhere: in the middle of an answer, a tool, a write.
    std::thread::sleep(Duration::from_micros(random.u64(0..25_000)));
    run.kill()
}

/// Works under the kills that the seed gives; says how many of them struck a run that was at work.
fn survives(seed: u64) -> usize {
    let mut random = fastrand::Rng::with_seed(seed);
    let line = Line::ALL[random.usize(0..Line::ALL.len())];
    let script = scripted_model::Script::reacting(|request| {
        let step: Step = fixer::next(&SHELL, &request.conversation);
        step.slowly(Duration::from_micros(300))
    });
    let server = Server::start(script).unwrap();
    let home = Home::new(&SHELL, line, &server);

    let first = killed(&home, &server, &[GOAL], &mut random);
    let mut kills = usize::from(first.status.code().is_none());
    let mut thread = first.thread();
    for _ in 0..random.usize(0..3) {
        let again: Vec<&str> = match &thread {
            Some(thread) => vec!["--resume", thread],
            None => vec![GOAL],
        };
        let run = killed(&home, &server, &again, &mut random);
        kills += usize::from(run.status.code().is_none());
        thread = thread.or(run.thread());
    }
    let mut last = match &thread {
        Some(thread) => home.exec(&["--resume", thread]),
        None => home.exec(&[GOAL]),
    };
    // A thread that was killed before it had its goal has nothing to go on with.
    if let (Some(thread), true) = (&thread, has_no_turn(&last)) {
        last = home.exec(&["--resume", thread, GOAL]);
    }
    let told = format!("seed {seed}, {line:?}\n{}\n{}", last.stdout, last.stderr);
    assert_eq!(last.status.code(), Some(0), "{told}");
    assert!(SHELL.is_right(&home.project()), "{told}");
    // The server refuses a call without an output, and an output without a call.
    assert_eq!(server.violations(), Vec::<String>::new(), "{told}");
    // A run that was killed before it could name its thread has left one that nobody goes on with.
    nothing_ran_twice(&home, &server, &last.thread().unwrap(), &told);
    kills
}

fn has_no_turn(run: &Finished) -> bool {
    let starts = run.of_type("thread.started");
    starts.iter().all(|start| start["turns"] == 0)
}

/// Every run of the tests has a name of its own, and stands in the conversation.
fn nothing_ran_twice(home: &Home, server: &Server, thread: &str, told: &str) {
    let journal = std::fs::read_to_string(home.project().join("journal")).unwrap();
    let mut runs: Vec<&str> = journal.lines().collect();
    let count = runs.len();
    runs.sort_unstable();
    runs.dedup();
    assert_eq!(runs.len(), count, "a command ran twice: {journal}\n{told}");
    let outputs = server.steps().last().unwrap().outputs();
    for run in runs {
        let is_known = |argument: &str| {
            argument
                .split(|c: char| !c.is_alphanumeric() && c != '-')
                .any(|word| word == run)
        };
        assert!(
            outputs.iter().any(|output| is_known(&output.arguments)),
            "{run} was forgotten\n{told}"
        );
    }
    let starts = thread_log::starts(&thread_log::entries_of(home, thread));
    assert!(
        starts.values().all(|count| *count == 1),
        "{starts:?}\n{told}"
    );
}

/// Four tests, so that two of them are at work at a time.
fn survive(quarter: u64) {
    let mut seeds = (0..).map(|number| 4 * number + quarter);
    let mut kills = 0;
    while kills < KILLS {
        kills += survives(seeds.next().expect("there is no end of seeds"));
    }
}

#[test]
fn a_killed_task_is_finished_0() {
    survive(0);
}

#[test]
fn a_killed_task_is_finished_1() {
    survive(1);
}

#[test]
fn a_killed_task_is_finished_2() {
    survive(2);
}

#[test]
fn a_killed_task_is_finished_3() {
    survive(3);
}
