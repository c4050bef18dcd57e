//! A thread's log while it is written: one writer, one `write` a line, nothing half written left behind.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::format::{self, Line, Opened};
use super::lock::LockedFile;
use super::{Header, Recorded, StoreError, ThreadId, ThreadSummary};

/// A thread that this process writes. The lock on it ends with this value.
#[derive(Debug)]
pub struct ThreadLog<E> {
    locked: LockedFile,
    path: PathBuf,
    header: Header,
    summary: ThreadSummary,
    /// Bytes of complete lines.
    length: u64,
    tail: Tail,
    durability: Durability,
    /// Kept between lines to save the allocation.
    line: Vec<u8>,
    events: PhantomData<fn(E)>,
}

/// What may stand behind the complete lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    Clean,
    /// A line that could not be written completely and could not be taken away either.
    Torn,
}

/// How safe the log is from a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durability {
    /// Even its name in the folder may be lost.
    NewFile,
    /// Events may be lost.
    Written,
    /// Nothing can be lost.
    Synced,
}

impl<E: Recorded> ThreadLog<E> {
    pub(super) fn create(path: PathBuf, header: Header) -> Result<Self, StoreError> {
        let mut log = Self {
            locked: LockedFile::create(&path)?,
            path,
            header: header.clone(),
            summary: ThreadSummary::default(),
            length: 0,
            tail: Tail::Clean,
            durability: Durability::NewFile,
            line: Vec::new(),
            events: PhantomData,
        };
        let begun = log
            .write(&Line::<&E>::Thread(header))
            .and_then(|()| log.write_opened());
        if begun.is_err() {
            // An empty file would be a thread that nobody can open.
            drop(fs::remove_file(&log.path));
        }
        begun.map(|()| log)
    }

    pub(super) fn open(path: &Path) -> Result<(Self, Vec<E>), StoreError> {
        let mut locked = LockedFile::open(path)?;
        let bytes =
            read_all(&mut locked.file).map_err(|error| StoreError::io("read", path, error))?;
        let parsed = format::parse::<E>(path, &bytes)?;
        let is_torn = parsed.complete < bytes.len() as u64;
        let mut log = Self {
            locked,
            path: path.to_path_buf(),
            header: parsed.record.header,
            summary: parsed.record.summary,
            length: parsed.complete,
            tail: if is_torn { Tail::Torn } else { Tail::Clean },
            durability: Durability::Written,
            line: Vec::new(),
            events: PhantomData,
        };
        log.write_opened()?;
        Ok((log, parsed.record.events))
    }

    /// Appends an event. It survives the end of this process, and a power cut after the next [`ThreadLog::sync`].
    ///
    /// # Errors
    /// When it cannot be written completely; then nothing of it is in the log, and it can be attempted again.
    pub fn append(&mut self, event: &E) -> Result<(), StoreError> {
        self.write(&Line::Event(event))?;
        event.summarize(&mut self.summary);
        Ok(())
    }

    /// Sums up for the list, and returns when everything is safe from a power cut. Called at the ends of turns.
    ///
    /// # Errors
    /// When the system cannot promise that.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        let durability = self.durability;
        if durability == Durability::Synced {
            return Ok(());
        }
        // A summary that finds no room must not keep the events from being made safe.
        let summarized = self.write(&Line::<&E>::Summary(self.summary.clone()));
        let failed = |error| StoreError::io("write", &self.path, error);
        self.locked.file.sync_data().map_err(failed)?;
        if durability == Durability::NewFile {
            sync_folder_of(&self.path).map_err(failed)?;
        }
        summarized?;
        self.durability = Durability::Synced;
        Ok(())
    }

    /// The thread's name.
    pub fn id(&self) -> ThreadId {
        self.header.id
    }

    /// The first line.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What a list tells of the thread now.
    pub fn summary(&self) -> &ThreadSummary {
        &self.summary
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write_opened(&mut self) -> Result<(), StoreError> {
        self.write(&Line::<&E>::Opened(Opened {
            process: std::process::id(),
            at: Timestamp::now(),
        }))
    }

    /// Writes one line, or nothing.
    fn write<L: Serialize>(&mut self, line: &Line<L>) -> Result<(), StoreError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)
            .map_err(|source| StoreError::Encode { source })?;
        self.line.push(b'\n');
        self.write_line()
            .map_err(|error| StoreError::io("write", &self.path, error))
    }

    fn write_line(&mut self) -> io::Result<()> {
        if self.tail == Tail::Torn {
            self.locked.file.set_len(self.length)?;
            self.tail = Tail::Clean;
        }
        if let Err(error) = self.locked.file.write_all(&self.line) {
            let is_mended = self.locked.file.set_len(self.length).is_ok();
            self.tail = if is_mended { Tail::Clean } else { Tail::Torn };
            return Err(error);
        }
        self.length += self.line.len() as u64;
        if self.durability == Durability::Synced {
            self.durability = Durability::Written;
        }
        Ok(())
    }
}

fn read_all(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A new file's name is safe from a power cut only once its folder is.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
