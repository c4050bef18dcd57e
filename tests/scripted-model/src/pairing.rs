//! The rule that all services share: every call has exactly one output, after it, and nothing else has one.

use std::collections::BTreeMap;

use crate::json::Wrong;
use crate::{SeenItem, SeenTool};

/// Checks the rule over a whole conversation.
pub(crate) fn check(items: &[SeenItem]) -> Result<(), Wrong> {
    let mut outputs: BTreeMap<&str, usize> = BTreeMap::new();
    for item in items {
        match item {
            SeenItem::Call { call_id, .. } if outputs.insert(call_id, 0).is_some() => {
                return Err(format!("Duplicate tool call with call_id {call_id}."));
            }
            SeenItem::Output { call_id, .. } => match outputs.get_mut(call_id.as_str()) {
                None => {
                    return Err(format!(
                        "No tool call found for function call output with call_id {call_id}."
                    ));
                }
                Some(count) => *count += 1,
            },
            _ => {}
        }
    }
    match outputs.iter().find(|(_, count)| **count != 1) {
        Some((call_id, 0)) => Err(format!("No tool output found for function call {call_id}.")),
        Some((call_id, count)) => Err(format!(
            "{count} tool outputs found for function call {call_id}."
        )),
        None => Ok(()),
    }
}

/// No two tools may have the same name.
pub(crate) fn check_tools(tools: &[SeenTool]) -> Result<(), Wrong> {
    let mut names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!(
            "tools: Tool names must be unique, got '{}' twice",
            pair[0]
        )),
        None => Ok(()),
    }
}
