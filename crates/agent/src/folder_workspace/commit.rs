//! Writes all of a commit or nothing.
//!
//! Everything is written beside its place first, under a name of our own, which takes a while where disks are slow; so it is
//! looked once more whether the files still are what they were. Then the names change, one after another, each in one step,
//! and each such that it can be taken back; the last one need not be. A program that is killed in between
//! can leave changes half made: that takes a journal, which proposals have (`landing`).

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::workspace::FileError;

use super::{
    place::{io_error, text},
    writer::{Durability, Making, Writer},
};

const OWN_PREFIX: &str = ".ropewalk-";
const OWN_SUFFIX: &str = ".tmp";

/// One thing to do. Paths are absolute and without links.
pub(super) enum Action {
    /// Puts new content in a file's place.
    Replace { target: PathBuf, content: Content },
    /// Makes a file, with its folders, where nothing is.
    Create { target: PathBuf, content: Content },
    /// Removes a file or a link.
    Remove { entry: PathBuf },
}

/// What a file shall be.
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// The file whose permissions it gets.
    pub(super) like: Option<PathBuf>,
}

/// Does all `actions` in their order, if `check` still allows them once everything is written beside its place.
///
/// # Errors
/// What could not be done, or what `check` says. The files are then as they were; if not even that was possible, the message says what is left.
pub(super) fn commit(
    writer: &dyn Writer,
    actions: &[Action],
    check: impl Fn() -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut transaction = Transaction {
        writer,
        undo: Vec::new(),
        leftovers: Vec::new(),
    };
    match transaction.run(actions, check) {
        Ok(()) => {
            transaction.clean_up();
            Ok(())
        }
        Err(failure) => Err(transaction.roll_back(failure)),
    }
}

struct Transaction<'a> {
    writer: &'a dyn Writer,
    /// How to take back what was done, in the order in which it was done.
    undo: Vec<Undo>,
    /// Names of our own that are no longer needed once all is done.
    leftovers: Vec<PathBuf>,
}

enum Undo {
    RemoveDirectory(PathBuf),
    RemoveFile(PathBuf),
    Restore { backup: PathBuf, path: PathBuf },
}

/// Why a transaction stops.
enum Failure {
    /// The disk would not do something at `path`.
    Disk { path: PathBuf, error: io::Error },
    /// The files are not what they were.
    Refused(FileError),
}

impl Transaction<'_> {
    fn run(
        &mut self,
        actions: &[Action],
        check: impl Fn() -> Result<(), FileError>,
    ) -> Result<(), Failure> {
        let mut staged = Vec::with_capacity(actions.len());
        for action in actions {
            staged.push(self.stage(action).map_err(at(action))?);
        }
        check().map_err(Failure::Refused)?;
        for (place, (action, staged)) in actions.iter().zip(&staged).enumerate() {
            let turn = if place + 1 == actions.len() {
                Turn::Last
            } else {
                Turn::Earlier
            };
            self.perform(action, staged, turn).map_err(at(action))?;
        }
        Ok(())
    }

    /// Writes an action's content beside its place. Nothing that others look at changes but for new, empty folders.
    fn stage(&mut self, action: &Action) -> io::Result<PathBuf> {
        let own_name = own_name(action.path());
        let (content, durability) = match action {
            Action::Replace { content, .. } => (content, Durability::Flushed),
            Action::Create { content, target } => {
                self.create_directories(target.parent())?;
                // What was moved here is text of the user's too.
                let durability = match content.like {
                    Some(_) => Durability::Flushed,
                    None => Durability::Cached,
                };
                (content, durability)
            }
            Action::Remove { .. } => return Ok(own_name),
        };
        let making = Making {
            like: content.like.as_deref(),
            durability,
        };
        // A write that fails half way has made its file all the same.
        self.undo.push(Undo::RemoveFile(own_name.clone()));
        self.writer.write_new(&own_name, &content.bytes, making)?;
        Ok(own_name)
    }

    fn create_directories(&mut self, directory: Option<&Path>) -> io::Result<()> {
        let missing: Vec<&Path> = directory
            .into_iter()
            .flat_map(Path::ancestors)
            .take_while(|directory| !self.writer.is_there(directory))
            .collect();
        for directory in missing.into_iter().rev() {
            self.writer.create_directory(directory)?;
            self.undo.push(Undo::RemoveDirectory(directory.to_owned()));
        }
        Ok(())
    }

    fn perform(&mut self, action: &Action, own_name: &Path, turn: Turn) -> io::Result<()> {
        match (action, turn) {
            (Action::Replace { target, .. }, Turn::Earlier) => {
                self.back_up(target)?;
                self.writer.rename(own_name, target)
            }
            (Action::Replace { target, .. }, Turn::Last) => self.writer.rename(own_name, target),
            (Action::Create { target, .. }, _) => self.create(own_name, target),
            (Action::Remove { entry }, Turn::Earlier) => {
                self.writer.rename(entry, own_name)?;
                self.undo.push(Undo::Restore {
                    backup: own_name.to_owned(),
                    path: entry.clone(),
                });
                self.leftovers.push(own_name.to_owned());
                Ok(())
            }
            (Action::Remove { entry }, Turn::Last) => self.writer.remove_file(entry),
        }
    }

    /// Keeps the file at `path` under a second name; where there is no such thing, under another name for the moment.
    fn back_up(&mut self, path: &Path) -> io::Result<()> {
        let backup = own_name(path);
        match self.writer.link(path, &backup) {
            Err(error) if has_no_links(&error) => self.writer.rename(path, &backup)?,
            result => result?,
        }
        self.undo.push(Undo::Restore {
            backup: backup.clone(),
            path: path.to_owned(),
        });
        self.leftovers.push(backup);
        Ok(())
    }

    /// A second name is refused where the first is taken, so that nothing is overwritten that came there meanwhile.
    fn create(&mut self, own_name: &Path, target: &Path) -> io::Result<()> {
        match self.writer.link(own_name, target) {
            Ok(()) => self.leftovers.push(own_name.to_owned()),
            Err(error) if has_no_links(&error) && !self.writer.is_there(target) => {
                self.writer.rename(own_name, target)?;
            }
            Err(error) => return Err(error),
        }
        self.undo.push(Undo::RemoveFile(target.to_owned()));
        Ok(())
    }

    fn clean_up(self) {
        for path in &self.leftovers {
            // All is done: what cannot be swept away now, also not at the second try, is no failure of the commit.
            if let Err(error) = self.remove(path).or_else(|_| self.remove(path)) {
                tracing::warn!(path = %path.display(), %error, "a temporary file is left behind");
            }
        }
    }

    fn roll_back(mut self, failure: Failure) -> FileError {
        let mut remains = Vec::new();
        while let Some(undo) = self.undo.pop() {
            if let Err(undo_error) = self.take_back(&undo) {
                remains.push(format!("{} ({undo_error})", undo.describe()));
            }
        }
        let (path, error) = match failure {
            Failure::Refused(refusal) => {
                // Only files of our own have been made so far, and empty folders.
                if !remains.is_empty() {
                    tracing::warn!(?remains, "temporary files are left behind");
                }
                return refusal;
            }
            Failure::Disk { path, error } => (path, error),
        };
        match error.kind() {
            _ if !remains.is_empty() => {
                let message = format!(
                    "{error}; and what was done before could not all be taken back: {}",
                    remains.join(", ")
                );
                io_error(&path, io::Error::new(error.kind(), message))
            }
            io::ErrorKind::AlreadyExists => FileError::Stale { path: text(&path) },
            _ => io_error(&path, error),
        }
    }

    fn take_back(&self, undo: &Undo) -> io::Result<()> {
        match undo {
            Undo::RemoveDirectory(path) => self.writer.remove_directory(path),
            Undo::RemoveFile(path) => self.remove(path),
            Undo::Restore { backup, path } => {
                self.writer.rename(backup, path)?;
                // Between two names of one file a rename does nothing, and leaves both.
                self.remove(backup)
            }
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match self.writer.remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

/// What an error of the disk means while `action` is done.
fn at(action: &Action) -> impl FnOnce(io::Error) -> Failure {
    let path = action.path().to_owned();
    move |error| Failure::Disk { path, error }
}

/// Whether more is to be done after an action, so that it must be possible to take it back.
#[derive(Clone, Copy)]
enum Turn {
    Earlier,
    Last,
}

impl Action {
    fn path(&self) -> &Path {
        match self {
            Self::Replace { target, .. } | Self::Create { target, .. } => target,
            Self::Remove { entry } => entry,
        }
    }
}

impl Undo {
    fn describe(&self) -> String {
        match self {
            Self::RemoveDirectory(path) | Self::RemoveFile(path) => {
                format!("{} is left over", path.display())
            }
            Self::Restore { backup, path } => {
                format!("what was {} is now {}", path.display(), backup.display())
            }
        }
    }
}

/// Whether `path` has a name under which a commit writes files beside their places. One is left over where a commit was cut
/// off; it is no work of anybody's.
pub fn is_left_over(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let middle = name.and_then(|name| name.strip_prefix(OWN_PREFIX)?.strip_suffix(OWN_SUFFIX));
    middle.is_some_and(|middle| {
        middle.len() == 16 && middle.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// A name beside `path` that nobody else has, hidden from listings.
fn own_name(path: &Path) -> PathBuf {
    path.with_file_name(format!(
        "{OWN_PREFIX}{:016x}{OWN_SUFFIX}",
        fastrand::u64(..)
    ))
}

/// Whether the file system knows no second names, or allows no more.
fn has_no_links(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied | io::ErrorKind::TooManyLinks
    )
}
