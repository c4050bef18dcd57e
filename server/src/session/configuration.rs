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
    /// Reads all layers for the first time; what follows from them starts at `initialized`.
    pub(super) fn load_settings(&mut self) {
        self.settings = layers::load(&self.folder_paths(), &self.editor_settings);
        self.apply_exclusions();
    }

    /// Reads all layers again, tells the user what is wrong with them, and does what follows from the differences.
    pub(super) fn reload_settings(&mut self) {
        let before = self.settings.config.clone();
        self.settings = layers::load(&self.folder_paths(), &self.editor_settings);
        let config = &self.settings.config;
        let (new_index, new_exclude) = (
            config.index != before.index,
            config.exclude != before.exclude,
        );
        if new_exclude {
            self.apply_exclusions();
        }
        if new_index || new_exclude {
            self.learn();
        }
        // There may be room for more now.
        self.start_waiting_tasks();
        self.report_problems();
        self.push_status();
    }

    /// `workspace/didChangeConfiguration`: some clients send the settings, others only say that they changed.
    pub(super) fn change_configuration(&mut self, settings: &Value) {
        if settings.is_null() {
            self.ask_for_configuration();
        } else {
            self.use_editor_settings(layers::our_part(settings));
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
                self.use_editor_settings(entries.swap_remove(0));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the client did not give its settings"),
        }
    }

    /// Tells the user what is wrong with the settings, each thing when it is new.
    pub(super) fn report_problems(&mut self) {
        let known = std::mem::replace(&mut self.reported, self.settings.problems.clone());
        let is_new = |problem: &&String| !known.contains(problem);
        for problem in self.settings.problems.iter().filter(is_new) {
            tracing::warn!("{problem}");
            self.outbox
                .notify::<ShowMessageNotification>(&ShowMessageParams {
                    kind: MessageType::Warning,
                    message: format!("Ropewalk: {problem}"),
                });
        }
    }

    fn use_editor_settings(&mut self, settings: Value) {
        if settings != self.editor_settings.current {
            self.editor_settings.current = settings;
            self.reload_settings();
        }
    }

    fn apply_exclusions(&mut self) {
        let exclusions = ExclusionOptions {
            patterns: self.settings.config.exclude.patterns.clone(),
            git_excludes_file: default_git_excludes_file(),
        };
        if let Err(error) = self.workspace.set_exclusions(&exclusions) {
            self.settings.problems.push(error.to_string());
        }
        self.reconsider_documents();
    }
}
