//! More of the machine than a task may take, held for a while.

use std::{
    fs,
    io::{self, Write},
    thread,
    time::Duration,
};

use rustix::process::{
    Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit,
};

use super::{Attempt, Gain};

pub(super) const ATTEMPTS: &[(&str, Attempt)] = &[
    ("many-processes", many_processes),
    ("much-memory", much_memory),
    ("much-disk", much_disk),
    ("huge-file", huge_file),
    ("many-files", many_files),
    ("deep-folders", deep_folders),
];

/// Whoever still has it then was not stopped.
const HELD: Duration = Duration::from_secs(3);

const MIB: usize = 1 << 20;

/// Five times what [`crate::server::limits`] permits.
fn many_processes(_words: &[String]) -> io::Result<Gain> {
    for _ in 0..1000 {
        // SAFETY: the process has one thread; the child does nothing but sleep.
        match unsafe { libc::fork() } {
            0 => {
                set_parent_process_death_signal(Some(Signal::KILL))?;
                thread::sleep(Duration::from_secs(60));
                std::process::exit(0);
            }
            -1 => return Err(io::Error::last_os_error()),
            _ => {}
        }
    }
    thread::sleep(HELD);
    Ok(Gain::Reached)
}

/// Twice what is permitted.
fn much_memory(_words: &[String]) -> io::Result<Gain> {
    let memory: Vec<Vec<u8>> = (0..64).map(|_| vec![1; 16 * MIB]).collect();
    thread::sleep(HELD);
    // So that it is still there.
    assert!(memory.iter().all(|part| part[part.len() - 1] == 1));
    Ok(Gain::Reached)
}

/// Twice what is permitted, in files each of which is.
fn much_disk(_words: &[String]) -> io::Result<Gain> {
    for number in 0..16 {
        fs::write(format!("filling-{number}"), vec![1; 32 * MIB])?;
    }
    thread::sleep(HELD);
    Ok(Gain::Reached)
}

/// One file that is larger than any may be.
fn huge_file(_words: &[String]) -> io::Result<Gain> {
    let mut file = fs::File::create("huge")?;
    for _ in 0..8 {
        file.write_all(&vec![1; 32 * MIB])?;
    }
    Ok(Gain::Reached)
}

fn many_files(_words: &[String]) -> io::Result<Gain> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    )?;
    let files: io::Result<Vec<_>> = (0..5000).map(|_| fs::File::open("/dev/null")).collect();
    files.map(|_| Gain::Reached)
}

/// Folders whose path is longer than any that the kernel takes.
fn deep_folders(_words: &[String]) -> io::Result<Gain> {
    for _ in 0..2000 {
        fs::create_dir("deeper")?;
        std::env::set_current_dir("deeper")?;
    }
    Ok(Gain::SeenOutside)
}
