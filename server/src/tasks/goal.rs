//! What a task is told: its title for lists, its prompt for the agent, and what it may do, from what the user has chosen. Pure.
//!
//! Called by `session/starting.rs`. The words of each kind stand in `goal/orders.rs`; what is quoted of the workspace, which is
//! data and never an instruction, is fenced by `goal/quote.rs`.

mod orders;
pub(crate) mod quote;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use super::offers::{Subject, SubjectKind};
use super::problem::{Problem, shortened};
use super::{Access, TaskKind};
use quote::fenced;

/// Longer code is not quoted: the agent reads the file. In bytes.
const LONGEST_CODE: usize = 8 * 1024;

/// So many problems are told; a broken file has hundreds that say the same.
const MOST_PROBLEMS: usize = 20;

/// In bytes, of one problem.
const LONGEST_PROBLEM: usize = 4 * 1024;

/// In characters.
const LONGEST_TITLE: usize = 60;

/// What the user has chosen.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) kind: TaskKind,
    /// Where, if it is about a place.
    pub(crate) place: Option<Place>,
    /// What is reported there, for a task that fixes it.
    pub(crate) problems: Vec<Problem>,
    /// What the user says: a comment's text, or words that came with the command.
    pub(crate) instruction: Option<String>,
    /// The line in which the comment begins that says so, counted from 1.
    pub(crate) comment_line: Option<usize>,
}

/// A place as the agent is told it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Relative to the only workspace folder, else absolute.
    pub(crate) path: String,
    /// The language's name for people.
    pub(crate) language: Option<String>,
    pub(crate) subject: Subject,
    /// The first and the last line, counted from 1.
    pub(crate) lines: (usize, usize),
    /// The text of the subject as the editor shows it.
    pub(crate) code: String,
}

/// What a task is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Goal {
    /// A few words.
    pub(crate) title: String,
    /// Markdown.
    pub(crate) prompt: String,
    pub(crate) access: Access,
}

/// What the user says, if it is commands of the embedded provider's language: it takes each word literally, and any model
/// understands them without more words.
fn commands(choice: &Choice) -> Option<&str> {
    let is_free = matches!(
        choice.kind,
        TaskKind::RefactorWorkspace | TaskKind::Custom | TaskKind::Comment
    );
    let said = choice.instruction.as_deref().filter(|_| is_free)?.trim();
    let commands = agent::codemod::parse(said).ok()?;
    (!commands.is_empty()).then_some(said)
}

impl Goal {
    /// What a task for `choice` is told.
    pub(crate) fn of(choice: &Choice) -> Self {
        if let Some(commands) = commands(choice) {
            return Self {
                title: title(choice),
                prompt: commands.to_owned(),
                access: access(choice.kind),
            };
        }
        let order = orders::order(choice.kind);
        let about = choice.place.as_ref();
        let about = about.map_or_else(|| "the code in question".into(), subject);
        let mut prompt = order.what.replace("{subject}", &about);
        if let Some(instruction) = &choice.instruction {
            push_instruction(&mut prompt, choice, instruction);
        }
        if let Some(place) = &choice.place {
            push_place(&mut prompt, place);
        }
        push_problems(&mut prompt, &choice.problems);
        let _ = write!(prompt, "\n\n{}", order.done);
        Self {
            title: title(choice),
            prompt: prompt.trim().to_owned(),
            access: access(choice.kind),
        }
    }
}

/// Whether a task of this kind may change files.
pub(crate) fn access(kind: TaskKind) -> Access {
    match kind {
        TaskKind::Explain | TaskKind::ReviewFile | TaskKind::ReviewChanges => Access::Read,
        _ => Access::Write,
    }
}

fn title(choice: &Choice) -> String {
    let place = choice.place.as_ref();
    let about = place.map_or_else(
        || "the workspace".into(),
        |place| subject(place).replace('`', ""),
    );
    let file = place.map(|place| place.path.rsplit('/').next().unwrap_or_default());
    let said = choice.instruction.as_deref().unwrap_or_default().trim();
    let said = said.lines().next().unwrap_or_default();
    let title = match choice.kind {
        TaskKind::Fix => match &*choice.problems {
            [problem] => format!("Fix {}", problem.headline(LONGEST_TITLE)),
            problems => format!("Fix {} problems", problems.len()),
        },
        TaskKind::Explain => format!("Explain {about}"),
        TaskKind::Refactor if !said.is_empty() => said.to_owned(),
        TaskKind::Refactor => format!("Refactor {about}"),
        TaskKind::WriteTests => format!("Write tests for {about}"),
        TaskKind::Document => format!("Document {about}"),
        TaskKind::Simplify => format!("Simplify {about}"),
        TaskKind::ImplementTodo if said.is_empty() => "Implement TODO".into(),
        TaskKind::ImplementTodo => format!("Implement TODO: {said}"),
        TaskKind::ReviewFile => format!("Review {}", file.unwrap_or("the file")),
        TaskKind::ReviewChanges => "Review my changes".into(),
        TaskKind::RefactorWorkspace => format!("Across the workspace: {said}"),
        TaskKind::Comment | TaskKind::Custom | TaskKind::InlineEdit | TaskKind::Chat => {
            said.to_owned()
        }
    };
    shortened(&title, LONGEST_TITLE)
}

/// The subject as a sentence names it.
fn subject(place: &Place) -> String {
    let name = place.subject.name.as_deref().unwrap_or_default();
    match place.subject.kind {
        SubjectKind::Selection => "the selected code".into(),
        SubjectKind::Function => format!("the function `{name}`"),
        SubjectKind::Type => format!("the type `{name}`"),
        SubjectKind::Module => format!("the module `{name}`"),
        SubjectKind::Section => format!("the section `{name}`"),
        SubjectKind::File => format!("the file `{}`", place.path),
    }
}

fn push_instruction(prompt: &mut String, choice: &Choice, instruction: &str) {
    let instruction = instruction.trim();
    let is_all = matches!(
        choice.kind,
        TaskKind::Custom | TaskKind::InlineEdit | TaskKind::Chat
    );
    if is_all {
        prompt.push_str(instruction);
        return;
    }
    let who = match choice.comment_line {
        Some(line) => format!("The comment in line {line} says:"),
        None => "The user's words:".into(),
    };
    let _ = write!(prompt, "\n\n{who}\n\n{}", fenced(instruction, ""));
}

fn push_place(prompt: &mut String, place: &Place) {
    let (first, last) = place.lines;
    let is_whole = place.subject.kind == SubjectKind::File;
    let language = place.language.as_ref();
    let language = language.map_or_else(String::new, |language| format!(" ({language})"));
    let lines = match (is_whole, first == last) {
        (true, _) => String::new(),
        (false, true) => format!(", line {first}"),
        (false, false) => format!(", lines {first} to {last}"),
    };
    let _ = write!(prompt, "\n\nPlace: `{}`{language}{lines}.", place.path);
    let is_quoted = !is_whole && !place.code.trim().is_empty() && place.code.len() <= LONGEST_CODE;
    if is_quoted {
        let _ = write!(
            prompt,
            " There, as the user's editor shows it:\n\n{}",
            fenced(
                &place.code,
                &place.language.as_deref().unwrap_or_default().to_lowercase()
            )
        );
    }
}

fn push_problems(prompt: &mut String, problems: &[Problem]) {
    for problem in problems.iter().take(MOST_PROBLEMS) {
        let by = match (&problem.source, &problem.code) {
            (Some(source), Some(code)) => format!(" by {source} ({code})"),
            (Some(source), None) => format!(" by {source}"),
            (None, Some(code)) => format!(" ({code})"),
            (None, None) => String::new(),
        };
        let severity = orders::severity(problem.severity);
        let _ = write!(
            prompt,
            "\n\nReported{by}: {severity}, line {}, column {}:\n\n{}",
            problem.line,
            problem.column,
            fenced(quote::beginning(&problem.message, LONGEST_PROBLEM), "")
        );
    }
    if problems.len() > MOST_PROBLEMS {
        let _ = write!(
            prompt,
            "\n\n{} more are reported there; the project's own checks show them.",
            problems.len() - MOST_PROBLEMS
        );
    }
}
