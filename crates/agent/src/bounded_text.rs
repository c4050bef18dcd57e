//! Text of which only the beginning is wanted, cut where a character ends.
//!
//! Used wherever something that a project or a person provides is told to a model.

/// The longest beginning of `text` with at most `limit` bytes.
pub(crate) fn prefix(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// Whether all bytes of a file are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All.
    Whole,
    /// The beginning: its last character may be cut.
    Beginning,
}

/// The text that `bytes` hold, without a byte order mark; nothing when they are not UTF-8 text.
pub(crate) fn decode(bytes: &[u8], extent: Extent) -> Option<&str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if extent == Extent::Beginning && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    (!text.contains('\0')).then_some(text)
}
