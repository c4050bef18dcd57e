//! All twins that there are: those at work, those that were kept, and what killed processes have left.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use workspace::FileKind;

use super::{
    bases::Bases,
    description::{Description, StoredWall},
    disk_use::disk_use,
    error::TwinError,
    home::{self, Home, ListEntry},
    moment::Moment,
    touched,
    tree::Tree,
};
use crate::Wall;

/// A twin in the list.
#[derive(Clone, Debug)]
pub struct ListedTwin {
    /// Its name.
    pub id: String,
    /// Who has it.
    pub state: TwinState,
    /// What it says of itself; `None` when its maker was killed before, or it is damaged.
    pub about: Option<AboutTwin>,
    path: PathBuf,
}

/// What a twin says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutTwin {
    /// What the task was about.
    pub title: String,
    /// The workspace's folders, by their real paths.
    pub folders: Vec<PathBuf>,
    /// Which walls it had.
    pub wall: Wall,
    /// When it was made.
    pub created: SystemTime,
}

/// Who has a twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwinState {
    /// A process works in it.
    InUse,
    /// It was put aside to be taken up again.
    Kept,
    /// Its process ended without saying what shall become of it.
    LeftBehind,
}

/// All twins below `state_folder`, in order of their ids.
pub fn twins(state_folder: &Path) -> Vec<ListedTwin> {
    home::finish_removals(state_folder);
    let entries = home::entries(state_folder).into_iter();
    entries.map(ListedTwin::from).collect()
}

/// The twins below `state_folder` that no process works in, in order of their ids.
pub fn leftovers(state_folder: &Path) -> Vec<ListedTwin> {
    let mut twins = twins(state_folder);
    twins.retain(|twin| twin.state != TwinState::InUse);
    twins
}

/// Removes the twin `id`, which no process works in.
///
/// # Errors
/// When there is none, when it is in use, and when something in it cannot be removed.
pub fn remove_leftover(state_folder: &Path, id: &str) -> Result<(), TwinError> {
    Home::open(state_folder, id)?.remove()
}

/// Removes the twins that no process works in and in which nothing was changed; gives their ids.
pub fn remove_unchanged(state_folder: &Path) -> Vec<String> {
    let mut removed = Vec::new();
    for twin in leftovers(state_folder) {
        if !twin.may_have_changes() {
            match remove_if_unchanged(state_folder, &twin) {
                Ok(true) => removed.push(twin.id),
                Ok(false) => {}
                // Somebody else was faster, or it is for somebody else to do.
                Err(error) => tracing::warn!(%error, id = twin.id, "a twin is still there"),
            }
        }
    }
    removed
}

/// Looks once more when nobody else can have it: somebody may have worked in it since. Says whether it is removed.
fn remove_if_unchanged(state_folder: &Path, twin: &ListedTwin) -> Result<bool, TwinError> {
    let home = Home::open(state_folder, &twin.id)?;
    if twin.may_have_changes() {
        return Ok(false);
    }
    home.remove().map(|()| true)
}

/// What all twins below `state_folder` take on the disk, in bytes. Looks at every file.
pub fn total_size(state_folder: &Path) -> u64 {
    let entries = home::entries(state_folder);
    entries.iter().map(|entry| disk_use(&entry.path)).sum()
}

impl ListedTwin {
    /// What it takes on the disk, in bytes. Looks at every file.
    pub fn disk_use(&self) -> u64 {
        disk_use(&self.path)
    }

    /// Whether anything was written or removed in it, ignored files and such that were written back included. When in
    /// doubt, yes.
    pub fn may_have_changes(&self) -> bool {
        match Description::read(&self.path, &self.id) {
            Ok(description) => {
                let own = match description.wall {
                    StoredWall::Copy => self.path.join("copy"),
                    StoredWall::Overlay | StoredWall::OverlaySharedNetwork => {
                        self.path.join("upper")
                    }
                };
                let is_copy = description.wall == StoredWall::Copy;
                // Before it was filled nobody could work in it.
                description.filled.is_some_and(|filled| {
                    self.has_later_bases(&description) || has_later(&own, filled, is_copy)
                })
            }
            // Without a description its maker was killed before anybody could work in it.
            Err(_) => self.path.join("twin.json").exists(),
        }
    }
}

impl ListedTwin {
    /// Whether anything was kept aside after it was filled. Nobody's clock can hide that.
    fn has_later_bases(&self, description: &Description) -> bool {
        let size = Bases::size(&self.path.join(home::BASE));
        size.map_or(true, |size| size != description.filled_bases)
    }
}

impl From<ListEntry> for ListedTwin {
    fn from(entry: ListEntry) -> Self {
        let description = Description::read(&entry.path, &entry.id).ok();
        let is_kept = |description: &Description| description.kept.is_some();
        let state = match &description {
            _ if entry.is_in_use => TwinState::InUse,
            Some(description) if is_kept(description) => TwinState::Kept,
            _ => TwinState::LeftBehind,
        };
        Self {
            id: entry.id,
            state,
            about: description.map(AboutTwin::from),
            path: entry.path,
        }
    }
}

impl From<Description> for AboutTwin {
    fn from(description: Description) -> Self {
        let seconds = u64::try_from(description.created.seconds).unwrap_or(0);
        let folders = description.folders.into_iter();
        Self {
            title: description.title,
            folders: folders.map(|folder| folder.0).collect(),
            wall: description.wall.into(),
            created: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
        }
    }
}

/// Whether anything below `own` was changed after `filled`, or cannot be looked at.
fn has_later(own: &Path, filled: Moment, is_copy: bool) -> bool {
    let Ok(tree) = Tree::open(own) else {
        return own.exists();
    };
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = tree.list(&folder) else {
            return true;
        };
        for entry in entries {
            let path = folder.join(&entry.name);
            let is_later = match tree.status(&path) {
                Ok(Some(status)) => !status.changed.is_not_after(filled),
                Ok(None) => false,
                Err(_) => true,
            };
            // The kernel marks folders of an overlay also when nothing in them changes. In a copy, a folder that changed
            // has lost something, perhaps.
            let is_folder = entry.kind == FileKind::Directory;
            if is_later && (!is_folder || is_copy || touched::is_opaque(&tree, &path)) {
                return true;
            }
            if is_folder {
                folders.push(path);
            }
        }
    }
    false
}
