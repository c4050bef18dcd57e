//! A folder with all that is in it, to compare with what it was.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What is at each path below a folder.
pub(crate) type Tree = BTreeMap<PathBuf, Entry>;

/// One file, link or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Folder,
    Link(PathBuf),
    File { bytes: Vec<u8>, mode: u32 },
}

/// Everything below `folder`, `.git` included.
pub(crate) fn tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    collect(folder, folder, &mut tree);
    tree
}

fn collect(root: &Path, folder: &Path, tree: &mut Tree) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let status = path.symlink_metadata().unwrap();
        let entry = if status.is_symlink() {
            Entry::Link(path.read_link().unwrap())
        } else if status.is_dir() {
            collect(root, &path, tree);
            Entry::Folder
        } else {
            Entry::File {
                bytes: std::fs::read(&path).unwrap(),
                mode: status.permissions().mode(),
            }
        };
        tree.insert(path.strip_prefix(root).unwrap().to_path_buf(), entry);
    }
}
