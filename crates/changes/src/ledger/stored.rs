//! The ledger as it is stored: the base and what stands in the place of its parts, so that the stored form cannot contradict
//! itself.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use text::Text;

use super::tracked::{LedgerHunk, Moved, TrackedDocument, Whole, WholeKind};
use super::{ChangeSource, HunkId, Ledger};

/// A stored ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredLedger {
    last_id: u64,
    documents: Vec<StoredDocument>,
}

/// A stored document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredDocument {
    path: String,
    base: String,
    hunks: Vec<StoredHunk>,
    whole: Option<StoredWhole>,
    moved: Option<StoredMoved>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredHunk {
    id: HunkId,
    /// Bytes of the base.
    base: Range<usize>,
    text: String,
    source: ChangeSource,
    /// Bytes of `text`.
    typed: Vec<Range<usize>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredWhole {
    id: HunkId,
    is_deleted: bool,
    source: ChangeSource,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredMoved {
    id: HunkId,
    from: String,
    source: ChangeSource,
}

impl Ledger {
    /// What is to be stored: all documents whose text and base have at most `limit` bytes each and whose paths are UTF-8; and the
    /// paths of the others, whose changes a restart takes for judged.
    pub fn to_stored(&self, limit: usize) -> (StoredLedger, Vec<PathBuf>) {
        let mut stored = StoredLedger {
            last_id: self.last_id,
            documents: Vec::new(),
        };
        let mut left_out = Vec::new();
        for (path, document) in &self.documents {
            let largest = document.base.len_bytes().max(document.text.len_bytes());
            match path.to_str().filter(|_| largest <= limit) {
                Some(name) => stored.documents.extend(document.to_stored(name)),
                None => left_out.push(path.clone()),
            }
        }
        (stored, left_out)
    }

    /// Takes stored documents in, under fresh ids where the ledger is in use already. Gives the paths of those that it does not
    /// take: damaged ones, and those of which it has another state.
    pub fn take_in(&mut self, stored: StoredLedger) -> Vec<PathBuf> {
        let offset = self.last_id;
        let mut refused = Vec::new();
        for stored in stored.documents {
            let path = PathBuf::from(&stored.path);
            match stored.into_document(offset) {
                Some(document) if !self.documents.contains_key(&path) => {
                    let ids = document.all_ids();
                    self.last_id = ids.fold(self.last_id, |last, id| last.max(id.0));
                    self.put_back(&path, Some(document));
                }
                _ => refused.push(path),
            }
        }
        self.last_id = self.last_id.max(stored.last_id.saturating_add(offset));
        refused
    }
}

impl TrackedDocument {
    fn to_stored(&self, path: &str) -> Option<StoredDocument> {
        let hunk = |hunk: &LedgerHunk| StoredHunk {
            id: hunk.id,
            base: hunk.base.clone(),
            text: self.text.slice(hunk.text.clone()).into_owned(),
            source: hunk.source.as_ref().clone(),
            typed: relative(&hunk.typed, |place| place - hunk.text.start),
        };
        let moved = match &self.moved {
            Some(moved) => Some(StoredMoved {
                id: moved.id,
                from: moved.from.to_str()?.to_owned(),
                source: moved.source.as_ref().clone(),
            }),
            None => None,
        };
        Some(StoredDocument {
            path: path.to_owned(),
            base: self.base.to_string(),
            hunks: self.hunks.iter().map(hunk).collect(),
            whole: self.whole.as_ref().map(|whole| StoredWhole {
                id: whole.id,
                is_deleted: whole.kind == WholeKind::Deleted,
                source: whole.source.as_ref().clone(),
            }),
            moved,
        })
    }

    fn all_ids(&self) -> impl Iterator<Item = HunkId> {
        let whole = self.whole.iter().map(|whole| whole.id);
        self.ids().chain(whole)
    }
}

impl StoredDocument {
    /// The document, its ids moved on by `offset`; `None` for one that is damaged.
    fn into_document(self, offset: u64) -> Option<TrackedDocument> {
        let id = |id: HunkId| Some(HunkId(id.0.checked_add(offset)?));
        let mut text = String::new();
        let mut at = 0;
        let mut hunks = Vec::new();
        for stored in self.hunks {
            text.push_str(self.base.get(at..stored.base.start)?);
            self.base.get(stored.base.clone())?;
            at = stored.base.end;
            let start = text.len();
            text.push_str(&stored.text);
            hunks.push(LedgerHunk {
                id: id(stored.id)?,
                base: stored.base,
                text: start..text.len(),
                source: Arc::new(stored.source),
                typed: checked_typed(&stored.text, &stored.typed)
                    .then(|| relative(&stored.typed, |place| place + start))?,
            });
        }
        text.push_str(self.base.get(at..)?);
        let whole = match self.whole {
            Some(whole) => Some(Whole {
                id: id(whole.id)?,
                kind: match whole.is_deleted {
                    true => WholeKind::Deleted,
                    false => WholeKind::Created,
                },
                source: Arc::new(whole.source),
            }),
            None => None,
        };
        let moved = match self.moved {
            Some(moved) => Some(Moved {
                id: id(moved.id)?,
                from: PathBuf::from(moved.from),
                source: Arc::new(moved.source),
            }),
            None => None,
        };
        Some(TrackedDocument {
            base: Text::from(self.base),
            text: Text::from(text),
            hunks,
            whole,
            moved,
        })
    }
}

fn checked_typed(text: &str, typed: &[Range<usize>]) -> bool {
    let mut at = 0;
    typed.iter().all(|range| {
        let is_right = at <= range.start && !range.is_empty() && text.get(range.clone()).is_some();
        at = range.end;
        is_right
    })
}

fn relative(ranges: &[Range<usize>], place: impl Fn(usize) -> usize) -> Vec<Range<usize>> {
    ranges
        .iter()
        .map(|range| place(range.start)..place(range.end))
        .collect()
}
