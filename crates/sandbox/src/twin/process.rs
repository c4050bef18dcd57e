//! The confined process of a twin, where the system has such.

use std::{io, os::fd::OwnedFd};

use crate::{
    Starter,
    confined::{Confinement, ConfinementError, SetupError, Step},
};

/// Why a twin has no confined process.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct ProcessError(#[from] ConfinementError);

impl ProcessError {
    /// Whether another folder for the twin could help.
    pub(super) fn is_of_the_place(&self) -> bool {
        let ConfinementError::Setup(SetupError { step, .. }) = &self.0 else {
            return false;
        };
        *step == Step::Overlay
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(super) struct Process(std::sync::Arc<crate::confined::ConfinedProcess>);

#[cfg(any(target_os = "linux", target_os = "macos"))]
impl Process {
    pub(super) fn start(confinement: &Confinement) -> Result<Self, ProcessError> {
        Ok(Self(crate::confined::ConfinedProcess::start(confinement)?))
    }

    /// The overlays' roots, none with a copy.
    pub(super) fn roots(&self) -> io::Result<Vec<OwnedFd>> {
        self.0.roots()
    }

    pub(super) fn starter(&self) -> impl Starter + 'static {
        self.0.starter()
    }
}

/// Nothing of the kind is here.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(super) enum Process {}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
impl Process {
    pub(super) fn start(confinement: &Confinement) -> Result<Self, ProcessError> {
        Err(ConfinementError::NoSuchWall(confinement.wall).into())
    }

    pub(super) fn roots(&self) -> io::Result<Vec<OwnedFd>> {
        match *self {}
    }

    pub(super) fn starter(&self) -> crate::DirectStarter {
        match *self {}
    }
}
