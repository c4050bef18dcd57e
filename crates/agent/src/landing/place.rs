//! Where a changed file lies, and whether a proposal may change it there.
//!
//! A place is an entry, not what a link at its end leads to: proposals make, change and remove links themselves. Links
//! among the folders on the way are followed, and must stay inside.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

use ::workspace::{Exclusion, Folder, Reach, WorkspaceSnapshot, normalize};

use crate::folder_workspace::protected_name;

/// Finds places.
pub(super) struct Places<'a> {
    pub(super) snapshot: &'a WorkspaceSnapshot,
    /// Where checkpoints and threads are kept, without links; it may lie in the workspace.
    pub(super) state_folder: &'a Path,
    /// The paths from which the proposal takes files or links away. What is below them then is no longer reached through
    /// them.
    pub(super) going: BTreeSet<PathBuf>,
}

/// Why a file may not be changed. Its text is the rest of a sentence that begins with the file's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is in none of the workspace's folders.
    Outside,
    /// It is a folder of the workspace, or no path that names a file.
    NoFileName,
    /// Secret, private or version control's own.
    Excluded(Exclusion),
    /// It steers agents or version control.
    Protected {
        /// The name that is protected.
        name: &'static str,
    },
    /// It is among the files of a repository itself, with its hooks and settings.
    Repository {
        /// The directory that git keeps them in.
        directory: PathBuf,
    },
    /// Threads, twins and checkpoints are kept there.
    State,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside => formatter.write_str("is outside of the workspace's folders"),
            Self::NoFileName => formatter.write_str("does not name a file"),
            Self::Excluded(exclusion) => write!(formatter, "is not changed: {exclusion}"),
            Self::Protected { name } => {
                write!(formatter, "is not changed: `{name}` is protected")
            }
            Self::Repository { directory } => write!(
                formatter,
                "is not changed: git keeps a repository in {}",
                directory.display()
            ),
            Self::State => {
                formatter.write_str("is not changed: it belongs to what ropewalk itself keeps")
            }
        }
    }
}

impl Places<'_> {
    /// Where the file named `path` lies: a path on which only its own name may be a link.
    pub(super) fn find(&self, path: &Path) -> Result<PathBuf, Refusal> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(Refusal::NoFileName);
        };
        if normalize(path) != path {
            return Err(Refusal::NoFileName);
        }
        let folder = self.snapshot.folder_of(path).ok_or(Refusal::Outside)?;
        if folder.path() == path {
            return Err(Refusal::NoFileName);
        }
        let place = match self.outermost_going_above(path) {
            Some((going, rest)) => self.find(going)?.join(rest),
            None => self.real_folder(parent)?.join(name),
        };
        self.permit(path, &place)?;
        Ok(place)
    }

    /// Whether `path`, which is without links, is a folder of the workspace or lies outside of all.
    pub(super) fn is_boundary(&self, path: &Path) -> bool {
        let folders: Vec<&Path> = self.snapshot.folders().map(Folder::real_path).collect();
        folders.contains(&path) || !folders.iter().any(|folder| path.starts_with(folder))
    }

    /// Whether a link at `place` to `target` leads to where the agent may not look.
    pub(super) fn leads_out(&self, place: &Path, target: &Path) -> bool {
        let folder = place.parent().unwrap_or(place);
        let excluded = self.snapshot.is_excluded(&normalize(&folder.join(target)));
        excluded.is_some_and(|exclusion| exclusion.reach() == Reach::Hidden)
    }

    fn outermost_going_above<'path>(
        &self,
        path: &'path Path,
    ) -> Option<(&'path Path, &'path Path)> {
        let above = path.ancestors().skip(1);
        let going = above.filter(|folder| self.going.contains(*folder)).last()?;
        Some((going, path.strip_prefix(going).ok()?))
    }

    fn real_folder(&self, folder: &Path) -> Result<PathBuf, Refusal> {
        let (real_path, exclusion) = self.snapshot.locate(folder);
        match exclusion.filter(|exclusion| exclusion.reach() == Reach::Hidden) {
            None => Ok(real_path),
            Some(exclusion) => Err(refusal(exclusion)),
        }
    }

    fn permit(&self, path: &Path, place: &Path) -> Result<(), Refusal> {
        if place.starts_with(self.state_folder) {
            return Err(Refusal::State);
        }
        for folder in self.snapshot.folders() {
            for (path, folder) in [(path, folder.path()), (place, folder.real_path())] {
                let below = path.strip_prefix(folder).ok();
                if let Some(name) = below.and_then(|below| below.iter().find_map(protected_name)) {
                    return Err(Refusal::Protected { name });
                }
            }
        }
        if let Some(directory) = self.snapshot.git_directory_above(place) {
            return Err(Refusal::Repository { directory });
        }
        match self.snapshot.is_excluded(place) {
            // Where the entry itself leads is what the proposal changes.
            None | Some(Exclusion::Link { .. }) => Ok(()),
            Some(exclusion) if exclusion.reach() == Reach::Hidden => Err(refusal(exclusion)),
            Some(_) => Ok(()),
        }
    }
}

fn refusal(exclusion: Exclusion) -> Refusal {
    match exclusion {
        Exclusion::OutsideFolders => Refusal::Outside,
        other => Refusal::Excluded(other),
    }
}
