//! What a landing reads and writes, on a thread of its own: the disk under the open documents, and the checkpoint.
//!
//! Made by `session/landing.rs`, which hears the result as an event. The user's files are not changed here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use agent::landing::{
    self, Cause, CheckpointId, CheckpointLimits, ConflictPolicy, EditedFile, LandingError,
    LandingOptions, Obstacle, Surveyed, Wanted,
};
use changes::{Base, Content, FileChange, FileState, Proposal};
use rustc_hash::FxHashSet;
use text::line_hunks;
use workspace::{ExclusionOptions, WorkspaceSnapshot};

use crate::delivery::DeliveredFile;

use super::{LandingPlan, Situation, WholeFile, plan};

const UNKNOWN_TEXT: &str =
    "is not changed: its text in the editor is not known for certain; close and open it again";

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Aim {
    /// A proposal is applied.
    Apply(Proposal),
    /// A checkpoint is restored: all is as before its change, but for what the user has done since.
    Restore(Wanted),
    /// The task's version of a file takes the place of what is there.
    Take(WholeFile),
}

/// All that the thread needs.
pub(crate) struct LandingJob {
    pub(crate) aim: Aim,
    /// The folders and the open documents, as they were when the job was made.
    pub(crate) snapshot: WorkspaceSnapshot,
    /// Open documents whose text may not be the editor's.
    pub(crate) out_of_step: FxHashSet<PathBuf>,
    pub(crate) exclusions: ExclusionOptions,
    pub(crate) state_folder: PathBuf,
    pub(crate) keep_days: u64,
    /// What the checkpoint is called.
    pub(crate) title: String,
    pub(crate) thread: Option<String>,
    pub(crate) turn: Option<u32>,
}

/// What a landing comes down to, with its checkpoint taken.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) plan: LandingPlan,
    /// Of what is there before; `None` when nothing will be changed.
    pub(crate) checkpoint: Option<CheckpointId>,
    /// The checkpoint that is restored, if one is.
    pub(crate) restores: Option<landing::Checkpoint>,
    /// How many hunks the changed texts have, other files counting as one each.
    pub(crate) hunk_count: usize,
}

/// Why nothing can be landed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct PlanningError(#[from] LandingError);

/// All checkpoints that were taken in one of `folders`, the latest first.
///
/// # Errors
/// They cannot be read.
pub(crate) fn checkpoint_list(
    state_folder: &Path,
    folders: &[PathBuf],
) -> Result<Vec<landing::Checkpoint>, PlanningError> {
    let mut list = landing::checkpoints(state_folder)?;
    list.retain(|checkpoint| {
        checkpoint
            .folders
            .iter()
            .any(|folder| folders.contains(folder))
    });
    Ok(list)
}

impl LandingJob {
    /// Reads what is there, merges, and takes the checkpoint.
    ///
    /// # Errors
    /// Something cannot be read, or no checkpoint can be taken.
    pub(crate) fn run(&self) -> Result<Planned, PlanningError> {
        let folders: Vec<PathBuf> = self
            .snapshot
            .folders()
            .map(|folder| folder.path().to_owned())
            .collect();
        let options = self.options(&folders);
        let (plan, restores) = match &self.aim {
            Aim::Apply(proposal) => (self.plan(proposal, &options)?, None),
            Aim::Restore(wanted) => {
                let (checkpoint, proposal) = landing::reversal(wanted, &options)?;
                (self.plan(&proposal, &options)?, Some(checkpoint))
            }
            Aim::Take(file) => (self.plan_taking(file, &options)?, None),
        };
        let cause = Cause {
            turn: self.turn,
            undoes: restores.as_ref().map(|checkpoint| checkpoint.id),
        };
        let title = match &restores {
            Some(checkpoint) => format!("undo: {}", checkpoint.title),
            None => self.title.clone(),
        };
        let options = LandingOptions {
            title: &title,
            ..options
        };
        let checkpoint = match plan.files.is_empty() {
            true => None,
            false => Some(landing::keep(&edited_files(&plan.files), cause, &options)?),
        };
        Ok(Planned {
            hunk_count: plan.files.iter().map(hunk_count).sum(),
            plan,
            checkpoint,
            restores,
        })
    }

    fn options<'a>(&'a self, folders: &'a [PathBuf]) -> LandingOptions<'a> {
        LandingOptions {
            state_folder: &self.state_folder,
            folders,
            exclusions: &self.exclusions,
            title: &self.title,
            thread: self.thread.as_deref(),
            conflicts: ConflictPolicy::KeepForLater,
            limits: CheckpointLimits {
                age: Duration::from_secs(self.keep_days.saturating_mul(24 * 60 * 60)),
                ..CheckpointLimits::default()
            },
        }
    }

    fn plan(
        &self,
        proposal: &Proposal,
        options: &LandingOptions<'_>,
    ) -> Result<LandingPlan, PlanningError> {
        let surveyed = landing::survey(proposal, options)?;
        let changes = proposal.files.iter().zip(surveyed);
        let changes = changes.map(|(change, surveyed)| (change, self.situation(change, surveyed)));
        Ok(plan(changes))
    }

    /// What is there gives way, without being merged: the user has seen both and said so.
    fn plan_taking(
        &self,
        file: &WholeFile,
        options: &LandingOptions<'_>,
    ) -> Result<LandingPlan, PlanningError> {
        let change = FileChange {
            path: file.path.clone(),
            renamed_from: file.renamed_from.clone(),
            base: Base::Unknown,
            after: file.proposed.clone(),
        };
        let proposal = Proposal {
            files: vec![change],
        };
        let mut plan = LandingPlan::default();
        for (change, surveyed) in proposal
            .files
            .iter()
            .zip(landing::survey(&proposal, options)?)
        {
            match self.situation(change, surveyed) {
                Ok(situation) => plan.files.extend(taking(change, situation)),
                Err(reason) => plan.refused.push((change.path.clone(), reason)),
            }
        }
        Ok(plan)
    }

    /// The open documents laid over what was found on disk.
    fn situation(
        &self,
        change: &FileChange,
        surveyed: Result<Surveyed, Obstacle>,
    ) -> Result<Situation, String> {
        let surveyed = surveyed.map_err(|obstacle| obstacle.to_string())?;
        let situation = Situation {
            current: self.as_open(change.base_path(), surveyed.current)?,
            at_target: self.as_open(&change.path, surveyed.at_target)?,
        };
        if surveyed.is_read_only && situation.current != change.after {
            return Err(Obstacle::ReadOnly.to_string());
        }
        Ok(situation)
    }

    fn as_open(
        &self,
        path: &Path,
        on_disk: Option<FileState>,
    ) -> Result<Option<FileState>, String> {
        let Some(document) = self.snapshot.document(path) else {
            return Ok(on_disk);
        };
        if self.out_of_step.contains(path) {
            return Err(UNKNOWN_TEXT.to_owned());
        }
        Ok(Some(FileState {
            content: Content::Bytes(document.text.to_string().into_bytes().into()),
            is_executable: on_disk.is_some_and(|state| state.is_executable),
        }))
    }
}

/// A renamed file's old name goes with it.
fn taking(change: &FileChange, situation: Situation) -> Vec<DeliveredFile> {
    let at = |path: &Path, before: Option<FileState>, after: Option<FileState>| DeliveredFile {
        path: path.to_owned(),
        renamed_from: None,
        before,
        after,
    };
    let mut files = vec![at(&change.path, situation.at_target, change.after.clone())];
    if change.renamed_from.is_some() {
        files.push(at(change.base_path(), situation.current, None));
    }
    files.retain(|file| file.before != file.after);
    files
}

fn edited_files(files: &[DeliveredFile]) -> Vec<EditedFile> {
    let edited = files.iter().map(|file| EditedFile {
        path: file.path.clone(),
        renamed_from: file.renamed_from.clone(),
        before: file.before.clone(),
        after: file.after.clone(),
    });
    edited.collect()
}

fn hunk_count(file: &DeliveredFile) -> usize {
    let text = |state: &Option<FileState>| match state {
        Some(state) => state.text().map(str::to_owned),
        None => Some(String::new()),
    };
    match (text(&file.before), text(&file.after)) {
        (Some(before), Some(after)) => line_hunks(&before, &after).len().max(1),
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
