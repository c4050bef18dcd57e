//! How an edit of the text moves base and hunks.
//!
//! A task's edit becomes a hunk, or part of one. A user's edit outside of the hunks is made in the base too; one that reaches
//! into a hunk, or goes on in a line of it, is part of that hunk. Hunks that come to equal their base vanish.

use std::ops::Range;
use std::sync::Arc;

use text::{ChangeSet, Edit, Text};

use super::tracked::{LedgerHunk, TrackedDocument};
use super::{ChangeSource, HunkId};

/// Who makes an edit.
#[derive(Clone, Copy)]
pub(super) enum Author<'source> {
    User,
    /// A task; a new hunk is called so.
    Agent(HunkId, &'source Arc<ChangeSource>),
}

impl TrackedDocument {
    /// Makes `change` as the user's; it results in `after`.
    pub(super) fn change_by_user(&mut self, change: &ChangeSet, after: &Text) {
        if self.is_back_at_base(change, after) {
            self.hunks.clear();
        } else {
            for edit in change.edits().collect::<Vec<_>>().into_iter().rev() {
                self.edit(&edit, Author::User);
            }
        }
        self.take_text(after);
    }

    /// Takes the rope that a document has, whose text is the ledger's already, so that comparing the two costs nothing.
    pub(super) fn take_text(&mut self, text: &Text) {
        self.text = text.clone();
    }

    /// Makes one edit of the text.
    pub(super) fn edit(&mut self, edit: &Edit<'_>, author: Author<'_>) {
        let reach = self.reach(edit, author);
        match author {
            Author::User if reach.is_empty() => self.edit_outside(edit, reach.start),
            Author::Agent(id, source) if reach.is_empty() => {
                self.add_hunk(edit, reach.start, id, source);
            }
            _ => self.edit_inside(edit, &reach, author),
        }
    }

    /// Undoing an edit may take out the second of two equal lines where the edit had put in the first, which is no less an
    /// undo. That can only be so where the lengths say it.
    fn is_back_at_base(&self, change: &ChangeSet, after: &Text) -> bool {
        let is_longer_or_shorter = change.len_before() != change.len_after();
        let lengths = (after.len_bytes(), self.base.len_bytes());
        is_longer_or_shorter && lengths.0 == lengths.1 && *after == self.base
    }

    /// The numbers of the hunks that an edit becomes part of. Empty where it stands alone; then its start is the number of the
    /// hunks before it.
    fn reach(&self, edit: &Edit<'_>, author: Author<'_>) -> Range<usize> {
        let Range { start, end } = edit.range;
        let mut first = self.hunks.partition_point(|hunk| hunk.text.end <= start);
        let mut after = self.hunks.partition_point(|hunk| hunk.text.start < end);
        after = after.max(first);
        if let Author::User = author
            && let Some(touched) = self.reverted_by(edit, &(first..after))
        {
            return touched;
        }
        while first > 0
            && self.hunks[first - 1].text.end == start
            && self.goes_on_after(&self.hunks[first - 1], author)
        {
            first -= 1;
        }
        while let Some(next) = self.hunks.get(after)
            && next.text.start == end
            && self.leads_into(edit, next, author)
        {
            after += 1;
        }
        first..after
    }

    /// The hunks that an edit overlaps or touches, if with it they come to equal the base.
    fn reverted_by(&self, edit: &Edit<'_>, overlapped: &Range<usize>) -> Option<Range<usize>> {
        let Range { start, end } = edit.range;
        let hunks = &self.hunks;
        let left = hunks[..overlapped.start]
            .iter()
            .rev()
            .take_while(|hunk| hunk.text.end == start);
        let first = overlapped.start - left.count();
        let right = hunks[overlapped.end..]
            .iter()
            .take_while(|hunk| hunk.text.start == end);
        let touched = first..overlapped.end + right.count();
        if touched.is_empty() {
            return None;
        }
        let union = self.union(&edit.range, &touched);
        let base = self.base.slice(union.base.clone());
        let (left, right) = (union.text.start..start, end..union.text.end);
        if base.len() != left.len() + edit.insert.len() + right.len() {
            return None;
        }
        let (head, rest) = base.as_bytes().split_at(left.len());
        let (middle, tail) = rest.split_at(edit.insert.len());
        let is_same = middle == edit.insert.as_bytes()
            && head == self.text.slice(left).as_bytes()
            && tail == self.text.slice(right).as_bytes();
        is_same.then_some(touched)
    }

    /// Whether an edit right after `hunk` belongs to it: a task's if it is of the same source, the user's if the hunk ends within
    /// the line.
    fn goes_on_after(&self, hunk: &LedgerHunk, author: Author<'_>) -> bool {
        match author {
            Author::Agent(_, source) => hunk.source == *source,
            Author::User => !is_line_start(&self.text, hunk.text.end),
        }
    }

    /// Whether an edit right before `hunk` belongs to it: the user's if it goes on in the hunk's first line.
    fn leads_into(&self, edit: &Edit<'_>, hunk: &LedgerHunk, author: Author<'_>) -> bool {
        match author {
            Author::Agent(_, source) => hunk.source == *source,
            Author::User if edit.insert.is_empty() => !is_line_start(&self.text, edit.range.start),
            Author::User => !edit.insert.ends_with(['\n', '\r']),
        }
    }

    fn edit_outside(&mut self, edit: &Edit<'_>, before: usize) {
        let base = self.base_range(&edit.range, before);
        self.base.replace(base, edit.insert);
        self.text.replace(edit.range.clone(), edit.insert);
        for hunk in &mut self.hunks[before..] {
            hunk.shift(edit);
            hunk.base = shifted(&hunk.base, edit);
        }
    }

    fn add_hunk(&mut self, edit: &Edit<'_>, before: usize, id: HunkId, source: &Arc<ChangeSource>) {
        let hunk = LedgerHunk {
            id,
            base: self.base_range(&edit.range, before),
            text: edit.range.start..edit.range.start + edit.insert.len(),
            source: source.clone(),
            typed: Vec::new(),
        };
        self.text.replace(edit.range.clone(), edit.insert);
        for hunk in &mut self.hunks[before..] {
            hunk.shift(edit);
        }
        self.hunks.insert(before, hunk);
        self.drop_if_equal(before);
    }

    fn edit_inside(&mut self, edit: &Edit<'_>, reach: &Range<usize>, author: Author<'_>) {
        let mut union = self.union(&edit.range, reach);
        let typed = self.hunks[reach.clone()]
            .iter()
            .flat_map(|hunk| hunk.typed.iter().cloned());
        union.typed = carry_typed(typed, edit, author);
        union.text.end = union.text.end - edit.range.len() + edit.insert.len();
        if let Author::Agent(_, source) = author {
            union.source = source.clone();
        }
        self.text.replace(edit.range.clone(), edit.insert);
        for hunk in &mut self.hunks[reach.end..] {
            hunk.shift(edit);
        }
        self.hunks.splice(reach.clone(), [union]);
        self.drop_if_equal(reach.start);
    }

    /// One hunk in the place of those that are meant and of `range`, before anything is edited.
    fn union(&self, range: &Range<usize>, reach: &Range<usize>) -> LedgerHunk {
        let hunks = &self.hunks[reach.clone()];
        let (first, last) = (&hunks[0], &hunks[hunks.len() - 1]);
        let newest = hunks
            .iter()
            .max_by_key(|hunk| hunk.id)
            .expect("an edit that reaches hunks reaches one");
        let left = first.text.start.saturating_sub(range.start);
        let right = range.end.saturating_sub(last.text.end);
        LedgerHunk {
            id: first.id,
            base: first.base.start - left..last.base.end + right,
            text: first.text.start - left..last.text.end + right,
            source: newest.source.clone(),
            typed: Vec::new(),
        }
    }

    /// Where `range`, which is in no hunk and has so many of them before it, is in the base.
    fn base_range(&self, range: &Range<usize>, before: usize) -> Range<usize> {
        let last = before.checked_sub(1).map(|last| &self.hunks[last]);
        let (base, text) = last.map_or((0, 0), |hunk| (hunk.base.end, hunk.text.end));
        range.start - text + base..range.end - text + base
    }

    fn drop_if_equal(&mut self, number: usize) {
        let LedgerHunk { base, text, .. } = &self.hunks[number];
        if base.len() == text.len()
            && self.base.slice(base.clone()) == self.text.slice(text.clone())
        {
            self.hunks.remove(number);
        }
    }
}

impl LedgerHunk {
    /// Moves it along with an edit before it.
    fn shift(&mut self, edit: &Edit<'_>) {
        self.text = shifted(&self.text, edit);
        for typed in &mut self.typed {
            *typed = shifted(typed, edit);
        }
    }
}

fn shifted(range: &Range<usize>, edit: &Edit<'_>) -> Range<usize> {
    let (gone, come) = (edit.range.len(), edit.insert.len());
    range.start - gone + come..range.end - gone + come
}

/// What the user typed, after an edit: what the edit took out is gone from it, and what a user put in is added.
fn carry_typed(
    typed: impl Iterator<Item = Range<usize>>,
    edit: &Edit<'_>,
    author: Author<'_>,
) -> Vec<Range<usize>> {
    let Range { start, end } = edit.range;
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for range in typed {
        pieces.push(range.start.min(start)..range.end.min(start));
        let rest = range.start.max(end)..range.end.max(end);
        pieces.push(shifted(&rest, edit));
    }
    if let Author::User = author {
        pieces.push(start..start + edit.insert.len());
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces.sort_by_key(|piece| piece.start);
    pieces.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    pieces
}

fn is_line_start(text: &Text, offset: usize) -> bool {
    text.line_start(text.line_of(offset)) == offset
}
