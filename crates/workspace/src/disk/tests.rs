//! What cannot be read without harm is not read: devices, links, endless files.

use std::{fs, os::unix::fs::symlink};

use super::{DiskError, FileKind, FileStamp, read_bytes};

#[test]
fn devices_and_endless_files_are_not_read() {
    for device in ["/dev/zero", "/dev/null", "/dev/tty"] {
        let Err(DiskError::NotAFile(kind)) = read_bytes(device.as_ref(), 100) else {
            panic!("{device} was read");
        };
        assert_eq!(kind, FileKind::Special);
    }
}

#[test]
fn a_link_is_left_to_the_caller() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "text").unwrap();
    symlink("file", folder.path().join("link")).unwrap();
    let result = read_bytes(&folder.path().join("link"), 100);
    assert!(
        matches!(result, Err(DiskError::NotAFile(FileKind::Link))),
        "{result:?}"
    );
}

#[test]
fn a_file_whose_length_is_not_known_before_is_still_limited() {
    // The kernel says 0 for the length of these.
    let path = "/proc/self/status".as_ref();
    let Ok(bytes) = fs::read(path) else { return };
    assert!(matches!(
        read_bytes(path, 10),
        Err(DiskError::TooLarge { size: 11 })
    ));
    assert_eq!(read_bytes(path, 1 << 20).unwrap()[..5], bytes[..5]);
}

#[test]
fn a_stamp_differs_after_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "text").unwrap();
    let before = FileStamp::of(&path).unwrap();
    assert_eq!(FileStamp::of(&path).unwrap(), before);
    fs::write(&path, "longer text").unwrap();
    assert_ne!(FileStamp::of(&path).unwrap(), before);
    fs::remove_file(&path).unwrap();
    assert!(FileStamp::of(&path).is_err());
}
