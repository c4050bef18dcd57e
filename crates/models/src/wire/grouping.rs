//! The conversation in messages, for the wires that have no items: what the model said in one go is one message, and so
//! are the outputs of the calls that it made.

use std::sync::Arc;

use crate::{Content, Item, Role};

/// What becomes one message (or, for tool outputs, a run of messages).
#[derive(Debug)]
pub(super) enum Group<'a> {
    /// The person or the program says something.
    Input(Role, &'a [Content]),
    /// The model's answer: reasoning, text, calls and carried items, in order.
    Answer(Vec<&'a Item>),
    /// Outputs of the calls before.
    Outputs(Vec<Output<'a>>),
}

/// One tool output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output<'a> {
    /// Which call's.
    pub(super) call_id: &'a str,
    /// The answer.
    pub(super) content: &'a [Content],
    /// Whether the tool failed.
    pub(super) failed: bool,
}

impl<'a> Output<'a> {
    fn of(item: &'a Item) -> Option<Self> {
        match item {
            Item::ToolOutput {
                call_id,
                content,
                failed,
                ..
            } => Some(Self {
                call_id,
                content,
                failed: *failed,
            }),
            _ => None,
        }
    }
}

/// Said for the person when an answer was cut: many services refuse a conversation whose last word is the model's.
pub(super) const GO_ON: &str = "Continue.";

/// The groups of `items`.
///
/// A longer conversation has the groups of the shorter one that it continues, as long as the model is asked only after
/// all calls of its answer have their outputs. A further text after an answer without calls starts a group of its own,
/// so that this also holds when a cut answer is continued.
pub(super) fn groups(items: &[Arc<Item>]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for item in items.iter().map(Arc::as_ref) {
        match (groups.last_mut(), item) {
            (_, Item::Message { role, content, .. }) if *role != Role::Assistant => {
                groups.push(Group::Input(*role, content));
            }
            (Some(Group::Outputs(outputs)), Item::ToolOutput { .. }) => {
                outputs.extend(Output::of(item));
            }
            (_, Item::ToolOutput { .. }) => {
                groups.push(Group::Outputs(Output::of(item).into_iter().collect()));
            }
            (Some(Group::Answer(answer)), item) if !begins_anew(answer, item) => answer.push(item),
            (_, item) => groups.push(Group::Answer(vec![item])),
        }
    }
    groups
}

/// Whether the model had the last word and nobody asks it to go on.
pub(super) fn ends_with_answer(items: &[Arc<Item>]) -> bool {
    let last = items.last().map(Arc::as_ref);
    matches!(
        last,
        Some(
            Item::Reasoning { .. }
                | Item::Message {
                    role: Role::Assistant,
                    ..
                }
        )
    )
}

fn begins_anew(answer: &[&Item], item: &Item) -> bool {
    let has_text = answer
        .iter()
        .any(|item| matches!(item, Item::Message { .. }));
    let has_call = answer.iter().any(|item| matches!(item, Item::ToolCall(_)));
    has_text && !has_call && matches!(item, Item::Message { .. } | Item::Reasoning { .. })
}
