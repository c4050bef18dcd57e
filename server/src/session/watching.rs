//! Changes of files on disk: asked of the client where it can watch, else watched by ourselves.

use serde_json::json;
use tower_lsp_server::gen_lsp_types::{Registration, RegistrationParams, RegistrationRequest};
use workspace::{FileEvent, FileEventKind, WatchError, WatchReport, Watcher, is_rule_file};

use std::path::Path;

use crate::config::layers::PROJECT_CONFIG_FILE;
use crate::config::paths::user_config_file;
use crate::event::Event;
use crate::lsp::convert::file_path;
use crate::lsp::params::DidChangeWatchedFiles;

use super::{Phase, Session};

impl Session {
    /// Starts watching the folders as they are now.
    pub(super) fn watch_files(&mut self) {
        self.watcher = None;
        if self.client.watches_files {
            self.register_client_watcher();
        } else {
            self.start_own_watcher();
        }
    }

    /// `workspace/didChangeWatchedFiles`
    pub(super) fn files_changed(&mut self, params: DidChangeWatchedFiles) {
        let changes: Vec<FileEvent> = params
            .changes
            .into_iter()
            .filter_map(|change| {
                Some(FileEvent {
                    path: file_path(&change.uri)?,
                    kind: match change.kind {
                        1 => FileEventKind::Created,
                        3 => FileEventKind::Deleted,
                        _ => FileEventKind::Changed,
                    },
                })
            })
            .collect();
        self.files_changed_on_disk(&changes);
    }

    /// Our own watcher has something to say.
    pub(super) fn files_reported(&mut self, report: WatchReport) {
        match report {
            WatchReport::Files(changes) => self.files_changed_on_disk(&changes),
            WatchReport::Missed => {
                self.workspace.refresh_rules();
                self.learn();
            }
            WatchReport::Incomplete(error) => self.status.add_problem(error.to_string()),
        }
    }

    /// Files changed, whoever saw it: settings and ignore rules are read again, the index follows.
    pub(super) fn files_changed_on_disk(&mut self, changes: &[FileEvent]) {
        self.workspace.files_changed(changes);
        if changes.iter().any(|change| is_settings_file(&change.path)) {
            self.load_settings();
            self.report_problems();
        }
        if changes.iter().any(|change| is_rule_file(&change.path)) {
            self.reconsider_documents();
            self.learn();
        } else {
            self.learn_changed(changes.iter().map(|change| change.path.clone()).collect());
        }
    }

    /// The watcher that was started by [`Session::watch_files`].
    pub(super) fn use_watcher(&mut self, watcher: Result<Watcher, WatchError>) {
        match watcher {
            Ok(watcher) if self.phase == Phase::Running => self.watcher = Some(watcher),
            Ok(_) => {}
            Err(error) => self.status.add_problem(error.to_string()),
        }
    }

    fn register_client_watcher(&self) {
        let params = RegistrationParams {
            registrations: vec![Registration {
                id: "ropewalk-files".into(),
                method: "workspace/didChangeWatchedFiles".into(),
                register_options: Some(json!({ "watchers": [{ "globPattern": "**/*" }] })),
            }],
        };
        self.outbox.request::<RegistrationRequest>(&params, |answer| {
            if let Err(error) = answer {
                tracing::warn!(%error, "the client does not watch files; changes on disk are seen at the next start");
            }
        });
    }

    /// Setting up watches takes a while in a large workspace, so it is done aside.
    fn start_own_watcher(&mut self) {
        let snapshot = self.workspace.snapshot();
        let events = self.events.clone();
        let start = move || {
            let reports = events.clone();
            let watcher = Watcher::start(snapshot, move |report| {
                reports.send(Event::FilesReported(report));
            });
            events.send(Event::WatcherStarted(watcher));
        };
        let started = std::thread::Builder::new()
            .name("watcher start".into())
            .spawn(start);
        if let Err(error) = started {
            self.status
                .add_problem(format!("Changes on disk are not watched: {error}"));
        }
    }
}

fn is_settings_file(path: &Path) -> bool {
    path.ends_with(PROJECT_CONFIG_FILE) || user_config_file().is_some_and(|file| file == path)
}
