//! What still runs of a task: every process that has the scene's name in its environment or its words.

use std::{
    fs,
    os::unix::ffi::OsStrExt,
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::variables::MARK;

/// How long what was killed may take to be gone: the kernel does it in its own time.
const PATIENCE: Duration = Duration::from_secs(10);

/// So many looks in a row must find nothing: what flees is between two processes for a moment.
const EMPTY_LOOKS: usize = 3;

/// And so many once something was found, so that nothing is left of what no wall has held.
const EMPTY_LOOKS_AFTER: usize = 50;

/// Ends what still runs and tells what it was.
pub(super) fn end(root: &Path) -> Option<String> {
    let mut told = None;
    let deadline = Instant::now() + PATIENCE;
    let mut empty = 0;
    while Instant::now() < deadline {
        match end_found(root) {
            Some(found) => {
                told.get_or_insert(found);
                empty = 0;
            }
            None => empty += 1,
        }
        let enough = match told {
            Some(_) => EMPTY_LOOKS_AFTER,
            None => EMPTY_LOOKS,
        };
        if empty == enough {
            break;
        }
    }
    told
}

/// Looks once. Each is killed as soon as it is found, for what flees is soon gone.
fn end_found(root: &Path) -> Option<String> {
    let mark = [MARK.as_bytes(), b"=", root.as_os_str().as_bytes()].concat();
    let has_mark = |text: &[u8]| text.windows(mark.len()).any(|window| window == mark);
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let found: Vec<String> = ids
        .filter_map(|id: i32| {
            let file = |name| fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
            let words = file("cmdline");
            if !has_mark(&file("environ")) && !has_mark(&words) {
                return None;
            }
            let _ = kill_process(Pid::from_raw(id)?, Signal::KILL);
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            Some(format!("{id}: {words}"))
        })
        .collect();
    (!found.is_empty()).then(|| found.join("\n"))
}
