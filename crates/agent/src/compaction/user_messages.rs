//! Which of the user's messages go into the new window: the newest, as far as the budget reaches.

use models::Item;

use super::shorten;
use crate::machine::history::{self, HistoryEntry, Origin};

/// Less than this of a message is not worth keeping.
const SMALLEST_REST: u64 = 50;

/// The newest of the user's messages within `budget` tokens, in their order; the oldest of them may be cut.
pub(super) fn newest(entries: &[HistoryEntry], budget: u64) -> Vec<Item> {
    let mut left = budget;
    let mut kept = Vec::new();
    let inputs = entries.iter().rev();
    for entry in inputs.filter(|entry| entry.origin == Origin::Input) {
        let tokens = history::estimate(&entry.item);
        if tokens <= left {
            left -= tokens;
            kept.push((*entry.item).clone());
            continue;
        }
        if left >= SMALLEST_REST {
            kept.push(cut(&entry.item, left));
        }
        break;
    }
    kept.reverse();
    kept
}

fn cut(item: &Item, budget: u64) -> Item {
    match item {
        Item::Message {
            role,
            content,
            phase,
        } => Item::Message {
            role: *role,
            content: shorten::content(content, budget),
            phase: *phase,
        },
        other => other.clone(),
    }
}
