//! What a twin says of itself in `twin.json`: for those who find it after its process was killed.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{error::TwinError, moment::Moment, stored_path::StoredPath};
use crate::Wall;

/// Raised when an older program would misunderstand the files.
const FORMAT: u32 = 1;

const NAME: &str = "twin.json";

/// What a twin says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Description {
    format: u32,
    pub(super) title: String,
    pub(super) folders: Vec<StoredPath>,
    pub(super) wall: StoredWall,
    /// Files that the user changed after this moment are not what the task started from.
    pub(super) start: Moment,
    /// When it was filled, if its maker came so far; what was changed in its folders later was changed by the task.
    pub(super) filled: Option<Moment>,
    /// How long the list of bases was then, in bytes: a longer one tells of something that the task has touched.
    #[serde(default)]
    pub(super) filled_bases: u64,
    /// When it was made.
    pub(super) created: Moment,
    /// When it was put aside to be taken up again, if it was.
    pub(super) kept: Option<Moment>,
}

/// [`Wall`] in words that stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredWall {
    Overlay,
    OverlaySharedNetwork,
    Copy,
}

impl Description {
    pub(super) fn new(title: &str, folders: &[PathBuf], wall: StoredWall, moment: Moment) -> Self {
        Self {
            format: FORMAT,
            title: title.to_owned(),
            folders: folders.iter().cloned().map(StoredPath).collect(),
            wall,
            start: moment,
            filled: None,
            filled_bases: 0,
            created: moment,
            kept: None,
        }
    }

    /// Reads the description of the twin `id` in `folder`.
    pub(super) fn read(folder: &Path, id: &str) -> Result<Self, TwinError> {
        let unreadable = |reason: String| TwinError::Unreadable {
            id: id.to_owned(),
            reason,
        };
        let bytes = fs::read(folder.join(NAME)).map_err(|error| unreadable(error.to_string()))?;
        let description: Self =
            serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
        if description.format != FORMAT {
            let reason = format!(
                "it has format {}, this program knows {FORMAT}",
                description.format
            );
            return Err(unreadable(reason));
        }
        Ok(description)
    }

    /// Writes it to `folder`; whoever is killed meanwhile leaves the earlier one.
    pub(super) fn write(&self, folder: &Path) -> Result<(), TwinError> {
        let (path, unfinished) = (folder.join(NAME), folder.join("twin.json.new"));
        let write = || {
            let mut file = fs::OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(true)
                .mode(0o600)
                .open(&unfinished)?;
            file.write_all(&serde_json::to_vec(self)?)?;
            fs::rename(&unfinished, &path)
        };
        write().map_err(TwinError::io("the description cannot be written", &path))
    }
}

impl StoredWall {
    /// Those that are not stronger than `strongest`, the strongest first.
    pub(super) fn from_strongest(strongest: Wall) -> impl Iterator<Item = Self> {
        let all = [Self::Overlay, Self::OverlaySharedNetwork, Self::Copy];
        all.into_iter()
            .filter(move |wall| Wall::from(*wall) >= strongest)
    }
}

impl From<StoredWall> for Wall {
    fn from(wall: StoredWall) -> Self {
        match wall {
            StoredWall::Overlay => Self::Overlay,
            StoredWall::OverlaySharedNetwork => Self::OverlaySharedNetwork,
            StoredWall::Copy => Self::Copy,
        }
    }
}
