//! How much the places where a candidate followed the context resemble the cursor's surroundings in
//! the words they use. Also counts which of these places lie in the document's own folder.

use super::{
    Evidence,
    candidates::{Candidate, Candidates},
    context::Context,
    levels::Levels,
};
use crate::{buffer::TokenStack, vocabulary::BOUNDARY};

/// How many tokens before a place are compared.
const REACH: usize = 50;
/// How many places are compared: in the index, and in each token stack.
const INDEX_PLACES: usize = 48;
const INDEX_SAMPLES: usize = 32;
const STACK_PLACES: usize = 32;
const STACK_SCANNED: usize = 200;
/// Only so many stacks are compared: the document's two and the latest edits.
const STACKS: usize = 6;
/// A stack's place is worth so many index places, and contexts match at most so deep.
const STACK_WEIGHT: f32 = 1.5;
const STACK_ORDER: usize = 6;

/// Fills in the similarity and the folder counts of the ranked candidates.
pub(super) fn measure(
    evidence: &Evidence,
    context: &Context,
    levels: &Levels,
    candidates: &mut Candidates,
    ranked: &[usize],
) {
    measure_directory(evidence, levels, candidates);
    if context.view.is_empty() || ranked.len() < 2 {
        return;
    }
    measure_index(evidence, context, levels, candidates);
    for stack in evidence.stacks.iter().take(STACKS) {
        measure_stack(context, stack, candidates);
    }
}

fn measure_directory(evidence: &Evidence, levels: &Levels, candidates: &mut Candidates) {
    let orders = candidates
        .as_slice()
        .iter()
        .map(|candidate| candidate.index_order.max(candidate.buffer_order));
    let deepest = orders.max().unwrap_or(0);
    if deepest == 0 || deepest > levels.depth {
        return;
    }
    for (number, segment_levels) in levels.segments().iter().enumerate() {
        let Some(directory) = evidence.directories[number] else {
            continue;
        };
        let segment = &evidence.index.segments[number].segment;
        let length = segment_levels
            .intervals
            .get(deepest - 1)
            .map_or(0, |interval| interval.len());
        let step = (length / INDEX_SAMPLES).max(1) as f32;
        segment_levels.each_sample(
            evidence,
            number,
            deepest,
            INDEX_SAMPLES,
            |position, token| {
                if let Some(candidate) = candidates.find(token)
                    && segment.directory_at(position) == Some(directory)
                {
                    candidates.as_mut_slice()[candidate].same_directory += step;
                }
            },
        );
    }
}

fn measure_index(
    evidence: &Evidence,
    context: &Context,
    levels: &Levels,
    candidates: &mut Candidates,
) {
    let mut left = INDEX_PLACES;
    for order in (1..=levels.depth).rev() {
        for (number, segment_levels) in levels.segments().iter().enumerate() {
            let tokens = &evidence.index.segments[number].segment.tokens;
            let inner = segment_levels
                .intervals
                .get(order)
                .copied()
                .unwrap_or_default();
            let inner = evidence.index.segments[number]
                .segment
                .contexts
                .places(inner);
            segment_levels.each_sample(
                evidence,
                number,
                order,
                INDEX_SAMPLES,
                |position, token| {
                    let Some(candidate) = candidates.find(token).filter(|_| left > 0) else {
                        return;
                    };
                    if inner.len() <= INDEX_SAMPLES && inner.contains(&position) {
                        return;
                    }
                    left -= 1;
                    let start = (position as usize).saturating_sub(REACH);
                    let overlap = context
                        .view
                        .overlap(tokens[start..position as usize].iter().rev());
                    candidates.as_mut_slice()[candidate].add_similarity(overlap, order as f32);
                },
            );
        }
        if left == 0 {
            return;
        }
    }
}

fn measure_stack(context: &Context, stack: &TokenStack, candidates: &mut Candidates) {
    if context.len() == 0 {
        return;
    }
    let deepest = context.len().min(STACK_ORDER);
    let mut left = STACK_PLACES;
    for position in stack.places(context.token(0)).take(STACK_SCANNED) {
        let following = stack.token(stack.next(position));
        if following == BOUNDARY {
            continue;
        }
        let Some(candidate) = candidates.find(following) else {
            continue;
        };
        let matches = |distance: &usize| {
            stack.token_before(position, *distance as u32) == context.token(*distance)
        };
        let order = 1 + (1..deepest).take_while(matches).count();
        let overlap = context.view.overlap(stack.tokens_before(position, REACH));
        candidates.as_mut_slice()[candidate].add_similarity(overlap, STACK_WEIGHT * order as f32);
        left -= 1;
        if left == 0 {
            return;
        }
    }
}

impl Candidate {
    /// Similar places weigh exponentially more; a deep match counts in proportion.
    fn add_similarity(&mut self, overlap: f32, weight: f32) {
        self.similarity += (1.5 * overlap).min(12.0).exp() * weight;
        self.best_similarity = self.best_similarity.max(overlap);
    }
}
