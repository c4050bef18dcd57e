//! Builds an index from files given one by one. The caller walks and reads, nearest to the open
//! file first, and may stop at any time; what did not change since an earlier index is taken over
//! from it without being lexed again.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Index, IndexedSegment, Prefixes, Segment,
    segment::{FileRecord, FileStamp},
};
use crate::{
    lexer::{self, LineState, Piece},
    vocabulary::{BOUNDARY, Kind, TokenId, Vocabulary},
};

/// Bounds of what is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexOptions {
    /// Bytes of text in all; files beyond are refused.
    pub byte_budget: u64,
    /// Bytes of text of one file; longer ones are data or generated.
    pub max_file_bytes: usize,
}

impl Default for IndexOptions {
    fn default() -> Self {
        Self {
            byte_budget: 30_000_000,
            max_file_bytes: 400_000,
        }
    }
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is in the index.
    Indexed,
    /// It is not, and this is why.
    Skipped(SkipReason),
}

/// Why a file teaches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// Longer than `IndexOptions::max_file_bytes`.
    #[error("the file is too long to be written by hand")]
    TooLong,
    /// Has NUL bytes.
    #[error("the file is binary")]
    Binary,
    /// Has lines no person writes.
    #[error("the file is minified or data")]
    Minified,
    /// Says that a program made it.
    #[error("the file says that it is generated")]
    Generated,
    /// The index is full.
    #[error("the index holds as many bytes as it may")]
    OverBudget,
    /// A file with this path was added before.
    #[error("the file is in the index already")]
    Duplicate,
}

/// The caller asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("building the index was cancelled")]
pub struct BuildCancelled;

/// An index in the making.
#[derive(Debug)]
pub struct IndexBuilder {
    options: IndexOptions,
    vocabulary: Vocabulary,
    tokens: Vec<TokenId>,
    files: Vec<FileRecord>,
    paths: rustc_hash::FxHashSet<PathBuf>,
    bytes: u64,
    pieces: Vec<Piece>,
    /// The numbers that an earlier index's tokens have here.
    translation: Translation,
}

#[derive(Debug, Default)]
struct Translation {
    /// The vocabulary translated from, by address: only compared, never followed.
    from: Option<Arc<Vocabulary>>,
    numbers: Vec<TokenId>,
}

const UNTRANSLATED: TokenId = u32::MAX;
/// Words that this share of the files have are literal in abstract contexts.
const LITERAL_SHARE: f32 = 0.2;
const MIN_FILES_FOR_LITERALS: usize = 8;

impl IndexBuilder {
    /// A builder with nothing in it.
    pub fn new(options: IndexOptions) -> Self {
        Self {
            options,
            vocabulary: Vocabulary::root(),
            tokens: vec![BOUNDARY],
            files: Vec::new(),
            paths: rustc_hash::FxHashSet::default(),
            bytes: 0,
            pieces: Vec::new(),
            translation: Translation::default(),
        }
    }

    /// A builder whose words lie over those of an index, for a segment beside that index's.
    pub(super) fn over(vocabulary: Arc<Vocabulary>, options: IndexOptions) -> Self {
        Self {
            vocabulary: Vocabulary::over(vocabulary),
            ..Self::new(options)
        }
    }

    /// Adds a file, or says why not.
    pub fn add(&mut self, path: &Path, text: &str, stamp: FileStamp) -> Added {
        if let Some(reason) = self.reason_to_skip(path, text) {
            return Added::Skipped(reason);
        }
        let start = self.tokens.len() as u32;
        let mut state = LineState::default();
        for line in text.lines() {
            lexer::lex_line(
                &mut self.vocabulary,
                line,
                &mut state,
                &mut self.pieces,
                &mut self.tokens,
            );
        }
        self.finish_file(path, stamp, text.len() as u32, start);
        Added::Indexed
    }

    /// Takes a file over from an earlier index if it is there with this stamp. Answers whether it
    /// was.
    pub fn reuse(&mut self, index: &Index, path: &Path, stamp: FileStamp) -> bool {
        let Some((segment, file)) = index.find(path) else {
            return false;
        };
        let segment = &index.segments[segment].segment;
        let record = &segment.files[file as usize];
        let over_budget = self.bytes + u64::from(record.bytes) > self.options.byte_budget;
        let too_long = self.options.max_file_bytes < record.bytes as usize;
        if record.stamp != stamp || over_budget || too_long || self.paths.contains(path) {
            return false;
        }
        self.copy_file(&index.vocabulary, segment, record);
        true
    }

    /// Bytes of text taken in so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Files taken in so far.
    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    /// Orders what was added. Costs about as much as adding it did.
    pub fn finish(mut self, cancelled: &dyn Fn() -> bool) -> Result<Index, BuildCancelled> {
        self.mark_literals();
        let segment = self.finish_segment(cancelled)?;
        let indexed = IndexedSegment {
            segment: Arc::new(segment.1),
            dead_files: Vec::new(),
        };
        Ok(Index::assemble(segment.0, vec![indexed]))
    }

    /// The vocabulary and the segment that were built.
    pub(super) fn finish_segment(
        mut self,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(Arc<Vocabulary>, Segment), BuildCancelled> {
        if cancelled() {
            return Err(BuildCancelled);
        }
        self.tokens.shrink_to_fit();
        self.files.shrink_to_fit();
        self.vocabulary.shrink();
        self.translation = Translation::default();
        let segment = Segment::build(&self.vocabulary, self.tokens, self.files);
        if cancelled() {
            return Err(BuildCancelled);
        }
        Ok((Arc::new(self.vocabulary), segment))
    }

    /// Copies a file of an index whose vocabulary this builder does not extend.
    pub(super) fn copy_file(
        &mut self,
        vocabulary: &Arc<Vocabulary>,
        segment: &Segment,
        record: &FileRecord,
    ) {
        self.translate_from(vocabulary);
        let start = self.tokens.len() as u32;
        for position in record.start..record.end {
            let token = self.translate(segment.tokens[position as usize]);
            self.tokens.push(token);
        }
        self.finish_file(&record.path, record.stamp, record.bytes, start);
    }

    fn reason_to_skip(&self, path: &Path, text: &str) -> Option<SkipReason> {
        if self.paths.contains(path) {
            return Some(SkipReason::Duplicate);
        }
        if self.bytes + text.len() as u64 > self.options.byte_budget {
            return Some(SkipReason::OverBudget);
        }
        reason_not_to_learn(text, self.options.max_file_bytes)
    }

    fn finish_file(&mut self, path: &Path, stamp: FileStamp, bytes: u32, start: u32) {
        let end = self.tokens.len() as u32;
        self.tokens.push(BOUNDARY);
        self.bytes += u64::from(bytes);
        self.paths.insert(path.to_path_buf());
        self.files.push(FileRecord {
            path: path.to_path_buf(),
            stamp,
            bytes,
            start,
            end,
            directory: 0,
        });
    }

    fn translate_from(&mut self, vocabulary: &Arc<Vocabulary>) {
        let is_same = self
            .translation
            .from
            .as_ref()
            .is_some_and(|from| Arc::ptr_eq(from, vocabulary));
        if !is_same {
            let numbers = vec![UNTRANSLATED; vocabulary.len() as usize];
            self.translation = Translation {
                from: Some(vocabulary.clone()),
                numbers,
            };
        }
    }

    fn translate(&mut self, token: TokenId) -> TokenId {
        let known = self.translation.numbers[token as usize];
        if known != UNTRANSLATED {
            return known;
        }
        let from = self
            .translation
            .from
            .as_ref()
            .expect("set before the first translation");
        let translated = if from.kind(token) < Kind::Word {
            token
        } else {
            self.vocabulary
                .intern(from.entry(token).leading, from.core_text(token))
        };
        self.translation.numbers[token as usize] = translated;
        translated
    }

    /// Words that very many files have behave like keywords in abstract contexts.
    fn mark_literals(&mut self) {
        if self.files.len() < MIN_FILES_FOR_LITERALS {
            return;
        }
        let needed = (LITERAL_SHARE * self.files.len() as f32).ceil() as u32;
        let mut counts = vec![0u32; self.vocabulary.len() as usize];
        let mut seen_in = vec![0u32; self.vocabulary.len() as usize];
        for (number, file) in self.tokens.split(|&token| token == BOUNDARY).enumerate() {
            for &token in file {
                if seen_in[token as usize] != number as u32 + 1 {
                    seen_in[token as usize] = number as u32 + 1;
                    counts[token as usize] += 1;
                }
            }
        }
        for token in 0..self.vocabulary.len() {
            if counts[token as usize] >= needed && self.vocabulary.kind(token) == Kind::Word {
                self.vocabulary.mark_literal(self.vocabulary.core(token));
            }
        }
    }
}

impl Index {
    /// Puts segments together that share a vocabulary.
    pub(super) fn assemble(vocabulary: Arc<Vocabulary>, segments: Vec<IndexedSegment>) -> Self {
        let prefixes = Prefixes::build(&vocabulary, |token| {
            segments
                .iter()
                .map(|indexed| indexed.segment.contexts.bucket(token).len())
                .sum()
        });
        Self {
            vocabulary,
            segments,
            prefixes: Arc::new(prefixes),
        }
    }
}

/// Why this text is nothing to learn from, if so.
pub(crate) fn reason_not_to_learn(text: &str, max_bytes: usize) -> Option<SkipReason> {
    const LONGEST_HAND_WRITTEN_LINE: usize = 5_000;
    const MAX_MEAN_LINE: usize = 250;
    const HEAD: usize = 400;
    if text.len() > max_bytes {
        return Some(SkipReason::TooLong);
    }
    if text.as_bytes().contains(&0) {
        return Some(SkipReason::Binary);
    }
    let lines = text.lines().count();
    let is_dense = text.len() > 2_000 && text.len() / lines.max(1) > MAX_MEAN_LINE;
    if is_dense
        || text
            .lines()
            .any(|line| line.len() > LONGEST_HAND_WRITTEN_LINE)
    {
        return Some(SkipReason::Minified);
    }
    let head = lexer::prefix(text, HEAD);
    let is_generated = head.contains("@generated") || head.contains("DO NOT EDIT");
    is_generated.then_some(SkipReason::Generated)
}
