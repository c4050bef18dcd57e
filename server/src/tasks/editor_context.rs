//! What the editor shows, for a task's agent: open files, the active one with its selection, diagnostics.
//!
//! The main loop gathers cheap copies ([`EditorFacts`]); the task's worker makes the context of them, which reads files.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use agent::world::{ActiveFile, Diagnostic, EditorContext, OpenFile, Place, Selection};
use text::{PositionEncoding, Text};

/// Longer selections are told by their beginning; the agent can read the file. In bytes.
const LONGEST_SELECTION: usize = 6 * 1024;

/// What the editor shows, as copies.
#[derive(Clone, Debug, Default)]
pub(crate) struct EditorFacts {
    /// The open documents that may be seen, absolute paths.
    pub(crate) documents: Vec<(PathBuf, Text)>,
    /// Where the cursor is or what is selected, in bytes of that document; the end excluded.
    pub(crate) active: Option<(PathBuf, Range<usize>)>,
    /// What is reported on the documents and other files.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl EditorFacts {
    /// The same as the agent is told it. Reads the files of the documents, to see which are unsaved.
    pub(crate) fn into_context(self) -> EditorContext {
        let active = self.active.and_then(|(path, range)| {
            let (_, text) = self.documents.iter().find(|(open, _)| *open == path)?;
            Some(active_file(path, text, range))
        });
        let open_files = self.documents.iter().map(|(path, text)| OpenFile {
            path: path.clone(),
            is_unsaved: is_unsaved(path, text),
        });
        EditorContext {
            open_files: open_files.collect(),
            active,
            diagnostics: self.diagnostics,
        }
    }
}

/// The place of a byte offset as people count.
pub(crate) fn place(text: &Text, offset: usize) -> Place {
    let position = text.position(offset, PositionEncoding::Utf32);
    Place {
        line: position.line + 1,
        column: position.character + 1,
    }
}

fn is_unsaved(path: &PathBuf, text: &Text) -> bool {
    // The lengths are compared first: most files need not be read.
    let length = fs::metadata(path).map(|metadata| metadata.len());
    match length {
        Ok(length) if length == text.len_bytes() as u64 => {
            fs::read(path).map_or(true, |bytes| bytes != text.to_string().as_bytes())
        }
        _ => true,
    }
}

fn active_file(path: PathBuf, text: &Text, range: Range<usize>) -> ActiveFile {
    let (start, end) = (
        range.start.min(text.len_bytes()),
        range.end.min(text.len_bytes()),
    );
    let selection = (start < end).then(|| Selection {
        start: place(text, start),
        end: place(text, end),
        text: beginning(&text.slice(start..end)),
    });
    ActiveFile {
        cursor: place(text, end),
        path,
        selection,
    }
}

fn beginning(selected: &str) -> String {
    if selected.len() <= LONGEST_SELECTION {
        return selected.to_owned();
    }
    let mut end = LONGEST_SELECTION;
    while !selected.is_char_boundary(end) {
        end -= 1;
    }
    format!(
        "{}\n[and {} bytes more, up to the end that is named above]",
        &selected[..end],
        selected.len() - end
    )
}
