//! macOS: commands behind Seatbelt, the system's own sandbox, which `sandbox-exec` puts around a program.
//!
//! There are no namespaces and no overlays, so this is the wall of a copy ([`Wall::Copy`]). It has the same face as the
//! confined process of Linux, but there is no process to keep: each command comes with its profile.
//! It was written from the documentation and has not been run on a Mac.

use std::{
    io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Confinement, ConfinementError};
use crate::{
    Beyond, CommandLine, DirectStarter, Network, Reach, Started, Starter, StarterError, Wall,
};

mod profile;

/// The program that puts a profile around another.
const SANDBOX_EXEC: &str = "/usr/bin/sandbox-exec";

/// What stands for a confined process where each command is confined by itself.
pub struct ConfinedProcess {
    confinement: Confinement,
    sandbox_exec: PathBuf,
}

impl ConfinedProcess {
    /// Nothing is started before the first command.
    ///
    /// # Errors
    /// When another wall than a copy's is wanted, or the system has no `sandbox-exec`.
    pub fn start(confinement: &Confinement) -> Result<Arc<Self>, ConfinementError> {
        Self::start_by(Path::new(SANDBOX_EXEC), confinement)
    }

    fn start_by(
        sandbox_exec: &Path,
        confinement: &Confinement,
    ) -> Result<Arc<Self>, ConfinementError> {
        if confinement.wall != Wall::Copy {
            return Err(ConfinementError::NoSuchWall(confinement.wall));
        }
        if !sandbox_exec.exists() {
            return Err(ConfinementError::Spawn(io::ErrorKind::NotFound.into()));
        }
        let mut confinement = confinement.clone();
        // Seatbelt compares real paths: `/tmp` is a link there.
        for path in confinement
            .hidden
            .iter_mut()
            .chain(&mut confinement.writable)
        {
            if let Ok(real) = path.canonicalize() {
                *path = real;
            }
        }
        Ok(Arc::new(Self {
            confinement,
            sandbox_exec: sandbox_exec.into(),
        }))
    }

    /// None: a copy has no overlays.
    ///
    /// # Errors
    /// Never.
    pub fn roots(&self) -> io::Result<Vec<OwnedFd>> {
        Ok(Vec::new())
    }

    /// Starts commands.
    pub fn starter(self: &Arc<Self>) -> ConfinedStarter {
        ConfinedStarter {
            direct: DirectStarter::new(self.confinement.hidden_variables.clone()),
            process: self.clone(),
        }
    }

    /// A copy's.
    pub fn wall(&self) -> Wall {
        self.confinement.wall
    }
}

/// Starts commands behind Seatbelt.
pub struct ConfinedStarter {
    process: Arc<ConfinedProcess>,
    direct: DirectStarter,
}

impl Starter for ConfinedStarter {
    fn start(&self, line: &CommandLine, name: &str) -> Result<Started, StarterError> {
        let nothing = Beyond::default();
        let beyond = match &line.reach {
            Reach::Twin => &nothing,
            Reach::Beyond(beyond) => beyond,
            Reach::Unconfined => return self.direct.start(line, name),
        };
        if beyond.network == Network::Loopback {
            return Err(StarterError::Reach(
                "a loopback of its own is not to be had on this system; only the whole network is"
                    .into(),
            ));
        }
        let profile = profile::write(&self.process.confinement, beyond);
        let sandbox_exec = self.process.sandbox_exec.clone();
        let before = [sandbox_exec.into(), "-p".into(), profile.into()];
        self.direct.start_behind(&before, line, name)
    }

    fn end_all(&self) {
        self.direct.end_all();
    }
}

/// Tells in a sentence why commands cannot be confined here.
#[cfg(target_os = "macos")]
pub(super) fn attempt(wall: Wall, scratch: &Path) -> Result<(), String> {
    let confinement = Confinement {
        wall,
        scratch: scratch.into(),
        ..Confinement::default()
    };
    let process = ConfinedProcess::start(&confinement).map_err(|error| error.to_string())?;
    let processes = crate::Processes::new(Box::new(process.starter()), crate::Limits::default());
    let line = CommandLine {
        text: "true".into(),
        folder: "/".into(),
        channel: crate::Channel::Pipe,
        reach: Reach::Twin,
    };
    let session = processes.start(&line).map_err(|error| error.to_string())?;
    session.wait_until_ended(std::time::Instant::now() + std::time::Duration::from_secs(20));
    match session.ended().map(|ended| ended.exit) {
        Some(crate::Exit::Code(0)) => Ok(()),
        _ => Err(format!(
            "{SANDBOX_EXEC} does not run commands: {}",
            session.take_unread().head
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::PermissionsExt,
        time::{Duration, Instant},
    };

    use super::*;
    use crate::{Channel, Exit, Limits, Processes, shell};

    /// What stands here for the system's program shows its profile's first line and does not confine anything.
    const SHOWS_AND_RUNS: &str =
        "#!/bin/sh\nprintf '%s\\n' \"$1\" \"$2\" | head -n 2\nshift 2\nexec \"$@\"\n";

    #[test]
    fn commands_come_with_their_profile() {
        let folder = tempfile::TempDir::new().unwrap();
        let sandbox_exec = folder.path().join("sandbox-exec");
        fs::write(&sandbox_exec, SHOWS_AND_RUNS).unwrap();
        fs::set_permissions(&sandbox_exec, fs::Permissions::from_mode(0o755)).unwrap();
        let confinement = Confinement {
            wall: Wall::Copy,
            ..Confinement::default()
        };
        let process = ConfinedProcess::start_by(&sandbox_exec, &confinement).unwrap();
        assert_eq!(
            (process.wall(), process.roots().unwrap().len()),
            (Wall::Copy, 0)
        );
        let processes = Processes::new(Box::new(process.starter()), Limits::default());
        let run = |reach| {
            let line = CommandLine {
                text: "echo \"$0\" works; exit 3".into(),
                folder: "/".into(),
                channel: Channel::Pipe,
                reach,
            };
            let session = processes.start(&line).map_err(|error| error.to_string())?;
            session.wait_until_ended(Instant::now() + Duration::from_secs(60));
            Ok((session.ended().unwrap().exit, session.take_unread().head))
        };
        let works = format!("{} works\n", shell().display());
        let behind = (Exit::Code(3), format!("-p\n(version 1)\n{works}"));
        assert_eq!(run(Reach::Twin), Ok(behind));
        assert_eq!(run(Reach::Unconfined), Ok((Exit::Code(3), works)));
        let loopback = Beyond {
            network: Network::Loopback,
            writable: Vec::new(),
        };
        let refusal: Result<_, String> = run(Reach::Beyond(loopback));
        assert!(refusal.unwrap_err().starts_with("a loopback of its own"));
    }

    #[test]
    fn without_the_systems_program_there_is_no_wall() {
        let confinement = Confinement {
            wall: Wall::Copy,
            ..Confinement::default()
        };
        let missing = Path::new("/no/such/program");
        assert!(matches!(
            ConfinedProcess::start_by(missing, &confinement),
            Err(ConfinementError::Spawn(_))
        ));
        let started = ConfinedProcess::start(&Confinement::default());
        assert!(matches!(
            started,
            Err(ConfinementError::NoSuchWall(Wall::Overlay))
        ));
    }
}
