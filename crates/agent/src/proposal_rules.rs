//! What of all that was written in a twin may be proposed: judged by the user's rules and the twin's together.
//!
//! A task may edit ignore lists itself. One that removes a list must not have all build output proposed, and one that adds
//! a pattern must not have its changes of the user's own files passed over.

use std::path::Path;

use ::workspace::{Exclusion, FileKind, WorkspaceSnapshot};
use sandbox::twin::Verdict;

use crate::folder_workspace::{is_left_over, protected_name};

/// The rules of a workspace and of its twin.
pub struct ProposalRules {
    /// The user's files, as they are now.
    pub(crate) users: WorkspaceSnapshot,
    /// The same folders as the task sees them.
    pub(crate) twin: WorkspaceSnapshot,
}

impl ProposalRules {
    /// What they say of `path`, at which something was written in the twin, or removed.
    pub fn verdict(&self, path: &Path, kind: FileKind) -> Verdict {
        if let Some(name) = self.protected_name(path) {
            return Verdict::Refused(format!("`{name}` is protected"));
        }
        if is_left_over(path) {
            return Verdict::Ignored;
        }
        let users = self.users.is_name_excluded(path, kind);
        let twins = self.twin.is_name_excluded(path, kind);
        if let Some(exclusion) = [&users, &twins].into_iter().flatten().find(forbids) {
            return Verdict::Refused(exclusion.to_string());
        }
        match (users, twins) {
            (None, None) => Verdict::Included,
            // As with git, what was there stays part of the work when it is ignored from now on.
            (None, Some(_)) if self.users.disk().link_metadata(path).is_ok() => Verdict::Included,
            _ => Verdict::Ignored,
        }
    }

    fn protected_name(&self, path: &Path) -> Option<&'static str> {
        let folder = self.twin.folder_of(path)?;
        let below = path.strip_prefix(folder.path()).ok()?;
        below.iter().find_map(protected_name)
    }
}

/// Whether it is more than a name on an ignore list.
fn forbids(exclusion: &&Exclusion) -> bool {
    !matches!(exclusion, Exclusion::Ignored { .. })
}

#[cfg(test)]
mod tests;
