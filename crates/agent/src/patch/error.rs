//! Why a patch was refused, in words from which its author can write a better one.

use std::fmt::{self, Write};

use crate::workspace::FileError;

use super::nearest::Excerpt;

/// Why a text is no patch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It begins with something else.
    #[error("Invalid patch: The first line of the patch must be '*** Begin Patch'")]
    NoBegin,
    /// It ends with something else.
    #[error("Invalid patch: The last line of the patch must be '*** End Patch'")]
    NoEnd,
    /// It names no file.
    #[error("Invalid patch: it names no file. No files were modified.")]
    Empty,
    /// One of its lines does not belong there.
    #[error("Invalid patch hunk on line {line_number}: {message}")]
    Line {
        /// Counted from 1.
        line_number: usize,
        /// What is wrong with it.
        message: String,
    },
}

/// Why a patch cannot be applied. Nothing was changed.
#[derive(Debug)]
pub enum PatchError {
    /// It is no patch.
    Parse(ParseError),
    /// It does not fit the files; at most one problem for each of its operations.
    Problems(Vec<Problem>),
}

/// Why one operation of a patch cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A chunk has no place, or more than one.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
    /// The file could not be read.
    #[error("Failed to read file to {verb} {path}: {source}")]
    Read {
        /// `update`, `delete` or `write`.
        verb: &'static str,
        /// As written.
        path: String,
        /// Why.
        source: FileError,
    },
    /// The file is no text, or a text that cannot be written back.
    #[error("Failed to update {path}: {reason}")]
    Text {
        /// As written.
        path: String,
        /// Why.
        reason: String,
    },
    /// An operation before has removed the file.
    #[error("Failed to read file to {verb} {path}: an earlier part of this patch removes it")]
    RemovedBefore {
        /// `update` or `delete`.
        verb: &'static str,
        /// As written.
        path: String,
    },
}

/// Why a chunk has no place in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChunkError {
    /// The text behind `@@` is no line after the chunk before.
    NoContext {
        /// The file, as written.
        path: String,
        /// The text.
        context: String,
        /// What may help.
        hint: Option<Hint>,
    },
    /// The lines that should be there are not.
    NoLines {
        /// The file, as written.
        path: String,
        /// The lines.
        expected: Vec<String>,
        /// What may help.
        hint: Option<Hint>,
    },
    /// The lines are there more than once.
    Ambiguous {
        /// The file, as written.
        path: String,
        /// The lines.
        expected: Vec<String>,
        /// The numbers of the first lines of all places, counted from 1.
        line_numbers: Vec<usize>,
    },
}

/// What is known about lines that were not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// They stand there, but above what was found for the chunks and `@@` lines before.
    Earlier {
        /// Counted from 1.
        line_number: usize,
    },
    /// They stand there, but not at the end.
    NotAtEnd {
        /// Counted from 1.
        line_number: usize,
    },
    /// The `@@` line is one of a unified diff.
    UnifiedDiff,
    /// The text that is most like them.
    Nearest(Excerpt),
}

/// How many places of an ambiguous chunk are named.
const MOST_PLACES: usize = 10;

/// How many of a chunk's lines are repeated in an answer.
const MOST_EXPECTED: usize = 30;

/// How many operations' problems are told at once.
const MOST_PROBLEMS: usize = 5;

impl fmt::Display for PatchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(error) => error.fmt(formatter),
            Self::Problems(problems) => {
                for (index, problem) in problems.iter().take(MOST_PROBLEMS).enumerate() {
                    let separator = if index == 0 { "" } else { "\n\n" };
                    write!(formatter, "{separator}{problem}")?;
                }
                match problems.len().saturating_sub(MOST_PROBLEMS) {
                    0 => Ok(()),
                    more => write!(formatter, "\n\nand {more} more files with problems"),
                }
            }
        }
    }
}

impl std::error::Error for PatchError {}

impl From<ParseError> for PatchError {
    fn from(error: ParseError) -> Self {
        Self::Parse(error)
    }
}

impl fmt::Display for ChunkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContext {
                path,
                context,
                hint,
            } => {
                write!(formatter, "Failed to find context '{context}' in {path}")?;
                write_hint(formatter, hint.as_ref())
            }
            Self::NoLines {
                path,
                expected,
                hint,
            } => {
                writeln!(formatter, "Failed to find expected lines in {path}:")?;
                write_expected(formatter, expected)?;
                write_hint(formatter, hint.as_ref())
            }
            Self::Ambiguous {
                path,
                expected,
                line_numbers,
            } => {
                let count = line_numbers.len();
                let places = list(line_numbers);
                writeln!(
                    formatter,
                    "The expected lines occur {count} times in {path}, at lines {places}:"
                )?;
                write_expected(formatter, expected)?;
                write!(
                    formatter,
                    "\nSay which is meant: put more of the lines around it into the chunk, or begin the chunk with '@@ ' and \
                     a line that stands above it and nowhere else, such as the head of its function. \
                     Several such lines one after another narrow it down."
                )
            }
        }
    }
}

impl std::error::Error for ChunkError {}

fn write_expected(formatter: &mut fmt::Formatter<'_>, expected: &[String]) -> fmt::Result {
    let shown: Vec<&str> = expected
        .iter()
        .take(MOST_EXPECTED)
        .map(String::as_str)
        .collect();
    formatter.write_str(&shown.join("\n"))?;
    match expected.len().saturating_sub(MOST_EXPECTED) {
        0 => Ok(()),
        more => write!(formatter, "\n… and {more} more lines"),
    }
}

fn write_hint(formatter: &mut fmt::Formatter<'_>, hint: Option<&Hint>) -> fmt::Result {
    match hint {
        None => Ok(()),
        Some(Hint::Earlier { line_number }) => write!(
            formatter,
            "\nThat stands at line {line_number}, above the chunks or '@@' lines written before it: write them in the order of the file."
        ),
        Some(Hint::NotAtEnd { line_number }) => write!(
            formatter,
            "\nThat stands at line {line_number}, which is not the end of the file: leave out '*** End of File'."
        ),
        Some(Hint::UnifiedDiff) => write!(
            formatter,
            "\nLine numbers as in a unified diff are not understood: write '@@' alone, or '@@ ' and a line of the file above the change."
        ),
        Some(Hint::Nearest(excerpt)) => write!(formatter, "\n{excerpt}"),
    }
}

/// `3, 17 and 40`.
pub(crate) fn list(line_numbers: &[usize]) -> String {
    let mut list = String::new();
    for (index, number) in line_numbers.iter().take(MOST_PLACES).enumerate() {
        let is_last = index + 1 == line_numbers.len();
        let separator = match index {
            0 => "",
            _ if is_last => " and ",
            _ => ", ",
        };
        // Writing to a string cannot fail.
        let _ = write!(list, "{separator}{number}");
    }
    if MOST_PLACES < line_numbers.len() {
        list.push_str(", …");
    }
    list
}
