//! Searching the workspace with ripgrep's engine, unsaved text in place of the files on disk.
//! Which files are searched is `walk`'s affair; how one text is searched is in `search::matcher` and `search::lines`.

mod cancel;
mod lines;
mod matcher;
mod options;

use std::{
    num::NonZero,
    ops::ControlFlow,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use grep_searcher::Searcher;

use self::matcher::LineSearcher;
pub use self::{
    cancel::{CancellationFlag, CancellationSubscription},
    options::{
        Boundary, CaseRule, End, FileMatches, LineMatch, PatternSyntax, SearchError, SearchOptions,
        SearchOutcome,
    },
};
use crate::{
    read::{FileSource, Loaded},
    snapshot::WorkspaceSnapshot,
    walk::{FileEntry, WalkOptions, Yields},
};

/// So many files are searched before their matches are handed on, in order.
const BATCH: usize = 256;

impl WorkspaceSnapshot {
    /// Searches the workspace. `found` is called once for each file with matches, in the order of a walk,
    /// on the caller's thread; the search itself uses all cores.
    ///
    /// # Errors
    /// See [`SearchError`]. Files that cannot be read are passed by.
    pub fn search(
        &self,
        options: &SearchOptions,
        cancellation: &CancellationFlag,
        found: impl FnMut(FileMatches) -> ControlFlow<()>,
    ) -> Result<SearchOutcome, SearchError> {
        let searcher = LineSearcher::new(options)?;
        let files = WalkOptions {
            yields: Yields::Files,
            ..options.files.clone()
        };
        let mut walk = self.walk(&files)?;
        let mut progress = Progress::new(options.max_lines, found);
        loop {
            let batch: Vec<FileEntry> = walk.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(progress.outcome);
            }
            for searched in self.search_batch(&batch, &searcher, cancellation) {
                if cancellation.is_set() {
                    return Ok(SearchOutcome {
                        end: End::Stopped,
                        ..progress.outcome
                    });
                }
                if progress.take(searched).is_break() {
                    return Ok(progress.outcome);
                }
            }
        }
    }

    /// Searches the files on all cores; the results are in the files' order, `None` for a file that cannot be searched.
    fn search_batch(
        &self,
        batch: &[FileEntry],
        searcher: &LineSearcher,
        cancellation: &CancellationFlag,
    ) -> Vec<Option<FileMatches>> {
        let next = AtomicUsize::new(0);
        let results = Mutex::new(vec![None; batch.len()]);
        let work = || {
            let mut engine = searcher.engine();
            while !cancellation.is_set() {
                let position = next.fetch_add(1, Ordering::Relaxed);
                let Some(entry) = batch.get(position) else {
                    return;
                };
                let matches = self.search_file(&entry.path, searcher, &mut engine);
                results.lock().unwrap_or_else(PoisonError::into_inner)[position] = matches;
            }
        };
        let helpers = thread::available_parallelism().map_or(0, |cores| NonZero::get(cores) - 1);
        thread::scope(|scope| {
            for _ in 0..helpers.min(batch.len() / 8) {
                scope.spawn(work);
            }
            work();
        });
        results.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn search_file(
        &self,
        path: &Path,
        searcher: &LineSearcher,
        engine: &mut Searcher,
    ) -> Option<FileMatches> {
        let (text, source) = match self.load_walked(path, searcher.max_file_bytes()).ok()? {
            Loaded::Document(document) => (
                document.text.to_string(),
                FileSource::Document {
                    version: document.version,
                },
            ),
            Loaded::Disk(text, decoding) => (text, FileSource::Disk { decoding }),
        };
        let lines = searcher.search(engine, text);
        Some(FileMatches {
            path: path.to_path_buf(),
            source,
            lines,
        })
    }
}

/// What was found so far, and how much more is wanted.
struct Progress<Found> {
    outcome: SearchOutcome,
    lines_left: usize,
    found: Found,
}

impl<Found: FnMut(FileMatches) -> ControlFlow<()>> Progress<Found> {
    fn new(lines_left: usize, found: Found) -> Self {
        let outcome = SearchOutcome {
            files_searched: 0,
            files_passed_by: 0,
            end: End::Complete,
        };
        Self {
            outcome,
            lines_left,
            found,
        }
    }

    /// Hands on the matches of one file; breaks where the search ends with it.
    fn take(&mut self, searched: Option<FileMatches>) -> ControlFlow<()> {
        let Some(mut matches) = searched else {
            self.outcome.files_passed_by += 1;
            return ControlFlow::Continue(());
        };
        self.outcome.files_searched += 1;
        if matches.lines.len() > self.lines_left {
            matches.lines.truncate(self.lines_left);
            self.outcome.end = End::LimitReached;
        }
        self.lines_left -= matches.lines.len();
        if !matches.lines.is_empty() && (self.found)(matches).is_break() {
            self.outcome.end = End::Stopped;
        }
        match self.outcome.end {
            End::Complete => ControlFlow::Continue(()),
            End::LimitReached | End::Stopped => ControlFlow::Break(()),
        }
    }
}

#[cfg(test)]
mod tests;
