//! Where a thread works: the folder itself, or a twin of it, which is made ready while the model is asked.
//!
//! The thread's tools are given the place at once; whoever needs it first waits until it is ready.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ::workspace::WorkspaceSnapshot;
use agent::Workspace;
use agent::prompt::Permissions;
use agent::workspace::{FileEdit, FileError};
use sandbox::{CommandLine, Reach, Started, Starter, StarterError, Wall};

use super::folder_place::FolderPlace;
use crate::twins::TaskTwin;

/// Where a thread shall work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WorkIn {
    /// In a twin of the folder.
    #[default]
    Twin,
    /// In the folder itself.
    Folder,
}

/// A place of work, ready or about to be.
pub(crate) struct PlaceOfWork {
    folders: Vec<PathBuf>,
    /// What stands for the place where there is no twin.
    folder: FolderPlace,
    ready: OnceLock<Ready>,
}

/// What a place turned out to be.
pub(crate) enum Ready {
    /// A twin.
    Twin(Box<TaskTwin>),
    /// The folder itself; with the reasons why it is no twin where one was asked for.
    Folder(Vec<String>),
    /// Nothing: work must not begin, for this reason.
    Nowhere(String),
}

/// The word that a place will be ready. Whoever breaks it, by a panic, says so to those who wait.
pub(super) struct Promise(pub(super) Arc<PlaceOfWork>);

impl Drop for Promise {
    fn drop(&mut self) {
        self.0.is_ready(Ready::Nowhere(
            "the twin could not be made; the log says more".into(),
        ));
    }
}

impl Ready {
    /// What a model that works in `cwd` is told that may be done here, where `asked` may be done in the user's own folder.
    pub(super) fn permissions(&self, asked: &Permissions, cwd: &Path) -> Permissions {
        let Self::Twin(twin) = self else {
            return asked.clone();
        };
        let mut permissions = Permissions::in_twin(asked.commands);
        if let Some(inside) = &mut permissions.twin {
            inside.copy = twin.copy(cwd);
        }
        permissions
    }
}

impl PlaceOfWork {
    /// A place that somebody is about to make ready. Until then, or without a twin, `folder` stands for it.
    pub(super) fn pending(folder: FolderPlace) -> Self {
        Self {
            folders: folder.workspace.folders().to_vec(),
            folder,
            ready: OnceLock::new(),
        }
    }

    /// The place is ready. What is said first counts.
    pub(super) fn is_ready(&self, ready: Ready) {
        drop(self.ready.set(ready));
    }

    /// What the place is; waits until that is known.
    pub(crate) fn wait(&self) -> &Ready {
        self.ready.wait()
    }

    /// What the place is, if that is known.
    pub(crate) fn now(&self) -> Option<&Ready> {
        self.ready.get()
    }

    /// The twin, if it is one.
    pub(super) fn into_twin(self) -> Option<TaskTwin> {
        match self.ready.into_inner()? {
            Ready::Twin(twin) => Some(*twin),
            Ready::Folder(_) | Ready::Nowhere(_) => None,
        }
    }

    /// Its files; nothing where work must not begin.
    fn files(&self) -> Result<&dyn Workspace, &str> {
        match self.wait() {
            Ready::Twin(twin) => Ok(twin.workspace()),
            Ready::Folder(_) => Ok(&self.folder.workspace),
            Ready::Nowhere(reason) => Err(reason),
        }
    }

    fn files_for(&self, path: &Path) -> Result<&dyn Workspace, FileError> {
        self.files().map_err(|reason| FileError::Excluded {
            path: path.display().to_string(),
            reason: reason.to_owned(),
        })
    }
}

impl Workspace for PlaceOfWork {
    fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    fn wall(&self) -> Wall {
        match self.wait() {
            Ready::Twin(twin) => twin.wall(),
            Ready::Folder(_) | Ready::Nowhere(_) => Wall::None,
        }
    }

    fn snapshot(&self) -> WorkspaceSnapshot {
        match self.files() {
            Ok(files) => files.snapshot(),
            // The turn is being stopped; what little may still be looked at until then is the user's folder, unchanged.
            Err(_) => self.folder.workspace.snapshot(),
        }
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        self.files_for(path)?.read(path, limit)
    }

    fn check(&self, changes: &[FileEdit]) -> Result<(), FileError> {
        self.files_for(first_path(changes))?.check(changes)
    }

    fn commit(&self, changes: &[FileEdit]) -> Result<(), FileError> {
        self.files_for(first_path(changes))?.commit(changes)
    }
}

fn first_path(changes: &[FileEdit]) -> &Path {
    match changes.first() {
        Some(FileEdit::Write { path, .. } | FileEdit::Delete { path, .. }) => path,
        Some(FileEdit::Move { from, .. }) => from,
        None => Path::new(""),
    }
}

/// Starts commands where the place is.
pub(super) struct PlaceStarter(pub(super) Arc<PlaceOfWork>);

impl Starter for PlaceStarter {
    fn start(&self, command: &CommandLine, name: &str) -> Result<Started, StarterError> {
        match (self.0.wait(), &command.reach) {
            (Ready::Nowhere(reason), _) => Err(StarterError::System {
                what: "there is no place to run it",
                source: io::Error::other(reason.clone()),
            }),
            (Ready::Twin(twin), Reach::Twin | Reach::Beyond(_)) => {
                twin.starter().start(command, name)
            }
            (Ready::Twin(_), Reach::Unconfined) | (Ready::Folder(_), _) => {
                self.0.folder.starter.start(command, name)
            }
        }
    }

    fn end_all(&self) {
        // Where nobody has waited for the place, nothing was started.
        if let Some(Ready::Twin(twin)) = self.0.now() {
            twin.starter().end_all();
        }
        self.0.folder.starter.end_all();
    }
}
