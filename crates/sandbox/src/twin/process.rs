//! The confined process of a twin, where the system has such.

use std::{io, os::fd::OwnedFd};

use super::options::TwinOptions;
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

/// A process that is begun while it is not known yet what it is to be surrounded with, where that saves time.
pub(super) struct Begun {
    #[cfg(target_os = "linux")]
    waiting: crate::confined::WaitingProcess,
}

#[cfg(target_os = "linux")]
impl Begun {
    pub(super) fn new(options: &TwinOptions<'_>) -> Result<Self, ProcessError> {
        let waiting =
            crate::confined::WaitingProcess::begin(&options.limits, &options.hidden_variables)?;
        Ok(Self { waiting })
    }

    pub(super) fn surround(self, confinement: &Confinement) -> Result<Process, ProcessError> {
        Ok(Process(self.waiting.surround(confinement)?))
    }
}

#[cfg(not(target_os = "linux"))]
impl Begun {
    pub(super) fn new(_options: &TwinOptions<'_>) -> Result<Self, ProcessError> {
        Ok(Self {})
    }

    #[cfg(target_os = "macos")]
    pub(super) fn surround(self, confinement: &Confinement) -> Result<Process, ProcessError> {
        Ok(Process(crate::confined::ConfinedProcess::start(
            confinement,
        )?))
    }

    #[cfg(not(target_os = "macos"))]
    pub(super) fn surround(self, confinement: &Confinement) -> Result<Process, ProcessError> {
        Err(ConfinementError::NoSuchWall(confinement.wall).into())
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(super) struct Process(std::sync::Arc<crate::confined::ConfinedProcess>);

#[cfg(any(target_os = "linux", target_os = "macos"))]
impl Process {
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
    pub(super) fn roots(&self) -> io::Result<Vec<OwnedFd>> {
        match *self {}
    }

    pub(super) fn starter(&self) -> crate::DirectStarter {
        match *self {}
    }
}
