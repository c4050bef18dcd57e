//! The progress of tasks in the client: `$/progress` with a token of its own for each turn, created and confirmed first (LSP
//! 3.18, "Server Initiated Progress"), a few reports a second, and the end.

use std::time::{Duration, Instant};

use protocol::TaskState;
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{
    ProgressNotification, ProgressParams, ProgressToken, WorkDoneProgressCreateParams,
    WorkDoneProgressCreateRequest,
};

use crate::event::Event;
use crate::tasks::TaskId;
use crate::tasks::table::Task;
use crate::timer::Alarm;
use crate::transport::Answer;

use super::super::Session;
use super::ends::files;

/// Editors draw each report.
const BETWEEN_REPORTS: Duration = Duration::from_millis(120);

/// What the client shows of one task.
#[derive(Debug)]
pub(super) struct ShownProgress {
    token: String,
    stage: Stage,
    /// What was reported last.
    told: Report,
    told_at: Instant,
    /// Whether the alarm for the next report is set.
    is_alarm_set: bool,
}

/// How far the client is with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Asked whether it shows the token.
    Requested,
    /// It shows it.
    Shown,
    /// It does not.
    Refused,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Report {
    message: String,
    percentage: u32,
}

impl Session {
    /// Shows how a task stands, if its turn runs or waits.
    pub(super) fn show_task_progress(&mut self, id: TaskId) {
        let Some(task) = self.tasks.table.get(id) else {
            return;
        };
        if !matches!(task.state, TaskState::Queued | TaskState::Running) {
            return;
        }
        match self.tasks.shown.get(&id) {
            None if self.client.shows_progress => self.ask_for_progress(id),
            None => {}
            Some(_) => self.report_soon(id),
        }
    }

    /// The client has answered whether it shows the progress of a task; that may be over by now.
    pub(in super::super) fn begin_task_progress(&mut self, id: TaskId, answer: &Answer) {
        let report = self.task_report(id);
        let Some(task) = self.tasks.table.get(id) else {
            return;
        };
        let title = task.request.title.clone();
        let Some(shown) = self.tasks.shown.get_mut(&id) else {
            return;
        };
        if answer.is_err() {
            shown.stage = Stage::Refused;
            return;
        }
        shown.stage = Stage::Shown;
        shown.told = report.clone();
        shown.told_at = Instant::now();
        let value = json!({
            "kind": "begin",
            "title": title,
            "cancellable": true,
            "message": report.message,
            "percentage": report.percentage,
        });
        self.send_task_progress(id, value);
    }

    /// Reports what is new of a task, unless that was done a moment ago.
    pub(in super::super) fn report_progress(&mut self, id: TaskId) {
        if let Some(shown) = self.tasks.shown.get_mut(&id) {
            shown.is_alarm_set = false;
        }
        self.report_soon(id);
    }

    /// The turn is over.
    pub(super) fn end_task_progress(&mut self, id: TaskId) {
        let message = self.task_summary(id);
        let Some(shown) = self.tasks.shown.get(&id) else {
            return;
        };
        if shown.stage == Stage::Shown {
            self.send_task_progress(id, json!({ "kind": "end", "message": message }));
        }
        self.tasks.shown.remove(&id);
    }

    /// The user has cancelled what is shown under a token.
    pub(in super::super) fn cancel_progress(&mut self, token: &Value) {
        let mut shown = self.tasks.shown.iter();
        let cancelled = shown.find(|(_, shown)| token.as_str() == Some(&shown.token));
        if let Some(id) = cancelled.map(|(id, _)| *id) {
            self.stop_task(id);
        } else {
            self.cancel_inline_edit(token);
        }
    }

    fn ask_for_progress(&mut self, id: TaskId) {
        self.tasks.tokens += 1;
        let token = format!("ropewalk/task/{id}/{}", self.tasks.tokens);
        let params = WorkDoneProgressCreateParams {
            token: ProgressToken::String(token.clone()),
        };
        let events = self.events.clone();
        self.outbox
            .request::<WorkDoneProgressCreateRequest>(&params, move |answer| {
                events.send(Event::TaskProgressAllowed(id, answer));
            });
        let shown = ShownProgress {
            token,
            stage: Stage::Requested,
            told: Report::default(),
            told_at: Instant::now(),
            is_alarm_set: false,
        };
        self.tasks.shown.insert(id, shown);
    }

    fn report_soon(&mut self, id: TaskId) {
        let report = self.task_report(id);
        let Some(shown) = self.tasks.shown.get_mut(&id) else {
            return;
        };
        if shown.stage != Stage::Shown || shown.is_alarm_set || shown.told == report {
            return;
        }
        let pause = BETWEEN_REPORTS.saturating_sub(shown.told_at.elapsed());
        if !pause.is_zero() {
            shown.is_alarm_set = true;
            self.timer.after(pause, Alarm::Progress(id));
            return;
        }
        shown.told_at = Instant::now();
        shown.told = report.clone();
        let value = json!({
            "kind": "report",
            "cancellable": true,
            "message": report.message,
            "percentage": report.percentage,
        });
        self.send_task_progress(id, value);
    }

    fn task_report(&self, id: TaskId) -> Report {
        let Some(task) = self.tasks.table.get(id) else {
            return Report::default();
        };
        Report {
            message: self.task_step(task),
            percentage: task.progress.percentage().unwrap_or(0),
        }
    }

    /// What a task does at the moment, in a line.
    pub(in super::super) fn task_step(&self, task: &Task) -> String {
        match self.tasks.table.before(task.id) {
            Some(0) => "waiting: it is the next one".into(),
            Some(before) => format!("waiting: {before} before it"),
            None if self.has_question(task.id) => "waits for your answer".into(),
            None => task.progress.line(),
        }
    }

    fn task_summary(&self, id: TaskId) -> String {
        let Some(task) = self.tasks.table.get(id) else {
            return String::new();
        };
        let changes = task
            .ended
            .as_ref()
            .map_or(0, |turn| turn.proposal.files.len());
        match (task.state, changes) {
            (TaskState::Stopped, _) => "stopped".into(),
            (TaskState::Failed, _) => "failed".into(),
            (TaskState::Proposed, changes) => format!("changes of {} wait", files(changes)),
            (_, 0) => "done".into(),
            (_, changes) => format!("done: changes {}", files(changes)),
        }
    }

    fn send_task_progress(&self, id: TaskId, value: Value) {
        if let Some(shown) = self.tasks.shown.get(&id) {
            let params = ProgressParams {
                token: ProgressToken::String(shown.token.clone()),
                value,
            };
            self.outbox.notify::<ProgressNotification>(&params);
        }
    }
}
