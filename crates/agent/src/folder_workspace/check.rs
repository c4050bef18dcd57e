//! Turns changes into what is to be done on disk, once it is sure that every file still is what it was when they were made.

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
};

use ::workspace::{Disk, WorkspaceSnapshot};

use crate::workspace::{FileEdit, FileError};

use super::{
    commit::{Action, Content},
    place::{self, Place, io_error, is_vacant, text, writable},
};

/// What is to be done.
pub(super) struct Checked<'a> {
    /// In an order in which nothing is removed that is still needed.
    pub(super) actions: Vec<Action>,
    /// What becomes another file, or none.
    pub(super) touched: Vec<Touched<'a>>,
}

/// A name that will stand for something else.
pub(super) struct Touched<'a> {
    /// Absolute and without links.
    pub(super) path: PathBuf,
    /// The bytes that are there, through a link as the case may be; nothing where nothing is.
    pub(super) before: Option<&'a [u8]>,
}

/// What `changes` come down to.
///
/// # Errors
/// The first file that may not be changed, or that is no longer what it was.
pub(super) fn check<'a>(
    snapshot: &WorkspaceSnapshot,
    changes: &'a [FileEdit],
) -> Result<Checked<'a>, FileError> {
    let mut checker = Checker {
        snapshot,
        taken: HashSet::new(),
        puts: Vec::new(),
        removals: Vec::new(),
        touched: Vec::new(),
    };
    for change in changes {
        checker.check(change)?;
    }
    // What is removed may be what something else was made from, so it goes last.
    checker.puts.append(&mut checker.removals);
    Ok(Checked {
        actions: checker.puts,
        touched: checker.touched,
    })
}

struct Checker<'a, 'b> {
    snapshot: &'b WorkspaceSnapshot,
    taken: HashSet<PathBuf>,
    puts: Vec<Action>,
    removals: Vec<Action>,
    touched: Vec<Touched<'a>>,
}

impl<'a> Checker<'a, '_> {
    fn check(&mut self, change: &'a FileEdit) -> Result<(), FileError> {
        match change {
            FileEdit::Write {
                path,
                before,
                after,
            } => self.put(path, before.as_deref(), after, None),
            FileEdit::Delete { path, before } => self.remove(path, before).map(drop),
            FileEdit::Move {
                from,
                to,
                before,
                replaced,
                after,
            } => {
                let source = self.remove(from, before)?;
                self.put(to, replaced.as_deref(), after, Some(&source))
            }
        }
    }

    fn put(
        &mut self,
        path: &Path,
        before: Option<&'a [u8]>,
        after: &[u8],
        like: Option<&Place>,
    ) -> Result<(), FileError> {
        let place = writable(self.snapshot, path)?;
        self.take(path, &place)?;
        match before {
            None => require_vacant(self.disk(), path, &place)?,
            Some(before) => {
                self.require_same(path, before)?;
                require_writable(self.disk(), path, &place)?;
            }
        }
        self.touched.push(Touched {
            path: place.target.clone(),
            before,
        });
        let like = match (like, before) {
            (Some(source), _) => Some(source.target.clone()),
            (None, Some(_)) => Some(place.target.clone()),
            (None, None) => None,
        };
        let content = Content {
            bytes: after.to_vec(),
            like,
        };
        self.puts.push(match before {
            Some(_) => Action::Replace {
                target: place.target,
                content,
            },
            None => Action::Create {
                target: place.target,
                content,
            },
        });
        Ok(())
    }

    fn remove(&mut self, path: &Path, before: &'a [u8]) -> Result<Place, FileError> {
        let place = writable(self.snapshot, path)?;
        self.take(path, &place)?;
        self.require_same(path, before)?;
        self.removals.push(Action::Remove {
            entry: place.entry.clone(),
        });
        self.touched.push(Touched {
            path: place.entry.clone(),
            before: Some(before),
        });
        Ok(place)
    }

    fn disk(&self) -> &dyn Disk {
        self.snapshot.disk().as_ref()
    }

    /// Two changes of one file, perhaps under two names, could not both be made.
    fn take(&mut self, path: &Path, place: &Place) -> Result<(), FileError> {
        let is_new = self.taken.insert(place.target.clone());
        if is_new && (place.entry == place.target || self.taken.insert(place.entry.clone())) {
            return Ok(());
        }
        Err(io_error(
            path,
            io::Error::other(
                "the same file is changed twice, perhaps through a link; name it once",
            ),
        ))
    }

    fn require_same(&self, path: &Path, before: &[u8]) -> Result<(), FileError> {
        match place::read(self.snapshot, path, before.len() as u64) {
            Ok(bytes) if bytes == before => Ok(()),
            Ok(_) | Err(FileError::Missing { .. } | FileError::TooLarge { .. }) => {
                Err(FileError::Stale { path: text(path) })
            }
            Err(error) => Err(error),
        }
    }
}

fn require_vacant(disk: &dyn Disk, path: &Path, place: &Place) -> Result<(), FileError> {
    if is_vacant(disk, path, &place.target)? {
        Ok(())
    } else {
        Err(FileError::Stale { path: text(path) })
    }
}

/// Replacing a file needs no right to write it, but whoever took that right away meant something by it.
fn require_writable(disk: &dyn Disk, path: &Path, place: &Place) -> Result<(), FileError> {
    let metadata = disk.metadata(&place.target);
    let metadata = metadata.map_err(|source| io_error(path, source))?;
    if metadata.is_read_only {
        let message = "its permissions make it read-only; leave it, or ask the user";
        let source = io::Error::new(io::ErrorKind::PermissionDenied, message);
        return Err(io_error(path, source));
    }
    Ok(())
}
