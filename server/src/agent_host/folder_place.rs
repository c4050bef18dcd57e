//! The folder itself as a place of work: files as they lie there, commands as the user.

use std::path::Path;
use std::slice;

use agent::FolderWorkspace;
use anyhow::Context;
use sandbox::DirectStarter;
use workspace::ExclusionOptions;

/// The folder itself.
pub(crate) struct FolderPlace {
    pub(super) workspace: FolderWorkspace,
    pub(super) starter: DirectStarter,
}

impl FolderPlace {
    /// The folder `cwd`, which is absolute; its commands do not see the environment variables called `hidden_variables`.
    ///
    /// # Errors
    /// When it cannot be worked in.
    pub(super) fn new(
        cwd: &Path,
        exclusions: &ExclusionOptions,
        hidden_variables: Vec<String>,
    ) -> anyhow::Result<Self> {
        let workspace = FolderWorkspace::new(slice::from_ref(&cwd.to_path_buf()), exclusions)
            .with_context(|| format!("{} cannot be worked in", cwd.display()))?;
        Ok(Self {
            workspace,
            starter: DirectStarter::new(hidden_variables),
        })
    }
}
