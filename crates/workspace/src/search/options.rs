//! What can be searched for, what is found, and how a search can end: plain data.

use std::{ops::Range, path::PathBuf};

use crate::{
    read::{FileSource, READING_LIMIT},
    walk::{WalkError, WalkOptions},
};

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
