//! The difference of two texts as a unified diff, for people who decide about it.
//!
//! Without file headers: whoever shows it knows the file. Used by the tools that change files.

use std::{fmt::Write, ops::Range};

use text::{LineHunk, line_hunks};

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 3;

/// The hunks that make `old` into `new`; empty when they are the same.
pub fn unified_diff(old: &str, new: &str) -> String {
    let (old_lines, new_lines) = (Lines::new(old), Lines::new(new));
    let mut diff = String::new();
    for group in groups(&hunks(old, new)) {
        write_group(&mut diff, group, &old_lines, &new_lines);
    }
    diff
}

/// A text's lines, each with its break.
struct Lines<'text>(Vec<&'text str>);

impl<'text> Lines<'text> {
    fn new(text: &'text str) -> Self {
        Self(text.split_inclusive('\n').collect())
    }

    fn write(&self, diff: &mut String, mark: char, lines: Range<usize>) {
        for line in &self.0[lines] {
            diff.push(mark);
            diff.push_str(line);
            if !line.ends_with('\n') {
                diff.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
}

/// The changed lines, with lines counted as [`Lines`] does: at `\n` only.
fn hunks(old: &str, new: &str) -> Vec<LineHunk> {
    if old.contains('\r') || new.contains('\r') {
        // The comparison knows lone returns as line breaks; hidden, they are ordinary characters.
        let hide = |text: &str| text.replace('\r', "\u{1}");
        return line_hunks(&hide(old), &hide(new));
    }
    line_hunks(old, new)
}

/// Hunks so near to one another that they share their context.
fn groups(hunks: &[LineHunk]) -> Vec<&[LineHunk]> {
    hunks
        .chunk_by(|left, right| right.old.start - left.old.end <= 2 * CONTEXT)
        .collect()
}

fn write_group(diff: &mut String, hunks: &[LineHunk], old: &Lines<'_>, new: &Lines<'_>) {
    let (Some(first), Some(last)) = (hunks.first(), hunks.last()) else {
        return;
    };
    let before = first.old.start.min(CONTEXT);
    let after = (old.0.len() - last.old.end).min(CONTEXT);
    let old_range = first.old.start - before..last.old.end + after;
    let new_range = first.new.start - before..last.new.end + after;
    // Writing to a string cannot fail.
    let _ = writeln!(diff, "@@ -{} +{} @@", range(&old_range), range(&new_range));
    let mut next = old_range.start;
    for hunk in hunks {
        old.write(diff, ' ', next..hunk.old.start);
        old.write(diff, '-', hunk.old.clone());
        new.write(diff, '+', hunk.new.clone());
        next = hunk.old.end;
    }
    old.write(diff, ' ', next..old_range.end);
}

/// As the format wants it: counted from 1, an empty range named by the line before it, a count of one left out.
fn range(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

#[cfg(test)]
mod tests;
