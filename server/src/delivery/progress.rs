//! How far the client is with one file of a delivery. Pure: told what is seen, says what that means.

use std::path::Path;

use changes::FileState;
use text::Text;

use super::expectation::{Author, Expectation};
use super::inspection::OnDisk;
use super::workspace_edit::EditorChange;

/// A file on its way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Progress {
    pub(crate) change: EditorChange,
    expectation: Expectation,
    /// Whether anything of ours was seen in it.
    has_ours: bool,
    /// Whether the user changed it meanwhile.
    is_moved_on: bool,
    is_renamed: bool,
    is_done: bool,
}

impl Progress {
    /// Before the client is asked.
    pub(crate) fn new(change: EditorChange) -> Self {
        let before = change.before.clone().unwrap_or_default();
        let after = change.after.clone().unwrap_or_else(|| before.clone());
        Self {
            expectation: Expectation::new(before, after),
            change,
            has_ours: false,
            is_moved_on: false,
            is_renamed: false,
            is_done: false,
        }
    }

    /// Whether it is as it should be.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whether anything of ours was seen in it.
    pub(crate) fn has_ours(&self) -> bool {
        self.has_ours
    }

    /// Whether the user changed it meanwhile.
    pub(crate) fn is_moved_on(&self) -> bool {
        self.is_moved_on
    }

    /// Whether there is a file, ours or another, as far as was seen.
    pub(crate) fn existed(&self) -> bool {
        self.change.before.is_some() || self.has_ours
    }

    /// Whether it is the file at `path`, before or after the change.
    pub(crate) fn concerns(&self, path: &Path) -> bool {
        self.change.path == path || self.change.renamed_from.as_deref() == Some(path)
    }

    /// Its document at `path` is now `now`.
    pub(crate) fn see_document(&mut self, path: &Path, now: &Text) -> Author {
        if self.change.after.is_none() {
            self.is_moved_on |= self.expectation.current() != now;
            self.expectation = Expectation::new(now.clone(), now.clone());
            return Author::User;
        }
        let author = self.expectation.see(now);
        match &author {
            Author::User => self.is_moved_on = true,
            Author::Delivery(ours) => {
                self.has_ours = true;
                self.is_moved_on |= ours != now;
            }
        }
        // Under its old name the document is not where it should be yet.
        self.is_done |= self.expectation.is_met() && path == self.change.path;
        author
    }

    /// Its document was opened as `now`: a text as it was is no change.
    pub(crate) fn see_opened(&mut self, path: &Path, now: &Text) -> Author {
        // Neovim shows a new buffer as one empty line.
        let is_new = !self.existed() && self.expectation.current().is_empty();
        if is_new && matches!(&*now.to_string(), "\n" | "\r\n") {
            let after = self.change.after.clone().unwrap_or_default();
            self.expectation = Expectation::new(now.clone(), after);
            return Author::User;
        }
        if self.expectation.current() != now {
            return self.see_document(path, now);
        }
        self.is_done |= self.expectation.is_met()
            && path == self.change.path
            && self.change.renamed_from.is_some();
        Author::User
    }

    /// The file was seen under its new name; where it was before, if that is news.
    pub(crate) fn see_name(&mut self, path: &Path) -> Option<&Path> {
        let from = self.change.renamed_from.as_deref()?;
        if path != self.change.path || self.is_renamed {
            return None;
        }
        self.is_renamed = true;
        self.has_ours = true;
        Some(from)
    }

    /// The document as it was when it was last seen.
    pub(crate) fn last_seen(&self) -> &Text {
        self.expectation.current()
    }

    /// What is on disk where the file was and where it shall be; says whether that shows something new of ours.
    pub(crate) fn see_disk(&mut self, source: Option<&OnDisk>, target: Option<&OnDisk>) -> bool {
        let is_gone = |found: Option<&OnDisk>| matches!(found, Some(OnDisk::Absent(_)));
        let is_moved = self.change.renamed_from.is_none() || is_gone(source);
        let is_as_expected = match &self.change.after {
            None => is_gone(target),
            Some(after) => is_moved && target.is_some_and(|found| has_text(found, after)),
        };
        let is_news = is_as_expected && !self.expectation.is_met();
        self.is_done |= is_as_expected;
        self.has_ours |= is_as_expected;
        is_news || (is_as_expected && self.change.after.is_none())
    }
}

fn has_text(found: &OnDisk, text: &Text) -> bool {
    match found {
        OnDisk::File(state) => {
            FileState::text(state).is_some_and(|found| *text == Text::from(found))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
