//! Brings an index up to date: changed files go into a small second segment and their old versions
//! are hidden; when the second segment has grown, everything is merged into one again. Both run in
//! the background on shared data.

use std::{path::PathBuf, sync::Arc};

use super::{BuildCancelled, FileStamp, Index, IndexBuilder, IndexOptions, IndexedSegment};
use crate::vocabulary::Vocabulary;

/// A file that changed since it was indexed, or is new, or is gone.
#[derive(Clone, Debug)]
pub struct ChangedFile {
    /// The path under which it is or will be indexed.
    pub path: PathBuf,
    /// Its text, or nothing if it is no longer to be learned from.
    pub text: Option<String>,
    /// The stamp of this text.
    pub stamp: FileStamp,
}

/// A second segment is worth a merge from this share of the first on, but not below so many tokens,
/// and always above so many: hiding replaced files costs time when another document is opened.
const MERGE_SHARE: usize = 8;
const MIN_MERGE_TOKENS: usize = 20_000;
const MAX_RECENT_TOKENS: usize = 200_000;

impl Index {
    /// The index after some files changed. Shares the first segment; costs as much as all files
    /// changed since the last merge are long.
    pub fn with_changes(
        &self,
        changed: &[ChangedFile],
        options: IndexOptions,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Index, BuildCancelled> {
        let mut segments = self.segments.clone();
        for file in changed {
            bury(&mut segments, &file.path);
        }
        let mut builder = IndexBuilder::over(Vocabulary::base(&self.vocabulary), options);
        if let Some(recent) = segments.get(1) {
            builder.copy_living(self, recent);
        }
        for file in changed {
            if let Some(text) = &file.text {
                builder.add(&file.path, text, file.stamp);
            }
        }
        let (vocabulary, segment) = builder.finish_segment(cancelled)?;
        segments.truncate(1);
        segments.push(IndexedSegment {
            segment: Arc::new(segment),
            dead_files: Vec::new(),
        });
        Ok(Index::assemble(vocabulary, segments))
    }

    /// Whether so much changed that merging pays.
    pub fn wants_merge(&self) -> bool {
        let [first, rest @ ..] = self.segments.as_slice() else {
            return false;
        };
        let recent: usize = rest
            .iter()
            .map(|indexed| indexed.segment.tokens.len())
            .sum();
        recent
            > (first.segment.tokens.len() / MERGE_SHARE).clamp(MIN_MERGE_TOKENS, MAX_RECENT_TOKENS)
    }

    /// The same files in one segment, without what is hidden.
    pub fn merged(
        &self,
        options: IndexOptions,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Index, BuildCancelled> {
        let mut builder = IndexBuilder::new(options);
        for indexed in &self.segments {
            if cancelled() {
                return Err(BuildCancelled);
            }
            builder.copy_living(self, indexed);
        }
        builder.finish(cancelled)
    }
}

impl IndexBuilder {
    fn copy_living(&mut self, index: &Index, indexed: &IndexedSegment) {
        let files = indexed.segment.files.iter().enumerate();
        for (_, record) in files.filter(|(file, _)| !indexed.is_dead(*file as u32)) {
            self.copy_file(&index.vocabulary, &indexed.segment, record);
        }
    }
}

fn bury(segments: &mut [IndexedSegment], path: &std::path::Path) {
    for indexed in segments {
        if let Some(file) = indexed.segment.file_number(path)
            && let Err(place) = indexed.dead_files.binary_search(&file)
        {
            indexed.dead_files.insert(place, file);
        }
    }
}
