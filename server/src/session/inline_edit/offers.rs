//! Where inline edits are offered, and what a command that starts one means at its place.

use std::ops::Range;
use std::path::PathBuf;

use serde_json::json;
use text::Text;
use tower_lsp_server::gen_lsp_types::{CodeAction, CodeActionKind, CodeActionTag, Command};
use tower_lsp_server::jsonrpc::Result;

use super::super::code_actions::ActionPlace;
use super::super::starting::{Here, uri_of};
use super::{LONGEST_TITLE, Session, refused};
use crate::commands::{InlineEditCommand, StartOptions};
use crate::inline_edit::{LONGEST_SELECTION, Prompt, Scene};
use crate::lsp::convert::{display, lsp_range};
use crate::tasks::offers::{CommentKind, CommentOrder, Spot, SubjectKind, order_at, subject_at};
use crate::tasks::problem::shortened;

const NO_PLACE: &str =
    "no document is known to edit: open one and select what is to be edited, or give {\"uri\": …}";

const NO_INSTRUCTION: &str = "say what is to become of the selection: run the command ropewalk.inlineEdit with your words in quotes, or write \
    them into the code as a comment `rw: …` and choose \"Edit inline\" on it";

/// An edit that was asked for.
pub(super) struct Wish {
    pub(super) path: PathBuf,
    pub(super) range: Range<usize>,
    pub(super) selected: String,
    pub(super) instruction: String,
    pub(super) prompt: Prompt,
}

impl Session {
    /// An inline edit, where something is selected or a comment says what to do.
    pub(in crate::session) fn inline_edit_actions(&self, place: &ActionPlace) -> Vec<CodeAction> {
        let Some(here) = self.here(&place.document, place.range.clone()) else {
            return Vec::new();
        };
        let order = comment_order(&here);
        if order.is_none() && !is_selection(&here.document.text, &here.range) {
            return Vec::new();
        }
        let text = &here.document.text;
        let range = match &order {
            Some(order) => about_comment(&here, order),
            None => here.range.clone(),
        };
        let title = match &order {
            Some(order) => {
                let line = order.text.lines().next().unwrap_or_default();
                shortened(&format!("Edit inline: {line}"), LONGEST_TITLE)
            }
            None => "Edit inline…".to_owned(),
        };
        let mut options = json!({
            "uri": uri_of(&here.document.path),
            "version": here.document.version,
            "range": lsp_range(text, &range, self.client.encoding),
        });
        if let Some(order) = order {
            options["instruction"] = json!(order.text);
        }
        let marks = self.client.marks_model_actions;
        vec![CodeAction {
            title: title.clone(),
            kind: Some(CodeActionKind::RefactorRewrite),
            command: Some(Command {
                title,
                command: InlineEditCommand::EDIT.to_owned(),
                arguments: Some(vec![options]),
                ..Command::default()
            }),
            tags: marks.then(|| vec![CodeActionTag::LLMGenerated]),
            ..CodeAction::default()
        }]
    }

    /// What a command asks for, in full.
    pub(super) fn inline_edit_wish(&self, options: &StartOptions) -> Result<Wish> {
        let here = self.place_of(options)?.ok_or_else(|| refused(NO_PLACE))?;
        let text = &here.document.text;
        let (range, instruction) = match (&options.instruction, comment_order(&here)) {
            (Some(instruction), _) => (edited_range(text, &here.range), instruction.clone()),
            (None, Some(order)) => (about_comment(&here, &order), order.text),
            (None, None) => return Err(refused(NO_INSTRUCTION)),
        };
        if range.len() > LONGEST_SELECTION {
            return Err(refused(format!(
                "the selection is too long to be edited inline ({} KB; {} KB are the most): select less, or start a task",
                range.len() / 1024,
                LONGEST_SELECTION / 1024
            )));
        }
        let selected = text.slice(range.clone()).into_owned();
        let language = here.language.map_or("", |language| language.name());
        let prompt = Prompt::of(&Scene {
            path: &display(&here.path),
            language,
            before: &text.slice(0..range.start),
            selected: &selected,
            after: &text.slice(range.end..text.len_bytes()),
            instruction: &instruction,
        });
        Ok(Wish {
            path: here.document.path.clone(),
            range,
            selected,
            instruction,
            prompt,
        })
    }
}

fn comment_order(here: &Here) -> Option<CommentOrder> {
    order_at(&here.spot()).filter(|order| order.kind == CommentKind::Order)
}

/// Whether it is more than a cursor, which in some editors covers a character.
fn is_selection(text: &Text, range: &Range<usize>) -> bool {
    text.slice(range.clone()).chars().nth(1).is_some()
}

/// A selection, else the cursor's line, else, where nothing is written, the cursor.
fn edited_range(text: &Text, range: &Range<usize>) -> Range<usize> {
    if is_selection(text, range) {
        return range.clone();
    }
    let line = text.line_of(range.start);
    let whole = text.line_start(line)..text.line_end(line);
    match text.slice(whole.clone()).trim().is_empty() {
        true => range.start..range.start,
        false => whole,
    }
}

/// The lines that a comment is about: the named part of the code that it stands in, else what follows up to a blank line.
fn about_comment(here: &Here, order: &CommentOrder) -> Range<usize> {
    let text = &here.document.text;
    let subject = subject_at(&Spot {
        range: order.range.start..order.range.start,
        ..here.spot()
    });
    let first = text.line_of(order.range.start.min(subject.range.start));
    if subject.kind != SubjectKind::File {
        let last = text.line_of(subject.range.end.max(order.range.end));
        return text.line_start(first)..text.line_end(last);
    }
    let first = text.line_of(order.range.start);
    let mut last = text.line_of(order.range.end);
    while last + 1 < text.len_lines() && !text.line(last + 1).trim().is_empty() {
        last += 1;
    }
    text.line_start(first)..text.line_end(last)
}
