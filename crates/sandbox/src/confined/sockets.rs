//! The local sockets of the machine that have a path: services behind which are the user's sessions and other programs.
//!
//! A read-only mount does not keep anybody from connecting to one, so each is hidden.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Those that exist now.
pub(super) fn with_paths() -> Vec<PathBuf> {
    let table = fs::read("/proc/net/unix").unwrap_or_default();
    listed(&String::from_utf8_lossy(&table))
        .filter(|path| path.exists())
        .map(Path::to_owned)
        .collect()
}

/// The paths in `table`, the text of `/proc/net/unix`; abstract names have none.
fn listed(table: &str) -> impl Iterator<Item = &Path> {
    /// Columns before the path.
    const COLUMNS: usize = 7;
    table.lines().skip(1).filter_map(|line| {
        let mut rest = line;
        for _ in 0..COLUMNS {
            let (_, after) = rest.trim_start().split_once(' ')?;
            rest = after;
        }
        let path = Path::new(rest.trim_start());
        path.is_absolute().then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_and_names_are_not() {
        let table = "Num       RefCount Protocol Flags    Type St Inode Path\n\
            0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/a socket\n\
            0000000000000000: 00000003 00000000 00000000 0001 03 23456\n\
            0000000000000000: 00000002 00000000 00010000 0001 01   345 @/tmp/.X11-unix/X0\n\
            0000000000000000: 00000002 00000000 00010000 0005 01 45678 /var/lib/b\n";
        let paths: Vec<_> = listed(table).collect();
        assert_eq!(paths, [Path::new("/run/a socket"), Path::new("/var/lib/b")]);
    }
}
