//! Paths as text: `.` and `..` taken out, and the place a path really leads to.
//! Everything that compares paths calls this first; what a place may be used for is decided in `exclusion`.

use std::{
    ffi::OsString,
    fs, io,
    path::{Component, Path, PathBuf},
};

/// As many links as the kernel follows before it calls it a loop.
const LINK_LIMIT: usize = 40;

/// Takes out `.`, `..` and doubled separators, looking only at the text of `path`.
///
/// `..` at the root is dropped, as the kernel does; at the beginning of a relative path it is kept.
pub fn normalize(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match normal.components().next_back() {
                Some(Component::Normal(_)) => {
                    normal.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => normal.push(component),
            },
            _ => normal.push(component),
        }
    }
    normal
}

/// Where `path` leads once every link is followed, also when its end does not exist (yet).
///
/// A link that leads to nothing is followed all the same: whoever writes through it would create its target.
///
/// # Errors
/// What the system says, but never "not found": a loop of links, a folder that may not be entered.
pub(crate) fn real_path(path: &Path) -> io::Result<PathBuf> {
    follow(path, LINK_LIMIT)
}

fn follow(path: &Path, links_left: usize) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if is_missing(&error) => {}
        result => return result,
    }
    let mut missing: Vec<OsString> = Vec::new();
    let mut existing = path;
    loop {
        let (Some(parent), Some(name)) = (existing.parent(), existing.file_name()) else {
            return Ok(path.to_path_buf());
        };
        if let Ok(target) = fs::read_link(existing) {
            if links_left == 0 {
                return Err(io::Error::other("too many links"));
            }
            let mut target = normalize(&fs::canonicalize(parent)?.join(target));
            target.extend(missing.iter().rev());
            return follow(&target, links_left - 1);
        }
        missing.push(name.to_os_string());
        match fs::canonicalize(parent) {
            Ok(mut real) => {
                real.extend(missing.iter().rev());
                return Ok(real);
            }
            Err(error) if is_missing(&error) => existing = parent,
            Err(error) => return Err(error),
        }
    }
}

/// A path below something that is no directory does not exist either.
fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Whether links lead in a circle. The standard library has no stable name for it yet.
pub(crate) fn is_link_loop(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    #[cfg(not(unix))]
    return false;
}

#[cfg(test)]
mod tests;
