//! Probabilities from counts: orders blended from short to long contexts, in three models that the
//! ranker compares.

use super::{
    Evidence,
    candidates::{Candidate, Candidates, Counts},
    context::{Context, MAX_ORDER},
    levels::Levels,
};

/// By order, how often the context occurs in the token stacks.
pub(crate) type BufferTotals = Counts;

/// How much the shorter context's estimate counts, in occurrences.
const PRIOR: f32 = 1.5;
/// How many occurrences in the index one in the open documents is worth.
const BUFFER_WEIGHT: f32 = 4.0;
/// The size of an average open document in tokens, for words that it does not have.
const BUFFER_TOKENS: f32 = 2_000.0;
/// The longest context of the nested model (Hellendoorn and Devanbu, 2017, use six tokens in all).
const NESTED_ORDER: usize = 5;
/// Jelinek-Mercer smoothing of the nested model.
const NESTED_SHARE: f32 = 0.5;

/// Fills the candidates' counts without context from the stacks, their orders and their
/// probabilities.
pub(crate) fn blend(
    evidence: &Evidence,
    context: &Context,
    levels: &Levels,
    buffer_totals: &BufferTotals,
    candidates: &mut Candidates,
) {
    let index_tokens = evidence.index_tokens() as f32 + 1.0;
    let deepest = context.len().min(MAX_ORDER);
    for candidate in candidates.as_mut_slice() {
        let stacks = evidence.stacks.iter();
        candidate.buffer_counts[0] = stacks
            .map(|stack| stack.occurrences(candidate.token).count as f32)
            .sum();
        candidate.index_order = deepest_order(&candidate.index_counts);
        candidate.buffer_order = deepest_order(&candidate.buffer_counts);
        blend_candidate(
            candidate,
            deepest,
            index_tokens,
            &levels.totals,
            buffer_totals,
        );
    }
    let sum: f32 = candidates
        .as_slice()
        .iter()
        .map(|candidate| candidate.nested)
        .sum();
    for candidate in candidates.as_mut_slice() {
        candidate.nested /= sum.max(1e-9);
    }
}

fn blend_candidate(
    candidate: &mut Candidate,
    deepest: usize,
    index_tokens: f32,
    index: &Counts,
    buffer: &Counts,
) {
    let in_index = &candidate.index_counts;
    let in_buffer = &candidate.buffer_counts;
    let mut blended = (in_index[0] + BUFFER_WEIGHT * in_buffer[0] + 0.05) / index_tokens;
    let mut buffer_blended = (in_buffer[0] + 0.05) / BUFFER_TOKENS;
    let mut nested_index = (in_index[0] + 0.01) / index_tokens;
    let mut nested_buffer = (in_buffer[0] + 0.01) / BUFFER_TOKENS;
    for order in 1..=deepest {
        let total = index[order] + BUFFER_WEIGHT * buffer[order];
        if total <= 0.0 {
            break;
        }
        let count = in_index[order] + BUFFER_WEIGHT * in_buffer[order];
        blended = ((count + PRIOR * blended) / (total + PRIOR)).max(1e-12);
        if buffer[order] > 0.0 {
            buffer_blended = (in_buffer[order] + PRIOR * buffer_blended) / (buffer[order] + PRIOR);
        }
        if order <= NESTED_ORDER {
            mix(&mut nested_index, in_index[order], index[order]);
            mix(&mut nested_buffer, in_buffer[order], buffer[order]);
        }
    }
    candidate.blended = blended;
    candidate.buffer_blended = buffer_blended;
    candidate.nested = if buffer[1] > 0.0 {
        0.5 * nested_buffer + 0.5 * nested_index
    } else {
        nested_index
    };
}

fn mix(estimate: &mut f32, count: f32, total: f32) {
    if total > 0.0 {
        *estimate = NESTED_SHARE * count / total + (1.0 - NESTED_SHARE) * *estimate;
    }
}

fn deepest_order(counts: &Counts) -> usize {
    (1..=MAX_ORDER)
        .rev()
        .find(|&order| counts[order] > 0.0)
        .unwrap_or(0)
}
