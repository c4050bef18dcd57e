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

/// Ends what still runs and tells what it was.
pub(super) fn end(root: &Path) -> Option<String> {
    let mut told = None;
    let deadline = Instant::now() + PATIENCE;
    let mut empty = 0;
    while empty < EMPTY_LOOKS && Instant::now() < deadline {
        let found = find(root);
        if found.is_empty() {
            empty += 1;
            continue;
        }
        empty = 0;
        let words = found.iter().map(|(id, words)| format!("{id}: {words}"));
        told.get_or_insert(words.collect::<Vec<_>>().join("\n"));
        for (id, _) in found {
            let _ = kill_process(Pid::from_raw(id).unwrap(), Signal::KILL);
        }
    }
    told
}

fn find(root: &Path) -> Vec<(i32, String)> {
    let mark = [MARK.as_bytes(), b"=", root.as_os_str().as_bytes()].concat();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let has_mark = |text: &[u8]| text.windows(mark.len()).any(|window| window == mark);
    ids.filter_map(|id: i32| {
        let file = |name| fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
        let words = file("cmdline");
        let is_marked = has_mark(&file("environ")) || has_mark(&words);
        is_marked.then(|| (id, String::from_utf8_lossy(&words).replace('\0', " ")))
    })
    .collect()
}
