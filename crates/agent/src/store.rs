//! The threads on disk: one append-only log a thread, below `threads/YYYY/MM/` of the state folder.
//!
//! [`ThreadStore`] creates, opens, finds, lists, forks, archives and deletes; [`ThreadLog`] is a thread that is being
//! written, by this process alone. What an event is, is the loop's business: the store asks of it only [`Recorded`].

mod error;
mod files;
mod format;
mod id;
mod list;
mod lock;
mod log;
mod summary;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

pub use error::StoreError;
pub use format::{Header, ThreadRecord};
pub use id::ThreadId;
pub use list::{ListOptions, ListedThread, Shelf};
pub use log::ThreadLog;
pub use summary::{Recorded, ThreadState, ThreadSummary};

use files::Location;
use lock::LockedFile;

/// All threads of a user.
#[derive(Clone, Debug)]
pub struct ThreadStore {
    folder: PathBuf,
}

/// What is known of a thread when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewThread {
    /// Where relative paths start, absolute.
    pub cwd: PathBuf,
    /// The provider's name in the configuration.
    pub provider: String,
    /// The model's name.
    pub model: String,
}

impl ThreadStore {
    /// The threads below `state_folder`, which need not exist yet.
    pub fn new(state_folder: &Path) -> Self {
        Self {
            folder: state_folder.join("threads"),
        }
    }

    /// Begins a thread with an id of its own.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn create<E: Recorded>(&self, thread: NewThread) -> Result<ThreadLog<E>, StoreError> {
        self.begin(Header::new(thread, None))
    }

    /// Begins a thread that does a part of what `whole` does.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn create_part<E: Recorded>(
        &self,
        thread: NewThread,
        whole: ThreadId,
    ) -> Result<ThreadLog<E>, StoreError> {
        self.begin(Header {
            part_of: Some(whole),
            ..Header::new(thread, None)
        })
    }

    /// Opens a thread to go on with it: its log, and all events so far. A line that was not written completely, because
    /// the machine or the process went down, is taken away.
    ///
    /// # Errors
    /// When there is no such thread, another process (or this one) is writing it, or it cannot be read: then it is left
    /// as it is.
    pub fn open<E: Recorded>(&self, id: ThreadId) -> Result<(ThreadLog<E>, Vec<E>), StoreError> {
        let location = self.location(id)?;
        ThreadLog::open(&location.path)
    }

    /// Reads a thread without touching it; another process may be writing it.
    ///
    /// # Errors
    /// When there is no such thread or it cannot be read.
    pub fn read<E: Recorded>(&self, id: ThreadId) -> Result<ThreadRecord<E>, StoreError> {
        let path = self.location(id)?.path;
        let bytes = files::read(&path)?;
        Ok(format::parse(&path, &bytes)?.record)
    }

    /// The threads, newest change first. One that cannot be read is listed with its problem.
    ///
    /// # Errors
    /// When the folder cannot be read; a missing one has no threads.
    pub fn list<E: Recorded>(
        &self,
        options: &ListOptions,
    ) -> Result<Vec<ListedThread>, StoreError> {
        list::list::<E>(&self.folder, options)
    }

    /// The names of all threads, those that began last first, archived ones included.
    ///
    /// # Errors
    /// When the folder cannot be read; a missing one has no threads.
    pub fn ids(&self) -> Result<Vec<ThreadId>, StoreError> {
        let locations = files::scan(&self.folder)?.into_iter();
        Ok(locations.map(|location| location.id).collect())
    }

    /// The thread that a person means by `wanted`: an id, the beginning of one, or `last` for the one changed last among
    /// those in `cwd` (among all without it) that are no part of another.
    ///
    /// # Errors
    /// When there is none or there are several.
    pub fn find<E: Recorded>(
        &self,
        wanted: &str,
        cwd: Option<&Path>,
    ) -> Result<ThreadId, StoreError> {
        if wanted == "last" {
            list::last::<E>(&self.folder, cwd)
        } else {
            list::by_prefix(&self.folder, wanted)
        }
    }

    /// Begins a thread with the first `events` events of another, all when it has fewer. The other stays as it is and may
    /// be in use.
    ///
    /// # Errors
    /// When the other cannot be read or the new one cannot be written; then there is no new one.
    pub fn fork<E: Recorded>(
        &self,
        id: ThreadId,
        events: usize,
    ) -> Result<(ThreadLog<E>, Vec<E>), StoreError> {
        let mut record: ThreadRecord<E> = self.read(id)?;
        record.events.truncate(events);
        let thread = NewThread {
            cwd: record.header.cwd,
            provider: record.header.provider,
            model: record.header.model,
        };
        let mut log = self.begin(Header::new(thread, Some(id)))?;
        let written = record.events.iter().try_for_each(|event| log.append(event));
        match written.and_then(|()| log.sync()) {
            Ok(()) => Ok((log, record.events)),
            Err(error) => {
                // Half a fork would pass for a thread; the error says what went wrong.
                drop(fs::remove_file(log.path()));
                Err(error)
            }
        }
    }

    /// Puts a thread away: it is no longer listed unless asked for.
    ///
    /// # Errors
    /// When there is no such thread, it is being written, or it cannot be moved.
    pub fn archive(&self, id: ThreadId) -> Result<(), StoreError> {
        self.shelve(id, Shelf::Archived)
    }

    /// Takes a thread back from where [`ThreadStore::archive`] put it.
    ///
    /// # Errors
    /// As [`ThreadStore::archive`].
    pub fn unarchive(&self, id: ThreadId) -> Result<(), StoreError> {
        self.shelve(id, Shelf::Current)
    }

    /// Deletes a thread for good.
    ///
    /// # Errors
    /// When there is no such thread, it is being written, or it cannot be removed.
    pub fn delete(&self, id: ThreadId) -> Result<(), StoreError> {
        let path = self.location(id)?.path;
        let _lock = LockedFile::open(&path)?;
        fs::remove_file(&path).map_err(|error| StoreError::io("delete", &path, error))
    }

    fn begin<E: Recorded>(&self, header: Header) -> Result<ThreadLog<E>, StoreError> {
        let path = files::path(&self.folder, Shelf::Current, header.created, header.id);
        ThreadLog::create(path, header)
    }

    fn shelve(&self, id: ThreadId, shelf: Shelf) -> Result<(), StoreError> {
        let from = self.location(id)?;
        if from.shelf == shelf {
            return Ok(());
        }
        let _lock = LockedFile::open(&from.path)?;
        let to = files::moved(&self.folder, shelf, &from);
        files::create_folder_of(&to)?;
        fs::rename(&from.path, &to).map_err(|error| StoreError::io("move", &from.path, error))
    }

    fn location(&self, id: ThreadId) -> Result<Location, StoreError> {
        let mut locations = files::scan(&self.folder)?.into_iter();
        let found = locations.find(|location| location.id == id);
        found.ok_or_else(|| StoreError::NotFound {
            wanted: id.to_string(),
        })
    }
}

impl Header {
    fn new(thread: NewThread, parent: Option<ThreadId>) -> Self {
        Self {
            version: format::VERSION,
            id: ThreadId::new(),
            created: Timestamp::now(),
            cwd: thread.cwd,
            provider: thread.provider,
            model: thread.model,
            parent,
            part_of: None,
        }
    }
}

#[cfg(test)]
mod tests;
