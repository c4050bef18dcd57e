//! One question to the engine: which token comes next, and how sure is that? Gathers candidates and
//! counts from the index and the open documents, turns the evidence into features, and has the
//! ranker weigh them. `decode` asks it repeatedly.

pub(crate) mod alignment;
pub(crate) mod blend;
pub(crate) mod candidates;
pub(crate) mod context;
pub(crate) mod decode;
pub(crate) mod features;
pub(crate) mod levels;
mod rename;
mod similarity;

use self::{
    alignment::Alignments,
    blend::BufferTotals,
    candidates::{Candidates, Partial},
    context::{Context, MAX_ORDER},
    features::{FEATURES, Features},
    levels::Levels,
};
use crate::{
    buffer::TokenStack,
    index::{Index, Interval, Tombstones},
    ranker::Ranker,
    vocabulary::{BOUNDARY, Kind, Leading, TokenId, Vocabulary},
};

/// How many occurrences of the last token are looked at in each token stack.
const STACK_SCANNED: usize = 600;
/// How many of the open documents' words with the typed prefix become candidates.
const PREFIX_WORDS: usize = 12;
/// So many bytes must be typed before words with other spacing are looked for.
const MIN_RESPACED: usize = 2;
/// How many candidates the ranker sees.
const RANKED: usize = 20;

/// All that is known, for the time of one query.
pub(crate) struct Evidence<'a> {
    pub(crate) vocabulary: &'a mut Vocabulary,
    pub(crate) index: &'a Index,
    /// What is hidden, by segment.
    pub(crate) tombstones: &'a [Tombstones],
    /// Before the cursor, after it, then recent edits elsewhere.
    pub(crate) stacks: Vec<&'a TokenStack>,
    /// The number of the document's folder, by segment.
    pub(crate) directories: Vec<Option<u32>>,
}

/// Who decides between the candidates.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scorer<'a> {
    /// The trained ranker over all evidence.
    Ranker(&'a Ranker),
    /// The nested cache n-gram model alone: the baseline of the evaluation.
    NestedNgram,
}

/// Where in the proposal a step stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepPlace<'a> {
    /// How many tokens are proposed already.
    pub(crate) step: usize,
    /// What is typed of the token, at the first step.
    pub(crate) partial: Option<&'a Partial>,
}

/// The token that the scorer holds most likely, and its probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prediction {
    pub(crate) token: TokenId,
    pub(crate) probability: f32,
}

/// Reused between steps and queries, so that a query allocates little.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) candidates: Candidates,
    pub(crate) levels: Levels,
    pub(crate) alignments: Alignments,
    buffer_totals: BufferTotals,
    words: Vec<TokenId>,
    /// Words that are known with another space before them only.
    respaced: Vec<TokenId>,
    counted_words: Vec<(u32, TokenId)>,
    /// The candidates the ranker sees, best screened first.
    ranked: Vec<usize>,
    rows: Vec<[f32; FEATURES]>,
}

impl Evidence<'_> {
    /// Narrows the hidden places of a segment as the interval they hide is narrowed.
    #[inline]
    pub(crate) fn narrow_hidden(
        &self,
        segment: usize,
        hidden: Interval,
        depth: u32,
        token: TokenId,
    ) -> Interval {
        if hidden.is_empty() {
            return hidden;
        }
        self.tombstones[segment].narrow(&self.index.segments[segment].segment, hidden, depth, token)
    }

    /// How many tokens the index has that are not hidden.
    pub(crate) fn index_tokens(&self) -> usize {
        let segments = self.index.segments.iter().zip(self.tombstones);
        segments
            .map(|(indexed, tombstones)| indexed.segment.tokens.len() - tombstones.len())
            .sum()
    }

    /// How often the token is in the index, hidden files left out.
    pub(crate) fn index_count(&self, token: TokenId) -> usize {
        let segments = self.index.segments.iter().zip(self.tombstones);
        segments
            .map(|(indexed, tombstones)| {
                indexed.segment.contexts.bucket(token).len() - tombstones.bucket(token).len()
            })
            .sum()
    }
}

impl Scratch {
    /// Gathers the candidates of one step with all counts, and screens them.
    pub(crate) fn gather(&mut self, evidence: &Evidence, context: &Context, place: StepPlace) {
        self.candidates.clear();
        self.levels.find(evidence, context);
        self.levels
            .propose(evidence, place.partial, &mut self.candidates);
        self.gather_from_stacks(evidence, context, place.partial);
        if let Some(partial) = place.partial.filter(|partial| !partial.text.is_empty()) {
            self.gather_words(evidence, partial);
        }
        let vote_total =
            self.alignments
                .vote(evidence.vocabulary, place.partial, &mut self.candidates);
        self.levels.count(evidence, context, &mut self.candidates);
        blend::blend(
            evidence,
            context,
            &self.levels,
            &self.buffer_totals,
            &mut self.candidates,
        );
        self.screen(evidence.vocabulary, vote_total);
    }

    /// Finds the words that begin with what is typed but were met with other spacing only, as the name
    /// in `fn name` is when it is called at the beginning of a line.
    pub(crate) fn find_respaced(&mut self, evidence: &mut Evidence, partial: Option<&Partial>) {
        self.respaced.clear();
        let Some(partial) = partial.filter(|partial| MIN_RESPACED <= partial.text.len()) else {
            return;
        };
        for leading in [Leading::None, Leading::One] {
            if leading != partial.leading {
                let other = Partial {
                    leading,
                    text: partial.text.clone(),
                };
                self.words.clear();
                self.frequent_words(evidence, &other);
                self.respaced.append(&mut self.words);
            }
        }
        for word in &mut self.respaced {
            let core = evidence.vocabulary.core(*word);
            *word = evidence.vocabulary.intern_variant(core, partial.leading);
        }
    }

    /// The most likely of the gathered candidates.
    pub(crate) fn predict(
        &mut self,
        evidence: &Evidence,
        context: &Context,
        place: StepPlace,
        scorer: Scorer,
    ) -> Option<Prediction> {
        match scorer {
            Scorer::NestedNgram => self.predict_nested(evidence.vocabulary),
            Scorer::Ranker(ranker) => {
                self.compute_features(evidence, context, place);
                let (best, score) = ranker.best(self.rows.iter())?;
                let token = self.candidates.as_slice()[self.ranked[best]].token;
                Some(Prediction {
                    token,
                    probability: 1.0 / (1.0 + (-score).exp()),
                })
            }
        }
    }

    /// Computes the features of the screened candidates.
    pub(crate) fn compute_features(
        &mut self,
        evidence: &Evidence,
        context: &Context,
        place: StepPlace,
    ) {
        similarity::measure(
            evidence,
            context,
            &self.levels,
            &mut self.candidates,
            &self.ranked,
        );
        let candidates = self.candidates.as_slice();
        let features = Features::new(evidence, context, place, &self.alignments, &self.candidates);
        let rows = self.ranked.iter().enumerate();
        self.rows.clear();
        self.rows
            .extend(rows.map(|(rank, &place)| features.of(&candidates[place], rank, &self.ranked)));
    }

    /// The screened candidates' tokens with their features, best screened first.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (TokenId, &[f32; FEATURES])> {
        let tokens = self
            .ranked
            .iter()
            .map(|&candidate| self.candidates.as_slice()[candidate].token);
        tokens.zip(&self.rows)
    }

    /// Counts the occurrences of the context in the token stacks, and adds what follows them.
    fn gather_from_stacks(
        &mut self,
        evidence: &Evidence,
        context: &Context,
        partial: Option<&Partial>,
    ) {
        self.buffer_totals = [0.0; MAX_ORDER + 1];
        if context.len() == 0 {
            return;
        }
        let deepest = context.len().min(MAX_ORDER);
        for stack in &evidence.stacks {
            for position in stack.places(context.token(0)).take(STACK_SCANNED) {
                let following = stack.token(stack.next(position));
                if following == BOUNDARY {
                    continue;
                }
                let matches = |distance: &usize| {
                    stack.token_before(position, *distance as u32) == context.token(*distance)
                };
                let order = 1 + (1..deepest).take_while(matches).count();
                for total in &mut self.buffer_totals[1..=order] {
                    *total += 1.0;
                }
                if let Some(candidate) =
                    self.candidates.add(evidence.vocabulary, partial, following)
                {
                    for count in
                        &mut self.candidates.as_mut_slice()[candidate].buffer_counts[1..=order]
                    {
                        *count += 1.0;
                    }
                }
            }
        }
    }

    /// Adds the most frequent words that begin with what is typed.
    fn gather_words(&mut self, evidence: &Evidence, partial: &Partial) {
        self.words.clear();
        self.frequent_words(evidence, partial);
        let respaced = self.respaced.iter();
        for &word in self.words.iter().chain(respaced) {
            self.candidates
                .add(evidence.vocabulary, Some(partial), word);
        }
    }

    /// Appends the most frequent words that go on from `partial` to `words`: those of the open documents, then those of
    /// the index.
    fn frequent_words(&mut self, evidence: &Evidence, partial: &Partial) {
        let vocabulary = &*evidence.vocabulary;
        self.counted_words.clear();
        let first = partial.text.as_bytes()[0];
        let words = evidence.stacks.iter().flat_map(|stack| stack.words(first));
        for &word in words.filter(|&&word| partial.fits(vocabulary, word)) {
            let count = evidence
                .stacks
                .iter()
                .map(|stack| stack.occurrences(word).count)
                .sum();
            if count > 0 {
                self.counted_words.push((count, word));
            }
        }
        // By text among equals: the numbers of new words depend on the order in which they were
        // met.
        self.counted_words.sort_unstable_by(|left, right| {
            let by_text = || {
                vocabulary
                    .core_text(left.1)
                    .cmp(vocabulary.core_text(right.1))
            };
            right.0.cmp(&left.0).then_with(by_text)
        });
        self.counted_words.dedup();
        let counted = self.counted_words.iter().take(PREFIX_WORDS);
        self.words.extend(counted.map(|&(_, word)| word));
        let from_index = self.words.len();
        let count = |token| {
            evidence
                .index
                .segments
                .iter()
                .map(|indexed| indexed.segment.contexts.bucket(token).len())
                .sum()
        };
        evidence.index.prefixes.words(
            vocabulary,
            partial.leading,
            &partial.text,
            count,
            &mut self.words,
        );
        let mut place = 0;
        self.words.retain(|&word| {
            place += 1;
            place <= from_index || evidence.index_count(word) > 0
        });
    }

    /// Picks the candidates that the ranker looks at: by blended probability and by the alignments'
    /// votes.
    fn screen(&mut self, vocabulary: &Vocabulary, vote_total: f32) {
        const VOTE_SHARE: f32 = 0.6;
        let sum: f32 = self
            .candidates
            .as_slice()
            .iter()
            .map(|candidate| candidate.blended)
            .sum();
        for candidate in self.candidates.as_mut_slice() {
            let votes = if vote_total > 0.0 {
                VOTE_SHARE * candidate.alignment.weight / vote_total
            } else {
                0.0
            };
            candidate.screening = candidate.blended / sum + votes;
        }
        let candidates = self.candidates.as_slice();
        self.ranked.clear();
        self.ranked.extend(0..candidates.len());
        self.ranked.sort_unstable_by(|&left, &right| {
            let (left, right) = (&candidates[left], &candidates[right]);
            let by_text = || compare_tokens(vocabulary, left.token, right.token);
            right
                .screening
                .total_cmp(&left.screening)
                .then_with(by_text)
        });
        self.ranked.truncate(RANKED);
    }

    fn predict_nested(&self, vocabulary: &Vocabulary) -> Option<Prediction> {
        let candidates = self.candidates.as_slice().iter();
        let best = candidates.max_by(|left, right| {
            let by_text = || compare_tokens(vocabulary, right.token, left.token);
            left.nested.total_cmp(&right.nested).then_with(by_text)
        })?;
        Some(Prediction {
            token: best.token,
            probability: best.nested,
        })
    }
}

/// An order of tokens that does not depend on when they got their numbers.
fn compare_tokens(vocabulary: &Vocabulary, left: TokenId, right: TokenId) -> std::cmp::Ordering {
    let key = |token: TokenId| {
        let entry = vocabulary.entry(token);
        let reserved = if entry.kind < Kind::Word {
            token
        } else {
            TokenId::MAX
        };
        (reserved, vocabulary.core_text(token), entry.leading)
    };
    key(left).cmp(&key(right))
}
