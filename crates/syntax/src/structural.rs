//! Structural search and rewrite: code is looked for by a piece of code with holes in it, and each place
//! found can be written anew from a template.
//!
//! The patterns are those of ast-grep, and its crate does the matching. This module owns what a pattern
//! means in each language, the limits, and the new text. Called with one text at a time; no IO.

mod grammar;
mod matching;
mod pattern;
mod readings;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::{NoTree, Stopped};

pub use pattern::{Pattern, PatternError};
pub use template::{Template, TemplateError};

/// A place that fits a pattern. Ranges are bytes of the text, their ends excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructuralMatch {
    /// What fits. Where the code goes on after what the pattern names (an `else` after `if ($A) { $$$B }`), the rest
    /// is no part of it.
    pub range: Range<usize>,
    /// What each variable stands for, by its name without `$`. A `$$$LIST` that took nothing is not in it.
    pub variables: BTreeMap<String, Range<usize>>,
}

/// What a rewrite does to one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// The replacements, in order and apart from one another.
    pub edits: Vec<Replacement>,
    /// How many places were rewritten; more than there are edits when places lie within one another.
    pub places: usize,
    /// How many comments stood between what the template keeps, and are gone.
    pub lost_comments: usize,
}

/// One piece of a text, replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The bytes of the old text, the end excluded.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

/// Why a text was not searched to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StructuralError {
    /// It has no tree.
    #[error(transparent)]
    NoTree(#[from] NoTree),
    /// The search in its tree was stopped.
    #[error("the search was stopped: {0}")]
    Stopped(#[from] Stopped),
    /// Comparing two parts of such a tree could exhaust the stack.
    #[error("its code is nested more than {limit} levels deep, which no person wrote")]
    TooDeep {
        /// How many levels are searched.
        limit: usize,
    },
}

impl Rewrite {
    /// The text after the rewrite.
    pub fn apply(&self, text: &str) -> String {
        let mut result = String::with_capacity(text.len());
        let mut reached = 0;
        for edit in &self.edits {
            result.push_str(&text[reached..edit.range.start]);
            result.push_str(&edit.text);
            reached = edit.range.end;
        }
        result.push_str(&text[reached..]);
        result
    }
}
