//! Positions of a token sequence ordered by the context that ends at them: the token there, then
//! the one before it, and so on. All places that share their last k tokens are then one interval,
//! which narrows as k grows by binary search. This is a suffix array read backwards, cut at a depth
//! the query never passes.

use rustc_hash::FxHashMap;

use crate::vocabulary::{BOUNDARY, TokenId};

/// How many tokens of context the order looks at. The query asks for less.
const MAX_DEPTH: usize = 24;

/// Places in a `ContextOrder`, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Interval {
    #[inline]
    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// The ordered positions, and where each last token's interval is.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContextOrder {
    pub(crate) positions: Vec<u32>,
    pub(crate) buckets: Buckets,
}

/// The interval of each token, by its number: all of them for a big order, only those that occur
/// for a small one.
#[derive(Clone, Debug)]
pub(crate) enum Buckets {
    /// `starts[token]..starts[token + 1]`.
    Dense(Vec<u32>),
    Sparse(FxHashMap<TokenId, Interval>),
}

impl Default for Buckets {
    fn default() -> Self {
        Buckets::Sparse(FxHashMap::default())
    }
}

impl ContextOrder {
    /// Orders all positions of `tokens` that are no boundary. The first token must be a boundary.
    pub(crate) fn dense(tokens: &[TokenId], vocabulary_length: TokenId) -> Self {
        let starts = bucket_starts(tokens, vocabulary_length);
        let mut next = starts.clone();
        let mut positions =
            vec![0; *starts.last().expect("there is one start more than tokens") as usize];
        let mut ranks = vec![0; tokens.len()];
        for (position, &token) in tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| **token != BOUNDARY)
        {
            let place = &mut next[token as usize];
            positions[*place as usize] = position as u32;
            *place += 1;
            // Ranks start at one: zero is the boundary's, smaller than every token's.
            ranks[position] = starts[token as usize] + 1;
        }
        drop(next);
        let groups = starts.windows(2).map(|pair| Interval {
            start: pair[0],
            end: pair[1],
        });
        let groups = groups.filter(|group| group.len() > 1).collect();
        sort_groups(&mut positions, &mut ranks, groups);
        Self {
            positions,
            buckets: Buckets::Dense(starts),
        }
    }

    /// Orders some positions of `tokens` by direct comparison, for sets that are small beside the
    /// vocabulary.
    pub(crate) fn sparse(tokens: &[TokenId], mut positions: Vec<u32>) -> Self {
        positions.sort_unstable_by(|&left, &right| compare_contexts(tokens, left, right));
        let mut buckets = FxHashMap::default();
        let mut start = 0;
        for group in
            positions.chunk_by(|&left, &right| tokens[left as usize] == tokens[right as usize])
        {
            let end = start + group.len() as u32;
            buckets.insert(tokens[group[0] as usize], Interval { start, end });
            start = end;
        }
        Self {
            positions,
            buckets: Buckets::Sparse(buckets),
        }
    }

    /// The places of all contexts that end with this token.
    #[inline]
    pub(crate) fn bucket(&self, token: TokenId) -> Interval {
        match &self.buckets {
            Buckets::Dense(starts) => match starts.get(token as usize..token as usize + 2) {
                Some(&[start, end]) => Interval { start, end },
                _ => Interval::default(),
            },
            Buckets::Sparse(buckets) => buckets.get(&token).copied().unwrap_or_default(),
        }
    }

    /// Within an interval whose contexts share their last `depth` tokens, those that have `token`
    /// before these. `token_at` reads the sequence the order was made of.
    #[inline]
    pub(crate) fn narrow(
        &self,
        interval: Interval,
        depth: u32,
        token: TokenId,
        token_at: impl Fn(u32) -> TokenId,
    ) -> Interval {
        let places = &self.positions[interval.start as usize..interval.end as usize];
        let first = places.partition_point(|&position| token_at(position - depth) < token);
        let rest = &places[first..];
        if rest
            .first()
            .is_none_or(|&position| token_at(position - depth) != token)
        {
            let start = interval.start + first as u32;
            return Interval { start, end: start };
        }
        let count = count_first(rest, |position| token_at(position - depth) == token);
        let start = interval.start + first as u32;
        Interval {
            start,
            end: start + count as u32,
        }
    }

    /// The positions of an interval.
    #[inline]
    pub(crate) fn places(&self, interval: Interval) -> &[u32] {
        &self.positions[interval.start as usize..interval.end as usize]
    }

    /// Heap memory in bytes.
    pub(crate) fn memory(&self) -> usize {
        let buckets = match &self.buckets {
            Buckets::Dense(starts) => starts.capacity() * size_of::<u32>(),
            Buckets::Sparse(buckets) => buckets.capacity() * 13,
        };
        self.positions.capacity() * size_of::<u32>() + buckets
    }
}

/// How many positions at the start fulfil the condition; those that do are all at the start. Quick
/// where they are few.
fn count_first(positions: &[u32], condition: impl Fn(u32) -> bool) -> usize {
    let mut bound = 1;
    while bound < positions.len() && condition(positions[bound]) {
        bound *= 2;
    }
    let known = bound / 2;
    let open = &positions[known..positions.len().min(bound)];
    known + open.partition_point(|&position| condition(position))
}

fn bucket_starts(tokens: &[TokenId], vocabulary_length: TokenId) -> Vec<u32> {
    let mut starts = vec![0u32; vocabulary_length as usize + 1];
    for &token in tokens.iter().filter(|&&token| token != BOUNDARY) {
        starts[token as usize + 1] += 1;
    }
    for token in 0..vocabulary_length as usize {
        starts[token + 1] += starts[token];
    }
    starts
}

/// Doubles the sorted depth until it reaches `MAX_DEPTH` (prefix doubling after Manber and Myers,
/// 1990; ranks are renewed group by group as Larsson and Sadakane, 1999, showed to be sound).
fn sort_groups(positions: &mut [u32], ranks: &mut [u32], mut groups: Vec<Interval>) {
    let mut keys = Vec::new();
    let mut depth = 1;
    while depth < MAX_DEPTH && !groups.is_empty() {
        let mut open_groups = Vec::new();
        for group in groups {
            sort_group(positions, ranks, group, depth, &mut keys, &mut open_groups);
        }
        groups = open_groups;
        depth *= 2;
    }
}

fn sort_group(
    positions: &mut [u32],
    ranks: &mut [u32],
    group: Interval,
    depth: usize,
    keys: &mut Vec<u64>,
    open_groups: &mut Vec<Interval>,
) {
    let places = &mut positions[group.start as usize..group.end as usize];
    keys.clear();
    keys.extend(places.iter().map(|&position| {
        let earlier = (position as usize)
            .checked_sub(depth)
            .map_or(0, |earlier| ranks[earlier]);
        u64::from(earlier) << 32 | u64::from(position)
    }));
    keys.sort_unstable();
    for (place, key) in places.iter_mut().zip(keys.iter()) {
        *place = *key as u32;
    }
    let mut start = group.start;
    for tied in keys.chunk_by(|left, right| left >> 32 == right >> 32) {
        let end = start + tied.len() as u32;
        for key in tied {
            ranks[*key as u32 as usize] = start + 1;
        }
        // A rank of zero is a boundary: these contexts are at their end and stay equal.
        if tied.len() > 1 && tied[0] >> 32 != 0 {
            open_groups.push(Interval { start, end });
        }
        start = end;
    }
}

fn compare_contexts(tokens: &[TokenId], left: u32, right: u32) -> std::cmp::Ordering {
    for depth in 0..MAX_DEPTH as u32 {
        let (left_token, right_token) = (
            tokens[(left - depth) as usize],
            tokens[(right - depth) as usize],
        );
        if left_token != right_token {
            return left_token.cmp(&right_token);
        }
        if left_token == BOUNDARY {
            break;
        }
    }
    left.cmp(&right)
}
