//! Folders behind descriptors: paths are the workspace's own, what is found is what the descriptors hold.
//!
//! Below a root nothing is opened through a link, whoever puts one there at whatever moment (`beneath`). Links are
//! followed by our own code in the workspace's own terms (`resolve`): the kernel would follow an absolute one from this
//! process's root and so lead out of the folder. What lies below no root is the system's own disk.
//! Made for a twin, whose files are merged by a mount that only its descriptor reaches.

mod beneath;
mod metadata;
mod resolve;

use std::{
    borrow::Cow,
    ffi::{OsStr, OsString},
    fs::File,
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::ffi::{OsStrExt, OsStringExt},
    },
    path::{Component, Path, PathBuf},
};

use rustix::fs::{Dir, OFlags, readlinkat};

use self::beneath::Opening;
use super::{DirectoryEntry, Disk, FileKind, Metadata, RealDisk, is_missing, is_replaced};
use crate::path::normalize;

/// How often a path is looked up anew while somebody replaces what is on it.
const ATTEMPTS: usize = 16;

/// Folders behind directory descriptors, at paths of their own; around them the system's disk, for reading.
#[derive(Debug)]
pub struct RootedDisk {
    roots: Vec<Root>,
    opening: Opening,
}

#[derive(Debug)]
struct Root {
    /// As it was given.
    named: PathBuf,
    /// The same place with every link on the way to it followed, as it was when the disk was made.
    real: PathBuf,
    descriptor: OwnedFd,
}

/// A directory that is held open, and a name in it: where something can be made, renamed or removed and nowhere else.
#[derive(Debug)]
pub struct ParentDirectory<'a> {
    directory: Descriptor<'a>,
    name: &'a OsStr,
}

#[derive(Debug)]
enum Descriptor<'a> {
    Root(BorrowedFd<'a>),
    Opened(OwnedFd),
}

impl AsFd for ParentDirectory<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.directory {
            Descriptor::Root(descriptor) => *descriptor,
            Descriptor::Opened(descriptor) => descriptor.as_fd(),
        }
    }
}

impl ParentDirectory<'_> {
    /// The name in the directory; one part of a path, not `..`.
    pub fn name(&self) -> &OsStr {
        self.name
    }
}

impl RootedDisk {
    /// Each descriptor is a directory that stands at the absolute path beside it. Of roots that lie in one another, the
    /// inner one is what is found at its path.
    pub fn new(roots: Vec<(PathBuf, OwnedFd)>) -> Self {
        let opening = match roots.first() {
            Some((_, descriptor)) => Opening::of_kernel(descriptor.as_fd()),
            None => Opening::ByComponent,
        };
        Self::opening_by(roots, opening)
    }

    /// As [`RootedDisk::new`] on a system without the quick way.
    #[cfg(test)]
    pub(crate) fn by_component(roots: Vec<(PathBuf, OwnedFd)>) -> Self {
        Self::opening_by(roots, Opening::ByComponent)
    }

    fn opening_by(roots: Vec<(PathBuf, OwnedFd)>, opening: Opening) -> Self {
        let root = |(path, descriptor): (PathBuf, OwnedFd)| {
            let named = normalize(&path);
            let real = RealDisk.real_path(&named).unwrap_or_else(|_| named.clone());
            Root {
                named,
                real,
                descriptor,
            }
        };
        Self {
            roots: roots.into_iter().map(root).collect(),
            opening,
        }
    }

    /// The directory in which the last part of `path` stands. No link on the way to it is followed; resolve `path` before.
    ///
    /// # Errors
    /// `path` is below no root, or is one ([`io::ErrorKind::InvalidInput`]); the directory is missing, or no longer what it
    /// was when `path` was resolved.
    pub fn parent<'a>(&'a self, path: &'a Path) -> io::Result<ParentDirectory<'a>> {
        let (root, relative) = self
            .find(path)
            .ok_or_else(|| invalid("the path lies below no folder that is held open"))?;
        let (Some(directory), Some(name)) = (relative.parent(), relative.file_name()) else {
            return Err(invalid(
                "the path is a folder that is held open, not in one",
            ));
        };
        let directory = if directory.as_os_str().is_empty() {
            Descriptor::Root(root.descriptor.as_fd())
        } else {
            Descriptor::Opened(self.open_below(root, directory, beneath::PASSING)?)
        };
        Ok(ParentDirectory { directory, name })
    }

    /// The innermost root that holds `path`, and the rest of the path, going by the names of the roots.
    fn find<'a>(&'a self, path: &'a Path) -> Option<(&'a Root, &'a Path)> {
        self.find_real(path).or_else(|| {
            let named = |root: &'a Root| Some((root, path.strip_prefix(&root.named).ok()?));
            let (outer, rest) = self.roots.iter().filter_map(named).min_by_key(depth)?;
            // Under another name of an outer root there may be an inner one.
            let inner = |root: &'a Root| {
                let between = root.real.strip_prefix(&outer.real).ok()?;
                Some((root, rest.strip_prefix(between).ok()?))
            };
            self.roots.iter().filter_map(inner).min_by_key(depth)
        })
    }

    fn find_real<'a>(&'a self, path: &'a Path) -> Option<(&'a Root, &'a Path)> {
        let real = |root: &'a Root| Some((root, path.strip_prefix(&root.real).ok()?));
        self.roots.iter().filter_map(real).min_by_key(depth)
    }

    /// Where the entry at `path` is: below a root as it is, elsewhere with the links on the way to it followed, for they
    /// may lead to a root.
    fn entry<'a>(&self, path: &'a Path) -> io::Result<Cow<'a, Path>> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) if self.find(path).is_none() => {
                let parent = while_replaced(|| resolve::follow(self, parent))?;
                Ok(Cow::Owned(parent.join(name)))
            }
            _ => Ok(Cow::Borrowed(path)),
        }
    }

    /// What is at `entry` itself, where nothing on the way is a link.
    fn look_at(&self, entry: &Path) -> io::Result<Metadata> {
        let Some((root, relative)) = self.find(entry) else {
            return RealDisk.link_metadata(entry);
        };
        let stat = self.opening.stat(root.descriptor.as_fd(), relative)?;
        Ok(Metadata::from(&stat))
    }

    /// What is at `path`, or that nothing is, if no link has a say in it: most paths have none. The kernel goes from left to
    /// right, so that a part that is missing was looked for without having met a link.
    fn look_without_links(&self, path: &Path) -> Option<io::Result<Metadata>> {
        let (_, rest) = self.find(path)?;
        let found = is_plain(rest).then(|| self.look_at(path))?;
        match &found {
            Ok(metadata) if metadata.kind == FileKind::Link => None,
            Err(error) if !is_missing(error) => None,
            Ok(_) | Err(_) => Some(found),
        }
    }

    /// Where the link at `entry` leads, as it is written in it.
    fn target_of(&self, entry: &Path) -> io::Result<PathBuf> {
        if self.find(entry).is_none() {
            return RealDisk.read_link(entry);
        }
        let parent = self.parent(entry)?;
        let target = readlinkat(&parent, parent.name(), Vec::new()).map_err(beneath::no_link)?;
        Ok(PathBuf::from(OsString::from_vec(target.into_bytes())))
    }

    fn open_below(&self, root: &Root, relative: &Path, flags: OFlags) -> io::Result<OwnedFd> {
        self.opening.open(root.descriptor.as_fd(), relative, flags)
    }
}

impl Disk for RootedDisk {
    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        if self.look_without_links(path).is_some()
            && let Some((root, rest)) = self.find(path)
        {
            return Ok(match rest.as_os_str().is_empty() {
                true => root.real.clone(),
                false => root.real.join(rest),
            });
        }
        while_replaced(|| resolve::follow(self, path))
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        if let Some(found) = self.look_without_links(path) {
            return found;
        }
        while_replaced(|| {
            let metadata = self.look_at(&self.real_path(path)?)?;
            match metadata.kind {
                FileKind::Link => Err(beneath::replaced()),
                _ => Ok(metadata),
            }
        })
    }

    fn link_metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.look_at(&self.entry(path)?)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.target_of(&self.entry(path)?)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        let entry = self.entry(path)?;
        let Some((root, relative)) = self.find(&entry) else {
            return RealDisk.open(&entry);
        };
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        Ok(File::from(self.open_below(root, relative, flags)?))
    }

    fn read_directory(&self, path: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let entry = self.entry(path)?;
        let Some((root, relative)) = self.find(&entry) else {
            return RealDisk.read_directory(&entry);
        };
        let directory = self.open_below(root, relative, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut entries = Vec::new();
        for entry in Dir::read_from(&directory)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            // An entry whose kind cannot be told has gone meanwhile.
            if let Some(kind) = metadata::kind_of_entry(&directory, name, entry.file_type()) {
                let name = name.to_os_string();
                entries.push(DirectoryEntry { name, kind });
            }
        }
        Ok(entries)
    }
}

/// Whether the kernel goes through `relative` name by name, as it is written.
fn is_plain(relative: &Path) -> bool {
    relative
        .components()
        .all(|component| matches!(component, Component::Normal(_)))
}

/// How far a path is from the root that it was found in.
fn depth<T>((_, rest): &(T, &Path)) -> usize {
    rest.components().count()
}

/// Asks again while a part of the path is replaced under our eyes, a limited number of times.
fn while_replaced<T>(mut ask: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 1..ATTEMPTS {
        match ask() {
            Err(error) if is_replaced(&error) => {}
            answer => return answer,
        }
    }
    ask()
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests;
