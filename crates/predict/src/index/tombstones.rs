//! Hides files of a segment without touching it: the positions that count no more, ordered like the
//! segment itself, so that what they add to any count can be subtracted. Made when files change or
//! are opened.

use std::ops::Range;

use super::{Interval, Segment, order::ContextOrder};
use crate::vocabulary::TokenId;

/// The hidden files of one segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tombstones {
    /// Hidden token positions, ascending, end exclusive.
    ranges: Vec<Range<u32>>,
    order: ContextOrder,
    hidden: usize,
}

impl Tombstones {
    /// Hides the files with these numbers, ascending.
    pub(crate) fn new(segment: &Segment, files: &[u32]) -> Self {
        let records = files.iter().map(|&file| &segment.files[file as usize]);
        let ranges: Vec<Range<u32>> = records.map(|file| file.start..file.end).collect();
        let positions: Vec<u32> = ranges.iter().cloned().flatten().collect();
        let hidden = positions.len();
        Self {
            order: ContextOrder::sparse(&segment.tokens, positions),
            ranges,
            hidden,
        }
    }

    /// How many tokens are hidden.
    pub(crate) fn len(&self) -> usize {
        self.hidden
    }

    /// Whether the token at this position is hidden.
    #[inline]
    pub(crate) fn hides(&self, position: u32) -> bool {
        if self.ranges.is_empty() {
            return false;
        }
        let after = self.ranges.partition_point(|range| range.start <= position);
        after > 0 && position < self.ranges[after - 1].end
    }

    /// How many hidden places end with this token.
    #[inline]
    pub(crate) fn bucket(&self, token: TokenId) -> Interval {
        self.order.bucket(token)
    }

    /// Narrows an interval of hidden places as `ContextOrder::narrow` does.
    #[inline]
    pub(crate) fn narrow(
        &self,
        segment: &Segment,
        interval: Interval,
        depth: u32,
        token: TokenId,
    ) -> Interval {
        self.order.narrow(interval, depth, token, |position| {
            segment.tokens[position as usize]
        })
    }
}
