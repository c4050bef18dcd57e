//! Makes a request for a summary shorter when the service finds even that too long.

use std::{collections::HashSet, sync::Arc};

use models::{Item, Role};

/// Stands for what was left out, and is what a conversation may always begin with.
const LEFT_OUT: &str =
    "[The oldest part of the conversation is left out here because it is too long.]";

/// The items without the oldest quarter, and without outputs whose calls are gone. The last item, which asks for the
/// summary, stays.
pub(crate) fn without_oldest(items: &[Arc<Item>]) -> Vec<Arc<Item>> {
    let dropped = (items.len() / 4).max(1).min(items.len().saturating_sub(1));
    let kept = &items[dropped..];
    let calls: HashSet<&str> = kept.iter().filter_map(|item| call_id(item)).collect();
    let has_call = |item: &&Arc<Item>| match &***item {
        Item::ToolOutput { call_id, .. } => calls.contains(call_id.as_str()),
        _ => true,
    };
    let mut shorter = vec![Arc::new(Item::message(Role::Developer, LEFT_OUT))];
    shorter.extend(kept.iter().filter(has_call).cloned());
    shorter
}

fn call_id(item: &Item) -> Option<&str> {
    match item {
        Item::ToolCall(call) => Some(&call.call_id),
        _ => None,
    }
}
