//! What becomes of one file of a proposal: told to the caller, kept in the checkpoint, and done by steps.

use std::path::PathBuf;

use changes::{Base, ChangeKind, FileChange, FileState};

use crate::landing::{EditedFile, step::PermissionSource};

/// One file that changes, merged with what is there now.
#[derive(Clone, Debug)]
pub(in crate::landing) struct Outcome {
    /// The change's place in the proposal.
    pub(super) number: usize,
    /// As the proposal names it.
    pub(in crate::landing) path: PathBuf,
    /// Where that is, without links on the way.
    pub(in crate::landing) place: PathBuf,
    /// Where the file is now, named and found, if it gets another name.
    pub(in crate::landing) moved_from: Option<(PathBuf, PathBuf)>,
    /// The file as it is now.
    pub(in crate::landing) before: Option<FileState>,
    /// Its permission bits, if there is one.
    pub(in crate::landing) mode_before: Option<u32>,
    /// The file as it shall be.
    pub(in crate::landing) after: Option<FileState>,
    /// Where the new file's permissions come from.
    pub(super) permissions: PermissionSource,
}

impl Outcome {
    pub(super) fn put(
        number: usize,
        path: PathBuf,
        place: PathBuf,
        before: Option<FileState>,
        after: FileState,
        permissions: PermissionSource,
    ) -> Self {
        Self {
            number,
            path,
            place,
            moved_from: None,
            before,
            mode_before: None,
            after: Some(after),
            permissions,
        }
    }

    pub(super) fn removed(number: usize, path: PathBuf, place: PathBuf, before: FileState) -> Self {
        Self {
            number,
            path,
            place,
            moved_from: None,
            before: Some(before),
            mode_before: None,
            after: None,
            permissions: PermissionSource::Usual,
        }
    }

    /// What an editor is about to make of a file; there are no steps for it.
    pub(in crate::landing) fn edited(file: &EditedFile, mode_before: Option<u32>) -> Self {
        let moved_from = file.renamed_from.clone();
        Self {
            number: 0,
            path: file.path.clone(),
            place: file.path.clone(),
            moved_from: moved_from.map(|path| (path.clone(), path)),
            before: file.before.clone(),
            mode_before,
            after: file.after.clone(),
            permissions: PermissionSource::Usual,
        }
    }

    pub(super) fn moved_from(&mut self, path: PathBuf, place: PathBuf, before: FileState) {
        self.moved_from = Some((path, place));
        self.before = Some(before);
    }

    /// What the user is told that was done.
    pub(in crate::landing) fn kind(&self) -> ChangeKind {
        let change = FileChange {
            path: self.path.clone(),
            renamed_from: self.moved_from.as_ref().map(|(path, _)| path.clone()),
            base: self.before.clone().map_or(Base::Absent, Base::Known),
            after: self.after.clone(),
        };
        change.kind()
    }

    /// The places at which something changes.
    pub(super) fn places(&self) -> Vec<PathBuf> {
        let source = self.moved_from.iter().map(|(_, place)| place);
        source.chain([&self.place]).cloned().collect()
    }

    /// The place from which a file goes.
    pub(super) fn place_left(&self) -> Option<&PathBuf> {
        match (&self.moved_from, &self.after) {
            (Some((_, place)), _) => Some(place),
            (None, None) => Some(&self.place),
            (None, Some(_)) => None,
        }
    }
}
