//! Watches the process that started us, so that a killed editor leaves no server behind.
//!
//! Started by the session with the `processId` of `initialize`. The end of stdin says the same in most cases, but not
//! when another process holds the other end of the pipe, nor with `--socket`.

use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use crate::event::{Event, EventSender};

const INTERVAL: Duration = Duration::from_secs(1);

/// Sends [`Event::ParentDied`] once the process `id` is gone. An id that cannot be one is not watched.
pub(crate) fn watch(id: i32, events: EventSender) {
    let Some(pid) = Pid::from_raw(id).filter(|_| 0 < id) else {
        return;
    };
    // A process that we cannot see lives elsewhere: in a container, or on the machine of a remote editor.
    if !is_alive(pid) {
        tracing::info!(
            id,
            "the process that started us cannot be seen from here; it is not watched"
        );
        return;
    }
    let watch = move || {
        while is_alive(pid) {
            std::thread::sleep(INTERVAL);
        }
        tracing::info!(id, "the process that started us is gone");
        events.send(Event::ParentDied);
    };
    let started = std::thread::Builder::new()
        .name("lifeguard".into())
        .spawn(watch);
    if let Err(error) = started {
        tracing::warn!(%error, "the editor's process is not watched");
    }
}

/// A process of another user answers `EPERM`, and lives.
fn is_alive(pid: Pid) -> bool {
    !matches!(test_kill_process(pid), Err(Errno::SRCH))
}
