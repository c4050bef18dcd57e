//! Chats: Markdown documents in which the user writes under the last heading and the answer grows below.

use std::path::Path;

use agent::surface::ThreadEvent;
use serde_json::Value;
use tower_lsp_server::jsonrpc::Result;

use crate::commands::ChatCommand;
use crate::tasks::{EndedTurn, TaskId};

use super::Session;

impl Session {
    /// Carries out a command about chats.
    pub(super) fn run_chat_command(&mut self, command: ChatCommand) -> Result<Value> {
        drop(command);
        Ok(Value::Null)
    }

    /// The turn that answers in the chat's document `path` has something to show.
    pub(super) fn chat_event(&mut self, path: &Path, task: TaskId, event: &ThreadEvent) {
        let _ = (path, task, event);
    }

    /// The turn that answers in the chat's document `path` is over, or could not be begun.
    pub(super) fn chat_turn_ended(&mut self, path: &Path, task: TaskId, turn: &EndedTurn) {
        let _ = (path, task, turn);
    }
}
