//! A program that a shell has started in the background ignores interrupts; its commands do not.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::{
    env,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use sandbox::{Channel, CommandLine, DirectStarter, Exit, Limits, Processes, Reach};
use workspace::CancellationFlag;

/// Set for the program that ignores interrupts.
const BACKGROUND: &str = "SANDBOX_TEST_BACKGROUND";

const NAME: &str = "commands_of_a_background_program_can_be_interrupted";

/// Plays both parts: with [`BACKGROUND`] it has been told to ignore interrupts.
#[test]
fn commands_of_a_background_program_can_be_interrupted() {
    if env::var_os(BACKGROUND).is_some() {
        return interrupt_a_command();
    }
    let status = Command::new("sh")
        .args(["-c", "trap '' INT QUIT; exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["--exact", NAME])
        .env(BACKGROUND, "yes")
        .status()
        .unwrap();
    assert!(status.success());
}

fn interrupt_a_command() {
    let processes = Processes::new(Box::new(DirectStarter::new(Vec::new())), Limits::default());
    let line = CommandLine {
        text: "echo ready; sleep 600".into(),
        folder: Path::new("/").into(),
        channel: Channel::Pipe,
        reach: Reach::default(),
    };
    let session = processes.start(&line).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    session.wait(deadline, &CancellationFlag::default());
    session.interrupt();
    session.wait_until_ended(deadline);
    assert_eq!(session.ended().unwrap().exit, Exit::Signal(2));
}
