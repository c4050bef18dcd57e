//! Which file systems are mounted below a folder.

use std::{
    ffi::OsString,
    fs,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

/// The first one, by its name.
///
/// An ordinary user can take such a folder for nothing: the kernel keeps what is mounted over something from being taken
/// away, also in a copy of the mounts, and an overlay does not show it.
pub(super) fn first_below(folder: &Path) -> Option<PathBuf> {
    let mounts = fs::read("/proc/self/mountinfo").ok()?;
    let is_below = |point: &PathBuf| point.starts_with(folder) && point != folder;
    listed(&mounts).filter(is_below).min()
}

/// The mount points in `mounts`, the text of `/proc/self/mountinfo`.
fn listed(mounts: &[u8]) -> impl Iterator<Item = PathBuf> {
    /// The fifth field of a line.
    const FIELD: usize = 4;
    mounts.split(|byte| *byte == b'\n').filter_map(|line| {
        let field = line.split(|byte| *byte == b' ').nth(FIELD)?;
        Some(OsString::from_vec(unescape(field)).into())
    })
}

/// Takes the escapes out of a field of `/proc/self/mountinfo`: a backslash and three octal digits each.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let code = (byte == b'\\')
            .then(|| std::str::from_utf8(after.get(..3)?).ok())
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if code.is_some() {
            rest = &after[3..];
        }
        bytes.push(code.unwrap_or(byte));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_read_with_all_their_characters() {
        let mounts =
            b"36 35 98:0 /mnt1 /mnt\\0402\\134040 rw,noatime master:1 - ext3 /dev/root rw\n\
            37 35 98:0 / /a\xff\\7 rw - ext3 /dev/root rw\n";
        let points: Vec<_> = listed(mounts)
            .map(|point| point.into_os_string().into_vec())
            .collect();
        assert_eq!(points, [b"/mnt 2\\040".to_vec(), b"/a\xff\\7".to_vec()]);
    }
}
