//! One file in three states, merged: its content, and its executable bit by itself.

use super::ConflictReason;
use crate::{Content, FileState};

/// What becomes of a file that was `base`, is `current` and shall be `after`.
pub(super) fn merge_states(
    base: &FileState,
    current: &FileState,
    after: &FileState,
) -> Result<FileState, ConflictReason> {
    // A link has no mode, so a file that one side made a link, or the reverse, is taken whole.
    if [base, current, after].iter().any(|state| state.is_link()) {
        return pick(base, current, after)
            .cloned()
            .ok_or(ConflictReason::NotText);
    }
    let (content, is_executable) = (
        merge_contents(base, current, after)?,
        // Of two different bits one is the base's, so one side at most has changed it.
        *pick(
            &base.is_executable,
            &current.is_executable,
            &after.is_executable,
        )
        .expect("of three bits two are equal"),
    );
    Ok(FileState {
        content,
        is_executable,
    })
}

fn merge_contents(
    base: &FileState,
    current: &FileState,
    after: &FileState,
) -> Result<Content, ConflictReason> {
    if let Some(content) = pick(&base.content, &current.content, &after.content) {
        return Ok(content.clone());
    }
    let (Some(base), Some(current), Some(after)) = (base.text(), current.text(), after.text())
    else {
        return Err(ConflictReason::NotText);
    };
    let merged = text::merge(base, current, after).text();
    merged
        .map(|text| Content::Bytes(text.into_bytes().into()))
        .ok_or(ConflictReason::SameLines)
}

/// The side that changed, if not both did, or both the same; else `None`.
fn pick<'value, Value: PartialEq>(
    base: &'value Value,
    current: &'value Value,
    after: &'value Value,
) -> Option<&'value Value> {
    if current == base || current == after {
        Some(after)
    } else if after == base {
        Some(current)
    } else {
        None
    }
}
