//! An index on disk: one file, read and written whole. The file says its version and carries a
//! checksum; whatever is wrong with it is an error, and the caller builds the index anew.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    FileStamp, Index, IndexedSegment, Segment,
    checksum::checksum,
    order::{Buckets, ContextOrder},
    segment::FileRecord,
};
use crate::vocabulary::{BOUNDARY, TokenId, Vocabulary, VocabularyData};

const MAGIC: [u8; 8] = *b"ropewidx";
/// Raised with every change of the format or of what tokens are.
const VERSION: u32 = 1;
/// Magic, version, and the checksum of the rest.
const HEADER: usize = 8 + 4 + 8;

/// Why an index file cannot be used or written. In every case the index can be built anew from the
/// files.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file could not be read or written.
    #[error("the index file {path} could not be accessed: {source}")]
    Io {
        /// The index file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not an index file.
    #[error("{path} is not an index file")]
    NotAnIndex {
        /// The file.
        path: PathBuf,
    },
    /// Written by another version of the program.
    #[error("the index file {path} has version {found}, this program reads {VERSION}")]
    OtherVersion {
        /// The index file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// Cut off or changed.
    #[error("the index file {path} is damaged")]
    Damaged {
        /// The index file.
        path: PathBuf,
    },
}

impl Index {
    /// Writes the index to a file, all or nothing: a reader sees the old file or the new one.
    pub fn save(&self, path: &Path) -> Result<(), StoreError> {
        let io = |source| StoreError::Io {
            path: path.to_path_buf(),
            source,
        };
        let mut bytes = Writer::default();
        bytes.index(self);
        let temporary = path.with_extension(format!("{}.part", std::process::id()));
        let write = || -> io::Result<()> {
            let mut file = std::fs::File::create(&temporary)?;
            file.write_all(&MAGIC)?;
            file.write_all(&VERSION.to_le_bytes())?;
            file.write_all(&checksum(&bytes.0).to_le_bytes())?;
            file.write_all(&bytes.0)?;
            file.sync_all()?;
            std::fs::rename(&temporary, path)
        };
        write().map_err(|error| {
            // The rest of a failed write is of no use; that it may stay behind is no second error.
            drop(std::fs::remove_file(&temporary));
            io(error)
        })
    }

    /// Reads an index that `save` wrote.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        let path = path.to_path_buf();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(StoreError::Io { path, source }),
        };
        let Some((header, body)) = bytes.split_at_checked(HEADER) else {
            return Err(StoreError::NotAnIndex { path });
        };
        let mut header = Reader(header);
        if header.array::<8>() != Some(MAGIC) {
            return Err(StoreError::NotAnIndex { path });
        }
        match header.u32() {
            Some(VERSION) => {}
            found => {
                return Err(StoreError::OtherVersion {
                    path,
                    found: found.unwrap_or(0),
                });
            }
        }
        if header.u64() != Some(checksum(body)) {
            return Err(StoreError::Damaged { path });
        }
        Reader(body).index().ok_or(StoreError::Damaged { path })
    }
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn index(&mut self, index: &Index) {
        let vocabulary = index.vocabulary.data();
        self.bytes(vocabulary.texts.as_bytes());
        self.u32s(vocabulary.entries.as_flattened());
        self.u32(index.segments.len() as u32);
        for indexed in &index.segments {
            self.segment(&indexed.segment);
            self.u32s(&indexed.dead_files);
        }
    }

    fn segment(&mut self, segment: &Segment) {
        self.u32s(&segment.tokens);
        self.order(&segment.contexts);
        self.order(&segment.abstract_contexts);
        self.u32(segment.file_counts.len() as u32);
        for count in &segment.file_counts {
            self.0.extend_from_slice(&count.to_le_bytes());
        }
        self.u32(segment.files.len() as u32);
        for file in &segment.files {
            self.file(file);
        }
    }

    fn order(&mut self, order: &ContextOrder) {
        self.u32s(&order.positions);
        match &order.buckets {
            Buckets::Dense(starts) => self.u32s(starts),
            Buckets::Sparse(_) => self.u32s(&[]),
        }
    }

    fn file(&mut self, file: &FileRecord) {
        self.bytes(file.path.as_os_str().as_encoded_bytes());
        self.u64(file.stamp.size);
        self.u64(file.stamp.modified);
        self.u32(file.bytes);
        self.u32(file.start);
        self.u32(file.end);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len() as u32);
        self.0.extend_from_slice(bytes);
    }

    fn u32s(&mut self, values: &[u32]) {
        self.u32(values.len() as u32);
        self.0.reserve(values.len() * 4);
        self.0
            .extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }
}

/// Reads what `Writer` wrote; nothing where the bytes end early or contradict each other.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn index(&mut self) -> Option<Index> {
        let texts = String::from_utf8(self.bytes()?.to_vec()).ok()?;
        let entries = self.u32s()?;
        let (entries, rest) = entries.as_chunks::<3>();
        if !rest.is_empty() {
            return None;
        }
        let vocabulary = Arc::new(Vocabulary::from_data(VocabularyData {
            texts,
            entries: entries.to_vec(),
        })?);
        let mut segments = Vec::new();
        for _ in 0..self.u32()? {
            let segment = Arc::new(self.segment(vocabulary.len())?);
            let dead_files = self.u32s()?;
            if dead_files
                .iter()
                .any(|&file| file as usize >= segment.files.len())
            {
                return None;
            }
            segments.push(IndexedSegment {
                segment,
                dead_files,
            });
        }
        self.0
            .is_empty()
            .then(|| Index::assemble(vocabulary, segments))
    }

    fn segment(&mut self, words: TokenId) -> Option<Segment> {
        let tokens = self.u32s()?;
        let contexts = self.order(tokens.len())?;
        let abstract_contexts = self.order(tokens.len())?;
        let count = self.u32()? as usize;
        let (counts, _) = self.take(count.checked_mul(2)?)?.as_chunks::<2>();
        let file_counts = counts
            .iter()
            .map(|&count| u16::from_le_bytes(count))
            .collect();
        let mut files = Vec::new();
        for _ in 0..self.u32()? {
            let file = self.file()?;
            if file.start > file.end || file.end as usize >= tokens.len() {
                return None;
            }
            files.push(file);
        }
        let is_sound = tokens.first() == Some(&BOUNDARY)
            && tokens.last() == Some(&BOUNDARY)
            && tokens.iter().all(|&token| token < words);
        is_sound
            .then(|| Segment::from_parts(tokens, contexts, abstract_contexts, files, file_counts))
    }

    fn order(&mut self, tokens: usize) -> Option<ContextOrder> {
        let positions = self.u32s()?;
        let starts = self.u32s()?;
        let in_bounds = positions
            .iter()
            .all(|&position| position > 0 && (position as usize) < tokens);
        let is_ascending = starts.is_sorted()
            && starts
                .last()
                .is_none_or(|&end| end as usize == positions.len());
        (in_bounds && is_ascending).then_some(ContextOrder {
            positions,
            buckets: Buckets::Dense(starts),
        })
    }

    fn file(&mut self) -> Option<FileRecord> {
        // Paths are kept as text; one that is none is not found again and its file lexed anew.
        let path = PathBuf::from(String::from_utf8_lossy(self.bytes()?).into_owned());
        let stamp = FileStamp {
            size: self.u64()?,
            modified: self.u64()?,
        };
        Some(FileRecord {
            path,
            stamp,
            bytes: self.u32()?,
            start: self.u32()?,
            end: self.u32()?,
            directory: 0,
        })
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        self.take(length as usize)
    }

    fn u32s(&mut self) -> Option<Vec<u32>> {
        let length = self.u32()? as usize;
        let (values, _) = self.take(length.checked_mul(4)?)?.as_chunks::<4>();
        Some(
            values
                .iter()
                .map(|&value| u32::from_le_bytes(value))
                .collect(),
        )
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }
}
