//! Copies of files that share their content on disk until one of them is written, where the file system can do that.

use std::{fs::File, io};

/// How a copy came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copied {
    /// Both share their content; it took no time and no space.
    Shared,
    /// Byte by byte.
    Written,
}

/// Puts the content of `source` into `destination`, which is empty.
pub(super) fn clone_content(source: &File, destination: &File) -> io::Result<Copied> {
    if share(source, destination) {
        return Ok(Copied::Shared);
    }
    // The standard library lets the kernel do it (`copy_file_range`) where it can.
    io::copy(&mut &*source, &mut &*destination)?;
    Ok(Copied::Written)
}

/// As [`clone_content`], if that takes no time; `false`, and nothing done, if it would.
#[cfg(target_os = "linux")]
pub(super) fn share(source: &File, destination: &File) -> bool {
    rustix::fs::ioctl_ficlone(destination, source).is_ok()
}

/// As [`clone_content`], if that takes no time; `false`, and nothing done, if it would.
#[cfg(not(target_os = "linux"))]
pub(super) fn share(_source: &File, _destination: &File) -> bool {
    false
}
