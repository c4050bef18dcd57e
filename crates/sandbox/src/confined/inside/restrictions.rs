//! Puts the walls of [`crate::walls`] around this process, with what it knows of the task's places.

use std::{
    fs::File,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::PathBuf,
    sync::Arc,
};

use super::new_root::own_folder;
use crate::{
    Network, Wall,
    confined::{
        Confinement, SetupError, Step,
        error::OrStep,
        protocol::{Order, Place},
    },
    walls::{
        AccessRules, Neighbours, Readable, SocketFilter, UnixSockets, WallError,
        places_kept_in_view, refuse_dangerous_calls, restrict_files, set_resource_limits,
    },
};

/// Folders that are the task's own behind namespaces, besides its overlays.
const OWN_PLACES: [&str; 5] = ["/tmp", "/var/tmp", "/proc", "/dev/shm", "/dev/pts"];

/// All of them, for good; what is started from here on has them too.
///
/// `folders` stay readable for this process.
pub(super) fn put_up(order: &Order, folders: &[OwnedFd]) -> Result<(), SetupError> {
    let confinement = &order.confinement;
    set_resource_limits(&confinement.limits).map_err(SetupError::wall)?;
    let folders: Vec<BorrowedFd<'_>> = folders.iter().map(AsFd::as_fd).collect();
    let rules = AccessRules {
        readable: readable(confinement),
        writable: writable(order)?,
        open_folders: &folders,
        network: order.network,
    };
    restrict_files(&rules).map_err(SetupError::wall)?;
    let neighbours = match confinement.wall {
        Wall::Overlay | Wall::OverlaySharedNetwork => Neighbours::Hidden,
        Wall::Copy | Wall::None => Neighbours::Visible,
    };
    refuse_dangerous_calls(neighbours).map_err(SetupError::wall)
}

/// The folders in which the task takes disk; to be opened while their paths lead to them.
pub(super) fn folders_on_disk(confinement: &Confinement) -> Result<Vec<OwnedFd>, SetupError> {
    let uppers = confinement.overlays.iter().map(|overlay| &overlay.upper);
    let folders = uppers
        .chain(&confinement.writable)
        .chain([&confinement.scratch]);
    let open = |folder: &PathBuf| {
        let opened = File::open(folder).map(OwnedFd::from);
        opened.or_step(Step::Walls, || {
            format!("{} could not be watched", folder.display())
        })
    };
    folders.map(open).collect()
}

/// The folder for temporary files of commands that work in a copy: `/tmp` is everybody's.
pub(super) fn copy_temporary_folder(confinement: &Confinement) -> PathBuf {
    confinement.scratch.join("tmp")
}

fn readable(confinement: &Confinement) -> Readable {
    match confinement.wall {
        Wall::Overlay | Wall::OverlaySharedNetwork => Readable::Everything,
        Wall::Copy | Wall::None => Readable::AllBut {
            hidden: confinement.hidden.clone(),
            kept: places_kept_in_view(),
        },
    }
}

fn writable(order: &Order) -> Result<Vec<PathBuf>, SetupError> {
    let confinement = &order.confinement;
    let mut writable = confinement.writable.clone();
    if confinement.wall == Wall::Copy {
        own_folder(&confinement.scratch, "tmp")?;
        writable.push(copy_temporary_folder(confinement));
        return Ok(writable);
    }
    writable.extend(
        confinement
            .overlays
            .iter()
            .map(|overlay| overlay.at.clone()),
    );
    writable.extend(confinement.caches.iter().cloned());
    writable.extend(OWN_PLACES.map(PathBuf::from));
    if let Place::Beside { writable: further } = &order.place {
        writable.extend(further.iter().cloned());
    }
    writable.retain(|path| path.exists());
    Ok(writable)
}

/// The system call filters for sockets, made when the first command needs them.
pub(super) struct Filters {
    unix_sockets: UnixSockets,
    made: Vec<(Network, Arc<SocketFilter>)>,
}

impl Filters {
    /// None yet.
    pub(super) fn new(order: &Order) -> Self {
        Self {
            unix_sockets: match order.confinement.wall {
                // Those of the user's are hidden.
                Wall::Overlay | Wall::OverlaySharedNetwork => UnixSockets::All,
                Wall::Copy | Wall::None => UnixSockets::PairsOnly,
            },
            made: Vec::new(),
        }
    }

    /// The filter of commands that have this much of the network.
    pub(super) fn get(&mut self, network: Network) -> Result<Arc<SocketFilter>, WallError> {
        if let Some((_, filter)) = self.made.iter().find(|(made, _)| *made == network) {
            return Ok(filter.clone());
        }
        let filter = Arc::new(SocketFilter::new(network, self.unix_sockets)?);
        self.made.push((network, filter.clone()));
        Ok(filter)
    }
}
