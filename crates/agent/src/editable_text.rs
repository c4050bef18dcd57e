//! A file's bytes as text that can be changed and written back, in the encoding the file has.
//!
//! What cannot be written back without damage is refused. Used by the tools that edit; reading for the model is done
//! through the workspace's snapshot.

use ::workspace::{TextEncoding, decode};

/// The text of a file together with its encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditableText {
    text: String,
    encoding: TextEncoding,
}

/// Why a file cannot be edited as text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditableTextError {
    /// It is no text.
    #[error("it is a binary file")]
    Binary,
    /// Bytes that were not touched would not come out as they were.
    #[error("it has bytes that are not valid {encoding}, and an edit would damage them")]
    Damaged {
        /// The encoding it seems to have.
        encoding: &'static str,
    },
    /// The encoding has no such character.
    #[error(
        "it is encoded as {encoding}, which has no character {character:?}; use others, or convert the file to UTF-8 first"
    )]
    Unrepresentable {
        /// The file's encoding.
        encoding: &'static str,
        /// The first such character.
        character: char,
    },
}

impl EditableText {
    /// # Errors
    /// The bytes are no text, or would not survive being written back.
    pub fn decode(bytes: Vec<u8>) -> Result<Self, EditableTextError> {
        // The usual case is settled without a copy.
        let bytes = match String::from_utf8(bytes) {
            Ok(text) if !text.starts_with('\u{feff}') && !text.contains('\0') => {
                let encoding = TextEncoding::Utf8;
                return Ok(Self { text, encoding });
            }
            Ok(text) => text.into_bytes(),
            Err(error) => error.into_bytes(),
        };
        let (text, decoding) = decode(bytes.clone()).map_err(|_| EditableTextError::Binary)?;
        let encoding = decoding.encoding;
        let editable = Self { text, encoding };
        if editable.encode(&editable.text).as_deref() != Ok(&bytes) {
            let encoding = name(encoding);
            return Err(EditableTextError::Damaged { encoding });
        }
        Ok(editable)
    }

    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// `text` as bytes in the file's encoding, with its byte order mark if it had one.
    ///
    /// # Errors
    /// The encoding has no such character.
    pub fn encode(&self, text: &str) -> Result<Vec<u8>, EditableTextError> {
        self.encoding.encode(text).map_err(|character| {
            let encoding = name(self.encoding);
            EditableTextError::Unrepresentable {
                encoding,
                character,
            }
        })
    }
}

fn name(encoding: TextEncoding) -> &'static str {
    match encoding {
        TextEncoding::Utf8 | TextEncoding::Utf8WithMark => "UTF-8",
        TextEncoding::Utf16Le | TextEncoding::Utf16Be => "UTF-16",
        TextEncoding::Windows1252 => "Windows-1252",
    }
}
