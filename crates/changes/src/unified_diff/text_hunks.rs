//! The hunks of a text file as a unified diff has them: changed lines with three lines around them.

use std::ops::Range;

use text::{LineHunk, newline_hunks};

/// Unchanged lines before and after a change.
const CONTEXT: usize = 3;

/// Writes the hunks that make `old` into `new`.
pub(super) fn write(patch: &mut Vec<u8>, old: &str, new: &str) {
    let changes = newline_hunks(old, new);
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let shares_context =
        |one: &LineHunk, next: &LineHunk| next.old.start - one.old.end <= 2 * CONTEXT;
    for changes in changes.chunk_by(shares_context) {
        write_hunk(patch, changes, &old, &new);
    }
}

/// Writes changes that are so near to each other that they have their context in common.
fn write_hunk(patch: &mut Vec<u8>, changes: &[LineHunk], old: &[&str], new: &[&str]) {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else {
        return;
    };
    let before = first.old.start.min(CONTEXT);
    let after = (old.len() - last.old.end).min(CONTEXT);
    let old_range = first.old.start - before..last.old.end + after;
    let new_range = first.new.start - before..last.new.end + after;
    let header = format!("@@ -{} +{} @@\n", span(&old_range), span(&new_range));
    patch.extend_from_slice(header.as_bytes());
    let mut at = old_range.start;
    for change in changes {
        write_lines(patch, b' ', &old[at..change.old.start]);
        write_lines(patch, b'-', &old[change.old.clone()]);
        write_lines(patch, b'+', &new[change.new.clone()]);
        at = change.old.end;
    }
    write_lines(patch, b' ', &old[at..old_range.end]);
}

fn write_lines(patch: &mut Vec<u8>, sign: u8, lines: &[&str]) {
    for line in lines {
        patch.push(sign);
        patch.extend_from_slice(line.as_bytes());
        if !line.ends_with('\n') {
            patch.extend_from_slice(b"\n\\ No newline at end of file\n");
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
