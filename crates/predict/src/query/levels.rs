//! Where the current context occurs in the index, order by order: for each segment the interval of
//! places that share the last k tokens. Small intervals are read out once, and that reading serves
//! every deeper order too.

use super::{
    Evidence,
    candidates::{Candidate, Candidates, Partial},
    context::{Context, MAX_ORDER},
};
use crate::{
    index::Interval,
    vocabulary::{BOUNDARY, TokenId},
};

/// An interval of at most this length is read out; longer ones are only measured and sampled.
const MAX_READ: usize = 2_048;
/// So few places of a candidate are looked at one by one.
const FEW: usize = 24;
/// How many places of an interval propose candidates.
const SAMPLES: usize = 64;
/// Shallower orders propose no candidates once there are this many.
const ENOUGH: usize = 20;

/// The intervals of all segments for one context.
#[derive(Clone, Debug, Default)]
pub(crate) struct Levels {
    segments: Vec<SegmentLevels>,
    /// By order, how many places that are not hidden share the context; zero beyond the deepest.
    pub(crate) totals: [f32; MAX_ORDER + 1],
    /// The deepest order that occurs.
    pub(crate) depth: usize,
}

/// The intervals of one segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct SegmentLevels {
    /// `[k - 1]` for order k.
    pub(crate) intervals: Vec<Interval>,
    /// Orders from this one on are read out.
    read_from: usize,
    /// What follows each place of the interval of order `read_from`; a boundary for hidden places.
    following: Vec<TokenId>,
}

impl Levels {
    /// Finds the intervals of the context.
    pub(crate) fn find(&mut self, evidence: &Evidence, context: &Context) {
        self.totals = [0.0; MAX_ORDER + 1];
        self.segments
            .resize_with(evidence.index.segments.len(), SegmentLevels::default);
        for number in 0..self.segments.len() {
            let levels = &mut self.segments[number];
            levels.find(evidence, number, context);
            levels.read(evidence, number);
            levels.measure(evidence, number, context, &mut self.totals);
        }
        self.depth = (1..=MAX_ORDER)
            .take_while(|&order| self.totals[order] > 0.0)
            .count();
    }

    pub(crate) fn segments(&self) -> &[SegmentLevels] {
        &self.segments
    }

    /// Adds what follows the context to the candidates, deepest order first, until there are
    /// enough.
    pub(crate) fn propose(
        &self,
        evidence: &Evidence,
        partial: Option<&Partial>,
        candidates: &mut Candidates,
    ) {
        for order in (1..=self.depth).rev() {
            for (number, levels) in self.segments.iter().enumerate() {
                levels.each_sample(evidence, number, order, SAMPLES, |_, token| {
                    candidates.add(evidence.vocabulary, partial, token);
                });
            }
            if candidates.len() >= ENOUGH {
                break;
            }
        }
    }

    /// Counts how often each candidate follows the context, for all orders.
    pub(crate) fn count(
        &self,
        evidence: &Evidence,
        context: &Context,
        candidates: &mut Candidates,
    ) {
        for (number, levels) in self.segments.iter().enumerate() {
            levels.count_read(candidates);
            levels.count_measured(evidence, number, context, candidates);
        }
    }
}

impl SegmentLevels {
    /// Visits evenly spread places of an order that are not hidden, with the token that follows.
    pub(crate) fn each_sample(
        &self,
        evidence: &Evidence,
        segment: usize,
        order: usize,
        samples: usize,
        mut visit: impl FnMut(u32, TokenId),
    ) {
        let Some(&interval) = self.intervals.get(order - 1) else {
            return;
        };
        let step = (interval.len() / samples).max(1);
        for place in (interval.start..interval.end).step_by(step) {
            let (position, token) = self.place(evidence, segment, order, place);
            if token != BOUNDARY {
                visit(position, token);
            }
        }
    }

    fn find(&mut self, evidence: &Evidence, number: usize, context: &Context) {
        let segment = &evidence.index.segments[number].segment;
        self.intervals.clear();
        if context.len() == 0 {
            return;
        }
        let mut interval = segment.contexts.bucket(context.token(0));
        let tokens = &segment.tokens;
        for depth in 1..=context.len().min(MAX_ORDER) {
            if interval.is_empty() {
                break;
            }
            self.intervals.push(interval);
            if depth < context.len() {
                let token = context.token(depth);
                interval = segment
                    .contexts
                    .narrow(interval, depth as u32, token, |position| {
                        tokens[position as usize]
                    });
            }
        }
    }

    fn read(&mut self, evidence: &Evidence, number: usize) {
        let segment = &evidence.index.segments[number].segment;
        let tombstones = &evidence.tombstones[number];
        self.following.clear();
        let long = self
            .intervals
            .iter()
            .take_while(|interval| interval.len() > MAX_READ)
            .count();
        self.read_from = long + 1;
        let Some(&interval) = self.intervals.get(long) else {
            return;
        };
        self.following
            .extend(segment.contexts.places(interval).iter().map(|&position| {
                if tombstones.hides(position) {
                    BOUNDARY
                } else {
                    segment.tokens[position as usize + 1]
                }
            }));
    }

    fn measure(
        &self,
        evidence: &Evidence,
        number: usize,
        context: &Context,
        totals: &mut [f32; MAX_ORDER + 1],
    ) {
        let mut hidden = evidence.tombstones[number].bucket(context_token(context));
        for (place, interval) in self.intervals.iter().enumerate() {
            let order = place + 1;
            if order >= self.read_from {
                let following = self.following_of(order);
                totals[order] +=
                    following.iter().filter(|&&token| token != BOUNDARY).count() as f32;
                continue;
            }
            totals[order] += (interval.len() - hidden.len()) as f32;
            if order < context.len() {
                hidden = evidence.narrow_hidden(number, hidden, order as u32, context.token(order));
            }
        }
    }

    /// What follows the places of an order that is read out.
    fn following_of(&self, order: usize) -> &[TokenId] {
        let read = self.intervals[self.read_from - 1];
        let interval = self.intervals[order - 1];
        &self.following
            [(interval.start - read.start) as usize..(interval.end - read.start) as usize]
    }

    fn place(
        &self,
        evidence: &Evidence,
        number: usize,
        order: usize,
        place: u32,
    ) -> (u32, TokenId) {
        let segment = &evidence.index.segments[number].segment;
        let position = segment.contexts.positions[place as usize];
        if order >= self.read_from {
            let read = self.intervals[self.read_from - 1];
            return (position, self.following[(place - read.start) as usize]);
        }
        if evidence.tombstones[number].hides(position) {
            return (position, BOUNDARY);
        }
        (position, segment.tokens[position as usize + 1])
    }

    /// Counts the orders that are read out: each place counts for the deepest order it belongs to
    /// and for all between.
    fn count_read(&self, candidates: &mut Candidates) {
        let mut inner = Interval::default();
        for order in (self.read_from..=self.intervals.len()).rev() {
            let read = self.intervals[self.read_from - 1];
            let interval = self.intervals[order - 1];
            let inner_or_end = if inner.is_empty() {
                Interval {
                    start: interval.end,
                    end: interval.end,
                }
            } else {
                inner
            };
            let around = (interval.start..inner_or_end.start).chain(inner_or_end.end..interval.end);
            for place in around {
                let token = self.following[(place - read.start) as usize];
                if let Some(candidate) = candidates.find(token) {
                    let counts = &mut candidates.as_mut_slice()[candidate].index_counts;
                    for count in &mut counts[self.read_from..=order] {
                        *count += 1.0;
                    }
                }
            }
            inner = interval;
        }
    }

    /// Counts the orders whose intervals are too long to read, and the occurrences without context.
    fn count_measured(
        &self,
        evidence: &Evidence,
        number: usize,
        context: &Context,
        candidates: &mut Candidates,
    ) {
        let segment = &evidence.index.segments[number].segment;
        let measured = self.intervals.len().min(self.read_from - 1);
        for candidate in candidates.as_mut_slice() {
            let interval = segment.contexts.bucket(candidate.token);
            if interval.len() <= FEW {
                count_each(evidence, number, context, measured, interval, candidate);
            } else {
                count_narrowing(evidence, number, context, measured, interval, candidate);
            }
        }
    }
}

/// Counts the places of a rare token one by one.
fn count_each(
    evidence: &Evidence,
    number: usize,
    context: &Context,
    measured: usize,
    interval: Interval,
    candidate: &mut Candidate,
) {
    let segment = &evidence.index.segments[number].segment;
    let tombstones = &evidence.tombstones[number];
    for &position in segment.contexts.places(interval) {
        if tombstones.hides(position) {
            continue;
        }
        let before = &segment.tokens[..position as usize];
        let matches = |order: &usize| before[before.len() - order] == context.token(order - 1);
        let order = (1..=measured).take_while(matches).count();
        for count in &mut candidate.index_counts[..=order] {
            *count += 1.0;
        }
    }
}

/// Counts the places of a frequent token by narrowing their interval.
fn count_narrowing(
    evidence: &Evidence,
    number: usize,
    context: &Context,
    measured: usize,
    mut interval: Interval,
    candidate: &mut Candidate,
) {
    let segment = &evidence.index.segments[number].segment;
    let tokens = &segment.tokens;
    let mut hidden = evidence.tombstones[number].bucket(candidate.token);
    candidate.index_counts[0] += (interval.len() - hidden.len()) as f32;
    for order in 1..=measured {
        if interval.is_empty() {
            return;
        }
        let token = context.token(order - 1);
        interval = segment
            .contexts
            .narrow(interval, order as u32, token, |position| {
                tokens[position as usize]
            });
        hidden = evidence.narrow_hidden(number, hidden, order as u32, token);
        candidate.index_counts[order] += (interval.len() - hidden.len()) as f32;
    }
}

fn context_token(context: &Context) -> TokenId {
    if context.len() == 0 {
        BOUNDARY
    } else {
        context.token(0)
    }
}
