//! Three-way merge of a text that two sides changed, with every decision as a region of lines.
//!
//! The changes crate lands an agent's proposal with it: base is the text the agent read, ours the
//! document as it is now, theirs the proposal. Regions are found in `merge/regions.rs`.

mod regions;
mod render;

use std::ops::Range;
use std::time::Duration;

use crate::diff::{DEFAULT_BUDGET, Tokens, deadline_after, find_hunks};
use crate::{ChangeSet, Edit};

pub use render::ConflictLabels;

/// The outcome of a merge: what became of every stretch of lines.
#[derive(Clone, Debug)]
pub struct Merge<'text> {
    base: Tokens<'text>,
    ours: Tokens<'text>,
    theirs: Tokens<'text>,
    regions: Vec<MergeRegion>,
}

/// A stretch of lines that the three texts agree or differ in, with its place in each.
///
/// The lines count from zero, the ends are excluded. In each text the regions follow each other
/// without a gap and cover it whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRegion {
    /// Who changed it.
    pub kind: RegionKind,
    /// Its lines in the text both sides started from.
    pub base: Range<usize>,
    /// Its lines in our text.
    pub ours: Range<usize>,
    /// Its lines in their text.
    pub theirs: Range<usize>,
}

/// Who changed a [`MergeRegion`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionKind {
    /// Nobody.
    Unchanged,
    /// Only we.
    Ours,
    /// Only they.
    Theirs,
    /// Both, to the same lines.
    Both,
    /// Both, to different lines. Changes with no unchanged line between them conflict too.
    Conflict,
}

/// Merges what `ours` and `theirs` made of `base`, line by line.
///
/// Lines are LSP's and keep their line breaks, so CRLF and a missing last line break survive, and
/// changing them is a change.
pub fn merge<'text>(base: &'text str, ours: &'text str, theirs: &'text str) -> Merge<'text> {
    merge_within(base, ours, theirs, DEFAULT_BUDGET)
}

/// As [`merge`]; after `budget`, what is not yet compared counts as changed, which may make conflicts
/// larger but never hides one.
pub fn merge_within<'text>(
    base: &'text str,
    ours: &'text str,
    theirs: &'text str,
    budget: Duration,
) -> Merge<'text> {
    let deadline = deadline_after(budget);
    let (base, ours, theirs) = (
        Tokens::lines(base),
        Tokens::lines(ours),
        Tokens::lines(theirs),
    );
    let our_hunks = find_hunks(&base, &ours, deadline);
    let their_hunks = find_hunks(&base, &theirs, deadline);
    let mut regions = regions::cluster(&our_hunks, &their_hunks, base.len());
    for region in &mut regions {
        let is_same = ours.text(region.ours.clone()) == theirs.text(region.theirs.clone());
        if region.kind == RegionKind::Conflict && is_same {
            region.kind = RegionKind::Both;
        }
    }
    Merge {
        base,
        ours,
        theirs,
        regions,
    }
}

impl<'text> Merge<'text> {
    /// All regions, in order.
    pub fn regions(&self) -> &[MergeRegion] {
        &self.regions
    }

    /// The regions a person has to decide.
    pub fn conflicts(&self) -> impl Iterator<Item = &MergeRegion> {
        self.regions
            .iter()
            .filter(|region| region.kind == RegionKind::Conflict)
    }

    /// Whether nothing is left to decide.
    pub fn is_clean(&self) -> bool {
        self.conflicts().next().is_none()
    }

    /// The merged text, if the merge is clean.
    pub fn text(&self) -> Option<String> {
        self.is_clean().then(|| {
            self.regions
                .iter()
                .map(|region| self.resolved(region))
                .collect()
        })
    }

    /// The change that makes our text into the merged one, if the merge is clean: their changes, moved
    /// to where their lines now are.
    pub fn change_of_ours(&self) -> Option<ChangeSet> {
        let theirs = self
            .regions
            .iter()
            .filter(|region| region.kind == RegionKind::Theirs);
        let edits = theirs.map(|region| Edit {
            range: self.ours.bytes(region.ours.clone()),
            insert: self.theirs.text(region.theirs.clone()),
        });
        let len = self.ours.bytes(0..self.ours.len()).len();
        let change = ChangeSet::from_edits(len, edits).expect("regions are in order and apart");
        self.is_clean().then_some(change)
    }

    /// The lines of `region` in the base.
    pub fn base_text(&self, region: &MergeRegion) -> &'text str {
        self.base.text(region.base.clone())
    }

    /// The lines of `region` in our text.
    pub fn our_text(&self, region: &MergeRegion) -> &'text str {
        self.ours.text(region.ours.clone())
    }

    /// The lines of `region` in their text.
    pub fn their_text(&self, region: &MergeRegion) -> &'text str {
        self.theirs.text(region.theirs.clone())
    }

    /// What a region that is no conflict became.
    fn resolved(&self, region: &MergeRegion) -> &'text str {
        match region.kind {
            RegionKind::Theirs => self.their_text(region),
            _ => self.our_text(region),
        }
    }
}

#[cfg(test)]
mod tests;
