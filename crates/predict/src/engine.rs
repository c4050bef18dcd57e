//! The engine: owns what the index and the open documents teach, learns from every edit, and
//! answers queries. One thread owns it and feeds it messages in order; it does no IO and starts no
//! threads.

mod query;

pub(crate) use self::query::{Place, Scoring};

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustc_hash::FxHashMap;
use text::{ChangeSet, Text};

use crate::{
    buffer::{Document, Freshness, MAX_RECENT_TOKENS, Reach, RecentEdits},
    index::{Index, Tombstones},
    query::Scratch,
    ranker::Ranker,
    suggestion::{Outcome, SuggestQuery},
    typed_through::TypedThrough,
    vocabulary::Vocabulary,
};

/// What an engine is made with.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The ranker; the shipped one unless the evaluation judges another.
    pub ranker: Arc<Ranker>,
    /// What a question far from the last one costs in a long document.
    pub jumps: Jumps,
}

/// How to follow the user to another place in a long document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jumps {
    /// Learn all that is ever kept around the new place before the first answer.
    #[default]
    Thorough,
    /// Learn the neighbourhood, answer, and leave the rest to [`Engine::settle`].
    Quick,
}

/// The embedded completion engine.
#[derive(Debug)]
pub struct Engine {
    ranker: Arc<Ranker>,
    after_jump: Reach,
    index: Arc<Index>,
    /// The index's words, and over them those that only open documents have.
    vocabulary: Vocabulary,
    /// Raised whenever tokens get new numbers.
    generation: u64,
    documents: FxHashMap<PathBuf, OpenDocument>,
    recent: RecentEdits,
    active: Option<Active>,
    typed_through: TypedThrough,
    scratch: Scratch,
}

#[derive(Debug)]
struct OpenDocument {
    document: Document,
    /// The generation whose numbers its tokens are.
    generation: u64,
}

/// The document that was asked about last. Its disk version is hidden from the index.
#[derive(Debug)]
struct Active {
    path: PathBuf,
    tombstones: Vec<Tombstones>,
    directories: Vec<Option<u32>>,
}

/// More words than this from open documents alone are mostly leftovers of editing: numbering starts
/// over.
const MAX_OWN_WORDS: usize = 300_000;

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            ranker: Arc::new(Ranker::shipped()),
            jumps: Jumps::default(),
        }
    }
}

impl Engine {
    /// An engine that knows no files yet.
    pub fn new(options: EngineOptions) -> Self {
        let index = Arc::new(Index::empty());
        Self {
            ranker: options.ranker,
            after_jump: match options.jumps {
                Jumps::Thorough => Reach::Whole,
                Jumps::Quick => Reach::Near,
            },
            vocabulary: Vocabulary::over(index.vocabulary.clone()),
            index,
            generation: 0,
            documents: FxHashMap::default(),
            recent: RecentEdits::default(),
            active: None,
            typed_through: TypedThrough::default(),
            scratch: Scratch::default(),
        }
    }

    /// Learns from another index from now on. Documents are learned anew when they are next used.
    pub fn set_index(&mut self, index: Arc<Index>) {
        self.deactivate();
        let vocabulary = Vocabulary::over(index.vocabulary.clone());
        let old = std::mem::replace(&mut self.vocabulary, vocabulary);
        self.recent = self.recent.translated(&old, &mut self.vocabulary);
        self.index = index;
        self.generation += 1;
    }

    /// The index that is learned from.
    pub fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Learns a document that the user opened. Opening it again replaces what was known of it.
    pub fn open(&mut self, path: &Path, text: &Text) {
        self.typed_through.forget_document(path);
        if self.is_active(path) {
            self.active = None;
        }
        self.recent.remove(path);
        let freshness = self.learn_document(path, text);
        if freshness == Freshness::Edited {
            self.remember_edits(path);
        }
    }

    /// Learns an edit. `old` is the text before it, `new` the text after it.
    pub fn change(&mut self, path: &Path, old: &Text, new: &Text, changes: &ChangeSet) {
        self.typed_through.change(path, changes);
        let is_known = self
            .documents
            .get(path)
            .is_some_and(|open| open.document.text().len_bytes() == old.len_bytes());
        if !is_known {
            self.open(path, new);
            return;
        }
        self.renew(path);
        if let Some(open) = self.documents.get_mut(path) {
            open.document.change(&mut self.vocabulary, new, changes);
        }
        if !self.is_active(path) {
            self.remember_edits(path);
        }
    }

    /// Forgets a document, but for what was edited in it.
    pub fn close(&mut self, path: &Path) {
        self.typed_through.forget_document(path);
        if self.is_active(path) {
            self.deactivate();
        }
        self.documents.remove(path);
    }

    /// Whether nothing was left for later.
    pub fn is_settled(&self) -> bool {
        let active = self.active.as_ref();
        let open = active.and_then(|active| self.documents.get(&active.path));
        open.is_none_or(|open| open.document.is_settled())
    }

    /// Learns what was left for later about the document that was asked about last. To be called when
    /// nobody waits for an answer; takes some ten milliseconds at most.
    pub fn settle(&mut self) {
        let Some(path) = self.active.as_ref().map(|active| active.path.clone()) else {
            return;
        };
        self.renew(&path);
        if let Some(open) = self.documents.get_mut(&path) {
            open.document.settle(&mut self.vocabulary);
        }
    }

    /// Suggests what to type at a place. Never panics, whatever the query says; a document that is
    /// not open is learned first. `cancelled` is asked often and should be cheap.
    pub fn suggest(&mut self, query: &SuggestQuery, cancelled: &dyn Fn() -> bool) -> Outcome {
        let cursor = query.text.floor_char_boundary(query.offset);
        if let Some(suggestion) = self.typed_through.answer(query, cursor) {
            return Outcome::Suggestion(suggestion);
        }
        self.typed_through.forget();
        match self.compute(query, cursor, cancelled) {
            Ok(suggestion) => {
                self.typed_through.show(query, cursor, &suggestion);
                Outcome::Suggestion(suggestion)
            }
            Err(reason) => Outcome::Silent(reason),
        }
    }

    fn is_active(&self, path: &Path) -> bool {
        self.active
            .as_ref()
            .is_some_and(|active| active.path == path)
    }

    /// Learns a document anew; says what its lines count as before they are edited.
    fn learn_document(&mut self, path: &Path, text: &Text) -> Freshness {
        let freshness = if self.index.find(path).is_some() {
            Freshness::OnDisk
        } else {
            Freshness::Edited
        };
        let document = Document::new(&mut self.vocabulary, text, 0, freshness, self.after_jump);
        let open = OpenDocument {
            document,
            generation: self.generation,
        };
        self.documents.insert(path.to_path_buf(), open);
        freshness
    }

    /// Brings a document's tokens up to the present numbers.
    fn renew(&mut self, path: &Path) {
        if self.vocabulary.own_len() > MAX_OWN_WORDS {
            self.set_index(self.index.clone());
        }
        if let Some(open) = self.documents.get_mut(path)
            && open.generation != self.generation
        {
            open.document.relearn(&mut self.vocabulary);
            open.generation = self.generation;
        }
    }

    /// Makes a document the one that is asked about.
    fn activate(&mut self, path: &Path) {
        if self.is_active(path) {
            return;
        }
        self.deactivate();
        let tombstones = self.index.segments.iter().map(|indexed| {
            let mut hidden = indexed.dead_files.clone();
            if let Some(file) = indexed.segment.file_number(path)
                && let Err(place) = hidden.binary_search(&file)
            {
                hidden.insert(place, file);
            }
            Tombstones::new(&indexed.segment, &hidden)
        });
        let directories = self
            .index
            .segments
            .iter()
            .map(|indexed| indexed.segment.directory_of(path));
        self.active = Some(Active {
            path: path.to_path_buf(),
            tombstones: tombstones.collect(),
            directories: directories.collect(),
        });
    }

    /// Turns the document that was asked about into one whose edits are remembered.
    fn deactivate(&mut self) {
        if let Some(active) = self.active.take() {
            self.remember_edits(&active.path);
        }
    }

    fn remember_edits(&mut self, path: &Path) {
        let Some(open) = self.documents.get_mut(path) else {
            return;
        };
        if open.generation == self.generation {
            open.document.rest(&mut self.vocabulary);
            let tokens = open.document.edited_tokens(MAX_RECENT_TOKENS);
            self.recent.put(&self.vocabulary, path, &tokens);
        }
    }
}

#[cfg(test)]
mod tests;
