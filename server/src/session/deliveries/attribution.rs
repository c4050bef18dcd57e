//! Who made a change that the client reports while deliveries are on their way, and who is told of it.
//!
//! A landing's part is the task's, and the ledger keeps its base; what comes back from a checkpoint is the user's own text;
//! and the review recognises its own undoing in what it is told as the user's.

use std::path::Path;

use changes::{FileChange, FileState};
use text::{ChangeSet, Text, diff_lines};

use crate::delivery::expectation::Author;
use crate::delivery::{Purpose, file_state, file_states};

use super::Session;

/// What a delivery has made of a document.
struct Seen {
    /// The text before anything of the user's came to it.
    ours: Text,
    /// Whether there was a file before.
    existed: bool,
}

impl Session {
    /// A document has changed: by a delivery of ours, or by its user, or both.
    pub(in crate::session) fn note_change(
        &mut self,
        path: &Path,
        before: &Text,
        change: &ChangeSet,
    ) {
        let Some(numbers) = self.deliveries.expecting(path) else {
            return self.user_changed(path, before, change);
        };
        let numbers = numbers.to_vec();
        let Some(now) = self.document_text(path) else {
            return;
        };
        // All are told, since the text has moved for all of them; only one of them can be the author.
        let mut delivered = None;
        for number in &numbers {
            let seen = self.see_document(*number, path, &now);
            delivered = delivered.or(seen.map(|seen| (*number, seen)));
        }
        match delivered {
            None => self.user_changed(path, before, change),
            Some((number, _)) if self.is_told_whole(number) => {
                self.user_changed(path, before, change);
            }
            Some((number, seen)) => {
                let before = seen.existed.then(|| file_state(before));
                self.tell_ours(number, path, before, Some(file_state(&seen.ours)));
                self.tell_rest(path, &seen.ours, &now);
            }
        }
        for number in numbers {
            self.go_on_if_made(number);
        }
    }

    /// A document was opened, which is how some clients show that they changed it.
    pub(in crate::session) fn note_open(&mut self, path: &Path) {
        let Some(numbers) = self.deliveries.expecting(path) else {
            return;
        };
        let numbers = numbers.to_vec();
        let Some(now) = self.document_text(path) else {
            return;
        };
        for number in numbers {
            self.see_opened(number, path, &now);
            self.go_on_if_made(number);
        }
    }

    fn see_opened(&mut self, number: u64, path: &Path, now: &Text) {
        let under_way = self.deliveries.get_mut(number);
        let Some(progress) = under_way.and_then(|it| it.progress_mut(path)) else {
            return;
        };
        let before = progress.last_seen().clone();
        let existed = progress.existed();
        let renamed_from = progress.see_name(path).map(Path::to_path_buf);
        let author = progress.see_opened(path, now);
        if let Some(from) = renamed_from {
            self.tell_renamed(number, &from, path, &before);
        }
        if let Author::Delivery(ours) = author {
            let before = existed.then(|| file_state(&before));
            self.tell_ours(number, path, before, Some(file_state(&ours)));
            self.tell_rest(path, &ours, now);
        }
    }

    /// Lets one delivery see what a document has become; gives what it has made of it, if anything.
    fn see_document(&mut self, number: u64, path: &Path, now: &Text) -> Option<Seen> {
        let under_way = self.deliveries.get_mut(number)?;
        let progress = under_way.progress_mut(path)?;
        let existed = progress.existed();
        match progress.see_document(path, now) {
            Author::User => None,
            Author::Delivery(ours) => Some(Seen { ours, existed }),
        }
    }

    /// What the user did besides.
    fn tell_rest(&mut self, path: &Path, ours: &Text, now: &Text) {
        if ours != now {
            let change = diff_lines(&ours.to_string(), &now.to_string());
            self.user_changed(path, ours, &change);
        }
    }

    /// A delivery has changed a file: `None` stands for no file.
    pub(super) fn tell_ours(
        &mut self,
        number: u64,
        path: &Path,
        before: Option<FileState>,
        after: Option<FileState>,
    ) {
        let Some(delivery) = self.deliveries.get_mut(number).map(|it| &it.delivery) else {
            return;
        };
        match (&delivery.purpose, delivery.source.clone()) {
            (Purpose::Landing(_) | Purpose::InlineEdit(_), Some(source)) => {
                self.agent_changed(path, before.as_ref(), after.as_ref(), &source);
            }
            _ => {
                let text = |state: Option<FileState>| state?.text().map(str::to_owned);
                if let (Some(before), Some(after)) = (text(before), text(after)) {
                    let change = diff_lines(&before, &after);
                    self.user_changed(path, &Text::from(before), &change);
                }
            }
        }
    }

    /// A delivery has given a file with this text another name.
    pub(super) fn tell_renamed(&mut self, number: u64, from: &Path, to: &Path, text: &Text) {
        let delivery = self.deliveries.get_mut(number).map(|it| &it.delivery);
        let source = delivery.and_then(|delivery| delivery.source.clone());
        if let Some(source) = source {
            self.agent_moved(from, to, text, &source);
        }
    }

    /// A file was written on disk.
    pub(super) fn tell_written(&mut self, number: u64, file: &FileChange) {
        let (before, after) = file_states(file);
        let text = before.as_ref().and_then(FileState::text).map(Text::from);
        if let (Some(from), Some(text)) = (&file.renamed_from, text) {
            self.tell_renamed(number, from, &file.path, &text);
        }
        self.tell_ours(number, &file.path, before, after);
    }

    /// Whether all of a change is told as one, whoever made it.
    fn is_told_whole(&mut self, number: u64) -> bool {
        let under_way = self.deliveries.get_mut(number);
        under_way.is_some_and(|it| {
            !matches!(
                it.delivery.purpose,
                Purpose::Landing(_) | Purpose::InlineEdit(_)
            )
        })
    }

    fn document_text(&self, path: &Path) -> Option<Text> {
        let document = self.workspace.documents().get(path)?;
        Some(document.text.clone())
    }
}
