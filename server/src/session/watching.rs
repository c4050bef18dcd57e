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
    /// Starts watching the folders as they are now. A client watches whatever its folders are, so it is asked once.
    pub(super) fn watch_files(&mut self) {
        if !self.client.watches_files {
            self.start_own_watcher();
        } else if !std::mem::replace(&mut self.is_client_watching, true) {
            self.register_client_watcher();
        }
    }

    /// The client said no.
    pub(super) fn watch_without_client(&mut self) {
        self.client.watches_files = false;
        self.start_own_watcher();
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
                self.reload_settings();
                self.reconsider_documents();
                self.learn();
            }
            WatchReport::Incomplete(error) => self.status.add_problem(error.to_string()),
        }
    }

    /// Files changed, whoever saw it: settings and ignore rules are read again, the index follows.
    pub(super) fn files_changed_on_disk(&mut self, changes: &[FileEvent]) {
        self.workspace.files_changed(changes);
        self.review_disk(changes);
        self.look_at_commits_soon();
        if changes.iter().any(|change| is_settings_file(&change.path)) {
            self.reload_settings();
        }
        if changes.iter().any(|change| is_rule_file(&change.path)) {
            self.reconsider_documents();
            self.learn();
        } else {
            self.learn_changed(changes.iter().map(|change| change.path.clone()).collect());
        }
    }

    /// The watcher that was started by [`Session::watch_files`].
    pub(super) fn use_watcher(&mut self, number: u64, watcher: Result<Watcher, WatchError>) {
        if number != self.watcher_number || self.phase != Phase::Running {
            return;
        }
        match watcher {
            Ok(watcher) => self.watcher = Some(watcher),
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
        let events = self.events.clone();
        self.outbox
            .request::<RegistrationRequest>(&params, move |answer| {
                if let Err(error) = answer {
                    tracing::warn!(%error, "the client does not watch files, so the server does");
                    events.send(Event::ClientWatchRefused);
                }
            });
    }

    /// Setting up watches takes a while in a large workspace, so it is done aside.
    fn start_own_watcher(&mut self) {
        self.watcher = None;
        self.watcher_number += 1;
        let number = self.watcher_number;
        let snapshot = self.workspace.snapshot().on_disk();
        let events = self.events.clone();
        let start = move || {
            let reports = events.clone();
            let watcher = Watcher::start(snapshot, move |report| {
                reports.send(Event::FilesReported(report));
            });
            events.send(Event::WatcherStarted(number, watcher));
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
