//! Items of the conversation as a surface shows them, with ids that are the same whenever the log is folded again.

use models::{Content, Item, ToolCall};

use super::{Machine, calls::Call};
use crate::{
    surface::{ItemDetails, SurfaceItem, ThreadEvent},
    tool::{Presentation, ToolOutput},
};

impl Machine {
    /// The id that the next message of the model will have.
    pub fn next_message_id(&self) -> String {
        format!("message-{}", self.messages + 1)
    }

    /// The id that the model's next reasoning will have.
    pub fn next_reasoning_id(&self) -> String {
        format!("reasoning-{}", self.reasonings + 1)
    }

    /// Tells of a message or of reasoning that may be shown.
    pub(super) fn item_completed(&mut self, item: &Item) -> Option<ThreadEvent> {
        let item = match item {
            Item::Message { content, .. } => {
                let id = self.next_message_id();
                self.messages += 1;
                let text = text(content);
                let details = ItemDetails::Message { text };
                SurfaceItem { id, details }
            }
            Item::Reasoning { summary, .. } => {
                let id = self.next_reasoning_id();
                self.reasonings += 1;
                let text = summary.join("\n\n");
                let details = ItemDetails::Reasoning { text };
                SurfaceItem { id, details }
            }
            Item::ToolCall(_) | Item::ToolOutput { .. } | Item::Carried(_) => return None,
        };
        Some(ThreadEvent::ItemCompleted { item })
    }
}

/// Tells of a call that has its output.
pub(super) fn call_completed(call: &Call) -> ThreadEvent {
    let output = call.output();
    let presentation = output.and_then(|output| output.presentation.as_ref());
    let item = SurfaceItem {
        id: call.call.call_id.clone(),
        details: call_details(&call.call, presentation, output),
    };
    ThreadEvent::ItemCompleted { item }
}

/// What a surface shows of a call: before it has run when there is no output.
pub(crate) fn call_details(
    call: &ToolCall,
    presentation: Option<&Presentation>,
    output: Option<&ToolOutput>,
) -> ItemDetails {
    let status = output.map(|output| output.status);
    let answer = || output.map_or_else(String::new, |output| text(&output.content));
    match presentation {
        Some(Presentation::Command {
            command,
            exit_code,
            needs,
        }) => ItemDetails::Command {
            command: command.clone(),
            exit_code: *exit_code,
            output: answer(),
            status,
            needs: needs.clone(),
        },
        Some(Presentation::FileChanges { changes }) => ItemDetails::FileChange {
            changes: changes.clone(),
            status,
        },
        Some(Presentation::Plan { steps }) => ItemDetails::Plan {
            steps: steps.clone(),
        },
        None => ItemDetails::ToolCall {
            name: call.name.clone(),
            arguments: call.arguments.clone(),
            output: answer(),
            status,
        },
    }
}

/// The text of some content; pictures are only mentioned.
pub(crate) fn text(content: &[Content]) -> String {
    let parts = content.iter().map(|part| match part {
        Content::Text { text } => text.as_str(),
        Content::Image { .. } => "[image]",
    });
    parts.collect::<Vec<_>>().join("\n")
}
