//! Documents over disk in one view: several folders, ignore rules, secrets, reading, walking, searching and watching.
//!
//! The main loop owns a [`Workspace`] and is the only one to change it. Everyone else works on a [`WorkspaceSnapshot`].
//! This crate knows absolute paths, no URLs and no protocol; it never writes a file and starts no process.

mod disk;
mod document;
mod encoding;
mod exclusion;
mod folder;
mod path;
mod read;
mod search;
mod snapshot;
mod state;
mod walk;
mod watch;

#[cfg(test)]
mod fixture;

pub use disk::{DirectoryEntry, Disk, FileKind, FileStamp, Metadata, RealDisk, read_settings};
#[cfg(unix)]
pub use disk::{ParentDirectory, RootedDisk};
pub use document::{Document, DocumentError, Documents};
pub use encoding::{Decoding, Fidelity, IsBinary, LineEnding, TextEncoding, decode};
pub use exclusion::{
    Exclusion, ExclusionOptions, PatternError, Reach, default_git_excludes_file, git_directory,
    is_rule_file,
};
pub use folder::{Folder, FolderError};
pub use path::normalize;
pub use read::{FileSource, FileText, INDEXING_LIMIT, READING_LIMIT, ReadError};
pub use search::{
    Boundary, CancellationFlag, CancellationSubscription, CaseRule, End, FileMatches, LineMatch,
    PatternSyntax, SearchError, SearchOptions, SearchOutcome,
};
pub use snapshot::WorkspaceSnapshot;
pub use state::Workspace;
pub use walk::{
    EntryKind, FileEntry, IgnoredFiles, Walk, WalkError, WalkOptions, WalkProblem, Yields,
};
pub use watch::{FileEvent, FileEventKind, WatchError, WatchReport, Watcher};
