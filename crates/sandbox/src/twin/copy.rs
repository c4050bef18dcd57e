//! Makes the copy of a folder for a twin that can have no overlay.
//!
//! Downloaded packages (`node_modules`, `.venv`) are not copied: links lead to the user's, which commands can read and not
//! write. Build output (`target`) is not linked: builds must be able to write it, so they begin anew.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use rustix::fs::Mode;
use workspace::FileKind;

use super::{
    bases::{Bases, Start},
    clone_file::clone_content,
    fill::{self, Filler},
    layers::Layers,
    moment::Moment,
    tree::{Status, Tree},
};

/// Folders of packages that programs find by where they are and only read.
const LINKED: [&str; 3] = ["node_modules", ".venv", "venv"];

/// Copies `files` (relative) of `lower` into `own`, which is empty. Gives each with the copy's inode number.
///
/// Files that vanish meanwhile, or cannot be read, are passed over.
pub(super) fn copy_files(
    lower: &Tree,
    own: &Tree,
    filler: &mut Filler<'_>,
    files: &[PathBuf],
) -> io::Result<HashMap<PathBuf, u64>> {
    let mut copied = HashMap::new();
    for relative in files {
        if copy_file(lower, filler, relative)?
            && let Some(status) = own.status(relative)?
        {
            copied.insert(relative.clone(), status.inode);
        }
    }
    for link in link_packages(lower, own, filler)? {
        if let Some(status) = own.status(&link)? {
            copied.insert(link, status.inode);
        }
    }
    Ok(copied)
}

/// Keeps the copy of each file that the user changed while all were copied: what is there now is not what was copied.
pub(super) fn keep_what_changed(
    layers: &Layers,
    bases: &Bases,
    copied: &HashMap<PathBuf, u64>,
    start: Moment,
) -> io::Result<()> {
    for path in copied.keys() {
        let users = layers.lower.status(path)?;
        if users.is_some_and(|status| status.changed.is_not_after(start)) {
            continue;
        }
        let kept = match layers.own.status(path)? {
            Some(status) if status.kind == FileKind::File => {
                let file = layers.own.open_file(path)?;
                Start::Kept(bases.keep(&file, status.is_executable)?)
            }
            _ => Start::Unknown,
        };
        bases.remember(&layers.key(path), kept)?;
    }
    Ok(())
}

/// Whether it was copied.
fn copy_file(lower: &Tree, filler: &mut Filler<'_>, relative: &Path) -> io::Result<bool> {
    let Ok(Some(like)) = lower.stat(relative) else {
        return Ok(false);
    };
    match Status::from(like).kind {
        FileKind::Link => {
            let Ok(target) = lower.read_link(relative) else {
                return Ok(false);
            };
            let (parent, name) = filler.parent(relative)?;
            rustix::fs::symlinkat(&target, &parent, name)?;
            fill::set_link_times(&parent, name, &like)?;
            Ok(true)
        }
        FileKind::File => {
            let Ok(source) = lower.open_file(relative) else {
                return Ok(false);
            };
            let (parent, name) = filler.parent(relative)?;
            let copy = fill::create_file(&parent, name, Mode::RUSR | Mode::WUSR)?;
            clone_content(&source, &copy)?;
            fill::take_after(&copy, &like);
            fill::set_times(&copy, &like)?;
            Ok(true)
        }
        FileKind::Directory | FileKind::Special => Ok(false),
    }
}

/// Links in the copied folders to the user's packages beside them.
fn link_packages(lower: &Tree, own: &Tree, filler: &mut Filler<'_>) -> io::Result<Vec<PathBuf>> {
    let mut links = Vec::new();
    for folder in filler.made().to_vec() {
        for name in LINKED {
            let relative = folder.join(name);
            let is_folder = |status: Option<Status>| status.is_some_and(|it| it.is_directory());
            if is_folder(lower.status(&relative)?) && own.status(&relative)?.is_none() {
                let (parent, name) = filler.parent(&relative)?;
                rustix::fs::symlinkat(lower.path().join(&relative), parent, name)?;
                links.push(relative);
            }
        }
    }
    Ok(links)
}
