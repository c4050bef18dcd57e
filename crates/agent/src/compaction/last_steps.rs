//! The end of the history that is kept as it was: whole answers with all their outputs.

use models::Item;

use super::{Budgets, shorten};
use crate::machine::history::{self, HistoryEntry, Origin};

/// Pairs of calls and outputs that are kept at most.
const MOST_CALLS: usize = 6;

/// Where the kept end begins: always before an answer, or at the end of the history.
pub(super) fn start(entries: &[HistoryEntry], budgets: Budgets) -> usize {
    let mut start = entries.len();
    let (mut left, mut calls) = (budgets.last_steps, 0);
    let mut position = entries.len();
    while position > 0 {
        position -= 1;
        let entry = &entries[position];
        if entry.origin == Origin::Handover {
            break;
        }
        let tokens = match entry.origin {
            Origin::World => 0,
            _ => history::estimate(&kept(&entry.item, budgets)),
        };
        if tokens > left {
            break;
        }
        left -= tokens;
        calls += usize::from(matches!(*entry.item, Item::ToolCall(_)));
        if begins_answer(entries, position) {
            if calls > MOST_CALLS && start < entries.len() {
                break;
            }
            start = position;
        }
    }
    start
}

/// The kept end: outputs shortened, the world left out, which is told anew at the window's start.
pub(super) fn items(
    entries: &[HistoryEntry],
    budgets: Budgets,
) -> impl Iterator<Item = (Item, Origin)> {
    let entries = entries.iter().filter(|entry| entry.origin != Origin::World);
    entries.map(move |entry| (kept(&entry.item, budgets), entry.origin))
}

fn begins_answer(entries: &[HistoryEntry], position: usize) -> bool {
    let Origin::Answer(number) = entries[position].origin else {
        return false;
    };
    let before = position.checked_sub(1).map(|before| entries[before].origin);
    before != Some(Origin::Answer(number))
}

fn kept(item: &Item, budgets: Budgets) -> Item {
    match item {
        Item::ToolOutput {
            call_id,
            form,
            content,
            failed,
        } => Item::ToolOutput {
            call_id: call_id.clone(),
            form: *form,
            content: shorten::content(content, budgets.output),
            failed: *failed,
        },
        other => other.clone(),
    }
}
