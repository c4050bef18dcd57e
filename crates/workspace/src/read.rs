//! Reading one file of the workspace: the open document's text if there is one, else what is on disk.
//! Every refusal says why. Called on a snapshot by whoever needs a file's text.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use text::Text;

use crate::{
    disk::{Disk, DiskError, FileKind, is_link_loop, is_replaced, read_bytes},
    document::Document,
    encoding::{Decoding, LineEnding, decode},
    exclusion::{Exclusion, Reach},
    snapshot::WorkspaceSnapshot,
};

/// The largest file that is read for an index, in bytes.
pub const INDEXING_LIMIT: u64 = 400 * 1024;

/// The largest file that is read at all unless the caller says otherwise, in bytes.
pub const READING_LIMIT: u64 = 10 * 1024 * 1024;

/// How often a file is looked for anew while somebody replaces what is on the way to it.
const ATTEMPTS: usize = 8;

/// The text of a file and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileText {
    /// The text, without a byte order mark.
    pub text: Text,
    /// The editor or the disk.
    pub source: FileSource,
}

impl FileText {
    /// What ends its lines. Looks through the text.
    pub fn line_ending(&self) -> LineEnding {
        LineEnding::of(&self.text)
    }
}

/// Where a text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileSource {
    /// An open document, which may hold unsaved changes. The editor alone knows how it is encoded on disk.
    Document {
        /// Its version.
        version: i32,
    },
    /// The file on disk.
    Disk {
        /// How its bytes were understood.
        decoding: Decoding,
    },
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Neither an open document nor a file.
    #[error("`{}` does not exist", path.display())]
    NotFound {
        /// The path as it was asked for.
        path: PathBuf,
    },
    /// It is out of bounds.
    #[error("`{}` is not read: {exclusion}", path.display())]
    Excluded {
        /// The path as it was asked for.
        path: PathBuf,
        /// Why.
        exclusion: Exclusion,
    },
    /// There is no text in such a thing.
    #[error("`{}` is {kind}, not a file", path.display())]
    NotAFile {
        /// The path as it was asked for.
        path: PathBuf,
        /// What it is.
        kind: FileKind,
    },
    /// It is larger than the caller wants.
    #[error("`{}` has {size} bytes, more than the limit of {limit}", path.display())]
    TooLarge {
        /// The path as it was asked for.
        path: PathBuf,
        /// Its size in bytes. Of a file that grows, what was seen of it.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Its bytes are no text.
    #[error("`{}` is a binary file", path.display())]
    Binary {
        /// The path as it was asked for.
        path: PathBuf,
    },
    /// The user running the server may not read it.
    #[error("`{}` may not be read: its permissions do not allow it", path.display())]
    PermissionDenied {
        /// The path as it was asked for.
        path: PathBuf,
    },
    /// Its links lead in a circle.
    #[error("`{}` is a link that leads back to itself", path.display())]
    LinkLoop {
        /// The path as it was asked for.
        path: PathBuf,
    },
    /// Anything else the system says.
    #[error("`{}` could not be read", path.display())]
    Io {
        /// The path as it was asked for.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A file found, as cheaply as it was to be had.
pub(crate) enum Loaded {
    Document(Arc<Document>),
    Disk(String, Decoding),
}

impl WorkspaceSnapshot {
    /// The text of the file at `path`, if it has at most [`READING_LIMIT`] bytes.
    ///
    /// # Errors
    /// See [`ReadError`]. Files that are merely ignored are read: whoever names one means it.
    pub fn read(&self, path: &Path) -> Result<FileText, ReadError> {
        self.read_up_to(path, READING_LIMIT)
    }

    /// As [`Self::read`] with another limit in bytes, which holds for documents as well as for files.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read_up_to(&self, path: &Path, limit: u64) -> Result<FileText, ReadError> {
        Ok(match self.load(path, limit)? {
            Loaded::Document(document) => FileText {
                text: document.text.clone(),
                source: FileSource::Document {
                    version: document.version,
                },
            },
            Loaded::Disk(text, decoding) => FileText {
                text: Text::from(text),
                source: FileSource::Disk { decoding },
            },
        })
    }

    /// The bytes of the file at `path` as they are on disk, whether or not a document lies over it.
    ///
    /// # Errors
    /// See [`ReadError`]; bytes that are no text are as good as others.
    pub fn read_bytes(&self, path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        self.read_located(path, limit, |real_path| {
            read_bytes(self.disk().as_ref(), real_path, limit)
        })
    }

    pub(crate) fn load(&self, path: &Path, limit: u64) -> Result<Loaded, ReadError> {
        self.read_located(path, limit, |real_path| {
            self.load_allowed(path, real_path, limit)
        })
    }

    /// Calls `read` with the place that `path` leads to, again if that place was replaced by a link meanwhile.
    /// Each place is judged anew, so that nothing is read of which the name was not looked at.
    fn read_located<T>(
        &self,
        path: &Path,
        limit: u64,
        read: impl Fn(&Path) -> Result<T, DiskError>,
    ) -> Result<T, ReadError> {
        let mut attempts_left = ATTEMPTS;
        loop {
            attempts_left -= 1;
            match read(&self.locate_readable(path)?) {
                Err(error) if attempts_left > 0 && has_moved(&error) => {}
                result => {
                    return result
                        .map_err(|error| read_error(self.disk().as_ref(), path, limit, error));
                }
            }
        }
    }

    fn locate_readable(&self, path: &Path) -> Result<PathBuf, ReadError> {
        let (real_path, exclusion) = self.exclusions.locate(path);
        match exclusion.filter(|found| found.reach() == Reach::Hidden) {
            None => Ok(real_path),
            Some(exclusion) => Err(ReadError::Excluded {
                path: path.to_path_buf(),
                exclusion,
            }),
        }
    }

    /// As [`Self::load`] for a path that a walk just yielded: it is allowed, and no link is on the way.
    pub(crate) fn load_walked(&self, path: &Path, limit: u64) -> Result<Loaded, ReadError> {
        self.load_allowed(path, &self.folders.to_real(path), limit)
            .map_err(|error| read_error(self.disk().as_ref(), path, limit, error))
    }

    fn load_allowed(&self, path: &Path, real_path: &Path, limit: u64) -> Result<Loaded, DiskError> {
        if let Some(document) = self.document_at(path, real_path) {
            let size = document.text.len_bytes() as u64;
            if size > limit {
                return Err(DiskError::TooLarge { size });
            }
            return Ok(Loaded::Document(Arc::clone(document)));
        }
        let bytes = read_bytes(self.disk().as_ref(), real_path, limit)?;
        let (text, decoding) = decode(bytes).map_err(|_| DiskError::Binary)?;
        Ok(Loaded::Disk(text, decoding))
    }
}

/// Whether something else is now at a place that was free of links a moment ago.
fn has_moved(error: &DiskError) -> bool {
    match error {
        DiskError::NotAFile(kind) => *kind == FileKind::Link,
        DiskError::Io(error) => is_replaced(error),
        DiskError::TooLarge { .. } | DiskError::Binary => false,
    }
}

fn read_error(disk: &dyn Disk, path: &Path, limit: u64, error: DiskError) -> ReadError {
    let path = path.to_path_buf();
    match error {
        // Links were followed before, so one that is left leads nowhere or in a circle.
        DiskError::NotAFile(FileKind::Link) => match disk.metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => ReadError::NotFound { path },
            _ => ReadError::LinkLoop { path },
        },
        DiskError::NotAFile(kind) => ReadError::NotAFile { path, kind },
        DiskError::TooLarge { size } => ReadError::TooLarge { path, size, limit },
        DiskError::Binary => ReadError::Binary { path },
        DiskError::Io(error) if is_link_loop(&error) => ReadError::LinkLoop { path },
        DiskError::Io(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::NotFound { path },
            io::ErrorKind::PermissionDenied => ReadError::PermissionDenied { path },
            io::ErrorKind::IsADirectory => ReadError::NotAFile {
                path,
                kind: FileKind::Directory,
            },
            _ => ReadError::Io {
                path,
                source: error,
            },
        },
    }
}

#[cfg(test)]
mod tests;
