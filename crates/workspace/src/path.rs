//! Paths as text: `.` and `..` taken out.
//! Everything that compares paths calls this first; where links lead is asked of a `disk`, what a place may be used for is
//! decided in `exclusion`.

use std::path::{Component, Path, PathBuf};

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

#[cfg(test)]
mod tests;
