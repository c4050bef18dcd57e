//! A vocabulary as plain data and back, for the index file.

use super::{Entry, FIRST_WORD, Kind, Leading, NO_VARIANT, TokenId, Vocabulary, entry_text, hash};

/// The plain data of a root layer, as it is saved in an index file.
pub(crate) struct VocabularyData {
    pub(crate) texts: String,
    /// Per token: text start, then `length | kind << 8 | leading << 16 | literal << 24`, then the
    /// core.
    pub(crate) entries: Vec<[u32; 3]>,
}

impl Vocabulary {
    /// The plain data of this layer, all layers below it included.
    pub(crate) fn data(&self) -> VocabularyData {
        let mut texts = String::new();
        let mut entries = Vec::with_capacity(self.len() as usize);
        for id in 0..self.len() {
            let entry = self.entry(id);
            let start = if entry.core == id || id < FIRST_WORD {
                let start = texts.len() as u32;
                texts.push_str(self.core_text(id));
                start
            } else {
                let core: &[u32; 3] = &entries[entry.core as usize];
                core[0]
            };
            let facts = u32::from(entry.text_length)
                | (entry.kind as u32) << 8
                | (entry.leading as u32) << 16
                | u32::from(entry.literal) << 24;
            entries.push([start, facts, entry.core]);
        }
        VocabularyData { texts, entries }
    }

    /// A root layer from saved data, or nothing where the data contradicts itself.
    pub(crate) fn from_data(data: VocabularyData) -> Option<Self> {
        let mut vocabulary = Self::layer(None, 0);
        vocabulary.texts = data.texts;
        for (id, [text_start, facts, core]) in data.entries.into_iter().enumerate() {
            let id = id as TokenId;
            let kind = *KINDS.get((facts >> 8 & 0xff) as usize)?;
            let leading = *LEADINGS.get((facts >> 16 & 0xff) as usize)?;
            let entry = Entry {
                text_start,
                text_length: facts as u8,
                kind,
                leading,
                literal: facts >> 24 & 1 == 1,
                core,
                spaced: NO_VARIANT,
            };
            let end = text_start as usize + entry.text_length as usize;
            vocabulary.texts.get(text_start as usize..end)?;
            if core > id || (core == id) != (leading == Leading::None) {
                return None;
            }
            vocabulary.entries.push(entry);
            vocabulary.restore_links(id, leading, core);
        }
        (vocabulary.len() >= FIRST_WORD).then_some(vocabulary)
    }

    fn restore_links(&mut self, id: TokenId, leading: Leading, core: TokenId) {
        if leading != Leading::None {
            self.link_variant(core, leading, id);
        } else if id >= FIRST_WORD {
            let (texts, entries) = (&self.texts, &self.entries);
            let text_hash = hash(entry_text(texts, &entries[id as usize]));
            self.cores.insert(text_hash, id, |other| {
                hash(entry_text(texts, &entries[other as usize]))
            });
        }
    }
}

const KINDS: [Kind; 6] = [
    Kind::Boundary,
    Kind::EndOfLine,
    Kind::Indent,
    Kind::Word,
    Kind::Number,
    Kind::Operator,
];
const LEADINGS: [Leading; 3] = [Leading::None, Leading::One, Leading::Two];
