//! The conflicts that wait for the user's decision: places in texts, carried through every edit, and whole files. Pure.
//!
//! Owned by the session; `conflict_file.rs` keeps it on disk.
//!
//! **Invariant** in each document's entry the places are in order, apart from each other, and within its text; the lines
//! there are the user's, and nothing here changes them.

use std::ops::Range;
use std::path::{Path, PathBuf};

use changes::{ConflictReason, FileState};
use rustc_hash::FxHashMap;
use text::{Bias, ChangeSet, Edit, Text, diff_lines};

use super::{Errand, TextConflicts};

/// What has to be decided.
#[derive(Debug, Default)]
pub(crate) struct ConflictBook {
    last: u64,
    documents: FxHashMap<PathBuf, DocumentConflicts>,
    files: Vec<FileConflict>,
}

/// Where conflicts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// What brought them; of an earlier conversation, `None`.
    pub(crate) errand: Option<Errand>,
    /// The task's title, or what was restored.
    pub(crate) title: String,
}

/// The conflicts in one text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DocumentConflicts {
    /// The text that the places are in: the document as it was when it last changed, or was closed.
    pub(crate) text: Text,
    /// In order.
    pub(crate) hunks: Vec<ConflictHunk>,
}

/// A place where the user's lines stand and the task wants others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConflictHunk {
    /// Names it in this workspace.
    pub(crate) number: u64,
    /// Bytes of the text, the end excluded; empty where the user has no lines there.
    pub(crate) range: Range<usize>,
    /// What both started from, where that is known.
    pub(crate) base: Option<String>,
    /// What the task made of it.
    pub(crate) proposed: String,
    /// Which task.
    pub(crate) source: Source,
    /// Whether its landing has been confirmed; before, it is not shown.
    pub(crate) is_confirmed: bool,
}

/// A file that has to be decided as a whole, as a landing finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WholeFile {
    /// Where the task wants it.
    pub(crate) path: PathBuf,
    /// Where the task has it from.
    pub(crate) renamed_from: Option<PathBuf>,
    /// Why it has to be decided.
    pub(crate) reason: ConflictReason,
    /// What the task made of it; `None` when it deleted the file.
    pub(crate) proposed: Option<FileState>,
}

/// A file that has to be decided as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileConflict {
    /// Names it in this workspace.
    pub(crate) number: u64,
    /// The file.
    pub(crate) file: WholeFile,
    /// Which task.
    pub(crate) source: Source,
    /// As for a [`ConflictHunk`].
    pub(crate) is_confirmed: bool,
}

impl ConflictBook {
    /// A book with what an earlier conversation has left.
    pub(crate) fn restored(
        documents: impl IntoIterator<Item = (PathBuf, DocumentConflicts)>,
        files: Vec<FileConflict>,
    ) -> Self {
        let documents: FxHashMap<_, _> = documents.into_iter().collect();
        let hunks = documents.values().flat_map(|document| &document.hunks);
        let numbers = hunks.map(|hunk| hunk.number);
        let numbers = numbers.chain(files.iter().map(|file| file.number));
        Self {
            last: numbers.max().unwrap_or_default(),
            documents,
            files,
        }
    }

    /// Notes the conflicts of a text, before its landing is delivered. `open` is the document as it is now, if it is open
    /// where the text is after the landing: then it must be what the landing was planned for.
    pub(crate) fn add_text(&mut self, text: &TextConflicts, open: Option<&Text>, source: &Source) {
        let is_before = open.is_some();
        let placed_in = open.cloned();
        let placed_in = placed_in.unwrap_or_else(|| Text::from(text.after.as_str()));
        let mut last = self.last;
        let hunks = text.conflicts.iter().map(|conflict| {
            last += 1;
            ConflictHunk {
                number: last,
                range: match is_before {
                    true => conflict.before.clone(),
                    false => conflict.after.clone(),
                },
                base: conflict.base.clone(),
                proposed: conflict.proposed.clone(),
                source: source.clone(),
                is_confirmed: false,
            }
        });
        let hunks: Vec<ConflictHunk> = hunks.collect();
        self.last = last;
        let document = self.documents.entry(text.path.clone());
        let document = document.or_insert_with(|| DocumentConflicts {
            text: placed_in.clone(),
            hunks: Vec::new(),
        });
        document.move_to(&placed_in);
        document.add(hunks);
    }

    /// Notes a file, before its landing is delivered.
    pub(crate) fn add_file(&mut self, file: &WholeFile, source: &Source) {
        self.last += 1;
        self.files.push(FileConflict {
            number: self.last,
            file: file.clone(),
            source: source.clone(),
            is_confirmed: false,
        });
    }

    /// What `errand` brings has arrived where `is_there` says so; elsewhere, and where nothing arrived, its conflicts are
    /// void. Gives back the documents with conflicts that are new.
    pub(crate) fn confirm(
        &mut self,
        errand: Errand,
        is_there: impl Fn(&Path) -> bool,
    ) -> Vec<PathBuf> {
        let mut fresh = Vec::new();
        for (path, document) in &mut self.documents {
            let is_there = is_there(path);
            document.hunks.retain_mut(|hunk| {
                let is_meant = hunk.source.errand == Some(errand) && !hunk.is_confirmed;
                hunk.is_confirmed |= is_meant && is_there;
                if is_meant && is_there && fresh.last() != Some(path) {
                    fresh.push(path.clone());
                }
                !is_meant || is_there
            });
        }
        self.files.retain_mut(|file| {
            let is_meant = file.source.errand == Some(errand) && !file.is_confirmed;
            let is_there = is_there(&file.file.path);
            file.is_confirmed |= is_meant && is_there;
            if is_meant && is_there {
                fresh.push(file.file.path.clone());
            }
            !is_meant || is_there
        });
        self.sweep();
        fresh.sort();
        fresh.dedup();
        fresh
    }

    /// A document has changed. Costs one look-up where it has no conflicts.
    pub(crate) fn carry(&mut self, path: &Path, change: &ChangeSet, after: &Text) {
        if let Some(document) = self.documents.get_mut(path) {
            document.carry(change, after);
        }
    }

    /// A document was opened, or changed unseen: its conflicts are looked for in the text as it is now.
    pub(crate) fn anchor(&mut self, path: &Path, text: &Text) {
        if let Some(document) = self.documents.get_mut(path) {
            document.move_to(text);
        }
    }

    /// The conflicts in a document that are to be shown.
    pub(crate) fn hunks(&self, path: &Path) -> impl Iterator<Item = &ConflictHunk> {
        let document = self.documents.get(path);
        let hunks = document.into_iter().flat_map(|document| &document.hunks);
        hunks.filter(|hunk| hunk.is_confirmed)
    }

    /// The files to be decided as a whole that are to be shown.
    pub(crate) fn files(&self) -> impl Iterator<Item = &FileConflict> {
        self.files.iter().filter(|file| file.is_confirmed)
    }

    /// The documents with conflicts that are to be shown, in order.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        let is_shown =
            |document: &DocumentConflicts| document.hunks.iter().any(|hunk| hunk.is_confirmed);
        let documents = self.documents.iter();
        let documents = documents.filter(|(_, document)| is_shown(document));
        let files = self.files().map(|file| file.file.path.as_path());
        let mut paths: Vec<&Path> = documents
            .map(|(path, _)| path.as_path())
            .chain(files)
            .collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// Everything that must survive this conversation.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&PathBuf, &DocumentConflicts)> {
        self.documents.iter()
    }

    /// The conflict of a text by its number: the document, the text, and the place.
    pub(crate) fn hunk(&self, number: u64) -> Option<(&Path, &Text, &ConflictHunk)> {
        let documents = self.documents.iter();
        let mut hunks = documents.flat_map(|(path, document)| {
            let hunks = document.hunks.iter();
            hunks.map(move |hunk| (path.as_path(), &document.text, hunk))
        });
        hunks.find(|(_, _, hunk)| hunk.number == number && hunk.is_confirmed)
    }

    /// The conflict of a whole file by its number.
    pub(crate) fn file(&self, number: u64) -> Option<&FileConflict> {
        self.files().find(|file| file.number == number)
    }

    /// It is decided. Gives back the document or file.
    pub(crate) fn remove(&mut self, number: u64) -> Option<PathBuf> {
        let file = self.files.iter().find(|file| file.number == number);
        let path = match file {
            Some(file) => Some(file.file.path.clone()),
            None => self.hunk(number).map(|(path, _, _)| path.to_owned()),
        };
        self.files.retain(|file| file.number != number);
        for document in self.documents.values_mut() {
            document.hunks.retain(|hunk| hunk.number != number);
        }
        self.sweep();
        path
    }

    fn sweep(&mut self) {
        self.documents
            .retain(|_, document| !document.hunks.is_empty());
    }
}

impl DocumentConflicts {
    /// Puts further conflicts in. Those that overlap what is there already stay beside it: both have to be decided.
    fn add(&mut self, hunks: Vec<ConflictHunk>) {
        self.hunks.extend(hunks);
        self.hunks
            .sort_by_key(|hunk| (hunk.range.start, hunk.range.end));
    }

    fn carry(&mut self, change: &ChangeSet, after: &Text) {
        if change.len_before() != self.text.len_bytes() {
            self.move_to(after);
            return;
        }
        let change = refined(&self.text, change, &self.hunks);
        for hunk in &mut self.hunks {
            hunk.range = carried(&hunk.range, &change);
        }
        self.text = after.clone();
    }

    fn move_to(&mut self, text: &Text) {
        if self.text == *text {
            return;
        }
        let change = diff_lines(&self.text.to_string(), &text.to_string());
        for hunk in &mut self.hunks {
            hunk.range = carried(&hunk.range, &change);
        }
        self.text = text.clone();
    }
}

/// What is typed at the start of a place belongs to it, what is typed right behind it does not: it is not lost when the
/// task's version takes the place.
fn carried(range: &Range<usize>, change: &ChangeSet) -> Range<usize> {
    let start = change.map_offset(range.start, Bias::Before);
    let end = change.map_offset(range.end, Bias::Before);
    start..end.max(start)
}

/// A change that replaces a stretch with an end of a place in its inside (a formatter's, or a reload's) says nothing of
/// where that end is now; compared line by line, it does.
fn refined(before: &Text, change: &ChangeSet, hunks: &[ConflictHunk]) -> ChangeSet {
    let is_inside =
        |edit: &Edit<'_>, offset: usize| edit.range.start < offset && offset < edit.range.end;
    let cuts = |edit: &Edit<'_>| {
        hunks
            .iter()
            .any(|hunk| is_inside(edit, hunk.range.start) || is_inside(edit, hunk.range.end))
    };
    if !change.edits().any(|edit| cuts(&edit)) {
        return change.clone();
    }
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for edit in change.edits() {
        if !cuts(&edit) {
            edits.push((edit.range.clone(), edit.insert.to_owned()));
            continue;
        }
        let finer = diff_lines(&before.slice(edit.range.clone()), edit.insert);
        let start = edit.range.start;
        edits.extend(finer.edits().map(|finer| {
            let range = start + finer.range.start..start + finer.range.end;
            (range, finer.insert.to_owned())
        }));
    }
    let edits = edits.iter().map(|(range, insert)| Edit {
        range: range.clone(),
        insert,
    });
    ChangeSet::from_edits(before.len_bytes(), edits).unwrap_or_else(|_| change.clone())
}

#[cfg(test)]
mod tests;
