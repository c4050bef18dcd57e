//! The folders themselves as a place of work: files as they lie there, commands as the user.

use std::path::PathBuf;

use agent::FolderWorkspace;
use anyhow::Context;
use sandbox::DirectStarter;
use workspace::ExclusionOptions;

/// The folders themselves.
pub(crate) struct FolderPlace {
    pub(super) workspace: FolderWorkspace,
    pub(super) starter: DirectStarter,
}

impl FolderPlace {
    /// The `folders`, which are absolute; commands in them do not see the environment variables called `hidden_variables`.
    ///
    /// # Errors
    /// When it cannot be worked in.
    pub(super) fn new(
        folders: &[PathBuf],
        exclusions: &ExclusionOptions,
        hidden_variables: Vec<String>,
    ) -> anyhow::Result<Self> {
        let workspace = FolderWorkspace::new(folders, exclusions).with_context(|| {
            let folders = folders.iter().map(|folder| folder.display().to_string());
            format!(
                "{} cannot be worked in",
                folders.collect::<Vec<_>>().join(", ")
            )
        })?;
        Ok(Self {
            workspace,
            starter: DirectStarter::new(hidden_variables),
        })
    }
}
