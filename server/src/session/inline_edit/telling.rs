//! What the client is told of inline edits: `$/progress` with a token each, `ropewalk/inlineEdit`, and messages.

use protocol::{
    InlineEditNotification, InlineEditPosition, InlineEditRange, InlineEditReport, InlineEditState,
    Message,
};
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{
    MessageType, ProgressNotification, ProgressParams, ProgressToken, ShowMessageNotification,
    ShowMessageParams, WorkDoneProgressCreateParams, WorkDoneProgressCreateRequest,
};

use super::{End, Session};
use crate::event::Event;
use crate::inline_edit::{InlineEditEvent, fitted, growing};
use crate::lsp::convert::{document_uri, lsp_range};
use crate::transport::Answer;

const TOKENS: &str = "ropewalk/inlineEdit/";

impl Session {
    /// The user has cancelled what is shown under a token.
    pub(in crate::session) fn cancel_inline_edit(&mut self, token: &Value) {
        let number = token.as_str().and_then(|token| token.strip_prefix(TOKENS));
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            self.end_inline_edit(number, End::Stopped);
        }
    }

    pub(super) fn ask_for_inline_edit_progress(&self, number: u32) {
        if !self.client.shows_progress {
            return;
        }
        let params = WorkDoneProgressCreateParams {
            token: token(number),
        };
        let events = self.events.clone();
        self.outbox
            .request::<WorkDoneProgressCreateRequest>(&params, move |answer| {
                events.send(Event::InlineEdit(InlineEditEvent::ProgressAllowed(
                    number, answer,
                )));
            });
    }

    pub(super) fn begin_inline_edit_progress(&mut self, number: u32, answer: &Answer) {
        let Some(edit) = self.inline_edits.under_way.get_mut(&number) else {
            return;
        };
        if answer.is_err() {
            return;
        }
        edit.is_progress_shown = true;
        let begin = json!({
            "kind": "begin",
            "title": edit.title,
            "cancellable": true,
            "message": "asks the model",
        });
        self.send_inline_edit_progress(number, begin);
    }

    /// The model has written more.
    pub(super) fn tell_inline_edit_grows(&self, number: u32) {
        let Some(edit) = self.inline_edits.under_way.get(&number) else {
            return;
        };
        if edit.is_progress_shown {
            let lines = growing(&edit.answer, edit.fence);
            let message = match lines.map_or(0, |text| text.lines().count()) {
                0 => "the model answers".to_owned(),
                1 => "1 line".to_owned(),
                lines => format!("{lines} lines"),
            };
            let report = json!({ "kind": "report", "cancellable": true, "message": message });
            self.send_inline_edit_progress(number, report);
        }
        self.tell_inline_edit(number, InlineEditState::Writing, None);
    }

    pub(super) fn end_inline_edit_progress(&self, number: u32, state: InlineEditState) {
        let edit = self.inline_edits.under_way.get(&number);
        if edit.is_some_and(|edit| edit.is_progress_shown) {
            let message = match state {
                InlineEditState::Stopped => "stopped",
                InlineEditState::Failed => "not applied",
                InlineEditState::Writing | InlineEditState::Applying | InlineEditState::Applied => {
                    "done"
                }
            };
            self.send_inline_edit_progress(number, json!({ "kind": "end", "message": message }));
        }
    }

    /// Tells clients that show it how an edit stands.
    pub(super) fn tell_inline_edit(
        &self,
        number: u32,
        state: InlineEditState,
        message: Option<String>,
    ) {
        let Some(edit) = self.inline_edits.under_way.get(&number) else {
            return;
        };
        let uri = document_uri(&edit.path).filter(|_| self.client.shows_inline_edits);
        let Some(uri) = uri else {
            return;
        };
        let document = self.workspace.documents().get(&edit.path);
        let new = match edit.canceller {
            Some(_) => growing(&edit.answer, edit.fence).unwrap_or_default(),
            None => crate::inline_edit::wanted_text(&edit.answer, edit.fence),
        };
        let text = match &document {
            Some(document) => fitted(&new, &edit.slot(&document.text)),
            None => new,
        };
        let range = document.as_ref().map(|document| {
            let range = lsp_range(&document.text, &edit.range, self.client.encoding);
            let position =
                |position: tower_lsp_server::gen_lsp_types::Position| InlineEditPosition {
                    line: position.line,
                    character: position.character,
                };
            InlineEditRange {
                start: position(range.start),
                end: position(range.end),
            }
        });
        let report = InlineEditReport {
            edit: number,
            uri: uri.into(),
            version: document.map(|document| document.version),
            range,
            text,
            state,
            message,
        };
        self.outbox
            .notify_method(InlineEditNotification::METHOD, &report);
    }

    pub(super) fn warn_of_inline_edit(&self, title: &str, reason: &str) {
        self.outbox
            .notify::<ShowMessageNotification>(&ShowMessageParams {
                kind: MessageType::Warning,
                message: format!("The inline edit \"{title}\" was not applied: {reason}"),
            });
    }

    fn send_inline_edit_progress(&self, number: u32, value: Value) {
        let params = ProgressParams {
            token: token(number),
            value,
        };
        self.outbox.notify::<ProgressNotification>(&params);
    }
}

fn token(number: u32) -> ProgressToken {
    ProgressToken::String(format!("{TOKENS}{number}"))
}
