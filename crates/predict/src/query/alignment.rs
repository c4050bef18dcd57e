//! Copying with renaming: places whose abstract context equals the cursor's are laid over it name
//! by name, and what comes next there is proposed here with the same renaming (Baker's
//! parameterised matching, read from the cursor backwards).

use super::{
    Evidence,
    candidates::{Candidates, Partial},
    context::Context,
    rename::Renaming,
};
use crate::vocabulary::{BOUNDARY, Kind, TokenId, Vocabulary};

/// The shortest abstract context worth laying over, and the longest that is compared, in tokens.
const MIN_MATCH: u32 = 3;
const MAX_MATCH: usize = 20;
/// How many places are taken: from the index per order and in all, and from each token stack.
const INDEX_SAMPLES: usize = 24;
const INDEX_PLACES: usize = 40;
const STACK_PLACES: usize = 16;
const STACK_SCANNED: usize = 400;
/// Names remembered per place.
const MAX_NAMES: usize = 24;

/// How a place's next token became a proposal. The numbers are part of the ranker's features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
enum Continuation {
    SameName = 1,
    RenamedName = 2,
    RenamedPart = 3,
    UnknownName = 4,
    NoName = 5,
}

/// A part of the text that can be aligned with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Segment(u32),
    Stack(u32),
}

/// One place laid over the cursor.
#[derive(Clone, Debug)]
struct Aligned {
    place: Place,
    /// The last matched token there.
    position: u32,
    matched: u32,
    exact: u32,
    renamed: u32,
    conflicts: u32,
    weight: f32,
    /// Cores there and the cores they stand for here.
    names: Vec<(TokenId, TokenId)>,
    /// What it proposes, and why.
    next: TokenId,
    continuation: Continuation,
}

/// All places laid over the cursor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alignments {
    aligned: Vec<Aligned>,
    renamings: Vec<((TokenId, TokenId), Option<Renaming>)>,
    found: Vec<(Place, u32, u32)>,
}

impl Alignments {
    /// How many places are laid over the cursor.
    pub(crate) fn len(&self) -> usize {
        self.aligned.len()
    }

    pub(crate) fn clear(&mut self) {
        self.aligned.clear();
        self.renamings.clear();
    }

    /// Finds the places for a context.
    pub(crate) fn find(&mut self, evidence: &mut Evidence, context: &Context) {
        self.aligned.clear();
        self.found.clear();
        if context.len() < MIN_MATCH as usize {
            return;
        }
        for segment in 0..evidence.index.segments.len() {
            self.find_in_segment(evidence, context, segment);
        }
        for stack in 0..evidence.stacks.len() {
            self.find_in_stack(evidence, context, stack);
        }
        for &(place, position, matched) in &self.found {
            if let Some(aligned) = Aligned::lay(evidence, context, place, position, matched) {
                self.aligned.push(aligned);
            }
        }
        self.continue_all(evidence);
    }

    /// Keeps the places that proposed `token` and moves them on by it.
    pub(crate) fn follow(&mut self, evidence: &mut Evidence, token: TokenId) {
        self.aligned.retain(|aligned| aligned.next == token);
        for aligned in &mut self.aligned {
            aligned.follow(evidence, token);
        }
        self.continue_all(evidence);
    }

    /// Gives the places' votes to the candidates; returns the weight of all votes that fit what is
    /// typed.
    pub(crate) fn vote(
        &self,
        vocabulary: &Vocabulary,
        partial: Option<&Partial>,
        candidates: &mut Candidates,
    ) -> f32 {
        let mut total = 0.0;
        for aligned in &self.aligned {
            let Some(place) = candidates.add(vocabulary, partial, aligned.next) else {
                continue;
            };
            total += aligned.weight;
            let votes = &mut candidates.as_mut_slice()[place].alignment;
            votes.weight += aligned.weight;
            votes.count += 1;
            if (aligned.matched, aligned.exact) > (votes.matched, votes.exact) {
                votes.matched = aligned.matched;
                votes.exact = aligned.exact;
                votes.renamed = aligned.renamed;
                votes.conflicts = aligned.conflicts;
                votes.continuation = aligned.continuation as u32;
            }
        }
        total
    }

    fn find_in_segment(&mut self, evidence: &Evidence, context: &Context, number: usize) {
        let segment = &evidence.index.segments[number].segment;
        let order = &segment.abstract_contexts;
        let class_at = |position: u32| evidence.vocabulary.class(segment.tokens[position as usize]);
        let mut intervals = vec![order.bucket(context.class(0))];
        for depth in 1..context.len().min(MAX_MATCH) {
            let last = intervals[depth - 1];
            let interval = order.narrow(last, depth as u32, context.class(depth), class_at);
            if interval.is_empty() {
                break;
            }
            intervals.push(interval);
        }
        let limit = self.found.len() + INDEX_PLACES;
        let mut seen = None;
        for (depth, &interval) in intervals.iter().enumerate().rev() {
            let matched = depth as u32 + 1;
            if matched < MIN_MATCH || self.found.len() >= limit - (INDEX_PLACES - INDEX_SAMPLES) {
                break;
            }
            let step = (interval.len() / INDEX_SAMPLES).max(1);
            for place in (interval.start..interval.end).step_by(step) {
                let position = order.positions[place as usize];
                let is_seen = seen.is_some_and(|seen: crate::index::Interval| {
                    (seen.start..seen.end).contains(&place)
                });
                if self.found.len() < limit
                    && !is_seen
                    && !evidence.tombstones[number].hides(position)
                {
                    self.found
                        .push((Place::Segment(number as u32), position, matched));
                }
            }
            seen = Some(interval);
        }
    }

    fn find_in_stack(&mut self, evidence: &Evidence, context: &Context, number: usize) {
        let stack = evidence.stacks[number];
        let classes = [context.class(0), context.class(1), context.class(2)];
        let first = self.found.len();
        for position in stack.places_of_triple(classes).take(STACK_SCANNED) {
            let matches = |distance: usize| {
                stack.class_before(position, distance as u32) == context.class(distance)
            };
            let matched = (0..context.len().min(MAX_MATCH))
                .take_while(|&distance| matches(distance))
                .count() as u32;
            let has_next = stack.token(stack.next(position)) != BOUNDARY;
            if matched >= MIN_MATCH && has_next {
                self.found
                    .push((Place::Stack(number as u32), position, matched));
            }
        }
        // Longest match first, then nearest to the cursor.
        self.found[first..]
            .sort_by_key(|&(_, position, matched)| std::cmp::Reverse((matched, position)));
        self.found.truncate(first + STACK_PLACES);
    }

    fn continue_all(&mut self, evidence: &mut Evidence) {
        for number in 0..self.aligned.len() {
            let next =
                evidence.token_after(self.aligned[number].place, self.aligned[number].position);
            let (token, continuation) = self.translate(evidence, number, next);
            self.aligned[number].next = token;
            self.aligned[number].continuation = continuation;
        }
    }

    /// What `next`, which follows a place, is called here.
    fn translate(
        &mut self,
        evidence: &mut Evidence,
        number: usize,
        next: TokenId,
    ) -> (TokenId, Continuation) {
        let entry = *evidence.vocabulary.entry(next);
        if entry.kind != Kind::Word || entry.literal {
            return (next, Continuation::NoName);
        }
        if let Some(here) = self.aligned[number].name(entry.core) {
            let token = evidence.vocabulary.intern_variant(here, entry.leading);
            let is_same = here == entry.core;
            return (
                token,
                if is_same {
                    Continuation::SameName
                } else {
                    Continuation::RenamedName
                },
            );
        }
        match self.rename_part(evidence.vocabulary, number, entry.core) {
            Some(name) => (
                evidence.vocabulary.intern(entry.leading, &name),
                Continuation::RenamedPart,
            ),
            None => (next, Continuation::UnknownName),
        }
    }

    fn rename_part(
        &mut self,
        vocabulary: &Vocabulary,
        number: usize,
        core: TokenId,
    ) -> Option<String> {
        for place in 0..self.aligned[number].names.len() {
            let (there, here) = self.aligned[number].names[place];
            if there != here
                && vocabulary.kind(here) == Kind::Word
                && let Some(renaming) = self.renaming(vocabulary, there, here)
                && let Some(name) = renaming.apply(vocabulary.core_text(core))
            {
                return Some(name);
            }
        }
        None
    }

    fn renaming(
        &mut self,
        vocabulary: &Vocabulary,
        there: TokenId,
        here: TokenId,
    ) -> Option<&Renaming> {
        let known = self
            .renamings
            .iter()
            .position(|(names, _)| *names == (there, here));
        let place = known.unwrap_or_else(|| {
            let renaming =
                Renaming::between(vocabulary.core_text(there), vocabulary.core_text(here));
            self.renamings.push(((there, here), renaming));
            self.renamings.len() - 1
        });
        self.renamings[place].1.as_ref()
    }
}

impl Aligned {
    /// Lays a place over the context; nothing if the names contradict each other too often.
    fn lay(
        evidence: &Evidence,
        context: &Context,
        place: Place,
        position: u32,
        matched: u32,
    ) -> Option<Self> {
        let mut aligned = Self {
            place,
            position,
            matched,
            exact: 0,
            renamed: 0,
            conflicts: 0,
            weight: 0.0,
            names: Vec::with_capacity(8),
            next: BOUNDARY,
            continuation: Continuation::NoName,
        };
        for distance in 0..(matched as usize).min(context.len()) {
            let there = evidence.token_before(place, position, distance as u32);
            aligned.compare(evidence.vocabulary, there, context.token(distance));
        }
        aligned.weight = aligned.initial_weight();
        (aligned.conflicts * 2 <= aligned.matched).then_some(aligned)
    }

    fn compare(&mut self, vocabulary: &Vocabulary, there: TokenId, here: TokenId) {
        let entry = vocabulary.entry(there);
        if entry.kind != Kind::Word || entry.literal {
            self.exact += u32::from(there == here || entry.kind == Kind::Word);
            return;
        }
        let (there, here) = (entry.core, vocabulary.core(here));
        self.exact += u32::from(there == here);
        match self.name(there) {
            Some(known) => self.conflicts += u32::from(known != here),
            None => {
                self.renamed += u32::from(there != here);
                self.names.push((there, here));
            }
        }
    }

    fn follow(&mut self, evidence: &Evidence, token: TokenId) {
        self.position = evidence.next_position(self.place, self.position);
        self.matched = (self.matched + 1).min(MAX_MATCH as u32);
        let vocabulary = &*evidence.vocabulary;
        let there = vocabulary.entry(evidence.token_before(self.place, self.position, 0));
        if there.kind != Kind::Word {
            self.exact += 1;
            return;
        }
        let here = vocabulary.core(token);
        self.exact += u32::from(there.core == here);
        if self.name(there.core).is_none() && self.names.len() < MAX_NAMES {
            self.names.push((there.core, here));
        }
    }

    fn name(&self, there: TokenId) -> Option<TokenId> {
        self.names
            .iter()
            .find(|(name, _)| *name == there)
            .map(|&(_, here)| here)
    }

    /// Long, exact and consistent matches weigh more, and those in open documents more than those
    /// in the index.
    fn initial_weight(&self) -> f32 {
        let place = if matches!(self.place, Place::Segment(_)) {
            1.0
        } else {
            3.0
        };
        let matched = self.matched as f32;
        let exactness = 1.0 + 2.0 * self.exact as f32 / matched;
        place * matched.powf(1.5) * exactness / (1.0 + self.conflicts as f32).powi(2)
    }
}

impl Evidence<'_> {
    fn token_before(&self, place: Place, position: u32, distance: u32) -> TokenId {
        match place {
            Place::Segment(number) => {
                self.index.segments[number as usize].segment.tokens[(position - distance) as usize]
            }
            Place::Stack(number) => self.stacks[number as usize].token_before(position, distance),
        }
    }

    fn token_after(&self, place: Place, position: u32) -> TokenId {
        match place {
            Place::Segment(number) => {
                let tokens = &self.index.segments[number as usize].segment.tokens;
                tokens
                    .get(position as usize + 1)
                    .copied()
                    .unwrap_or(BOUNDARY)
            }
            Place::Stack(number) => {
                let stack = self.stacks[number as usize];
                stack.token(stack.next(position))
            }
        }
    }

    fn next_position(&self, place: Place, position: u32) -> u32 {
        match place {
            Place::Segment(_) => position + 1,
            Place::Stack(number) => self.stacks[number as usize].next(position),
        }
    }
}
