//! A proposal as a patch in Git's format, which `git apply` takes, and `patch -p1` where all is text.
//!
//! Names are in `names.rs`, hunks of text in `text_diff.rs`, the header of a file in
//! `unified_diff/section.rs`, binary content in `unified_diff/binary.rs`. The format is that of Git's
//! documentation, "Generating patch text with -p" of `git-diff`.

mod binary;
mod section;

use std::path::{Path, PathBuf};

use crate::names::{join, quoted};
use crate::{Base, Content, FileChange, FileState, Proposal};
use section::Section;

impl Proposal {
    /// The proposal as one patch, with paths below [`Self::diff_root`] of the same folders.
    ///
    /// Byte exact both ways: applied to what the task started from it gives what the task made, and
    /// reversed the other way round. A change whose base is unknown cannot be part of a patch; a line
    /// at the beginning says so. Empty when there is nothing to apply.
    pub fn unified_diff(&self, relative_to: &[PathBuf]) -> Vec<u8> {
        let root = self.diff_root(relative_to);
        let mut patch = Vec::new();
        for file in self.files.iter().filter(|file| file.base == Base::Unknown) {
            write_left_out(&mut patch, &name_below(&root, &file.path));
        }
        for file in &self.files {
            write_file(&mut patch, file, &root);
        }
        patch
    }

    /// The folder in which [`Self::unified_diff`] of the same `folders` is to be applied: the one
    /// folder, or the innermost that has all the folders and all changed files in it.
    pub fn diff_root(&self, folders: &[PathBuf]) -> PathBuf {
        let parents = self.files.iter().flat_map(|file| {
            [file.path.as_path(), file.base_path()].map(|path| path.parent().unwrap_or(path))
        });
        let mut places = folders.iter().map(PathBuf::as_path).chain(parents);
        let Some(first) = places.next() else {
            return PathBuf::new();
        };
        let common = places.fold(first, |common, place| {
            let mut ancestors = common.ancestors();
            ancestors
                .find(|ancestor| place.starts_with(ancestor))
                .unwrap_or(Path::new(""))
        });
        common.to_owned()
    }
}

/// A file of which only the user can say what is to become of it.
fn write_left_out(patch: &mut Vec<u8>, name: &[u8]) {
    patch.extend_from_slice(b"# ");
    patch.extend_from_slice(&quoted(name));
    patch.extend_from_slice(
        b" is not in this patch: it changed while the task worked, \
          and what the task started from is not known\n",
    );
}

fn write_file(patch: &mut Vec<u8>, file: &FileChange, root: &Path) {
    let old_name = name_below(root, file.base_path());
    let new_name = name_below(root, &file.path);
    let mut write = |before: Option<&FileState>, after: Option<&FileState>| {
        Section {
            old_name: &old_name,
            new_name: &new_name,
            before,
            after,
        }
        .write(patch);
    };
    match (&file.base, &file.after) {
        (Base::Unknown, _) | (Base::Absent, None) => {}
        // Git changes a file into a link, or the reverse, by deleting the one and creating the other.
        (Base::Known(before), Some(after)) if before.is_link() != after.is_link() => {
            write(Some(before), None);
            write(None, Some(after));
        }
        (_, after) => write(file.before(), after.as_ref()),
    }
}

/// The path below `root`, with `/` between its parts, as bytes.
fn name_below(root: &Path, path: &Path) -> Vec<u8> {
    join(path.strip_prefix(root).unwrap_or(path))
}

impl Content {
    /// Git's mode of a file with this content: its kind and permissions, in octal.
    fn git_mode(&self, is_executable: bool) -> &'static str {
        match self {
            Self::Link(_) => "120000",
            Self::Bytes(_) if is_executable => "100755",
            Self::Bytes(_) => "100644",
        }
    }
}

#[cfg(test)]
mod tests;
