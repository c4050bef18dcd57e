//! The edits that make one text into another in an editor: small, so that cursors and folds survive, in the client's
//! positions, all counted in the old text. Pure.

use text::{PositionEncoding, Text, diff_lines};
use tower_lsp_server::gen_lsp_types::TextEdit;

use crate::lsp::convert::lsp_range;

/// Edits of lines that follow each other, which a user takes or leaves together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HunkEdits {
    /// The first line that changes, counted from 0 in the old text.
    pub(crate) line: usize,
    /// In order, apart from each other, none of them empty.
    pub(crate) edits: Vec<TextEdit>,
}

/// The edits that make `after` of `before`; none when they are the same.
pub(crate) fn hunk_edits(before: &Text, after: &str, encoding: PositionEncoding) -> Vec<HunkEdits> {
    let mut hunks: Vec<HunkEdits> = Vec::new();
    let mut last_line = None;
    for edit in diff_lines(&before.to_string(), after).edits() {
        let line = before.line_of(edit.range.start);
        let text_edit = TextEdit {
            range: lsp_range(before, &edit.range, encoding),
            new_text: edit.insert.to_owned(),
        };
        match hunks.last_mut() {
            Some(hunk) if last_line.is_some_and(|last| line <= last) => hunk.edits.push(text_edit),
            _ => hunks.push(HunkEdits {
                line,
                edits: vec![text_edit],
            }),
        }
        last_line = Some(before.line_of(edit.range.end));
    }
    hunks
}

#[cfg(test)]
mod tests;
