//! One try at a wall: a confined process in a folder of its own, a command in it, files in both directions.

use std::{
    fs,
    io::{self, Read, Write},
    os::fd::{AsFd, BorrowedFd},
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags, ResolveFlags, openat2},
};

use crate::{
    Channel, CommandLine, Exit, Reach, Starter, Wall,
    confined::{ConfinedProcess, Confinement, OverlayMount},
    walls::FileStatus,
};

/// Passes on what the program wrote for the command to what the command writes for the program.
const COMMAND: &str = "read word < asked && echo \"$word\" > answered";

const WORD: &str = "works\n";

/// How long the command may take.
const PATIENCE: Timespec = Timespec {
    tv_sec: 20,
    tv_nsec: 0,
};

/// Tells in a sentence why it does not work.
pub(super) fn attempt(wall: Wall, scratch: &Path) -> Result<(), String> {
    let rules = FileStatus::of_this_kernel();
    if wall == Wall::Copy && !rules.is_enough_alone() {
        return Err(format!("{rules}, and nothing else would guard files"));
    }
    let folder = Folder::make(scratch)
        .map_err(|error| format!("no folder could be made in {}: {error}", scratch.display()))?;
    let confinement = folder.confinement(wall);
    let process = ConfinedProcess::start(&confinement).map_err(|error| error.to_string())?;
    let root = match process.roots() {
        Ok(mut roots) => roots.pop(),
        Err(error) => return Err(error.to_string()),
    };
    let works = match root {
        Some(root) => pass_word(&process, &folder.workspace(), root.as_fd()),
        None => fs::File::open(folder.workspace())
            .and_then(|root| pass_word(&process, &folder.workspace(), root.as_fd())),
    };
    works.map_err(|error| format!("it was put up, but a command in it failed: {error}"))
}

fn pass_word(
    process: &Arc<ConfinedProcess>,
    workspace: &Path,
    root: BorrowedFd<'_>,
) -> io::Result<()> {
    let open = |name, flags, mode| -> io::Result<fs::File> {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let opened = openat2(root, name, flags | OFlags::CLOEXEC, mode, resolve)?;
        Ok(opened.into())
    };
    let mode = Mode::RUSR | Mode::WUSR;
    open("asked", OFlags::CREATE | OFlags::WRONLY, mode)?.write_all(WORD.as_bytes())?;
    match run(process, workspace)? {
        Exit::Code(0) => {}
        exit => return Err(io::Error::other(exit.to_string())),
    }
    let mut answer = String::new();
    open("answered", OFlags::RDONLY, Mode::empty())?.read_to_string(&mut answer)?;
    if answer == WORD {
        Ok(())
    } else {
        Err(io::Error::other(
            "the program sees other files than the command",
        ))
    }
}

fn run(process: &Arc<ConfinedProcess>, folder: &Path) -> io::Result<Exit> {
    let line = CommandLine {
        text: COMMAND.into(),
        folder: folder.into(),
        channel: Channel::Pipe,
        reach: Reach::Twin,
    };
    let started = process
        .starter()
        .start(&line, "probe")
        .map_err(io::Error::other)?;
    let mut ended = [PollFd::from_borrowed_fd(
        started.control.ended(),
        PollFlags::IN,
    )];
    match poll(&mut ended, Some(&PATIENCE))? {
        0 => Err(io::ErrorKind::TimedOut.into()),
        _ => Ok(started.control.collect()),
    }
}

/// A folder for one attempt, which is removed with it.
struct Folder(PathBuf);

impl Folder {
    fn make(scratch: &Path) -> io::Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = scratch
            .canonicalize()?
            .join(format!("probe-{}-{number}", process::id()));
        fs::create_dir(&path)?;
        let folder = Self(path);
        for name in ["workspace", "upper", "work", "scratch"] {
            fs::create_dir(folder.0.join(name))?;
        }
        Ok(folder)
    }

    fn workspace(&self) -> PathBuf {
        self.0.join("workspace")
    }

    fn confinement(&self, wall: Wall) -> Confinement {
        let workspace = self.workspace();
        let mut confinement = Confinement {
            wall,
            scratch: self.0.join("scratch"),
            ..Confinement::default()
        };
        match wall {
            Wall::Copy | Wall::None => confinement.writable.push(workspace),
            Wall::Overlay | Wall::OverlaySharedNetwork => confinement.overlays.push(OverlayMount {
                at: workspace.clone(),
                lower: workspace,
                upper: self.0.join("upper"),
                work: self.0.join("work"),
            }),
        }
        confinement
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        use std::os::unix::fs::PermissionsExt;
        // The kernel leaves a folder in `work` that even its owner may not look into.
        let _ = fs::set_permissions(self.0.join("work/work"), fs::Permissions::from_mode(0o700));
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::debug!(%error, folder = %self.0.display(), "a probe's folder stays");
        }
    }
}
