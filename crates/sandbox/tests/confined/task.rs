//! A task's folders and its confined process, for tests.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use sandbox::{
    Channel, CommandLine, Exit, Limits, Processes, Reach, Session, StartError, Wake, Wall,
    confined::{ConfinedProcess, Confinement, OverlayMount},
};
use tempfile::TempDir;
use workspace::CancellationFlag;

/// Far enough away that only a defect reaches it.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A workspace and everything that a confined process for it needs.
pub(crate) struct Task {
    _folder: TempDir,
    pub(crate) workspace: PathBuf,
    pub(crate) confinement: Confinement,
}

impl Task {
    /// A workspace with a file, and an overlay over it.
    pub(crate) fn new() -> Self {
        Self::at(&std::env::temp_dir(), Wall::Overlay)
    }

    /// A workspace with a file behind `wall`.
    pub(crate) fn behind(wall: Wall) -> Self {
        Self::at(&std::env::temp_dir(), wall)
    }

    /// The same below `parent`.
    pub(crate) fn at(parent: &Path, wall: Wall) -> Self {
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
        let (overlays, writable) = match wall {
            Wall::Copy => (Vec::new(), vec![workspace.clone()]),
            _ => (vec![overlay], Vec::new()),
        };
        let confinement = Confinement {
            wall,
            overlays,
            writable,
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

/// Starts `text` in `folder`.
pub(crate) fn start_in(
    processes: &Processes,
    text: &str,
    folder: &Path,
    reach: Reach,
) -> Arc<Session> {
    try_start(processes, text, folder, reach).unwrap()
}

/// Runs `text` in `folder` and gives its exit and its output.
pub(crate) fn run_in(
    processes: &Processes,
    text: &str,
    folder: &Path,
    reach: Reach,
) -> (Exit, String) {
    try_run_in(processes, text, folder, reach).unwrap()
}

/// As [`run_in`], for what may not be started.
pub(crate) fn try_run_in(
    processes: &Processes,
    text: &str,
    folder: &Path,
    reach: Reach,
) -> Result<(Exit, String), StartError> {
    let session = try_start(processes, text, folder, reach)?;
    assert!(
        session.wait_until_ended(Instant::now() + LONG),
        "{text} does not end"
    );
    Ok((session.ended().unwrap().exit, session.take_unread().head))
}

/// Waits until the command has printed `text`.
pub(crate) fn wait_for(session: &Arc<Session>, text: &str) {
    let mut printed = String::new();
    while !printed.contains(text) {
        let wake = session.wait(Instant::now() + LONG, &CancellationFlag::default());
        printed.push_str(&session.take_shown().head);
        assert!(
            wake == Wake::Output || printed.contains(text),
            "{wake:?} after {printed:?}"
        );
    }
}

fn try_start(
    processes: &Processes,
    text: &str,
    folder: &Path,
    reach: Reach,
) -> Result<Arc<Session>, StartError> {
    processes.start(&CommandLine {
        text: text.into(),
        folder: folder.into(),
        channel: Channel::Pipe,
        reach,
    })
}
