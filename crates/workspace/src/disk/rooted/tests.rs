//! What is found is what the descriptors hold, wherever links lead and whoever moves them meanwhile (`race`).

mod race;

use std::{
    fs::{self, File},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::symlink,
    },
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{Disk, FileKind, RootedDisk};

/// A folder that stands somewhere else than where its path says, as a twin's does: `files` has the folder's content, and
/// `place` is the path under which it is known. What lies at `place` itself are other files.
struct Fixture {
    around: TempDir,
    disks: Vec<RootedDisk>,
}

impl Fixture {
    fn new() -> Self {
        let around = tempfile::tempdir().unwrap();
        for folder in ["files", "place"] {
            fs::create_dir(around.path().join(folder)).unwrap();
            fs::write(around.path().join(folder).join("file"), folder).unwrap();
        }
        let roots = || {
            vec![(
                around.path().join("place"),
                descriptor(&around.path().join("files")),
            )]
        };
        let disks = vec![RootedDisk::new(roots()), RootedDisk::by_component(roots())];
        Self { around, disks }
    }

    fn files(&self, name: &str) -> PathBuf {
        self.around.path().join("files").join(name)
    }

    fn place(&self, name: &str) -> PathBuf {
        self.around.path().join("place").join(name)
    }
}

fn descriptor(path: &Path) -> OwnedFd {
    File::open(path).unwrap().into()
}

fn text(disk: &RootedDisk, path: &Path) -> io::Result<String> {
    io::read_to_string(disk.open(&disk.real_path(path)?)?)
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_is_asked_whether_it_opens_at_once() {
    use super::beneath::Opening;

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let of = |path: &Path| Opening::of_kernel(descriptor(path).as_fd());
    assert_eq!(of(folder.path()), Opening::AtOnce);
    assert_eq!(of(&folder.path().join("file")), Opening::ByComponent);
}

#[test]
fn what_is_found_is_what_the_descriptor_holds() {
    let fixture = Fixture::new();
    symlink(fixture.place("file"), fixture.files("absolute")).unwrap();
    symlink("../place/file", fixture.files("out and in")).unwrap();
    symlink(fixture.place(""), fixture.around.path().join("alias")).unwrap();
    symlink("../alias", fixture.files("over an alias")).unwrap();
    for disk in &fixture.disks {
        for name in ["file", "absolute", "out and in", "over an alias/file"] {
            assert_eq!(text(disk, &fixture.place(name)).unwrap(), "files", "{name}");
        }
        let alias = fixture.around.path().join("alias/file");
        assert_eq!(
            io::read_to_string(disk.open(&alias).unwrap()).unwrap(),
            "files"
        );
        // Beside the root is the system's own disk.
        assert_eq!(text(disk, &fixture.files("file")).unwrap(), "files");
    }
}

#[test]
fn a_root_that_was_named_by_a_link_is_found_under_both_names() {
    let around = tempfile::tempdir().unwrap();
    let around_path = fs::canonicalize(around.path()).unwrap();
    let path = |name: &str| around_path.join(name);
    for folder in ["real/inner", "files", "inner files"] {
        fs::create_dir_all(path(folder)).unwrap();
        fs::write(path(folder).join("file"), folder).unwrap();
    }
    symlink("real", path("alias")).unwrap();
    let disk = RootedDisk::new(vec![
        (path("alias"), descriptor(&path("files"))),
        (path("real/inner"), descriptor(&path("inner files"))),
    ]);
    for (name, expected) in [
        ("alias/file", "files"),
        ("real/file", "files"),
        ("alias/inner/file", "inner files"),
        ("real/inner/file", "inner files"),
    ] {
        assert_eq!(text(&disk, &path(name)).unwrap(), expected, "{name}");
        let real = disk.real_path(&path(name)).unwrap();
        assert_eq!(real, path(&name.replace("alias", "real")));
    }
    let names = disk.read_directory(&path("alias/inner")).unwrap();
    assert_eq!(names.len(), 1);
}

#[test]
fn no_link_on_the_way_is_followed_when_something_is_opened() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.files("folder")).unwrap();
    fs::write(fixture.files("folder/file"), "").unwrap();
    symlink("folder", fixture.files("link")).unwrap();
    for disk in &fixture.disks {
        let refused = |error: io::Error| assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        refused(disk.open(&fixture.place("link/file")).unwrap_err());
        refused(disk.open(&fixture.place("link")).unwrap_err());
        refused(disk.link_metadata(&fixture.place("link/file")).unwrap_err());
        refused(disk.read_directory(&fixture.place("link")).unwrap_err());
        refused(disk.parent(&fixture.place("link/new")).unwrap_err());
        let link = disk.link_metadata(&fixture.place("link")).unwrap();
        assert_eq!(link.kind, FileKind::Link);
    }
}

#[test]
fn dots_do_not_lead_out_of_a_root() {
    let fixture = Fixture::new();
    fs::write(fixture.around.path().join("beside"), "beside the place").unwrap();
    for disk in &fixture.disks {
        let error = disk.open(&fixture.place("../files/file"));
        assert!(error.is_err(), "a path with dots was opened as it is");
        // Resolved, they lead to where they say, and that is no root.
        let real = disk.real_path(&fixture.place("../beside")).unwrap();
        assert!(disk.parent(&real).is_err());
        assert_eq!(
            text(disk, &fixture.place("../beside")).unwrap(),
            "beside the place"
        );
    }
}

#[test]
fn a_parent_is_a_directory_below_a_root() {
    let fixture = Fixture::new();
    for disk in &fixture.disks {
        let path = fixture.place("new");
        let parent = disk.parent(&path).unwrap();
        assert_eq!(parent.name(), "new");
        for path in [fixture.place("file/below"), fixture.place("none/new")] {
            let kind = disk.parent(&path).unwrap_err().kind();
            let is_missing =
                [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&kind);
            assert!(is_missing, "{kind}");
        }
        for path in [
            fixture.around.path().to_owned(),
            fixture.around.path().join("place"),
        ] {
            let kind = disk.parent(&path).unwrap_err().kind();
            assert_eq!(kind, io::ErrorKind::InvalidInput);
        }
    }
}
