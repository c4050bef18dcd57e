//! One document of the ledger: the text that the user has accepted, the text as it is, and the hunks between the two.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use text::Text;

use super::{ChangeSource, HunkId};

/// A document with changes that nobody has judged.
///
/// Outside of its hunks, its base and its text are the same bytes. Hunks are in order and do not overlap; two that touch are
/// of different sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackedDocument {
    pub(super) base: Text,
    pub(super) text: Text,
    pub(super) hunks: Vec<LedgerHunk>,
    pub(super) whole: Option<Whole>,
    pub(super) moved: Option<Moved>,
}

/// Bytes of the text that stand in the place of bytes of the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerHunk {
    /// Its name, which it keeps while it grows and moves.
    pub id: HunkId,
    /// Bytes of the base, the end excluded; empty where text was only added.
    pub base: Range<usize>,
    /// Bytes of the text, the end excluded; empty where text was only taken away.
    pub text: Range<usize>,
    /// Whose change it is; the latest one's where changes of several lie over each other.
    pub source: Arc<ChangeSource>,
    /// Bytes of the text within the hunk that the user typed, in order and apart.
    pub(super) typed: Vec<Range<usize>>,
}

/// What tasks did to a file besides changing its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// There was none before.
    Created,
    /// Its text alone is different.
    Modified,
    /// There is none any more.
    Deleted,
    /// It had another name.
    Renamed,
}

/// A file that was created or deleted as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) id: HunkId,
    pub(super) kind: WholeKind,
    pub(super) source: Arc<ChangeSource>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WholeKind {
    Created,
    Deleted,
}

/// A file that was renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Names the renaming, to be judged as a hunk is.
    pub id: HunkId,
    /// Where the file was when the user last judged it, absolute.
    pub from: PathBuf,
    /// Whose change it is.
    pub source: Arc<ChangeSource>,
}

impl TrackedDocument {
    /// The text that the user has accepted; empty where there was no file.
    pub fn base(&self) -> &Text {
        &self.base
    }

    /// The text as it is; empty where there is no file.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The hunks in their order.
    pub fn hunks(&self) -> &[LedgerHunk] {
        &self.hunks
    }

    /// What was done to the file.
    pub fn status(&self) -> FileStatus {
        match (&self.whole, &self.moved) {
            (Some(whole), _) if whole.kind == WholeKind::Created => FileStatus::Created,
            (Some(_), _) => FileStatus::Deleted,
            (None, Some(_)) => FileStatus::Renamed,
            (None, None) => FileStatus::Modified,
        }
    }

    /// Its renaming.
    pub fn moved(&self) -> Option<&Moved> {
        self.moved.as_ref()
    }

    /// The creation or removal of the file, where no hunk stands for it because the file was empty.
    pub fn bare_whole(&self) -> Option<(HunkId, &ChangeSource)> {
        let whole = self.whole.as_ref().filter(|_| self.hunks.is_empty());
        whole.map(|whole| (whole.id, whole.source.as_ref()))
    }

    /// Everything that waits to be judged: the renaming, the hunks, or the file as a whole.
    pub fn ids(&self) -> impl Iterator<Item = HunkId> {
        let moved = self.moved.iter().map(|moved| moved.id);
        let whole = self.bare_whole().map(|(id, _)| id);
        let hunks = self.hunks.iter().map(|hunk| hunk.id);
        moved.chain(whole).chain(hunks)
    }

    /// The source of what is called `id`.
    pub fn source_of(&self, id: HunkId) -> Option<&ChangeSource> {
        let moved = self.moved.iter().map(|moved| (moved.id, &moved.source));
        let whole = self.whole.iter().map(|whole| (whole.id, &whole.source));
        let hunks = self.hunks.iter().map(|hunk| (hunk.id, &hunk.source));
        let mut all = hunks.chain(moved).chain(whole);
        let found = all.find(|(its, _)| *its == id);
        found.map(|(_, source)| source.as_ref())
    }

    /// What of the base stood in the place of `hunk`.
    pub fn removed<'text>(&'text self, hunk: &LedgerHunk) -> std::borrow::Cow<'text, str> {
        self.base.slice(hunk.base.clone())
    }

    /// The lines of the text that `hunk` covers, counted from zero, the end excluded; for a deletion the line at which it was,
    /// with an empty range.
    pub fn lines(&self, hunk: &LedgerHunk) -> Range<usize> {
        lines_of(&self.text, &hunk.text)
    }

    /// How many lines `hunk` takes away.
    pub fn removed_lines(&self, hunk: &LedgerHunk) -> usize {
        lines_of(&self.base, &hunk.base).len()
    }

    /// Whether the file exists now.
    pub fn exists(&self) -> bool {
        self.status() != FileStatus::Deleted
    }

    pub(super) fn unchanged(text: Text) -> Self {
        Self {
            base: text.clone(),
            text,
            hunks: Vec::new(),
            whole: None,
            moved: None,
        }
    }

    pub(super) fn created(id: HunkId, source: &Arc<ChangeSource>) -> Self {
        let whole = Whole {
            id,
            kind: WholeKind::Created,
            source: source.clone(),
        };
        Self {
            whole: Some(whole),
            ..Self::unchanged(Text::default())
        }
    }

    /// A task has removed the file; what the user has of it in the base can be brought back.
    pub(super) fn delete(&mut self, [whole, hunk]: [HunkId; 2], source: &Arc<ChangeSource>) {
        let was_created = self.is_created();
        self.text = Text::default();
        self.hunks.clear();
        self.whole = None;
        if was_created && self.base.is_empty() {
            self.moved = None;
            return;
        }
        self.whole = Some(Whole {
            id: whole,
            kind: WholeKind::Deleted,
            source: source.clone(),
        });
        if !self.base.is_empty() {
            self.hunks.push(LedgerHunk {
                id: hunk,
                base: 0..self.base.len_bytes(),
                text: 0..0,
                source: source.clone(),
                typed: Vec::new(),
            });
        }
    }

    pub(super) fn move_from(
        &mut self,
        from: &Path,
        to: &Path,
        id: HunkId,
        source: Arc<ChangeSource>,
    ) {
        let first = self.moved.take().map(|moved| moved.from);
        let from = first.unwrap_or_else(|| from.to_path_buf());
        // A created file has no other name that the user knew, and one that is back where it was has not moved.
        if !self.is_created() && from != to {
            self.moved = Some(Moved { id, from, source });
        }
    }

    /// A deleted file is there again, as an empty one so far.
    pub(super) fn exists_again(&mut self) {
        if !self.exists() {
            self.whole = None;
        }
    }

    pub(super) fn is_created(&self) -> bool {
        self.status() == FileStatus::Created
    }

    pub(super) fn is_at(&self, text: &Text) -> bool {
        self.exists() && self.text == *text
    }

    pub(super) fn is_settled(&self) -> bool {
        self.hunks.is_empty() && self.whole.is_none() && self.moved.is_none()
    }
}

fn lines_of(text: &Text, range: &Range<usize>) -> Range<usize> {
    let first = text.line_of(range.start);
    if range.is_empty() {
        return first..first;
    }
    let last = text.line_of(range.end);
    let ends_at_line_start = text.line_start(last) == range.end;
    first..if ends_at_line_start { last } else { last + 1 }
}
