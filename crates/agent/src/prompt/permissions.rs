//! What the agent may do, and how the model is told.
//!
//! The model is told so that it plans well; what really holds is decided by [`crate::tool::Gate`].

use serde::{Deserialize, Serialize};

/// What may be done in a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// Changing files.
    pub changes: Permission,
    /// Running commands.
    pub commands: Permission,
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

    const fn same(permission: Permission) -> Self {
        Self {
            changes: permission,
            commands: permission,
        }
    }

    /// The section for the model.
    pub fn describe(&self) -> String {
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

impl Default for Permissions {
    /// Nobody has said anything yet, so everything is asked.
    fn default() -> Self {
        Self::ASK
    }
}
