//! What rich clients are told of tasks and threads beyond LSP: `ropewalk/didChangeTask`, `ropewalk/taskUpdate`, and the
//! requests `ropewalk/tasks`, `ropewalk/proposal`, `ropewalk/threads`.

use std::thread;

use agent::machine::Entry;
use agent::store::{ListOptions, ListedThread, ThreadStore};
use agent::surface::ThreadEvent;
use protocol::{
    Message, ProposalParams, ProposalReport, TaskNotification, TaskReport, TaskUpdateNotification,
    TaskUpdateParams, ThreadReport,
};
use tower_lsp_server::jsonrpc::Error;

use crate::cli::proposal::view;
use crate::config::paths;
use crate::event::Reply;
use crate::tasks::table::Task;
use crate::tasks::{TaskId, rich_update};

use super::Session;

impl Session {
    /// `ropewalk/tasks`
    pub(super) fn task_reports(&self) -> Vec<TaskReport> {
        let tasks = self.all_tasks();
        tasks.map(|task| self.rich_task_report(task)).collect()
    }

    /// A task's entry in the list is different now.
    pub(super) fn tell_task(&self, task: &Task) {
        if self.client.is_rich {
            let method = TaskNotification::METHOD;
            self.outbox
                .notify_method(method, &self.rich_task_report(task));
        }
    }

    /// Something happened in a task's thread.
    pub(super) fn tell_update(&self, id: TaskId, event: &ThreadEvent) {
        if !self.client.is_rich {
            return;
        }
        if let Some(update) = rich_update::update(event) {
            let params = TaskUpdateParams { task: id.0, update };
            let method = TaskUpdateNotification::METHOD;
            self.outbox.notify_method(method, &params);
        }
    }

    /// `ropewalk/proposal`: the diffs are made aside.
    pub(super) fn report_proposal(&self, params: ProposalParams, reply: Reply<ProposalReport>) {
        let Some(ended) = self.unsettled_turn(TaskId(params.task)) else {
            let report = ProposalReport { files: Vec::new() };
            drop(reply.send(Ok(report)));
            return;
        };
        aside(reply, move || {
            let changes = view::presented(&ended.proposal);
            Ok(ProposalReport {
                files: changes.iter().map(rich_update::file_change).collect(),
            })
        });
    }

    /// `ropewalk/threads`: the logs are read aside.
    pub(super) fn report_threads(&self, reply: Reply<Vec<ThreadReport>>) {
        let folders = self.folder_paths();
        aside(reply, move || {
            let state = paths::state_folder().ok_or_else(|| {
                Error::invalid_params("there is no place for threads: set HOME or XDG_STATE_HOME")
            })?;
            let listed = ThreadStore::new(&state).list::<Entry>(&ListOptions::default());
            let listed = listed.map_err(|error| Error::invalid_params(error.to_string()))?;
            let is_here = |thread: &ListedThread| {
                let header = thread.header.as_ref();
                header.is_some_and(|header| {
                    folders.iter().any(|folder| header.cwd.starts_with(folder))
                })
            };
            Ok(listed
                .iter()
                .filter(|thread| is_here(thread))
                .map(reported_thread)
                .collect())
        });
    }

    fn rich_task_report(&self, task: &Task) -> TaskReport {
        TaskReport {
            task: task.id.0,
            title: task.request.title.clone(),
            state: task.state,
            thread: task.thread.clone(),
            turns: task.turns,
            step: task.is_at_work().then(|| self.task_step(task)),
            percentage: task.progress.percentage().filter(|_| task.is_at_work()),
            asks: self.has_question(task.id),
            message: task.message.clone(),
        }
    }
}

/// Answers on a thread of its own, which ends with the answer.
fn aside<R: Send + 'static>(
    reply: Reply<R>,
    answer: impl FnOnce() -> Result<R, Error> + Send + 'static,
) {
    let spawned = thread::Builder::new()
        .name("answer".into())
        .spawn(move || drop(reply.send(answer())));
    if let Err(error) = spawned {
        // The reply went with the closure: the client gets an internal error.
        tracing::error!(%error, "no thread can be started for an answer");
    }
}

fn reported_thread(thread: &ListedThread) -> ThreadReport {
    let header = thread.header.as_ref();
    ThreadReport {
        thread: thread.id.to_string(),
        title: Some(thread.summary.title.clone()).filter(|title| !title.is_empty()),
        cwd: header.map(|header| header.cwd.display().to_string()),
        model: header.map(|header| header.model.clone()),
        updated: thread.updated.to_string(),
        problem: thread.problem.clone(),
    }
}
