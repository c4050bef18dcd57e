//! The tokens on one side of the cursor as a stack whose top is at the cursor, with every place of
//! a token and of three abstract tokens in a row linked to the next farther one. Pushing and
//! popping a token costs a few nanoseconds, so moving the cursor by a line moves one line's tokens
//! from one stack to the other.

use rustc_hash::FxHashMap;

use crate::vocabulary::{BOUNDARY, Kind, TokenId, Vocabulary};

/// Which way the text runs along the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Text before the cursor: what is pushed later stands later.
    Forward,
    /// Text after the cursor: what is pushed later stands earlier.
    Backward,
}

/// A stack of tokens. Position zero is a boundary, so zero also means "no position".
#[derive(Clone, Debug)]
pub(crate) struct TokenStack {
    direction: Direction,
    tokens: Vec<TokenId>,
    classes: Vec<TokenId>,
    farther: Vec<u32>,
    farther_triple: Vec<u32>,
    nearest: FxHashMap<TokenId, Occurrences>,
    nearest_triple: FxHashMap<u64, u32>,
    /// The words pushed so far by the first byte of their core; some may be gone from the stack.
    words: FxHashMap<u8, Vec<TokenId>>,
}

/// Where a token is in a stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Occurrences {
    /// The place next to the cursor, or zero.
    pub(crate) nearest: u32,
    pub(crate) count: u32,
}

impl TokenStack {
    pub(crate) fn new(direction: Direction) -> Self {
        Self {
            direction,
            tokens: vec![BOUNDARY],
            classes: vec![BOUNDARY],
            farther: vec![0],
            farther_triple: vec![0],
            nearest: FxHashMap::default(),
            nearest_triple: FxHashMap::default(),
            words: FxHashMap::default(),
        }
    }

    /// How many positions there are, the boundary's included.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn tokens(&self) -> &[TokenId] {
        &self.tokens
    }

    /// Puts a token next to the cursor.
    pub(crate) fn push(&mut self, vocabulary: &Vocabulary, token: TokenId) {
        let position = self.tokens.len() as u32;
        let occurrences = self.nearest.entry(token).or_insert_with(|| {
            if vocabulary.kind(token) == Kind::Word
                && let Some(&first) = vocabulary.core_text(token).as_bytes().first()
            {
                self.words.entry(first).or_default().push(token);
            }
            Occurrences::default()
        });
        self.farther.push(occurrences.nearest);
        *occurrences = Occurrences {
            nearest: position,
            count: occurrences.count + 1,
        };
        self.tokens.push(token);
        self.classes.push(vocabulary.class(token));
        self.link_triple();
    }

    /// Takes tokens off the top until `length` positions are left.
    pub(crate) fn truncate(&mut self, length: usize) {
        while self.tokens.len() > length.max(1) {
            self.pop();
        }
    }

    /// Takes the token next to the cursor off.
    pub(crate) fn pop(&mut self) -> Option<TokenId> {
        if self.tokens.len() <= 1 {
            return None;
        }
        if let Some(key) = self.newest_triple() {
            let farther = self.farther_triple.last().copied().unwrap_or(0);
            match farther {
                0 => self.nearest_triple.remove(&key),
                farther => self.nearest_triple.insert(key, farther),
            };
        }
        self.farther_triple.pop();
        self.classes.pop();
        let token = self.tokens.pop().expect("the length was checked");
        let farther = self.farther.pop().expect("the arrays are equally long");
        if let Some(occurrences) = self.nearest.get_mut(&token) {
            *occurrences = Occurrences {
                nearest: farther,
                count: occurrences.count - 1,
            };
        }
        Some(token)
    }

    /// Where a token is.
    #[inline]
    pub(crate) fn occurrences(&self, token: TokenId) -> Occurrences {
        self.nearest.get(&token).copied().unwrap_or_default()
    }

    /// The places of a token, nearest to the cursor first.
    #[inline]
    pub(crate) fn places(&self, token: TokenId) -> impl Iterator<Item = u32> + '_ {
        chain(self.occurrences(token).nearest, &self.farther)
    }

    /// The places whose token ends these three classes, `classes[0]` the last one in the text;
    /// nearest first. Hashes may collide: the caller compares.
    pub(crate) fn places_of_triple(&self, classes: [TokenId; 3]) -> impl Iterator<Item = u32> + '_ {
        let newest = self
            .nearest_triple
            .get(&triple_key(classes))
            .copied()
            .unwrap_or(0);
        chain(newest, &self.farther_triple).map(|position| self.end_of_triple(position))
    }

    /// The words of the stack whose core begins with this byte. Some may have no occurrence any
    /// more.
    pub(crate) fn words(&self, first: u8) -> &[TokenId] {
        self.words.get(&first).map_or(&[], Vec::as_slice)
    }

    /// The token `distance` places before `position` in the text, or a boundary.
    #[inline]
    pub(crate) fn token_before(&self, position: u32, distance: u32) -> TokenId {
        self.at(&self.tokens, position, distance)
    }

    /// The class `distance` places before `position` in the text, or a boundary.
    #[inline]
    pub(crate) fn class_before(&self, position: u32, distance: u32) -> TokenId {
        self.at(&self.classes, position, distance)
    }

    /// At most `count` tokens before a position in the text, the nearest first.
    #[inline]
    pub(crate) fn tokens_before(
        &self,
        position: u32,
        count: usize,
    ) -> impl Iterator<Item = &TokenId> {
        let position = position as usize;
        let (earlier, later) = match self.direction {
            Direction::Forward => (
                &self.tokens[position.saturating_sub(count)..position],
                &[][..],
            ),
            Direction::Backward => (
                &[][..],
                &self.tokens[position + 1..(position + 1 + count).min(self.tokens.len())],
            ),
        };
        earlier.iter().rev().chain(later)
    }

    /// The position after this one in the text; it may be none.
    #[inline]
    pub(crate) fn next(&self, position: u32) -> u32 {
        match self.direction {
            Direction::Forward => position + 1,
            Direction::Backward => position - 1,
        }
    }

    /// The token at a position, or a boundary.
    #[inline]
    pub(crate) fn token(&self, position: u32) -> TokenId {
        self.tokens
            .get(position as usize)
            .copied()
            .unwrap_or(BOUNDARY)
    }

    #[inline]
    fn at(&self, values: &[TokenId], position: u32, distance: u32) -> TokenId {
        let place = match self.direction {
            Direction::Forward => position.saturating_sub(distance),
            Direction::Backward => position + distance,
        };
        values.get(place as usize).copied().unwrap_or(BOUNDARY)
    }

    fn link_triple(&mut self) {
        let position = (self.tokens.len() - 1) as u32;
        let farther = match self.newest_triple() {
            Some(key) => self.nearest_triple.insert(key, position).unwrap_or(0),
            None => 0,
        };
        self.farther_triple.push(farther);
    }

    /// The key of the triple that the top token completes.
    fn newest_triple(&self) -> Option<u64> {
        let [.., third, second, first] = self.classes[1..] else {
            return None;
        };
        Some(match self.direction {
            Direction::Forward => triple_key([first, second, third]),
            Direction::Backward => triple_key([third, second, first]),
        })
    }

    /// A triple is linked at the place that completed it, which going backward is its first token.
    fn end_of_triple(&self, position: u32) -> u32 {
        match self.direction {
            Direction::Forward => position,
            Direction::Backward => position - 2,
        }
    }
}

fn chain(nearest: u32, farther: &[u32]) -> impl Iterator<Item = u32> + '_ {
    let some = |position: u32| (position != 0).then_some(position);
    std::iter::successors(some(nearest), move |&position| {
        some(farther[position as usize])
    })
}

fn triple_key(classes: [TokenId; 3]) -> u64 {
    let [last, middle, first] = classes.map(u64::from);
    last.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ middle.wrapping_mul(0xC2B2_AE3D_27D4_EB4F).rotate_left(17)
        ^ first.wrapping_mul(0x1656_67B1_9E37_79F9).rotate_left(31)
}
