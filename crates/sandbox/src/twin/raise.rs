//! Raises a twin: tries walls and places, the best first, until one holds.

use std::path::{Path, PathBuf};

use super::{
    Twin, TwinError, TwinOptions,
    confinement::confinement,
    description::StoredWall,
    files::TwinFiles,
    folders,
    home::Home,
    list,
    place::{self, Places},
    prepare,
    process::{Begun, Process, ProcessError},
    tree::Tree,
};
use crate::Wall;

/// Why one wall in one place was not to be had.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// Another would not help either.
    #[error(transparent)]
    Final(TwinError),
    #[error(transparent)]
    Files(TwinError),
    #[error(transparent)]
    Process(#[from] ProcessError),
}

/// Makes a new twin.
pub(super) fn create(options: &TwinOptions<'_>) -> Result<Twin, TwinError> {
    let folders = folders::outermost(&options.folders)?;
    let places = place::places(&options.state_folder, &folders);
    let mut refused = places.reasons.clone();
    for wall in StoredWall::from_strongest(options.strongest) {
        for place in of(&places, wall) {
            match create_in(place, options, &folders, wall) {
                Ok(twin) => return Ok(Twin { refused, ..twin }),
                Err(Failure::Final(error)) => return Err(error),
                Err(failure) => {
                    refused.push(format!("{}: {failure}", Wall::from(wall)));
                    if matches!(&failure, Failure::Process(error) if !error.is_of_the_place()) {
                        break;
                    }
                }
            }
        }
    }
    if places.for_copies.is_empty() {
        let reasons = refused.join("; ");
        return Err(TwinError::NoPlace { reasons });
    }
    Err(TwinError::NoWall { reasons: refused })
}

/// Takes up a twin that was kept, or left behind.
pub(super) fn open(options: &TwinOptions<'_>) -> Result<Twin, TwinError> {
    let home = Home::open(&options.state_folder, &options.id)?;
    let begun = Begun::new(options);
    let files = prepare::open(home, options)?;
    let wall = files.wall();
    start(begun, files, options).map_err(|failure| match failure {
        Failure::Final(error) | Failure::Files(error) => error,
        Failure::Process(error) => TwinError::NoWall {
            reasons: vec![format!("{}: {error}", Wall::from(wall))],
        },
    })
}

fn of(places: &Places, wall: StoredWall) -> &[PathBuf] {
    match wall {
        StoredWall::Copy => &places.for_copies,
        StoredWall::Overlay | StoredWall::OverlaySharedNetwork => &places.for_overlays,
    }
}

/// What has been made is removed when it fails.
fn create_in(
    place: &Path,
    options: &TwinOptions<'_>,
    folders: &[PathBuf],
    wall: StoredWall,
) -> Result<Twin, Failure> {
    let made = place::make(place).map_err(TwinError::io("no twin can be kept there", place));
    made.map_err(Failure::Files)?;
    let home = Home::create(&options.state_folder, &options.id, place).map_err(Failure::Final)?;
    let begun = Begun::new(options);
    let made = prepare::create(home, options, folders, wall)
        .map_err(Failure::Files)
        .and_then(|files| start(begun, files, options));
    // Its lock is free again.
    if made.is_err()
        && let Err(error) = list::remove_leftover(&options.state_folder, &options.id)
    {
        tracing::warn!(%error, "a twin that could not be made is still there");
    }
    made
}

fn start(
    begun: Result<Begun, ProcessError>,
    files: TwinFiles,
    options: &TwinOptions<'_>,
) -> Result<Twin, Failure> {
    let process = begun?.surround(&confinement(&files, options))?;
    let shown = shown(&files, &process).map_err(Failure::Files)?;
    files.begin();
    Ok(Twin {
        files,
        process,
        shown,
        refused: Vec::new(),
    })
}

/// The folders as the task sees them.
fn shown(files: &TwinFiles, process: &Process) -> Result<Vec<Tree>, TwinError> {
    let failed = |error| TwinError::io("it cannot be looked into", files.home.path())(error);
    if files.wall() == StoredWall::Copy {
        let copies = files
            .layers
            .iter()
            .map(|layers| Tree::open(layers.own.path()));
        return copies.collect::<Result<_, _>>().map_err(failed);
    }
    let roots = process.roots().map_err(failed)?.into_iter();
    let folders = files.layers.iter().map(|layers| layers.folder.as_path());
    Ok(roots
        .zip(folders)
        .map(|(root, folder)| Tree::of(root, folder))
        .collect())
}
