//! The numbers the ranker decides by. Their names and order are part of every trained ranker: a
//! change here needs a new training. Counts are logarithms, shares lie in 0..=1, and -1 says that
//! there is nothing to share.

use super::{
    Evidence, StepPlace,
    alignment::Alignments,
    candidates::{Candidate, Candidates, Counts},
    context::Context,
};
use crate::{
    buffer::is_closer,
    vocabulary::{Kind, TokenId},
};

/// How many features a candidate has.
pub(crate) const FEATURES: usize = 67;
/// The version of the features' meaning: raised when one is computed differently under the same
/// name.
const VERSION: u32 = 1;
/// The distance of what does not occur, as the logarithm of tokens.
const FAR: f32 = 12.0;
/// How many tokens after the cursor count as near.
const NEAR_AFTER: u32 = 160;

/// What all candidates of a step share.
pub(super) struct Features<'a> {
    evidence: &'a Evidence<'a>,
    context: &'a Context,
    place: StepPlace<'a>,
    candidates: &'a Candidates,
    alignments: usize,
    index_sums: Counts,
    buffer_sums: Counts,
    index_order: usize,
    buffer_order: usize,
    blended_sum: f32,
    buffer_blended_sum: f32,
    vote_sum: f32,
    similarity_sum: f32,
    files: f32,
}

/// Tells rankers of other features apart.
pub(crate) fn feature_signature() -> String {
    format!("{FEATURES} v{VERSION}")
}

impl<'a> Features<'a> {
    pub(super) fn new(
        evidence: &'a Evidence<'a>,
        context: &'a Context,
        place: StepPlace<'a>,
        alignments: &Alignments,
        candidates: &'a Candidates,
    ) -> Self {
        let mut features = Self {
            evidence,
            context,
            place,
            candidates,
            alignments: alignments.len(),
            index_sums: Counts::default(),
            buffer_sums: Counts::default(),
            index_order: 0,
            buffer_order: 0,
            blended_sum: 0.0,
            buffer_blended_sum: 0.0,
            vote_sum: 0.0,
            similarity_sum: 0.0,
            files: evidence
                .index
                .segments
                .iter()
                .map(|indexed| indexed.segment.files.len())
                .sum::<usize>() as f32,
        };
        features.sum_up();
        features
    }

    fn sum_up(&mut self) {
        for candidate in self.candidates.as_slice() {
            add(&mut self.index_sums, &candidate.index_counts);
            add(&mut self.buffer_sums, &candidate.buffer_counts);
            self.index_order = self.index_order.max(candidate.index_order);
            self.buffer_order = self.buffer_order.max(candidate.buffer_order);
            self.blended_sum += candidate.blended;
            self.buffer_blended_sum += candidate.buffer_blended;
            self.vote_sum += candidate.alignment.weight;
            self.similarity_sum += candidate.similarity;
        }
    }

    /// The features of one candidate. `ranked` are the places of the candidates that are ranked,
    /// best screened first, and `rank` is this one's number among them.
    pub(super) fn of(
        &self,
        candidate: &Candidate,
        rank: usize,
        ranked: &[usize],
    ) -> [f32; FEATURES] {
        let mut row = Row {
            values: [0.0; FEATURES],
            length: 0,
        };
        self.push_place(&mut row, candidate);
        self.push_index(&mut row, candidate);
        self.push_buffer(&mut row, candidate);
        self.push_blends(&mut row, candidate, rank, ranked);
        self.push_alignment(&mut row, candidate);
        self.push_line(&mut row, candidate);
        self.push_core(&mut row, candidate);
        debug_assert_eq!(row.length, FEATURES);
        row.values
    }

    fn push_place(&self, row: &mut Row, candidate: &Candidate) {
        let vocabulary = &*self.evidence.vocabulary;
        let entry = vocabulary.entry(candidate.token);
        let typed = self.place.partial.map_or(0, |partial| partial.text.len());
        let length = vocabulary.core_text(candidate.token).len() + entry.leading as usize;
        let typed_in_all = self
            .place
            .partial
            .map_or(0, |partial| partial.text.len() + partial.leading as usize);
        row.push(self.place.step.min(3) as f32);
        row.push(typed as f32);
        row.push(if entry.kind >= Kind::Word {
            length.saturating_sub(typed_in_all) as f32
        } else {
            0.0
        });
        row.push(f32::from(entry.kind as u8));
        row.push(f32::from(self.context.kind(vocabulary, 0) as u8));
        row.push(f32::from(self.context.kind(vocabulary, 1) as u8));
        row.push(flag(entry.kind == Kind::Word && entry.literal));
    }

    fn push_index(&self, row: &mut Row, candidate: &Candidate) {
        let counts = &candidate.index_counts;
        let order = candidate.index_order;
        row.push(order as f32);
        row.push(self.index_order as f32);
        row.push(counts[order].ln_1p());
        row.push(share(counts[order], self.index_sums[order]).max(0.0));
        for (&count, &sum) in counts.iter().zip(&self.index_sums).skip(1).take(5) {
            row.push(share(count, sum));
        }
        row.push(counts[0].ln_1p());
        row.push(counts[2].ln_1p());
        row.push(counts[self.index_order.max(1)].ln_1p());
        row.push(candidate.same_directory);
        row.push((self.files_with(candidate.token) / self.files.max(1.0)).sqrt());
        row.push(self.files.max(1.0).ln());
    }

    fn push_buffer(&self, row: &mut Row, candidate: &Candidate) {
        let counts = &candidate.buffer_counts;
        let order = candidate.buffer_order;
        row.push(order as f32);
        row.push(self.buffer_order as f32);
        row.push(share(counts[order], self.buffer_sums[order]).max(0.0));
        row.push(counts[order].ln_1p());
        row.push(counts[0].ln_1p());
        for order in [1, 2, 3, 5] {
            row.push(share(counts[order], self.buffer_sums[order]));
        }
        row.push(self.distance(self.evidence.stacks[0].occurrences(candidate.token).nearest));
        let deepest = candidate.index_order.max(candidate.buffer_order) as f32;
        row.push(deepest - self.index_order.max(self.buffer_order) as f32);
    }

    fn push_blends(&self, row: &mut Row, candidate: &Candidate, rank: usize, ranked: &[usize]) {
        let rival = if rank == 0 {
            ranked.get(1)
        } else {
            ranked.first()
        };
        let rival = rival.map_or(0.0, |&place| self.candidates.as_slice()[place].blended);
        row.push(candidate.blended / self.blended_sum);
        row.push(candidate.blended.max(1e-9).ln());
        row.push(rival / self.blended_sum);
        row.push(rank as f32);
        row.push(self.candidates.len() as f32);
        row.push(candidate.buffer_blended / self.buffer_blended_sum.max(1e-9));
        row.push(candidate.nested);
        row.push(share(candidate.similarity, self.similarity_sum));
        row.push(candidate.best_similarity);
    }

    fn push_alignment(&self, row: &mut Row, candidate: &Candidate) {
        let votes = &candidate.alignment;
        row.push(share(votes.weight, self.vote_sum));
        row.push(votes.matched as f32);
        row.push(votes.exact as f32);
        row.push(votes.renamed as f32);
        row.push(votes.conflicts as f32);
        row.push(votes.continuation as f32);
        row.push(self.vote_sum.ln_1p());
        row.push(votes.count as f32);
        row.push(self.alignments as f32);
    }

    fn push_line(&self, row: &mut Row, candidate: &Candidate) {
        let context = self.context;
        let open = context.brackets.open_on_line();
        row.push(context.line.len() as f32);
        row.push(open.len() as f32);
        row.push(self.closing(candidate.token, open));
        row.push(flag(context.in_quotes()));
        row.push(flag(context.is_comment));
        for line in &context.lines_above {
            row.push(self.same_column(line, candidate.token));
        }
        let core = self.evidence.vocabulary.core(candidate.token);
        row.push(self.count_in(&context.line, core));
        row.push(self.count_in(&context.lines_above[0], core));
        row.push(flag(context.len() > 0 && context.token(0) == core));
    }

    fn push_core(&self, row: &mut Row, candidate: &Candidate) {
        let vocabulary = &*self.evidence.vocabulary;
        let core = vocabulary.core(candidate.token);
        let spellings = [
            Some(core),
            vocabulary.spaced(core).filter(|&spaced| spaced != core),
        ];
        let spellings = || spellings.iter().flatten().copied();
        let [before, after] = [self.evidence.stacks[0], self.evidence.stacks[1]];
        let count: u32 = spellings()
            .map(|token| before.occurrences(token).count)
            .sum();
        let nearest = spellings()
            .map(|token| before.occurrences(token).nearest)
            .max()
            .unwrap_or(0);
        let is_near = |position: &u32| after.len() as u32 - position < NEAR_AFTER;
        let near_after: usize = spellings()
            .map(|token| after.places(token).take_while(is_near).count())
            .sum();
        let in_index: usize = spellings()
            .map(|token| self.evidence.index_count(token))
            .sum();
        row.push((count as f32).ln_1p());
        row.push(self.distance(nearest));
        row.push((near_after as f32).ln_1p());
        row.push(self.context.view.weight(core).unwrap_or(-1.0));
        row.push((in_index as f32).ln_1p());
        row.push(vocabulary.core_text(core).len() as f32);
    }

    /// The logarithm of how many tokens before the cursor a position is.
    fn distance(&self, nearest: u32) -> f32 {
        if nearest == 0 {
            FAR
        } else {
            (self.evidence.stacks[0].len() as f32 - nearest as f32)
                .max(1.0)
                .ln()
        }
    }

    fn files_with(&self, token: TokenId) -> f32 {
        let segments = self.evidence.index.segments.iter();
        segments
            .map(|indexed| indexed.segment.files_with(token))
            .sum::<u32>() as f32
    }

    /// Whether a closing bracket fits the innermost open one of the line: 1 yes, -1 no, 0 no
    /// closing bracket.
    fn closing(&self, token: TokenId, open: &[u8]) -> f32 {
        match *self.evidence.vocabulary.core_text(token).as_bytes() {
            [closer] if is_closer(closer) => {
                if open.last() == Some(&closer) {
                    1.0
                } else {
                    -1.0
                }
            }
            _ => 0.0,
        }
    }

    /// What a line above has in the same column of tokens: 2 the same core, 1 the same kind, 0
    /// another, -1 nothing.
    fn same_column(&self, line: &[TokenId], token: TokenId) -> f32 {
        let vocabulary = &*self.evidence.vocabulary;
        let Some(&other) = line.get(self.context.line.len()) else {
            return -1.0;
        };
        if vocabulary.core(other) == vocabulary.core(token) {
            2.0
        } else {
            flag(vocabulary.kind(other) == vocabulary.kind(token))
        }
    }

    fn count_in(&self, line: &[TokenId], core: TokenId) -> f32 {
        line.iter()
            .filter(|&&token| self.evidence.vocabulary.core(token) == core)
            .count() as f32
    }
}

struct Row {
    values: [f32; FEATURES],
    length: usize,
}

impl Row {
    #[inline]
    fn push(&mut self, value: f32) {
        self.values[self.length] = value;
        self.length += 1;
    }
}

fn add(sums: &mut Counts, counts: &Counts) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count;
    }
}

fn share(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { -1.0 }
}

fn flag(is_set: bool) -> f32 {
    if is_set { 1.0 } else { 0.0 }
}
