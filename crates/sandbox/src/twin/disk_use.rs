//! How much of the disk a folder takes.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// What `folder` and all that is in it takes on the disk, in bytes; what cannot be read is not counted.
pub(super) fn disk_use(folder: &Path) -> u64 {
    let mut total = 0;
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            // Blocks are of 512 bytes, whatever the file system's own are.
            let size = metadata.blocks() * 512;
            if metadata.is_dir() {
                total += size;
                folders.push(entry.path());
            } else {
                // A file with several names is counted once, if all of them are here.
                total += size / metadata.nlink().max(1);
            }
        }
    }
    total
}
