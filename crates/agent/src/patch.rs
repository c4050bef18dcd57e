//! The patch format that models write: its language, where its chunks belong in a file, and what a whole patch would change.
//!
//! Pure: files come in through a function, changes go out as data. Called by the tool `apply_patch`, by
//! `ropewalk apply-patch`, and by `edit_file` for its answers. Writing is left to [`crate::Workspace::commit`].

mod apply;
mod command;
mod error;
mod locate;
pub(crate) mod nearest;
mod parser;
mod plan;
mod seek;
mod source_file;

pub use apply::apply_chunks;
pub use command::{PatchCommand, from_command};
pub(crate) use error::list;
pub use error::{ChunkError, Hint, ParseError, PatchError, Problem};
pub use nearest::Excerpt;
pub use parser::parse;
pub use plan::{Plan, READ_LIMIT, Summary, plan};

/// A patch as it was written, in its own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// What is to be done, one file after another. Never empty.
    pub operations: Vec<FileOperation>,
}

/// What is to be done with one file. Paths are as written: relative or absolute, not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOperation {
    /// Writes a file, whether or not there is one.
    Add {
        /// Where.
        path: String,
        /// The whole text; every line ends with `\n`.
        content: String,
    },
    /// Removes a file.
    Delete {
        /// Which.
        path: String,
    },
    /// Changes a file that exists.
    Update {
        /// Which.
        path: String,
        /// Where it goes; what is there is replaced.
        move_to: Option<String>,
        /// The changes in the order of the file. Empty only for a file that is merely moved.
        chunks: Vec<Chunk>,
    },
}

/// One change within a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The lines that were given as `@@ TEXT`: the change belongs after the first, then after the second, and so on.
    pub contexts: Vec<String>,
    /// What stands there, what goes and what comes. Never empty.
    pub lines: Vec<ChunkLine>,
    /// Where it may belong.
    pub reach: Reach,
}

/// One line of a chunk, without its mark and its line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChunkLine {
    /// Stands there and stays.
    Context(String),
    /// Stands there and goes.
    Removed(String),
    /// Comes.
    Added(String),
}

/// Where in the file a chunk may belong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere after the chunk before it.
    #[default]
    Anywhere,
    /// At the end of the file only (`*** End of File`).
    EndOfFile,
}

impl ChunkLine {
    /// The line as it must stand in the file, unless it is one that comes.
    pub fn expected(&self) -> Option<&str> {
        match self {
            Self::Context(text) | Self::Removed(text) => Some(text),
            Self::Added(_) => None,
        }
    }
}

impl Chunk {
    /// The lines that must stand in the file, one after another.
    pub fn expected(&self) -> Vec<&str> {
        self.lines.iter().filter_map(ChunkLine::expected).collect()
    }
}

#[cfg(test)]
mod tests;
