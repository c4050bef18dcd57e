//! A text that the user and the task both changed in the same lines: what merges is taken, the rest stays the user's.

use std::ops::Range;

use changes::{Base, Conflict, Content, FileState};
use text::{RegionKind, Text, line_hunks, merge};

use super::texts_of;

/// A place that has to be decided: the user's lines stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlacedConflict {
    /// Bytes of the text before the landing, the end excluded.
    pub(crate) before: Range<usize>,
    /// Bytes of the text after it.
    pub(crate) after: Range<usize>,
    /// What both started from; `None` where that is not known.
    pub(crate) base: Option<String>,
    /// What the task made of it.
    pub(crate) proposed: String,
}

/// A text that landed in part.
pub(super) struct LandedInPart {
    pub(super) before: FileState,
    pub(super) state: FileState,
    pub(super) conflicts: Vec<PlacedConflict>,
}

/// What of a conflict lands; `None` when it is not about the lines of two texts.
pub(super) fn land_in_part(conflict: &Conflict) -> Option<LandedInPart> {
    let (base, current, proposed) = texts_of(conflict)?;
    let (ours, theirs) = (current.text()?, proposed.text()?);
    let (text, conflicts) = match base {
        Some(base) => merge_in_part(base, ours, theirs),
        None => (ours.to_owned(), differences(ours, theirs)),
    };
    Some(LandedInPart {
        before: current.clone(),
        state: FileState {
            content: Content::Bytes(text.into_bytes().into()),
            is_executable: executable(conflict, current, proposed),
        },
        conflicts,
    })
}

/// Our text with their changes where they do not conflict, and the places where they do.
fn merge_in_part(base: &str, ours: &str, theirs: &str) -> (String, Vec<PlacedConflict>) {
    let merge = merge(base, ours, theirs);
    let mut landed = String::with_capacity(ours.len());
    let mut conflicts = Vec::new();
    let mut before = 0;
    for region in merge.regions() {
        let (our_text, their_text) = (merge.our_text(region), merge.their_text(region));
        let start = landed.len();
        landed.push_str(match region.kind {
            RegionKind::Theirs => their_text,
            _ => our_text,
        });
        if region.kind == RegionKind::Conflict {
            conflicts.push(PlacedConflict {
                before: before..before + our_text.len(),
                after: start..landed.len(),
                base: Some(merge.base_text(region).to_owned()),
                proposed: their_text.to_owned(),
            });
        }
        before += our_text.len();
    }
    (landed, conflicts)
}

/// Where nothing is known that both started from, each difference has to be decided.
fn differences(ours: &str, theirs: &str) -> Vec<PlacedConflict> {
    let (our_text, their_text) = (Text::from(ours), Text::from(theirs));
    let bytes = |text: &Text, lines: &Range<usize>| {
        text.line_start(lines.start)..text.line_start(lines.end)
    };
    let hunks = line_hunks(ours, theirs);
    let conflicts = hunks.iter().map(|hunk| {
        let place = bytes(&our_text, &hunk.old);
        PlacedConflict {
            before: place.clone(),
            after: place,
            base: None,
            proposed: theirs[bytes(&their_text, &hunk.new)].to_owned(),
        }
    });
    conflicts.collect()
}

/// The side that changed the bit; the user's where that is not known.
fn executable(conflict: &Conflict, current: &FileState, proposed: &FileState) -> bool {
    match &conflict.base {
        Base::Known(base) if base.is_executable == current.is_executable => proposed.is_executable,
        _ => current.is_executable,
    }
}
