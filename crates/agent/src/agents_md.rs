//! AGENTS.md: which files count, how much of them, and reading them again only when they have changed.
//!
//! The user's own file comes first, then one file for each folder from the repository's root down to the working folder;
//! in each folder `AGENTS.override.md` takes the place of `AGENTS.md`. Nothing below the working folder is looked at.
//! They are text from a project that need not be trusted: they are told as such, and may not draw in files from elsewhere.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::workspace::{Disk, FileKind, FileStamp, RealDisk};

use crate::bounded_text::{self, Extent};
use crate::world::Part;

/// How much of all files together is told, in bytes, and the most that can be configured.
pub const LIMIT: usize = 32 * 1024;

/// The names in a folder; the first that exists counts, even when it is empty.
const NAMES: [&str; 2] = ["AGENTS.override.md", "AGENTS.md"];

/// What a link may lead to: files that are written to be read, so that a link does not give away a key.
const LINKED_EXTENSIONS: [&str; 4] = ["md", "mdc", "markdown", "txt"];

/// What stands in place of a file that cannot be used, followed by the reason.
const NOT_USED: &str = "[not used: ";

/// Why a file is not used of which `part` tells; nothing when it is.
pub fn why_not_used(part: &Part) -> Option<&str> {
    part.text.strip_prefix(NOT_USED)?.strip_suffix(']')
}

/// Which files are looked for.
#[derive(Clone, Debug, Default)]
pub struct AgentsMdOptions {
    /// The folder of the user's own file.
    pub user_folder: Option<PathBuf>,
    /// The uppermost folder of the project, `cwd` or above it.
    pub root: PathBuf,
    /// The lowest folder of the project.
    pub cwd: PathBuf,
    /// How much is told, in bytes; at most, and by default, [`LIMIT`].
    pub limit: Option<usize>,
}

/// The files as they were when last looked at.
#[derive(Debug)]
pub struct AgentsMd {
    disk: Arc<dyn Disk>,
    limit: usize,
    folders: Vec<Folder>,
    stamps: Option<Vec<Option<FileStamp>>>,
    parts: Vec<Part>,
}

/// A folder that may have a file.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// How its file is called to the model: before the file's name.
    label: String,
    /// Links in it may lead below this folder only.
    fence: Option<PathBuf>,
}

impl AgentsMd {
    /// Settles which folders count; looks at no file yet.
    pub fn new(options: AgentsMdOptions) -> Self {
        Self::on(Arc::new(RealDisk), options)
    }

    /// As [`AgentsMd::new`], with the files of `disk`.
    pub fn on(disk: Arc<dyn Disk>, options: AgentsMdOptions) -> Self {
        let user = options.user_folder.map(|path| Folder {
            path,
            label: "(the user's own) ".into(),
            fence: None,
        });
        let project = project_folders(&options.root, &options.cwd);
        Self {
            disk,
            limit: options.limit.unwrap_or(LIMIT).min(LIMIT),
            folders: user.into_iter().chain(project).collect(),
            stamps: None,
            parts: Vec::new(),
        }
    }

    /// One part for each file that counts, from the user's own to the nearest. Reads files only if one has changed.
    pub fn observe(&mut self) -> &[Part] {
        let stamps = self.stamps_now();
        if self.stamps.as_ref() != Some(&stamps) {
            self.parts = self.read();
            self.stamps = Some(stamps);
        }
        &self.parts
    }

    fn stamps_now(&self) -> Vec<Option<FileStamp>> {
        let candidates = self.folders.iter().flat_map(candidates);
        candidates
            .map(|path| Some(self.disk.metadata(&path).ok()?.stamp))
            .collect()
    }

    fn read(&self) -> Vec<Part> {
        let mut left = self.limit;
        let mut parts = Vec::new();
        for folder in &self.folders {
            let found = candidates(folder).find(|path| self.disk.link_metadata(path).is_ok());
            if let Some(path) = found {
                parts.extend(read_part(self.disk.as_ref(), folder, &path, &mut left));
            }
        }
        parts
    }
}

fn project_folders(root: &Path, cwd: &Path) -> Vec<Folder> {
    let within: Vec<&Path> = cwd
        .ancestors()
        .take_while(|folder| folder.starts_with(root))
        .collect();
    let folder = |path: &&Path| {
        let below = path.strip_prefix(root).unwrap_or(path);
        Folder {
            path: path.to_path_buf(),
            label: below.join("").display().to_string(),
            fence: Some(root.to_path_buf()),
        }
    };
    within.iter().rev().map(folder).collect()
}

fn candidates(folder: &Folder) -> impl Iterator<Item = PathBuf> {
    NAMES.iter().map(|name| folder.path.join(name))
}

/// The file as a part, taking what it needs from `left`; nothing when it is empty.
fn read_part(disk: &dyn Disk, folder: &Folder, path: &Path, left: &mut usize) -> Option<Part> {
    let name = path.file_name().unwrap_or_default().display();
    let name = format!("{}{name}", folder.label);
    let text = match read_text(disk, folder, path, *left) {
        Ok(text) => text,
        Err(error) => return Some(Part::new(name, format!("{NOT_USED}{error}]"))),
    };
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let beginning = bounded_text::prefix(text, *left);
    *left -= beginning.len();
    let told = match beginning.len() == text.len() {
        true => text.to_owned(),
        false => format!(
            "{beginning}\n[cut here: the AGENTS.md files are longer than may be told at once; read the file for the rest]"
        ),
    };
    Some(Part::new(name, told))
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
enum UnusableFile {
    #[error("it is a link that leads out of the project")]
    LeadsOut,
    #[error("it is a link to something that is not a text for reading")]
    LeadsToOther,
    #[error("it is not a regular file")]
    NotAFile,
    #[error("it is not UTF-8 text")]
    NotText,
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// The beginning of the text: more than `left` bytes, if there are more.
fn read_text(
    disk: &dyn Disk,
    folder: &Folder,
    path: &Path,
    left: usize,
) -> Result<String, UnusableFile> {
    let path = follow(disk, folder, path)?;
    // Opening alone can already act on some devices.
    if disk.metadata(&path)?.kind != FileKind::File {
        return Err(UnusableFile::NotAFile);
    }
    // Enough to see that something is left over, wherever a character or white space ends.
    let wanted = left as u64 + 4096;
    let mut bytes = Vec::new();
    disk.open(&path)?.take(wanted).read_to_end(&mut bytes)?;
    let extent = match (bytes.len() as u64) < wanted {
        true => Extent::Whole,
        false => Extent::Beginning,
    };
    let text = bounded_text::decode(&bytes, extent).ok_or(UnusableFile::NotText)?;
    Ok(text.to_owned())
}

fn follow(disk: &dyn Disk, folder: &Folder, path: &Path) -> Result<PathBuf, UnusableFile> {
    if disk.link_metadata(path)?.kind != FileKind::Link {
        return Ok(path.to_path_buf());
    }
    let target = disk.real_path(path)?;
    let Some(fence) = &folder.fence else {
        return Ok(target);
    };
    if !target.starts_with(disk.real_path(fence)?) {
        return Err(UnusableFile::LeadsOut);
    }
    let extension = target.extension().and_then(|extension| extension.to_str());
    match extension.is_some_and(|extension| LINKED_EXTENSIONS.contains(&extension)) {
        true => Ok(target),
        false => Err(UnusableFile::LeadsToOther),
    }
}

#[cfg(test)]
mod tests;
