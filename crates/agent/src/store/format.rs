//! The lines of a log: one JSON object each, `{"thread": …}` first, then `event`, `opened` and `summary`.
//!
//! A line counts once its line break is there. What is known of a log is read here and nowhere else.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{Recorded, StoreError, ThreadId, ThreadSummary};

/// The format that this version writes, and the newest that it reads.
pub(super) const VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The format of the log.
    pub version: u32,
    /// The thread's name.
    pub id: ThreadId,
    /// When it began.
    pub created: Timestamp,
    /// Where relative paths start, absolute.
    pub cwd: PathBuf,
    /// The provider that it began with.
    pub provider: String,
    /// The model that it began with.
    pub model: String,
    /// The thread that it was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ThreadId>,
    /// The thread of which it does a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<ThreadId>,
}

/// A thread as it stands on disk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThreadRecord<E> {
    /// Its first line.
    pub header: Header,
    /// All events, in order.
    pub events: Vec<E>,
    /// What a list tells of it.
    pub summary: ThreadSummary,
}

/// A line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line<E> {
    /// The first line.
    Thread(Header),
    /// Something that happened in the thread.
    Event(E),
    /// A process began to write: the last such line names the writer.
    Opened(Opened),
    /// All events before, summed up.
    Summary(ThreadSummary),
}

/// Who writes from here on.
#[derive(Serialize, Deserialize)]
pub(super) struct Opened {
    /// The id of the process.
    pub(super) process: u32,
    /// Since when.
    pub(super) at: Timestamp,
}

/// How a summary's line begins: looked for from the end of a log.
pub(super) const SUMMARY_START: &[u8] = b"{\"summary\":";

/// A log, read.
pub(super) struct Parsed<E> {
    pub(super) record: ThreadRecord<E>,
    /// How many bytes are complete lines; what follows was not written completely.
    pub(super) complete: u64,
    /// The process that wrote last.
    pub(super) process: Option<u32>,
}

/// A line's meaning, or why it has none.
pub(super) enum Meaning<E> {
    Line(Line<E>),
    /// JSON that means nothing to this version.
    Unknown(String),
    /// No JSON at all.
    Damaged,
}

/// Reads a whole log.
pub(super) fn parse<E: Recorded>(path: &Path, bytes: &[u8]) -> Result<Parsed<E>, StoreError> {
    let complete = complete_length(bytes);
    let mut lines = bytes[..complete].split_inclusive(|byte| *byte == b'\n');
    let header_line = lines.next().unwrap_or_default();
    let mut parsed = Parsed {
        record: ThreadRecord {
            header: header(path, header_line)?,
            events: Vec::new(),
            summary: ThreadSummary::default(),
        },
        complete: header_line.len() as u64,
        process: None,
    };
    let mut lines = lines.enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        // The header is the first line, and people count from 1.
        let number = number + 2;
        match meaning(line) {
            Meaning::Line(meaning) => parsed.take(meaning),
            Meaning::Unknown(message) => {
                return Err(StoreError::UnknownEntry {
                    path: path.into(),
                    line: number,
                    message,
                });
            }
            // A machine that goes down can leave a last line whose beginning never reached the disk.
            Meaning::Damaged if lines.peek().is_none() => break,
            Meaning::Damaged => {
                return Err(StoreError::Damaged {
                    path: path.into(),
                    line: number,
                });
            }
        }
        parsed.complete += line.len() as u64;
    }
    Ok(parsed)
}

impl<E: Recorded> Parsed<E> {
    fn take(&mut self, line: Line<E>) {
        match line {
            Line::Event(event) => {
                event.summarize(&mut self.record.summary);
                self.record.events.push(event);
            }
            Line::Opened(opened) => self.process = Some(opened.process),
            // Summaries say nothing that the events do not; a second header would say nothing new either.
            Line::Summary(_) | Line::Thread(_) => {}
        }
    }
}

/// What a line says.
pub(super) fn meaning<E: Recorded>(line: &[u8]) -> Meaning<E> {
    match serde_json::from_slice(line) {
        Ok(line) => Meaning::Line(line),
        // The meaning is looked for while the line is read, so what is unknown may also be no JSON further on.
        Err(error) if serde_json::from_slice::<IgnoredAny>(line).is_ok() => {
            Meaning::Unknown(error.to_string())
        }
        Err(_) => Meaning::Damaged,
    }
}

/// What the first line says.
pub(super) fn header(path: &Path, line: &[u8]) -> Result<Header, StoreError> {
    #[derive(Deserialize)]
    struct First<H> {
        thread: H,
    }
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let no_thread = || StoreError::NoThread { path: path.into() };
    let versioned: First<Versioned> = serde_json::from_slice(line).map_err(|_| no_thread())?;
    let version = versioned.thread.version;
    if VERSION < version {
        return Err(StoreError::NewerFormat {
            path: path.into(),
            version,
        });
    }
    let first: First<Header> = serde_json::from_slice(line).map_err(|_| no_thread())?;
    Ok(first.thread)
}

/// How many bytes lie before the end of the last line break.
pub(super) fn complete_length(bytes: &[u8]) -> usize {
    let last = bytes.iter().rposition(|byte| *byte == b'\n');
    last.map_or(0, |offset| offset + 1)
}
