//! A log file that is put aside when it is full, also while it runs, and also when several processes write to it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How often the file is looked for when it is never the one that was opened, as on some network disks.
const MAX_TRIES: usize = 8;

/// An open log file that does not grow beyond its limit by more than one write.
pub(super) struct RotatingFile {
    path: PathBuf,
    file: File,
    max_bytes: u64,
}

impl RotatingFile {
    /// Opens or creates the file; what is in it stays.
    ///
    /// # Errors
    ///
    /// When its folder or the file cannot be made.
    pub(super) fn open(path: &Path, max_bytes: u64) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(Self {
            path: path.to_path_buf(),
            file: open_to_append(path)?,
            max_bytes,
        })
    }

    /// Appends whole lines in one piece.
    ///
    /// # Errors
    ///
    /// When the disk is full or gone.
    pub(super) fn write(&mut self, lines: &str) -> io::Result<()> {
        self.lock()?;
        if self.max_bytes < self.file.metadata()?.len() {
            fs::rename(&self.path, self.path.with_extension("log.old"))?;
            self.lock()?;
        }
        let outcome = self.file.write_all(lines.as_bytes());
        let _kept_until_the_file_is_closed = self.file.unlock();
        outcome
    }

    /// Locks the file that the path leads to. The lock is for several servers that find one file full at the same time:
    /// the second would put the new file over the old one.
    fn lock(&mut self) -> io::Result<()> {
        for _ in 0..MAX_TRIES {
            // Some network disks know no locks. A log with a gap is better than none.
            let _locked_or_impossible = self.file.lock();
            if self.is_in_place() {
                break;
            }
            // Another server put it aside, or the user deleted it.
            self.file = open_to_append(&self.path)?;
        }
        Ok(())
    }

    /// Whether the open file is still the one that the path leads to.
    #[cfg(unix)]
    fn is_in_place(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        match (fs::metadata(&self.path), self.file.metadata()) {
            (Ok(there), Ok(open)) => identity(there) == identity(open),
            _ => false,
        }
    }

    /// Where an open file cannot be renamed or deleted, it is in place.
    #[cfg(not(unix))]
    fn is_in_place(&self) -> bool {
        true
    }
}

fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_default()
    }

    #[test]
    fn a_full_file_is_put_aside_while_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/x.log");
        let old = folder.path().join("state/x.log.old");
        let mut file = RotatingFile::open(&path, 10).unwrap();
        for line in ["12345\n", "67890\n", "a\n", "b\n"] {
            file.write(line).unwrap();
        }
        assert_eq!(
            (read(&old), read(&path)),
            ("12345\n67890\n".into(), "a\nb\n".into())
        );
        drop(file);
        let mut file = RotatingFile::open(&path, 1).unwrap();
        file.write("c\n").unwrap();
        assert_eq!((read(&old), read(&path)), ("a\nb\n".into(), "c\n".into()));
    }

    #[cfg(unix)]
    #[test]
    fn several_writers_lose_nothing_that_is_younger_than_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        let old = folder.path().join("x.log.old");
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let mut file = RotatingFile::open(&path, 1000).unwrap();
                std::thread::spawn(move || {
                    for number in 0..500 {
                        file.write(&format!("{thread} {number}\n")).unwrap();
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        // Two files of one full size each: whatever was lost was in a file before these.
        assert!(1000 < read(&old).len(), "{}", read(&old).len());
        for thread in 0..4 {
            let numbers: Vec<usize> = (read(&old) + &read(&path))
                .lines()
                .filter_map(|line| line.strip_prefix(&format!("{thread} "))?.parse().ok())
                .collect();
            let first = numbers.first().copied().unwrap_or_default();
            let expected: Vec<usize> = (first..first + numbers.len()).collect();
            assert_eq!(numbers, expected, "lines of writer {thread}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_deleted_file_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        let mut file = RotatingFile::open(&path, 1000).unwrap();
        file.write("a\n").unwrap();
        fs::remove_file(&path).unwrap();
        file.write("b\n").unwrap();
        assert_eq!(read(&path), "b\n");
    }
}
