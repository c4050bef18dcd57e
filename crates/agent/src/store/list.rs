//! Lists of threads: of each log only the first line and the end are read, so that a thousand take a few milliseconds.

use std::cmp::Reverse;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::files::{self, Location};
use super::format::{self, Line, Meaning, SUMMARY_START};
use super::{Header, Recorded, StoreError, ThreadId, ThreadSummary};

/// Which threads are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// Only those that work in this folder.
    pub cwd: Option<PathBuf>,
    /// From where.
    pub shelf: Shelf,
}

/// Where a thread lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// Among those in use.
    #[default]
    Current,
    /// Put away.
    Archived,
}

/// A thread in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedThread {
    /// Its name.
    pub id: ThreadId,
    /// Its log.
    pub path: PathBuf,
    /// Where it lies.
    pub shelf: Shelf,
    /// Its first line, unless that cannot be read.
    pub header: Option<Header>,
    /// What is known of its course.
    pub summary: ThreadSummary,
    /// When it was last written.
    pub updated: Timestamp,
    /// Why it cannot be opened, for the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// How much of a log's end is read first, in bytes.
const FIRST_TAIL: u64 = 8 * 1024;
/// How much of its beginning, in bytes.
const FIRST_HEAD: u64 = 1024;

/// All threads that `options` asks for, newest change first.
pub(super) fn list<E: Recorded>(
    folder: &Path,
    options: &ListOptions,
) -> Result<Vec<ListedThread>, StoreError> {
    let locations = files::scan(folder)?.into_iter();
    let mut threads: Vec<ListedThread> = locations
        .filter(|location| location.shelf == options.shelf)
        .filter_map(|location| listed::<E>(location, options.cwd.as_deref()))
        .collect();
    threads.sort_by_key(|thread| Reverse((thread.updated, thread.id)));
    Ok(threads)
}

/// The thread changed last, parts of others not counted.
pub(super) fn last<E: Recorded>(folder: &Path, cwd: Option<&Path>) -> Result<ThreadId, StoreError> {
    let options = ListOptions {
        cwd: cwd.map(Path::to_path_buf),
        shelf: Shelf::Current,
    };
    let mut threads = list::<E>(folder, &options)?.into_iter();
    let is_part = |thread: &ListedThread| {
        let header = thread.header.as_ref();
        header.is_some_and(|header| header.part_of.is_some())
    };
    let usable = threads.find(|thread| thread.problem.is_none() && !is_part(thread));
    usable.map(|thread| thread.id).ok_or(StoreError::NoLast)
}

/// The only thread whose id begins with `wanted`.
pub(super) fn by_prefix(folder: &Path, wanted: &str) -> Result<ThreadId, StoreError> {
    let prefix = wanted.to_ascii_lowercase();
    let ids = files::scan(folder)?.into_iter().map(|location| location.id);
    let candidates: Vec<ThreadId> = ids
        .filter(|id| !prefix.is_empty() && id.to_string().starts_with(&prefix))
        .collect();
    match candidates[..] {
        [id] => Ok(id),
        [] => Err(StoreError::NotFound {
            wanted: wanted.into(),
        }),
        _ => Err(StoreError::Ambiguous {
            wanted: wanted.into(),
            candidates,
        }),
    }
}

/// Nothing for a thread of another folder than `cwd`, and for one that vanished meanwhile.
fn listed<E: Recorded>(location: Location, cwd: Option<&Path>) -> Option<ListedThread> {
    let mut file = File::open(&location.path).ok()?;
    let metadata = file.metadata().ok()?;
    let updated = metadata.modified().ok();
    let updated = updated.and_then(|time| Timestamp::try_from(time).ok());
    let mut thread = ListedThread {
        id: location.id,
        path: location.path,
        shelf: location.shelf,
        header: None,
        summary: ThreadSummary::default(),
        updated: updated.unwrap_or_default(),
        problem: None,
    };
    match look_into::<E>(&mut file, metadata.len(), &mut thread, cwd) {
        Ok(Relevance::Wanted) => {}
        Ok(Relevance::Elsewhere) => return None,
        Err(error) => thread.problem = Some(error.to_string()),
    }
    Some(thread)
}

/// Whether a thread belongs into a list.
enum Relevance {
    Wanted,
    Elsewhere,
}

fn look_into<E: Recorded>(
    file: &mut File,
    length: u64,
    thread: &mut ListedThread,
    cwd: Option<&Path>,
) -> Result<Relevance, StoreError> {
    let path = thread.path.clone();
    let failed = |error| StoreError::io("read", &path, error);
    let first_line = first_line(file).map_err(failed)?;
    let header = thread.header.insert(format::header(&path, &first_line)?);
    if cwd.is_some_and(|cwd| header.cwd != cwd) {
        return Ok(Relevance::Elsewhere);
    }
    let start = first_line.len() as u64;
    let tail = tail_from_summary(file, start, length).map_err(failed)?;
    thread.summary = summary_of::<E>(&path, &tail)?;
    Ok(Relevance::Wanted)
}

fn first_line(file: &mut File) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut wanted = FIRST_HEAD;
    loop {
        let read = file.take(wanted).read_to_end(&mut line)?;
        if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
            line.truncate(end + 1);
            return Ok(line);
        }
        if read == 0 {
            return Ok(line);
        }
        wanted *= 4;
    }
}

/// The complete lines from the last summary on, or all after the first line (which ends at `start`) without one.
fn tail_from_summary(file: &mut File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut wanted = FIRST_TAIL;
    loop {
        let from = length.saturating_sub(wanted).max(start);
        let tail = complete_lines(file, from, start, length)?;
        if let Some(offset) = last_summary(&tail) {
            return Ok(tail[offset..].to_vec());
        }
        if from == start {
            return Ok(tail);
        }
        wanted *= 8;
    }
}

/// The lines that lie completely between `from` and `length`; only `start` is known to be the beginning of one.
fn complete_lines(file: &mut File, from: u64, start: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.take(length.saturating_sub(from))
        .read_to_end(&mut bytes)?;
    bytes.truncate(format::complete_length(&bytes));
    if from != start {
        let cut_line = bytes.iter().position(|byte| *byte == b'\n');
        bytes.drain(..cut_line.map_or(bytes.len(), |end| end + 1));
    }
    Ok(bytes)
}

/// Where the last line with a summary begins.
fn last_summary(lines: &[u8]) -> Option<usize> {
    let mut end = lines.len();
    for line in lines.split_inclusive(|byte| *byte == b'\n').rev() {
        end -= line.len();
        if line.starts_with(SUMMARY_START) {
            return Some(end);
        }
    }
    None
}

fn summary_of<E: Recorded>(path: &Path, lines: &[u8]) -> Result<ThreadSummary, StoreError> {
    let mut summary = ThreadSummary::default();
    let mut lines = lines.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        match format::meaning::<E>(line) {
            Meaning::Line(Line::Summary(so_far)) => summary = so_far,
            Meaning::Line(Line::Event(event)) => event.summarize(&mut summary),
            Meaning::Line(Line::Opened(_) | Line::Thread(_)) => {}
            // As when the log is opened: what a power cut left of a last line.
            Meaning::Damaged if lines.peek().is_none() => {}
            Meaning::Damaged | Meaning::Unknown(_) => {
                // Where it is cannot be told from the end; opening the thread says so.
                return format::parse::<E>(path, &files::read(path)?)
                    .map(|parsed| parsed.record.summary);
            }
        }
    }
    Ok(summary)
}
