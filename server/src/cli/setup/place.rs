//! Puts one file of an editor's configuration in its place so that nothing of the user's is ever lost.
//!
//! Called by `setup --write`. Only a file that is certainly absent is written without asking; whatever is there is kept,
//! or put aside under a name that nothing has yet. A link stays a link: what it points to is written. Each write is a
//! temporary file that is renamed, so a full disk or a crash leaves the old file whole.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tempfile::NamedTempFile;

use super::SetupFile;

/// What happens to a file that is there already and differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    /// It stays as it is.
    Keep,
    /// It is put aside.
    Replace,
}

/// What happened to a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was not there and is now.
    Written,
    /// It was there, byte for byte.
    AlreadyThere,
    /// Another one is there, and was left alone.
    Kept,
    /// Another one was there.
    Replaced {
        /// Where its content is now.
        backup: PathBuf,
    },
}

/// As many links as Linux follows in one path.
const MAX_LINKS: usize = 40;

/// Puts `file` in its place.
///
/// # Errors
///
/// When what is there cannot be read or is not a file, and when something cannot be written. Then what was there is
/// there still.
pub(super) fn place(file: &SetupFile, existing: Existing) -> anyhow::Result<Outcome> {
    let shown = file.path.display();
    let target = follow_links(&file.path)
        .with_context(|| format!("{shown} is a link that cannot be followed; mend or remove it"))?;
    let new = file.text.as_bytes();
    match read(&target)? {
        None => {
            write_new(file, &target).with_context(|| {
                format!("{shown} cannot be written; without --write the text is printed")
            })?;
            Ok(Outcome::Written)
        }
        Some(old) if old.bytes == new => Ok(Outcome::AlreadyThere),
        Some(_) if existing == Existing::Keep => Ok(Outcome::Kept),
        Some(old) => {
            let backup = put_aside(&file.path, &old).with_context(|| {
                format!("{shown} cannot be put aside beside itself; nothing was changed")
            })?;
            replace(&target, new, old.permissions).with_context(|| {
                format!(
                    "{shown} cannot be replaced; it is as it was, and a copy of it is {}",
                    backup.display()
                )
            })?;
            Ok(Outcome::Replaced { backup })
        }
    }
}

/// What stands where a file of ours belongs.
struct OldFile {
    bytes: Vec<u8>,
    permissions: Permissions,
}

/// The path behind the links at the end of `path`; it need not exist.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        match fs::symlink_metadata(&target) {
            Ok(metadata) if metadata.is_symlink() => {
                let next = fs::read_link(&target)?;
                // A relative link is meant from the folder that it stands in; an absolute one replaces everything.
                target = target.parent().unwrap_or(Path::new("")).join(next);
            }
            // Why it cannot be looked at is told by whoever reads it.
            Ok(_) | Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other("it leads in a circle"))
}

/// Nothing when there is certainly nothing; everything else that cannot be read is an error and never overwritten.
fn read(target: &Path) -> anyhow::Result<Option<OldFile>> {
    let shown = target.display();
    let unreadable = || {
        format!(
            "{shown} is there but cannot be read, so it was left alone; make it readable or move it away"
        )
    };
    let metadata = match fs::metadata(target) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        metadata => metadata.with_context(unreadable)?,
    };
    if !metadata.is_file() {
        bail!("{shown} is not a file, so it was left alone; move it away");
    }
    Ok(Some(OldFile {
        bytes: fs::read(target).with_context(unreadable)?,
        permissions: metadata.permissions(),
    }))
}

fn write_new(file: &SetupFile, target: &Path) -> io::Result<()> {
    if let Some(folder) = file.path.parent() {
        fs::create_dir_all(folder)?;
    }
    write_beside(target, file.text.as_bytes(), None)?
        .persist_noclobber(target)
        .map_err(|error| error.error)?;
    Ok(())
}

fn replace(target: &Path, bytes: &[u8], permissions: Permissions) -> io::Result<()> {
    write_beside(target, bytes, Some(permissions))?
        .persist(target)
        .map_err(|error| error.error)?;
    Ok(())
}

/// Copies what was read to the first free name beside `path`.
fn put_aside(path: &Path, old: &OldFile) -> io::Result<PathBuf> {
    let mut copy = write_beside(path, &old.bytes, Some(old.permissions.clone()))?;
    for number in 1_usize.. {
        let backup = backup_path(path, number);
        match copy.persist_noclobber(&backup) {
            Ok(_) => return Ok(backup),
            Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => copy = refused.file,
            Err(refused) => return Err(refused.error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

fn backup_path(path: &Path, number: usize) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".before-ropewalk");
    if 1 < number {
        name.push(format!("-{number}"));
    }
    name.into()
}

/// A temporary file in the folder of `path`, so that it can be renamed to it; without permissions it gets the usual ones.
fn write_beside(
    path: &Path,
    bytes: &[u8],
    permissions: Option<Permissions>,
) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ropewalk-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests;
