//! What the session says about itself: `ropewalk/status`, progress, and problems.

use std::sync::Arc;

use predict::Index;
use protocol::{
    EngineReport, EngineState, FolderReport, LearningReport, Message, StatusNotification,
    StatusReport, SuggestionReport,
};
use serde_json::json;
use tower_lsp_server::gen_lsp_types::{
    ProgressNotification, ProgressParams, ProgressToken, WorkDoneProgressCreateParams,
    WorkDoneProgressCreateRequest,
};

use crate::config::layers::is_trusted;
use crate::event::Event;
use crate::indexer::LearningProgress;
use crate::lsp::convert::display;

use super::Session;

const PROGRESS_TOKEN: &str = "ropewalk/learning";

/// How far the client is with showing progress. LSP wants a token created and confirmed before it is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    Hidden,
    Requested,
    Shown,
}

/// What is remembered only to be shown.
#[derive(Debug, Default)]
pub(super) struct StatusBoard {
    learning: LearningReport,
    /// The newest learning that was begun.
    generation: u64,
    progress: Progress,
    last_suggestion: Option<SuggestionReport>,
    /// Problems that are not about settings.
    problems: Vec<String>,
}

impl StatusBoard {
    /// From now until the end of `generation`, the engine is learning.
    pub(super) fn begin_learning(&mut self, generation: u64) {
        self.generation = generation;
        self.learning.percentage.get_or_insert(0);
    }

    /// Notes a problem once, however often it comes up.
    pub(super) fn add_problem(&mut self, problem: String) {
        tracing::warn!("{problem}");
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

impl Session {
    /// `ropewalk/status`
    pub(super) fn status_report(&self) -> StatusReport {
        let mut problems = self.settings.problems.clone();
        problems.extend(self.status.problems.iter().cloned());
        StatusReport {
            version: env!("CARGO_PKG_VERSION").into(),
            message: self.status_line(),
            engine: EngineReport {
                name: "embedded".into(),
                state: self.engine_state(),
            },
            learning: self.status.learning.clone(),
            folders: self.folder_reports(),
            documents: self.workspace.documents().len(),
            last_suggestion: self.status.last_suggestion.clone(),
            problems,
            log_file: self.log_file.as_ref().map(|file| display(&file.0)),
        }
    }

    /// Tells rich clients how things stand now.
    pub(super) fn push_status(&self) {
        if self.client.is_rich {
            let report = self.status_report();
            self.outbox
                .notify_method(StatusNotification::METHOD, &report);
        }
    }

    /// Shows how far learning has come.
    pub(super) fn show_learning(&mut self, progress: LearningProgress) {
        match progress {
            LearningProgress::Running { done, total } => {
                let percentage = u32::try_from(done * 100 / total.max(1)).unwrap_or(100);
                self.status.learning.percentage = Some(percentage.min(100));
                self.show_progress(percentage.min(100), &format!("{done} of {total} files"));
            }
            LearningProgress::Finished { generation, .. }
                if generation != self.status.generation => {}
            LearningProgress::Finished { skipped_files, .. } => {
                self.status.learning.percentage = None;
                self.status.learning.skipped_files = skipped_files;
                self.end_progress();
                self.push_status();
            }
            LearningProgress::Problem(problem) => self.status.add_problem(problem),
        }
    }

    /// A better index is ready.
    pub(super) fn use_index(&mut self, index: Arc<Index>) {
        let statistics = index.statistics();
        self.status.learning.files = statistics.files;
        self.status.learning.source_bytes = statistics.source_bytes;
        self.status.learning.memory_bytes = statistics.memory_bytes as u64;
        self.predictor.set_index(index);
        self.push_status();
    }

    /// Remembers what became of a suggestion request.
    pub(super) fn note_suggestion(&mut self, report: SuggestionReport) {
        tracing::trace!(?report, "suggestion");
        self.status.last_suggestion = Some(report);
    }

    fn engine_state(&self) -> EngineState {
        if !self.settings.config.completion.enabled {
            EngineState::Disabled
        } else if self.status.learning.percentage.is_some() {
            EngineState::Learning
        } else {
            EngineState::Ready
        }
    }

    fn status_line(&self) -> String {
        let files = self.status.learning.files;
        match (self.engine_state(), self.status.learning.percentage) {
            (EngineState::Disabled, _) => "off".into(),
            (EngineState::Learning, Some(percentage)) => format!("learning, {percentage} %"),
            _ => format!("ready, {files} files learned"),
        }
    }

    fn folder_reports(&self) -> Vec<FolderReport> {
        let watched_by = match (&self.watcher, self.client.watches_files) {
            (_, true) => "client",
            (Some(_), false) => "server",
            (None, false) => "none",
        };
        self.folder_paths()
            .iter()
            .map(|path| FolderReport {
                path: display(path),
                trusted: is_trusted(&self.settings.config, path),
                watched_by: watched_by.into(),
            })
            .collect()
    }

    fn show_progress(&mut self, percentage: u32, message: &str) {
        match self.status.progress {
            Progress::Hidden if self.client.shows_progress => {
                self.status.progress = Progress::Requested;
                let params = WorkDoneProgressCreateParams { token: token() };
                let events = self.events.clone();
                self.outbox
                    .request::<WorkDoneProgressCreateRequest>(&params, move |answer| {
                        if answer.is_ok() {
                            events.send(Event::ProgressAllowed);
                        }
                    });
            }
            Progress::Shown => self.send_progress(&json!({
                "kind": "report",
                "message": message,
                "percentage": percentage,
            })),
            Progress::Hidden | Progress::Requested => {}
        }
    }

    /// The client confirmed the token; learning may be over by now.
    pub(super) fn begin_progress(&mut self) {
        let Some(percentage) = self.status.learning.percentage else {
            self.status.progress = Progress::Hidden;
            return;
        };
        self.status.progress = Progress::Shown;
        self.send_progress(&json!({
            "kind": "begin",
            "title": "Learning from the workspace",
            "cancellable": false,
            "percentage": percentage,
        }));
    }

    fn end_progress(&mut self) {
        if self.status.progress == Progress::Shown {
            self.status.progress = Progress::Hidden;
            self.send_progress(&json!({ "kind": "end" }));
        }
    }

    fn send_progress(&self, value: &serde_json::Value) {
        let params = ProgressParams {
            token: token(),
            value: value.clone(),
        };
        self.outbox.notify::<ProgressNotification>(&params);
    }
}

fn token() -> ProgressToken {
    ProgressToken::String(PROGRESS_TOKEN.into())
}
