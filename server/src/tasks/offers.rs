//! Which tasks make sense at a place of a document: a short list in a sensible order. Pure, and asks no model.
//!
//! Called for code actions (`session/starting.rs`), which makes commands of the offers. What the agent is told is decided in
//! `goal.rs`, when one is taken.

mod comments;
mod nature;
mod subject;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use syntax::{Language, SyntaxTree};
use text::Text;

use super::TaskKind;
use super::problem::{Problem, shortened};

pub(crate) use comments::{CommentKind, CommentOrder, order_at};
use nature::Nature;
pub(crate) use subject::{Subject, SubjectKind, subject_at};

/// So many problems of one place are offered one by one: more would drown everything else.
const MOST_PROBLEMS: usize = 4;

/// In characters.
const LONGEST_TITLE: usize = 72;

/// A place of a document at which tasks are looked for.
pub(crate) struct Spot<'a> {
    pub(crate) text: &'a Text,
    /// The selection in bytes, the end excluded; empty for a cursor.
    pub(crate) range: Range<usize>,
    /// The file within its workspace folder.
    pub(crate) path: &'a Path,
    pub(crate) language: Option<Language>,
    /// What the editor calls the language.
    pub(crate) language_id: &'a str,
    /// Of exactly this text; `None` when there is none.
    pub(crate) tree: Option<&'a SyntaxTree>,
    /// How long a single question to the tree may take; later than that, it is as if there were none.
    pub(crate) patience: Duration,
}

/// A task that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) kind: TaskKind,
    /// As menus show it.
    pub(crate) title: String,
    /// What it is about, in bytes, the end excluded.
    pub(crate) range: Range<usize>,
    /// Which of the place's problems it is about, by their places in the list that was given.
    pub(crate) problems: Vec<usize>,
    /// What the user has already said, to be handed on.
    pub(crate) instruction: Option<String>,
}

impl Offer {
    fn new(kind: TaskKind, title: impl Into<String>, range: Range<usize>) -> Self {
        Self {
            kind,
            title: shortened(&title.into(), LONGEST_TITLE),
            range,
            problems: Vec::new(),
            instruction: None,
        }
    }
}

/// What can be done at `spot`, where `problems` are reported; what is nearest to the user's mind comes first.
pub(crate) fn offers(spot: &Spot<'_>, problems: &[Option<Problem>]) -> Vec<Offer> {
    let nature = Nature::of(spot.language, spot.language_id);
    let mut offers = Vec::new();
    let order = order_at(spot);
    if let Some(order) = &order {
        offers.push(of_comment(order));
    }
    offers.extend(fixes(problems, &spot.range));
    if !spot.text.is_empty() {
        offers.extend(about_subject(spot, nature));
        let whole = 0..spot.text.len_bytes();
        offers.push(Offer::new(TaskKind::ReviewFile, "Review this file", whole));
    }
    offers.push(Offer::new(
        TaskKind::ReviewChanges,
        "Review my changes",
        spot.range.clone(),
    ));
    offers.push(across_workspace(spot, order));
    offers
}

fn of_comment(order: &CommentOrder) -> Offer {
    let (kind, title) = match order.kind {
        CommentKind::Todo => (TaskKind::ImplementTodo, "Implement TODO"),
        CommentKind::Order => (TaskKind::Comment, "Do what this comment says"),
    };
    Offer::new(kind, titled(title, &order.text), order.range.clone())
}

fn titled(title: &str, text: &str) -> String {
    match text.lines().next().unwrap_or_default().trim() {
        "" => title.to_owned(),
        line => format!("{title}: {line}"),
    }
}

/// The worst problems one by one, and all of them together where there are several.
fn fixes(problems: &[Option<Problem>], range: &Range<usize>) -> Vec<Offer> {
    let known = problems.iter().enumerate();
    let known = known.filter_map(|(number, problem)| Some((number, problem.as_ref()?)));
    let mut known: Vec<(usize, &Problem)> = known.collect();
    known.sort_by_key(|(number, problem)| (problem.severity, *number));
    let one = |(number, problem): &(usize, &Problem)| {
        let title = titled("Fix this problem", &problem.headline(LONGEST_TITLE));
        let offer = Offer::new(TaskKind::Fix, title, range.clone());
        Offer {
            problems: vec![*number],
            ..offer
        }
    };
    let mut offers: Vec<Offer> = known.iter().take(MOST_PROBLEMS).map(one).collect();
    if known.len() > 1 {
        let title = format!("Fix all {} problems here", known.len());
        let offer = Offer::new(TaskKind::Fix, title, range.clone());
        offers.push(Offer {
            problems: known.iter().map(|(number, _)| *number).collect(),
            ..offer
        });
    }
    offers
}

fn about_subject(spot: &Spot<'_>, nature: Nature) -> Vec<Offer> {
    let subject = subject_at(spot);
    let phrase = subject.phrase();
    let is_test = subject.is_test || is_test_file(spot);
    let is_wanted = |kind: TaskKind| match kind {
        TaskKind::WriteTests => nature == Nature::Program && !is_test,
        TaskKind::Document => nature == Nature::Program,
        TaskKind::Refactor => nature != Nature::Prose,
        _ => true,
    };
    let kinds = [
        (TaskKind::Explain, "Explain", ""),
        (TaskKind::Refactor, "Refactor", "…"),
        (TaskKind::Simplify, "Simplify", ""),
        (TaskKind::WriteTests, "Write tests for", ""),
        (TaskKind::Document, "Document", ""),
    ];
    let wanted = kinds.into_iter().filter(|(kind, ..)| is_wanted(*kind));
    let offer = |(kind, verb, end)| {
        Offer::new(kind, format!("{verb} {phrase}{end}"), subject.range.clone())
    };
    wanted.map(offer).collect()
}

fn is_test_file(spot: &Spot<'_>) -> bool {
    spot.language
        .is_some_and(|language| language.is_test_file(spot.path))
}

/// A comment that says what to do can be meant for the whole workspace: there is no other place to say it in an editor
/// without an input box.
fn across_workspace(spot: &Spot<'_>, order: Option<CommentOrder>) -> Offer {
    let kind = TaskKind::RefactorWorkspace;
    match order.filter(|order| order.kind == CommentKind::Order) {
        Some(order) => {
            let title = "Refactor across the workspace as this comment says";
            Offer {
                instruction: Some(order.text),
                ..Offer::new(kind, title, order.range)
            }
        }
        None => Offer::new(kind, "Refactor across the workspace…", spot.range.clone()),
    }
}
