//! Files and pictures that the user attaches to a message: read, checked and bounded before anything is sent.
//!
//! What is a picture is told by [`crate::picture`], never by the file's name.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use models::Content;

use crate::bounded_text::{self, Extent};
use crate::picture;
use crate::world;

/// The largest picture, in bytes: what every service takes.
const IMAGE_LIMIT: u64 = 5 << 20;

/// How much of an attached text is sent, in bytes; the model reads the rest itself.
const TEXT_LIMIT: usize = 32 * 1024;

/// Something attached to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// A text file.
    Text {
        /// How the user named it.
        name: String,
        /// Its text, at most 32 KiB with a note where it is cut.
        text: String,
    },
    /// A picture.
    Image {
        /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
        media_type: &'static str,
        /// The file's bytes, at most 5 MiB.
        bytes: Vec<u8>,
    },
}

/// Why a file cannot be attached, worded for the user.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// It cannot be opened or read.
    #[error("{name} cannot be attached: {source}")]
    Io {
        /// As the user named it.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// A folder, a pipe, a device.
    #[error("{name} cannot be attached because it is not a regular file")]
    NotAFile {
        /// As the user named it.
        name: String,
    },
    /// A picture that no service would take.
    #[error(
        "{name} cannot be attached: it has {size} bytes, and a picture may have {limit}; make it smaller"
    )]
    TooLarge {
        /// As the user named it.
        name: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Neither text nor a picture of a known format.
    #[error(
        "{name} cannot be attached: it is neither UTF-8 text nor an undamaged picture in PNG, JPEG, GIF or WebP; convert it first"
    )]
    UnknownFormat {
        /// As the user named it.
        name: String,
    },
    /// Text where a picture was asked for.
    #[error("{name} is not an undamaged picture in PNG, JPEG, GIF or WebP; convert it first")]
    NotAPicture {
        /// As the user named it.
        name: String,
    },
}

impl Attachment {
    /// Reads the file at `path`, a text or a picture; `name` is how the user named it.
    ///
    /// # Errors
    /// When it cannot be read, is a picture that is too large, or is neither.
    pub fn load(path: &Path, name: &str) -> Result<Self, AttachmentError> {
        let (bytes, size) = read_bounded(path, name)?;
        if let Some(picture) = picture::recognize(&bytes) {
            return image(picture.media_type, bytes, size, name);
        }
        let extent = match (bytes.len() as u64) < size {
            true => Extent::Beginning,
            false => Extent::Whole,
        };
        let text = bounded_text::decode(&bytes, extent);
        let text = text.ok_or_else(|| AttachmentError::UnknownFormat { name: name.into() })?;
        Ok(Self::Text {
            name: name.into(),
            text: cut(text, size),
        })
    }

    /// Reads the picture at `path`; `name` is how the user named it.
    ///
    /// # Errors
    /// As [`Attachment::load`], and when it is not a picture.
    pub fn load_image(path: &Path, name: &str) -> Result<Self, AttachmentError> {
        let (bytes, size) = read_bounded(path, name)?;
        match picture::recognize(&bytes) {
            Some(picture) => image(picture.media_type, bytes, size, name),
            None => Err(AttachmentError::NotAPicture { name: name.into() }),
        }
    }

    /// As a part of a message.
    pub fn content(&self) -> Content {
        match self {
            Self::Text { name, text } => {
                Content::text(world::wrap_named("attached_file", "path", name, text))
            }
            Self::Image { media_type, bytes } => Content::Image {
                media_type: (*media_type).into(),
                data: STANDARD.encode(bytes),
            },
        }
    }
}

fn image(
    media_type: &'static str,
    bytes: Vec<u8>,
    size: u64,
    name: &str,
) -> Result<Attachment, AttachmentError> {
    if IMAGE_LIMIT < size {
        return Err(AttachmentError::TooLarge {
            name: name.into(),
            size,
            limit: IMAGE_LIMIT,
        });
    }
    Ok(Attachment::Image { media_type, bytes })
}

/// At most a little more than a picture may have, and the size of the whole file.
fn read_bounded(path: &Path, name: &str) -> Result<(Vec<u8>, u64), AttachmentError> {
    let failed = |source| AttachmentError::Io {
        name: name.into(),
        source,
    };
    // A pipe would be waited for, so the kind is looked at before the file is opened.
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(AttachmentError::NotAFile { name: name.into() });
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(IMAGE_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let size = metadata.len().max(bytes.len() as u64);
    Ok((bytes, size))
}

fn cut(text: &str, size: u64) -> String {
    if text.len() <= TEXT_LIMIT {
        return text.to_owned();
    }
    let beginning = bounded_text::prefix(text, TEXT_LIMIT);
    format!(
        "{beginning}\n[cut here: these are the first {} of {size} bytes; read the file for the rest]",
        beginning.len()
    )
}
