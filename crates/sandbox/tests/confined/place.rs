//! A way to start commands, with a folder that commands and the program see.

use std::{
    os::fd::{AsRawFd, OwnedFd},
    path::PathBuf,
    sync::Arc,
};

use sandbox::{DirectStarter, Limits, Processes, Starter, Wall, confined::ConfinedProcess};

use crate::task::Task;

/// A way to start commands.
pub(crate) struct Place {
    task: Task,
    /// None for commands that run as the user.
    process: Option<Arc<ConfinedProcess>>,
    /// The workspace as commands see it, where that is another view than the disk's.
    root: Option<OwnedFd>,
}

impl Place {
    /// Behind `wall`.
    pub(crate) fn behind(wall: Wall) -> Self {
        let mut task = Task::behind(wall);
        task.confinement.hidden_variables = vec!["CARGO_MANIFEST_DIR".into()];
        let process = (wall != Wall::None).then(|| task.start());
        let roots = process.iter().flat_map(|process| process.roots().unwrap());
        Self {
            root: roots.last(),
            task,
            process,
        }
    }

    pub(crate) fn processes(&self, limits: Limits) -> Processes {
        let starter: Box<dyn Starter> = match &self.process {
            Some(process) => Box::new(process.starter()),
            None => Box::new(DirectStarter::new(
                self.task.confinement.hidden_variables.clone(),
            )),
        };
        Processes::new(starter, limits)
    }

    /// Where commands can write.
    pub(crate) fn folder(&self) -> PathBuf {
        self.task.workspace.clone()
    }

    /// Where this program finds what commands call `name` in [`Place::folder`].
    pub(crate) fn seen_by_the_program(&self, name: &str) -> PathBuf {
        match &self.root {
            Some(root) => format!("/proc/self/fd/{}/{name}", root.as_raw_fd()).into(),
            None => self.folder().join(name),
        }
    }
}
