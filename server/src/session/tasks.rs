//! Tasks as the main loop sees them: started, heard of, stopped.

use serde_json::Value;
use tower_lsp_server::jsonrpc::Result;

use crate::commands::TaskCommand;
use crate::tasks::{TaskEvent, TaskId, TaskRequest};

use super::Session;

impl Session {
    /// Starts a task, or queues it; gives its id at once.
    pub(super) fn start_task(&mut self, request: TaskRequest) -> TaskId {
        drop(request);
        TaskId(0)
    }

    /// How messages name a task.
    pub(super) fn task_name(&self, id: TaskId) -> String {
        format!("Task {id}")
    }

    /// Something about a task is different now.
    pub(super) fn task_changed(&mut self, id: TaskId) {
        let _ = id;
    }

    /// Something happened in a task.
    pub(super) fn task_event(&mut self, id: TaskId, event: TaskEvent) {
        drop((id, event));
    }

    /// The user has cancelled a task's progress.
    pub(super) fn cancel_progress(&mut self, token: &Value) {
        drop(token.clone());
    }

    /// Carries out a command about tasks.
    pub(super) fn run_task_command(&mut self, command: TaskCommand) -> Result<Value> {
        drop(command);
        Ok(Value::Null)
    }
}
