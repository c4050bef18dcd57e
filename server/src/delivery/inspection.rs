//! Looks at files on disk for a delivery, on a thread: what is there, and whether it may be changed.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use agent::folder_workspace::protected_name;
use changes::{Content, FileState};
use rustc_hash::FxHashMap;
use workspace::{Reach, WorkspaceSnapshot};

/// Larger files are left alone.
const MOST_BYTES: u64 = 256 << 20;

/// What has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OnDisk {
    /// Nothing, and not even the folder for it may be there.
    Absent(Folder),
    /// A file or a link.
    File(FileState),
    /// Something else, or it cannot be read; the rest of a sentence that begins with its name.
    Unusable(String),
}

/// Whether the folder is there in which a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folder {
    /// It is.
    There,
    /// It has to be made.
    Missing,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inspection {
    /// For each path that was asked for.
    pub(crate) found: FxHashMap<PathBuf, OnDisk>,
    /// Why some may not be changed: the rest of a sentence that begins with the name.
    pub(crate) refused: Vec<(PathBuf, String)>,
}

/// What to look at.
pub(crate) struct InspectionJob {
    /// The rules of the workspace.
    pub(crate) snapshot: WorkspaceSnapshot,
    /// Absolute.
    pub(crate) paths: Vec<PathBuf>,
}

impl OnDisk {
    /// Whether it is exactly `expected`, with `None` for nothing.
    pub(crate) fn is(&self, expected: Option<&FileState>) -> bool {
        match self {
            Self::Absent(_) => expected.is_none(),
            Self::File(state) => expected == Some(state),
            Self::Unusable(_) => false,
        }
    }
}

impl InspectionJob {
    /// Looks. Takes as long as the disk does.
    pub(crate) fn run(&self) -> Inspection {
        let mut inspection = Inspection::default();
        for path in &self.paths {
            if let Err(refusal) = self.permit(path) {
                inspection.refused.push((path.clone(), refusal));
                continue;
            }
            inspection.found.insert(path.clone(), look(path));
        }
        inspection
    }

    /// Whether the server may have this file changed: clients do what they are asked, outside of the workspace too.
    fn permit(&self, path: &Path) -> Result<(), String> {
        let folder = self.snapshot.folder_of(path);
        let folder = folder.ok_or("is outside of the workspace's folders")?;
        let below = path.strip_prefix(folder.path()).unwrap_or(path);
        if let Some(name) = below.iter().find_map(protected_name) {
            return Err(format!("is not changed: `{name}` is protected"));
        }
        if let Some(directory) = self.snapshot.git_directory_above(path) {
            let directory = directory.display();
            return Err(format!(
                "is not changed: git keeps a repository in {directory}"
            ));
        }
        let exclusion = self.snapshot.is_excluded(path);
        match exclusion.filter(|exclusion| exclusion.reach() == Reach::Hidden) {
            // Where a link itself leads may be what is changed; nothing is written through it.
            Some(exclusion) if !matches!(exclusion, workspace::Exclusion::Link { .. }) => {
                Err(format!("is not changed: {exclusion}"))
            }
            _ => Ok(()),
        }
    }
}

/// What is there; a link is not followed.
fn look(path: &Path) -> OnDisk {
    match read(path) {
        Ok(found) => found,
        Err(error) if is_absent(&error) => OnDisk::Absent(folder_of(path)),
        Err(error) => OnDisk::Unusable(format!("cannot be read: {error}")),
    }
}

fn folder_of(path: &Path) -> Folder {
    if path.parent().is_some_and(Path::is_dir) {
        Folder::There
    } else {
        Folder::Missing
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn read(path: &Path) -> io::Result<OnDisk> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Ok(OnDisk::File(FileState {
            content: Content::Link(fs::read_link(path)?),
            is_executable: false,
        }));
    }
    if !metadata.is_file() {
        return Ok(OnDisk::Unusable("is no regular file".into()));
    }
    if metadata.len() > MOST_BYTES {
        return Ok(OnDisk::Unusable("is too large".into()));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(MOST_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(OnDisk::File(FileState {
        content: Content::Bytes(bytes.into()),
        is_executable: metadata.permissions().mode() & 0o100 != 0,
    }))
}
