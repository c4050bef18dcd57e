//! The folders that `ropewalk trust` was told to trust, beside `trusted_folders` in the user's own file.
//!
//! One small file in the state folder, written whole or not at all. [`super::layers`] joins both lists.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::paths;

/// Where the list is kept.
#[derive(Clone, Debug)]
pub(crate) struct TrustList {
    file: PathBuf,
}

/// Why the list cannot be used; worded for the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    /// Neither variable is set.
    #[error("there is no place for the list of trusted folders: set HOME or XDG_STATE_HOME")]
    NoPlace,
    /// The system refuses.
    #[error("{} cannot be used: {source}", .file.display())]
    Io {
        file: PathBuf,
        source: std::io::Error,
    },
    /// Not our list.
    #[error(
        "{} is not a list of trusted folders, so none of it counts: {reason}. Remove it, and trust your folders again",
        .file.display()
    )]
    Malformed { file: PathBuf, reason: String },
    /// A name that cannot be written down.
    #[error("the name of {} is not UTF-8 and cannot be kept in the list; rename the folder", .0.display())]
    Name(PathBuf),
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Content {
    /// Absolute, without symbolic links, in order.
    folders: Vec<PathBuf>,
}

impl TrustList {
    /// This user's list.
    ///
    /// # Errors
    /// When there is no place for it.
    pub(crate) fn of_this_user() -> Result<Self, TrustError> {
        let folder = paths::state_folder().ok_or(TrustError::NoPlace)?;
        Ok(Self {
            file: folder.join("trusted.json"),
        })
    }

    /// The folders in the list; a missing list has none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn folders(&self) -> Result<Vec<PathBuf>, TrustError> {
        let bytes = match std::fs::read(&self.file) {
            Ok(bytes) => bytes,
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            Err(source) => return Err(self.io(source)),
        };
        let content: Content =
            serde_json::from_slice(&bytes).map_err(|error| TrustError::Malformed {
                file: self.file.clone(),
                reason: error.to_string(),
            })?;
        Ok(content.folders)
    }

    /// Adds `folder`, which is absolute and without symbolic links; says whether it is new.
    ///
    /// # Errors
    /// When the list cannot be read or written; then it is as it was.
    pub(crate) fn add(&self, folder: &Path) -> Result<bool, TrustError> {
        if folder.to_str().is_none() {
            return Err(TrustError::Name(folder.to_path_buf()));
        }
        let mut folders = self.folders()?;
        if folders.iter().any(|known| known == folder) {
            return Ok(false);
        }
        folders.push(folder.to_path_buf());
        folders.sort();
        self.write(folders).map(|()| true)
    }

    /// Takes `folder` out; says whether it was there.
    ///
    /// # Errors
    /// As [`TrustList::add`].
    pub(crate) fn remove(&self, folder: &Path) -> Result<bool, TrustError> {
        let mut folders = self.folders()?;
        let before = folders.len();
        folders.retain(|known| known != folder);
        if folders.len() == before {
            return Ok(false);
        }
        self.write(folders).map(|()| true)
    }

    fn write(&self, folders: Vec<PathBuf>) -> Result<(), TrustError> {
        let folder = self.file.parent().ok_or(TrustError::NoPlace)?;
        std::fs::create_dir_all(folder).map_err(|source| self.io(source))?;
        let mut bytes = serde_json::to_vec_pretty(&Content { folders })
            .map_err(|error| self.io(error.into()))?;
        bytes.push(b'\n');
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|source| self.io(source))?;
        file.write_all(&bytes).map_err(|source| self.io(source))?;
        file.persist(&self.file)
            .map_err(|error| self.io(error.error))?;
        Ok(())
    }

    fn io(&self, source: std::io::Error) -> TrustError {
        TrustError::Io {
            file: self.file.clone(),
            source,
        }
    }
}

/// Whoever needs a state folder says what is wrong with it.
fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Which of `trusted` makes `folder` trusted: itself or a folder above it, both as they really are, so that a link
/// inside a trusted folder vouches for nothing outside of it.
pub(crate) fn covering<'a>(trusted: &'a [PathBuf], folder: &Path) -> Option<&'a PathBuf> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let folder = real(folder);
    trusted
        .iter()
        .find(|trusted| folder.starts_with(real(trusted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> (tempfile::TempDir, TrustList) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/trusted.json");
        (folder, TrustList { file })
    }

    #[test]
    fn folders_come_and_go_and_a_broken_list_trusts_nothing() {
        let (_folder, list) = list();
        let [one, two] = ["/one", "/two"].map(PathBuf::from);
        assert_eq!(list.folders().unwrap(), Vec::<PathBuf>::new());
        assert!(list.add(&two).unwrap() && list.add(&one).unwrap());
        assert!(!list.add(&one).unwrap());
        assert_eq!(list.folders().unwrap(), [one.clone(), two.clone()]);
        assert!(list.remove(&one).unwrap() && !list.remove(&one).unwrap());
        assert_eq!(list.folders().unwrap(), std::slice::from_ref(&two));
        std::fs::write(&list.file, "{\"folders\": [1]}").unwrap();
        assert!(matches!(list.folders(), Err(TrustError::Malformed { .. })));
        assert!(list.add(&one).is_err());
        assert_eq!(
            std::fs::read(&list.file).unwrap(),
            b"{\"folders\": [1]}",
            "what is not understood is left as it is"
        );
    }

    #[test]
    fn a_link_vouches_for_nothing_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let [trusted, other] = ["trusted", "other"].map(|name| folder.path().join(name));
        std::fs::create_dir_all(trusted.join("inner")).unwrap();
        std::fs::create_dir(&other).unwrap();
        std::os::unix::fs::symlink(&other, trusted.join("link")).unwrap();
        let list = [trusted.clone()];
        assert_eq!(covering(&list, &trusted.join("inner")), Some(&trusted));
        assert_eq!(covering(&list, &trusted.join("link")), None);
        assert_eq!(covering(&list, &other), None);
        assert_eq!(
            covering(&list, &folder.path().join("trusted-not")),
            None,
            "a name that only begins alike"
        );
    }
}
