//! Tests of the format: what it means (`cases`), commands that are patches (`commands`), and random patches (`random`).

mod cases;
mod commands;
mod random;

use std::{collections::BTreeMap, path::Path, path::PathBuf};

use crate::workspace::{FileEdit, FileError};

use super::{PatchError, parse, plan};

/// Files by their paths, relative to the directory `/w`.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// The files that `patch` makes of `files`, with its summary.
pub(super) fn applied(files: &Files, patch: &str) -> Result<(Files, String), PatchError> {
    let directory = Path::new("/w");
    let read = |path: &Path| {
        let missing = || FileError::Missing {
            path: path.display().to_string(),
        };
        let name = path.strip_prefix(directory).map_err(|_| missing())?;
        let bytes = files.get(&name.display().to_string());
        bytes.cloned().ok_or_else(missing)
    };
    let plan = plan(&parse(patch)?, directory, &read)?;
    let mut files = files.clone();
    for change in &plan.changes {
        commit(&mut files, change);
    }
    Ok((files, plan.summary.message()))
}

/// Does a change, and checks that it knew what it changes.
fn commit(files: &mut Files, change: &FileEdit) {
    let name = |path: &PathBuf| path.strip_prefix("/w").unwrap().display().to_string();
    match change {
        FileEdit::Write {
            path,
            before,
            after,
        } => {
            let old = files.insert(name(path), after.clone());
            assert_eq!(&old, before);
        }
        FileEdit::Delete { path, before } => {
            assert_eq!(files.remove(&name(path)).as_ref(), Some(before));
        }
        FileEdit::Move {
            from,
            to,
            before,
            replaced,
            after,
        } => {
            assert_eq!(files.remove(&name(from)).as_ref(), Some(before));
            assert_eq!(&files.insert(name(to), after.clone()), replaced);
        }
    }
}
