//! Which folder owns a path, and folders that are named twice, moved or linked.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use super::{FolderError, Folders};

fn folders(paths: &[&str]) -> Folders {
    let mut folders = Folders::default();
    for path in paths {
        folders.add(Path::new(path)).unwrap();
    }
    folders
}

#[test]
fn the_innermost_folder_owns_a_path() {
    let folders = folders(&["/none/a", "/none/a/b/c", "/none/a/b", "/none/a/bc/"]);
    let owner = |path: &str| {
        folders
            .innermost(Path::new(path))
            .map(|folder| folder.path().display().to_string())
    };
    assert_eq!(owner("/none/a/x").as_deref(), Some("/none/a"));
    assert_eq!(owner("/none/a/b/x").as_deref(), Some("/none/a/b"));
    assert_eq!(owner("/none/a/b/c").as_deref(), Some("/none/a/b/c"));
    assert_eq!(owner("/none/a/bcd").as_deref(), Some("/none/a"));
    assert_eq!(owner("/none/ab"), None);
}

#[test]
fn a_folder_is_there_once_whatever_it_is_called() {
    let around = tempfile::tempdir().unwrap();
    let real = around.path().join("real");
    let alias = around.path().join("alias");
    fs::create_dir(&real).unwrap();
    symlink(&real, &alias).unwrap();
    let mut folders = Folders::default();
    let names: Vec<PathBuf> = [
        alias.clone(),
        real.clone(),
        real.join("../alias/."),
        alias.clone(),
    ]
    .iter()
    .map(|path| folders.add(path).unwrap().path().to_path_buf())
    .collect();
    assert_eq!(names, vec![alias.clone(); 4]);
    assert_eq!(folders.iter().count(), 1);
    let inside = fs::canonicalize(&real).unwrap().join("file");
    assert_eq!(folders.named_by_editor(&inside), Some(alias.join("file")));
    assert_eq!(folders.to_real(&alias.join("file")), inside);
    assert!(folders.remove(&real));
    assert!(!folders.remove(&alias));
}

#[test]
fn a_relative_folder_is_refused() {
    let refused = Folders::default().add(Path::new("src"));
    assert_eq!(
        refused,
        Err(FolderError::NotAbsolute { path: "src".into() })
    );
}

#[test]
fn a_folder_that_comes_back_as_a_link_is_followed() {
    let around = tempfile::tempdir().unwrap();
    let base = fs::canonicalize(around.path()).unwrap();
    let mut folders = Folders::default();
    folders.add(&base.join("folder")).unwrap();
    fs::create_dir(base.join("elsewhere")).unwrap();
    symlink("elsewhere", base.join("folder")).unwrap();
    folders.refresh();
    let real_paths: Vec<_> = folders
        .iter()
        .map(|folder| folder.real_path().to_owned())
        .collect();
    assert_eq!(real_paths, [base.join("elsewhere")]);
}
