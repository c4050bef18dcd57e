//! Finds the words of the index that begin with what was typed, the frequent ones first. One and
//! two typed characters, which fit thousands of words, are answered from a table made with the
//! index.

use rustc_hash::FxHashMap;

use crate::vocabulary::{Kind, Leading, TokenId, Vocabulary};

/// As many words as the query takes from here.
pub(crate) const TOP_WORDS: usize = 12;
/// How many words a longer prefix may make us look at.
const MAX_SCANNED: usize = 4_000;

/// The cores of the words in text order, and the most frequent words of the short prefixes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prefixes {
    cores: Vec<TokenId>,
    top: FxHashMap<ShortPrefix, Vec<TokenId>>,
}

type ShortPrefix = (Leading, [u8; 2]);

impl Prefixes {
    /// Sorts the cores of the vocabulary. `count` tells how often a token is in the index.
    pub(crate) fn build(vocabulary: &Vocabulary, count: impl Fn(TokenId) -> usize) -> Self {
        let is_core_word =
            |&id: &TokenId| vocabulary.core(id) == id && vocabulary.kind(id) >= Kind::Word;
        let mut cores: Vec<TokenId> = (0..vocabulary.len()).filter(is_core_word).collect();
        cores.sort_unstable_by(|&left, &right| {
            vocabulary.core_text(left).cmp(vocabulary.core_text(right))
        });
        let top = top_words(vocabulary, &count);
        Self { cores, top }
    }

    /// Appends the most frequent tokens with this leading space whose text begins with `prefix`,
    /// which is not empty.
    pub(crate) fn words(
        &self,
        vocabulary: &Vocabulary,
        leading: Leading,
        prefix: &str,
        count: impl Fn(TokenId) -> usize,
        words: &mut Vec<TokenId>,
    ) {
        if let Some(short) = short_prefix(prefix) {
            words.extend(self.top.get(&(leading, short)).into_iter().flatten());
            return;
        }
        let first = self
            .cores
            .partition_point(|&core| vocabulary.core_text(core) < prefix);
        let with_prefix = self.cores[first..].iter().take(MAX_SCANNED);
        let with_prefix =
            with_prefix.take_while(|&&core| vocabulary.core_text(core).starts_with(prefix));
        let mut counted: Vec<(usize, TokenId)> = with_prefix
            .filter_map(|&core| vocabulary.variant(core, leading))
            .map(|word| (count(word), word))
            .filter(|&(count, _)| count > 0)
            .collect();
        keep_most_frequent(&mut counted);
        words.extend(counted.into_iter().map(|(_, word)| word));
    }

    /// Heap memory in bytes.
    pub(crate) fn memory(&self) -> usize {
        let words: usize = self
            .top
            .values()
            .map(|words| words.capacity() * size_of::<TokenId>())
            .sum();
        self.cores.capacity() * size_of::<TokenId>() + words + self.top.capacity() * 32
    }
}

fn top_words(
    vocabulary: &Vocabulary,
    count: impl Fn(TokenId) -> usize,
) -> FxHashMap<ShortPrefix, Vec<TokenId>> {
    let mut counted: FxHashMap<ShortPrefix, Vec<(usize, TokenId)>> = FxHashMap::default();
    for id in 0..vocabulary.len() {
        let entry = vocabulary.entry(id);
        let occurrences = count(id);
        let &[first, ref rest @ ..] = vocabulary.core_text(id).as_bytes() else {
            continue;
        };
        if entry.kind < Kind::Word || occurrences == 0 {
            continue;
        }
        counted
            .entry((entry.leading, [first, 0]))
            .or_default()
            .push((occurrences, id));
        if let Some(&second) = rest.first() {
            counted
                .entry((entry.leading, [first, second]))
                .or_default()
                .push((occurrences, id));
        }
    }
    let kept = counted.into_iter().map(|(prefix, mut words)| {
        keep_most_frequent(&mut words);
        (prefix, words.into_iter().map(|(_, word)| word).collect())
    });
    kept.collect()
}

fn keep_most_frequent(counted: &mut Vec<(usize, TokenId)>) {
    if counted.len() > TOP_WORDS {
        counted.select_nth_unstable_by(TOP_WORDS, |left, right| right.cmp(left));
        counted.truncate(TOP_WORDS);
    }
    counted.sort_unstable_by(|left, right| right.cmp(left));
    counted.shrink_to_fit();
}

/// The key of a prefix that the table answers: one or two bytes that are whole characters.
fn short_prefix(prefix: &str) -> Option<[u8; 2]> {
    match *prefix.as_bytes() {
        [first] => Some([first, 0]),
        [first, second] if first.is_ascii() => Some([first, second]),
        _ => None,
    }
}
