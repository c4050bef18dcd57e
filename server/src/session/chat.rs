//! Chats: Markdown documents in which the user writes under the last heading and the answer grows below.
//!
//! Here: commands, what is sent as a turn, what the turn tells. `growing.rs` brings the answer into the document,
//! `catching_up.rs` what the thread has and the document lacks, `offers.rs` has the code actions, links and completions there.

mod catching_up;
mod growing;
mod offers;
mod state;

use std::path::{Path, PathBuf};

use agent::surface::ThreadEvent;
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{
    MessageType, ShowDocumentParams, ShowDocumentRequest, ShowMessageNotification,
    ShowMessageParams,
};
use tower_lsp_server::jsonrpc::{Error, Result};
use url::Url;

use crate::chat::format;
use crate::chat::links::{self, Links};
use crate::chat::mentions::{self, Mentionable, Selected};
use crate::chat::placement::Placement;
use crate::chat::worker::ChatEvent;
use crate::commands::{ChatChoice, ChatCommand};
use crate::event::Event;
use crate::tasks::{Access, EndedTurn, TaskId, TaskKind, TaskRequest, TaskSurface};

use super::Session;

use state::ChatTurn;
pub(super) use state::Chats;

/// Longer titles of tasks are cut. In characters.
const LONGEST_TITLE: usize = 60;

/// Why a message is not sent.
const STILL_ANSWERING: &str = "The answer is still being written, so what you wrote below it is not sent yet: send it when it \
     is done, or stop the answer with `ropewalk.chat.stop`.";

/// What a message is sent by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SentBy {
    /// Saving the document, which may have other reasons: nothing is said when there is nothing to send.
    Save,
    Command,
}

impl Session {
    /// Carries out a command about chats.
    pub(super) fn run_chat_command(&mut self, command: ChatCommand) -> Result<Value> {
        match command {
            ChatCommand::Open(choice) => self.open_chat(choice, String::new()),
            ChatCommand::About { path, lines } => {
                let links = self.links();
                let (first, last) = lines;
                let name = links.name(&path);
                let shown = match last > first {
                    true => format!("{name}:{first}-{last}"),
                    false => format!("{name}:{first}"),
                };
                let target = links::target(&path, Some(first)).unwrap_or_default();
                self.open_chat(ChatChoice::New, format!("About [{shown}]({target}): "))
            }
            ChatCommand::Send(path) => {
                let path = self.meant_chat(path)?;
                self.send_chat(&path, SentBy::Command)
            }
            ChatCommand::Stop(path) => {
                let path = self.meant_chat(path)?;
                self.stop_chat(&path)
            }
        }
    }

    /// Whether a document is a chat.
    pub(super) fn is_chat(&self, path: &Path) -> bool {
        self.chats.is_chat(path)
    }

    /// A document was saved: in a chat that sends what was written.
    pub(super) fn chat_saved(&mut self, path: &Path) {
        if self.is_chat(path) && self.settings.config.chat.send_on_save {
            // Nobody waits for the answer.
            drop(self.send_chat(path, SentBy::Save));
        }
    }

    /// The turn that answers in the chat's document `path` has something to show.
    pub(super) fn chat_event(&mut self, path: &Path, task: TaskId, event: &ThreadEvent) {
        let links = self.links();
        let Some(chat) = self.chats.get_mut(path).filter(|chat| chat.is_of(task)) else {
            return;
        };
        let Some(turn) = &mut chat.turn else {
            return;
        };
        let has_changed = turn.answer.apply(event, &links);
        if let Some(thread) = turn.answer.thread() {
            chat.thread = Some(thread.to_owned());
        }
        if has_changed {
            self.grow_soon(path);
        }
    }

    /// The turn that answers in the chat's document `path` is over, or could not be begun.
    pub(super) fn chat_turn_ended(&mut self, path: &Path, task: TaskId, ended: &EndedTurn) {
        let links = self.links();
        let Some(chat) = self.chats.get_mut(path).filter(|chat| chat.is_of(task)) else {
            return;
        };
        if let Some(thread) = &ended.thread {
            chat.thread = Some(thread.clone());
        }
        let Some(turn) = &mut chat.turn else {
            return;
        };
        turn.end(ended, &links);
        self.grow(path);
    }

    /// A turn that waited for others was stopped before it began.
    pub(super) fn chat_unqueued(&mut self, task: TaskId) {
        let Some(path) = self.chats.path_of(task) else {
            return;
        };
        if let Some(turn) = self
            .chats
            .get_mut(&path)
            .and_then(|chat| chat.turn.as_mut())
        {
            turn.answer.note("Stopped before it began.");
            turn.answer.end_without_turn();
            turn.is_over = true;
        }
        self.grow(&path);
    }

    /// A task of a chat asks its user something, or does not any more.
    pub(super) fn chat_question_changed(&mut self, task: TaskId) {
        let Some(path) = self.chats.path_of(task) else {
            return;
        };
        let question = self.question_of(task);
        if let Some(turn) = self
            .chats
            .get_mut(&path)
            .and_then(|chat| chat.turn.as_mut())
        {
            turn.answer.set_waiting(question);
        }
        self.grow_soon(&path);
    }

    /// The worker has done something, or the client has answered an edit.
    pub(super) fn chat_worked(&mut self, event: ChatEvent) {
        match event {
            ChatEvent::Ready { path, line } => {
                let is_open = self.workspace.documents().get(&path).is_some();
                let line = if is_open { self.last_line(&path) } else { line };
                self.show_chat(&path, line);
            }
            ChatEvent::Found { path, turns } => self.chat_turns_found(&path, &turns),
            ChatEvent::Failed(reason) => self.tell_of_chat(MessageType::Error, &reason),
            ChatEvent::Written(path, written) => self.chat_written(&path, written),
            ChatEvent::EditAnswered(path, number, is_applied) => {
                self.chat_edit_answered(&path, number, is_applied);
            }
            ChatEvent::NotShown(path) => {
                let message = format!("The chat is in {}", path.display());
                self.tell_of_chat(MessageType::Info, &message);
            }
        }
    }

    fn open_chat(&mut self, choice: ChatChoice, draft: String) -> Result<Value> {
        let at_hand = self.chats.at_hand().map(Path::to_path_buf);
        if let (ChatChoice::AtHand, Some(path)) = (&choice, at_hand) {
            let line = self.last_line(&path);
            self.show_chat(&path, line);
            return Ok(json!(path));
        }
        if let ChatChoice::Thread(id) = &choice
            && let Some(path) = self.open_chat_of(id)
        {
            self.catch_up_from_now(&path);
            let line = self.last_line(&path);
            self.show_chat(&path, line);
            return Ok(json!(path));
        }
        let (links, events) = (self.links(), self.events.clone());
        let open = self.open_chats();
        let Some(worker) = self.chats.worker(&events) else {
            return Err(Error::invalid_params(
                "there is no place for chats: set HOME or XDG_STATE_HOME",
            ));
        };
        worker.open(choice, draft, links, open);
        Ok(Value::Null)
    }

    /// The document of a thread, if the editor has it open.
    fn open_chat_of(&self, id: &str) -> Option<PathBuf> {
        let path = self.chats.path_of_thread(id)?;
        self.workspace.documents().get(&path).map(|_| path)
    }

    fn last_line(&self, path: &Path) -> u32 {
        let document = self.workspace.documents().get(path);
        let lines = document.map_or(1, |document| document.text.len_lines());
        u32::try_from(lines.saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn show_chat(&mut self, path: &Path, line: u32) {
        self.chats.note_use(path);
        let not_shown = ChatEvent::NotShown(path.to_path_buf());
        let uri = Url::from_file_path(path).ok();
        let params = uri.filter(|_| self.client.shows_documents).map(|uri| {
            let at = json!({ "line": line, "character": 0 });
            json!({ "uri": uri, "takeFocus": true, "selection": { "start": at, "end": at } })
        });
        let params =
            params.and_then(|params| serde_json::from_value::<ShowDocumentParams>(params).ok());
        let Some(params) = params else {
            return self.chat_worked(not_shown);
        };
        let events = self.events.clone();
        self.outbox
            .request::<ShowDocumentRequest>(&params, move |answer| {
                let is_shown = answer.is_ok_and(|answer| answer["success"] == json!(true));
                if !is_shown {
                    events.send(Event::Chat(not_shown));
                }
            });
    }

    fn tell_of_chat(&self, kind: MessageType, message: &str) {
        let message = message.to_owned();
        self.outbox
            .notify::<ShowMessageNotification>(&ShowMessageParams { kind, message });
    }

    /// The document that a command means.
    fn meant_chat(&self, path: Option<PathBuf>) -> Result<PathBuf> {
        let path = path.or_else(|| self.chats.at_hand().map(Path::to_path_buf));
        match path {
            Some(path) if self.is_chat(&path) => Ok(path),
            Some(path) => Err(Error::invalid_params(format!(
                "{} is no chat; `ropewalk.chat` opens one",
                path.display()
            ))),
            None => Err(Error::invalid_params(
                "there is no chat; `ropewalk.chat` opens one",
            )),
        }
    }

    fn send_chat(&mut self, path: &Path, sent_by: SentBy) -> Result<Value> {
        let refuse = |reason: &str| match sent_by {
            SentBy::Save => Ok(Value::Null),
            SentBy::Command => Err(Error::invalid_params(reason.to_owned())),
        };
        let Some(document) = self.workspace.documents().get(path) else {
            return refuse("the chat's document is not open");
        };
        let text = document.text.to_string();
        drop(document);
        let known = self.chats.get(path).and_then(|chat| chat.task);
        let known = known.filter(|task| self.has_task(*task));
        let chat = self.chats.get_or_insert(path, &text);
        if let Some(turn) = &mut chat.turn {
            if sent_by == SentBy::Command {
                return refuse(STILL_ANSWERING);
            }
            if turn.has_news(&text) {
                self.tell_of_chat(MessageType::Info, STILL_ANSWERING);
            }
            return Ok(Value::Null);
        }
        let draft = chat.draft(&text);
        let message = text[draft.clone()].trim();
        if message.is_empty() {
            return refuse("there is nothing to send: write under the last heading first");
        }
        let message = message.to_owned();
        let lead = text[draft.clone()].len() - text[draft.clone()].trim_start().len();
        let place = Placement::after_message(draft.start + lead + message.len(), "");
        chat.turn = Some(ChatTurn::new(
            &message,
            place,
            format::line_break(&text),
            chat.thread.clone(),
        ));
        let continues = chat.continued(known);
        // Until it is known which task has the turn, whatever comes for this document is its.
        chat.task = None;
        let request = TaskRequest {
            kind: TaskKind::Chat,
            title: title(&message),
            prompt: mentions::expand(&message, &self.mentionable()),
            target: None,
            access: Access::Write,
            mode: None,
            surface: TaskSurface::Chat(path.to_path_buf()),
            continues,
        };
        self.chats.note_use(path);
        let task = self.start_task(request);
        if let Some(chat) = self.chats.get_mut(path) {
            chat.task = Some(task);
        }
        self.grow(path);
        Ok(json!({ "task": task.0 }))
    }

    fn stop_chat(&mut self, path: &Path) -> Result<Value> {
        let chat = self.chats.get(path);
        let running = chat.and_then(|chat| chat.turn.as_ref().and(chat.task));
        match running {
            Some(task) => {
                self.stop_task(task);
                Ok(json!({ "task": task.0 }))
            }
            None => Err(Error::invalid_params("no answer is being written here")),
        }
    }

    /// What messages can mention.
    fn mentionable(&self) -> Mentionable {
        let facts = self.editor_facts(None);
        let selection = facts.active.and_then(|(path, range)| {
            let (_, text) = facts.documents.iter().find(|(open, _)| *open == path)?;
            let boundary = |offset: usize| text.floor_char_boundary(offset.min(text.len_bytes()));
            let (start, end) = (boundary(range.start), boundary(range.end));
            let lines = (text.line_of(start) + 1, text.line_of(end) + 1);
            let text = text.slice(start..end.max(start)).into_owned();
            Some(Selected { path, lines, text })
        });
        Mentionable {
            links: self.links(),
            selection,
            diagnostics: facts.diagnostics,
        }
    }

    fn links(&self) -> Links {
        Links {
            folders: self.folder_paths(),
        }
    }
}

/// The beginning of a message, as lists and progress show it.
fn title(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_TITLE) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

impl ChatTurn {
    fn end(&mut self, ended: &EndedTurn, links: &Links) {
        let has_told = self.answer.has_ended();
        if let Some(failure) = ended.failure.as_ref().filter(|_| !has_told) {
            self.answer.note(failure);
        }
        let files = ended.proposal.files.iter();
        let files: Vec<String> = files.map(|change| links.link(&change.path, None)).collect();
        if !files.is_empty() {
            self.answer
                .note(&format!("Proposed changes: {}", files.join(", ")));
        }
        self.answer.end_without_turn();
        self.is_over = true;
    }
}
