//! The tokens that may come next, each with the evidence for it. Filled by the steps of a query,
//! reused between queries.

use super::context::MAX_ORDER;
use crate::vocabulary::{BOUNDARY, Kind, Leading, TokenId, Vocabulary};

/// The part of a word that is typed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partial {
    pub(crate) leading: Leading,
    /// Without the leading space; may be empty when only the space is typed.
    pub(crate) text: String,
}

/// Counts by order: `[0]` without context, `[k]` after the last k tokens.
pub(crate) type Counts = [f32; MAX_ORDER + 1];

/// A token that may come next.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) token: TokenId,
    /// In the index, hidden files left out.
    pub(crate) index_counts: Counts,
    /// In the open document and the recent edits.
    pub(crate) buffer_counts: Counts,
    /// The deepest order with a count above zero.
    pub(crate) index_order: usize,
    pub(crate) buffer_order: usize,
    /// Probability from all counts, orders blended.
    pub(crate) blended: f32,
    /// The same from the buffer's counts alone.
    pub(crate) buffer_blended: f32,
    /// Probability of a nested cache model: the buffer's n-gram model mixed with the index's.
    pub(crate) nested: f32,
    /// Sampled occurrences in the document's folder at the deepest order.
    pub(crate) same_directory: f32,
    pub(crate) alignment: AlignmentVotes,
    /// Summed and best similarity of the places where it followed to the cursor's surroundings.
    pub(crate) similarity: f32,
    pub(crate) best_similarity: f32,
    /// What decides who is looked at closely.
    pub(crate) screening: f32,
}

/// What aligned places say for a candidate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AlignmentVotes {
    pub(crate) weight: f32,
    pub(crate) count: u32,
    /// Of the place that matches longest: tokens matched, tokens equal, names renamed,
    /// contradictions.
    pub(crate) matched: u32,
    pub(crate) exact: u32,
    pub(crate) renamed: u32,
    pub(crate) conflicts: u32,
    /// How that place's next token became the candidate; see `alignment::Continuation`.
    pub(crate) continuation: u32,
}

/// The candidates of one step, found by token in constant time. Tokens that do not fit what is
/// typed are remembered too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    list: Vec<Candidate>,
    /// Token, generation, place in the list.
    slots: Vec<(TokenId, u32, u32)>,
    used: usize,
    generation: u32,
}

const REJECTED: u32 = u32::MAX;

impl Partial {
    /// Whether the token goes on from what is typed.
    #[inline]
    pub(crate) fn fits(&self, vocabulary: &Vocabulary, token: TokenId) -> bool {
        let entry = vocabulary.entry(token);
        entry.kind >= Kind::Word
            && entry.leading == self.leading
            && (self.text.is_empty() || vocabulary.core_text(token).starts_with(&self.text))
    }
}

impl Candidate {
    fn new(token: TokenId) -> Self {
        Self {
            token,
            index_counts: [0.0; MAX_ORDER + 1],
            buffer_counts: [0.0; MAX_ORDER + 1],
            index_order: 0,
            buffer_order: 0,
            blended: 0.0,
            buffer_blended: 0.0,
            nested: 0.0,
            same_directory: 0.0,
            alignment: AlignmentVotes::default(),
            similarity: 0.0,
            best_similarity: 0.0,
            screening: 0.0,
        }
    }
}

impl Candidates {
    /// Starts over.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.used = 0;
        self.generation = self.generation.wrapping_add(1);
        if self.slots.is_empty() || self.generation == 0 {
            self.generation = 1;
            self.slots = vec![(BOUNDARY, 0, 0); self.slots.len().max(1024)];
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn as_slice(&self) -> &[Candidate] {
        &self.list
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [Candidate] {
        &mut self.list
    }

    /// The place of a token among the candidates, made if it fits and is not there.
    #[inline]
    pub(crate) fn add(
        &mut self,
        vocabulary: &Vocabulary,
        partial: Option<&Partial>,
        token: TokenId,
    ) -> Option<usize> {
        let slot = self.slot(token);
        let (_, generation, place) = self.slots[slot];
        if generation == self.generation {
            return (place != REJECTED).then_some(place as usize);
        }
        let fits =
            token != BOUNDARY && partial.is_none_or(|partial| partial.fits(vocabulary, token));
        let place = if fits {
            self.list.len() as u32
        } else {
            REJECTED
        };
        self.slots[slot] = (token, self.generation, place);
        self.used += 1;
        if fits {
            self.list.push(Candidate::new(token));
        }
        if self.used * 2 > self.slots.len() {
            self.grow();
        }
        fits.then_some(place as usize)
    }

    /// The place of a token among the candidates.
    #[inline]
    pub(crate) fn find(&self, token: TokenId) -> Option<usize> {
        let (_, generation, place) = self.slots[self.slot(token)];
        (generation == self.generation && place != REJECTED).then_some(place as usize)
    }

    #[inline]
    fn slot(&self, token: TokenId) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = (token.wrapping_mul(0x9E37_79B9) >> 12) as usize & mask;
        loop {
            let (other, generation, _) = self.slots[slot];
            if generation != self.generation || other == token {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let doubled = vec![(BOUNDARY, 0, 0); self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, doubled);
        for (token, _, place) in old
            .into_iter()
            .filter(|(_, generation, _)| *generation == self.generation)
        {
            let slot = self.slot(token);
            self.slots[slot] = (token, self.generation, place);
        }
    }
}
