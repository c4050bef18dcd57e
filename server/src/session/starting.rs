//! Starting tasks: what is offered at a place as code actions, and what a command that starts one means here.
//!
//! The decisions are pure (`tasks/offers.rs`, `tasks/goal.rs`); this gathers what they are made of and hands the result to
//! `start_task`.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use syntax::{Language, SyntaxTree};
use tower_lsp_server::gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionTag, Command, Diagnostic,
};
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Result};
use url::Url;
use workspace::Document;

use crate::commands::{StartCommand, StartOptions};
use crate::lsp::convert::{display, document_path, lsp_range, position};
use crate::tasks::goal::{self, Choice, Goal};
use crate::tasks::offers::{
    CommentKind, Offer, Spot, Subject, SubjectKind, offers, order_at, subject_at,
};
use crate::tasks::problem::Problem;
use crate::tasks::{Target, TaskKind, TaskRequest, TaskSurface};

use super::Session;
use super::code_actions::ActionPlace;

/// Menus do not wait for more than a few such looks at the tree.
const LONGEST_LOOK: Duration = Duration::from_micros(300);

/// Where the code around a place has no name, so many lines of it are quoted. A comment is about what follows.
const LINES_BEFORE: usize = 5;
const LINES_AFTER: usize = 20;

/// A place of an open document, with what it takes to look at it.
pub(super) struct Here {
    pub(super) document: Arc<Document>,
    pub(super) range: Range<usize>,
    /// Within its folder.
    pub(super) path: PathBuf,
    pub(super) language: Option<Language>,
    tree: Option<SyntaxTree>,
}

impl Here {
    pub(super) fn spot(&self) -> Spot<'_> {
        Spot {
            text: &self.document.text,
            range: self.range.clone(),
            path: &self.path,
            language: self.language,
            language_id: &self.document.language_id,
            tree: self.tree.as_ref(),
            patience: LONGEST_LOOK,
        }
    }

    /// What a problem or a comment stands in: the part of the code that has a name, else the lines around it.
    fn surroundings(&self) -> Subject {
        let subject = subject_at(&self.spot());
        if subject.kind != SubjectKind::File {
            return subject;
        }
        let text = &self.document.text;
        let first = text.line_of(self.range.start).saturating_sub(LINES_BEFORE);
        let last = text.line_of(self.range.end) + LINES_AFTER;
        selected(text.line_start(first)..text.line_end(last))
    }

    /// A range that was offered is that of a named part, which begins where the range does; anything else is a selection.
    fn given_subject(&self) -> Subject {
        let start = self.range.start;
        let begun = subject_at(&Spot {
            range: start..start,
            ..self.spot()
        });
        if begun.range == self.range {
            begun
        } else {
            selected(self.range.clone())
        }
    }
}

impl Session {
    /// Tasks that make sense at a place.
    pub(super) fn task_actions(&self, place: &ActionPlace) -> Vec<CodeAction> {
        if self.folder_paths().is_empty() {
            return vec![no_folder_action()];
        }
        let Some(here) = self.here(&place.document, place.range.clone()) else {
            return Vec::new();
        };
        let encoding = self.client.encoding;
        let read = |diagnostic| Problem::from_lsp(diagnostic, &place.document.text, encoding);
        let problems: Vec<Option<Problem>> = place.context.diagnostics.iter().map(read).collect();
        let offers = offers(&here.spot(), &problems);
        let action = |offer| self.offered(offer, &place.document, &place.context.diagnostics);
        offers.into_iter().map(action).collect()
    }

    /// Carries out a command that starts a task. Gives the task's number and title.
    pub(super) fn start(&mut self, command: StartCommand) -> Result<Value> {
        if self.folder_paths().is_empty() {
            return Err(refused(NO_FOLDER));
        }
        let request = self.request(command)?;
        let title = request.title.clone();
        let task = self.start_task(request);
        Ok(json!({ "task": task.0, "title": title }))
    }

    /// Starts a task about a place that is known already, in a file that need not be open.
    pub(super) fn start_at(
        &mut self,
        kind: TaskKind,
        path: &Path,
        range: Option<Range<usize>>,
        problems: Vec<Problem>,
    ) -> Result<Value> {
        let document = self.workspace.documents().get(path);
        let here = document.zip(range.clone());
        let here = here.and_then(|(document, range)| self.here(&document, range));
        let place = match &here {
            Some(here) => self.told_place(here, here.surroundings()),
            None => goal::Place {
                path: display(path),
                language: Language::for_path(path).map(|language| language.name().to_owned()),
                subject: whole_file(0..0),
                lines: (1, 1),
                code: String::new(),
            },
        };
        let goal = Goal::of(&Choice {
            kind,
            place: Some(place),
            problems,
            instruction: None,
            comment_line: None,
        });
        let title = goal.title.clone();
        let task = self.start_task(TaskRequest {
            kind,
            title: goal.title,
            prompt: goal.prompt,
            target: range.map(|range| Target {
                path: path.to_path_buf(),
                range,
            }),
            access: goal.access,
            mode: None,
            surface: TaskSurface::Progress,
            continues: None,
        });
        Ok(json!({ "task": task.0, "title": title }))
    }

    fn offered(&self, offer: Offer, document: &Document, diagnostics: &[Value]) -> CodeAction {
        let encoding = self.client.encoding;
        let about: Vec<&Value> = offer
            .problems
            .iter()
            .filter_map(|number| diagnostics.get(*number))
            .collect();
        let shown = about.iter().copied();
        let shown =
            shown.filter_map(|value| serde_json::from_value::<Diagnostic>(value.clone()).ok());
        let shown: Vec<Diagnostic> = shown.collect();
        let mut options = json!({
            "uri": uri_of(&document.path),
            "version": document.version,
            "range": lsp_range(&document.text, &offer.range, encoding),
        });
        if !about.is_empty() {
            options["diagnostics"] = json!(about);
        }
        if let Some(instruction) = &offer.instruction {
            options["instruction"] = json!(instruction);
        }
        let command = StartCommand::name_of(offer.kind).map(|name| Command {
            title: offer.title.clone(),
            command: name.to_owned(),
            arguments: Some(vec![options]),
            ..Command::default()
        });
        CodeAction {
            title: offer.title,
            kind: Some(kind_of(offer.kind)),
            diagnostics: (!shown.is_empty()).then_some(shown),
            command,
            tags: self
                .client
                .marks_model_actions
                .then(|| vec![CodeActionTag::LLMGenerated]),
            ..CodeAction::default()
        }
    }

    /// What the command asks for, in full.
    fn request(&self, command: StartCommand) -> Result<TaskRequest> {
        let StartCommand { kind, options } = command;
        let here = self.place_of(&options)?;
        if here.is_none() && needs_place(kind) {
            return Err(refused(
                "no document is known to work on: open one and put the cursor where the task is, or give {\"uri\": …}",
            ));
        }
        let mut choice = Choice {
            kind,
            place: None,
            problems: Vec::new(),
            instruction: options.instruction.clone(),
            comment_line: None,
        };
        let mut range = None;
        if let Some(here) = &here {
            let chosen = self.chosen(here, &options, &mut choice)?;
            range = Some(chosen.range.clone());
            if is_about_place(kind, &options) {
                choice.place = Some(self.told_place(here, chosen));
            }
        }
        if needs_instruction(kind) && choice.instruction.is_none() {
            return Err(refused(how_to_instruct(kind)));
        }
        let goal = Goal::of(&choice);
        let target = here.zip(range).map(|(here, range)| Target {
            path: here.document.path.clone(),
            range,
        });
        Ok(TaskRequest {
            kind,
            title: goal.title,
            prompt: goal.prompt,
            target,
            access: goal.access,
            mode: options.mode,
            surface: TaskSurface::Progress,
            continues: None,
        })
    }

    /// What the task is about at `here`; fills in what the place itself says: the problems there, the comment there.
    fn chosen(&self, here: &Here, options: &StartOptions, choice: &mut Choice) -> Result<Subject> {
        let is_given = options.range.is_some() || options.lines.is_some();
        match choice.kind {
            TaskKind::Fix => {
                choice.problems = self.problems(here, options);
                if choice.problems.is_empty() {
                    return Err(refused(
                        "no problem is reported there: start the fix from a diagnostic's code actions, or say what is \
                         wrong with `ropewalk.task`",
                    ));
                }
                return Ok(here.surroundings());
            }
            TaskKind::ImplementTodo | TaskKind::Comment => {
                let wanted = match choice.kind {
                    TaskKind::Comment => CommentKind::Order,
                    _ => CommentKind::Todo,
                };
                let order = order_at(&here.spot()).filter(|order| order.kind == wanted);
                let order = order.ok_or_else(|| refused(NO_COMMENT))?;
                let said = choice.instruction.take().unwrap_or(order.text);
                choice.instruction = Some(said);
                choice.comment_line = Some(here.document.text.line_of(order.range.start) + 1);
                return Ok(here.surroundings());
            }
            TaskKind::ReviewFile => return Ok(whole_file(0..here.document.text.len_bytes())),
            _ => {}
        }
        if is_given && !here.range.is_empty() {
            return Ok(here.given_subject());
        }
        Ok(subject_at(&here.spot()))
    }

    /// Those that came with the command, else what is reported on the lines.
    fn problems(&self, here: &Here, options: &StartOptions) -> Vec<Problem> {
        let text = &here.document.text;
        let read = |diagnostic| Problem::from_lsp(diagnostic, text, self.client.encoding);
        if !options.diagnostics.is_empty() {
            return options.diagnostics.iter().filter_map(read).collect();
        }
        let lines = text.line_of(here.range.start)..=text.line_of(here.range.end);
        let is_there = |problem: &Problem| lines.contains(&(problem.line as usize - 1));
        let reported = self.reported_diagnostics.all().into_iter();
        let reported = reported.filter(|diagnostic| diagnostic.path == here.document.path);
        reported.map(Problem::from).filter(is_there).collect()
    }

    /// The place that a command names, else where the user was last; `None` when neither is known.
    pub(super) fn place_of(&self, options: &StartOptions) -> Result<Option<Here>> {
        let last = self.last_place.clone();
        let (path, last_range) = match (&options.uri, last) {
            (Some(uri), last) => {
                let path = self.named_path(uri);
                let range = last.filter(|(last, _)| *last == path);
                (path, range.map(|(_, range)| range))
            }
            (None, Some((path, range))) => (path, Some(range)),
            (None, None) => return Ok(None),
        };
        let document = self.workspace.documents().get(&path);
        let Some(document) = document else {
            let is_named = options.uri.is_some();
            return match is_named {
                true => Err(refused(format!(
                    "{} is not open in the editor: open it first",
                    display(&path)
                ))),
                false => Ok(None),
            };
        };
        if self.out_of_step.contains(&path) {
            return Err(refused(
                "the editor sent a change that cannot be understood: reopen the file to be in step again",
            ));
        }
        if let Some(reason) = self.why_hidden(&path) {
            return Err(refused(format!("no tasks in this file: {reason}")));
        }
        let range = self.range_in(&document, options, last_range)?;
        let here = self.here(&document, range).ok_or_else(|| {
            refused(format!(
                "{} is in none of the folders that the editor has open, so that no task can work on it",
                display(&path)
            ))
        })?;
        Ok(Some(here))
    }

    fn range_in(
        &self,
        document: &Document,
        options: &StartOptions,
        last: Option<Range<usize>>,
    ) -> Result<Range<usize>> {
        let text = &document.text;
        if let Some(version) = options.version
            && version != document.version
        {
            let mut error = refused(format!(
                "{} has changed since this was offered: choose it again",
                display(&document.path)
            ));
            error.code = ErrorCode::ContentModified;
            return Err(error);
        }
        if let Some(range) = options.range {
            let offset = |place| text.offset(position(place), self.client.encoding);
            let (start, end) = (offset(range.start), offset(range.end));
            return Ok(start.min(end)..start.max(end));
        }
        if let Some((first, last)) = options.lines {
            let count = text.len_lines();
            let (first, last) = (first as usize, last as usize);
            if first == 0 || last < first || count < last {
                return Err(refused(format!(
                    "lines {first} to {last} are not in the document: it has lines 1 to {count}"
                )));
            }
            return Ok(text.line_start(first - 1)..text.line_end(last - 1));
        }
        // The place may be older than the text.
        let last = last.unwrap_or(0..0);
        let inside = |offset| text.floor_char_boundary(offset);
        Ok(inside(last.start)..inside(last.end))
    }

    pub(super) fn here(&self, document: &Arc<Document>, range: Range<usize>) -> Option<Here> {
        let folders = self.folder_paths();
        let mut folders = folders.iter();
        let path = folders.find_map(|folder| document.path.strip_prefix(folder).ok())?;
        let language =
            Language::from_id(&document.language_id).or_else(|| Language::for_path(&document.path));
        Some(Here {
            path: path.to_path_buf(),
            language,
            tree: self.parser.tree_of(&document.path, &document.text),
            document: Arc::clone(document),
            range,
        })
    }

    fn told_place(&self, here: &Here, subject: Subject) -> goal::Place {
        let text = &here.document.text;
        let path = match &*self.folder_paths() {
            [_] => &here.path,
            _ => &here.document.path,
        };
        let end = subject.range.end.max(subject.range.start + 1) - 1;
        let code = match subject.kind {
            SubjectKind::File => String::new(),
            _ => whole_lines(text, &subject.range),
        };
        goal::Place {
            path: display(path),
            language: here.language.map(|language| language.name().to_owned()),
            lines: (text.line_of(subject.range.start) + 1, text.line_of(end) + 1),
            code,
            subject,
        }
    }

    /// A URI, an absolute path, or a path within the first folder that has such a document open.
    fn named_path(&self, name: &str) -> PathBuf {
        if let Ok(uri) = Url::parse(name) {
            return document_path(&uri);
        }
        let path = PathBuf::from(name);
        let folders = self.folder_paths().into_iter();
        let mut candidates = folders.map(|folder| workspace::normalize(&folder.join(&path)));
        let is_open = |path: &PathBuf| self.workspace.documents().get(path).is_some();
        candidates.find(is_open).unwrap_or(path)
    }
}

const NO_FOLDER: &str = "no folder is open, and tasks work in folders: open one in the editor (for some editors that means a \
    folder with `.git` or a project file above the document)";

const NO_COMMENT: &str = "there is no such comment at the cursor: put it on a line with `TODO: …`, or with `rw: …` for anything else, \
    in the language's comment marks";

/// What a task needs to be told, and how that is done in editors that cannot ask for a line of text.
fn how_to_instruct(kind: TaskKind) -> String {
    let name = StartCommand::name_of(kind).unwrap_or_default();
    let comment = match kind {
        TaskKind::RefactorWorkspace => {
            ", or write it into the code as a comment `rw: …` and choose \"Refactor across the workspace as this comment \
             says\" on it"
        }
        _ => {
            ", or write it into the code as a comment `rw: …` and choose \"Do what this comment says\" on it"
        }
    };
    format!("say what is to be done: run the command {name} with your words in quotes{comment}")
}

fn needs_instruction(kind: TaskKind) -> bool {
    matches!(kind, TaskKind::RefactorWorkspace | TaskKind::Custom)
}

fn needs_place(kind: TaskKind) -> bool {
    !needs_instruction(kind) && kind != TaskKind::ReviewChanges
}

/// What the user has in view goes with every task; only some are about it.
fn is_about_place(kind: TaskKind, options: &StartOptions) -> bool {
    match kind {
        TaskKind::Custom => options.range.is_some() || options.lines.is_some(),
        _ => needs_place(kind),
    }
}

fn refused(message: impl Into<String>) -> Error {
    Error::invalid_params(message.into())
}

fn selected(range: Range<usize>) -> Subject {
    Subject {
        kind: SubjectKind::Selection,
        name: None,
        range,
        is_test: false,
    }
}

fn whole_file(range: Range<usize>) -> Subject {
    Subject {
        kind: SubjectKind::File,
        ..selected(range)
    }
}

/// The lines that `range` touches, so that the code is quoted with its indentation.
fn whole_lines(text: &text::Text, range: &Range<usize>) -> String {
    let start = text.line_start(text.line_of(range.start));
    let end = text.line_end(text.line_of(range.end));
    text.slice(start..end).into_owned()
}

/// Kinds decide where editors list an action, and which of them run by themselves when a file is saved: none of these.
fn kind_of(kind: TaskKind) -> CodeActionKind {
    match kind {
        TaskKind::Fix => CodeActionKind::QuickFix,
        TaskKind::Explain | TaskKind::ReviewFile | TaskKind::ReviewChanges => {
            CodeActionKind::Source
        }
        _ => CodeActionKind::RefactorRewrite,
    }
}

fn no_folder_action() -> CodeAction {
    let title = "Agent tasks need an open folder";
    CodeAction {
        title: title.into(),
        kind: Some(CodeActionKind::Source),
        command: StartCommand::name_of(TaskKind::Custom).map(|name| Command {
            title: title.into(),
            command: name.to_owned(),
            arguments: None,
            ..Command::default()
        }),
        ..CodeAction::default()
    }
}

pub(super) fn uri_of(path: &Path) -> Option<String> {
    Url::from_file_path(path).ok().map(String::from)
}
