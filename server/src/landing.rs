//! What landing a proposal in the editor comes down to: files to deliver, conflicts to decide, refusals to tell. Pure.
//!
//! [`plan`] is given the files as they are, unsaved text included, and asks `changes` what each change means. A text that
//! conflicts lands in part: what merges is delivered, and each conflicting place stays as the user has it and becomes a
//! [`ConflictHunk`] (`landing/conflict_book.rs`). `session/landing.rs` carries it out.

pub(crate) mod conflict_book;
pub(crate) mod conflict_file;
mod job;
mod text_conflict;
pub(crate) mod wording;

use std::path::PathBuf;

use agent::landing::Checkpoint;
use changes::{Base, Conflict, ConflictReason, FileChange, FileState, Merged};

use crate::delivery::{DeliveredFile, Purpose};
use crate::tasks::TaskId;
use crate::transport::Answer;

pub(crate) use conflict_book::{ConflictBook, ConflictHunk, Source, WholeFile};
pub(crate) use job::{Aim, LandingJob, Planned, PlanningError, checkpoint_list};
pub(crate) use text_conflict::PlacedConflict;

/// What is on its way into the user's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Errand {
    /// What a task proposes.
    Landing(TaskId),
    /// A checkpoint; the number tells restorings apart.
    Restore(u64),
    /// The user's decision on the conflict with this number.
    Decision(u64),
}

/// What the threads of landings, and questions about them, tell the main loop.
#[derive(Debug)]
pub(crate) enum LandingEvent {
    /// A landing is planned, in the attempt with this number.
    Planned(Errand, u64, Box<Result<Planned, PlanningError>>),
    /// The client's answer to whether a proposal shall be applied.
    OfferAnswered(TaskId, Answer),
    /// A text for the user was written, or could not be.
    TextWritten(PathBuf, Result<(), String>),
    /// The checkpoints of the folders.
    Checkpoints(Result<Vec<Checkpoint>, PlanningError>),
}

/// The files that one change is about, as they are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Situation {
    /// At [`FileChange::base_path`]; `None` for nothing.
    pub(crate) current: Option<FileState>,
    /// At [`FileChange::path`].
    pub(crate) at_target: Option<FileState>,
}

/// What landing comes down to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LandingPlan {
    /// What is to be brought about.
    pub(crate) files: Vec<DeliveredFile>,
    /// Texts in which places are left to be decided.
    pub(crate) texts: Vec<TextConflicts>,
    /// Files that have to be decided as a whole.
    pub(crate) whole_files: Vec<WholeFile>,
    /// Files that may not be changed, with a reason each that follows the file's name.
    pub(crate) refused: Vec<(PathBuf, String)>,
    /// How many files already are as the proposal wants them.
    pub(crate) unchanged: usize,
}

/// The conflicts in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextConflicts {
    /// Where the text is after the landing.
    pub(crate) path: PathBuf,
    /// Where it is before.
    pub(crate) source: PathBuf,
    /// The text before the landing.
    pub(crate) before: String,
    /// The text after it, if all goes well.
    pub(crate) after: String,
    /// In order.
    pub(crate) conflicts: Vec<PlacedConflict>,
}

/// Plans the changes, each with its situation, or with why it may not be changed.
pub(crate) fn plan<'a>(
    changes: impl IntoIterator<Item = (&'a FileChange, Result<Situation, String>)>,
) -> LandingPlan {
    let mut plan = LandingPlan::default();
    for (change, situation) in changes {
        match situation {
            Ok(situation) => plan.add(change, &situation),
            Err(reason) => plan.refused.push((change.path.clone(), reason)),
        }
    }
    plan
}

impl LandingPlan {
    /// How many places and files have to be decided.
    pub(crate) fn conflict_count(&self) -> usize {
        let places = self.texts.iter().map(|text| text.conflicts.len());
        places.sum::<usize>() + self.whole_files.len()
    }

    fn add(&mut self, change: &FileChange, situation: &Situation) {
        let (current, at_target) = (situation.current.as_ref(), situation.at_target.as_ref());
        match change.merge(current, at_target) {
            Merged::Unchanged => self.unchanged += 1,
            Merged::Write {
                path,
                expected,
                state,
            } => self.files.push(DeliveredFile {
                path,
                renamed_from: None,
                before: expected,
                after: Some(state),
            }),
            Merged::Move {
                from,
                to,
                expected,
                state,
            } => self.files.push(DeliveredFile {
                path: to,
                renamed_from: Some(from),
                before: Some(expected),
                after: Some(state),
            }),
            Merged::Remove { path, expected } => self.files.push(DeliveredFile {
                path,
                renamed_from: None,
                before: Some(expected),
                after: None,
            }),
            Merged::Conflict(conflict) => self.add_conflict(change, conflict),
        }
    }

    fn add_conflict(&mut self, change: &FileChange, conflict: Conflict) {
        let Some(landed) = text_conflict::land_in_part(&conflict) else {
            self.whole_files.push(WholeFile {
                path: change.path.clone(),
                renamed_from: change.renamed_from.clone(),
                reason: conflict.reason,
                proposed: conflict.proposed,
            });
            return;
        };
        let before = landed.before;
        if landed.conflicts.is_empty() && landed.state == before && change.renamed_from.is_none() {
            self.unchanged += 1;
            return;
        }
        let text = |state: &FileState| state.text().unwrap_or_default().to_owned();
        let conflicts = TextConflicts {
            path: change.path.clone(),
            source: change.base_path().to_owned(),
            before: text(&before),
            after: text(&landed.state),
            conflicts: landed.conflicts,
        };
        if landed.state != before || change.renamed_from.is_some() {
            self.files.push(DeliveredFile {
                path: change.path.clone(),
                renamed_from: change.renamed_from.clone(),
                before: Some(before),
                after: Some(landed.state),
            });
        }
        if !conflicts.conflicts.is_empty() {
            self.texts.push(conflicts);
        }
    }
}

impl Errand {
    /// What its deliveries are for.
    pub(crate) fn purpose(self) -> Purpose {
        match self {
            Self::Landing(task) => Purpose::Landing(task),
            Self::Restore(number) => Purpose::Restore(number),
            Self::Decision(number) => Purpose::Conflict(number),
        }
    }
}

/// Whether a conflict is about lines of two texts.
fn texts_of(conflict: &Conflict) -> Option<(Option<&str>, &FileState, &FileState)> {
    let (current, proposed) = (conflict.current.as_ref()?, conflict.proposed.as_ref()?);
    current.text().zip(proposed.text())?;
    let base = match (&conflict.base, conflict.reason) {
        (Base::Known(base), ConflictReason::SameLines) => Some(base.text()?),
        (_, ConflictReason::CreatedByBoth | ConflictReason::UnknownBase) => None,
        _ => return None,
    };
    Some((base, current, proposed))
}

#[cfg(test)]
mod tests;
