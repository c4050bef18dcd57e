//! A stretch of a document that grows while its user types, before it, after it and inside of it. Pure.
//!
//! The text that was delivered last and what the user has made of it are kept apart, so that the next edit touches only
//! our own characters. An edit is believed when the document shows it; until then nothing else is sent.

use std::ops::Range;

use text::{Bias, ChangeSet, Edit};

/// Shorter texts of ours are only found as they are. In bytes.
const SHORTEST_MIXED: usize = 3;

/// The stretch.
#[derive(Debug)]
pub(crate) struct Growth {
    /// Where it begins, in bytes of the document as it is now.
    start: usize,
    /// What we have put there.
    delivered: String,
    /// What the user has made of that.
    by_user: ChangeSet,
    flight: Option<Flight>,
}

/// An edit that was sent and not seen yet.
#[derive(Debug)]
struct Flight {
    /// For the document as it is now.
    edit: ChangeSet,
    /// What is delivered once it is seen.
    wanted: String,
}

/// What a change of the document was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The edit that was sent is in it.
    Ours,
    /// Only the user's doing.
    ByUser,
}

impl Growth {
    /// A stretch at `start` that holds `delivered` already.
    pub(crate) fn new(start: usize, delivered: String) -> Self {
        Self {
            start,
            by_user: ChangeSet::identity(delivered.len()),
            delivered,
            flight: None,
        }
    }

    /// Where it is, in bytes of the document.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.start + self.by_user.len_after()
    }

    /// What was put there last.
    pub(crate) fn delivered(&self) -> &str {
        &self.delivered
    }

    /// Whether an edit is under way.
    pub(crate) fn is_waiting(&self) -> bool {
        self.flight.is_some()
    }

    /// Whether `wanted` is there.
    pub(crate) fn has(&self, wanted: &str) -> bool {
        self.flight.is_none() && self.delivered == wanted
    }

    /// The next edit of the document, of `len` bytes, on the way to `wanted`; nothing while one is under way.
    pub(crate) fn next(&mut self, wanted: &str, len: usize) -> Option<ChangeSet> {
        if self.flight.is_some() || self.delivered == wanted {
            return None;
        }
        let edit = self.ours(wanted).rebase(&self.by_user, Bias::Before);
        let edit = self.in_document(&edit.expect("both start from what was delivered"), len);
        let wanted = wanted.to_owned();
        if edit.is_identity() {
            // The user has deleted what would be taken back.
            self.flight = Some(Flight { edit, wanted });
            self.land();
            return None;
        }
        self.flight = Some(Flight {
            edit: edit.clone(),
            wanted,
        });
        Some(edit)
    }

    /// The document has changed.
    pub(crate) fn note(&mut self, change: &ChangeSet) -> Seen {
        let by_user = self
            .flight
            .as_ref()
            .and_then(|flight| rest_of(change, &flight.edit));
        if let Some(by_user) = by_user {
            self.land();
            self.note_user(&by_user);
            return Seen::Ours;
        }
        self.note_user(change);
        if let Some(flight) = &mut self.flight {
            flight.edit = flight
                .edit
                .rebase(change, Bias::Before)
                .expect("both start from the document as it was");
        }
        Seen::ByUser
    }

    /// The edit that was sent will not be seen: it can be made again.
    pub(crate) fn give_up(&mut self) {
        self.flight = None;
    }

    /// What is delivered has become what was wanted.
    fn land(&mut self) {
        let Some(flight) = self.flight.take() else {
            return;
        };
        let ours = self.ours(&flight.wanted);
        self.by_user = self
            .by_user
            .rebase(&ours, Bias::After)
            .expect("both start from what was delivered");
        self.delivered = flight.wanted;
    }

    fn ours(&self, wanted: &str) -> ChangeSet {
        match wanted.strip_prefix(self.delivered.as_str()) {
            Some(rest) => {
                let len = self.delivered.len();
                ChangeSet::replacement(len, len..len, rest)
            }
            None => text::diff_words(&self.delivered, wanted),
        }
    }

    /// A change of the stretch as one of the document.
    fn in_document(&self, change: &ChangeSet, len: usize) -> ChangeSet {
        let moved = change.edits().map(|edit| Edit {
            range: self.start + edit.range.start..self.start + edit.range.end,
            insert: edit.insert,
        });
        ChangeSet::from_edits(len, moved).expect("the stretch lies within the document")
    }

    fn note_user(&mut self, change: &ChangeSet) {
        let stretch = self.range();
        let mut start = stretch.start;
        let mut inside: Vec<Edit<'_>> = Vec::new();
        for edit in change.edits() {
            let (from, to) = (edit.range.start, edit.range.end);
            let is_before =
                to < stretch.start || to == stretch.start && (from < to || !stretch.is_empty());
            if is_before {
                start = start + edit.insert.len() - edit.range.len();
            } else if from >= stretch.end {
                break;
            } else {
                let clipped = from.max(stretch.start)..to.min(stretch.end);
                let reaches_before = from < stretch.start;
                if reaches_before {
                    start = start + edit.insert.len() - (stretch.start - from);
                }
                inside.push(Edit {
                    range: clipped.start - stretch.start..clipped.end - stretch.start,
                    insert: if reaches_before { "" } else { edit.insert },
                });
            }
        }
        let inside = ChangeSet::from_edits(stretch.len(), inside)
            .expect("the edits of a change are in order and were cut to the stretch");
        self.by_user = self
            .by_user
            .compose(&inside)
            .expect("the change starts from the stretch as it is");
        self.start = start;
    }
}

/// What is left of `change` when `edit`, which is for the same text, was part of it: a change of the text that `edit` makes.
/// `None` when it was not.
fn rest_of(change: &ChangeSet, edit: &ChangeSet) -> Option<ChangeSet> {
    let mut rest: Vec<(Range<usize>, &str)> = Vec::new();
    let mut ours = edit.edits().peekable();
    let mut shift = 0_isize;
    let moved = |offset: usize, shift: isize| offset.saturating_add_signed(shift);
    for Edit { range, insert } in change.edits() {
        let (mut from, mut left) = (range.start, insert);
        while let Some(our) = ours.next_if(|our| our.range.end <= range.end) {
            if our.range.start < from {
                return None;
            }
            let found = match our.range.end == range.end && our.insert.is_empty() {
                true => Found::whole(left.len(), 0),
                false => find(left, our.insert)?,
            };
            let place = moved(our.range.start, shift);
            rest.push((moved(from, shift)..place, &left[..found.range.start]));
            let between = found.between.iter();
            rest.extend(between.map(|(offset, typed)| (place + offset..place + offset, *typed)));
            shift += our.insert.len() as isize - our.range.len() as isize;
            left = &left[found.range.end..];
            from = our.range.end;
        }
        rest.push((moved(from, shift)..moved(range.end, shift), left));
    }
    if ours.next().is_some() {
        return None;
    }
    let edits = rest.iter().map(|(range, insert)| Edit {
        range: range.clone(),
        insert,
    });
    ChangeSet::from_edits(edit.len_after(), edits).ok()
}

/// Where a text of ours was found in another.
struct Found<'text> {
    /// From its first character to its last, the end excluded.
    range: Range<usize>,
    /// What was typed in between, each with its place in our text.
    between: Vec<(usize, &'text str)>,
}

impl Found<'_> {
    fn whole(start: usize, len: usize) -> Self {
        Self {
            range: start..start + len,
            between: Vec::new(),
        }
    }
}

/// Finds `ours` in `text`: as it is, or with a little typed into it.
fn find<'text>(text: &'text str, ours: &str) -> Option<Found<'text>> {
    if let Some(start) = text.find(ours) {
        return Some(Found::whole(start, ours.len()));
    }
    let mut wanted = ours.char_indices().peekable();
    let mut start = None;
    let mut typed_from = 0;
    let mut between = Vec::new();
    for (offset, character) in text.char_indices() {
        let Some((place, _)) = wanted.next_if(|(_, wanted)| *wanted == character) else {
            continue;
        };
        start.get_or_insert(offset);
        if place > 0 && typed_from < offset {
            between.push((place, &text[typed_from..offset]));
        }
        typed_from = offset + character.len_utf8();
        if wanted.peek().is_none() {
            let range = start?..typed_from;
            // What is mostly something else contains our letters by chance.
            return (range.len() <= 2 * ours.len() && ours.len() >= SHORTEST_MIXED)
                .then_some(Found { range, between });
        }
    }
    None
}

#[cfg(test)]
mod tests;
