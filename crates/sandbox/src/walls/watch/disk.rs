//! How much of the disk a task's folders take, and how much is left.
//!
//! Counting files is slow, asking a disk what is left is not: so files are counted when the disk has lost so much that the
//! task could be above its limit, and now and then, for what others give back hides what the task takes.

use std::{
    collections::HashSet,
    ffi::CStr,
    os::fd::{BorrowedFd, OwnedFd},
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, fstatvfs, openat, statat},
    io::Errno,
};

/// So many bytes are in a block of `st_blocks`, whatever the file system.
const BLOCK: u64 = 512;

/// After so many looks files are counted in any case.
const LOOKS: u32 = 8;

/// The disk that a task's folders are on.
pub(super) struct DiskWatch {
    folders: Vec<OwnedFd>,
    /// What was left when the watch began, in bytes.
    left_before: Option<u64>,
    /// What the folders took when they were last counted, and what was left then.
    counted: Option<Counted>,
}

#[derive(Clone, Copy)]
struct Counted {
    taken: u64,
    left: u64,
    /// How often it was looked since.
    looks: u32,
}

impl DiskWatch {
    pub(super) fn new(folders: Vec<OwnedFd>) -> Self {
        let mut watch = Self {
            folders,
            left_before: None,
            counted: None,
        };
        watch.left_before = watch.left();
        watch
    }

    /// How much the folders take, if it is more than `limit`.
    pub(super) fn above(&mut self, limit: u64) -> Option<u64> {
        let left = self.left()?;
        let known = self.counted;
        let lost = known.map(|known| known.left.saturating_sub(left).saturating_add(known.taken));
        if let Some(counted) = &mut self.counted
            && counted.looks < LOOKS
            && lost.is_some_and(|possibly_taken| possibly_taken <= limit)
        {
            counted.looks += 1;
            return None;
        }
        // What cannot be counted has lost the disk what is missing there, for all that is known.
        let taken = self.count().ok().or(lost).unwrap_or(0);
        self.counted = Some(Counted {
            taken,
            left,
            looks: 0,
        });
        (taken > limit).then_some(taken)
    }

    /// How much is left on the disk, if it is less than has to be, and how much has to be.
    ///
    /// A disk that was nearly full before does not stop everything: half of what it had must stay.
    pub(super) fn spare_below(&self, limit: u64) -> Option<(u64, u64)> {
        let limit = limit.min(self.left_before? / 2);
        let left = self.left()?;
        (left < limit).then_some((left, limit))
    }

    /// Bytes that the user may still write; the least, if the folders are on several disks.
    fn left(&self) -> Option<u64> {
        let left = |folder: &OwnedFd| fstatvfs(folder).map(|disk| disk.f_bavail * disk.f_frsize);
        self.folders
            .iter()
            .filter_map(|folder| left(folder).ok())
            .min()
    }

    /// What all files below the folders take, each once however many names it has.
    fn count(&self) -> Result<u64, Errno> {
        let mut taken = 0;
        let mut known = HashSet::new();
        let mut folders = Vec::new();
        for folder in &self.folders {
            folders.push(Dir::read_from(folder)?);
        }
        while let Some(folder) = folders.last_mut() {
            let Some(Ok(entry)) = folder.read() else {
                folders.pop();
                continue;
            };
            if matches!(entry.file_name().to_bytes(), b"." | b"..") {
                continue;
            }
            let Ok(folder) = folder.fd() else { continue };
            // Names come and go while commands run.
            let Ok(stat) = statat(folder, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW) else {
                continue;
            };
            let is_folder = FileType::from_raw_mode(stat.st_mode).is_dir();
            let mut is_new = || stat.st_nlink == 1 || known.insert((stat.st_dev, stat.st_ino));
            if is_folder || is_new() {
                taken += stat.st_blocks.unsigned_abs() * BLOCK;
            }
            // A folder that cannot be entered (the overlay's own, one too deep) is left out; the disk's end is seen.
            if is_folder && let Ok(inner) = enter(folder, entry.file_name()) {
                folders.push(inner);
            }
        }
        Ok(taken)
    }
}

fn enter(folder: BorrowedFd<'_>, name: &CStr) -> Result<Dir, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Dir::read_from(openat(folder, name, flags, Mode::empty())?)
}

#[cfg(test)]
mod tests {
    use std::{fs, fs::File, process::Command};

    use super::*;

    #[test]
    fn what_others_give_back_hides_growth_for_a_few_looks_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = DiskWatch::new(vec![File::open(folder.path()).unwrap().into()]);
        let limit = 1 << 20;
        assert_eq!(watch.above(limit), None);
        // As if the disk had been full then: by what is left now, it has not lost a byte.
        watch.counted.as_mut().unwrap().left = 0;
        fs::write(folder.path().join("grown"), vec![1; 2 << 20]).unwrap();
        let looks: Vec<_> = (0..=LOOKS).map(|_| watch.above(limit).is_some()).collect();
        let mut expected = vec![false; LOOKS as usize];
        expected.push(true);
        assert_eq!(looks, expected);
    }

    /// The oracle is `du`.
    #[test]
    fn files_are_counted_as_du_counts_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut random = fastrand::Rng::with_seed(4);
        let mut folders = vec![folder.path().to_path_buf()];
        for number in 0..300 {
            let parent = folders[random.usize(..folders.len())].clone();
            let path = parent.join(number.to_string());
            match random.u8(..4) {
                0 => {
                    fs::create_dir(&path).unwrap();
                    folders.push(path);
                }
                1 => std::os::unix::fs::symlink("/usr", path).unwrap(),
                2 => {
                    fs::write(&path, vec![1; random.usize(..100_000)]).unwrap();
                    fs::hard_link(&path, path.with_extension("link")).unwrap();
                }
                // Takes nothing, however long it is.
                _ => File::create(path).unwrap().set_len(1 << 30).unwrap(),
            }
        }
        let output = Command::new("du")
            .args(["-s", "--block-size=1"])
            .arg(folder.path())
            .output()
            .unwrap();
        let du = String::from_utf8(output.stdout).unwrap();
        let du: u64 = du.split_whitespace().next().unwrap().parse().unwrap();
        let own =
            std::os::unix::fs::MetadataExt::blocks(&folder.path().metadata().unwrap()) * BLOCK;

        let mut watch = DiskWatch::new(vec![File::open(folder.path()).unwrap().into()]);
        assert_eq!(watch.count().unwrap(), du - own);
        assert_eq!(watch.above(du - own), None);
        watch.counted = None;
        assert_eq!(watch.above(du - own - 1), Some(du - own));
    }

    #[test]
    fn a_disk_that_is_nearly_full_does_not_stop_everything() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = DiskWatch::new(vec![File::open(folder.path()).unwrap().into()]);
        assert_eq!(watch.spare_below(u64::MAX), None);
        watch.left_before = Some(u64::MAX);
        let (left, limit) = watch.spare_below(u64::MAX).unwrap();
        assert!(left < limit);
        assert_eq!(limit, u64::MAX / 2);
    }

    #[test]
    fn without_folders_there_is_nothing_to_watch() {
        let mut watch = DiskWatch::new(Vec::new());
        assert_eq!(watch.above(0), None);
        assert_eq!(watch.spare_below(u64::MAX), None);
    }
}
