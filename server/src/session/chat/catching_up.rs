//! What a thread has and its open document lacks, because the editor brought the document back after a kill, or the thread
//! went on elsewhere: brought in by an edit. Documents that are not open are written by the worker.

use std::path::Path;

use serde_json::{Value, json};

use crate::chat::transcript::{TurnText, brought_up_to_date};
use crate::chat::worker::OpenChat;
use crate::lsp::convert::lsp_range;
use crate::session::Session;

/// So often an edit is made again that came to nothing, because the user typed or the editor refused it.
const MOST_TRIES: u32 = 5;

impl Session {
    /// Has the document brought up to date, if it is of a thread and nothing is being answered in it.
    pub(super) fn catch_up_from_now(&mut self, path: &Path) {
        if let Some(chat) = self.chats.get_mut(path) {
            chat.tries_left = MOST_TRIES;
        }
        self.catch_up(path);
    }

    /// The same as often as it may still be tried.
    pub(super) fn catch_up(&mut self, path: &Path) {
        let (links, events) = (self.links(), self.events.clone());
        let Some(chat) = self.chats.get_mut(path) else {
            return;
        };
        chat.catch_up = None;
        let (None, Some(thread), true) = (&chat.turn, chat.thread.clone(), chat.tries_left > 0)
        else {
            return;
        };
        chat.tries_left -= 1;
        let path = path.to_path_buf();
        if let Some(worker) = self.chats.worker(&events) {
            worker.look_up(OpenChat { path, thread }, links);
        }
    }

    /// The worker has read the thread of a document that is, or was, open.
    pub(super) fn chat_turns_found(&mut self, path: &Path, turns: &[TurnText]) {
        let Some(document) = self.workspace.documents().get(path) else {
            return;
        };
        let Some(chat) = self.chats.get_mut(path) else {
            return;
        };
        if chat.turn.is_some() || chat.catch_up.is_some() || self.out_of_step.contains(path) {
            return;
        }
        let text = document.text.to_string();
        let Some(wanted) = brought_up_to_date(&text, turns) else {
            return;
        };
        // The headings tell it when the turns are there.
        chat.draft_start = None;
        let encoding = self.client.encoding;
        let change = text::diff_words(&text, &wanted);
        let edits: Vec<Value> = change
            .edits()
            .map(|edit| {
                json!({ "range": lsp_range(&document.text, &edit.range, encoding), "newText": edit.insert })
            })
            .collect();
        let version = document.version;
        drop(document);
        self.send_chat_edit(path, version, &edits);
    }

    /// The chats that are open in the editor and have a thread.
    pub(super) fn open_chats(&self) -> Vec<OpenChat> {
        let is_open = |path: &Path| self.workspace.documents().get(path).is_some();
        let chats = self.chats.with_threads().filter(|(path, _)| is_open(path));
        let chats = chats.map(|(path, thread)| OpenChat {
            path: path.to_path_buf(),
            thread: thread.to_owned(),
        });
        chats.collect()
    }
}
