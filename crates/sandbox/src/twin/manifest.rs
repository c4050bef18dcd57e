//! What was copied into a twin that is a copy: the ground on which a scan tells what the task has touched.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use workspace::FileKind;

use super::{moment::Moment, since::Since, stored_path::StoredPath, tree::Status};

/// The files of one folder that were copied.
#[derive(Debug)]
pub(super) struct Manifest {
    files: HashMap<PathBuf, u64>,
    /// When all was copied; every change that the task makes is later.
    ready: Since,
}

#[derive(Serialize, Deserialize)]
struct Line {
    path: StoredPath,
    /// The copy's number in its file system.
    inode: u64,
}

impl Manifest {
    pub(super) fn new(files: HashMap<PathBuf, u64>, ready: Moment) -> Self {
        Self {
            files,
            ready: Since::new(ready),
        }
    }

    pub(super) fn read(path: &Path, ready: Moment) -> io::Result<Self> {
        let bytes = fs::read(path)?;
        let lines = serde_json::Deserializer::from_slice(&bytes).into_iter::<Line>();
        let files = lines.map(|line| line.map(|line| (line.path.0, line.inode)));
        Ok(Self::new(files.collect::<Result<_, _>>()?, ready))
    }

    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let mut writer = BufWriter::new(File::create(path)?);
        for (path, inode) in &self.files {
            let line = Line {
                path: StoredPath(path.clone()),
                inode: *inode,
            };
            serde_json::to_writer(&mut writer, &line)?;
            writer.write_all(b"\n")?;
        }
        writer.flush()
    }

    pub(super) fn contains(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// Whether what is at `path` in the copy is what was copied there.
    pub(super) fn is_untouched(&self, path: &Path, status: &Status) -> bool {
        matches!(status.kind, FileKind::File | FileKind::Link)
            && self.files.get(path) == Some(&status.inode)
            && status.changed.is_not_after(self.ready.moment())
    }
}
