//! How paths and file states are written into checkpoints and journals: JSON that tells where bytes lie in a file beside it.

use std::{
    collections::HashMap,
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use changes::{Content, FileState};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A path: as text, or in base64 where it is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum StoredPath {
    /// In UTF-8.
    Text(String),
    /// Any bytes.
    Bytes {
        /// In base64.
        base64: String,
    },
}

impl From<&Path> for StoredPath {
    fn from(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes {
                base64: BASE64_STANDARD.encode(path.as_os_str().as_bytes()),
            },
        }
    }
}

impl StoredPath {
    /// The path.
    ///
    /// # Errors
    /// It was damaged.
    pub(super) fn restore(&self) -> Result<PathBuf, Damaged> {
        match self {
            Self::Text(text) => Ok(text.into()),
            Self::Bytes { base64 } => {
                let bytes = BASE64_STANDARD.decode(base64).map_err(|_| Damaged)?;
                Ok(OsString::from_vec(bytes).into())
            }
        }
    }
}

/// What is kept is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damaged;

/// A file's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredState {
    /// A regular file.
    File {
        /// Where its bytes begin in the file of contents.
        offset: u64,
        /// How many they are.
        length: u64,
        /// Their SHA-256, in hexadecimal digits.
        sha256: String,
        /// Whether its owner may execute it.
        executable: bool,
    },
    /// A link.
    Link {
        /// Where it leads.
        target: StoredPath,
    },
}

/// Collects what goes into the file of contents; the same bytes once.
#[derive(Default)]
pub(super) struct Packer<'a> {
    parts: Vec<&'a [u8]>,
    length: u64,
    offsets: HashMap<String, u64>,
}

impl<'a> Packer<'a> {
    /// How `state` is written down, its bytes being packed.
    pub(super) fn store(&mut self, state: &'a FileState) -> StoredState {
        let bytes: &[u8] = match &state.content {
            Content::Link(target) => {
                return StoredState::Link {
                    target: target.as_path().into(),
                };
            }
            Content::Bytes(bytes) => bytes,
        };
        let sha256 = digest(bytes);
        let length = bytes.len() as u64;
        let offset = *self.offsets.entry(sha256.clone()).or_insert_with(|| {
            self.parts.push(bytes);
            self.length += length;
            self.length - length
        });
        StoredState::File {
            offset,
            length,
            sha256,
            executable: state.is_executable,
        }
    }

    /// The bytes of the file of contents.
    pub(super) fn parts(&self) -> &[&'a [u8]] {
        &self.parts
    }
}

impl StoredState {
    /// The state, with its bytes from `contents`.
    ///
    /// # Errors
    /// They are not what was written.
    pub(super) fn restore(&self, contents: &[u8]) -> Result<FileState, Damaged> {
        match self {
            Self::Link { target } => Ok(FileState {
                content: Content::Link(target.restore()?),
                is_executable: false,
            }),
            Self::File {
                offset,
                length,
                sha256,
                executable,
            } => {
                let start = usize::try_from(*offset).map_err(|_| Damaged)?;
                let length = usize::try_from(*length).map_err(|_| Damaged)?;
                let end = start.checked_add(length).ok_or(Damaged)?;
                let bytes = contents.get(start..end).ok_or(Damaged)?;
                if digest(bytes) != *sha256 {
                    return Err(Damaged);
                }
                Ok(FileState {
                    content: Content::Bytes(Arc::from(bytes)),
                    is_executable: *executable,
                })
            }
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
    }
    text
}
