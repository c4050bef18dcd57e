//! What a task has touched in a copy of a folder: what is not as it was copied, what is new, what is missing.

use std::{collections::HashSet, io, path::Path};

use workspace::FileKind;

use super::{
    change::{LeftOut, Verdict},
    manifest::Manifest,
    touched::{Depth, Search, Touched},
};

/// All that was touched; `search.upper` is the copy.
///
/// # Errors
/// When the copy itself cannot be read. What cannot be read below it is left out, with the reason.
pub(super) fn in_copy(search: &Search<'_>, manifest: &Manifest) -> io::Result<Touched> {
    let mut walk = Walk {
        search,
        manifest,
        touched: Touched::default(),
        untouched: HashSet::new(),
    };
    walk.folder(Path::new(""))?;
    for path in manifest.paths() {
        let is_there = walk.untouched.contains(path) || walk.touched.files.contains_key(path);
        if !is_there && walk.is_wanted(path, FileKind::File, Depth::Itself) {
            walk.touched.files.insert(path.to_path_buf(), None);
        }
    }
    Ok(walk.touched)
}

struct Walk<'a> {
    search: &'a Search<'a>,
    manifest: &'a Manifest,
    touched: Touched,
    untouched: HashSet<std::path::PathBuf>,
}

impl Walk<'_> {
    fn folder(&mut self, relative: &Path) -> io::Result<()> {
        for entry in self.search.upper.list(relative)? {
            let path = relative.join(&entry.name);
            match entry.kind {
                FileKind::Directory => self.inner_folder(&path),
                kind => self.file(&path, kind),
            }
        }
        Ok(())
    }

    fn inner_folder(&mut self, path: &Path) {
        if !self.is_wanted(path, FileKind::Directory, Depth::Below) {
            return;
        }
        if let Err(error) = self.folder(path) {
            self.leave_out(path, format!("it cannot be read ({error})"));
        }
    }

    fn file(&mut self, path: &Path, kind: FileKind) {
        let status = match self.search.upper.status(path) {
            Ok(Some(status)) => status,
            // It was removed at this very moment.
            Ok(None) => return,
            Err(error) => return self.leave_out(path, format!("it cannot be read ({error})")),
        };
        if self.manifest.is_untouched(path, &status) {
            self.untouched.insert(path.to_path_buf());
        } else if self.is_wanted(path, kind, Depth::Itself) {
            if kind == FileKind::Special {
                let reason =
                    "it is a pipe, a socket or a device, and only files and links are taken back";
                return self.leave_out(path, reason.to_owned());
            }
            self.touched.files.insert(path.to_path_buf(), Some(status));
        }
    }

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
