//! What the task started from, kept aside: an index that only grows, one line a fact, and a copy of each file's content.
//!
//! A line that was cut off by a crash is as if it had never been written. Whether what the user has now is still what the
//! task started from is decided in `start`; this file remembers it.

use std::{
    collections::{BTreeSet, HashMap},
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::{clone_file::clone_content, moment::Moment, stored_path::StoredPath};

/// A file of the workspace: the number of its folder, and its path in it.
pub(super) type Key = (usize, PathBuf);

/// What the task started from at one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Start {
    /// No file.
    Absent,
    /// The user's file, as long as it has not been changed after this moment. Nothing was kept of it yet.
    Lower(Moment),
    /// A file that was kept aside.
    Kept(Kept),
    /// A link.
    Link(StoredPath),
    /// A pipe, a socket or a device.
    Special,
    /// Nobody knows any more.
    Unknown,
}

/// A content that was kept aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    number: u64,
    /// In bytes: after a power failure the copy may be shorter than it was.
    length: u64,
    pub(super) is_executable: bool,
}

/// The list's name.
const INDEX: &str = "index";

/// The kept bases of one twin.
#[derive(Debug)]
pub(super) struct Bases {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    index: File,
    starts: HashMap<Key, Start>,
    /// What tools were told to edit.
    edited: BTreeSet<Key>,
    next_number: u64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    folder: usize,
    path: StoredPath,
    fact: Fact,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fact {
    Start(Start),
    Edited,
}

impl Bases {
    /// How long the list in `folder` is, in bytes.
    pub(super) fn size(folder: &Path) -> io::Result<u64> {
        Ok(fs::metadata(folder.join(INDEX))?.len())
    }

    /// Takes up what is in `folder`, which exists.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(INDEX);
        let mut index = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .mode(0o600)
            .open(path)?;
        let mut bytes = Vec::new();
        index.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n');
        let whole = whole.map_or(0, |end| end + 1);
        index.set_len(whole as u64)?;
        let mut state = State {
            index,
            starts: HashMap::new(),
            edited: BTreeSet::new(),
            next_number: next_number(folder)?,
        };
        for line in bytes[..whole].split(|byte| *byte == b'\n') {
            if let Ok(line) = serde_json::from_slice::<Line>(line) {
                state.take(line);
            }
        }
        Ok(Self {
            folder: folder.to_path_buf(),
            state: Mutex::new(state),
        })
    }

    pub(super) fn start(&self, key: &Key) -> Option<Start> {
        self.state().starts.get(key).cloned()
    }

    /// The files of the folder `number` of which the content is known, or where they lead.
    pub(super) fn known(&self, number: usize) -> Vec<PathBuf> {
        let is_known = |start: &Start| matches!(start, Start::Kept(_) | Start::Link(_));
        let state = self.state();
        let starts = state.starts.iter();
        let known = starts.filter(|((folder, _), start)| *folder == number && is_known(start));
        known.map(|((_, path), _)| path.clone()).collect()
    }

    /// Remembers what the task started from. What was remembered before is replaced.
    pub(super) fn remember(&self, key: &Key, start: Start) -> io::Result<()> {
        self.state().append(key, Fact::Start(start))
    }

    /// Remembers that a tool was told to edit the file.
    pub(super) fn mark_edited(&self, key: &Key) -> io::Result<()> {
        let mut state = self.state();
        if state.edited.contains(key) {
            return Ok(());
        }
        state.append(key, Fact::Edited)
    }

    pub(super) fn is_edited(&self, key: &Key) -> bool {
        self.state().edited.contains(key)
    }

    /// Whether a tool was told to edit this file, or one in this folder.
    pub(super) fn is_edited_at_or_below(&self, key: &Key) -> bool {
        let state = self.state();
        // Paths are ordered by their components: what is below a folder follows it at once.
        let next = state.edited.range(key..).next();
        next.is_some_and(|(folder, path)| *folder == key.0 && path.starts_with(&key.1))
    }

    /// Keeps what is in `source`.
    pub(super) fn keep(&self, source: &File, is_executable: bool) -> io::Result<Kept> {
        self.keep_with(is_executable, |copy| {
            clone_content(source, copy).map(|_| ())
        })
    }

    /// Keeps `bytes`.
    pub(super) fn keep_bytes(&self, bytes: &[u8], is_executable: bool) -> io::Result<Kept> {
        self.keep_with(is_executable, |mut copy| copy.write_all(bytes))
    }

    fn keep_with(
        &self,
        is_executable: bool,
        write: impl FnOnce(&File) -> io::Result<()>,
    ) -> io::Result<Kept> {
        let number = {
            let mut state = self.state();
            state.next_number += 1;
            state.next_number
        };
        let path = self.folder.join(number.to_string());
        let copy = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&path)?;
        if let Err(error) = write(&copy) {
            // Half a copy is of no use to anybody.
            let _ = fs::remove_file(path);
            return Err(error);
        }
        Ok(Kept {
            number,
            length: copy.metadata()?.len(),
            is_executable,
        })
    }

    /// Drops a copy that nobody has been told of.
    pub(super) fn forget(&self, kept: Kept) {
        let _ = fs::remove_file(self.place(kept));
    }

    /// The kept content.
    ///
    /// # Errors
    /// Also when it is not whole any more.
    pub(super) fn open_kept(&self, kept: Kept) -> io::Result<File> {
        let file = File::open(self.place(kept))?;
        if file.metadata()?.len() == kept.length {
            return Ok(file);
        }
        Err(io::Error::from(io::ErrorKind::UnexpectedEof))
    }

    /// Where the kept content lies.
    pub(super) fn place(&self, kept: Kept) -> PathBuf {
        self.folder.join(kept.number.to_string())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn append(&mut self, key: &Key, fact: Fact) -> io::Result<()> {
        let line = Line {
            folder: key.0,
            path: StoredPath(key.1.clone()),
            fact,
        };
        let mut bytes = serde_json::to_vec(&line)?;
        bytes.push(b'\n');
        self.index.write_all(&bytes)?;
        self.take(line);
        Ok(())
    }

    fn take(&mut self, line: Line) {
        let key = (line.folder, line.path.0);
        match line.fact {
            Fact::Start(start) => {
                self.starts.insert(key, start);
            }
            Fact::Edited => {
                self.edited.insert(key);
            }
        }
    }
}

/// The greatest number of a copy: also of one that no line speaks of, because its writer was killed before.
fn next_number(folder: &Path) -> io::Result<u64> {
    let mut greatest = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.parse().ok());
        greatest = greatest.max(number.unwrap_or(0));
    }
    Ok(greatest)
}

#[cfg(test)]
mod tests;
