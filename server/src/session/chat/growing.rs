//! How an answer comes into its document: by edits a few times a second, each believed only when the document shows it.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use text::ChangeSet;
use tower_lsp_server::gen_lsp_types::MessageType;

use crate::chat::format::{self, YOU};
use crate::chat::growth::{Growth, Seen};
use crate::chat::placement::placement;
use crate::chat::worker::ChatEvent;
use crate::event::Event;
use crate::lsp::convert::lsp_range;
use crate::session::Session;
use crate::timer::Alarm;

/// Between two edits, so that the editor has time for its user.
const PAUSE: Duration = Duration::from_millis(130);

/// After an edit that is said to be applied its change must be told within this time: editors gather changes for a while.
const TELLING: Duration = Duration::from_millis(800);

/// An edit that is not answered within this time is made again.
const ANSWERING: Duration = Duration::from_secs(6);

/// After so many edits in a row that came to nothing, the answer waits until its turn is over or the user types.
const MOST_FAILURES: u32 = 12;

impl Session {
    /// A document was opened.
    pub(in crate::session) fn chat_opened(&mut self, path: &Path) {
        if !self.is_chat(path) {
            return;
        }
        let Some(document) = self.workspace.documents().get(path) else {
            return;
        };
        let text = document.text.to_string();
        drop(document);
        let chat = self.chats.get_or_insert(path, &text);
        chat.draft_start = None;
        if let Some(turn) = &mut chat.turn {
            turn.line_break = format::line_break(&text);
            turn.place = placement(&text, &turn.message, &turn.known_in(&text));
            turn.growth = Some(Growth::new(turn.place.start, turn.place.delivered.clone()));
            turn.edit = None;
            turn.failures = 0;
        }
        self.chats.note_use(path);
        self.catch_up_from_now(path);
        self.grow(path);
    }

    /// A document was closed: an answer that is being written comes into the file when it is complete.
    pub(in crate::session) fn chat_closed(&mut self, path: &Path) {
        let Some(chat) = self.chats.get_mut(path) else {
            return;
        };
        chat.draft_start = None;
        if let Some(turn) = &mut chat.turn {
            turn.growth = None;
            turn.edit = None;
        }
        self.grow(path);
    }

    /// A document has changed.
    pub(in crate::session) fn chat_changed(&mut self, path: &Path, change: &ChangeSet) {
        let Some(chat) = self.chats.get_mut(path) else {
            return;
        };
        chat.note_change(change);
        let Some(turn) = &mut chat.turn else {
            return;
        };
        let Some(growth) = &mut turn.growth else {
            return;
        };
        turn.failures = 0;
        if growth.note(change) == Seen::Ours {
            turn.edit = None;
            turn.place.delivered = growth.delivered().to_owned();
        }
        match turn.is_over && !growth.is_waiting() {
            true => self.grow(path),
            false => self.grow_soon(path),
        }
    }

    /// Has more of the answer written in a moment.
    pub(super) fn grow_soon(&mut self, path: &Path) {
        let Some(chat) = self.chats.get_mut(path) else {
            return;
        };
        let number = chat.number;
        let Some(turn) = chat.turn.as_mut().filter(|turn| !turn.is_growing_soon) else {
            return;
        };
        turn.is_growing_soon = true;
        let patience = 1 + turn.failures.min(MOST_FAILURES);
        self.timer.after(PAUSE * patience, Alarm::ChatGrows(number));
    }

    /// It is time to write more.
    pub(in crate::session) fn chat_grows(&mut self, number: u64) {
        let Some(path) = self.chats.path_of_number(number) else {
            return;
        };
        if let Some(turn) = self
            .chats
            .get_mut(&path)
            .and_then(|chat| chat.turn.as_mut())
        {
            turn.is_growing_soon = false;
        }
        self.grow(&path);
    }

    /// Writes what there is of the answer, unless an edit is under way.
    pub(super) fn grow(&mut self, path: &Path) {
        let document = self.workspace.documents().get(path);
        let Some(document) = document else {
            return self.write_closed_chat(path);
        };
        if self.out_of_step.contains(path) {
            return;
        }
        let Some(turn) = self.chats.get_mut(path).and_then(|chat| chat.turn.as_mut()) else {
            return;
        };
        let whole = turn.whole();
        let Some(growth) = &mut turn.growth else {
            return;
        };
        if turn.failures > MOST_FAILURES && !turn.is_over {
            return;
        }
        if let Some(edit) = growth.next(&whole, document.text.len_bytes()) {
            let encoding = self.client.encoding;
            let edits = edit.edits().map(|edit| {
                json!({ "range": lsp_range(&document.text, &edit.range, encoding), "newText": edit.insert })
            });
            let edits: Vec<Value> = edits.collect();
            let version = document.version;
            drop(document);
            return self.send_chat_edit(path, version, &edits);
        }
        let is_complete = turn.is_over && growth.has(&whole);
        let text = is_complete.then(|| document.text.to_string());
        drop(document);
        if let Some(text) = text {
            self.end_answer(path, &text);
        }
    }

    /// The client has answered an edit. What it says proves nothing, but a refusal comes at once.
    pub(super) fn chat_edit_answered(&mut self, path: &Path, number: u64, is_applied: bool) {
        let waiting = self.chats.path_of_edit(number);
        let is_waiting = waiting.is_some_and(|waiting| waiting == path);
        match (is_waiting, is_applied) {
            (true, true) => self.timer.after(TELLING, Alarm::ChatEdit(number)),
            (true, false) => self.chat_edit_lost(number),
            (false, _) => {}
        }
    }

    /// An edit should have been seen by now.
    pub(in crate::session) fn chat_edit_lost(&mut self, number: u64) {
        let Some(path) = self.chats.path_of_edit(number) else {
            return;
        };
        let Some(chat) = self.chats.get_mut(&path) else {
            return;
        };
        if chat.catch_up == Some(number) {
            return self.catch_up(&path);
        }
        let Some(turn) = &mut chat.turn else {
            return;
        };
        turn.edit = None;
        turn.failures += 1;
        if let Some(growth) = &mut turn.growth {
            growth.give_up();
        }
        if turn.is_over && turn.failures > MOST_FAILURES {
            let thread = chat.thread.clone().unwrap_or_default();
            chat.turn = None;
            return self.tell_of_chat(
                MessageType::Error,
                &format!(
                    "The editor does not take the edits that would bring the answer into the chat. \
                     `ropewalk threads show {thread}` prints it."
                ),
            );
        }
        self.grow_soon(&path);
    }

    /// The worker has written, or could not.
    pub(super) fn chat_written(&mut self, path: &Path, written: Result<(), String>) {
        let is_open = self.workspace.documents().get(path).is_some();
        let Some(chat) = self.chats.get_mut(path) else {
            return;
        };
        if !is_open {
            // An open document gets the answer by an edit.
            chat.turn = None;
        }
        if let Err(reason) = written {
            self.tell_of_chat(MessageType::Error, &reason);
        }
    }

    /// Sends an edit: of the answer while there is one, else one that brings the document up to date.
    pub(super) fn send_chat_edit(&mut self, path: &Path, version: i32, edits: &[Value]) {
        let Ok(uri) = url::Url::from_file_path(path) else {
            return;
        };
        let number = self.chats.next_number();
        if let Some(chat) = self.chats.get_mut(path) {
            match &mut chat.turn {
                Some(turn) => turn.edit = Some(number),
                None => chat.catch_up = Some(number),
            }
        }
        let document = json!({ "uri": uri, "version": version });
        let change = json!({ "textDocument": document, "edits": edits });
        let params =
            json!({ "label": "Ropewalk answers", "edit": { "documentChanges": [change] } });
        let (events, answered) = (self.events.clone(), path.to_path_buf());
        self.outbox
            .request_method("workspace/applyEdit", &params, move |answer| {
                let is_applied = answer.is_ok_and(|answer| answer["applied"] == json!(true));
                events.send(Event::Chat(ChatEvent::EditAnswered(
                    answered, number, is_applied,
                )));
            });
        self.timer.after(ANSWERING, Alarm::ChatEdit(number));
    }

    /// The document is closed: the answer comes into the file at its end.
    fn write_closed_chat(&mut self, path: &Path) {
        let events = self.events.clone();
        let turn = self.chats.get_mut(path).and_then(|chat| chat.turn.as_mut());
        let Some(turn) = turn.filter(|turn| turn.is_over) else {
            return;
        };
        let (message, known) = (turn.message.clone(), turn.place.delivered.clone());
        let answer = turn.answer.render();
        if let Some(worker) = self.chats.worker(&events) {
            worker.write(path.to_path_buf(), message, known, answer);
        }
    }

    /// The answer is all there.
    fn end_answer(&mut self, path: &Path, text: &str) {
        let Some(chat) = self.chats.get_mut(path) else {
            return;
        };
        let Some(growth) = chat.turn.take().and_then(|turn| turn.growth) else {
            return;
        };
        let range = growth.range();
        let heading = format::last_heading(&text[range.clone()], YOU);
        chat.draft_start = Some(match heading {
            Some(heading) => range.start + heading.end,
            None => range.end,
        });
    }
}
