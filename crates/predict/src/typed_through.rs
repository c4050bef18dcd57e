//! Keeps a shown suggestion while the user types exactly its text: the rest of it is then answered
//! without a new computation, and nothing flickers. Any other edit forgets it. The engine feeds it
//! every edit and asks it first.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use text::ChangeSet;

use crate::suggestion::{Origin, SuggestOptions, SuggestQuery, Suggestion};

/// The suggestion that was shown last, and how much of it is typed since.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypedThrough {
    shown: Option<Shown>,
}

#[derive(Clone, Debug)]
struct Shown {
    path: PathBuf,
    options: SuggestOptions,
    /// What is not typed yet; it would stand at the cursor.
    rest: String,
    cursor: usize,
    /// Bytes after the cursor that the suggestion replaces.
    replaced_after: usize,
    word_start: usize,
    suggestion: Suggestion,
}

impl TypedThrough {
    /// Remembers what is shown for a query.
    pub(crate) fn show(&mut self, query: &SuggestQuery, cursor: usize, suggestion: &Suggestion) {
        self.shown = Some(Shown {
            path: query.path.to_path_buf(),
            options: *query.options,
            rest: suggestion.text_after(cursor).to_owned(),
            cursor,
            replaced_after: suggestion.replace.end - cursor,
            word_start: suggestion.word.start,
            suggestion: suggestion.clone(),
        });
    }

    /// Forgets what is shown.
    pub(crate) fn forget(&mut self) {
        self.shown = None;
    }

    /// Forgets what is shown in a document.
    pub(crate) fn forget_document(&mut self, path: &Path) {
        if self.shown.as_ref().is_some_and(|shown| shown.path == path) {
            self.shown = None;
        }
    }

    /// Follows an edit.
    pub(crate) fn change(&mut self, path: &Path, changes: &ChangeSet) {
        let Some(mut shown) = self.shown.take() else {
            return;
        };
        if shown.path != path {
            // An edit elsewhere leaves the suggestion as good as it was.
            self.shown = Some(shown);
            return;
        }
        let mut edits = changes.edits();
        let (Some(edit), None) = (edits.next(), edits.next()) else {
            return;
        };
        if edit.range == (shown.cursor..shown.cursor) && shown.advance(edit.insert) {
            self.shown = Some(shown);
        }
    }

    /// The rest of what is shown, if the query is for it.
    pub(crate) fn answer(&self, query: &SuggestQuery, cursor: usize) -> Option<Suggestion> {
        let shown = self.shown.as_ref()?;
        let fits =
            shown.path == query.path && shown.cursor == cursor && shown.options == *query.options;
        fits.then(|| shown.suggestion_now())
    }
}

impl Shown {
    /// Takes typed text off the rest. Answers whether something is left.
    fn advance(&mut self, typed: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(typed) else {
            return false;
        };
        if rest.trim().is_empty() || typed.contains(['\n', '\r']) {
            return false;
        }
        let is_word = |text: &str| text.chars().all(crate::vocabulary::is_word_part);
        self.cursor += typed.len();
        if !is_word(typed) {
            let word: usize = typed
                .chars()
                .rev()
                .take_while(|&character| crate::vocabulary::is_word_part(character))
                .map(char::len_utf8)
                .sum();
            self.word_start = self.cursor - word;
        }
        self.rest = rest.to_owned();
        true
    }

    fn suggestion_now(&self) -> Suggestion {
        let word: Range<usize> = self.word_start.min(self.cursor)..self.cursor;
        Suggestion {
            replace: self.cursor..self.cursor + self.replaced_after,
            text: self.rest.clone(),
            word,
            origin: Origin::TypedThrough,
            ..self.suggestion.clone()
        }
    }
}

#[cfg(test)]
mod tests;
