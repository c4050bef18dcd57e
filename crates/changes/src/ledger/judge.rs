//! Judging: keeping moves the base forward, undoing is an edit that somebody else makes, and a commit keeps.

use std::ops::Range;
use std::path::{Path, PathBuf};

use text::{Text, line_hunks_within};

use super::tracked::{LedgerHunk, TrackedDocument};
use super::{DIFF_BUDGET, HunkId, Ledger};

/// What undoing makes of a file, to be brought about by whoever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// Where the file is.
    pub path: PathBuf,
    /// Where it shall be.
    pub target: PathBuf,
    /// The text that it has; `None` when there is no file.
    pub before: Option<Text>,
    /// The text that it shall have; `None` when there shall be no file.
    pub after: Option<Text>,
    /// What is undone.
    pub ids: Vec<HunkId>,
}

impl Ledger {
    /// The user keeps what is called so in the document at `path`: the base takes it over. Names of nothing are passed over.
    pub fn keep(&mut self, path: &Path, ids: &[HunkId]) {
        if let Some(document) = self.documents.get_mut(path) {
            document.keep(ids);
        }
        self.settle(path);
    }

    /// What undoing `ids` makes of the document at `path`; `None` when none of them is there. The ledger changes when the result
    /// is seen: tell it by [`Ledger::undone`].
    pub fn undo(&self, path: &Path, ids: &[HunkId]) -> Option<Undo> {
        let document = self.documents.get(path)?;
        let ids: Vec<HunkId> = document.ids().filter(|id| ids.contains(id)).collect();
        if ids.is_empty() {
            return None;
        }
        let mut undone = document.clone();
        undone.undo(&ids);
        let moved = document.moved().filter(|moved| ids.contains(&moved.id));
        Some(Undo {
            path: path.to_path_buf(),
            target: moved.map_or_else(|| path.to_path_buf(), |moved| moved.from.clone()),
            before: document.exists().then(|| document.text().clone()),
            after: (undone.exists() && !undone.shall_vanish()).then(|| undone.text().clone()),
            ids,
        })
    }

    /// The result of `undo` was seen, exactly as it was planned.
    pub fn undone(&mut self, undo: &Undo) {
        let Some(mut document) = self.documents.remove(&undo.path) else {
            return;
        };
        document.undo(&undo.ids);
        if let Some(after) = &undo.after {
            document.forget_creation();
            if document.text() == after {
                document.take_text(after);
            }
            self.put_back(&undo.target, Some(document));
        }
    }

    /// `head` is the text of the last commit: what stands in it is kept.
    pub fn committed(&mut self, path: &Path, head: Option<&Text>) {
        let Some(document) = self.documents.get_mut(path) else {
            return;
        };
        match head {
            Some(head) if document.exists() => document.committed(head),
            None if !document.exists() => document.keep_all(),
            _ => {}
        }
        self.settle(path);
    }
}

impl TrackedDocument {
    /// Keeps everything.
    pub(super) fn keep_all(&mut self) {
        self.base = self.text.clone();
        self.hunks.clear();
        self.whole = None;
        self.moved = None;
    }

    fn keep(&mut self, ids: &[HunkId]) {
        for number in (0..self.hunks.len()).rev() {
            if ids.contains(&self.hunks[number].id) {
                self.keep_hunk(number);
            }
        }
        let whole_is_kept = self.whole.as_ref().is_some_and(|it| ids.contains(&it.id));
        if self.hunks.is_empty() || whole_is_kept {
            self.whole = None;
        }
        self.moved.take_if(|moved| ids.contains(&moved.id));
    }

    fn keep_hunk(&mut self, number: usize) {
        let hunk = self.hunks.remove(number);
        let text = self.text.slice(hunk.text.clone());
        self.base.replace(hunk.base.clone(), &text);
        for later in &mut self.hunks[number..] {
            later.base = moved_by(&later.base, &hunk.base, hunk.text.len());
        }
    }

    /// Takes `ids` out of the text. Lines of a created file that the user wrote in are the user's from now on.
    fn undo(&mut self, ids: &[HunkId]) {
        for number in (0..self.hunks.len()).rev() {
            if ids.contains(&self.hunks[number].id) {
                self.undo_hunk(number);
            }
        }
        self.exists_again_if(ids);
        self.moved.take_if(|moved| ids.contains(&moved.id));
    }

    fn undo_hunk(&mut self, number: usize) {
        let hunk = self.hunks.remove(number);
        let restored = match self.is_created() {
            true => self.base.slice(hunk.base.clone()).into_owned() + &self.typed_lines(&hunk),
            false => self.base.slice(hunk.base.clone()).into_owned(),
        };
        self.text.replace(hunk.text.clone(), &restored);
        self.base.replace(hunk.base.clone(), &restored);
        for later in &mut self.hunks[number..] {
            later.base = moved_by(&later.base, &hunk.base, restored.len());
            later.text = moved_by(&later.text, &hunk.text, restored.len());
            for typed in &mut later.typed {
                *typed = moved_by(typed, &hunk.text, restored.len());
            }
        }
    }

    /// The lines of `hunk` in which the user typed.
    fn typed_lines(&self, hunk: &LedgerHunk) -> String {
        let mut lines: Vec<Range<usize>> = Vec::new();
        for typed in &hunk.typed {
            let first = self.text.line_start(self.text.line_of(typed.start));
            let last = self.text.line_of(typed.end - 1);
            let end = self.text.line_start(last + 1).min(hunk.text.end);
            let start = first.max(hunk.text.start);
            match lines.last_mut() {
                Some(before) if start < before.end => before.end = end,
                _ => lines.push(start..end),
            }
        }
        lines
            .into_iter()
            .map(|line| self.text.slice(line))
            .collect()
    }

    fn exists_again_if(&mut self, ids: &[HunkId]) {
        let is_undone = self.whole.as_ref().is_some_and(|it| ids.contains(&it.id));
        if self.hunks.is_empty() || is_undone {
            self.exists_again();
        }
    }

    /// Whether this is a created file with nothing left in it that anybody wants.
    fn shall_vanish(&self) -> bool {
        self.is_created() && self.hunks.is_empty() && self.text.is_empty()
    }

    /// A created file in which only the user's text is left is the user's.
    fn forget_creation(&mut self) {
        if self.is_created() && self.hunks.is_empty() {
            self.whole = None;
        }
    }

    fn committed(&mut self, head: &Text) {
        if self.text == *head {
            self.keep_all();
            return;
        }
        let changes = line_hunks_within(&self.text.to_string(), &head.to_string(), DIFF_BUDGET);
        let changes: Vec<Range<usize>> = changes
            .iter()
            .map(|hunk| self.text.line_start(hunk.old.start)..self.text.line_start(hunk.old.end))
            .collect();
        let is_committed = |hunk: &&LedgerHunk| {
            let touches = |change: &Range<usize>| {
                change.start <= hunk.text.end && change.end >= hunk.text.start
            };
            !changes.iter().any(touches)
        };
        let ids: Vec<HunkId> = self
            .hunks
            .iter()
            .filter(is_committed)
            .map(|hunk| hunk.id)
            .collect();
        self.keep(&ids);
        // Whatever else is in it, the commit has the file.
        if self.is_created() {
            self.whole = None;
        }
    }
}

/// `range`, which lies after `replaced`, when that has so many bytes instead.
fn moved_by(range: &Range<usize>, replaced: &Range<usize>, len: usize) -> Range<usize> {
    range.start - replaced.len() + len..range.end - replaced.len() + len
}
