//! What a task has made of its twin, as a proposal: judged by the workspace's rules, with its contents in memory.
//!
//! The sandbox knows what was written, the workspace knows what may be proposed, and `changes` what a proposal is; here
//! they meet. Surfaces ask for it when a turn has ended.

use std::{ffi::OsString, fs, io, path::Path, sync::Arc};

use ::workspace::{Exclusion, FileKind, Reach, WorkspaceSnapshot};
use changes::{Base, Content, FileChange, FileState, Proposal};
use sandbox::twin::{
    IsSecret, LeftOut, Twin, TwinBase, TwinChange, TwinChanges, TwinContent, TwinError, TwinFile,
};

use crate::{TwinWorkspace, folder_workspace::BaseKeeper};

/// How much of large files is proposed together, in bytes: all of it is held in memory, and a file of any size costs a
/// command nothing. What is beyond is told, with the place where it lies.
const LARGE_TOGETHER: u64 = 1024 * 1024 * 1024;

/// What a task proposes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TwinProposal {
    /// The changes.
    pub proposal: Proposal,
    /// What was written besides and is not proposed, in order of the paths.
    pub left_out: Vec<LeftOut>,
}

/// Why there is no proposal.
#[derive(Debug, thiserror::Error)]
pub enum TwinProposalError {
    /// The twin cannot be read.
    #[error(transparent)]
    Twin(#[from] TwinError),
    /// One of its files cannot be read.
    #[error("{path} cannot be read in the twin: {source}")]
    Content {
        /// In the workspace.
        path: String,
        /// Why not.
        source: io::Error,
    },
}

/// Has the twin keep what tools replace.
pub struct TwinBaseKeeper(pub Arc<Twin>);

impl BaseKeeper for TwinBaseKeeper {
    fn keep_base(&self, path: &Path, _before: Option<FileState>) -> io::Result<()> {
        self.0.keep_base(path).map_err(io::Error::other)
    }
}

/// What the task has made of `twin`, whose files `workspace` sees.
///
/// # Errors
/// When something of the twin cannot be read.
pub fn twin_proposal(
    twin: &Twin,
    workspace: &TwinWorkspace,
) -> Result<TwinProposal, TwinProposalError> {
    let rules = workspace.proposal_rules();
    let judge = |path: &Path, kind: FileKind| rules.verdict(path, kind);
    from_changes(twin.scan(&judge)?, &rules.twin)
}

/// What commands in a twin must not see: what nobody may see in this snapshot.
pub struct SnapshotSecrets<'a>(pub &'a WorkspaceSnapshot);

impl IsSecret for SnapshotSecrets<'_> {
    fn is_secret(&self, path: &Path, kind: FileKind) -> bool {
        let exclusion = self.0.is_name_excluded(path, kind);
        exclusion.is_some_and(|exclusion| is_secret(&exclusion))
    }

    fn secrets_among(&self, folder: &Path, names: &[(OsString, FileKind)]) -> Vec<usize> {
        let hidden = self.0.hidden_among(folder, names).into_iter();
        let secrets = hidden.filter(|(_, exclusion)| is_secret(exclusion));
        secrets.map(|(position, _)| position).collect()
    }
}

fn is_secret(exclusion: &Exclusion) -> bool {
    match exclusion {
        // Commands need it, and cannot write it.
        Exclusion::VersionControl { .. } | Exclusion::OutsideFolders => false,
        exclusion => exclusion.reach() == Reach::Hidden,
    }
}

fn from_changes(
    changes: TwinChanges,
    snapshot: &WorkspaceSnapshot,
) -> Result<TwinProposal, TwinProposalError> {
    let mut left_out = changes.left_out;
    let mut files = Vec::new();
    let mut room = LARGE_TOGETHER;
    for change in changes.files {
        let refused = in_repository(&change, snapshot).or_else(|| too_large(&change, &mut room));
        match refused {
            Some(because) => left_out.push(because),
            None => files.push(file_change(change)?),
        }
    }
    left_out.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(TwinProposal {
        proposal: Proposal::new(files),
        left_out,
    })
}

fn in_repository(change: &TwinChange, snapshot: &WorkspaceSnapshot) -> Option<LeftOut> {
    let directory = snapshot.git_directory_above(&change.path)?;
    Some(LeftOut {
        path: change.path.clone(),
        reason: format!("git keeps a repository in {}", directory.display()),
        content: None,
    })
}

/// Takes what `change` needs out of `room`, or says why there is none.
fn too_large(change: &TwinChange, room: &mut u64) -> Option<LeftOut> {
    let before = match &change.base {
        TwinBase::Known(before) => Some(before),
        TwinBase::Absent | TwinBase::Unknown => None,
    };
    let sizes = [change.after.as_ref(), before].map(|file| file.map_or(0, large_size));
    let size = sizes[0] + sizes[1];
    if let Some(left) = room.checked_sub(size) {
        *room = left;
        return None;
    }
    let content = match change.after.as_ref().map(|after| &after.content) {
        Some(TwinContent::Large { place, .. }) => Some(place.clone()),
        _ => None,
    };
    let reason = format!("it has {size} bytes, more than can be proposed with the rest");
    Some(LeftOut {
        path: change.path.clone(),
        reason: match &content {
            Some(place) => format!("{reason}; they lie in {}", place.display()),
            None => reason,
        },
        content,
    })
}

/// In bytes; nothing for what the sandbox has read itself.
fn large_size(file: &TwinFile) -> u64 {
    match &file.content {
        TwinContent::Large { size, .. } => *size,
        TwinContent::Bytes(_) | TwinContent::Link(_) => 0,
    }
}

fn file_change(change: TwinChange) -> Result<FileChange, TwinProposalError> {
    let failed = |source| TwinProposalError::Content {
        path: change.path.display().to_string(),
        source,
    };
    let base = match change.base {
        TwinBase::Absent => Base::Absent,
        TwinBase::Known(file) => Base::Known(file_state(file).map_err(failed)?),
        TwinBase::Unknown => Base::Unknown,
    };
    let after = change.after.map(file_state).transpose().map_err(failed)?;
    Ok(FileChange {
        path: change.path,
        renamed_from: None,
        base,
        after,
    })
}

fn file_state(file: TwinFile) -> io::Result<FileState> {
    Ok(FileState {
        content: match file.content {
            TwinContent::Bytes(bytes) => Content::Bytes(bytes),
            TwinContent::Link(target) => Content::Link(target),
            TwinContent::Large { place, .. } => Content::Bytes(fs::read(place)?.into()),
        },
        is_executable: file.is_executable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that costs a command nothing: it has a size and no content.
    fn sparse(path: &str, size: u64) -> TwinChange {
        TwinChange {
            path: path.into(),
            base: TwinBase::Absent,
            after: Some(TwinFile {
                content: TwinContent::Large {
                    place: path.into(),
                    size,
                },
                is_executable: false,
            }),
        }
    }

    #[test]
    fn large_files_are_proposed_as_far_as_there_is_room_for_all_of_them() {
        let mut room = 100;
        let refused = [60, 60, 101, 40, 1].map(|size| {
            let change = sparse("a", size);
            too_large(&change, &mut room).is_some()
        });
        assert_eq!(refused, [false, true, true, false, true]);
        let refused = too_large(&sparse("/twin/b", 7), &mut room).unwrap();
        assert_eq!(
            refused.reason,
            "it has 7 bytes, more than can be proposed with the rest; they lie in /twin/b"
        );
        assert_eq!(refused.content, Some("/twin/b".into()));
    }
}
