//! Two lists of hunks over the same base, laid beside each other and cut into regions.

use std::ops::Range;

use super::{MergeRegion, RegionKind};
use crate::diff::Hunk;

/// The regions of a base of `base_len` lines, given each side's hunks against it. Where both sides
/// have hunks that overlap or touch, the region is a conflict; the caller sees whether both are equal.
pub(super) fn cluster(ours: &[Hunk], theirs: &[Hunk], base_len: usize) -> Vec<MergeRegion> {
    let mut walk = Walk {
        ours,
        theirs,
        regions: Vec::new(),
    };
    while let Some(start) = walk.next_start() {
        walk.keep_to(start);
        walk.take_cluster(start);
    }
    walk.keep_to(base_len);
    walk.regions
}

struct Walk<'hunks> {
    /// What is not yet in a region.
    ours: &'hunks [Hunk],
    theirs: &'hunks [Hunk],
    regions: Vec<MergeRegion>,
}

impl Walk<'_> {
    /// Where in the base the next change of either side starts.
    fn next_start(&self) -> Option<usize> {
        let firsts = [self.ours.first(), self.theirs.first()];
        firsts.into_iter().flatten().map(|hunk| hunk.0.start).min()
    }

    /// Makes the base up to `end` a region that nobody changed.
    fn keep_to(&mut self, end: usize) {
        let (base, ours, theirs) = self.ends();
        if base < end {
            let length = end - base;
            self.regions.push(MergeRegion {
                kind: RegionKind::Unchanged,
                base: base..end,
                ours: ours..ours + length,
                theirs: theirs..theirs + length,
            });
        }
    }

    /// Makes one region of the change at `start` and of all that hang together with it by overlapping
    /// or touching.
    fn take_cluster(&mut self, start: usize) {
        let mut end = start;
        let (mut our_growth, mut their_growth) = (Growth::default(), Growth::default());
        while our_growth.take(&mut self.ours, &mut end)
            || their_growth.take(&mut self.theirs, &mut end)
        {}
        let (_, ours, theirs) = self.ends();
        let kind = match (our_growth.is_changed, their_growth.is_changed) {
            (true, true) => RegionKind::Conflict,
            (true, false) => RegionKind::Ours,
            _ => RegionKind::Theirs,
        };
        let length = end - start;
        self.regions.push(MergeRegion {
            kind,
            base: start..end,
            ours: our_growth.applied(ours, length),
            theirs: their_growth.applied(theirs, length),
        });
    }

    fn ends(&self) -> (usize, usize, usize) {
        let last = self.regions.last();
        last.map_or((0, 0, 0), |last| {
            (last.base.end, last.ours.end, last.theirs.end)
        })
    }
}

/// By how much one side's hunks in a cluster make it longer or shorter than the base.
#[derive(Default)]
struct Growth {
    added: usize,
    removed: usize,
    is_changed: bool,
}

impl Growth {
    /// Takes the first hunk into the cluster that ends at `end`, if it overlaps or touches it.
    fn take(&mut self, hunks: &mut &[Hunk], end: &mut usize) -> bool {
        let Some((hunk, rest)) = hunks.split_first().filter(|(hunk, _)| hunk.0.start <= *end)
        else {
            return false;
        };
        *hunks = rest;
        *end = (*end).max(hunk.0.end);
        self.removed += hunk.0.len();
        self.added += hunk.1.len();
        self.is_changed = true;
        true
    }

    fn applied(&self, start: usize, base_length: usize) -> Range<usize> {
        start..start + base_length + self.added - self.removed
    }
}
