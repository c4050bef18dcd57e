//! Commands cost nothing that stays: no descriptor and no zombie. Alone in its program, so that it can count.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use sandbox::{Channel, CommandLine, DirectStarter, Limits, Processes, Reach, TerminalSize};

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Children of this program that have ended and were not collected.
fn zombies() -> usize {
    let own = std::process::id().to_string();
    let is_zombie = |stat: &String| {
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let mut fields = fields.split_whitespace();
        fields.next() == Some("Z") && fields.next() == Some(&own)
    };
    let processes = fs::read_dir("/proc").unwrap();
    let stats =
        processes.filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("stat")).ok());
    stats.filter(is_zombie).count()
}

fn run_many(processes: &Processes) {
    for number in 0..100 {
        let channel = match number % 4 {
            0 => Channel::Terminal(TerminalSize {
                rows: 24,
                columns: 80,
            }),
            _ => Channel::Pipe,
        };
        let line = CommandLine {
            text: "true".into(),
            folder: Path::new("/").into(),
            channel,
            reach: Reach::default(),
        };
        let session = processes.start(&line).unwrap();
        assert!(session.wait_until_ended(Instant::now() + Duration::from_secs(60)));
        processes.forget(session.id());
    }
}

#[test]
fn many_commands_leave_nothing() {
    let before = descriptors();
    for _ in 0..3 {
        let processes = Processes::new(Box::new(DirectStarter::new(Vec::new())), Limits::default());
        run_many(&processes);
        assert_eq!(zombies(), 0);
        drop(processes);
        assert_eq!((descriptors(), zombies()), (before, 0));
    }
}
