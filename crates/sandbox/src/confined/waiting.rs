//! A process that is to be confined, from its start until it gets its order.
//!
//! To start the program once more and to put it into a control group takes time of its own (a process changes its group
//! only when the kernel has waited for all processors), so that is done on a thread while the order is being found out.

use std::{
    io,
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt},
    },
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::{ARGUMENT, ConfinedProcess, Confinement, ConfinementError, bounds_of_the_kernel};
use crate::walls::{ControlGroup, Limits};

/// Variables that name services of the user's session, which a task does not reach, and folders that it cannot write.
const SESSION_VARIABLES: [&str; 12] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "GPG_AGENT_INFO",
    "SSH_AGENT_PID",
    "SSH_AUTH_SOCK",
    "TEMP",
    "TMP",
    "TMPDIR",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_ID",
];

/// A process that is being started. Dropping it ends it.
pub struct WaitingProcess {
    starting: Option<JoinHandle<io::Result<Started>>>,
}

/// A process that waits for its order.
pub(super) struct Started {
    /// Our end.
    pub(super) socket: UnixStream,
    pub(super) between: Between,
    /// The group that it is in, where the machine has such.
    pub(super) group: Option<Arc<ControlGroup>>,
}

/// The process between this one and the confined one, which it forks when it has its order. Dropping ends and collects it.
pub(super) struct Between(pub(super) Child);

impl WaitingProcess {
    /// Begins to start a process for a task with these limits, which does not see the environment variables
    /// `hidden_variables`.
    ///
    /// # Errors
    /// When there can be no thread for it.
    pub fn begin(limits: &Limits, hidden_variables: &[String]) -> Result<Self, ConfinementError> {
        let limits = bounds_of_the_kernel(limits);
        let hidden_variables = hidden_variables.to_vec();
        let starting = thread::Builder::new()
            .name("start of a confined process".into())
            .spawn(move || Started::spawn(&hidden_variables, control_group(&limits)))
            .map_err(ConfinementError::Spawn)?;
        Ok(Self {
            starting: Some(starting),
        })
    }

    /// Surrounds it with `confinement`, and waits until it takes commands.
    ///
    /// # Errors
    /// When this system does not let it be; the error names the step.
    pub fn surround(
        mut self,
        confinement: &Confinement,
    ) -> Result<Arc<ConfinedProcess>, ConfinementError> {
        let started = self.wait().map_err(ConfinementError::Spawn)?;
        ConfinedProcess::first(started, confinement)
    }

    fn wait(&mut self) -> io::Result<Started> {
        let starting = self.starting.take().map(JoinHandle::join);
        let panicked = || io::Error::other("the thread that starts it has failed");
        starting.and_then(Result::ok).ok_or_else(panicked)?
    }
}

impl Drop for WaitingProcess {
    fn drop(&mut self) {
        if self.starting.is_some() {
            let _ = self.wait();
        }
    }
}

impl Started {
    /// Executes this program once more, in `group`, with the other end of the socket for its standard input.
    pub(super) fn spawn(
        hidden_variables: &[String],
        group: Option<Arc<ControlGroup>>,
    ) -> io::Result<Self> {
        let (socket, other) = UnixStream::pair()?;
        let mut command = Command::new("/proc/self/exe");
        command
            .arg0("ropewalk")
            .arg(ARGUMENT)
            .stdin(OwnedFd::from(other))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let session = SESSION_VARIABLES.iter().copied();
        for name in hidden_variables.iter().map(String::as_str).chain(session) {
            command.env_remove(name);
        }
        let between = Between(command.spawn()?);
        if let Some(group) = &group
            && let Err(error) = group.add(between.0.id())
        {
            tracing::debug!(%error, "a task is not in its control group");
        }
        Ok(Self {
            socket,
            between,
            group,
        })
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A group for one more task; without it the watch inside holds the limits alone.
fn control_group(limits: &Limits) -> Option<Arc<ControlGroup>> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let name = MADE.fetch_add(1, Ordering::Relaxed).to_string();
    ControlGroup::create(&name, limits)
        .inspect_err(|error| tracing::debug!(%error, "no control group for a task"))
        .map(Arc::new)
        .ok()
}
