//! Keeps the conflicts of a workspace on disk, so that what a task made is not lost with the conversation.
//!
//! `conflicts/NAME.json` in the state folder, one file a set of folders, for its owner alone; replaced as a whole.

use std::fs::{DirBuilder, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use changes::{ConflictReason, Content, FileState};
use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};
use text::Text;

use super::conflict_book::{
    ConflictBook, ConflictHunk, DocumentConflicts, FileConflict, Source, WholeFile,
};

const FORMAT: u32 = 1;

/// The file as it is written.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    format: u32,
    folders: Vec<PathBuf>,
    documents: Vec<KeptDocument>,
    files: Vec<KeptFile>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptDocument {
    path: PathBuf,
    text: String,
    hunks: Vec<KeptHunk>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptHunk {
    number: u64,
    range: Range<usize>,
    base: Option<String>,
    proposed: String,
    title: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptFile {
    number: u64,
    path: PathBuf,
    renamed_from: Option<PathBuf>,
    reason: KeptReason,
    proposed: Option<KeptState>,
    title: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptReason {
    SameLines,
    NotText,
    CreatedByBoth,
    DeletedByUser,
    DeletedByTask,
    TargetExists,
    UnknownBase,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptState {
    Text { text: String, executable: bool },
    Bytes { bytes: Vec<u8>, executable: bool },
    Link(PathBuf),
}

/// Where the conflicts of these folders are kept.
pub(crate) fn path(state_folder: &Path, folders: &[PathBuf]) -> PathBuf {
    let mut hasher = FxHasher::default();
    folders.hash(&mut hasher);
    let name = format!("{:016x}.json", hasher.finish());
    state_folder.join("conflicts").join(name)
}

/// What an earlier conversation has left; an empty book where there is nothing, or nothing that this version can read.
pub(crate) fn read(path: &Path, folders: &[PathBuf]) -> ConflictBook {
    let kept = match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice::<Kept>(&bytes),
        Err(_) => return ConflictBook::default(),
    };
    match kept {
        Ok(kept) if kept.format == FORMAT && kept.folders == folders => kept.into_book(),
        Ok(_) => ConflictBook::default(),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "kept conflicts cannot be read");
            ConflictBook::default()
        }
    }
}

/// The bytes to keep for a book; `None` when nothing is left to decide.
pub(crate) fn bytes(book: &ConflictBook, folders: &[PathBuf]) -> Option<Vec<u8>> {
    let documents = book.documents().filter_map(|(path, document)| {
        let hunks: Vec<KeptHunk> = document
            .hunks
            .iter()
            .filter(|hunk| hunk.is_confirmed)
            .map(KeptHunk::from)
            .collect();
        (!hunks.is_empty()).then(|| KeptDocument {
            path: path.clone(),
            text: document.text.to_string(),
            hunks,
        })
    });
    let kept = Kept {
        format: FORMAT,
        folders: folders.to_vec(),
        documents: documents.collect(),
        files: book.files().map(KeptFile::from).collect(),
    };
    if kept.documents.is_empty() && kept.files.is_empty() {
        return None;
    }
    serde_json::to_vec(&kept)
        .inspect_err(|error| tracing::warn!(%error, "conflicts cannot be kept"))
        .ok()
}

/// Replaces the file, or removes it.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(path: &Path, bytes: Option<&[u8]>) -> io::Result<()> {
    let Some(bytes) = bytes else {
        return match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    };
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    let mut file = options
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

impl Kept {
    fn into_book(self) -> ConflictBook {
        let documents = self.documents.into_iter().map(|document| {
            let text = Text::from(document.text);
            let hunks = document.hunks.into_iter();
            let hunks = hunks.filter(|hunk| {
                hunk.range.start <= hunk.range.end && hunk.range.end <= text.len_bytes()
            });
            let hunks = hunks.map(KeptHunk::restore).collect();
            (document.path, DocumentConflicts { text, hunks })
        });
        let files = self.files.into_iter().map(KeptFile::restore).collect();
        ConflictBook::restored(documents, files)
    }
}

/// Tasks are counted anew in each conversation, so a kept conflict has only its task's title.
fn restored_source(title: String) -> Source {
    Source {
        errand: None,
        title,
    }
}

impl From<&ConflictHunk> for KeptHunk {
    fn from(hunk: &ConflictHunk) -> Self {
        Self {
            number: hunk.number,
            range: hunk.range.clone(),
            base: hunk.base.clone(),
            proposed: hunk.proposed.clone(),
            title: hunk.source.title.clone(),
        }
    }
}

impl KeptHunk {
    fn restore(self) -> ConflictHunk {
        ConflictHunk {
            number: self.number,
            range: self.range,
            base: self.base,
            proposed: self.proposed,
            source: restored_source(self.title),
            is_confirmed: true,
        }
    }
}

impl From<&FileConflict> for KeptFile {
    fn from(conflict: &FileConflict) -> Self {
        Self {
            number: conflict.number,
            path: conflict.file.path.clone(),
            renamed_from: conflict.file.renamed_from.clone(),
            reason: conflict.file.reason.into(),
            proposed: conflict.file.proposed.as_ref().map(KeptState::from),
            title: conflict.source.title.clone(),
        }
    }
}

impl KeptFile {
    fn restore(self) -> FileConflict {
        FileConflict {
            number: self.number,
            file: WholeFile {
                path: self.path,
                renamed_from: self.renamed_from,
                reason: self.reason.into(),
                proposed: self.proposed.map(KeptState::restore),
            },
            source: restored_source(self.title),
            is_confirmed: true,
        }
    }
}

impl From<&FileState> for KeptState {
    fn from(state: &FileState) -> Self {
        let executable = state.is_executable;
        match (&state.content, state.text()) {
            (Content::Link(target), _) => Self::Link(target.clone()),
            (_, Some(text)) => Self::Text {
                text: text.to_owned(),
                executable,
            },
            (Content::Bytes(bytes), None) => Self::Bytes {
                bytes: bytes.to_vec(),
                executable,
            },
        }
    }
}

impl KeptState {
    fn restore(self) -> FileState {
        let (content, is_executable) = match self {
            Self::Link(target) => (Content::Link(target), false),
            Self::Text { text, executable } => {
                (Content::Bytes(text.into_bytes().into()), executable)
            }
            Self::Bytes { bytes, executable } => (Content::Bytes(Arc::from(bytes)), executable),
        };
        FileState {
            content,
            is_executable,
        }
    }
}

impl From<ConflictReason> for KeptReason {
    fn from(reason: ConflictReason) -> Self {
        match reason {
            ConflictReason::SameLines => Self::SameLines,
            ConflictReason::NotText => Self::NotText,
            ConflictReason::CreatedByBoth => Self::CreatedByBoth,
            ConflictReason::DeletedByUser => Self::DeletedByUser,
            ConflictReason::DeletedByTask => Self::DeletedByTask,
            ConflictReason::TargetExists => Self::TargetExists,
            ConflictReason::UnknownBase => Self::UnknownBase,
        }
    }
}

impl From<KeptReason> for ConflictReason {
    fn from(reason: KeptReason) -> Self {
        match reason {
            KeptReason::SameLines => Self::SameLines,
            KeptReason::NotText => Self::NotText,
            KeptReason::CreatedByBoth => Self::CreatedByBoth,
            KeptReason::DeletedByUser => Self::DeletedByUser,
            KeptReason::DeletedByTask => Self::DeletedByTask,
            KeptReason::TargetExists => Self::TargetExists,
            KeptReason::UnknownBase => Self::UnknownBase,
        }
    }
}
