//! Between LSP's types and ours: positions, ranges, paths and URIs. Pure.

use std::path::{Path, PathBuf};

use text::{ContentChange, Position, PositionEncoding, Text};
use tower_lsp_server::gen_lsp_types as lsp;
use url::Url;
use workspace::normalize;

use super::params::Change;

/// The key of a document: its path, or for a document that is no file its URI in place of a path.
///
/// Such a key is relative, so it lies in no folder and no tool reaches it; its document still gets suggestions.
pub(crate) fn document_path(uri: &Url) -> PathBuf {
    file_path(uri).map_or_else(|| PathBuf::from(uri.as_str()), |path| normalize(&path))
}

/// The path of a `file:` URI.
pub(crate) fn file_path(uri: &Url) -> Option<PathBuf> {
    (uri.scheme() == "file")
        .then(|| uri.to_file_path().ok())
        .flatten()
}

/// The URI of the document with this key; nothing for a path that no URI can be made of.
pub(crate) fn document_uri(path: &Path) -> Option<Url> {
    if path.is_absolute() {
        return Url::from_file_path(path).ok();
    }
    Url::parse(path.to_str()?).ok()
}

/// A path of a folder out of the framework's URI type.
pub(crate) fn folder_path(uri: &lsp::Uri) -> Option<PathBuf> {
    file_path(&Url::parse(uri.as_ref()).ok()?)
}

/// A position of the client's.
pub(crate) fn position(position: lsp::Position) -> Position {
    Position::new(position.line, position.character)
}

/// A content change of the client's.
pub(crate) fn content_change(change: Change) -> ContentChange {
    ContentChange {
        range: change
            .range
            .map(|range| position(range.start)..position(range.end)),
        text: change.text,
    }
}

/// A byte range of `text` as the client counts it.
pub(crate) fn lsp_range(
    text: &Text,
    range: &std::ops::Range<usize>,
    encoding: PositionEncoding,
) -> lsp::Range {
    let convert = |offset| {
        let position = text.position(offset, encoding);
        lsp::Position {
            line: position.line,
            character: position.character,
        }
    };
    lsp::Range {
        start: convert(range.start),
        end: convert(range.end),
    }
}

/// `path` for a message to the user.
pub(crate) fn display(path: &Path) -> String {
    path.display().to_string()
}
