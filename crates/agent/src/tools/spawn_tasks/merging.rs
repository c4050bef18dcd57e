//! Joins what one sub-task made with the files as they are by then: lines that only one side changed are taken over, the
//! rest is left as it is and told.

use std::path::{Path, PathBuf};

use changes::{Conflict, ConflictReason, Content, FileChange, FileState, Merged, Proposal};

use crate::{
    Workspace,
    workspace::{FileEdit, FileError},
};

/// Larger files are not merged, in bytes.
const LARGEST: u64 = 64 << 20;

/// What a sub-task's changes come down to.
#[derive(Default)]
pub(super) struct Merging {
    /// What is to be done, all of it together.
    pub(super) edits: Vec<FileEdit>,
    /// The files that the sub-task changed and that need no decision, each with what became of it.
    pub(super) merged: Vec<MergedFile>,
    /// What could not be merged.
    pub(super) open: Vec<Open>,
}

/// A file that needs no decision.
pub(super) struct MergedFile {
    pub(super) path: PathBuf,
    /// `A`, `M`, `D` or `R`, as version control has it.
    pub(super) mark: char,
    /// What the model has to do besides.
    pub(super) remark: Option<&'static str>,
}

/// Something that could not be merged.
pub(super) struct Open {
    pub(super) path: PathBuf,
    /// Why, the rest of a sentence that begins with the path.
    pub(super) reason: String,
    /// The lines that both changed, from one region to the next; empty where there are none to show.
    pub(super) sides: Vec<Sides>,
}

/// A region that both have changed.
pub(super) struct Sides {
    /// Its first line in the file as it is after the merge, from 1.
    pub(super) line: usize,
    /// As it was when the sub-tasks began.
    pub(super) before: String,
    /// As it is in the file.
    pub(super) current: String,
    /// As the sub-task has it.
    pub(super) proposed: String,
}

/// Joins `proposal` with the files of `workspace`; changes nothing.
pub(super) fn merge(proposal: &Proposal, workspace: &dyn Workspace) -> Merging {
    let mut merging = Merging::default();
    for change in &proposal.files {
        if let Err(error) = merging.add(change, workspace) {
            merging.leave(&change.path, format!("cannot be merged: {error}"));
        }
    }
    merging
}

impl Merging {
    fn add(&mut self, change: &FileChange, workspace: &dyn Workspace) -> Result<(), FileError> {
        if change.after.as_ref().is_some_and(FileState::is_link) {
            self.leave(&change.path, "is a symbolic link now".into());
            return Ok(());
        }
        let current = state(workspace, change.base_path(), change.before())?;
        let at_target = match &change.renamed_from {
            Some(_) => state(workspace, &change.path, None)?,
            None => None,
        };
        match change.merge(current.as_ref(), at_target.as_ref()) {
            Merged::Unchanged => self.done(change),
            Merged::Write {
                path,
                expected,
                state,
            } => {
                self.write(path, expected.as_ref(), &state);
                self.done(change);
            }
            Merged::Move {
                from,
                to,
                expected,
                state,
            } => {
                self.edits.push(FileEdit::Move {
                    from,
                    to,
                    before: bytes(&expected),
                    replaced: None,
                    after: bytes(&state),
                });
                self.done(change);
            }
            Merged::Remove { path, expected } => {
                let before = bytes(&expected);
                self.edits.push(FileEdit::Delete { path, before });
                self.done(change);
            }
            Merged::Conflict(conflict) => self.conflict(change, &conflict),
        }
        Ok(())
    }

    fn write(&mut self, path: PathBuf, before: Option<&FileState>, after: &FileState) {
        let (before, after) = (before.map(bytes), bytes(after));
        if before.as_ref() != Some(&after) {
            self.edits.push(FileEdit::Write {
                path,
                before,
                after,
            });
        }
    }

    fn done(&mut self, change: &FileChange) {
        let after = change.after.as_ref();
        let was_executable = change.before().is_some_and(|state| state.is_executable);
        let is_executable = after.is_some_and(|state| state.is_executable);
        self.merged.push(MergedFile {
            path: change.path.clone(),
            mark: mark(change),
            remark: (is_executable && !was_executable)
                .then_some("it was made executable, which is not taken over: do that with chmod"),
        });
    }

    fn leave(&mut self, path: &Path, reason: String) {
        self.open.push(Open {
            path: path.to_path_buf(),
            reason,
            sides: Vec::new(),
        });
    }

    /// Takes over the lines that only the sub-task has changed, and keeps the others for the model to decide.
    fn conflict(&mut self, change: &FileChange, conflict: &Conflict) {
        let is_by_lines = conflict.reason == ConflictReason::SameLines;
        let texts = (
            change.before().and_then(FileState::text),
            conflict.current.as_ref().and_then(FileState::text),
            conflict.proposed.as_ref().and_then(FileState::text),
        );
        let (true, (Some(base), Some(current), Some(proposed))) = (is_by_lines, texts) else {
            return self.leave(&change.path, reason(conflict.reason).into());
        };
        let (text, sides) = merge_around(base, current, proposed);
        // Of a renamed file whose lines conflict, the lines are taken over where the file is.
        let path = change.base_path().to_path_buf();
        if text != current {
            self.edits.push(FileEdit::Write {
                path: path.clone(),
                before: Some(current.as_bytes().to_vec()),
                after: text.into_bytes(),
            });
        }
        let renamed = match &change.renamed_from {
            Some(_) => format!(", and the sub-task renamed it to {}", change.path.display()),
            None => String::new(),
        };
        self.open.push(Open {
            path,
            reason: reason(conflict.reason).to_owned() + &renamed,
            sides,
        });
    }
}

/// The text with all lines that only one side has changed, where both did the current ones; and these regions.
fn merge_around(base: &str, current: &str, proposed: &str) -> (String, Vec<Sides>) {
    let merge = text::merge(base, current, proposed);
    let (mut text, mut sides) = (String::new(), Vec::new());
    for region in merge.regions() {
        match region.kind {
            text::RegionKind::Theirs => text += merge.their_text(region),
            text::RegionKind::Conflict => {
                sides.push(Sides {
                    line: text.lines().count() + 1,
                    before: merge.base_text(region).into(),
                    current: merge.our_text(region).into(),
                    proposed: merge.their_text(region).into(),
                });
                text += merge.our_text(region);
            }
            _ => text += merge.our_text(region),
        }
    }
    (text, sides)
}

/// The file at `path` now. Whether it is executable cannot be seen here: it counts as it was `before`.
fn state(
    workspace: &dyn Workspace,
    path: &Path,
    before: Option<&FileState>,
) -> Result<Option<FileState>, FileError> {
    match workspace.read(path, LARGEST) {
        Ok(bytes) => Ok(Some(FileState {
            content: Content::Bytes(bytes.into()),
            is_executable: before.is_some_and(|state| state.is_executable),
        })),
        Err(FileError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn bytes(state: &FileState) -> Vec<u8> {
    match &state.content {
        Content::Bytes(bytes) => bytes.to_vec(),
        // Links are left before it comes to this.
        Content::Link(_) => Vec::new(),
    }
}

fn mark(change: &FileChange) -> char {
    match change.kind() {
        changes::ChangeKind::Created => 'A',
        changes::ChangeKind::Deleted => 'D',
        changes::ChangeKind::Renamed => 'R',
        changes::ChangeKind::Modified | changes::ChangeKind::Mode => 'M',
    }
}

fn reason(reason: ConflictReason) -> &'static str {
    match reason {
        ConflictReason::SameLines => "was changed in the same lines by another sub-task",
        ConflictReason::NotText => "was also changed by another sub-task, and is no text to merge",
        ConflictReason::CreatedByBoth => {
            "was also created by another sub-task, with other content; the other's stays"
        }
        ConflictReason::DeletedByUser => "was deleted or renamed by another sub-task",
        ConflictReason::DeletedByTask => {
            "was deleted by this sub-task and changed by another one; it stays"
        }
        ConflictReason::TargetExists => "is a name that is taken by now; nothing was renamed",
        ConflictReason::UnknownBase => {
            "was changed by the user meanwhile, and what the sub-task started from is not known"
        }
    }
}
