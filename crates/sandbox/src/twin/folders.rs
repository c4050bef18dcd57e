//! Which folders a twin has layers for: the workspace's, by their real paths, each once, inner ones as part of outer ones.

use std::path::{Path, PathBuf};

use super::error::TwinError;

/// The folders that `asked` comes down to, in its order.
///
/// # Errors
/// When one cannot be opened, or is the whole disk, or there is none.
pub(super) fn outermost(asked: &[PathBuf]) -> Result<Vec<PathBuf>, TwinError> {
    let mut real = Vec::new();
    for folder in asked {
        real.push(real_folder(folder)?);
    }
    let is_inner = |folder: &PathBuf| {
        let is_above = |other: &PathBuf| folder != other && folder.starts_with(other);
        real.iter().any(is_above)
    };
    let mut outermost: Vec<PathBuf> = Vec::new();
    for folder in &real {
        if !is_inner(folder) && !outermost.contains(folder) {
            outermost.push(folder.clone());
        }
    }
    if outermost.is_empty() {
        return Err(TwinError::NoFolder);
    }
    Ok(outermost)
}

fn real_folder(asked: &Path) -> Result<PathBuf, TwinError> {
    let cannot = |source| TwinError::Folder {
        folder: asked.to_path_buf(),
        source,
    };
    let real = asked.canonicalize().map_err(cannot)?;
    if real.parent().is_none() {
        return Err(TwinError::WholeDisk);
    }
    // Says also whether it may be read.
    std::fs::read_dir(&real).map_err(cannot)?;
    Ok(real)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn inner_folders_and_links_come_down_to_real_outer_folders() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        fs::create_dir_all(place.join("outer/inner")).unwrap();
        fs::create_dir_all(place.join("outer-beside")).unwrap();
        symlink(place.join("outer/inner"), place.join("link")).unwrap();
        let asked = ["link", "outer", "outer/inner", "outer-beside", "outer"];
        let found = outermost(&asked.map(|name| place.join(name))).unwrap();
        assert_eq!(found, [place.join("outer"), place.join("outer-beside")]);
    }

    #[test]
    fn the_whole_disk_a_file_and_nothing_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(
            outermost(&["/".into()]),
            Err(TwinError::WholeDisk)
        ));
        assert!(matches!(outermost(&[file]), Err(TwinError::Folder { .. })));
        assert!(matches!(outermost(&[]), Err(TwinError::NoFolder)));
    }
}
