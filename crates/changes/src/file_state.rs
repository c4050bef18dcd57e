//! A file as it was or shall be: its content and what of its permissions matters.

use std::{path::PathBuf, sync::Arc};

/// Git's: a NUL among that many first bytes makes a file binary (`buffer_is_binary` in its
/// xdiff-interface.c).
const LOOKED_AT_FOR_NUL: usize = 8000;

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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// The bytes of a regular file.
    Bytes(Arc<[u8]>),
    /// Where a symbolic link leads, as it is written in the link.
    Link(PathBuf),
}

impl FileState {
    /// Its text, if it is a regular file with text in it: without a NUL among its first 8000 bytes, as git looks for it, and
    /// in UTF-8. What is no text is only ever replaced whole.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Bytes(bytes) => text_of(bytes),
            Content::Link(_) => None,
        }
    }

    /// Whether it is a symbolic link.
    pub fn is_link(&self) -> bool {
        matches!(self.content, Content::Link(_))
    }
}

/// Whether `bytes` are text, and which. Nothing is decoded or normalised: a byte order mark, CRLF and
/// a missing last line break are part of it.
pub(crate) fn text_of(bytes: &[u8]) -> Option<&str> {
    let beginning = &bytes[..bytes.len().min(LOOKED_AT_FOR_NUL)];
    if beginning.contains(&0) {
        return None;
    }
    std::str::from_utf8(bytes).ok()
}
