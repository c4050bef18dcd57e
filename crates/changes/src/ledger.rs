//! The ledger: what tasks have changed in the user's documents and the user has not judged yet.
//!
//! Pure. The session tells it what it sees in the documents (`agent_changed`, `user_changed`, `seen`), and asks it for
//! hunks, for what an undo would make of a document, and for what to store. How an edit moves hunks is in
//! `ledger/edit.rs`, judging in `ledger/judge.rs`, the stored form in `ledger/stored.rs`.

mod edit;
mod judge;
mod stored;
mod tracked;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use text::{ChangeSet, Edit, Text, diff_lines_within, line_hunks_within};

use edit::Author;

pub use judge::Undo;
pub use stored::StoredLedger;
pub use tracked::{FileStatus, LedgerHunk, Moved, TrackedDocument};

/// How long a comparison of two whole texts may take before it settles for fewer, larger hunks.
const DIFF_BUDGET: Duration = Duration::from_millis(50);

/// Where a change comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSource {
    /// The task's title.
    pub title: String,
    /// The thread that made the change, as the thread store names it.
    pub thread: Option<String>,
    /// The turn of that thread, counted from 1.
    pub turn: u32,
}

/// Names a hunk, or the creation, removal or renaming of a file, for as long as the ledger lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HunkId(pub u64);

/// The documents with changes that nobody has judged, by absolute path.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    documents: BTreeMap<PathBuf, TrackedDocument>,
    last_id: u64,
}

impl Ledger {
    /// The document at `path`, if it has changes to be judged.
    pub fn document(&self, path: &Path) -> Option<&TrackedDocument> {
        self.documents.get(path)
    }

    /// All of them, in the order of their paths.
    pub fn documents(&self) -> impl Iterator<Item = (&Path, &TrackedDocument)> {
        let documents = self.documents.iter();
        documents.map(|(path, document)| (path.as_path(), document))
    }

    /// Whether everything is judged.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Where a hunk is.
    pub fn path_of(&self, id: HunkId) -> Option<&Path> {
        let mut documents = self.documents();
        let found = documents.find(|(_, document)| document.ids().any(|its| its == id));
        found.map(|(path, _)| path)
    }

    /// A task has changed a file, and the change was seen there. `None` stands for no file. What differs between the text that
    /// the ledger knows and `before` is the user's.
    pub fn agent_changed(
        &mut self,
        path: &Path,
        before: Option<&Text>,
        after: Option<&Text>,
        source: &ChangeSource,
    ) {
        if before == after {
            return;
        }
        self.seen(path, before);
        let source = Arc::new(source.clone());
        let mut document = self.documents.remove(path);
        match (document.as_mut(), before, after) {
            (None, None, Some(after)) => {
                document = Some(TrackedDocument::created(self.next_id(), &source));
                self.change_by_agent(&mut document, after, &source);
            }
            (None, Some(before), None) => {
                let ids = [self.next_id(), self.next_id()];
                document = Some(TrackedDocument::unchanged(before.clone()));
                document.iter_mut().for_each(|it| it.delete(ids, &source));
            }
            (None, Some(before), Some(after)) => {
                document = Some(TrackedDocument::unchanged(before.clone()));
                self.change_by_agent(&mut document, after, &source);
            }
            (Some(tracked), _, None) => {
                let ids = [self.next_id(), self.next_id()];
                tracked.delete(ids, &source);
            }
            (Some(tracked), _, Some(after)) => {
                tracked.exists_again();
                self.change_by_agent(&mut document, after, &source);
            }
            (None, None, None) => {}
        }
        self.put_back(path, document);
    }

    /// A task has renamed a file; changes of its text are told separately, under the new path.
    pub fn agent_moved(&mut self, from: &Path, to: &Path, text: &Text, source: &ChangeSource) {
        let id = self.next_id();
        let tracked = self.documents.remove(from);
        let mut document = tracked.unwrap_or_else(|| TrackedDocument::unchanged(text.clone()));
        document.move_from(from, to, id, Arc::new(source.clone()));
        self.put_back(to, Some(document));
    }

    /// The user has changed an open document: `change` made `before` into `after`. Takes time in proportion to the
    /// document's hunks, if `before` is the rope that the last call had as `after`.
    pub fn user_changed(&mut self, path: &Path, before: &Text, change: &ChangeSet, after: &Text) {
        let Some(document) = self.documents.get_mut(path) else {
            return;
        };
        if !document.is_at(before) {
            self.seen(path, Some(after));
            return;
        }
        document.change_by_user(change, after);
        self.settle(path);
    }

    /// The file has this text now, in an open document or on disk (`None`: there is no file), however that came about. What is
    /// different from the text that the ledger knows is the user's.
    pub fn seen(&mut self, path: &Path, text: Option<&Text>) {
        let Some(document) = self.documents.get_mut(path) else {
            return;
        };
        match text {
            None if !document.exists() => {}
            None => drop(self.documents.remove(path)),
            Some(text) => {
                document.exists_again();
                if !document.is_at(text) {
                    let old = document.text().to_string();
                    let change = diff_lines_within(&old, &text.to_string(), DIFF_BUDGET);
                    document.change_by_user(&change, text);
                }
            }
        }
        self.settle(path);
    }

    /// The user has renamed a file.
    pub fn user_moved(&mut self, from: &Path, to: &Path) {
        if let Some(document) = self.documents.remove(from) {
            self.put_back(to, Some(document));
        }
    }

    /// Forgets a document's changes without judging them.
    pub fn forget(&mut self, path: &Path) -> Option<TrackedDocument> {
        self.documents.remove(path)
    }

    fn next_id(&mut self) -> HunkId {
        self.last_id += 1;
        HunkId(self.last_id)
    }

    fn change_by_agent(
        &mut self,
        document: &mut Option<TrackedDocument>,
        after: &Text,
        source: &Arc<ChangeSource>,
    ) {
        let Some(document) = document else {
            return;
        };
        let change = line_change(document.text(), after);
        let mut last_id = self.last_id;
        for edit in change.edits().collect::<Vec<_>>().into_iter().rev() {
            last_id += 1;
            document.edit(&edit, Author::Agent(HunkId(last_id), source));
        }
        self.last_id = last_id;
        document.take_text(after);
    }

    fn put_back(&mut self, path: &Path, document: Option<TrackedDocument>) {
        if let Some(document) = document.filter(|document| !document.is_settled()) {
            self.documents.insert(path.to_path_buf(), document);
        }
    }

    /// Drops the document at `path` when nothing of it waits any more.
    fn settle(&mut self, path: &Path) {
        let document = self.documents.get(path);
        if document.is_some_and(TrackedDocument::is_settled) {
            self.documents.remove(path);
        }
    }
}

/// The change of whole lines that makes `old` into `new`.
fn line_change(old: &Text, new: &Text) -> ChangeSet {
    let (old_string, new_string) = (old.to_string(), new.to_string());
    let hunks = line_hunks_within(&old_string, &new_string, DIFF_BUDGET);
    let edits = hunks.iter().map(|hunk| Edit {
        range: old.line_start(hunk.old.start)..old.line_start(hunk.old.end),
        insert: &new_string[new.line_start(hunk.new.start)..new.line_start(hunk.new.end)],
    });
    ChangeSet::from_edits(old.len_bytes(), edits).expect("hunks are in order and apart")
}

#[cfg(test)]
mod tests;
