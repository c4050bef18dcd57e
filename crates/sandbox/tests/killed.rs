//! When the program itself is killed, nothing that its commands have started goes on.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use sandbox::{Channel, CommandLine, DirectStarter, Limits, Processes, Reach};

/// Set for the program that is going to be killed: what its commands sleep.
const VICTIM: &str = "SANDBOX_TEST_SLEEP";

/// Plays both parts: started with [`VICTIM`] it starts commands and waits to be killed.
#[test]
fn a_killed_program_leaves_nothing_running() {
    if let Ok(sleep) = env::var(VICTIM) {
        return be_the_victim(&sleep);
    }
    let sleep = format!("8{}.{}", std::process::id(), fastrand::u32(1_000_000..));
    let mut victim = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "a_killed_program_leaves_nothing_running",
            "--nocapture",
        ])
        .env(VICTIM, &sleep)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(victim.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("ready") {
        line.clear();
        assert!(
            output.read_line(&mut line).unwrap() > 0,
            "the victim has ended by itself"
        );
    }
    assert!(count_with(&sleep) >= 4);
    victim.kill().unwrap();
    victim.wait().unwrap();
    // The commands hold the other end of the pipe: it ends when the last of them does.
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(io::copy(&mut output, &mut io::sink()).is_ok()));
    assert_eq!(receiver.recv_timeout(Duration::from_secs(60)), Ok(true));
    assert_eq!(count_with(&sleep), 0);
}

fn be_the_victim(sleep: &str) {
    let processes = Processes::new(Box::new(DirectStarter::new(Vec::new())), Limits::default());
    // Each holds the program's own output open, which is how the test sees their end.
    let output = format!("/proc/{}/fd/1", std::process::id());
    let text = format!(
        "exec 2>{output}; trap '' TERM HUP; setsid sleep {sleep} & (sleep {sleep} & sleep {sleep} &); \
         until [ $(grep -la {sleep} /proc/[0-9]*/cmdline 2>/dev/null | wc -l) -ge 4 ]; do :; done; echo ready >&2; sleep {sleep}; true"
    );
    let line = CommandLine {
        text,
        folder: Path::new("/").into(),
        channel: Channel::Pipe,
        reach: Reach::default(),
    };
    let _session = processes.start(&line).unwrap();
    let _ = io::stdin().read(&mut [0]);
}

fn count_with(word: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap();
    let arguments = processes.filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    arguments
        .filter(|arguments| String::from_utf8_lossy(arguments).contains(word))
        .count()
}
