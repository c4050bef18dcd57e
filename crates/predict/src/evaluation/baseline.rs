//! The word baseline: what editors complete without any model, the nearest word of the buffer that
//! begins like the typed one, or the most frequent of the workspace.

use std::path::Path;

use text::Text;

use crate::{
    engine::{Engine, Place, Scoring},
    fit::Surroundings,
    query::{
        Evidence,
        candidates::Partial,
        decode::{ProposedLine, Step},
    },
    vocabulary::{Kind, Leading, TokenId},
};

/// How many tokens before the cursor are searched.
const REACH: usize = 20_000;

/// The rest of the word at the cursor, as a proposal of one step.
pub(super) fn complete_word<'a>(
    engine: &mut Engine,
    path: &Path,
    text: &'a Text,
    place: &'a Place,
) -> (ProposedLine, Surroundings<'a>) {
    engine.with_decoder(
        path,
        text,
        place,
        Scoring::NestedNgram,
        |decoder, brackets| {
            let partial = place.partial.as_ref();
            let line = partial
                .and_then(|partial| propose(&decoder.evidence, partial))
                .unwrap_or_default();
            (line, place.surroundings(text, brackets))
        },
    )
}

fn propose(evidence: &Evidence, partial: &Partial) -> Option<ProposedLine> {
    let typed = partial.text.as_str();
    if !typed.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        return None;
    }
    let vocabulary = &*evidence.vocabulary;
    let fits = |token: TokenId| {
        let text = vocabulary.core_text(token);
        vocabulary.kind(token) == Kind::Word && text.len() > typed.len() && text.starts_with(typed)
    };
    let before = evidence.stacks[0].tokens().iter().rev().take(REACH);
    let length = typed.chars().count() as f32;
    let (word, confidence) = match before.copied().find(|&token| fits(token)) {
        Some(near) => (near, length / (length + 2.0) + 0.05),
        None => (
            most_frequent(evidence, typed).filter(|&word| fits(word))?,
            length / (length + 2.0),
        ),
    };
    let text = vocabulary.core_text(word)[typed.len()..].to_owned();
    let step = Step {
        end: text.len(),
        characters: text.chars().count(),
        confidence: confidence.min(1.0),
    };
    Some(ProposedLine {
        text,
        steps: vec![step],
        ..ProposedLine::default()
    })
}

fn most_frequent(evidence: &Evidence, typed: &str) -> Option<TokenId> {
    let vocabulary = &*evidence.vocabulary;
    let mut words = Vec::new();
    let count = |token| evidence.index_count(token);
    evidence
        .index
        .prefixes
        .words(vocabulary, Leading::None, typed, count, &mut words);
    words
        .into_iter()
        .find(|&word| vocabulary.core_text(word).len() > typed.len())
}
