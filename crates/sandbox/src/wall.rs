//! Which walls a task has around it, in words for people and for the model.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What stands between a task and the rest of the machine, strongest first. Chosen by a probe, never silently weaker.
///
/// Settings, events and `ROPEWALK_WALL` have it by its [`name`](Wall::name).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wall {
    /// Namespaces with an overlay at the workspace's own path and no network; seccomp and, where the kernel has it, Landlock.
    Overlay,
    /// The same, in the machine's network namespace: seccomp alone keeps commands off the network.
    OverlaySharedNetwork,
    /// A copy of the workspace's files; Landlock and seccomp (macOS: Seatbelt).
    Copy,
    /// None: each command needs a yes.
    None,
}

impl Wall {
    /// All of them, the strongest first.
    pub const ALL: [Self; 4] = [
        Self::Overlay,
        Self::OverlaySharedNetwork,
        Self::Copy,
        Self::None,
    ];

    /// What it is called in settings and by programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::OverlaySharedNetwork => "overlay-shared-network",
            Self::Copy => "copy",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Wall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Overlay => "an overlay in namespaces of its own, without network",
            Self::OverlaySharedNetwork => {
                "an overlay in namespaces of its own; a system call filter alone keeps it off the network"
            }
            Self::Copy => "a copy of the files, confined by the kernel's access rules and a system call filter",
            Self::None => "none: every command needs your yes",
        })
    }
}
