//! Twins: copy-on-write workspaces on disk, in which tasks work without changing anything of the user's.
//!
//! A twin is a folder below the state folder. What a task writes goes to it, what the task started from is kept in it, and
//! [`Twin::scan`] tells the difference. Whoever has tasks makes a [`Twin`] for each; the walls around its commands are
//! `confined`'s, what becomes of the changes is the agent's.

mod bases;
mod change;
mod clone_file;
mod confinement;
mod copied;
mod copy;
mod description;
mod disk_use;
mod error;
mod files;
mod fill;
mod folders;
mod home;
mod layers;
mod list;
mod manifest;
mod moment;
mod moved_starter;
mod options;
mod place;
mod prepare;
mod process;
mod raise;
mod remove;
mod scan;
mod secrets;
mod since;
mod start;
mod stored_path;
mod touched;
mod tree;

pub use change::{
    Judge, LARGE_FILE, LeftOut, TwinBase, TwinChange, TwinChanges, TwinContent, TwinFile, Verdict,
};
pub use error::TwinError;
pub use list::{
    AboutTwin, ListedTwin, TwinState, leftovers, remove_leftover, remove_unchanged, total_size,
    twins,
};
pub use options::{TwinOptions, UnsavedDocument};
pub use secrets::IsSecret;

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
};

use self::{
    description::StoredWall, files::TwinFiles, moved_starter::MovedStarter, process::Process,
    tree::Tree,
};
use crate::{Starter, Wall};

/// A copy-on-write workspace in which a task works, with the walls around its commands.
///
/// Dropping it ends its commands and leaves its files, as [`TwinState::LeftBehind`].
pub struct Twin {
    process: Process,
    /// The folders as the task sees them, in the order of the layers.
    shown: Vec<Tree>,
    files: TwinFiles,
    refused: Vec<String>,
}

/// One folder of the workspace in a twin.
#[derive(Debug)]
pub struct TwinRoot {
    /// The workspace's name of it: absolute, with links resolved.
    pub folder: PathBuf,
    /// The folder as the task sees it, for reading and writing below it. The kernel is not to follow links in it: they
    /// would lead into the user's files.
    pub root: OwnedFd,
}

impl Twin {
    /// Makes a twin with the strongest wall that can be had, down to [`Wall::Copy`].
    ///
    /// # Errors
    /// When a folder cannot be opened or is the whole disk, when there is already a twin of this id, when there is no place
    /// for it, or when not even the weakest wall can be had.
    pub fn create(options: &TwinOptions<'_>) -> Result<Self, TwinError> {
        raise::create(options)
    }

    /// Takes up the twin `options.id` with the wall that it had, whether it was kept or left behind. What the task has
    /// touched is as it was; the rest is as the user has it now. Of the options, the folders and documents are not looked at.
    ///
    /// # Errors
    /// When there is none, when another process works in it, when it cannot be read, or when its wall cannot be had any more.
    pub fn open(options: &TwinOptions<'_>) -> Result<Self, TwinError> {
        raise::open(options)
    }

    /// Its name.
    pub fn id(&self) -> &str {
        self.files.home.id()
    }

    /// The wall around its commands.
    pub fn wall(&self) -> Wall {
        self.files.wall().into()
    }

    /// Why it has no stronger wall, or does not lie below the state folder: a sentence for each, without its full stop.
    pub fn refused(&self) -> &[String] {
        &self.refused
    }

    /// The folder of all that is the twin's.
    pub fn folder(&self) -> &Path {
        self.files.home.path()
    }

    /// The folders of the workspace, outermost ones only.
    ///
    /// # Errors
    /// When there are too many open files.
    pub fn roots(&self) -> io::Result<Vec<TwinRoot>> {
        let layers = self.files.layers.iter().zip(&self.shown);
        let root = layers.map(|(layers, shown)| {
            Ok(TwinRoot {
                folder: layers.folder.clone(),
                root: shown.root().as_fd().try_clone_to_owned()?,
            })
        });
        root.collect()
    }

    /// With [`Wall::Copy`], where commands find each folder of [`Self::roots`]; else they find it at its own path.
    pub fn copies(&self) -> Vec<PathBuf> {
        let layers = self.files.layers.iter();
        let copies = layers.filter(|layers| layers.manifest.is_some());
        copies
            .map(|layers| layers.own.path().to_path_buf())
            .collect()
    }

    /// Starts commands in it. They are asked for with folders of the workspace, also where they run in a copy.
    pub fn starter(&self) -> Box<dyn Starter> {
        let starter = self.process.starter();
        if self.files.wall() != StoredWall::Copy {
            return Box::new(starter);
        }
        let layers = self.files.layers.iter();
        let copies = layers.map(|layers| (layers.folder.clone(), layers.own.path().to_path_buf()));
        Box::new(MovedStarter::new(starter, copies.collect()))
    }

    /// Says that a tool is about to write or remove the file at `path` (absolute, links resolved): what it is now is kept
    /// aside, and its change belongs to the proposal also if the file is ignored. To be called before each change; it does
    /// nothing for a path that lies in none of the folders.
    ///
    /// # Errors
    /// When it cannot be kept aside: then the file should not be changed.
    pub fn keep_base(&self, path: &Path) -> Result<(), TwinError> {
        self.files.keep_base(path, &self.shown)
    }

    /// Keeps aside what the user has in place of everything that commands have touched since the last call. To be called
    /// after each command, and now and then during a long one: what the user changes before it was kept aside is
    /// [`TwinBase::Unknown`] to [`Self::scan`].
    ///
    /// # Errors
    /// When the twin's own folder cannot be read or written.
    pub fn note_touched(&self, judge: &Judge<'_>) -> Result<(), TwinError> {
        self.files.note_touched(judge)
    }

    /// What has changed. To be called while no command runs: what is being written is told as it is.
    ///
    /// # Errors
    /// When the twin's own folder cannot be read or written.
    pub fn scan(&self, judge: &Judge<'_>) -> Result<TwinChanges, TwinError> {
        self.files.scan(judge)
    }

    /// Ends its commands and puts it aside, to be taken up again with [`Self::open`].
    ///
    /// # Errors
    /// When that cannot be written down; then it is left behind, and can be taken up as well.
    pub fn keep(self) -> Result<(), TwinError> {
        let Self { process, files, .. } = self;
        drop(process);
        files.keep()
    }

    /// Ends its commands and removes it with everything in it.
    ///
    /// # Errors
    /// When not everything can be removed, because commands that were let out have made files of another user.
    pub fn discard(self) -> Result<(), TwinError> {
        let Self { process, files, .. } = self;
        drop(process);
        files.home.remove()
    }
}

#[cfg(test)]
mod fixture;
