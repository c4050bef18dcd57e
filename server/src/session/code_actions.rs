//! `textDocument/codeAction`: gathers what each part of the session has to offer at a place. Never asks a model.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::CodeAction;
use workspace::Document;

use crate::lsp::convert::{document_path, position};
use crate::lsp::params::{CodeActionContext, CodeActionParams};

use super::Session;

/// Where code actions are asked for.
pub(super) struct ActionPlace {
    pub(super) path: PathBuf,
    /// The document as it is now.
    pub(super) document: Arc<Document>,
    /// The selection in bytes, the end excluded; empty for a cursor.
    pub(super) range: Range<usize>,
    pub(super) context: CodeActionContext,
}

impl Session {
    /// `textDocument/codeAction`; nothing for a document that is not open or may not be seen.
    pub(super) fn code_actions(&mut self, params: CodeActionParams) -> Vec<CodeAction> {
        let Some(place) = self.action_place(params) else {
            return Vec::new();
        };
        self.note_place(&place);
        self.look_at_commits_soon();
        let mut actions = self.review_actions(&place);
        actions.extend(self.conflict_actions(&place));
        actions.extend(self.finding_actions(&place));
        if !self.is_chat(&place.path) {
            actions.extend(self.inline_edit_actions(&place));
            actions.extend(self.task_actions(&place));
        }
        actions.extend(self.chat_actions(&place));
        actions.extend(self.checkpoint_actions(&place));
        let only = place.context.only.as_deref();
        actions.retain(|action| is_wanted(action, only));
        actions
    }

    fn action_place(&self, mut params: CodeActionParams) -> Option<ActionPlace> {
        let path = document_path(&params.text_document.uri);
        if self.why_hidden(&path).is_some() || self.out_of_step.contains(&path) {
            return None;
        }
        let document = self.workspace.documents().get(&path)?;
        let encoding = self.client.encoding;
        let offset = |place| document.text.offset(position(place), encoding);
        let (start, end) = (offset(params.range.start), offset(params.range.end));
        let lines = (params.range.start.line, params.range.end.line);
        self.add_told_diagnostics(&path, lines, &mut params.context);
        Some(ActionPlace {
            range: start.min(end)..start.max(end),
            path,
            document,
            context: params.context,
        })
    }
}

/// Kinds form a tree: `refactor` asks for `refactor.rewrite` too (LSP 3.18, CodeActionKind).
fn is_wanted(action: &CodeAction, only: Option<&[String]>) -> bool {
    let Some(only) = only else {
        return true;
    };
    let Some(kind) = action
        .kind
        .as_ref()
        .and_then(|kind| serde_json::to_value(kind).ok())
    else {
        return false;
    };
    let kind = kind.as_str().unwrap_or_default();
    let is_below = |wanted: &String| {
        let rest = kind.strip_prefix(wanted.as_str());
        wanted.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    only.iter().any(is_below)
}
