//! What cannot be read without harm is not read (devices, links, endless files), and where links lead, on each kind of disk.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::TempDir;

use super::{
    Disk, DiskError, FileKind, FileStamp, RealDisk, is_link_loop, read_bytes, read_settings,
};
use crate::fixture::TestDisk;

const DISKS: [TestDisk; 4] = [
    TestDisk::Real,
    TestDisk::Folder,
    TestDisk::FolderByComponent,
    TestDisk::Around,
];

type Disks = Vec<(TestDisk, Arc<dyn Disk>)>;

/// An empty folder `root` in a folder of its own, and a disk of each kind for it.
fn disks() -> (TempDir, PathBuf, Disks) {
    let around = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(around.path()).unwrap().join("root");
    fs::create_dir(&root).unwrap();
    let disks = DISKS.map(|kind| (kind, kind.make(around.path()))).into();
    (around, root, disks)
}

#[test]
fn devices_and_endless_files_are_not_read() {
    for (_, disk) in disks().2 {
        for device in ["/dev/zero", "/dev/null", "/dev/tty"] {
            let Err(DiskError::NotAFile(kind)) = read_bytes(disk.as_ref(), device.as_ref(), 100)
            else {
                panic!("{device} was read");
            };
            assert_eq!(kind, FileKind::Special);
        }
    }
}

#[test]
fn a_link_is_left_to_the_caller() {
    let (_around, root, disks) = disks();
    fs::write(root.join("file"), "text").unwrap();
    symlink("file", root.join("link")).unwrap();
    for (kind, disk) in disks {
        let result = read_bytes(disk.as_ref(), &root.join("link"), 100);
        assert!(
            matches!(result, Err(DiskError::NotAFile(FileKind::Link))),
            "{kind:?}: {result:?}"
        );
        assert!(disk.open(&root.join("link")).is_err(), "{kind:?}");
        let target = disk.read_link(&root.join("link")).unwrap();
        assert_eq!(target, Path::new("file"), "{kind:?}");
        let metadata = disk.metadata(&root.join("link")).unwrap();
        assert_eq!((metadata.kind, metadata.stamp.len), (FileKind::File, 4));
    }
}

#[test]
fn a_file_whose_length_is_not_known_before_is_still_limited() {
    // The kernel says 0 for the length of these.
    let path = "/proc/self/status".as_ref();
    let Ok(bytes) = fs::read(path) else { return };
    assert!(matches!(
        read_bytes(&RealDisk, path, 10),
        Err(DiskError::TooLarge { size: 11 })
    ));
    assert_eq!(
        read_bytes(&RealDisk, path, 1 << 20).unwrap()[..5],
        bytes[..5]
    );
}

#[test]
fn a_stamp_differs_after_a_change() {
    let (_around, root, disks) = disks();
    let path = root.join("file");
    for (kind, disk) in disks {
        let stamp = || disk.metadata(&path).map(|found| found.stamp);
        fs::write(&path, "text").unwrap();
        let before = stamp().unwrap();
        assert_eq!(FileStamp::of(&path).unwrap(), before, "{kind:?}");
        fs::write(&path, "longer text").unwrap();
        assert_ne!(stamp().unwrap(), before, "{kind:?}");
        fs::remove_file(&path).unwrap();
        assert!(stamp().is_err(), "{kind:?}");
    }
}

#[test]
fn links_are_followed_to_places_that_do_not_exist() {
    let (_around, base, disks) = disks();
    fs::create_dir(base.join("real")).unwrap();
    fs::write(base.join("file"), "").unwrap();
    symlink("real", base.join("alias")).unwrap();
    symlink("alias/later", base.join("dangling")).unwrap();
    symlink("dangling", base.join("twice")).unwrap();
    symlink("..", base.join("real/up")).unwrap();
    symlink(base.join("alias"), base.join("absolute")).unwrap();
    symlink("/dev/../dev/null", base.join("out")).unwrap();
    symlink(base.join("../root/real"), base.join("out and in")).unwrap();
    let places = [
        ("", ""),
        ("alias", "real"),
        ("alias/new/file", "real/new/file"),
        ("dangling", "real/later"),
        ("twice/below", "real/later/below"),
        ("none/at/all", "none/at/all"),
        ("file/below", "file/below"),
        ("alias/up/real/../file", "file"),
        ("absolute/up", ""),
        ("absolute/new", "real/new"),
        ("out", "/dev/null"),
        ("out and in/new", "real/new"),
        ("real/../../root/alias", "real"),
    ];
    for (kind, disk) in disks {
        for (path, expected) in places {
            let found = disk.real_path(&base.join(path)).unwrap();
            assert_eq!(found, joined(&base, expected), "{kind:?}: {path}");
        }
    }
}

/// Joining nothing would add a separator at the end.
fn joined(base: &Path, rest: &str) -> PathBuf {
    if rest.is_empty() {
        base.to_path_buf()
    } else {
        base.join(rest)
    }
}

#[test]
fn a_circle_of_links_is_an_error() {
    let (_around, root, disks) = disks();
    symlink("b", root.join("a")).unwrap();
    symlink("a", root.join("b")).unwrap();
    for (kind, disk) in disks {
        for path in ["a", "a/below"] {
            let error = disk.real_path(&root.join(path)).unwrap_err();
            assert!(is_link_loop(&error), "{kind:?}: {error}");
            let error = disk.metadata(&root.join(path)).unwrap_err();
            assert!(is_link_loop(&error), "{kind:?}: {error}");
        }
    }
}

#[test]
fn a_listing_has_every_name_once_and_follows_nothing() {
    let (_around, root, disks) = disks();
    fs::create_dir(root.join("directory")).unwrap();
    fs::write(root.join("file"), "").unwrap();
    symlink("directory", root.join("link")).unwrap();
    let expected = [
        ("directory", FileKind::Directory),
        ("file", FileKind::File),
        ("link", FileKind::Link),
    ];
    for (kind, disk) in disks {
        let mut names: Vec<_> = disk
            .read_directory(&root)
            .unwrap()
            .into_iter()
            .map(|entry| (entry.name.into_string().unwrap(), entry.kind))
            .collect();
        names.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(
            names,
            expected.map(|(name, kind)| (name.to_owned(), kind)),
            "{kind:?}"
        );
        assert!(disk.read_directory(&root.join("file")).is_err(), "{kind:?}");
    }
}

#[test]
fn settings_are_read_through_links_and_never_from_a_pipe() {
    let folder = TempDir::new().unwrap();
    let [file, link, pipe] = ["file", "link", "pipe"].map(|name| folder.path().join(name));
    fs::write(&file, "a = 1").unwrap();
    symlink(&file, &link).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert_eq!(read_settings(&link).unwrap(), "a = 1");
    let error = read_settings(&pipe).unwrap_err();
    assert_eq!(error.to_string(), "it is not a regular file");
}
