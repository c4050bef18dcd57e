//! The settings of a session: loaded, asked for, changed, and put into force.

use serde_json::Value;
use tower_lsp_server::gen_lsp_types::{
    ConfigurationItem, ConfigurationParams, ConfigurationRequest, MessageType,
    ShowMessageNotification, ShowMessageParams,
};

use workspace::{ExclusionOptions, default_git_excludes_file};

use crate::config::layers;
use crate::event::Event;
use crate::transport::Answer;

use super::Session;

impl Session {
    /// Reads all layers again and puts them into force.
    pub(super) fn load_settings(&mut self) {
        self.settings = layers::load(&self.folder_paths(), &self.editor_settings);
        let exclusions = ExclusionOptions {
            patterns: self.settings.config.exclude.patterns.clone(),
            git_excludes_file: default_git_excludes_file(),
        };
        if let Err(error) = self.workspace.set_exclusions(&exclusions) {
            self.settings.problems.push(error.to_string());
        }
        self.reconsider_documents();
    }

    /// `workspace/didChangeConfiguration`: some clients send the settings, others only say that they changed.
    pub(super) fn change_configuration(&mut self, settings: Value) {
        if settings.is_null() {
            self.ask_for_configuration();
        } else {
            self.apply_editor_settings(settings);
        }
    }

    /// Asks the client for its settings without waiting for them: a client may answer only after its own start.
    pub(super) fn ask_for_configuration(&self) {
        if !self.client.has_configuration {
            return;
        }
        let params = ConfigurationParams {
            items: vec![ConfigurationItem {
                scope_uri: None,
                section: Some("ropewalk".into()),
            }],
        };
        let events = self.events.clone();
        self.outbox
            .request::<ConfigurationRequest>(&params, move |answer| {
                events.send(Event::ConfigurationAnswered(answer));
            });
    }

    /// The answer: a list with one entry, `null` when the user has set nothing.
    pub(super) fn accept_configuration(&mut self, answer: Answer) {
        match answer {
            Ok(Value::Array(mut entries)) if !entries.is_empty() && entries[0].is_object() => {
                self.apply_editor_settings(entries.swap_remove(0));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the client did not give its settings"),
        }
    }

    /// Tells the user what is wrong with the settings, once for each time they are put into force.
    pub(super) fn report_problems(&self) {
        for problem in &self.settings.problems {
            tracing::warn!("{problem}");
            self.outbox
                .notify::<ShowMessageNotification>(&ShowMessageParams {
                    kind: MessageType::Warning,
                    message: format!("Ropewalk: {problem}"),
                });
        }
    }

    fn apply_editor_settings(&mut self, settings: Value) {
        if settings == self.editor_settings {
            return;
        }
        let index_before = self.settings.config.index.clone();
        let exclude_before = self.settings.config.exclude.clone();
        self.editor_settings = settings;
        self.load_settings();
        self.report_problems();
        let config = &self.settings.config;
        if config.index != index_before || config.exclude != exclude_before {
            self.learn();
        }
        self.push_status();
    }
}
