//! Which files of a delivery the client changes, and which are written on disk; or why nothing is done at all. Pure.
//!
//! The client changes what it can, so that its undo knows. Written on disk is what no editor can do (bytes that are no
//! text, links, the executable bit), what this one cannot, and what would have it load very many files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use changes::{Base, FileChange, FileState};
use text::Text;
use workspace::Document;

use super::abilities::EditAbilities;
use super::inspection::{Folder, Inspection, OnDisk};
use super::workspace_edit::EditorChange;
use super::{DeliveredFile, Delivery, Outcome};

/// Larger texts are not sent through a client unless they are open in it.
const MOST_EDITOR_BYTES: usize = 4 << 20;

/// Who makes which change.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Routes {
    /// The client.
    pub(crate) editor: Vec<EditorChange>,
    /// We, on disk, once the client has made its own.
    pub(crate) disk: Vec<FileChange>,
}

/// What the decision depends on.
pub(crate) struct Situation<'a> {
    pub(crate) abilities: EditAbilities,
    /// More files that are not open than this are written on disk.
    pub(crate) max_files_in_editor: usize,
    pub(crate) inspection: &'a Inspection,
    /// The open document at a path.
    pub(crate) document: &'a dyn Fn(&Path) -> Option<Arc<Document>>,
    /// Whether its text here is not the editor's.
    pub(crate) is_out_of_step: &'a dyn Fn(&Path) -> bool,
}

/// Decides.
///
/// # Errors
/// The outcome, when something is not as it was or may not be changed: then nothing is.
pub(crate) fn route(delivery: &Delivery, situation: &Situation<'_>) -> Result<Routes, Outcome> {
    if let Some((path, reason)) = situation.inspection.refused.first() {
        return Err(refused(path, reason));
    }
    let stale = delivery
        .files
        .iter()
        .filter(|file| situation.is_stale(file));
    let stale: Vec<PathBuf> = stale.map(|file| file.source().to_path_buf()).collect();
    if !stale.is_empty() {
        return Err(Outcome::Stale(stale));
    }
    let is_unopened = |file: &&DeliveredFile| (situation.document)(file.source()).is_none();
    let unopened = delivery.files.iter().filter(is_unopened).count();
    let many = if unopened > situation.max_files_in_editor {
        Unopened::OnDisk
    } else {
        Unopened::InEditor
    };
    let mut routes = Routes::default();
    for file in &delivery.files {
        situation.add(&mut routes, file, many)?;
    }
    Ok(routes)
}

/// Where files are changed that are not open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unopened {
    InEditor,
    OnDisk,
}

impl Situation<'_> {
    /// Whether a file is not what the delivery was made for.
    fn is_stale(&self, file: &DeliveredFile) -> bool {
        let source = file.source();
        if (self.is_out_of_step)(source) {
            return true;
        }
        let is_target_taken = file.renamed_from.is_some()
            && ((self.document)(&file.path).is_some() || !self.on_disk(&file.path).is(None));
        let is_source_other = match (self.document)(source) {
            Some(document) => !is_text_of(&document.text, file.before.as_ref()),
            None => !self.on_disk(source).is(file.before.as_ref()),
        };
        is_target_taken || is_source_other
    }

    fn add(
        &self,
        routes: &mut Routes,
        file: &DeliveredFile,
        unopened: Unopened,
    ) -> Result<(), Outcome> {
        let document = (self.document)(file.source());
        let is_permitted = document.is_some() || unopened == Unopened::InEditor;
        let in_editor = self
            .in_editor(file, document.as_deref())
            .filter(|_| is_permitted);
        let Some(change) = in_editor else {
            self.check_saved(file, document.as_deref())?;
            routes.disk.push(FileChange {
                path: file.path.clone(),
                renamed_from: file.renamed_from.clone(),
                base: file.before.clone().map_or(Base::Absent, Base::Known),
                after: file.after.clone(),
            });
            return Ok(());
        };
        routes.editor.push(change);
        Ok(())
    }

    /// The change, if this client can make it.
    fn in_editor(&self, file: &DeliveredFile, document: Option<&Document>) -> Option<EditorChange> {
        let abilities = self.abilities;
        let is_create = file.before.is_none() && document.is_none();
        let can = abilities.applies_edits
            && (!is_create || abilities.creates)
            && (file.after.is_some() || abilities.deletes)
            && (file.renamed_from.is_none() || abilities.renames);
        let (before, after) = (file.before.as_ref(), file.after.as_ref());
        let is_executable = |state: Option<&FileState>| state.is_some_and(|it| it.is_executable);
        let is_same_mode = after.is_none() || is_executable(before) == is_executable(after);
        let is_possible = can
            && is_same_mode
            && is_editable(before, document)
            && is_editable(after, document)
            // Neovim makes no file of an edit that puts nothing into it.
            && !(is_create && after.and_then(FileState::text) == Some(""));
        is_possible.then(|| EditorChange {
            path: file.path.clone(),
            renamed_from: file.renamed_from.clone(),
            before: match document {
                Some(document) => Some(document.text.clone()),
                None => text_of(before),
            },
            after: text_of(after),
            version: document.map(|document| document.version),
            folder: match self.on_disk(&file.path) {
                OnDisk::Absent(folder) => *folder,
                _ => Folder::There,
            },
        })
    }

    /// What is open may be written on disk only when it is saved: the editor would ask which of the two is right.
    fn check_saved(
        &self,
        file: &DeliveredFile,
        document: Option<&Document>,
    ) -> Result<(), Outcome> {
        let source = file.source();
        if document.is_none() || self.on_disk(source).is(file.before.as_ref()) {
            return Ok(());
        }
        let reason =
            "has unsaved changes, and this change can only be made on disk: save it and try again";
        Err(refused(source, reason))
    }

    /// What was found there. What was not looked at is nothing that could be used.
    fn on_disk(&self, path: &Path) -> &OnDisk {
        static UNKNOWN: OnDisk = OnDisk::Unusable(String::new());
        self.inspection.found.get(path).unwrap_or(&UNKNOWN)
    }
}

fn refused(path: &Path, reason: &str) -> Outcome {
    Outcome::Refused(format!("{} {reason}", path.display()))
}

/// Whether a document has the text of `state`; nothing is as good as an empty text, for a file that was never saved.
fn is_text_of(document: &Text, state: Option<&FileState>) -> bool {
    match state {
        Some(state) => state.text().is_some_and(|text| {
            document.len_bytes() == text.len() && document == &Text::from(text)
        }),
        None => document.is_empty(),
    }
}

fn text_of(state: Option<&FileState>) -> Option<Text> {
    state.and_then(FileState::text).map(Text::from)
}

/// Whether an editor can hold it. Editors take a byte order mark off, after which positions are others.
fn is_editable(state: Option<&FileState>, document: Option<&Document>) -> bool {
    state.is_none_or(|state| {
        state.text().is_some_and(|text| {
            document.is_some() || (text.len() <= MOST_EDITOR_BYTES && !text.starts_with('\u{feff}'))
        })
    })
}

#[cfg(test)]
mod tests;
