//! What a valid request is, told without knowing how the machine makes one.

use std::collections::{BTreeSet, VecDeque};

use models::{Item, Request, Role};

use crate::compaction::SUMMARY_REQUEST;

/// Fails with the first difference alone: whole threads are too long to read.
pub(super) fn assert_same<T: PartialEq + std::fmt::Debug>(one: &[T], other: &[T], seed: u64) {
    for (position, (one, other)) in one.iter().zip(other).enumerate() {
        if one != other {
            let (one, other) = (format!("{one:?}"), format!("{other:?}"));
            let length = one
                .bytes()
                .zip(other.bytes())
                .take_while(|(one, other)| one == other);
            let start = length.count().saturating_sub(80);
            let part = |text: &str| text.chars().skip(start).take(200).collect::<String>();
            assert_eq!(part(&one), part(&other), "{seed}: at {position}");
        }
    }
    assert_eq!(one.len(), other.len(), "{seed}");
}

/// Calls and outputs of a request that are not in order: each call must have one output, after it, with nothing but calls,
/// outputs and what the model itself said between them, and outputs in order of the calls.
pub(super) fn unpaired(request: &Request) -> Vec<String> {
    let mut open: VecDeque<&str> = VecDeque::new();
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for item in &request.items {
        match &**item {
            Item::ToolCall(call) => {
                if !seen.insert(call.call_id.as_str()) {
                    faults.push(format!("{} is called twice", call.call_id));
                }
                open.push_back(&call.call_id);
            }
            Item::ToolOutput { call_id, .. } => {
                let is_next = open.pop_front() == Some(call_id);
                let fault = || format!("{call_id} is answered out of order");
                faults.extend((!is_next).then(fault));
            }
            Item::Message {
                role: Role::User | Role::Developer,
                ..
            } if !open.is_empty() => faults.push(format!("something said while {open:?} are open")),
            _ => {}
        }
    }
    faults.extend(
        open.iter()
            .map(|call_id| format!("{call_id} has no output")),
    );
    let last = request.items.last().map(|item| &**item);
    if matches!(last, Some(Item::Reasoning { .. })) {
        faults.push("it ends with reasoning".into());
    }
    faults
}

pub(super) fn is_summary_request(request: &Request) -> bool {
    let question = Item::message(Role::User, SUMMARY_REQUEST);
    request.items.last().is_some_and(|item| **item == question)
}
