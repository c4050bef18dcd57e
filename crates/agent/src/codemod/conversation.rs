//! How far the commands of a request have come, read from its items alone, and what is next.

use std::sync::Arc;

use models::{Content, Item, Role, ToolSpec};
use serde_json::{Value, json};

use super::{
    answers,
    command::{Command, LONGEST_WAIT, parse},
};

/// What the user asked for last, and what has been called since.
pub(super) struct Conversation {
    text: String,
    exchanges: Vec<Exchange>,
}

/// A call and what came back.
struct Exchange {
    call_id: String,
    output: Option<Output>,
}

struct Output {
    text: String,
    has_failed: bool,
}

/// What to do next.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    Call {
        name: &'static str,
        arguments: Value,
    },
    /// All is done.
    Say(String),
    /// Something could not be done.
    GiveUp(String),
}

/// What an output says of its command.
enum Standing {
    Done,
    Failed,
    /// It runs in a session of this number.
    Running(u64),
}

impl Conversation {
    /// Everything since the last answer of ours counts as one request: what the user adds meanwhile goes behind.
    pub(super) fn of(items: &[Arc<Item>]) -> Self {
        let is_answer = |item: &Arc<Item>| {
            matches!(
                **item,
                Item::Message {
                    role: Role::Assistant,
                    ..
                }
            )
        };
        let start = items.iter().rposition(is_answer).map_or(0, |last| last + 1);
        let mut conversation = Self {
            text: String::new(),
            exchanges: Vec::new(),
        };
        for item in &items[start..] {
            conversation.take(item);
        }
        conversation
    }

    fn take(&mut self, item: &Item) {
        match item {
            Item::Message {
                role: Role::User,
                content,
                ..
            } => {
                if let Some(words) = words(content) {
                    self.text.push_str(words);
                    self.text.push('\n');
                }
            }
            Item::ToolCall(call) => self.exchanges.push(Exchange {
                call_id: call.call_id.clone(),
                output: None,
            }),
            Item::ToolOutput {
                call_id,
                content,
                failed,
                ..
            } => {
                let mut exchanges = self.exchanges.iter_mut().rev();
                if let Some(exchange) = exchanges.find(|exchange| exchange.call_id == *call_id) {
                    exchange.output = Some(Output {
                        text: all_text(content),
                        has_failed: *failed,
                    });
                }
            }
            Item::Message { .. } | Item::Reasoning { .. } | Item::Carried(_) => {}
        }
    }

    /// The next call, or the answer that ends the turn.
    pub(super) fn next(&self, tools: &[ToolSpec]) -> Step {
        let commands = match parse(&self.text) {
            Ok(commands) if commands.is_empty() => return Step::GiveUp(answers::introduction()),
            Ok(commands) => commands,
            Err(errors) => return Step::GiveUp(answers::not_understood(&errors)),
        };
        let mut finished: Vec<(&Command, &str)> = Vec::new();
        let mut exchanges = self.exchanges.iter();
        for command in &commands {
            let mut step = Step::Call {
                name: command.tool(),
                arguments: command.arguments(),
            };
            loop {
                let Some(exchange) = exchanges.next() else {
                    return possible(step, command, tools, &finished, commands.len());
                };
                let Some(output) = &exchange.output else {
                    return Step::GiveUp(answers::unanswered(command, &finished, commands.len()));
                };
                match output.standing() {
                    Standing::Done => {
                        finished.push((command, &output.text));
                        break;
                    }
                    Standing::Failed => {
                        return Step::GiveUp(answers::stopped(
                            command,
                            &output.text,
                            &finished,
                            commands.len(),
                        ));
                    }
                    Standing::Running(session) => {
                        let arguments = json!({ "session_id": session, "chars": "", "yield_time_ms": LONGEST_WAIT });
                        step = Step::Call {
                            name: "write_stdin",
                            arguments,
                        };
                    }
                }
            }
        }
        Step::Say(answers::finished(&finished))
    }
}

/// The step, unless its tool is not offered in this thread.
fn possible(
    step: Step,
    command: &Command,
    tools: &[ToolSpec],
    finished: &[(&Command, &str)],
    total: usize,
) -> Step {
    let Step::Call { name, .. } = &step else {
        return step;
    };
    if tools.iter().any(|tool| tool.name() == *name) {
        return step;
    }
    let reason = format!("The tool {name} is not offered in this thread.");
    Step::GiveUp(answers::stopped(command, &reason, finished, total))
}

impl Output {
    fn standing(&self) -> Standing {
        if self.has_failed {
            return Standing::Failed;
        }
        // The lines before `Output:` are the tool's own.
        let own = self.text.split("\nOutput:").next().unwrap_or_default();
        let session = own.split("running with session ID ").nth(1);
        let number = session.map(|after| {
            after
                .chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
        });
        match number.and_then(|number| number.parse().ok()) {
            Some(session) if own.starts_with("Wall time:") => Standing::Running(session),
            _ => Standing::Done,
        }
    }
}

/// What a person wrote, without attachments; `None` for what the program says of the world in the user's name.
fn words(content: &[Content]) -> Option<&str> {
    let texts = content.iter().filter_map(|part| match part {
        Content::Text { text } => Some(text.trim()),
        Content::Image { .. } => None,
    });
    // Attachments stand before the words. No command begins with a bracket, and every section of the world does.
    let mut texts = texts.rev();
    texts.next().filter(|text| !text.starts_with('<'))
}

fn all_text(content: &[Content]) -> String {
    let texts = content.iter().filter_map(|part| match part {
        Content::Text { text } => Some(text.as_str()),
        Content::Image { .. } => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}
