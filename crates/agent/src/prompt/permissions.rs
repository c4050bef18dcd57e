//! What the agent may do, and how the model is told.
//!
//! The model is told so that it plans well; what really holds is decided by [`crate::tool::Gate`].

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What may be done in a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// Changing files.
    pub changes: Permission,
    /// Running commands.
    pub commands: Permission,
    /// The twin in which the thread works; `None` when it works in the user's own folder.
    pub twin: Option<TwinPermissions>,
}

/// What may be done beyond a twin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwinPermissions {
    /// Commands that reach further.
    pub beyond: Permission,
    /// Where commands run, if not at the workspace's own path: the copy of the first folder.
    pub copy: Option<PathBuf>,
}

/// Whether an effect is permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Without asking.
    Allowed,
    /// The user is asked each time.
    Asked,
    /// Never.
    Denied,
}

impl Permissions {
    /// Looking only.
    pub const READ_ONLY: Self = Self::same(Permission::Denied);
    /// Everything after a yes.
    pub const ASK: Self = Self::same(Permission::Asked);
    /// Everything.
    pub const ALL: Self = Self::same(Permission::Allowed);

    /// Everything in a twin; `beyond` it, what is said. Commands run at the workspace's own path.
    pub const fn in_twin(beyond: Permission) -> Self {
        Self {
            changes: Permission::Allowed,
            commands: Permission::Allowed,
            twin: Some(TwinPermissions { beyond, copy: None }),
        }
    }

    const fn same(permission: Permission) -> Self {
        Self {
            changes: permission,
            commands: permission,
            twin: None,
        }
    }

    /// The section for the model.
    pub fn describe(&self) -> String {
        match &self.twin {
            Some(twin) => twin.describe(),
            None => self.describe_folder(),
        }
    }

    fn describe_folder(&self) -> String {
        let reading = "Reading and searching the workspace: allowed.";
        let changes = match self.changes {
            Permission::Allowed => "Changing files in the workspace: allowed, without asking.",
            Permission::Asked => {
                "Changing files in the workspace: the user is shown each change and asked first."
            }
            Permission::Denied => {
                "Changing files: not allowed. Say what you would change instead, as a diff where that helps."
            }
        };
        let commands = match self.commands {
            Permission::Allowed => "Running commands: allowed, without asking.",
            Permission::Asked => {
                "Running commands: the user is shown each command and asked first. Say why in the call, and prefer one \
                 command that answers the question to several that lead there."
            }
            Permission::Denied => "Running commands: not allowed. Work from what you can read.",
        };
        format!("{reading}\n{changes}\n{commands}")
    }
}

impl TwinPermissions {
    fn describe(&self) -> String {
        let place = self.describe_place();
        let beyond = match self.beyond {
            Permission::Allowed => {
                "Beyond the twin: allowed, where you ask for it by `needs` of `exec_command`, with a `justification`."
            }
            Permission::Asked => {
                "Beyond the twin: ask by `needs` of `exec_command`, with a `justification`; the user decides about each. Ask only for \
                 what cannot be done without: first see whether what is installed, vendored or cached will do."
            }
            Permission::Denied => {
                "Beyond the twin: nobody is there to be asked. Where a command cannot do without, ask by `needs` of `exec_command`, with a \
                 `justification`: the user's rules may allow it."
            }
        };
        let unconfined = "A command with \"unconfined\" runs in the user's own folder, which does not have your changes.";
        format!(
            "You work in a twin of the workspace: nothing of the user's changes until they have accepted all your changes as one \
             diff, at the end.\n\
             Reading, searching, changing files, running commands: allowed, without asking. {place}\n\
             {beyond} {unconfined}"
        )
    }

    fn describe_place(&self) -> String {
        let what_lasts = "only changes to files of the workspace that are not ignored last";
        let hidden = "files with secrets are hidden, and there is no network.";
        match &self.copy {
            None => format!(
                "Commands can write the workspace, /tmp and build caches; {what_lasts}. `.git` is read-only, {hidden}"
            ),
            Some(copy) => format!(
                "Commands can write the workspace and $TMPDIR, neither /tmp nor build caches; {what_lasts}. `.git` is not there, \
                 {hidden}\n\
                 Commands see the workspace's files in {}, not at their own path: use relative paths in commands.",
                copy.display()
            ),
        }
    }
}

impl Default for Permissions {
    /// Nobody has said anything yet, so everything is asked.
    fn default() -> Self {
        Self::ASK
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_twin_is_described_with_what_it_allows_and_how_to_ask_for_more() {
        expect![[r#"
            You work in a twin of the workspace: nothing of the user's changes until they have accepted all your changes as one diff, at the end.
            Reading, searching, changing files, running commands: allowed, without asking. Commands can write the workspace, /tmp and build caches; only changes to files of the workspace that are not ignored last. `.git` is read-only, files with secrets are hidden, and there is no network.
            Beyond the twin: ask by `needs` of `exec_command`, with a `justification`; the user decides about each. Ask only for what cannot be done without: first see whether what is installed, vendored or cached will do. A command with "unconfined" runs in the user's own folder, which does not have your changes."#]].assert_eq(&Permissions::in_twin(Permission::Asked).describe());
        let nobody = Permissions {
            twin: Some(TwinPermissions {
                beyond: Permission::Denied,
                copy: Some("/state/twins/1/copy".into()),
            }),
            ..Permissions::ALL
        };
        expect![[r#"
            You work in a twin of the workspace: nothing of the user's changes until they have accepted all your changes as one diff, at the end.
            Reading, searching, changing files, running commands: allowed, without asking. Commands can write the workspace and $TMPDIR, neither /tmp nor build caches; only changes to files of the workspace that are not ignored last. `.git` is not there, files with secrets are hidden, and there is no network.
            Commands see the workspace's files in /state/twins/1/copy, not at their own path: use relative paths in commands.
            Beyond the twin: nobody is there to be asked. Where a command cannot do without, ask by `needs` of `exec_command`, with a `justification`: the user's rules may allow it. A command with "unconfined" runs in the user's own folder, which does not have your changes."#]].assert_eq(&nobody.describe());
        let everything = Permissions::in_twin(Permission::Allowed).describe();
        assert!(
            everything.contains("Beyond the twin: allowed"),
            "{everything}"
        );
    }
}
