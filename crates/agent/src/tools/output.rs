//! Bounds of what tools answer: no answer is longer than the model can use, and what was left out is said where it was.
//!
//! Lengths are in tokens, estimated as four bytes each, as everywhere where no service has counted.

use std::borrow::Cow;

/// Bytes of text that are taken for one token.
pub const BYTES_PER_TOKEN: usize = 4;

/// How many tokens a tool answers with when the model asks for no other number.
pub const DEFAULT_TOKENS: usize = 10_000;

/// The most tokens that a tool answers with, whatever the model asks for.
pub const MOST_TOKENS: usize = 50_000;

/// Text that was cut to a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounded {
    /// What is left, with a note where something was left out.
    pub text: String,
    /// The estimated tokens of the whole, when something was left out.
    pub original_tokens: Option<usize>,
}

/// How many tokens `bytes` bytes are, estimated and rounded up.
pub fn tokens(bytes: usize) -> usize {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

/// The limit that holds when the model asks for `asked` tokens.
pub fn token_limit(asked: Option<u64>) -> usize {
    match asked {
        None => DEFAULT_TOKENS,
        Some(asked) => usize::try_from(asked).map_or(MOST_TOKENS, |asked| asked.min(MOST_TOKENS)),
    }
}

/// Cuts the middle out of `text` so that about `limit` tokens stay: half from the beginning and half from the end, at
/// line breaks where there are some near.
pub fn without_middle(text: &str, limit: usize) -> Bounded {
    let budget = limit.saturating_mul(BYTES_PER_TOKEN);
    if text.len() <= budget {
        return Bounded {
            text: text.into(),
            original_tokens: None,
        };
    }
    let (front, rest) = text.split_at(front_end(text, budget / 2));
    let back = &rest[back_start(rest, budget - front.len())..];
    joined(front, text.len() as u64, back)
}

/// As [`without_middle`], for text of which `gap` bytes between `head` and `tail` are lost already.
pub fn without_gap(head: &str, gap: u64, tail: &str, limit: usize) -> Bounded {
    if gap == 0 {
        return without_middle(&format!("{head}{tail}"), limit);
    }
    let budget = limit.saturating_mul(BYTES_PER_TOKEN);
    let front_budget = (budget / 2).max(budget.saturating_sub(tail.len()));
    let front = &head[..front_end(head, front_budget)];
    let back = &tail[back_start(tail, budget - front.len())..];
    joined(front, head.len() as u64 + gap + tail.len() as u64, back)
}

/// Cuts one line to about `limit` bytes and says how many were left out.
pub fn cut_line(line: &str, limit: usize) -> Cow<'_, str> {
    if line.len() <= limit {
        return Cow::Borrowed(line);
    }
    let end = boundary_before(line, limit);
    let left_out = line.len() - end;
    Cow::Owned(format!("{}… ({left_out} more bytes)", &line[..end]))
}

fn joined(front: &str, whole: u64, back: &str) -> Bounded {
    let whole = usize::try_from(whole).unwrap_or(usize::MAX);
    let left_out = whole.saturating_sub(front.len() + back.len());
    let line_break = if front.is_empty() || front.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    Bounded {
        text: format!(
            "{front}{line_break}[… {left_out} bytes, about {} tokens, left out here …]\n{back}",
            tokens(left_out)
        ),
        original_tokens: Some(tokens(whole)),
    }
}

/// Where the first `budget` bytes of `text` end: after a line break if one is in their last quarter.
fn front_end(text: &str, budget: usize) -> usize {
    if text.len() <= budget {
        return text.len();
    }
    let end = boundary_before(text, budget);
    let line_break = text[..end].rfind('\n').map(|offset| offset + 1);
    line_break
        .filter(|&line| line >= end - end / 4)
        .unwrap_or(end)
}

/// Where the last `budget` bytes of `text` start: after a line break if one is in their first quarter.
fn back_start(text: &str, budget: usize) -> usize {
    if text.len() <= budget {
        return 0;
    }
    let start = boundary_after(text, text.len() - budget);
    let line_break = text[start..].find('\n').map(|offset| offset + 1);
    start + line_break.filter(|&line| line <= budget / 4).unwrap_or(0)
}

/// The last character boundary that is not after `offset`.
fn boundary_before(text: &str, offset: usize) -> usize {
    let is_boundary = |&offset: &usize| text.is_char_boundary(offset);
    (0..=offset).rev().find(is_boundary).unwrap_or(0)
}

/// The first character boundary that is not before `offset`.
fn boundary_after(text: &str, offset: usize) -> usize {
    let is_boundary = |&offset: &usize| text.is_char_boundary(offset);
    (offset..text.len()).find(is_boundary).unwrap_or(text.len())
}

#[cfg(test)]
mod tests;
