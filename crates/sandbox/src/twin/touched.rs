//! What a task has touched, found by looking at the upper folder of its overlay: written and created files, and the marks
//! (whiteouts, opaque folders) by which the kernel remembers what was removed.
//!
//! Contents are not looked at here; `scan` compares them.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use workspace::FileKind;

use super::{
    change::{Judge, LeftOut, Verdict},
    tree::{Status, Tree},
};

/// On a folder: what the user has in it is not shown (`y`), or whiteouts in it may be files (`x`).
const OPAQUE: &str = "user.overlay.opaque";
/// On an empty file: it is a whiteout, if its folder says that such may be in it.
const WHITEOUT: &str = "user.overlay.whiteout";
/// On a folder, of older kernels: whiteouts in it may be files.
const WHITEOUTS: &str = "user.overlay.whiteouts";

/// What a task has touched in one folder of the workspace.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// By path in the folder: what is there now, `None` when it is gone.
    pub(super) files: BTreeMap<PathBuf, Option<Status>>,
    pub(super) left_out: Vec<LeftOut>,
}

/// What the search needs to know.
pub(super) struct Search<'a> {
    /// The workspace's name of the folder.
    pub(super) folder: &'a Path,
    pub(super) lower: &'a Tree,
    pub(super) upper: &'a Tree,
    pub(super) judge: &'a Judge<'a>,
    /// Whether a tool was told to edit the file, or one in this folder.
    pub(super) is_edited: &'a dyn Fn(&Path, Depth) -> bool,
}

/// How far a question about edits goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// The file itself.
    Itself,
    /// It, or anything below it.
    Below,
}

/// Whether the user's folder shows through the task's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beneath {
    Shown,
    Hidden,
}

/// All that was touched.
///
/// # Errors
/// When the upper folder itself cannot be read. What cannot be read below it is left out, with the reason.
pub(super) fn in_overlay(search: &Search<'_>) -> io::Result<Touched> {
    let mut walk = Walk {
        search,
        touched: Touched::default(),
    };
    walk.folder(Path::new(""), Beneath::Shown)?;
    Ok(walk.touched)
}

/// Adds that the file at `path` is gone, if the rules say that it matters.
pub(super) fn take_gone(search: &Search<'_>, touched: &mut Touched, path: PathBuf) {
    if search.includes(&path, FileKind::File, Depth::Itself) {
        touched.files.insert(path, None);
    }
}

/// Whether the user's file at `path` is not shown because of what the task did to a folder above it.
pub(super) fn is_hidden_above(upper: &Tree, path: &Path) -> bool {
    let hides = |folder: &Path| match upper.status(folder) {
        Ok(Some(status)) if status.is_directory() => is_opaque(upper, folder),
        Ok(Some(_)) => true,
        Ok(None) | Err(_) => false,
    };
    path.ancestors().skip(1).any(hides)
}

/// Whether the user's folder of this name is not shown in it.
pub(super) fn is_opaque(upper: &Tree, folder: &Path) -> bool {
    upper.attribute(folder, OPAQUE).as_deref() == Some(b"y")
}

impl Search<'_> {
    /// Whether what is gone at `path` is told. What may not be proposed is not: secret files are gone from the start.
    fn includes(&self, path: &Path, kind: FileKind, depth: Depth) -> bool {
        match (self.judge)(&self.folder.join(path), kind) {
            Verdict::Included => true,
            Verdict::Ignored => (self.is_edited)(path, depth),
            Verdict::Refused(_) => false,
        }
    }
}

struct Walk<'a> {
    search: &'a Search<'a>,
    touched: Touched,
}

impl Walk<'_> {
    fn folder(&mut self, relative: &Path, beneath: Beneath) -> io::Result<()> {
        let upper = self.search.upper;
        let entries = upper.list(relative)?;
        let has_file_whiteouts = beneath == Beneath::Shown
            && (upper.attribute(relative, OPAQUE).as_deref() == Some(b"x")
                || upper.attribute(relative, WHITEOUTS).is_some());
        for entry in entries {
            let path = relative.join(&entry.name);
            let is_file_whiteout = has_file_whiteouts
                && entry.kind == FileKind::File
                && upper.attribute(&path, WHITEOUT).is_some();
            match entry.kind {
                FileKind::File if is_file_whiteout => self.removed(&path, beneath),
                FileKind::Directory => self.inner_folder(&path, beneath),
                FileKind::File | FileKind::Link => self.file(&path, entry.kind, beneath),
                FileKind::Special => self.special(&path, beneath),
            }
        }
        Ok(())
    }

    fn inner_folder(&mut self, path: &Path, beneath: Beneath) {
        let upper = self.search.upper;
        let lower_kind = self.lower_kind(path);
        if !self.is_wanted(path, FileKind::Directory, Depth::Below) {
            // A file may be gone for a folder that is no business of the proposal.
            if beneath == Beneath::Shown
                && lower_kind.is_some_and(|kind| kind != FileKind::Directory)
            {
                self.lower_is_gone(path, lower_kind);
            }
            return;
        }
        let is_shown = beneath == Beneath::Shown
            && lower_kind == Some(FileKind::Directory)
            && !is_opaque(upper, path);
        let inner = if is_shown {
            Beneath::Shown
        } else {
            Beneath::Hidden
        };
        if let Err(error) = self.folder(path, inner) {
            self.leave_out(path, format!("it cannot be read ({error})"));
        }
        if beneath == Beneath::Shown && !is_shown {
            self.lower_is_gone(path, lower_kind);
        }
    }

    fn file(&mut self, path: &Path, kind: FileKind, beneath: Beneath) {
        if self.is_wanted(path, kind, Depth::Itself) {
            match self.search.upper.status(path) {
                Ok(Some(status)) => {
                    self.touched.files.insert(path.to_path_buf(), Some(status));
                }
                // It was removed at this very moment.
                Ok(None) => {}
                Err(error) => self.leave_out(path, format!("it cannot be read ({error})")),
            }
        }
        if beneath == Beneath::Shown && self.lower_kind(path) == Some(FileKind::Directory) {
            self.lower_is_gone(path, Some(FileKind::Directory));
        }
    }

    fn special(&mut self, path: &Path, beneath: Beneath) {
        let status = self.search.upper.status(path).ok().flatten();
        if status.is_some_and(|status| status.is_whiteout) {
            return self.removed(path, beneath);
        }
        if self.is_wanted(path, FileKind::Special, Depth::Itself) {
            let reason =
                "it is a pipe, a socket or a device, and only files and links are taken back";
            self.leave_out(path, reason.to_owned());
        }
        if beneath == Beneath::Shown {
            self.lower_is_gone(path, self.lower_kind(path));
        }
    }

    /// There is a whiteout at `path`.
    fn removed(&mut self, path: &Path, beneath: Beneath) {
        if beneath == Beneath::Shown {
            self.lower_is_gone(path, self.lower_kind(path));
        }
    }

    /// The user's file at `path`, or all files in the user's folder, are no longer shown; what of them was made again has
    /// been found already.
    fn lower_is_gone(&mut self, path: &Path, kind: Option<FileKind>) {
        match kind {
            // Gone in both, or never there. It is looked at if somebody kept what was there.
            None => self.is_gone(path, FileKind::File),
            Some(FileKind::Directory) => self.lower_folder_is_gone(path),
            Some(kind) => self.is_gone(path, kind),
        }
    }

    fn lower_folder_is_gone(&mut self, path: &Path) {
        if !self
            .search
            .includes(path, FileKind::Directory, Depth::Below)
        {
            return;
        }
        let Ok(entries) = self.search.lower.list(path) else {
            return;
        };
        for entry in entries {
            self.lower_is_gone(&path.join(&entry.name), Some(entry.kind));
        }
    }

    fn is_gone(&mut self, path: &Path, kind: FileKind) {
        if !self.touched.files.contains_key(path) && self.search.includes(path, kind, Depth::Itself)
        {
            self.touched.files.insert(path.to_path_buf(), None);
        }
    }

    fn lower_kind(&self, path: &Path) -> Option<FileKind> {
        let status = self.search.lower.status(path).ok().flatten();
        status.map(|status| status.kind)
    }

    /// Whether what was written at `path` is looked at; what may not be proposed is reported.
    fn is_wanted(&mut self, path: &Path, kind: FileKind, depth: Depth) -> bool {
        match (self.search.judge)(&self.search.folder.join(path), kind) {
            Verdict::Included => true,
            Verdict::Ignored => (self.search.is_edited)(path, depth),
            Verdict::Refused(reason) => {
                self.leave_out(path, reason);
                false
            }
        }
    }

    fn leave_out(&mut self, path: &Path, reason: String) {
        self.touched.left_out.push(LeftOut {
            path: self.search.folder.join(path),
            reason,
            content: None,
        });
    }
}
