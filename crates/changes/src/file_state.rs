//! A file as it was or shall be: its content and what of its permissions matters.

use std::{path::PathBuf, sync::Arc};

/// A file at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    /// What is in it.
    pub content: Content,
    /// Whether its owner may execute it. Of a link always false. The other permissions are the user's own affair: a
    /// changed file keeps them, a new one gets the usual ones.
    pub is_executable: bool,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The bytes of a regular file.
    Bytes(Arc<[u8]>),
    /// Where a symbolic link leads, as it is written in the link.
    Link(PathBuf),
}
