//! How a question reads in an editor's message, and what its buttons mean. Pure.
//!
//! What a model wrote is shown exactly: it can neither hide from the question nor pass for it.

use agent::need;
use agent::tool::{Approval, Decision};

use super::gate::{Answer, Subject};
use crate::cli::exec::in_sight;
use crate::cli::printable::exact;

/// A button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What it says; unique in its question.
    pub(crate) title: String,
    /// What pressing it means.
    pub(crate) meaning: Meaning,
}

/// What a button means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// This answer.
    Answer(Answer),
    /// The user will answer in words, by command.
    InWords,
}

/// The buttons of a question, the safest not first where a slip would do harm: clients take the first for Enter.
pub(crate) fn choices(subject: &Subject) -> Vec<Choice> {
    match subject {
        Subject::Approval(approval) => approval_choices(approval),
        Subject::Question(question) => {
            let mut choices: Vec<Choice> = Vec::new();
            for option in &question.options {
                let title = exact(option.trim());
                if !choices.iter().any(|choice| choice.title == title) {
                    choices.push(Choice::answer(title, Answer::Words(option.clone())));
                }
            }
            choices.push(Choice::in_words("Answer in words…"));
            choices.push(Choice::answer("Decide yourself", Answer::Nothing));
            choices
        }
    }
}

fn approval_choices(approval: &Approval) -> Vec<Choice> {
    let mut choices = vec![Choice::decision("No", Decision::Deny { reason: None })];
    match approval {
        Approval::LeaveTwin { prefix, .. } => {
            choices.push(Choice::decision("Allow once", Decision::Allow));
            choices.push(Choice::decision(
                "Allow for this task",
                Decision::AllowForTask,
            ));
            if let Some(words) = prefix {
                let title = format!("Always allow `{}`", exact(&words.join(" ")));
                choices.push(Choice::decision(title, Decision::AllowAlways));
            }
        }
        Approval::ChangeFiles { .. }
        | Approval::RunCommand { .. }
        | Approval::WriteToCommand { .. } => {
            choices.push(Choice::decision("Allow once", Decision::Allow));
            choices.push(Choice::answer("Allow all of this task", Answer::AllowAll));
        }
    }
    choices.push(Choice::in_words("No, and say why…"));
    choices.push(Choice::decision("Stop the task", Decision::Stop));
    choices
}

impl Choice {
    fn answer(title: impl Into<String>, answer: Answer) -> Self {
        Self {
            title: title.into(),
            meaning: Meaning::Answer(answer),
        }
    }

    fn decision(title: impl Into<String>, decision: Decision) -> Self {
        Self::answer(title, Answer::Decision(decision))
    }

    fn in_words(title: &str) -> Self {
        Self {
            title: title.into(),
            meaning: Meaning::InWords,
        }
    }
}

/// The question as a message; `task` says who asks, for example `Task 2 (Fix: unused variable)`.
pub(crate) fn message(task: &str, subject: &Subject) -> String {
    match subject {
        Subject::Question(question) => format!("{task} asks: {}", exact(question.text.trim())),
        Subject::Approval(approval) => approval_message(task, approval),
    }
}

fn approval_message(task: &str, approval: &Approval) -> String {
    match approval {
        Approval::ChangeFiles { changes } => {
            let files: Vec<String> = changes
                .iter()
                .map(|change| exact(&change.path.display().to_string()))
                .collect();
            let files = files.join("\n  ");
            format!("{task} works without a twin and wants to change:\n  {files}")
        }
        Approval::RunCommand {
            command,
            cwd,
            reason,
            rule,
        } => {
            let mut text = format!("{task} wants to run:\n{}", shown_command(command));
            push(&mut text, "in", Some(&cwd.display().to_string()));
            push(&mut text, "because", reason.as_deref());
            push(&mut text, "asked by your rule", rule.as_deref());
            text
        }
        Approval::LeaveTwin {
            command,
            cwd,
            needs,
            reason,
            refused,
            prefix: _,
        } => {
            let needs = need::in_words(needs);
            let again = if refused.is_some() { " again" } else { "" };
            let command = shown_command(command);
            let mut text = format!("{task} wants to run{again} with {needs}:\n{command}");
            push(&mut text, "in", Some(&cwd.display().to_string()));
            push(&mut text, "refused by the sandbox", refused.as_deref());
            push(&mut text, "because", reason.as_deref());
            text
        }
        Approval::WriteToCommand { command, text } => format!(
            "{task} wants to type into a running command:\n{}\n  text: {}",
            shown_command(command),
            text.escape_debug()
        ),
    }
}

fn shown_command(command: &str) -> String {
    let mut shown = format!("  {}", exact(command).replace('\n', "\n  "));
    push(
        &mut shown,
        "all of it",
        in_sight::reminder(command).as_deref(),
    );
    shown
}

fn push(text: &mut String, label: &str, detail: Option<&str>) {
    if let Some(detail) = detail {
        let detail = exact(&in_sight::brief(detail)).replace('\n', "\n  ");
        text.push_str(&format!("\n  {label}: {detail}"));
    }
}

#[cfg(test)]
mod tests;
