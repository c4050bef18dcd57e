//! Searching the workspace with ripgrep's engine, unsaved text in place of the files on disk.
//! Which files are searched is `walk`'s affair; how one text is searched is in `search::matcher` and `search::lines`.

mod cancel;
mod lines;
mod matcher;

use std::{
    num::NonZero,
    ops::{ControlFlow, Range},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use grep_searcher::Searcher;

pub use self::cancel::CancellationFlag;
use self::matcher::LineSearcher;
use crate::{
    read::{FileSource, Loaded, READING_LIMIT},
    snapshot::WorkspaceSnapshot,
    walk::{FileEntry, WalkError, WalkOptions, Yields},
};

/// So many files are searched before their matches are handed on, in order.
const BATCH: usize = 256;

/// What to search for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchOptions {
    /// What to look for; within one line.
    pub pattern: String,
    /// How the pattern is to be read.
    pub syntax: PatternSyntax,
    /// Whether upper and lower case differ.
    pub case: CaseRule,
    /// Whether a match may begin and end inside a word.
    pub boundary: Boundary,
    /// Where to search. `yields` does not matter.
    pub files: WalkOptions,
    /// Larger files are not searched; bytes.
    pub max_file_bytes: u64,
    /// After so many lines with matches the search ends.
    pub max_lines: usize,
    /// So many lines with matches are given for each file; the rest of it is passed by.
    pub max_lines_per_file: usize,
    /// So many lines before each line with a match are given with it.
    pub context_before: usize,
    /// So many lines after each line with a match are given with it.
    pub context_after: usize,
}

impl SearchOptions {
    /// Every line that contains `pattern` literally, in the whole workspace: no context, no limit on the matches.
    pub fn literal(pattern: impl Into<String>) -> Self {
        Self {
            pattern: pattern.into(),
            syntax: PatternSyntax::Literal,
            case: CaseRule::Sensitive,
            boundary: Boundary::Anywhere,
            files: WalkOptions::default(),
            max_file_bytes: READING_LIMIT,
            max_lines: usize::MAX,
            max_lines_per_file: usize::MAX,
            context_before: 0,
            context_after: 0,
        }
    }

    /// As [`Self::literal`], for a regular expression.
    pub fn regex(pattern: impl Into<String>) -> Self {
        Self {
            syntax: PatternSyntax::Regex,
            ..Self::literal(pattern)
        }
    }
}

/// How a pattern is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternSyntax {
    /// As it stands.
    Literal,
    /// As a regular expression of the `regex` crate.
    Regex,
}

/// Whether upper and lower case differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseRule {
    /// They do.
    Sensitive,
    /// They do not.
    Insensitive,
    /// They do if the pattern has an upper case letter.
    Smart,
}

/// Where a match may begin and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundary {
    /// Anywhere.
    Anywhere,
    /// Not inside a word.
    Word,
}

/// The lines of one file that match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMatches {
    /// The file.
    pub path: PathBuf,
    /// Whether the document or the file on disk was searched.
    pub source: FileSource,
    /// The lines, from top to bottom; never empty.
    pub lines: Vec<LineMatch>,
}

/// One line that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineMatch {
    /// Its number, from 0, counted as `text` counts lines.
    pub line: usize,
    /// Its text without the line break.
    pub text: String,
    /// Where the pattern matches: byte ranges in `text`, end exclusive, in order, not overlapping.
    pub ranges: Vec<Range<usize>>,
    /// The lines directly before it, without their line breaks; fewer at the beginning of the file.
    pub before: Vec<String>,
    /// The lines directly after it, without their line breaks; fewer at the end of the file.
    pub after: Vec<String>,
}

/// Why a search cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The pattern.
    #[error("the pattern `{pattern}` cannot be searched for: {reason}")]
    Pattern {
        /// The pattern as it was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Where to search.
    #[error(transparent)]
    Walk(#[from] WalkError),
}

/// How a search went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchOutcome {
    /// Files whose text was searched.
    pub files_searched: usize,
    /// Files passed by: binary, too large, gone or not to be read.
    pub files_passed_by: usize,
    /// Why it ended.
    pub end: End,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Everything was searched.
    Complete,
    /// `max_lines` were found; there may be more.
    LimitReached,
    /// The caller had enough, by its flag or by what it answered.
    Stopped,
}

impl WorkspaceSnapshot {
    /// Searches the workspace. `found` is called once for each file with matches, in the order of a walk,
    /// on the caller's thread; the search itself uses all cores.
    ///
    /// # Errors
    /// See [`SearchError`]. Files that cannot be read are passed by.
    pub fn search(
        &self,
        options: &SearchOptions,
        cancellation: &CancellationFlag,
        mut found: impl FnMut(FileMatches) -> ControlFlow<()>,
    ) -> Result<SearchOutcome, SearchError> {
        let searcher = LineSearcher::new(options)?;
        let files = WalkOptions {
            yields: Yields::Files,
            ..options.files.clone()
        };
        let mut walk = self.walk(&files)?;
        let mut outcome = SearchOutcome {
            files_searched: 0,
            files_passed_by: 0,
            end: End::Complete,
        };
        let mut lines_left = options.max_lines;
        loop {
            let batch: Vec<FileEntry> = walk.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(outcome);
            }
            for searched in self.search_batch(&batch, &searcher, cancellation) {
                if cancellation.is_set() {
                    return Ok(SearchOutcome {
                        end: End::Stopped,
                        ..outcome
                    });
                }
                let Some(mut matches) = searched else {
                    outcome.files_passed_by += 1;
                    continue;
                };
                outcome.files_searched += 1;
                if matches.lines.is_empty() {
                    continue;
                }
                if matches.lines.len() > lines_left {
                    matches.lines.truncate(lines_left);
                    outcome.end = End::LimitReached;
                }
                lines_left -= matches.lines.len();
                if !matches.lines.is_empty() && found(matches).is_break() {
                    return Ok(SearchOutcome {
                        end: End::Stopped,
                        ..outcome
                    });
                }
                if outcome.end == End::LimitReached {
                    return Ok(outcome);
                }
            }
        }
    }

    /// Searches the files on all cores; the results are in the files' order, `None` for a file that cannot be searched.
    fn search_batch(
        &self,
        batch: &[FileEntry],
        searcher: &LineSearcher,
        cancellation: &CancellationFlag,
    ) -> Vec<Option<FileMatches>> {
        let next = AtomicUsize::new(0);
        let results = Mutex::new(vec![None; batch.len()]);
        let work = || {
            let mut engine = searcher.engine();
            while !cancellation.is_set() {
                let position = next.fetch_add(1, Ordering::Relaxed);
                let Some(entry) = batch.get(position) else {
                    return;
                };
                let matches = self.search_file(&entry.path, searcher, &mut engine);
                results.lock().unwrap_or_else(PoisonError::into_inner)[position] = matches;
            }
        };
        let helpers = thread::available_parallelism().map_or(0, |cores| NonZero::get(cores) - 1);
        thread::scope(|scope| {
            for _ in 0..helpers.min(batch.len() / 8) {
                scope.spawn(work);
            }
            work();
        });
        results.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn search_file(
        &self,
        path: &Path,
        searcher: &LineSearcher,
        engine: &mut Searcher,
    ) -> Option<FileMatches> {
        let (text, source) = match self.load_walked(path, searcher.max_file_bytes()).ok()? {
            Loaded::Document(document) => (
                document.text.to_string(),
                FileSource::Document {
                    version: document.version,
                },
            ),
            Loaded::Disk(text, decoding) => (text, FileSource::Disk { decoding }),
        };
        let lines = searcher.search(engine, text);
        Some(FileMatches {
            path: path.to_path_buf(),
            source,
            lines,
        })
    }
}

#[cfg(test)]
mod tests;
