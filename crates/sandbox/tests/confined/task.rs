//! A task's folders and its confined process, for tests.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use sandbox::{
    Channel, CommandLine, Exit, Limits, Processes, Reach, Wall,
    confined::{ConfinedProcess, Confinement, OverlayMount},
};
use tempfile::TempDir;

/// Far enough away that only a defect reaches it.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A workspace and everything that a confined process for it needs.
pub(crate) struct Task {
    _folder: TempDir,
    pub(crate) workspace: PathBuf,
    pub(crate) confinement: Confinement,
}

impl Task {
    /// A workspace with a few files and an overlay over it.
    pub(crate) fn new() -> Self {
        Self::at(&std::env::temp_dir())
    }

    /// The same below `parent`.
    pub(crate) fn at(parent: &Path) -> Self {
        let folder = TempDir::new_in(parent).unwrap();
        let root = folder.path().canonicalize().unwrap();
        let [workspace, upper, work, scratch] =
            ["workspace", "state/upper", "state/work", "state/scratch"].map(|name| root.join(name));
        for folder in [&workspace, &upper, &work, &scratch] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(workspace.join("file"), "from the disk\n").unwrap();
        let overlay = OverlayMount {
            at: workspace.clone(),
            lower: workspace.clone(),
            upper,
            work,
        };
        let confinement = Confinement {
            wall: Wall::Overlay,
            overlays: vec![overlay],
            hidden: vec![root.join("state")],
            scratch,
            ..Confinement::default()
        };
        Self {
            _folder: folder,
            workspace,
            confinement,
        }
    }

    pub(crate) fn start(&self) -> Arc<ConfinedProcess> {
        ConfinedProcess::start(&self.confinement).unwrap()
    }
}

pub(crate) fn processes(process: &Arc<ConfinedProcess>) -> Processes {
    Processes::new(Box::new(process.starter()), Limits::default())
}

/// Runs `text` in `folder` and gives its exit and its output.
pub(crate) fn run_in(
    processes: &Processes,
    text: &str,
    folder: &Path,
    reach: Reach,
) -> (Exit, String) {
    let line = CommandLine {
        text: text.into(),
        folder: folder.into(),
        channel: Channel::Pipe,
        reach,
    };
    let session = processes.start(&line).unwrap();
    assert!(
        session.wait_until_ended(Instant::now() + LONG),
        "{text} does not end"
    );
    (session.ended().unwrap().exit, session.take_unread().head)
}
