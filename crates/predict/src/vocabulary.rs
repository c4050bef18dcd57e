//! The vocabulary: every distinct token text has one number, and the number knows its text, kind
//! and spelling variants. Vocabularies lie in layers (index, changed files, open documents): a
//! layer adds words to a shared, immutable parent. The lexer interns into it; the index and the
//! query only compare numbers.

mod data;
mod table;

use std::{hash::BuildHasher, sync::Arc};

use rustc_hash::{FxBuildHasher, FxHashMap};

pub(crate) use self::data::VocabularyData;
use self::table::Table;

/// The number of a token in a vocabulary and in every layer above it.
pub(crate) type TokenId = u32;

/// Stands between files and before the first token of a document; never inside a line.
pub(crate) const BOUNDARY: TokenId = 0;
/// The end of a line.
pub(crate) const END_OF_LINE: TokenId = 1;
/// The class of words that are not literal, without and with space before them.
pub(crate) const WORD_CLASS: TokenId = 8;
const NUMBER_CLASS: TokenId = 10;
/// The first number that is not reserved.
const FIRST_WORD: TokenId = 12;

/// Words that keep their own identity where other words are abstracted to their class.
const KEYWORDS: &str = "abstract as async await bool boolean break byte case catch char class const continue def \
     default defer del do double elif else enum except export extends extern f64 false False final finally float fn \
     for from func function go goto i32 i64 if impl implements import in instanceof int interface is isize lambda let \
     long loop map match mod mut new nil None not null number or and override package pass private protected pub \
     public raise range return self Self short signed sizeof static str string String struct super switch this throw \
     throws trait true True try type typedef typeof u16 u32 u64 u8 unsafe unsigned use usize var void volatile where \
     while with yield";

/// What a token is. The order is part of the ranker's features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
#[repr(u8)]
pub(crate) enum Kind {
    Boundary,
    EndOfLine,
    Indent,
    Word,
    Number,
    Operator,
}

/// The white space before a token, normalised: two spaces are kept (comments in Python), everything
/// else wider is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Leading {
    None,
    One,
    Two,
}

/// How a line is indented against the last line that is not blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Indent {
    Less,
    Same,
    More,
}

/// One token's facts. `text` is without the leading space.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    text_start: u32,
    text_length: u8,
    pub(crate) kind: Kind,
    pub(crate) leading: Leading,
    /// Keeps its identity in abstract contexts: a keyword, or a word that a fifth of all files use.
    pub(crate) literal: bool,
    /// The same text without leading space.
    pub(crate) core: TokenId,
    /// For a core: the variant with one space, or `NO_VARIANT`.
    spaced: TokenId,
}

const NO_VARIANT: TokenId = u32::MAX;

/// A layer of words over an optional parent. Numbers below `first` belong to the parent.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary {
    parent: Option<Arc<Vocabulary>>,
    first: TokenId,
    entries: Vec<Entry>,
    texts: String,
    cores: Table,
    /// Variants with one space whose core belongs to the parent.
    spaced_of_parent: FxHashMap<TokenId, TokenId>,
    doubles: FxHashMap<TokenId, TokenId>,
}

impl Vocabulary {
    /// The root layer: the reserved tokens and the keywords, which so have the same numbers
    /// everywhere.
    pub(crate) fn root() -> Self {
        let mut vocabulary = Self::layer(None, 0);
        for id in 0..FIRST_WORD {
            vocabulary.entries.push(reserved_entry(id));
        }
        for keyword in KEYWORDS.split_whitespace() {
            let id = vocabulary.intern(Leading::None, keyword);
            vocabulary.mark_literal(id);
        }
        vocabulary
    }

    /// An empty layer over `parent`.
    pub(crate) fn over(parent: Arc<Vocabulary>) -> Self {
        let first = parent.len();
        Self::layer(Some(parent), first)
    }

    /// The lowest layer, which every other one extends.
    pub(crate) fn base(vocabulary: &Arc<Vocabulary>) -> Arc<Vocabulary> {
        vocabulary
            .parent
            .as_ref()
            .map_or_else(|| vocabulary.clone(), Self::base)
    }

    fn layer(parent: Option<Arc<Vocabulary>>, first: TokenId) -> Self {
        Self {
            parent,
            first,
            entries: Vec::new(),
            texts: String::new(),
            cores: Table::default(),
            spaced_of_parent: FxHashMap::default(),
            doubles: FxHashMap::default(),
        }
    }

    /// One more than the highest number in use.
    pub(crate) fn len(&self) -> TokenId {
        self.first + self.entries.len() as TokenId
    }

    /// How many words this layer adds to its parent.
    pub(crate) fn own_len(&self) -> usize {
        self.entries.len()
    }

    #[inline]
    pub(crate) fn entry(&self, id: TokenId) -> &Entry {
        let mut layer = self;
        while id < layer.first {
            layer = layer
                .parent
                .as_deref()
                .expect("a layer that starts above zero has a parent");
        }
        &layer.entries[(id - layer.first) as usize]
    }

    #[inline]
    pub(crate) fn kind(&self, id: TokenId) -> Kind {
        self.entry(id).kind
    }

    #[inline]
    pub(crate) fn core(&self, id: TokenId) -> TokenId {
        self.entry(id).core
    }

    /// The text without leading space; empty for tokens that are no text.
    pub(crate) fn core_text(&self, id: TokenId) -> &str {
        let mut layer = self;
        while id < layer.first {
            layer = layer
                .parent
                .as_deref()
                .expect("a layer that starts above zero has a parent");
        }
        let entry = &layer.entries[(id - layer.first) as usize];
        &layer.texts
            [entry.text_start as usize..entry.text_start as usize + entry.text_length as usize]
    }

    /// The token in abstract contexts: itself where it is literal or no word, else its class.
    #[inline]
    pub(crate) fn class(&self, id: TokenId) -> TokenId {
        let entry = self.entry(id);
        match entry.kind {
            Kind::Word if !entry.literal => WORD_CLASS + u32::from(entry.leading != Leading::None),
            Kind::Number => NUMBER_CLASS + u32::from(entry.leading != Leading::None),
            _ => id,
        }
    }

    /// The number of a text, given one if it has none. Texts are at most 255 bytes long, which the
    /// lexer sees to.
    pub(crate) fn intern(&mut self, leading: Leading, text: &str) -> TokenId {
        let text_hash = hash(text);
        let core = match self.find_core(text, text_hash) {
            Some(core) => core,
            None => self.add_core(text, text_hash),
        };
        self.intern_variant(core, leading)
    }

    /// The variant of a core with this leading space, made if there is none.
    pub(crate) fn intern_variant(&mut self, core: TokenId, leading: Leading) -> TokenId {
        if let Some(id) = self.variant(core, leading) {
            return id;
        }
        let id = self.len();
        let entry = Entry {
            leading,
            core,
            spaced: NO_VARIANT,
            ..*self.entry(core)
        };
        let text = self.core_text(core).to_owned();
        let entry = self.own_text(entry, core, &text);
        self.entries.push(entry);
        self.link_variant(core, leading, id);
        id
    }

    /// The variant of a core with this leading space, if there is one.
    #[inline]
    pub(crate) fn variant(&self, core: TokenId, leading: Leading) -> Option<TokenId> {
        match leading {
            Leading::None => Some(core),
            Leading::One => self.spaced(core),
            Leading::Two => self
                .layers()
                .find_map(|layer| layer.doubles.get(&core).copied()),
        }
    }

    /// The variant of a core with one space before it.
    #[inline]
    pub(crate) fn spaced(&self, core: TokenId) -> Option<TokenId> {
        let spaced = self.entry(core).spaced;
        if spaced != NO_VARIANT {
            return Some(spaced);
        }
        self.layers()
            .take_while(|layer| core < layer.first)
            .find_map(|layer| layer.spaced_of_parent.get(&core).copied())
    }

    /// The token for the indentation of a line.
    pub(crate) fn indent(indent: Indent, after_blank_line: bool) -> TokenId {
        2 + 2 * indent as u32 + u32::from(after_blank_line)
    }

    /// What an indentation token means: the change, and whether blank lines stand before the line.
    pub(crate) fn indent_meaning(id: TokenId) -> (Indent, bool) {
        let indent = match (id - 2) / 2 {
            0 => Indent::Less,
            1 => Indent::Same,
            _ => Indent::More,
        };
        (indent, (id - 2) % 2 == 1)
    }

    /// Makes a core and its variants literal. Only the root layer's own words can be marked.
    pub(crate) fn mark_literal(&mut self, core: TokenId) {
        for leading in [Leading::None, Leading::One, Leading::Two] {
            if let Some(id) = self.variant(core, leading)
                && id >= self.first
            {
                self.entries[(id - self.first) as usize].literal = true;
            }
        }
    }

    /// The layer's heap memory in bytes, without its parent's.
    pub(crate) fn memory(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
            + self.texts.capacity()
            + self.cores.memory()
            + (self.spaced_of_parent.capacity() + self.doubles.capacity()) * 9
    }

    /// Gives back what growing reserved in advance.
    pub(crate) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
        self.texts.shrink_to_fit();
        let (texts, entries) = (&self.texts, &self.entries);
        self.cores
            .shrink(|id| hash(entry_text(texts, &entries[id as usize])));
    }

    fn layers(&self) -> impl Iterator<Item = &Vocabulary> {
        std::iter::successors(Some(self), |layer| layer.parent.as_deref())
    }

    fn find_core(&self, text: &str, text_hash: u64) -> Option<TokenId> {
        self.layers().find_map(|layer| {
            let found = layer.cores.find(text_hash, |own| {
                entry_text(&layer.texts, &layer.entries[own as usize]) == text
            });
            found.map(|own| layer.first + own)
        })
    }

    fn add_core(&mut self, text: &str, text_hash: u64) -> TokenId {
        let id = self.len();
        let own = self.entries.len() as u32;
        let text_start = self.texts.len() as u32;
        self.texts.push_str(text);
        let (texts, entries) = (&self.texts, &self.entries);
        self.cores.insert(text_hash, own, |other| {
            hash(entry_text(texts, &entries[other as usize]))
        });
        self.entries.push(Entry {
            text_start,
            text_length: text.len() as u8,
            kind: kind_of(text),
            leading: Leading::None,
            literal: false,
            core: id,
            spaced: NO_VARIANT,
        });
        id
    }

    /// A variant shares its core's text when both are in one layer; otherwise the text is copied
    /// into this one.
    fn own_text(&mut self, mut entry: Entry, core: TokenId, text: &str) -> Entry {
        if core < self.first {
            entry.text_start = self.texts.len() as u32;
            self.texts.push_str(text);
        }
        entry
    }

    fn link_variant(&mut self, core: TokenId, leading: Leading, id: TokenId) {
        if leading == Leading::Two {
            self.doubles.insert(core, id);
        } else if core < self.first {
            self.spaced_of_parent.insert(core, id);
        } else {
            self.entries[(core - self.first) as usize].spaced = id;
        }
    }
}

fn reserved_entry(id: TokenId) -> Entry {
    let kind = match id {
        END_OF_LINE => Kind::EndOfLine,
        2..=7 => Kind::Indent,
        _ => Kind::Boundary,
    };
    Entry {
        text_start: 0,
        text_length: 0,
        kind,
        leading: Leading::None,
        literal: true,
        core: id,
        spaced: NO_VARIANT,
    }
}

fn entry_text<'a>(texts: &'a str, entry: &Entry) -> &'a str {
    &texts[entry.text_start as usize..entry.text_start as usize + entry.text_length as usize]
}

fn kind_of(text: &str) -> Kind {
    match text.chars().next() {
        Some(first) if is_word_start(first) => Kind::Word,
        Some(first) if first.is_ascii_digit() => Kind::Number,
        _ => Kind::Operator,
    }
}

/// Whether a word can begin with this character in some language.
pub(crate) fn is_word_start(character: char) -> bool {
    character == '_' || character == '$' || character.is_alphabetic()
}

/// Whether a word can go on with this character in some language.
pub(crate) fn is_word_part(character: char) -> bool {
    character == '_' || character == '$' || character.is_alphanumeric()
}

fn hash(text: &str) -> u64 {
    FxBuildHasher.hash_one(text)
}

#[cfg(test)]
mod tests;
