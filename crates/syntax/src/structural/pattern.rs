//! `Pattern`: a piece of code with variables in it, and every reading of it that its language allows.
//!
//! `foo($A)` is a call inside a C function and a declaration outside of one; `Rope` is a type here and a value
//! there. So a pattern is parsed in each context of the language (`grammars/*/language.toml`), and a place fits
//! if it fits one reading. Matching itself is in `matching.rs`.

use std::collections::BTreeSet;

use ast_grep_core::matcher::PatternNode;

use super::readings::{Attempt, attempts, best_readings};
use crate::language::Language;

/// A compiled pattern of one language. Cheap enough to compile for each search; thread-safe once it is.
#[derive(Clone, Debug)]
pub struct Pattern {
    language: Language,
    readings: Vec<ast_grep_core::Pattern>,
    variables: BTreeSet<String>,
}

/// Why a pattern cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing but white space.
    #[error(
        "the pattern is empty; write a piece of {language} code, with $NAME for any part of it"
    )]
    Empty {
        /// The language's name.
        language: &'static str,
    },
    /// Longer than any pattern that a person would write.
    #[error("the pattern has {bytes} bytes or is nested very deeply; the limit is {limit} bytes")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The longest possible.
        limit: usize,
    },
    /// The grammar does not know such code.
    #[error(
        "the pattern `{pattern}` is no complete piece of {language} code: it does not fit from character {column} on, at `{near}`{hint}"
    )]
    Syntax {
        /// The pattern.
        pattern: String,
        /// The language's name.
        language: &'static str,
        /// The first character that does not fit, from 1.
        column: usize,
        /// The code there.
        near: String,
        /// What to try, with a semicolon before it; may be empty.
        hint: &'static str,
    },
    /// Several statements, or a part of one.
    #[error(
        "the pattern `{pattern}` is more than one piece of {language} code; search for one statement or expression, or put the statements in a block{hint}"
    )]
    Several {
        /// The pattern.
        pattern: String,
        /// The language's name.
        language: &'static str,
        /// What to try, with a semicolon before it; may be empty.
        hint: &'static str,
    },
    /// A bracket or a block is open at its end.
    #[error(
        "the pattern `{pattern}` is no complete piece of {language} code: something is missing at its end"
    )]
    Unfinished {
        /// The pattern.
        pattern: String,
        /// The language's name.
        language: &'static str,
    },
    /// A variable alone.
    #[error("the pattern `{pattern}` fits everything; put some code around the variable")]
    Everything {
        /// The pattern.
        pattern: String,
    },
}

/// Longer patterns are refused, in bytes.
const MAX_PATTERN: usize = 4_000;

impl Pattern {
    /// Compiles `source`: `$NAME` stands for one part of the code, the same wherever the name stands again; `$_` for
    /// one part that does not matter; `$$$NAME` and `$$$` for any number of parts side by side. Names are upper case.
    ///
    /// # Errors
    /// See [`PatternError`].
    pub fn new(language: Language, source: &str) -> Result<Self, PatternError> {
        let source = source.trim();
        let name = language.name();
        if source.is_empty() {
            return Err(PatternError::Empty { language: name });
        }
        if source.len() > MAX_PATTERN {
            return Err(too_large(source));
        }
        let attempts: Vec<Attempt> = attempts(language, source);
        let readings = best_readings(&attempts);
        if readings.is_empty() {
            return Err(explain(language, source, &attempts));
        }
        if readings
            .iter()
            .any(|reading| matches!(reading.node, PatternNode::MetaVar { .. }))
        {
            return Err(PatternError::Everything {
                pattern: source.to_owned(),
            });
        }
        let variables = readings
            .iter()
            .flat_map(ast_grep_core::Pattern::defined_vars);
        Ok(Self {
            language,
            variables: variables.map(str::to_owned).collect(),
            readings,
        })
    }

    /// The language whose texts it fits.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The names of its variables, without `$`.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }

    /// Whether `text` can hold a match, looking only for a name that every match would have in it.
    /// A quick question before a text is parsed.
    pub fn may_match(&self, text: &str) -> bool {
        let fits = |reading: &ast_grep_core::Pattern| text.contains(longest_name(&reading.node));
        self.readings.iter().any(fits)
    }

    /// The longest name that stands in what fits, for showing code that is near; none when all of it is variable.
    pub fn name(&self) -> Option<&str> {
        let names = self
            .readings
            .iter()
            .map(|reading| longest_name(&reading.node));
        names
            .max_by_key(|name| name.len())
            .filter(|name| !name.is_empty())
    }

    pub(super) fn readings(&self) -> &[ast_grep_core::Pattern] {
        &self.readings
    }
}

/// The longest name or literal that stands in every place that fits; empty when there is none.
fn longest_name(node: &PatternNode) -> &str {
    match node {
        PatternNode::Terminal {
            text,
            is_named: true,
            ..
        } => text,
        // Keywords may be spelled otherwise where case does not matter.
        PatternNode::Terminal { .. } | PatternNode::MetaVar { .. } => "",
        PatternNode::Internal { children, .. } => children
            .iter()
            .map(longest_name)
            .max_by_key(|name| name.len())
            .unwrap_or(""),
    }
}

fn explain(language: Language, source: &str, attempts: &[Attempt]) -> PatternError {
    let (pattern, language) = (source.to_owned(), language.name());
    if attempts
        .iter()
        .any(|attempt| matches!(attempt, Attempt::Several))
    {
        let hint = hint(source);
        return PatternError::Several {
            pattern,
            language,
            hint,
        };
    }
    let furthest = attempts.iter().filter_map(|attempt| match attempt {
        Attempt::Error(characters) => Some(*characters),
        _ => None,
    });
    let Some(characters) = furthest.max() else {
        return too_large(source);
    };
    let near: String = source.chars().skip(characters).take(20).collect();
    if near.is_empty() {
        return PatternError::Unfinished { pattern, language };
    }
    PatternError::Syntax {
        pattern,
        language,
        column: characters + 1,
        near,
        hint: hint(source),
    }
}

fn hint(source: &str) -> &'static str {
    let follows_dollar =
        |test: fn(char) -> bool| source.split('$').skip(1).any(|rest| rest.starts_with(test));
    if follows_dollar(|first| first.is_ascii_lowercase()) {
        "; variables are written in upper case: $NAME, and $$$NAME for a list"
    } else if source.contains("...") {
        "; any number of parts is written $$$ or $$$NAME"
    } else {
        ""
    }
}

fn too_large(source: &str) -> PatternError {
    PatternError::TooLarge {
        bytes: source.len(),
        limit: MAX_PATTERN,
    }
}
