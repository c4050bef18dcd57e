//! Writes the part of a delivery that no client can make: atomically, with a journal and a checkpoint, on a thread.

use std::path::PathBuf;

use agent::landing::{self, CheckpointLimits, ConflictPolicy, LandingOptions};
use changes::{FileChange, Proposal};
use workspace::ExclusionOptions;

/// What to write.
pub(crate) struct WritingJob {
    /// For the list of checkpoints.
    pub(crate) title: String,
    /// The workspace's.
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) exclusions: ExclusionOptions,
    /// Where checkpoints are kept.
    pub(crate) state_folder: Option<PathBuf>,
    pub(crate) files: Vec<FileChange>,
}

impl WritingJob {
    /// Writes all of it, or nothing.
    ///
    /// # Errors
    /// Why nothing was written, as a sentence.
    pub(crate) fn run(self) -> Result<(), String> {
        let state_folder = self
            .state_folder
            .ok_or("There is no home folder in which a checkpoint could be kept.")?;
        let options = LandingOptions {
            state_folder: &state_folder,
            folders: &self.folders,
            exclusions: &self.exclusions,
            title: &self.title,
            thread: None,
            conflicts: ConflictPolicy::Refuse,
            limits: CheckpointLimits::default(),
        };
        let proposal = Proposal { files: self.files };
        let landed = landing::apply(&proposal, &options).map_err(|error| error.to_string())?;
        match landed.conflicts.first() {
            None => Ok(()),
            Some(conflict) => Err(format!("{} {}", conflict.path.display(), conflict.obstacle)),
        }
    }
}
