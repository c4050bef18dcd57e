//! What was edited lately in documents other than the one at hand: the lines one types next often
//! resemble them. Kept for open and for closed documents, the most recent ones only.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
};

use super::stack::{Direction, TokenStack};
use crate::vocabulary::{Kind, TokenId, Vocabulary};

/// How many documents' edits are remembered, and how many tokens of each.
const MAX_DOCUMENTS: usize = 20;
pub(crate) const MAX_TOKENS: usize = 8_000;

/// The edited lines per document, least recent first.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecentEdits {
    edits: VecDeque<(PathBuf, TokenStack)>,
}

impl RecentEdits {
    /// Remembers what is edited in a document as the most recent.
    pub(crate) fn put(&mut self, vocabulary: &Vocabulary, path: &Path, tokens: &[TokenId]) {
        self.remove(path);
        if tokens.is_empty() {
            return;
        }
        if self.edits.len() == MAX_DOCUMENTS {
            self.edits.pop_front();
        }
        self.edits
            .push_back((path.to_path_buf(), stack_of(vocabulary, tokens)));
    }

    /// Forgets a document.
    pub(crate) fn remove(&mut self, path: &Path) {
        self.edits.retain(|(other, _)| other != path);
    }

    /// The edits of all documents but this one, most recent first.
    pub(crate) fn others<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a TokenStack> {
        self.edits
            .iter()
            .rev()
            .filter(move |(other, _)| other != path)
            .map(|(_, stack)| stack)
    }

    /// The same edits in the numbers of another vocabulary.
    pub(crate) fn translated(&self, from: &Vocabulary, to: &mut Vocabulary) -> Self {
        let translate = |stack: &TokenStack, to: &mut Vocabulary| {
            let tokens: Vec<TokenId> = stack.tokens()[1..]
                .iter()
                .map(|&token| translate(from, to, token))
                .collect();
            stack_of(to, &tokens)
        };
        let edits = self
            .edits
            .iter()
            .map(|(path, stack)| (path.clone(), translate(stack, to)));
        Self {
            edits: edits.collect(),
        }
    }
}

fn stack_of(vocabulary: &Vocabulary, tokens: &[TokenId]) -> TokenStack {
    let mut stack = TokenStack::new(Direction::Forward);
    for &token in tokens {
        stack.push(vocabulary, token);
    }
    stack
}

fn translate(from: &Vocabulary, to: &mut Vocabulary, token: TokenId) -> TokenId {
    if from.kind(token) < Kind::Word {
        return token;
    }
    to.intern(from.entry(token).leading, from.core_text(token))
}
