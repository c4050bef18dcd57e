//! Gives a new twin the changes that its parent has made so far.

use changes::{Content, FileState, Proposal};

use crate::{
    Workspace,
    workspace::{FileEdit, FileError},
};

/// Larger files are refused, in bytes.
const LARGEST: u64 = 1 << 30;

/// Makes the files of `workspace` those that `proposal` leads to, whatever is there now. Links stay as they are, and
/// nothing is made executable: that is not for a [`Workspace`] to do.
///
/// # Errors
/// When a file cannot be read or written; then nothing was changed.
pub fn seed(workspace: &dyn Workspace, proposal: &Proposal) -> Result<(), FileError> {
    let mut edits = Vec::new();
    for change in &proposal.files {
        if let Some(old) = &change.renamed_from {
            edits.extend(edit(workspace, old, None)?);
        }
        edits.extend(edit(workspace, &change.path, change.after.as_ref())?);
    }
    if edits.is_empty() {
        return Ok(());
    }
    workspace.commit(&edits)
}

/// What has to be done so that `after` is at `path`.
fn edit(
    workspace: &dyn Workspace,
    path: &std::path::Path,
    after: Option<&FileState>,
) -> Result<Option<FileEdit>, FileError> {
    let before = match workspace.read(path, LARGEST) {
        Ok(bytes) => Some(bytes),
        Err(FileError::Missing { .. }) => None,
        // A link; what it leads to is another file's affair.
        Err(FileError::NotAFile { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let after = match after.map(|state| &state.content) {
        Some(Content::Link(_)) => return Ok(None),
        Some(Content::Bytes(bytes)) => Some(bytes.to_vec()),
        None => None,
    };
    let path = path.to_path_buf();
    Ok(match (before, after) {
        (before, after) if before == after => None,
        (before, Some(after)) => Some(FileEdit::Write {
            path,
            before,
            after,
        }),
        (Some(before), None) => Some(FileEdit::Delete { path, before }),
        (None, None) => None,
    })
}
