//! How every tool that edits makes its changes: shown as diffs, approved, committed together, shown again.

use std::path::Path;

use changes::text_diff;
use models::Content;
use sandbox::Wall;

use crate::{
    ToolContext, ToolOutput,
    editable_text::EditableText,
    tool::{Approval, ChangeKind, Presentation, PresentedChange, ToolStatus},
    workspace::{FileEdit, FileError},
};

/// Asks for `changes`, makes them, and answers with `message`. Without changes there is nothing to ask.
///
/// `failed` makes the model's answer of an error; nothing was changed then.
pub(super) fn change_files(
    changes: &[FileEdit],
    context: &ToolContext<'_>,
    message: String,
    failed: impl FnOnce(&FileError) -> String,
) -> ToolOutput {
    if changes.is_empty() {
        return ToolOutput::success(message);
    }
    if let Err(error) = context.workspace.check(changes) {
        return ToolOutput::failure(failed(&error));
    }
    let changes_shown = present(changes);
    if let Err(refusal) = permit(&changes_shown, context) {
        return refusal;
    }
    match context.workspace.commit(changes) {
        Ok(()) => ToolOutput::success(message).presented(Presentation::FileChanges {
            changes: changes_shown,
        }),
        Err(error) => ToolOutput::failure(failed(&error)),
    }
}

/// Asks for the changes, unless they are made in a twin, where nothing of the user's is changed.
fn permit(changes: &[PresentedChange], context: &ToolContext<'_>) -> Result<(), ToolOutput> {
    if context.workspace.wall() != Wall::None {
        return Ok(());
    }
    let changes = changes.to_vec();
    let approval = Approval::ChangeFiles {
        changes: changes.clone(),
    };
    context
        .approve(&approval)
        .map_err(|refusal| match context.cancel.is_set() {
            true => interrupted(),
            false => refusal.presented(Presentation::FileChanges { changes }),
        })
}

/// `changes` as people see them, in order of the paths.
pub fn present(changes: &[FileEdit]) -> Vec<PresentedChange> {
    let mut presented: Vec<PresentedChange> = changes.iter().map(present_one).collect();
    presented.sort_by(|left, right| left.path.cmp(&right.path));
    presented
}

fn present_one(change: &FileEdit) -> PresentedChange {
    match change {
        FileEdit::Write {
            path,
            before: None,
            after,
        } => presented(path, ChangeKind::Added, &[], after),
        FileEdit::Write {
            path,
            before: Some(before),
            after,
        } => presented(path, ChangeKind::Modified, before, after),
        FileEdit::Delete { path, before } => presented(path, ChangeKind::Deleted, before, &[]),
        FileEdit::Move {
            from,
            to,
            before,
            after,
            ..
        } => {
            let from = from.clone();
            presented(to, ChangeKind::Moved { from }, before, after)
        }
    }
}

fn presented(path: &Path, kind: ChangeKind, before: &[u8], after: &[u8]) -> PresentedChange {
    PresentedChange {
        path: path.to_owned(),
        kind,
        diff: diff(before, after).unwrap_or_default(),
    }
}

/// `None` for binary files.
fn diff(before: &[u8], after: &[u8]) -> Option<String> {
    let text = |bytes: &[u8]| EditableText::decode(bytes.to_vec()).ok();
    Some(text_diff(text(before)?.text(), text(after)?.text()))
}

fn interrupted() -> ToolOutput {
    ToolOutput {
        content: vec![Content::text(
            "Interrupted before the change was approved. Nothing was changed.",
        )],
        status: ToolStatus::Interrupted,
        presentation: None,
    }
}
