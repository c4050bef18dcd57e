//! Cuts texts to a budget, head and tail kept, and says what is missing.

use models::Content;

use crate::{bounded_text::prefix, machine::history};

/// `text` in about `budget` tokens: its head and its tail, with a note between them.
pub(super) fn text(text: &str, budget: u64) -> String {
    let tokens = history::tokens(text.len());
    if tokens <= budget {
        return text.to_owned();
    }
    let half = usize::try_from(budget * 2).unwrap_or(usize::MAX / 2);
    let head = prefix(text, half);
    let tail_start = (text.len().saturating_sub(half)..=text.len())
        .find(|start| text.is_char_boundary(*start))
        .unwrap_or(text.len());
    let tail = &text[tail_start..];
    let missing = tokens - budget;
    format!(
        "{head}\n[… about {missing} tokens left out when the conversation was compacted …]\n{tail}"
    )
}

/// Content in about `budget` tokens. Pictures are replaced by a note.
pub(super) fn content(content: &[Content], budget: u64) -> Vec<Content> {
    if history::estimate_contents(content) <= budget {
        return content.to_vec();
    }
    let mut left = budget;
    let mut kept = Vec::new();
    for part in content {
        let part = match part {
            Content::Text { text } => self::text(text, left),
            Content::Image { .. } => {
                "[a picture, left out when the conversation was compacted]".to_owned()
            }
        };
        left = left.saturating_sub(history::tokens(part.len()));
        kept.push(Content::text(part));
    }
    kept
}
