//! The search for the shortest difference between two sequences of tokens.
//!
//! Tokens become numbers first, so that each is hashed once and compared as a machine word.

use std::collections::HashMap;
use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};

use super::slide::slide;
use super::{Deadline, Tokens};

/// Up to this product of the two lengths, what is left after the common start and end is searched
/// exactly; beyond, with the shortcuts that keep a search of long, different texts near linear.
const EXACT_LIMIT: usize = 4_000_000;

/// A range of old tokens and the range of new ones in its place.
pub(crate) type Hunk = (Range<usize>, Range<usize>);

/// The hunks that make `old` into `new`, in order, no two touching. At the deadline, what is not yet
/// compared counts as changed.
pub(crate) fn find_hunks(old: &Tokens<'_>, new: &Tokens<'_>, deadline: Deadline) -> Vec<Hunk> {
    let prefix = old
        .iter()
        .zip(new.iter())
        .take_while(|(left, right)| left == right)
        .count();
    let most = old.len().min(new.len()) - prefix;
    let suffix = (1..=most)
        .take_while(|back| old.get(old.len() - back) == new.get(new.len() - back))
        .count();
    let old_range = prefix..old.len() - suffix;
    let new_range = prefix..new.len() - suffix;
    if old_range.is_empty() && new_range.is_empty() {
        return Vec::new();
    }
    if old_range.is_empty() || new_range.is_empty() {
        return vec![(old_range, new_range)];
    }
    let mut numbers = Numbers::default();
    let old_numbers = numbers.of(old, old_range);
    let new_numbers = numbers.of(new, new_range);
    let hunks = search(&old_numbers, &new_numbers, deadline);
    let shift = |range: Range<usize>| range.start + prefix..range.end + prefix;
    let hunks: Vec<_> = hunks
        .into_iter()
        .map(|(old, new)| (shift(old), shift(new)))
        .collect();
    slide(old, new, &hunks, deadline)
}

fn search(old: &[u32], new: &[u32], deadline: Deadline) -> Vec<Hunk> {
    let is_small = old.len().saturating_mul(new.len()) <= EXACT_LIMIT;
    let algorithm = if is_small {
        Algorithm::RawMyers
    } else {
        Algorithm::Myers
    };
    let mut hunks: Vec<Hunk> = Vec::new();
    for operation in capture_diff_slices_deadline(algorithm, old, new, deadline) {
        if operation.tag() == DiffTag::Equal {
            continue;
        }
        let (old, new) = (operation.old_range(), operation.new_range());
        match hunks.last_mut() {
            Some(last) if last.0.end == old.start && last.1.end == new.start => {
                last.0.end = old.end;
                last.1.end = new.end;
            }
            _ => hunks.push((old, new)),
        }
    }
    hunks
}

/// One number for each different token.
#[derive(Default)]
struct Numbers<'text> {
    known: HashMap<&'text str, u32>,
}

impl<'text> Numbers<'text> {
    fn of(&mut self, tokens: &Tokens<'text>, range: Range<usize>) -> Vec<u32> {
        range
            .map(|token| {
                let next = self.known.len() as u32;
                *self.known.entry(tokens.get(token)).or_insert(next)
            })
            .collect()
    }
}
