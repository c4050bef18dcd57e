//! Decides what the task started from at a path, from what the user has there now.
//!
//! The rule: the user's file is what the task started from if it was last changed (`ctime`) before the twin began. A change
//! time cannot be set back by those who save files, so the rule cannot be fooled by an editor that saves by renaming, nor by
//! the kernel, which goes on showing a task the file that was there before. Comparing contents could: it would take the
//! user's newer text for the start, and the task's older one for a change that reverts it.

use std::{io, path::Path};

use workspace::FileKind;

use super::{
    bases::{Bases, Key, Start},
    moment::Moment,
    stored_path::StoredPath,
    tree::{Status, Tree},
};

/// Set by the kernel on what it has copied from the user's files into the upper folder; not on everything.
const ORIGIN: &str = "user.overlay.origin";

/// What the user has at a path, seen from the start of the twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There was no file.
    Absent,
    /// What is there now was there.
    Same(Status),
    /// It has been changed since.
    Unknown,
}

/// What was at `relative` in `lower` at the moment `start`. `own` is the twin's upper folder, if it has one.
pub(super) fn find(lower: &Tree, own: Option<&Tree>, relative: &Path, start: Moment) -> Found {
    match lower.status(relative) {
        Ok(Some(status)) if !status.is_directory() => {
            if status.changed.is_not_after(start) {
                Found::Same(status)
            } else {
                Found::Unknown
            }
        }
        Ok(found) => {
            let is_old = |status: Status| status.changed.is_not_after(start);
            // A name that is put into a folder, or taken out of it, changes the folder.
            if found.is_some_and(is_old) || ancestor(lower, relative).is_some_and(is_old) {
                Found::Absent
            } else if own.is_some_and(|own| own.attribute(relative, ORIGIN).is_some()) {
                Found::Unknown
            } else {
                Found::Absent
            }
        }
        Err(_) => Found::Unknown,
    }
}

/// The innermost thing above `relative` that exists.
fn ancestor(lower: &Tree, relative: &Path) -> Option<Status> {
    relative
        .ancestors()
        .skip(1)
        .find_map(|above| lower.status(above).ok().flatten())
}

/// Keeps aside what was found at `key` in `lower` at the moment `start`.
pub(super) fn keep(
    bases: &Bases,
    lower: &Tree,
    key: &Key,
    found: Found,
    start: Moment,
) -> io::Result<Start> {
    let relative = &key.1;
    let kept = match found {
        Found::Absent => Start::Absent,
        Found::Unknown => Start::Unknown,
        Found::Same(status) => match status.kind {
            FileKind::File => keep_file(bases, lower, relative, start)?,
            FileKind::Link => keep_link(lower, relative, start),
            FileKind::Directory | FileKind::Special => Start::Special,
        },
    };
    bases.remember(key, kept.clone())?;
    Ok(kept)
}

fn keep_file(bases: &Bases, lower: &Tree, relative: &Path, start: Moment) -> io::Result<Start> {
    let Ok(file) = lower.open_file(relative) else {
        return Ok(Start::Unknown);
    };
    let is_executable = Status::of_file(&file)?.is_executable;
    let kept = bases.keep(&file, is_executable)?;
    // It may have been changed while it was copied, or before it was opened.
    if Status::of_file(&file)?.changed.is_not_after(start) {
        return Ok(Start::Kept(kept));
    }
    bases.forget(kept);
    Ok(Start::Unknown)
}

fn keep_link(lower: &Tree, relative: &Path, start: Moment) -> Start {
    let target = lower.read_link(relative);
    match (target, lower.status(relative)) {
        (Ok(target), Ok(Some(status)))
            if status.kind == FileKind::Link && status.changed.is_not_after(start) =>
        {
            Start::Link(StoredPath(target))
        }
        _ => Start::Unknown,
    }
}
