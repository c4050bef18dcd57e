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

/// Content in about `budget` tokens: short parts as they are, the others cut to equal shares of the rest, so that a large
/// attachment does not crowd out the words beside it. Pictures are replaced by a note.
pub(super) fn content(content: &[Content], budget: u64) -> Vec<Content> {
    if history::estimate_contents(content) <= budget {
        return content.to_vec();
    }
    let texts: Vec<&str> = content
        .iter()
        .map(|part| match part {
            Content::Text { text } => text,
            Content::Image { .. } => "[a picture, left out when the conversation was compacted]",
        })
        .collect();
    let sizes: Vec<u64> = texts
        .iter()
        .map(|text| history::tokens(text.len()))
        .collect();
    let shares = shares(&sizes, budget).into_iter();
    let parts = texts.into_iter().zip(shares);
    parts
        .map(|(text, share)| Content::text(self::text(text, share)))
        .collect()
}

/// How much of `budget` each of `sizes` gets: the smallest first, none more than an equal share of what is left.
fn shares(sizes: &[u64], budget: u64) -> Vec<u64> {
    let mut smallest_first: Vec<usize> = (0..sizes.len()).collect();
    smallest_first.sort_by_key(|&part| sizes[part]);
    let mut shares = vec![0; sizes.len()];
    let mut left = budget;
    for (done, part) in smallest_first.into_iter().enumerate() {
        let equal = left / (sizes.len() - done) as u64;
        shares[part] = sizes[part].min(equal);
        left -= shares[part];
    }
    shares
}
