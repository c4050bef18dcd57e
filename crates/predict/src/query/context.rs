//! What stands before the cursor, as the query sees it: the last tokens, the lines around, the
//! words in view.

use rustc_hash::FxHashMap;

use super::Evidence;
use crate::{
    buffer::Brackets,
    index::Index,
    vocabulary::{BOUNDARY, END_OF_LINE, Kind, TokenId, Vocabulary},
};

/// The deepest context that is counted, in tokens.
pub(crate) const MAX_ORDER: usize = 16;
/// How many tokens the contexts keep.
const KEPT: usize = 24;
/// How far back words are in view, in tokens, and where they begin to count less.
const VIEW: usize = 80;
const NEAR_VIEW: usize = 30;
const FAR_WEIGHT: f32 = 0.6;

/// The tokens before the place where the next one is asked for. It grows as tokens are proposed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    /// The last tokens, the latest last.
    tokens: Vec<TokenId>,
    classes: Vec<TokenId>,
    pub(crate) brackets: Brackets,
    quotes: usize,
    /// The tokens of the cursor's line, without its indentation.
    pub(crate) line: Vec<TokenId>,
    /// The same of the line above, and of the one above that.
    pub(crate) lines_above: [Vec<TokenId>; 2],
    pub(crate) view: View,
    /// Whether the cursor's line is a comment.
    pub(crate) is_comment: bool,
}

/// The words just above the cursor, weighted by how rare they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// By token, for both spellings of a core: which core it is in the view, and its weight.
    words: FxHashMap<TokenId, (u32, f32)>,
    /// One bit in 256 for each token that may be among the words.
    filter: [u64; 4],
    cores: u32,
}

impl Context {
    /// Reads the context off the stack above the cursor. `head` is the cursor's line before the
    /// cursor; from `partial_start` on it is the word that is being typed. `brackets` are those
    /// open above the line.
    pub(crate) fn read(
        evidence: &Evidence,
        brackets: Brackets,
        head: &str,
        partial_start: usize,
    ) -> Self {
        let vocabulary = &*evidence.vocabulary;
        let tokens = evidence.stacks[0].tokens();
        let since_boundary = tokens
            .iter()
            .rev()
            .take_while(|&&token| token != BOUNDARY)
            .count();
        let tokens = &tokens[tokens.len() - since_boundary..];
        let kept = &tokens[tokens.len().saturating_sub(KEPT)..];
        let mut context = Self {
            tokens: kept.to_vec(),
            classes: kept.iter().map(|&token| vocabulary.class(token)).collect(),
            brackets,
            view: View::of(
                vocabulary,
                evidence.index,
                &tokens[tokens.len().saturating_sub(VIEW)..],
            ),
            is_comment: is_comment(head.trim_start()),
            ..Self::default()
        };
        context.read_lines(vocabulary, tokens);
        context.read_text(&head[..partial_start]);
        context
    }

    /// How many tokens of context there are.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The token `distance` places before the cursor, zero for the last one.
    #[inline]
    pub(crate) fn token(&self, distance: usize) -> TokenId {
        self.tokens[self.tokens.len() - 1 - distance]
    }

    /// Its class.
    #[inline]
    pub(crate) fn class(&self, distance: usize) -> TokenId {
        self.classes[self.classes.len() - 1 - distance]
    }

    /// The kind of the token `distance` places back, as a feature.
    pub(crate) fn kind(&self, vocabulary: &Vocabulary, distance: usize) -> Kind {
        if distance < self.len() {
            vocabulary.kind(self.token(distance))
        } else {
            Kind::Boundary
        }
    }

    /// Whether a double quote is open on the cursor's line.
    pub(crate) fn in_quotes(&self) -> bool {
        self.quotes % 2 == 1
    }

    /// Goes on as if this token had been typed.
    pub(crate) fn push(&mut self, vocabulary: &Vocabulary, token: TokenId) {
        self.tokens.push(token);
        self.classes.push(vocabulary.class(token));
        match vocabulary.kind(token) {
            Kind::EndOfLine => self.end_line(),
            Kind::Indent | Kind::Boundary => {}
            _ => {
                self.line.push(token);
                let text = vocabulary.core_text(token).to_owned();
                self.read_text(&text);
            }
        }
    }

    fn end_line(&mut self) {
        let [above, second_above] = &mut self.lines_above;
        std::mem::swap(above, second_above);
        *above = std::mem::take(&mut self.line);
        self.quotes = 0;
        self.brackets.end_line();
    }

    fn read_text(&mut self, text: &str) {
        self.brackets.read(text);
        self.quotes += text.bytes().filter(|&byte| byte == b'"').count();
    }

    fn read_lines(&mut self, vocabulary: &Vocabulary, tokens: &[TokenId]) {
        let recent = &tokens[tokens.len().saturating_sub(VIEW)..];
        let mut lines = recent.rsplit(|&token| token == END_OF_LINE).map(|line| {
            let words = line
                .iter()
                .copied()
                .filter(|&token| vocabulary.kind(token) != Kind::Indent);
            words.collect::<Vec<_>>()
        });
        self.line = lines.next().unwrap_or_default();
        self.lines_above = [
            lines.next().unwrap_or_default(),
            lines.next().unwrap_or_default(),
        ];
    }
}

impl View {
    fn of(vocabulary: &Vocabulary, index: &Index, tokens: &[TokenId]) -> Self {
        let mut view = Self::default();
        let total: usize = index
            .segments
            .iter()
            .map(|indexed| indexed.segment.tokens.len())
            .sum();
        let log_total = (total as f32 + 2.0).ln();
        for (distance, &token) in tokens.iter().rev().enumerate() {
            let core = vocabulary.core(token);
            if vocabulary.kind(token) != Kind::Word || view.words.contains_key(&core) {
                continue;
            }
            let spaced = vocabulary.spaced(core);
            let count: usize = index
                .segments
                .iter()
                .map(|indexed| indexed.count_of(core, spaced))
                .sum();
            let rarity = (1.0 - (1.0 + count as f32).ln() / log_total).max(0.0);
            let weight = rarity
                * if distance < NEAR_VIEW {
                    1.0
                } else {
                    FAR_WEIGHT
                };
            view.insert(core, spaced, weight);
        }
        view
    }

    /// The weight of a core in view.
    pub(crate) fn weight(&self, core: TokenId) -> Option<f32> {
        self.words.get(&core).map(|&(_, weight)| weight)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The weight of all words in view that are among these tokens too, up to the first boundary.
    #[inline]
    pub(crate) fn overlap<'a>(&self, tokens: impl Iterator<Item = &'a TokenId>) -> f32 {
        let mut seen = 0u128;
        let mut sum = 0.0;
        for &token in tokens {
            if token == BOUNDARY {
                break;
            }
            if self.filter[(token >> 6 & 3) as usize] >> (token & 63) & 1 == 0 {
                continue;
            }
            if let Some(&(core, weight)) = self.words.get(&token)
                && seen >> core & 1 == 0
            {
                seen |= 1 << core;
                sum += weight;
            }
        }
        sum
    }

    fn insert(&mut self, core: TokenId, spaced: Option<TokenId>, weight: f32) {
        for token in [Some(core), spaced].into_iter().flatten() {
            self.filter[(token >> 6 & 3) as usize] |= 1 << (token & 63);
            self.words.insert(token, (self.cores, weight));
        }
        self.cores += 1;
    }
}

/// Whether a line that begins like this is a comment in most languages.
pub(crate) fn is_comment(line: &str) -> bool {
    let is_directive = ["#[", "#i", "#d"]
        .iter()
        .any(|directive| line.starts_with(directive));
    line.starts_with("//")
        || line.starts_with('#') && !is_directive
        || line.starts_with("/*")
        || line.starts_with("* ")
        || line == "*"
}
