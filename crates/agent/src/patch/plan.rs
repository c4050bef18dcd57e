//! What a whole patch would change: its operations one after another on the files as they are, nothing written.
//!
//! Operations see what those before them did, so a file can be added and then updated, or updated twice. What comes out
//! is one net change a file.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use crate::{
    editable_text::EditableText,
    workspace::{FileEdit, FileError},
};

use super::{FileOperation, Patch, PatchError, Problem, apply_chunks};

/// The largest file, in bytes, that a patch may touch.
pub const READ_LIMIT: u64 = 64 * 1024 * 1024;

/// What a patch would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The changes to commit, together. A file that comes out as it was is not among them.
    pub changes: Vec<FileEdit>,
    /// The same in the patch's own words.
    pub summary: Summary,
}

/// Which files a patch names, with their paths as written, in the order of the patch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Written whole.
    pub added: Vec<String>,
    /// Changed; of moved ones the new path.
    pub modified: Vec<String>,
    /// Removed.
    pub deleted: Vec<String>,
}

impl Summary {
    /// The published answer: a first line, then `A`, `M` or `D` and a path on each line.
    pub fn message(&self) -> String {
        let mut message = String::from("Success. Updated the following files:");
        let groups = [
            ('A', &self.added),
            ('M', &self.modified),
            ('D', &self.deleted),
        ];
        for (mark, paths) in groups {
            for path in paths {
                message.push_str(&format!("\n{mark} {path}"));
            }
        }
        message
    }
}

/// Finds out what `patch` would change. Relative paths start at `directory`, which is absolute.
///
/// `read` gives the bytes of a file as they are now; [`FileError::Missing`] when there is none.
///
/// # Errors
/// [`PatchError::Problems`], with one for each operation that cannot be done.
pub fn plan(
    patch: &Patch,
    directory: &Path,
    read: &dyn Fn(&Path) -> Result<Vec<u8>, FileError>,
) -> Result<Plan, PatchError> {
    let mut files = Files {
        directory,
        read,
        states: HashMap::new(),
        order: Vec::new(),
    };
    let mut summary = Summary::default();
    let mut problems = Vec::new();
    for operation in &patch.operations {
        if let Err(problem) = files.perform(operation, &mut summary) {
            problems.push(problem);
        }
    }
    if problems.is_empty() {
        let changes = files.into_changes();
        Ok(Plan { changes, summary })
    } else {
        Err(PatchError::Problems(problems))
    }
}

/// The files that the patch has touched so far.
struct Files<'a> {
    directory: &'a Path,
    read: &'a dyn Fn(&Path) -> Result<Vec<u8>, FileError>,
    states: HashMap<PathBuf, FileState>,
    order: Vec<PathBuf>,
}

#[derive(Clone, Default)]
struct FileState {
    /// What is there; `None` when nothing is.
    before: Option<Vec<u8>>,
    /// What shall be there.
    after: Option<Vec<u8>>,
    /// Which file it is that is here now, if it was moved here.
    moved_from: Option<PathBuf>,
}

impl Files<'_> {
    fn perform(&mut self, operation: &FileOperation, summary: &mut Summary) -> Result<(), Problem> {
        match operation {
            FileOperation::Add { path, content } => {
                self.state("write", path)?.after = Some(content.clone().into_bytes());
                summary.added.push(path.clone());
            }
            FileOperation::Delete { path } => {
                let state = self.present("delete", path)?;
                state.after = None;
                state.moved_from = None;
                summary.deleted.push(path.clone());
            }
            FileOperation::Update {
                path,
                move_to,
                chunks,
            } => {
                let before = self.present("update", path)?.after.clone();
                let mut after = before.unwrap_or_default();
                if !chunks.is_empty() {
                    let text = EditableText::decode(after).map_err(text_problem(path))?;
                    let changed = apply_chunks(path, text.text(), chunks)?;
                    after = text.encode(&changed).map_err(text_problem(path))?;
                }
                self.put(path, move_to.as_deref(), after)?;
                summary
                    .modified
                    .push(move_to.as_ref().unwrap_or(path).clone());
            }
        }
        Ok(())
    }

    fn put(&mut self, path: &str, move_to: Option<&str>, after: Vec<u8>) -> Result<(), Problem> {
        let from = self.resolve(path);
        let to = move_to.map_or_else(|| from.clone(), |path| self.resolve(path));
        if from == to {
            self.state("update", path)?.after = Some(after);
            return Ok(());
        }
        self.state("write", move_to.unwrap_or(path))?;
        let source = self.state("update", path)?;
        source.after = None;
        // A file that this patch has added has no past to take along.
        let origin = source.moved_from.take();
        let origin = origin.or_else(|| source.before.as_ref().map(|_| from));
        let target = self.state("write", move_to.unwrap_or(path))?;
        target.after = Some(after);
        target.moved_from = origin;
        Ok(())
    }

    /// The state of a file that must be there.
    fn present(&mut self, verb: &'static str, path: &str) -> Result<&mut FileState, Problem> {
        let state = self.state(verb, path)?;
        if state.after.is_some() {
            return Ok(state);
        }
        let path = path.to_owned();
        Err(match state.before {
            Some(_) => Problem::RemovedBefore { verb, path },
            None => Problem::Read {
                verb,
                path: path.clone(),
                source: FileError::Missing { path },
            },
        })
    }

    fn state(&mut self, verb: &'static str, path: &str) -> Result<&mut FileState, Problem> {
        let resolved = self.resolve(path);
        if !self.states.contains_key(&resolved) {
            let before = match (self.read)(&resolved) {
                Ok(bytes) => Some(bytes),
                Err(FileError::Missing { .. }) => None,
                Err(source) => {
                    let path = path.to_owned();
                    return Err(Problem::Read { verb, path, source });
                }
            };
            self.order.push(resolved.clone());
            let state = FileState {
                after: before.clone(),
                before,
                moved_from: None,
            };
            self.states.insert(resolved.clone(), state);
        }
        Ok(self.states.entry(resolved).or_default())
    }

    fn resolve(&self, path: &str) -> PathBuf {
        ::workspace::normalize(&self.directory.join(path))
    }

    fn into_changes(self) -> Vec<FileEdit> {
        let is_gone = |path: &PathBuf| self.states[path].after.is_none();
        // A place that was left and filled anew is no longer where a file was moved from.
        let moves: HashMap<&PathBuf, &PathBuf> = self
            .order
            .iter()
            .filter_map(|to| Some((self.states[to].moved_from.as_ref()?, to)))
            .filter(|(from, to)| is_gone(from) && !is_gone(to))
            .collect();
        let is_moved_away = |path: &PathBuf| moves.contains_key(path);
        self.order
            .iter()
            .filter(|path| !is_moved_away(path))
            .filter_map(|path| {
                let state = &self.states[path];
                let from = state
                    .moved_from
                    .as_ref()
                    .filter(|from| moves.get(from) == Some(&path));
                match from {
                    Some(from) => self.moved(from, path),
                    None => changed(path, state),
                }
            })
            .collect()
    }

    fn moved(&self, from: &PathBuf, to: &PathBuf) -> Option<FileEdit> {
        let state = &self.states[to];
        Some(FileEdit::Move {
            from: from.clone(),
            to: to.clone(),
            before: self.states[from].before.clone()?,
            replaced: state.before.clone(),
            after: state.after.clone()?,
        })
    }
}

fn changed(path: &Path, state: &FileState) -> Option<FileEdit> {
    let path = path.to_path_buf();
    match (&state.before, &state.after) {
        (Some(before), None) => Some(FileEdit::Delete {
            path,
            before: before.clone(),
        }),
        (before, Some(after)) if before.as_ref() != Some(after) => Some(FileEdit::Write {
            path,
            before: before.clone(),
            after: after.clone(),
        }),
        _ => None,
    }
}

fn text_problem<E: ToString>(path: &str) -> impl Fn(E) -> Problem {
    move |error| Problem::Text {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
