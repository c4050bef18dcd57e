//! What the workspace's files teach: an immutable, shareable index of their tokens, ordered by
//! context. The builder makes it in the background, the store keeps it on disk, the query only
//! reads it. Open documents are not its business: their disk versions are hidden from it while they
//! are edited.

mod builder;
mod checksum;
mod order;
mod prefixes;
mod segment;
mod store;
mod tombstones;
mod update;

use std::{path::Path, sync::Arc};

pub use self::{
    builder::{Added, BuildCancelled, IndexBuilder, IndexOptions, SkipReason},
    segment::FileStamp,
    store::StoreError,
    update::ChangedFile,
};
pub(crate) use self::{
    order::Interval, prefixes::Prefixes, segment::Segment, tombstones::Tombstones,
};
use crate::vocabulary::{TokenId, Vocabulary};

/// An immutable index of files. Cheap to share; a changed file gives a new index that shares the
/// unchanged part.
#[derive(Clone, Debug)]
pub struct Index {
    pub(crate) vocabulary: Arc<Vocabulary>,
    /// The bulk of the files, and after it, if anything changed since, the changed ones.
    pub(crate) segments: Vec<IndexedSegment>,
    pub(crate) prefixes: Arc<Prefixes>,
}

/// A segment with the files of it that count no more.
#[derive(Clone, Debug)]
pub(crate) struct IndexedSegment {
    pub(crate) segment: Arc<Segment>,
    /// Numbers of files that a later segment replaces or that are gone, ascending.
    pub(crate) dead_files: Vec<u32>,
}

/// What an index is made of, for status lines and reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexStatistics {
    /// Files that count.
    pub files: usize,
    /// Tokens, those of replaced files included.
    pub tokens: usize,
    /// Distinct words, numbers and operators, spelling variants included.
    pub words: usize,
    /// Bytes of source text indexed, those of replaced files included.
    pub source_bytes: u64,
    /// Heap memory in bytes.
    pub memory_bytes: usize,
}

impl Index {
    /// An index that knows only the keywords of common languages.
    pub fn empty() -> Self {
        IndexBuilder::new(IndexOptions::default())
            .finish(&|| false)
            .expect("building nothing is not cancelled")
    }

    /// Sizes, for people.
    pub fn statistics(&self) -> IndexStatistics {
        let segments = self.segments.iter();
        segments.fold(self.vocabulary_statistics(), |sum, indexed| {
            let segment = &indexed.segment;
            IndexStatistics {
                files: sum.files + segment.files.len() - indexed.dead_files.len(),
                tokens: sum.tokens + segment.tokens.len(),
                source_bytes: sum.source_bytes + segment.source_bytes(),
                memory_bytes: sum.memory_bytes + segment.memory(),
                ..sum
            }
        })
    }

    /// Whether the file is in the index, and with which stamp.
    pub fn stamp(&self, path: &Path) -> Option<FileStamp> {
        self.find(path)
            .map(|(segment, file)| self.segments[segment].segment.files[file as usize].stamp)
    }

    /// The files that count, with their stamps.
    pub fn files(&self) -> impl Iterator<Item = (&Path, FileStamp)> {
        self.segments.iter().flat_map(|indexed| {
            let files = indexed.segment.files.iter().enumerate();
            files
                .filter(|(file, _)| !indexed.is_dead(*file as u32))
                .map(|(_, file)| (file.path.as_path(), file.stamp))
        })
    }

    /// The segment and the number in it of a file that counts.
    pub(crate) fn find(&self, path: &Path) -> Option<(usize, u32)> {
        self.segments
            .iter()
            .enumerate()
            .find_map(|(number, indexed)| {
                let file = indexed.segment.file_number(path)?;
                (!indexed.is_dead(file)).then_some((number, file))
            })
    }

    fn vocabulary_statistics(&self) -> IndexStatistics {
        IndexStatistics {
            words: self.vocabulary.len() as usize,
            memory_bytes: self.vocabulary.memory() + self.prefixes.memory(),
            ..IndexStatistics::default()
        }
    }
}

impl IndexedSegment {
    pub(crate) fn is_dead(&self, file: u32) -> bool {
        self.dead_files.binary_search(&file).is_ok()
    }

    /// How often a core and its variant with a space are in the segment, hidden files included.
    pub(crate) fn count_of(&self, core: TokenId, spaced: Option<TokenId>) -> usize {
        let contexts = &self.segment.contexts;
        contexts.bucket(core).len() + spaced.map_or(0, |spaced| contexts.bucket(spaced).len())
    }
}

#[cfg(test)]
mod tests;
