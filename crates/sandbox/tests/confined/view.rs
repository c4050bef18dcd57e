//! What commands see of the machine, and what the program sees of what they do.

use std::{
    fs::{self, File},
    io::{Read, Write},
    os::fd::OwnedFd,
};

use libtest_mimic::{Failed, Trial};
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use sandbox::{Exit, Reach};

use crate::task::{Task, processes, run_in};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("writes_stay_in_the_overlay", writes_stay_in_the_overlay),
        Trial::test(
            "the_program_and_commands_see_the_same",
            the_program_and_commands_see_the_same,
        ),
    ]
}

fn writes_stay_in_the_overlay() -> Result<(), Failed> {
    let task = Task::new();
    let process = task.start();
    let processes = processes(&process);
    let text = "cat file; echo new > file; cat file; pwd";
    let ended = run_in(&processes, text, &task.workspace, Reach::Twin);
    let expected = format!("from the disk\nnew\n{}\n", task.workspace.display());
    assert_eq!(ended, (Exit::Code(0), expected));
    let on_disk = fs::read_to_string(task.workspace.join("file")).unwrap();
    assert_eq!(on_disk, "from the disk\n");
    Ok(())
}

fn open(root: &OwnedFd, path: &str, flags: OFlags) -> File {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    // A mode without a file to create is refused.
    let mode = if flags.contains(OFlags::CREATE) {
        Mode::from_raw_mode(0o644)
    } else {
        Mode::empty()
    };
    openat2(root, path, flags | OFlags::CLOEXEC, mode, resolve)
        .unwrap()
        .into()
}

fn the_program_and_commands_see_the_same() -> Result<(), Failed> {
    let task = Task::new();
    let process = task.start();
    let processes = processes(&process);
    let root = &process.roots().unwrap()[0];
    let run = |text| run_in(&processes, text, &task.workspace, Reach::Twin).1;
    // The command has looked for the file before there is one.
    assert_eq!(run("cat made 2>/dev/null; echo looked"), "looked\n");
    let flags = OFlags::CREATE | OFlags::WRONLY;
    open(root, "made", flags)
        .write_all(b"by the program\n")
        .unwrap();
    assert_eq!(
        run("cat made; echo by a command >> made"),
        "by the program\n"
    );
    let mut text = String::new();
    open(root, "made", OFlags::RDONLY)
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "by the program\nby a command\n");
    assert!(!task.workspace.join("made").exists());
    Ok(())
}
