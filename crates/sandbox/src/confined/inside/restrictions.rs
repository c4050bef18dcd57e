//! Puts the walls of [`crate::walls`] around this process, with what it knows of the task's places.

use std::{
    fs::File,
    os::fd::{AsFd, OwnedFd},
    path::PathBuf,
    sync::Arc,
};

use super::new_root::own_folder;
use crate::{
    Network, Wall,
    confined::{
        Confinement, SetupError, Step, bounds_of_the_kernel, error::OrStep, protocol::Order,
    },
    walls::{
        AccessRules, FileStatus, Neighbours, Readable, SocketFilter, UnixSockets, WallError,
        places_kept_in_view, refuse_dangerous_calls, restrict_files, set_resource_limits,
    },
};

/// Folders that are the task's own behind namespaces, besides its overlays.
const OWN_PLACES: [&str; 5] = ["/tmp", "/var/tmp", "/proc", "/dev/shm", "/dev/pts"];

/// All of them, for good; what is started from here on has them too.
///
/// `folders` stay readable for this process; what `further` has open may be written besides.
pub(super) fn put_up(
    order: &Order,
    folders: &[OwnedFd],
    further: &[OwnedFd],
) -> Result<(), SetupError> {
    let confinement = &order.confinement;
    set_resource_limits(&bounds_of_the_kernel(&confinement.limits)).map_err(SetupError::wall)?;
    let [folders, further] =
        [folders, further].map(|open| open.iter().map(AsFd::as_fd).collect::<Vec<_>>());
    let rules = AccessRules {
        readable: readable(confinement),
        writable: writable(confinement)?,
        open_folders: &folders,
        open_writable: &further,
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

fn writable(confinement: &Confinement) -> Result<Vec<PathBuf>, SetupError> {
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
    writable.retain(|path| path.exists());
    Ok(writable)
}

/// The system call filters for sockets, made when the first command needs them.
pub(super) struct Filters {
    wall: Wall,
    rules: FileStatus,
    made: Vec<(Network, Arc<SocketFilter>)>,
}

impl Filters {
    /// None yet.
    pub(super) fn new(order: &Order) -> Self {
        Self {
            wall: order.confinement.wall,
            rules: FileStatus::of_this_kernel(),
            made: Vec::new(),
        }
    }

    /// The filter of commands that have this much of the network.
    pub(super) fn get(&mut self, network: Network) -> Result<Arc<SocketFilter>, WallError> {
        if let Some((_, filter)) = self.made.iter().find(|(made, _)| *made == network) {
            return Ok(filter.clone());
        }
        let unix_sockets = unix_sockets(self.wall, network, &self.rules);
        let filter = Arc::new(SocketFilter::new(network, unix_sockets)?);
        self.made.push((network, filter.clone()));
        Ok(filter)
    }
}

/// Behind namespaces the user's sockets in the file system are hidden, but abstract ones belong to the network: in the
/// machine's, only newer rules of the kernel keep commands from the session's bus.
fn unix_sockets(wall: Wall, network: Network, rules: &FileStatus) -> UnixSockets {
    let is_among_abstract_ones = wall != Wall::Overlay || network == Network::Shared;
    match wall {
        Wall::Copy | Wall::None => UnixSockets::PairsOnly,
        _ if is_among_abstract_ones && !rules.guards_neighbours() => UnixSockets::PairsOnly,
        _ => UnixSockets::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_left_where_nobody_elses_are_in_reach() {
        let walls = [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy];
        let networks = [Network::None, Network::Loopback, Network::Shared];
        let left = |version| {
            let rules = FileStatus::of_version(version);
            let all = walls.map(|wall| {
                networks.map(|network| unix_sockets(wall, network, &rules) == UnixSockets::All)
            });
            all.map(|all| all.to_vec()).to_vec()
        };
        let (all, none) = (vec![true; 3], vec![false; 3]);
        assert_eq!(left(6), [all.clone(), all, none.clone()]);
        let own_network = vec![true, true, false];
        for version in [0, 5] {
            assert_eq!(
                left(version),
                [own_network.clone(), none.clone(), none.clone()]
            );
        }
    }
}
