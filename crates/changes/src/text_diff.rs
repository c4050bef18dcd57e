//! The difference of two texts as a unified diff without file headers: changed lines with three lines
//! around them.
//!
//! Patches have it below each header (`unified_diff.rs`); people see it when they decide about a change.

use std::fmt::Write;
use std::ops::Range;

use text::{LineHunk, newline_hunks};

use crate::{Base, FileChange};

/// Unchanged lines before and after a change.
const CONTEXT: usize = 3;

/// The hunks that make `before` into `after`; empty when they are the same.
pub fn text_diff(before: &str, after: &str) -> String {
    let changes = newline_hunks(before, after);
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let shares_context =
        |one: &LineHunk, next: &LineHunk| next.old.start - one.old.end <= 2 * CONTEXT;
    let mut diff = String::new();
    for changes in changes.chunk_by(shares_context) {
        write_hunk(&mut diff, changes, &old, &new);
    }
    diff
}

impl FileChange {
    /// The hunks of a text, or of a link, whose text is the path that it leads to.
    ///
    /// `None` for binary content, for what became a link or is none any more, and where it is not known
    /// what the task started from.
    pub fn text_diff(&self) -> Option<String> {
        if let Some((before, after)) = self.texts() {
            return Some(text_diff(before, after));
        }
        let sides = [self.before(), self.after.as_ref()];
        if self.base == Base::Unknown || sides.iter().flatten().any(|state| !state.is_link()) {
            return None;
        }
        let [before, after] = sides.map(|state| {
            let bytes = state.map_or(&[][..], |state| state.content.bytes());
            std::str::from_utf8(bytes).ok()
        });
        Some(text_diff(before?, after?))
    }
}

/// Writes changes that are so near to each other that they have their context in common.
fn write_hunk(diff: &mut String, changes: &[LineHunk], old: &[&str], new: &[&str]) {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else {
        return;
    };
    let before = first.old.start.min(CONTEXT);
    let after = (old.len() - last.old.end).min(CONTEXT);
    let old_range = first.old.start - before..last.old.end + after;
    let new_range = first.new.start - before..last.new.end + after;
    writeln!(diff, "@@ -{} +{} @@", span(&old_range), span(&new_range))
        .expect("a string takes everything");
    let mut at = old_range.start;
    for change in changes {
        write_lines(diff, ' ', &old[at..change.old.start]);
        write_lines(diff, '-', &old[change.old.clone()]);
        write_lines(diff, '+', &new[change.new.clone()]);
        at = change.old.end;
    }
    write_lines(diff, ' ', &old[at..old_range.end]);
}

fn write_lines(diff: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        diff.push(sign);
        diff.push_str(line);
        if !line.ends_with('\n') {
            diff.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// The first line, counted from one, and how many there are; of no lines, the line before them.
fn span(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => (lines.start + 1).to_string(),
        count => format!("{},{count}", lines.start + 1),
    }
}

#[cfg(test)]
mod tests;
