//! Which open documents are not saved, as the bytes that saving them would write: a task's twin begins with them.

use std::fs;
use std::path::{Path, PathBuf};

use sandbox::twin::UnsavedDocument;
use text::Text;
use workspace::{TextEncoding, decode};

/// Of `documents`, absolute paths with the editor's text, those whose files have another text. Reads the files.
pub(crate) fn unsaved(documents: &[(PathBuf, Text)]) -> Vec<UnsavedDocument> {
    let unsaved = documents.iter().filter_map(|(path, text)| {
        let path = real(path);
        let bytes = bytes_to_save(&path, &text.to_string())?;
        Some(UnsavedDocument { path, bytes })
    });
    unsaved.collect()
}

/// The path without links, as far as it is there.
pub(crate) fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => real(folder).join(name),
        _ => path.to_path_buf(),
    }
}

/// Nothing when the file has this text already. Editors take the byte order mark off, and know the encoding themselves.
fn bytes_to_save(path: &Path, text: &str) -> Option<Vec<u8>> {
    let plain = || text.as_bytes().to_vec();
    let Ok(bytes) = fs::read(path) else {
        return Some(plain());
    };
    if bytes == text.as_bytes() {
        return None;
    }
    let Ok((saved, decoding)) = decode(bytes) else {
        return Some(plain());
    };
    let unmarked = text.strip_prefix('\u{feff}').unwrap_or(text);
    if saved == unmarked {
        return None;
    }
    let encoding = decoding.encoding;
    // What the file's encoding cannot say, the editor would save as UTF-8.
    let utf8 = |_| TextEncoding::Utf8.encode(text);
    encoding
        .encode(unmarked)
        .or_else(utf8)
        .ok()
        .or_else(|| Some(plain()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of(on_disk: Option<&[u8]>, text: &str) -> Option<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        if let Some(bytes) = on_disk {
            fs::write(&path, bytes).unwrap();
        }
        let unsaved = unsaved(&[(path.clone(), Text::from(text.to_owned()))]);
        assert!(unsaved.iter().all(|document| document.path == real(&path)));
        unsaved.into_iter().map(|document| document.bytes).next()
    }

    #[test]
    fn a_document_that_is_as_on_disk_is_saved_whatever_the_encoding() {
        assert_eq!(bytes_of(Some(b"a\r\nb"), "a\r\nb"), None);
        assert_eq!(bytes_of(Some(b"\xEF\xBB\xBFa\n"), "a\n"), None);
        assert_eq!(bytes_of(Some(b"\xEF\xBB\xBFa\n"), "\u{feff}a\n"), None);
        assert_eq!(bytes_of(Some(b"\xFF\xFEa\0\n\0"), "a\n"), None);
        assert_eq!(bytes_of(Some(b"caf\xE9\n"), "caf\u{e9}\n"), None);
    }

    #[test]
    fn an_unsaved_document_is_written_as_its_editor_would() {
        assert_eq!(bytes_of(Some(b"a\n"), "b\n"), Some(b"b\n".to_vec()));
        assert_eq!(bytes_of(Some(b"a\n"), "a\r\n"), Some(b"a\r\n".to_vec()));
        assert_eq!(bytes_of(None, ""), Some(Vec::new()));
        let marked = bytes_of(Some(b"\xEF\xBB\xBFa\n"), "b\n");
        assert_eq!(marked, Some(b"\xEF\xBB\xBFb\n".to_vec()));
        assert_eq!(
            bytes_of(Some(b"\xFF\xFEa\0"), "b"),
            Some(b"\xFF\xFEb\0".to_vec())
        );
        assert_eq!(
            bytes_of(Some(b"caf\xE9"), "caf\u{e9}s"),
            Some(b"caf\xE9s".to_vec())
        );
        let beyond = bytes_of(Some(b"caf\xE9"), "caf\u{e9} \u{1f600}");
        assert_eq!(beyond, Some("caf\u{e9} \u{1f600}".as_bytes().to_vec()));
    }
}
