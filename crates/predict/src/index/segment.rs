//! One immutable run of files: their tokens in one sequence, ordered by exact and by abstract
//! context. The builder and the store make segments; the query reads them through the index.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::order::ContextOrder;
use crate::vocabulary::{BOUNDARY, TokenId, Vocabulary};

/// Tells whether a file changed without reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileStamp {
    /// Bytes on disk.
    pub size: u64,
    /// Nanoseconds since the Unix epoch, or anything else that changes with the file.
    pub modified: u64,
}

/// One file of a segment.
#[derive(Clone, Debug)]
pub(crate) struct FileRecord {
    pub(crate) path: PathBuf,
    pub(crate) stamp: FileStamp,
    /// Bytes of text.
    pub(crate) bytes: u32,
    /// Tokens `start..end` of the sequence.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Files of one folder share this number.
    pub(crate) directory: u32,
}

/// The files' tokens and their two orders.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    /// A boundary, the first file's tokens, a boundary, and so on; ends with a boundary.
    pub(crate) tokens: Vec<TokenId>,
    pub(crate) contexts: ContextOrder,
    /// Ordered by the tokens' classes instead of the tokens themselves.
    pub(crate) abstract_contexts: ContextOrder,
    /// By start.
    pub(crate) files: Vec<FileRecord>,
    /// How many files have the token, by its number, at most `u16::MAX`.
    pub(crate) file_counts: Vec<u16>,
    by_path: FxHashMap<PathBuf, u32>,
    directories: FxHashMap<PathBuf, u32>,
}

impl Segment {
    /// Orders the tokens of `files` with two threads. The vocabulary's literal words must be marked
    /// before.
    pub(crate) fn build(
        vocabulary: &Vocabulary,
        tokens: Vec<TokenId>,
        files: Vec<FileRecord>,
    ) -> Self {
        let length = vocabulary.len();
        let (contexts, abstract_contexts) = std::thread::scope(|scope| {
            let abstract_contexts = scope.spawn(|| {
                let classes: Vec<TokenId> = tokens
                    .iter()
                    .map(|&token| vocabulary.class(token))
                    .collect();
                ContextOrder::dense(&classes, length)
            });
            let contexts = ContextOrder::dense(&tokens, length);
            (
                contexts,
                abstract_contexts
                    .join()
                    .expect("ordering tokens does not panic"),
            )
        });
        let file_counts = count_files(&tokens, length);
        Self::from_parts(tokens, contexts, abstract_contexts, files, file_counts)
    }

    pub(crate) fn from_parts(
        tokens: Vec<TokenId>,
        contexts: ContextOrder,
        abstract_contexts: ContextOrder,
        mut files: Vec<FileRecord>,
        file_counts: Vec<u16>,
    ) -> Self {
        let mut directories = FxHashMap::default();
        let mut by_path = FxHashMap::default();
        for (number, file) in files.iter_mut().enumerate() {
            let directory = file.path.parent().unwrap_or(Path::new("")).to_path_buf();
            let next = directories.len() as u32;
            file.directory = *directories.entry(directory).or_insert(next);
            by_path.insert(file.path.clone(), number as u32);
        }
        Self {
            tokens,
            contexts,
            abstract_contexts,
            files,
            file_counts,
            by_path,
            directories,
        }
    }

    pub(crate) fn file_number(&self, path: &Path) -> Option<u32> {
        self.by_path.get(path).copied()
    }

    /// The number of a file's folder, if a file of this segment lies in it.
    pub(crate) fn directory_of(&self, path: &Path) -> Option<u32> {
        self.directories.get(path.parent()?).copied()
    }

    /// The folder number of the file that a position belongs to.
    pub(crate) fn directory_at(&self, position: u32) -> Option<u32> {
        let after = self.files.partition_point(|file| file.start <= position);
        self.files
            .get(after.checked_sub(1)?)
            .map(|file| file.directory)
    }

    /// In how many files the token is.
    #[inline]
    pub(crate) fn files_with(&self, token: TokenId) -> u32 {
        self.file_counts
            .get(token as usize)
            .copied()
            .unwrap_or(0)
            .into()
    }

    pub(crate) fn source_bytes(&self) -> u64 {
        self.files.iter().map(|file| u64::from(file.bytes)).sum()
    }

    /// Heap memory in bytes.
    pub(crate) fn memory(&self) -> usize {
        let paths: usize = self
            .files
            .iter()
            .map(|file| file.path.as_os_str().len())
            .sum();
        self.tokens.capacity() * size_of::<TokenId>()
            + self.contexts.memory()
            + self.abstract_contexts.memory()
            + self.file_counts.capacity() * size_of::<u16>()
            + self.files.capacity() * size_of::<FileRecord>()
            + self.by_path.capacity() * 40
            + 3 * paths
    }
}

fn count_files(tokens: &[TokenId], vocabulary_length: TokenId) -> Vec<u16> {
    let mut counts = vec![0u16; vocabulary_length as usize];
    let mut seen_in = vec![u32::MAX; vocabulary_length as usize];
    for (number, file) in tokens.split(|&token| token == BOUNDARY).enumerate() {
        for &token in file {
            if seen_in[token as usize] != number as u32 {
                seen_in[token as usize] = number as u32;
                counts[token as usize] = counts[token as usize].saturating_add(1);
            }
        }
    }
    counts
}
