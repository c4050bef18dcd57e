//! What the client offers about changes: code actions where the user is, and lenses above each change.

use std::ops::Range;
use std::path::Path;

use changes::HunkId;
use tower_lsp_server::gen_lsp_types as lsp;
use tower_lsp_server::gen_lsp_types::{CodeAction, CodeActionKind, CodeLens, Diagnostic};

use super::Session;
use super::report::{Item, items};
use crate::commands::{Direction, ReviewCommand, Scope};
use crate::session::code_actions::ActionPlace;

impl Session {
    /// What can be done about changes at a place.
    pub(in crate::session) fn review_actions(&self, place: &ActionPlace) -> Vec<CodeAction> {
        if self.review.ledger.is_empty() {
            return Vec::new();
        }
        let touched = self.items_at(&place.path, &place.range);
        let encoding = self.client.encoding;
        let text = &place.document.text;
        let diagnostics: Vec<Diagnostic> = touched
            .iter()
            .map(|item| item.diagnostic(text, encoding))
            .collect();
        let mut actions = Vec::new();
        if !touched.is_empty() {
            actions.extend(at_changes(&touched, &diagnostics));
        }
        actions.extend(self.file_actions(&place.path));
        actions.extend(self.wide_actions(&touched));
        actions
    }

    /// `textDocument/codeLens`
    pub(in crate::session) fn code_lenses(&self, path: &Path) -> Vec<CodeLens> {
        let Some(document) = self.review.ledger.document(path) else {
            return Vec::new();
        };
        let all = Scope::File(Some(path.to_path_buf()));
        let mut lenses = vec![
            lens(0, "Keep all changes", &ReviewCommand::KeepAll(all.clone())),
            lens(0, "Undo all changes", &ReviewCommand::UndoAll(all)),
        ];
        for item in items(document) {
            let keep = format!("Keep {}", item.summary);
            lenses.push(lens(
                item.lines.start,
                &keep,
                &ReviewCommand::Keep(vec![item.id]),
            ));
            let undo = ReviewCommand::Undo(vec![item.id], None);
            lenses.push(lens(item.lines.start, "Undo", &undo));
        }
        lenses
    }

    /// The changes whose lines a selection touches.
    pub(super) fn items_at(&self, path: &Path, range: &Range<usize>) -> Vec<Item> {
        let Some(document) = self.review.ledger.document(path) else {
            return Vec::new();
        };
        let text = document.text();
        let (first, last) = (text.line_of(range.start), text.line_of(range.end));
        let mut items = items(document);
        items.retain(|item| item.lines.start <= last && first < item.lines.end);
        items
    }

    fn file_actions(&self, path: &Path) -> Vec<CodeAction> {
        if self.review.ledger.document(path).is_none() {
            return Vec::new();
        }
        let file = Scope::File(Some(path.to_path_buf()));
        vec![
            refactor(
                "Keep all changes in file",
                &ReviewCommand::KeepAll(file.clone()),
            ),
            refactor("Undo all changes in file", &ReviewCommand::UndoAll(file)),
        ]
    }

    fn wide_actions(&self, touched: &[Item]) -> Vec<CodeAction> {
        let mut actions = Vec::new();
        if let Some(item) = touched.first() {
            let task = Scope::Task(Some(item.id));
            let title = &item.source.title;
            let keep = format!("Keep all changes of: {title}");
            actions.push(refactor(&keep, &ReviewCommand::KeepAll(task.clone())));
            let undo = format!("Undo all changes of: {title}");
            actions.push(refactor(&undo, &ReviewCommand::UndoAll(task)));
        }
        actions.extend([
            refactor(
                "Keep changes everywhere",
                &ReviewCommand::KeepAll(Scope::Everywhere),
            ),
            refactor(
                "Undo changes everywhere",
                &ReviewCommand::UndoAll(Scope::Everywhere),
            ),
            refactor("Next change", &ReviewCommand::Go(Direction::Next)),
            refactor("Previous change", &ReviewCommand::Go(Direction::Previous)),
        ]);
        actions
    }
}

fn at_changes(touched: &[Item], diagnostics: &[Diagnostic]) -> [CodeAction; 3] {
    let ids: Vec<HunkId> = touched.iter().map(|item| item.id).collect();
    let what = match touched {
        [item] => item.summary.clone(),
        several => format!("{} changes", several.len()),
    };
    [
        (format!("Keep {what}"), ReviewCommand::Keep(ids.clone())),
        (
            format!("Undo {what}"),
            ReviewCommand::Undo(ids.clone(), None),
        ),
        (
            format!("Undo {what} and tell the agent why…"),
            ReviewCommand::UndoAndTell(ids),
        ),
    ]
    .map(|(title, command)| CodeAction {
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: Some(diagnostics.to_vec()),
        ..refactor(&title, &command)
    })
}

fn refactor(title: &str, command: &ReviewCommand) -> CodeAction {
    CodeAction {
        title: title.to_owned(),
        kind: Some(CodeActionKind::Refactor),
        command: Some(lsp_command(title, command)),
        ..CodeAction::default()
    }
}

fn lens(line: usize, title: &str, command: &ReviewCommand) -> CodeLens {
    let start = lsp::Position {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        character: 0,
    };
    CodeLens {
        range: lsp::Range { start, end: start },
        command: Some(lsp_command(title, command)),
        data: None,
    }
}

fn lsp_command(title: &str, command: &ReviewCommand) -> lsp::Command {
    let (name, arguments) = command.call();
    lsp::Command {
        title: title.to_owned(),
        command: name.to_owned(),
        arguments: Some(arguments),
        tooltip: None,
    }
}
