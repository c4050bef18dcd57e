//! The one `workspace/applyEdit` that brings a change about, in an order in which a client that fails midway does least harm.
//! Pure.
//!
//! First the texts that are open, with their versions: a client that notices there that the user has typed has changed
//! nothing yet. Then renames and new files, each before the edits of its text; files that are not open; what is
//! deleted comes last.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use text::{PositionEncoding, Text};
use tower_lsp_server::gen_lsp_types::{
    AnnotatedTextEdit, ApplyWorkspaceEditParams, ChangeAnnotation, CreateFile, CreateFileOptions,
    DeleteFile, DeleteFileOptions, DocumentChange, Edit, OptionalVersionedTextDocumentIdentifier,
    RenameFile, RenameFileOptions, TextDocumentEdit, TextDocumentIdentifier, WorkspaceEdit,
};
use url::Url;

use super::Confirmation;
use super::abilities::EditAbilities;
use super::inspection::Folder;
use super::text_edits::hunk_edits;

/// A file that the client changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EditorChange {
    /// Absolute. Where it is after the change; of a deleted file, where it was.
    pub(crate) path: PathBuf,
    /// Where it was, if it is renamed.
    pub(crate) renamed_from: Option<PathBuf>,
    /// What is in it; `None` when it has to be created.
    pub(crate) before: Option<Text>,
    /// What shall be in it; `None` when it is deleted.
    pub(crate) after: Option<Text>,
    /// The version of its open document, where it was before; `None` when it is not open.
    pub(crate) version: Option<i32>,
    /// Whether the folder is there that it comes to be in.
    pub(crate) folder: Folder,
}

/// How an edit is put.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EditStyle<'a> {
    pub(crate) label: &'a str,
    pub(crate) confirmation: Confirmation,
    pub(crate) abilities: EditAbilities,
    pub(crate) encoding: PositionEncoding,
}

/// The request that has the client make `changes`.
pub(crate) fn workspace_edit(
    changes: &[EditorChange],
    style: EditStyle<'_>,
) -> ApplyWorkspaceEditParams {
    let mut builder = Builder {
        style,
        steps: Vec::new(),
        annotations: HashMap::new(),
    };
    let mut in_order: Vec<&EditorChange> = changes.iter().collect();
    in_order.sort_by_key(|change| rank(change));
    for change in in_order {
        builder.add(change);
    }
    ApplyWorkspaceEditParams {
        label: Some(style.label.to_owned()),
        edit: builder.finish(),
        metadata: None,
    }
}

/// What comes first: see the head of this file.
fn rank(change: &EditorChange) -> u8 {
    match change {
        EditorChange { after: None, .. } => 4,
        EditorChange {
            renamed_from: Some(_),
            ..
        } => 1,
        EditorChange { before: None, .. } => 2,
        EditorChange {
            version: Some(_), ..
        } => 0,
        _ => 3,
    }
}

struct Builder<'a> {
    style: EditStyle<'a>,
    steps: Vec<DocumentChange>,
    annotations: HashMap<String, ChangeAnnotation>,
}

impl Builder<'_> {
    fn add(&mut self, change: &EditorChange) {
        let Some(after) = &change.after else {
            return self.delete(&change.path);
        };
        if let Some(from) = &change.renamed_from {
            self.rename(from, &change.path);
        }
        if change.before.is_none() {
            self.create(&change.path, change.folder);
        }
        self.edit(change, after);
    }

    fn delete(&mut self, path: &Path) {
        let Some(uri) = file_uri(path) else { return };
        let annotation_id = self.annotate(format!("Delete {}", name(path)));
        self.steps.push(DocumentChange::DeleteFile(DeleteFile {
            uri,
            options: Some(DeleteFileOptions::new(Some(false), Some(true))),
            annotation_id,
        }));
    }

    /// Never over a file that is there: `overwrite` and `ignoreIfExists` are both denied, so that a client that keeps to the
    /// specification refuses.
    fn rename(&mut self, from: &Path, to: &Path) {
        let (Some(old_uri), Some(new_uri)) = (file_uri(from), file_uri(to)) else {
            return;
        };
        let annotation_id = self.annotate(format!("Rename {} to {}", name(from), name(to)));
        self.steps.push(DocumentChange::RenameFile(RenameFile {
            old_uri,
            new_uri,
            options: Some(RenameFileOptions::new(Some(false), Some(false))),
            annotation_id,
        }));
    }

    /// Asked for only where nothing is, for a file that is there loses its content in Neovim and Helix. With `ignoreIfExists`
    /// one that came up meanwhile is spared; but then Neovim makes no folder for it either.
    fn create(&mut self, path: &Path, folder: Folder) {
        let Some(uri) = file_uri(path) else { return };
        let annotation_id = self.annotate(format!("Create {}", name(path)));
        self.steps.push(DocumentChange::CreateFile(CreateFile {
            uri,
            options: Some(CreateFileOptions::new(
                Some(false),
                Some(folder == Folder::There),
            )),
            annotation_id,
        }));
    }

    fn edit(&mut self, change: &EditorChange, after: &Text) {
        let Some(uri) = file_uri(&change.path) else {
            return;
        };
        let nothing = Text::default();
        let before = change.before.as_ref().unwrap_or(&nothing);
        let mut edits = Vec::new();
        for hunk in hunk_edits(before, &after.to_string(), self.style.encoding) {
            let place = format!("{}, line {}", name(&change.path), hunk.line + 1);
            let annotation = self.annotate(place);
            edits.extend(hunk.edits.into_iter().map(|edit| match &annotation {
                Some(id) => Edit::AnnotatedTextEdit(AnnotatedTextEdit::new(id.clone(), edit)),
                None => Edit::TextEdit(edit),
            }));
        }
        if edits.is_empty() {
            return;
        }
        // Under a new name the document has a version that nobody knows yet.
        let version = change.version.filter(|_| change.renamed_from.is_none());
        let document =
            OptionalVersionedTextDocumentIdentifier::new(version, TextDocumentIdentifier { uri });
        let edit = TextDocumentEdit::new(document, edits);
        self.steps.push(DocumentChange::TextDocumentEdit(edit));
    }

    /// A new annotation's name, where the client makes something of it.
    fn annotate(&mut self, label: String) -> Option<String> {
        let abilities = self.style.abilities;
        let is_of_use = match self.style.confirmation {
            Confirmation::Asked => abilities.asks_by_annotations,
            Confirmation::Unasked => abilities.shows_annotations,
        };
        if !is_of_use {
            return None;
        }
        let id = self.annotations.len().to_string();
        let annotation = ChangeAnnotation {
            label,
            needs_confirmation: Some(self.style.confirmation == Confirmation::Asked),
            description: Some(self.style.label.to_owned()),
        };
        self.annotations.insert(id.clone(), annotation);
        Some(id)
    }

    fn finish(self) -> WorkspaceEdit {
        if self.style.abilities.takes_document_changes {
            return WorkspaceEdit {
                document_changes: Some(self.steps),
                change_annotations: (!self.annotations.is_empty()).then_some(self.annotations),
                ..WorkspaceEdit::default()
            };
        }
        let texts = self.steps.into_iter().filter_map(|step| match step {
            DocumentChange::TextDocumentEdit(edit) => Some(edit),
            _ => None,
        });
        let changes = texts.map(|edit| {
            let edits = edit.edits.into_iter().filter_map(|edit| match edit {
                Edit::TextEdit(edit) => Some(edit),
                Edit::AnnotatedTextEdit(edit) => Some(edit.text_edit),
                Edit::SnippetTextEdit(_) => None,
            });
            (
                edit.text_document.text_document_identifier.uri,
                edits.collect(),
            )
        });
        WorkspaceEdit {
            changes: Some(changes.collect()),
            ..WorkspaceEdit::default()
        }
    }
}

/// Paths of deliveries are absolute, and such a path has a URI.
fn file_uri(path: &Path) -> Option<Url> {
    Url::from_file_path(path).ok()
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
