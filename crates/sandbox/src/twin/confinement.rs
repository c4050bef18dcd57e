//! From the files of a twin to the walls around its commands.

use std::path::{Path, PathBuf};

use super::{description::StoredWall, files::TwinFiles, options::TwinOptions};
use crate::{
    confined::{Confinement, OverlayMount},
    walls::{hidden_places, scratch_places},
};

/// What at the top of a workspace folder commands can only read: history with its hooks, and what tells agents what to do.
const READ_ONLY: [&str; 3] = [".git", ".ropewalk", ".agents"];

/// What the commands of a twin are to be surrounded with.
pub(super) fn confinement(files: &TwinFiles, options: &TwinOptions<'_>) -> Confinement {
    let home = std::env::home_dir();
    let at_home = |places: fn(&Path) -> Vec<PathBuf>| home.as_deref().map(places);
    let wall = files.wall();
    let is_copy = wall == StoredWall::Copy;
    let mut hidden = places_not_seen(options);
    // Other tasks' twins, and this one's: what commands see of it they see in its place.
    hidden.extend(options.state_folder.canonicalize());
    hidden.push(files.home.path().to_path_buf());
    if is_copy {
        // The user's folders are there to be read beside the copies.
        hidden.extend(files.secrets.iter().cloned());
    }
    let folders = || files.layers.iter().map(|layers| &layers.folder);
    let is_in_workspace = |place: &PathBuf| folders().any(|folder| place.starts_with(folder));
    let mut caches = at_home(scratch_places).unwrap_or_default();
    caches.retain(|place| !is_in_workspace(place));
    Confinement {
        wall: wall.into(),
        overlays: if is_copy { Vec::new() } else { overlays(files) },
        caches,
        read_only: folders().flat_map(|folder| read_only(folder)).collect(),
        hidden,
        scratch: files.home.scratch(),
        hidden_variables: options.hidden_variables.clone(),
        limits: options.limits,
        writable: if is_copy { copies(files) } else { Vec::new() },
    }
}

/// The places of the user's and of the machine's that no command sees, whatever folder it works in.
pub(super) fn places_not_seen(options: &TwinOptions<'_>) -> Vec<PathBuf> {
    let home = std::env::home_dir();
    let mut places = home.as_deref().map(hidden_places).unwrap_or_default();
    places.extend(options.hidden.iter().cloned());
    places
}

fn read_only(folder: &Path) -> Vec<PathBuf> {
    let mut places = READ_ONLY.map(|name| folder.join(name)).to_vec();
    // It may be a link, or a file that says where the repository is.
    let repository = workspace::git_directory(folder);
    if repository.starts_with(folder) && repository != folder && !places.contains(&repository) {
        places.push(repository);
    }
    places
}

fn overlays(files: &TwinFiles) -> Vec<OverlayMount> {
    let layers = files.layers.iter();
    let mount = layers.map(|layers| OverlayMount {
        at: layers.folder.clone(),
        lower: layers.folder.clone(),
        upper: files.home.upper(layers.number),
        work: files.home.work(layers.number),
    });
    mount.collect()
}

fn copies(files: &TwinFiles) -> Vec<PathBuf> {
    let layers = files.layers.iter();
    layers
        .map(|layers| files.home.copy(layers.number))
        .collect()
}
