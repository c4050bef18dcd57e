//! What differs between two texts: by line, and by word inside the lines that changed.
//!
//! Used wherever a whole new text comes in (a proposal, a formatter, a file changed on disk) and the
//! cursors and edits in the old one shall survive. Splitting is in `diff/tokens.rs`; the search for
//! the shortest difference, with its time limit, in `diff/search.rs`.

mod search;
mod slide;
mod tokens;

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::{ChangeSet, Edit};

pub(crate) use search::{Hunk, find_hunks};
pub(crate) use tokens::Tokens;

/// How long the functions that are given no budget search before they settle for a coarser answer.
pub(crate) const DEFAULT_BUDGET: Duration = Duration::from_millis(500);

/// When a search stops; `None` for a budget so large that it never ends.
pub(crate) type Deadline = Option<Instant>;

pub(crate) fn deadline_after(budget: Duration) -> Deadline {
    Instant::now().checked_add(budget)
}

/// Lines of the old text that lines of the new one stand in the place of.
///
/// The numbers count from zero, the ends are excluded, and at least one of the two is not empty. The
/// bytes of a range are those from `line_start(range.start)` to `line_start(range.end)` of its text:
/// a line has its line break with it, so a line whose break changed is a line that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineHunk {
    /// The lines that go; empty where lines are only added.
    pub old: Range<usize>,
    /// The lines that come; empty where lines are only taken away.
    pub new: Range<usize>,
}

/// The fewest changed lines that make `old` into `new`, in order, no two hunks touching.
///
/// For texts too large for an exact search the answer is right but may be longer than needed.
pub fn line_hunks(old: &str, new: &str) -> Vec<LineHunk> {
    line_hunks_within(old, new, DEFAULT_BUDGET)
}

/// As [`line_hunks`], with lines that end with `\n` alone, as Git and other tools for patches count them.
/// A `\r` is part of its line like any other character.
pub fn newline_hunks(old: &str, new: &str) -> Vec<LineHunk> {
    let deadline = deadline_after(DEFAULT_BUDGET);
    hunks_of(&Tokens::newlines(old), &Tokens::newlines(new), deadline)
}

/// As [`line_hunks`]; after `budget`, what is not yet compared counts as changed.
pub fn line_hunks_within(old: &str, new: &str, budget: Duration) -> Vec<LineHunk> {
    hunks_of(
        &Tokens::lines(old),
        &Tokens::lines(new),
        deadline_after(budget),
    )
}

fn hunks_of(old: &Tokens<'_>, new: &Tokens<'_>, deadline: Deadline) -> Vec<LineHunk> {
    find_hunks(old, new, deadline)
        .into_iter()
        .map(|(old, new)| LineHunk { old, new })
        .collect()
}

/// The change that makes `old` into `new`: changed lines, and in them only the words that changed.
///
/// Lines that have almost nothing in common are replaced whole, for words that are the same by
/// chance hold no cursor in a place that means anything.
pub fn diff_lines(old: &str, new: &str) -> ChangeSet {
    diff_lines_within(old, new, DEFAULT_BUDGET)
}

/// As [`diff_lines`]; after `budget`, what is not yet compared is replaced whole.
pub fn diff_lines_within(old: &str, new: &str, budget: Duration) -> ChangeSet {
    let deadline = deadline_after(budget);
    let (old_lines, new_lines) = (Tokens::lines(old), Tokens::lines(new));
    let edits = find_hunks(&old_lines, &new_lines, deadline)
        .into_iter()
        .flat_map(|hunk| {
            let range = old_lines.bytes(hunk.0);
            let insert = new_lines.text(hunk.1);
            let words = word_edits(&old[range.clone()], insert, deadline);
            if is_worth_refining(&old[range.clone()], insert, &words) {
                shift(words, range.start)
            } else {
                vec![Edit { range, insert }]
            }
        });
    ChangeSet::from_edits(old.len(), edits).expect("hunks are in order and apart")
}

/// The change of the fewest words that makes `old` into `new`, lines not considered.
///
/// A word is a run of letters, digits and `_`, a run of blanks, a line break, or one other character.
pub fn diff_words(old: &str, new: &str) -> ChangeSet {
    let edits = word_edits(old, new, deadline_after(DEFAULT_BUDGET));
    ChangeSet::from_edits(old.len(), edits).expect("hunks are in order and apart")
}

fn word_edits<'new>(old: &str, new: &'new str, deadline: Deadline) -> Vec<Edit<'new>> {
    let (old_words, new_words) = (Tokens::words(old), Tokens::words(new));
    find_hunks(&old_words, &new_words, deadline)
        .into_iter()
        .map(|(old, new)| Edit {
            range: old_words.bytes(old),
            insert: new_words.text(new),
        })
        .collect()
}

/// Whether `words`, the edits from `old` to `new`, keep at least a quarter of the shorter of the two,
/// blanks left out.
fn is_worth_refining(old: &str, new: &str, words: &[Edit<'_>]) -> bool {
    let weight = |text: &str| {
        text.bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .count()
    };
    let removed: usize = words
        .iter()
        .map(|edit| weight(&old[edit.range.clone()]))
        .sum();
    let total = weight(old);
    let kept = total - removed;
    kept * 4 >= total.min(weight(new)) && kept > 0
}

fn shift(mut edits: Vec<Edit<'_>>, by: usize) -> Vec<Edit<'_>> {
    for edit in &mut edits {
        edit.range = edit.range.start + by..edit.range.end + by;
    }
    edits
}

#[cfg(test)]
mod tests;
