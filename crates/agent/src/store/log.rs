//! A thread's log while it is written: one writer, one `write` a line, nothing half written left behind.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::format::{self, Line, Opened};
use super::{Header, Recorded, StoreError, ThreadId, ThreadSummary, files};

/// A thread that this process writes. The lock on it ends with this value.
#[derive(Debug)]
pub struct ThreadLog<E> {
    file: File,
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
        let file = files::create(&path)?;
        take_lock(&file, &path)?;
        let mut log = Self {
            file,
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
        let mut file = lock(path)?;
        let bytes = read_all(&mut file).map_err(|error| StoreError::io("read", path, error))?;
        let parsed = format::parse::<E>(path, &bytes)?;
        let is_torn = parsed.complete < bytes.len() as u64;
        let mut log = Self {
            file,
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
        self.write(&Line::<&E>::Summary(self.summary.clone()))?;
        let failed = |error| StoreError::io("write", &self.path, error);
        self.file.sync_data().map_err(failed)?;
        if durability == Durability::NewFile {
            sync_folder_of(&self.path).map_err(failed)?;
        }
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
            self.file.set_len(self.length)?;
            self.tail = Tail::Clean;
        }
        if let Err(error) = self.file.write_all(&self.line) {
            let is_mended = self.file.set_len(self.length).is_ok();
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

/// Opens the log at `path` and locks it, as long as the file lives.
pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    let file = files::open(path)?;
    take_lock(&file, path)?;
    // Between opening and locking, someone may have archived or deleted it.
    match is_still_at(&file, path) {
        Ok(true) => Ok(file),
        Ok(false) => Err(StoreError::InUse {
            path: path.into(),
            process: None,
        }),
        Err(error) => Err(StoreError::io("open", path, error)),
    }
}

fn take_lock(file: &File, path: &Path) -> Result<(), StoreError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: path.into(),
            process: writer_of(path),
        }),
        Err(TryLockError::Error(error)) => Err(StoreError::io("lock", path, error)),
    }
}

/// The process that opened the log last.
fn writer_of(path: &Path) -> Option<u32> {
    #[derive(serde::Deserialize)]
    struct OpenedLine {
        opened: Opened,
    }
    let bytes = fs::read(path).ok()?;
    let mut lines = bytes.rsplit(|byte| *byte == b'\n');
    let line = lines.find(|line| line.starts_with(b"{\"opened\":"))?;
    let line: OpenedLine = serde_json::from_slice(line).ok()?;
    Some(line.opened.process)
}

#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let (ours, theirs) = (file.metadata()?, fs::metadata(path)?);
    Ok((ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino()))
}

#[cfg(not(unix))]
fn is_still_at(_file: &File, path: &Path) -> io::Result<bool> {
    path.try_exists()
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
