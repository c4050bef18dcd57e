//! Exact replacement in a text, whatever its line breaks: models write `\n` where a file has `\r\n`.

use std::ops::Range;

use crate::patch::{
    list,
    nearest::{self, Excerpt},
};

/// What is to be replaced by what.
pub(super) struct Replacement<'a> {
    pub(super) old: &'a str,
    pub(super) new: &'a str,
    pub(super) count: Count,
}

/// How many occurrences are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    One,
    All,
}

/// A text with something replaced in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Replaced {
    pub(super) text: String,
    /// Where the replaced pieces began, counted from 1, in the text before.
    pub(super) line_numbers: Vec<usize>,
}

/// Why nothing was replaced.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReplaceError {
    #[error("`old_string` and `new_string` are the same, so there is nothing to do.")]
    Same,
    #[error("{path} exists and is not empty: say in `old_string` what is to be replaced.")]
    NothingOld { path: String },
    #[error("`old_string` does not stand in {path}.{}", shown(.nearest.as_ref()))]
    Missing {
        path: String,
        nearest: Option<Excerpt>,
    },
    #[error(
        "`old_string` stands {} times in {path}, at lines {}. Give more of the text around the one that is meant, or \
         set `replace_all` to true.",
        .line_numbers.len(),
        list(.line_numbers)
    )]
    Ambiguous {
        path: String,
        line_numbers: Vec<usize>,
    },
}

fn shown(nearest: Option<&Excerpt>) -> String {
    nearest.map_or_else(String::new, |excerpt| format!("\n{excerpt}"))
}

/// Replaces in `text`. `path` is for the messages only.
///
/// # Errors
/// The old text is not there, is there more than once and one is meant, or is the new one.
pub(super) fn replace(
    path: &str,
    text: &str,
    replacement: &Replacement<'_>,
) -> Result<Replaced, ReplaceError> {
    let Replacement { old, new, count } = *replacement;
    if old.is_empty() && text.is_empty() {
        return Ok(Replaced {
            text: new.to_owned(),
            line_numbers: vec![1],
        });
    }
    if old.is_empty() {
        return Err(ReplaceError::NothingOld { path: path.into() });
    }
    if old == new {
        return Err(ReplaceError::Same);
    }
    let (places, breaks) = find(text, old, new);
    let starts: Vec<usize> = places.iter().map(|place| place.start).collect();
    let line_numbers = line_numbers(text, &starts);
    match (places.len(), count) {
        (0, _) => Err(ReplaceError::Missing {
            path: path.into(),
            nearest: nearest_to(text, old),
        }),
        (2.., Count::One) => Err(ReplaceError::Ambiguous {
            path: path.into(),
            line_numbers,
        }),
        _ => Ok(Replaced {
            text: put(text, &places, new, breaks),
            line_numbers,
        }),
    }
}

/// What a line break in the new text means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    /// What it is.
    AsWritten,
    /// What the file has there.
    AsThere,
}

/// The places of `old`, as ranges of bytes. Whoever writes of returns is taken at their word, if that can be; otherwise a
/// break is a break.
fn find(text: &str, old: &str, new: &str) -> (Vec<Range<usize>>, Breaks) {
    let ranges = |text: &str, old: &str| -> Vec<Range<usize>> {
        text.match_indices(old)
            .map(|(start, _)| start..start + old.len())
            .collect()
    };
    let speaks_of_returns = old.contains('\r') || new.contains('\r');
    if !text.contains("\r\n") || (speaks_of_returns && text.contains(old)) {
        return (ranges(text, old), Breaks::AsWritten);
    }
    // Where each return was, counted without the returns before it.
    let returns: Vec<usize> = text
        .match_indices("\r\n")
        .enumerate()
        .map(|(before, (start, _))| start - before)
        .collect();
    let with_returns = |offset: usize| offset + returns.partition_point(|&at| at < offset);
    let places = ranges(&text.replace("\r\n", "\n"), &old.replace("\r\n", "\n"));
    let places = places
        .into_iter()
        .map(|place| with_returns(place.start)..with_returns(place.end))
        .collect();
    (places, Breaks::AsThere)
}

fn put(text: &str, places: &[Range<usize>], new: &str, breaks: Breaks) -> String {
    let plain = new.replace("\r\n", "\n");
    let with_returns = plain.replace('\n', "\r\n");
    let starts_with_return = text.find('\n') == text.find("\r\n").map(|start| start + 1);
    let mut result = String::with_capacity(text.len());
    let mut kept = 0;
    for place in places {
        result.push_str(&text[kept..place.start]);
        kept = place.end;
        let old = &text[place.clone()];
        // A piece of one line says nothing of line breaks; the first of the file does.
        let has_returns = old.contains("\r\n") || (!old.contains('\n') && starts_with_return);
        result.push_str(match breaks {
            Breaks::AsWritten => new,
            Breaks::AsThere if has_returns => &with_returns,
            Breaks::AsThere => &plain,
        });
    }
    result.push_str(&text[kept..]);
    result
}

fn line_numbers(text: &str, starts: &[usize]) -> Vec<usize> {
    let mut line_number = 1;
    let mut counted = 0;
    starts
        .iter()
        .map(|&start| {
            line_number += text[counted..start].matches('\n').count();
            counted = start;
            line_number
        })
        .collect()
}

fn nearest_to(text: &str, old: &str) -> Option<Excerpt> {
    let lines: Vec<&str> = text.lines().collect();
    let wanted: Vec<&str> = old.lines().collect();
    nearest::excerpt(&lines, &wanted)
}
