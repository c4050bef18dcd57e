//! From bytes to text: byte order marks, UTF-16, the guess for everything else, binary files, line endings.
//! And back, for whoever writes a file.
//! Called by `read` and `search` on files from disk; documents come decoded from the editor.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use text::Text;

/// A file is binary when one of its first bytes is zero: so many of them are looked at (as git does).
const BINARY_PROBE: usize = 8 * 1024;

/// How a file's bytes stand for text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 that begins with a byte order mark; the mark is not part of the text.
    Utf8WithMark,
    /// UTF-16, little endian, with a byte order mark that is not part of the text.
    Utf16Le,
    /// UTF-16, big endian, with a byte order mark that is not part of the text.
    Utf16Be,
    /// Windows-1252, the superset of Latin-1 that browsers read too.
    Windows1252,
}

/// How far the decoded text can be trusted to be what its author wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fidelity {
    /// The bytes are valid in an encoding that says what it is.
    Exact,
    /// The encoding is a guess, or some bytes made no sense and were replaced by U+FFFD. Such a text may be written back only
    /// if [`TextEncoding::encode`] gives the file's bytes again.
    Lossy,
}

/// The encoding of a file and what is lost by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoding {
    /// The encoding found or guessed.
    pub encoding: TextEncoding,
    /// Whether it was found or guessed.
    pub fidelity: Fidelity,
}

/// The bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsBinary;

impl TextEncoding {
    /// `text` as the bytes of a whole file, with a byte order mark where the encoding has one.
    ///
    /// # Errors
    /// The first character that the encoding does not have.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, char> {
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Utf8WithMark => Ok([b"\xEF\xBB\xBF", text.as_bytes()].concat()),
            Self::Utf16Le => Ok(encode_utf16(text, u16::to_le_bytes)),
            Self::Utf16Be => Ok(encode_utf16(text, u16::to_be_bytes)),
            Self::Windows1252 => encode_windows_1252(text),
        }
    }
}

fn encode_utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(to_bytes).collect()
}

fn encode_windows_1252(text: &str) -> Result<Vec<u8>, char> {
    let (bytes, _, had_errors) = WINDOWS_1252.encode(text);
    if !had_errors {
        return Ok(bytes.into_owned());
    }
    let is_missing = |character: &char| {
        let mut buffer = [0; 4];
        WINDOWS_1252.encode(character.encode_utf8(&mut buffer)).2
    };
    let missing = text.chars().find(is_missing);
    Err(missing.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Decodes a whole file.
///
/// # Errors
/// The bytes are no text.
pub fn decode(bytes: Vec<u8>) -> Result<(String, Decoding), IsBinary> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        refuse_binary(rest)?;
        return Ok(decode_utf8(rest.to_vec(), TextEncoding::Utf8WithMark));
    }
    // The mark of UTF-32 begins like that of UTF-16; nobody stores source text so.
    if bytes.starts_with(b"\xFF\xFE\0\0") {
        return Err(IsBinary);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return Ok(decode_marked(rest, UTF_16LE, TextEncoding::Utf16Le));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return Ok(decode_marked(rest, UTF_16BE, TextEncoding::Utf16Be));
    }
    refuse_binary(&bytes)?;
    Ok(decode_utf8(bytes, TextEncoding::Utf8))
}

fn refuse_binary(bytes: &[u8]) -> Result<(), IsBinary> {
    let probe = &bytes[..bytes.len().min(BINARY_PROBE)];
    if probe.contains(&0) {
        Err(IsBinary)
    } else {
        Ok(())
    }
}

fn decode_utf8(bytes: Vec<u8>, encoding: TextEncoding) -> (String, Decoding) {
    match String::from_utf8(bytes) {
        Ok(text) => (
            text,
            Decoding {
                encoding,
                fidelity: Fidelity::Exact,
            },
        ),
        // A mark promises UTF-8, so broken bytes in such a file are damage and not another encoding.
        Err(error) if encoding == TextEncoding::Utf8WithMark => (
            String::from_utf8_lossy(error.as_bytes()).into_owned(),
            Decoding {
                encoding,
                fidelity: Fidelity::Lossy,
            },
        ),
        Err(error) => {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(error.as_bytes());
            let encoding = TextEncoding::Windows1252;
            (
                text.into_owned(),
                Decoding {
                    encoding,
                    fidelity: Fidelity::Lossy,
                },
            )
        }
    }
}

fn decode_marked(
    bytes: &[u8],
    decoder: &'static Encoding,
    encoding: TextEncoding,
) -> (String, Decoding) {
    let (text, had_errors) = decoder.decode_without_bom_handling(bytes);
    let fidelity = if had_errors {
        Fidelity::Lossy
    } else {
        Fidelity::Exact
    };
    (text.into_owned(), Decoding { encoding, fidelity })
}

/// What ends the lines of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnding {
    /// There is one line only.
    None,
    /// `\n` everywhere.
    Lf,
    /// `\r\n` everywhere.
    CrLf,
    /// `\r` alone everywhere.
    Cr,
    /// More than one of them.
    Mixed,
}

impl LineEnding {
    /// Looks through the whole text, or until the second kind is found.
    pub fn of(text: &Text) -> Self {
        let mut found = Self::None;
        let mut after_return = false;
        for byte in text.chunks().flat_map(str::bytes) {
            let ending = match (after_return, byte) {
                (true, b'\n') => Some(Self::CrLf),
                (true, _) => Some(Self::Cr),
                (false, b'\n') => Some(Self::Lf),
                (false, _) => None,
            };
            found = found.and(ending);
            // `\r` alone directly before a `\n` that stands alone cannot be: the two are one `\r\n`.
            after_return = byte == b'\r';
            if found == Self::Mixed {
                return found;
            }
        }
        found.and(after_return.then_some(Self::Cr))
    }

    fn and(self, other: Option<Self>) -> Self {
        match (self, other) {
            (found, None) => found,
            (Self::None, Some(other)) => other,
            (found, Some(other)) if found == other => found,
            _ => Self::Mixed,
        }
    }
}

#[cfg(test)]
mod tests;
