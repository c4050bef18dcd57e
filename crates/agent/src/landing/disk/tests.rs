//! The operations by themselves: what they find, and that links lead nowhere.

use std::{fs, os::unix::fs::symlink};

use super::*;

#[test]
fn bits_are_changed_only_when_they_say_otherwise() {
    use Execution::{Allowed, Denied};

    let on = |execution: Execution, modes: [u32; 4]| modes.map(|mode| execution.on(mode));
    assert_eq!(
        on(Allowed, [0o644, 0o600, 0o640, 0o744]),
        [0o755, 0o700, 0o750, 0o744]
    );
    assert_eq!(
        on(Denied, [0o755, 0o600, 0o654, 0o711]),
        [0o644, 0o600, 0o654, 0o600]
    );
}

#[test]
fn every_operation_refuses_a_link_on_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    fs::create_dir(folder.join("real")).unwrap();
    fs::create_dir(folder.join("real/empty")).unwrap();
    fs::write(folder.join("real/a"), "a").unwrap();
    fs::write(folder.join("b"), "b").unwrap();
    symlink("real", folder.join("link")).unwrap();
    let behind = |name: &str| folder.join("link").join(name);
    let usual = Permissions::Usual(Execution::Denied);
    let new = NewContent::Bytes(&[b"new"]);
    assert_eq!(RealDisk.look(&behind("a")).unwrap(), Found::Absent);
    let results = [
        RealDisk.names_in(&folder.join("link")).map(drop),
        RealDisk.create_folder(&behind("folder"), usual),
        RealDisk.write_new(&behind("new"), new, usual),
        RealDisk.sync_file(&behind("a")),
        RealDisk.sync_folder(&folder.join("link")),
        RealDisk.exchange(&folder.join("b"), &behind("a")),
        RealDisk.move_over(&folder.join("b"), &behind("a")),
        RealDisk.move_new(&folder.join("b"), &behind("new")),
        RealDisk.move_new(&behind("a"), &folder.join("new")),
        RealDisk.remove_file(&behind("a")),
        RealDisk.remove_folder(&behind("empty")),
    ];
    for (number, result) in results.into_iter().enumerate() {
        assert!(result.is_err(), "operation {number}");
    }
    let names = |path: &Path| {
        let mut names = RealDisk.names_in(path).unwrap();
        names.sort();
        names
    };
    assert_eq!(names(&folder.join("real")), ["a", "empty"]);
    assert_eq!(names(&folder), ["b", "link", "real"]);
    assert_eq!(fs::read(folder.join("real/a")).unwrap(), b"a");
}

#[test]
fn a_taken_name_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    fs::write(folder.join("a"), "a").unwrap();
    fs::write(folder.join("b"), "b").unwrap();
    for result in [
        RealDisk.move_new(&folder.join("a"), &folder.join("b")),
        link_and_remove(&folder.join("a"), &folder.join("b")),
    ] {
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
    link_and_remove(&folder.join("a"), &folder.join("c")).unwrap();
    assert_eq!(fs::read(folder.join("c")).unwrap(), b"a");
    assert!(!folder.join("a").exists());
}

#[test]
fn pipes_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let pipe = folder.join("pipe");
    fs::write(folder.join("a"), "").unwrap();
    rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    assert_eq!(RealDisk.look(&pipe).unwrap(), Found::Special);
    assert!(!RealDisk.look(&folder).unwrap().is(None));
}
