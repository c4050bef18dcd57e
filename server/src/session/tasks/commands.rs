//! The commands about tasks, carried out.

use protocol::TaskState;
use serde_json::{Value, json};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::commands::{TaskCommand, TaskName};
use crate::tasks::table::{Task, Turn, TurnInput, TwinOnDisk};
use crate::tasks::{LandingMode, Settled, TaskId, TaskRequest};

use super::super::Session;

/// What a thread is told whose turn has failed.
const GO_ON: &str = "Go on where you left off: what stopped you may be mended now.";

impl Session {
    /// Carries out a command about tasks.
    pub(in super::super) fn run_task_command(&mut self, command: TaskCommand) -> Result<Value> {
        match command {
            TaskCommand::List => {}
            TaskCommand::ShowList => {
                let text = self.tasks_as_text();
                self.show_text("Tasks", &text);
            }
            TaskCommand::Show(name) => {
                let id = self.named_task(&name)?;
                let text = self.task_as_text(id);
                self.show_text(&format!("Task {id}"), &text);
                return Ok(text.into());
            }
            TaskCommand::Stop(name) => {
                let id = match name {
                    Some(name) => self.named_task(&name)?,
                    None => self.only_task_at_work()?,
                };
                if !self.stop_task(id) {
                    return Err(refusal(format!("{} does not run", self.task_name(id))));
                }
            }
            TaskCommand::StopAll => {
                self.stop_inline_edits();
                let ids: Vec<TaskId> = self.tasks.table.all().map(|task| task.id).collect();
                for id in ids {
                    self.stop_task(id);
                }
            }
            TaskCommand::Steer(name, words) => {
                let id = self.named_task(&name)?;
                self.say_to_task(id, words)?;
            }
            TaskCommand::Retry(name) => {
                let id = self.named_task(&name)?;
                self.retry_task(id)?;
            }
            TaskCommand::Apply(name, mode) => {
                let id = self.named_task(&name)?;
                self.apply_task(id, mode)?;
            }
            TaskCommand::Discard(name) => {
                let id = self.named_task(&name)?;
                self.discard_task(id)?;
            }
        }
        Ok(self.tasks_as_json())
    }

    /// A further turn, or a word to the one that runs.
    fn say_to_task(&mut self, id: TaskId, words: String) -> Result<()> {
        let task = self.tasks.table.get(id).ok_or_else(gone)?;
        let request = TaskRequest {
            prompt: words,
            continues: Some(crate::tasks::Continued::Task(id)),
            ..task.request.clone()
        };
        self.start_task(request);
        Ok(())
    }

    /// The same once more, on the files as they are now; a turn that has failed goes on.
    pub(super) fn retry_task(&mut self, id: TaskId) -> Result<()> {
        let name = self.task_name(id);
        let task = self.tasks.table.get_mut(id).ok_or_else(gone)?;
        let turn = match task.state {
            TaskState::Queued | TaskState::Running | TaskState::Landing => {
                return Err(refusal(format!(
                    "{name} is at work; `ropewalk.task.stop {id}` stops it"
                )));
            }
            TaskState::Failed | TaskState::Proposed | TaskState::Stopped if task.can_go_on() => {
                Turn {
                    request: task.request.clone(),
                    input: match task.is_broken_off {
                        true => TurnInput::Nothing,
                        false => TurnInput::Prompt(GO_ON.into()),
                    },
                }
            }
            _ if task.twin == TwinOnDisk::Unsettled => {
                return Err(refusal(format!(
                    "the changes of {name} wait: `ropewalk.task.apply {id}` or `ropewalk.task.discard {id}` first"
                )));
            }
            _ => {
                task.thread = None;
                task.turns = 0;
                Turn::of(task.request.clone())
            }
        };
        self.tasks.table.continue_with(id, turn);
        self.start_waiting_tasks();
        self.task_changed(id);
        Ok(())
    }

    /// Lands changes that wait.
    pub(super) fn apply_task(&mut self, id: TaskId, mode: Option<LandingMode>) -> Result<()> {
        let name = self.task_name(id);
        let task = self.tasks.table.get(id).ok_or_else(gone)?;
        let (Some(turn), TaskState::Proposed) = (task.ended.clone(), task.state) else {
            return Err(refusal(format!("{name} has no changes that wait")));
        };
        let title = task.request.title.clone();
        let usual = self.settings.config.tasks.landing;
        let mode = match mode.or(task.request.mode).unwrap_or(usual) {
            // It was shown, and is wanted.
            LandingMode::Preview => LandingMode::Review,
            mode => mode,
        };
        self.tasks.table.set_state(id, TaskState::Landing);
        self.land(id, &title, &turn, mode);
        self.task_changed(id);
        Ok(())
    }

    /// Throws away changes that wait.
    pub(super) fn discard_task(&mut self, id: TaskId) -> Result<()> {
        let name = self.task_name(id);
        let task = self.tasks.table.get(id).ok_or_else(gone)?;
        match task.state {
            TaskState::Running | TaskState::Queued => Err(refusal(format!(
                "{name} is at work; `ropewalk.task.stop {id}` stops it"
            ))),
            TaskState::Landing => Err(refusal(format!(
                "the changes of {name} are being applied; undo them then"
            ))),
            _ => {
                self.settle_task(id, Settled::Discarded);
                Ok(())
            }
        }
    }

    fn named_task(&self, name: &TaskName) -> Result<TaskId> {
        let is_meant = |task: &&Task| match name {
            TaskName::Number(number) => task.id.0 == *number,
            TaskName::Thread(beginning) => {
                let thread = task.thread.as_deref();
                thread.is_some_and(|thread| thread.starts_with(beginning.as_str()))
            }
        };
        let mut meant = self.tasks.table.all().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(task), None) => Ok(task.id),
            (None, _) => Err(refusal(format!(
                "there is no task {name}. {}",
                self.tasks_in_a_line()
            ))),
            (Some(_), Some(_)) => Err(refusal(format!(
                "several tasks begin with {name}; give more of it. {}",
                self.tasks_in_a_line()
            ))),
        }
    }

    fn only_task_at_work(&self) -> Result<TaskId> {
        let is_stoppable =
            |task: &&Task| matches!(task.state, TaskState::Running | TaskState::Queued);
        let mut at_work = self.tasks.table.all().filter(is_stoppable);
        match (at_work.next(), at_work.next()) {
            (Some(task), None) => Ok(task.id),
            (None, _) => Err(refusal("no task runs".into())),
            (Some(_), Some(_)) => Err(refusal(format!(
                "several tasks run; say which one, for example `ropewalk.task.stop 2`. {}",
                self.tasks_in_a_line()
            ))),
        }
    }

    /// The tasks as `ropewalk.tasks` gives them.
    pub(super) fn tasks_as_json(&self) -> Value {
        let tasks = self.tasks.table.all().map(|task| {
            let turn = task.ended.as_ref();
            let summary = turn.and_then(|turn| turn.summary.as_ref());
            json!({
                "task": task.id.0,
                "title": task.request.title,
                "state": task.state,
                "asks": self.has_question(task.id),
                "step": task.is_at_work().then(|| self.task_step(task)),
                "percentage": task.progress.percentage(),
                "thread": task.thread,
                "turns": task.turns,
                "files": turn.map_or(0, |turn| turn.proposal.files.len()),
                "seconds": task.since.elapsed().as_secs(),
                "cost": summary.and_then(|summary| summary.thread_cost),
                "message": task.message,
            })
        });
        tasks.collect()
    }

    fn tasks_in_a_line(&self) -> String {
        let tasks = self.tasks.table.all().map(|task| {
            format!(
                "{} {} ({})",
                task.id,
                task.request.title,
                state_in_words(task.state)
            )
        });
        let tasks: Vec<String> = tasks.collect();
        match tasks.is_empty() {
            true => "There are no tasks.".into(),
            false => format!("Tasks: {}.", tasks.join("; ")),
        }
    }

    fn tasks_as_text(&self) -> String {
        let mut text = String::from("# Tasks\n\n");
        for task in self.tasks.table.all() {
            let state = state_in_words(task.state);
            text.push_str(&format!(
                "- **{} {}**: {state}",
                task.id, task.request.title
            ));
            if task.is_at_work() {
                text.push_str(&format!(", {}", self.task_step(task)));
            }
            if let Some(message) = &task.message {
                text.push_str(&format!(". {message}"));
            }
            text.push('\n');
        }
        if self.tasks.table.all().next().is_none() {
            text.push_str("There are none.\n");
        }
        text
    }

    fn task_as_text(&self, id: TaskId) -> String {
        let Some(task) = self.tasks.table.get(id) else {
            return String::new();
        };
        let state = state_in_words(task.state);
        let mut text = format!("# {}\n\n{state}", task.request.title);
        if task.is_at_work() {
            text.push_str(&format!(": {}", self.task_step(task)));
        }
        text.push('\n');
        if let Some(message) = &task.message {
            text.push_str(&format!("\n{message}\n"));
        }
        if let Some(turn) = &task.ended {
            text.push_str(&format!("\n{}\n", turn.answer.trim()));
            for line in &turn.left_out {
                text.push_str(&format!("\n- {line}"));
            }
            for file in &turn.proposal.files {
                text.push_str(&format!("\n- `{}`", file.path.display()));
            }
        }
        text.push('\n');
        text
    }
}

/// How a task stands, in a word.
pub(super) fn state_in_words(state: TaskState) -> &'static str {
    match state {
        TaskState::Queued => "waits",
        TaskState::Running => "runs",
        TaskState::Landing => "is being applied",
        TaskState::Proposed => "its changes wait",
        TaskState::Done => "done",
        TaskState::Failed => "failed",
        TaskState::Stopped => "stopped",
    }
}

fn refusal(message: String) -> Error {
    Error::invalid_params(message)
}

fn gone() -> Error {
    refusal("there is no such task".into())
}
