//! Starts learning from the workspace and keeps what was learned up to date.

use std::path::PathBuf;

use crate::indexer::LearnJob;

use super::Session;

impl Session {
    /// Learns from the whole workspace, in the background.
    pub(super) fn learn(&mut self) {
        let job = self.learn_job();
        self.learned_without_focus = job.focus.is_empty();
        let generation = self.indexer.learn(job);
        self.status.begin_learning(generation);
    }

    /// A document was opened: if nothing was open when learning began, it did not know where to begin.
    pub(super) fn focus_learning(&mut self) {
        if self.learned_without_focus {
            self.learn();
        }
    }

    /// Learns what became of some files, in the background.
    pub(super) fn learn_changed(&mut self, paths: Vec<PathBuf>) {
        let job = self.learn_job();
        self.indexer.update(job, paths);
    }

    fn learn_job(&mut self) -> LearnJob {
        let documents = self.workspace.documents();
        let focus = documents
            .all()
            .iter()
            .map(|document| document.path.clone())
            .collect();
        LearnJob {
            snapshot: self.workspace.snapshot().on_disk(),
            config: self.settings.config.index.clone(),
            focus,
        }
    }
}
