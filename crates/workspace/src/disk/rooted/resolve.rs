//! Follows links by their text, one part of a path after another, in the workspace's own terms: an absolute link means a
//! path of the workspace, not one of this process. Used by `rooted` alone.

use std::{
    ffi::{OsStr, OsString},
    io,
    path::{Component, Path, PathBuf},
};

use rustix::io::Errno;

use super::{
    super::{FileKind, LINK_LIMIT, is_missing},
    RootedDisk,
};

/// Where `path` leads, also when its end does not exist. `path` is absolute.
///
/// # Errors
/// As [`super::Disk::real_path`], and [`io::ErrorKind::ResourceBusy`] where a part is replaced meanwhile.
pub(super) fn follow(disk: &RootedDisk, path: &Path) -> io::Result<PathBuf> {
    let mut resolution = Resolution {
        disk,
        real: PathBuf::new(),
        ahead: Vec::new(),
        links_left: LINK_LIMIT,
    };
    resolution.prepend(path);
    while let Some(part) = resolution.ahead.pop() {
        if resolution.step(&part)? == Found::Nothing {
            resolution.append_the_rest();
        }
    }
    Ok(resolution.real)
}

struct Resolution<'a> {
    disk: &'a RootedDisk,
    /// How far the path is followed: there is no link in it.
    real: PathBuf,
    /// What is still to be followed, the next part last.
    ahead: Vec<OsString>,
    links_left: usize,
}

#[derive(PartialEq, Eq)]
enum Found {
    Something,
    Nothing,
}

impl Resolution<'_> {
    fn step(&mut self, part: &OsStr) -> io::Result<Found> {
        if part == ".." {
            self.real.pop();
            return Ok(Found::Something);
        }
        self.real.push(part);
        match self.disk.look_at(&self.real) {
            Ok(metadata) if metadata.kind == FileKind::Link => self.enter_link()?,
            Ok(_) => {}
            Err(error) if is_missing(&error) => return Ok(Found::Nothing),
            Err(error) => return Err(error),
        }
        Ok(Found::Something)
    }

    fn enter_link(&mut self) -> io::Result<()> {
        if self.links_left == 0 {
            return Err(Errno::LOOP.into());
        }
        self.links_left -= 1;
        let target = self.disk.target_of(&self.real)?;
        self.real.pop();
        self.prepend(&target);
        Ok(())
    }

    /// Puts `path` before what is still to be followed.
    fn prepend(&mut self, path: &Path) {
        let mut path = path;
        if path.is_absolute() {
            self.real = PathBuf::from("/");
        }
        // A root is where it is, whatever becomes of the system's folders on the way to it.
        if let Some((root, rest)) = self.disk.find(path) {
            self.real = root.real.clone();
            path = rest;
        }
        for component in path.components().rev() {
            match component {
                Component::Normal(part) => self.ahead.push(part.to_os_string()),
                Component::ParentDir => self.ahead.push("..".into()),
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
    }

    /// Below what does not exist there are no links, so the rest of the path stands as it is written.
    fn append_the_rest(&mut self) {
        while let Some(part) = self.ahead.pop() {
            if part == ".." {
                self.real.pop();
            } else {
                self.real.push(part);
            }
        }
    }
}
