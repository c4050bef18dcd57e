//! A model that repairs a project: it looks, tries a wrong line, sees the tests fail, writes the right one, sees them pass.
//!
//! It goes by what the conversation tells and by nothing else, so it copes with calls that were interrupted (it looks
//! again) and with a history that was cut (it says what it knows when it is asked to).

use scripted_model::{Conversation, Script, SeenItem, SeenRole, Step};
use serde_json::json;

use crate::project::Project;

/// What the file is known to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Unknown,
    Broken,
    Wrong,
    Right,
}

/// The last words of the model.
pub(crate) const DONE: &str = "The tests pass now.";

/// The goal that the user gives.
pub(crate) const GOAL: &str = "A test fails in this project. Please repair it.";

/// A script that repairs `project`.
pub(crate) fn script(project: &'static Project) -> Script {
    Script::reacting(move |request| next(project, &request.conversation))
}

/// What the model does next.
pub(crate) fn next(project: &Project, conversation: &Conversation) -> Step {
    let (content, verdict) = knowledge(project, conversation);
    let calls = conversation
        .items
        .iter()
        .filter(|item| matches!(item, SeenItem::Call { .. }))
        .count();
    let test = || {
        let command = project.test_command(calls);
        Step::say("Let me run the tests.").and_call(
            "exec_command",
            json!({"cmd": command, "yield_time_ms": 120_000}),
        )
    };
    match (content, verdict) {
        (Content::Unknown, _) => {
            let look = Step::reason("**Looking**\n\nFirst I have to see the source.");
            look.and_call("read_file", json!({"path": project.source}))
        }
        (Content::Broken, _) => {
            Step::call_text("apply_patch", project.patch(project.broken, project.wrong))
        }
        (Content::Wrong, Some(false)) => {
            let repair = project.patch(project.wrong, project.right);
            Step::reason("That was not it.").and_call_text("apply_patch", repair)
        }
        (Content::Wrong, _) | (Content::Right, None | Some(false)) => test(),
        (Content::Right, Some(true)) => Step::say(DONE),
    }
}

/// What the file holds, and whether the tests have passed with it.
fn knowledge(project: &Project, conversation: &Conversation) -> (Content, Option<bool>) {
    let mut content = Content::Unknown;
    let mut verdict = None;
    for output in conversation.outputs() {
        let text = &output.text;
        match output.name.as_str() {
            "exec_command" if text.contains(project.passes) => verdict = Some(true),
            "exec_command" if text.contains(project.fails) => verdict = Some(false),
            "exec_command" => {}
            "read_file" => (content, verdict) = (seen(project, text), None),
            "apply_patch" => (content, verdict) = (patched(project, &output.arguments, text), None),
            _ => {}
        }
    }
    (content, verdict)
}

fn seen(project: &Project, text: &str) -> Content {
    match text {
        text if text.contains(project.broken) => Content::Broken,
        text if text.contains(project.wrong) => Content::Wrong,
        text if text.contains(project.right) => Content::Right,
        _ => Content::Unknown,
    }
}

fn patched(project: &Project, patch: &str, text: &str) -> Content {
    if !text.contains("Success") {
        return Content::Unknown;
    }
    if patch.contains(&format!("+{}", project.right)) {
        Content::Right
    } else {
        Content::Wrong
    }
}

/// Whether the model is asked to write down what it knows, because the conversation will be cut.
pub(crate) fn is_asked_for_summary(conversation: &Conversation) -> bool {
    let is_request = |item: &SeenItem| match item {
        SeenItem::Message { role, text, .. } => {
            *role != SeenRole::Assistant && text.contains("Write a note for yourself to go on from")
        }
        _ => false,
    };
    conversation.items.last().is_some_and(is_request)
}
