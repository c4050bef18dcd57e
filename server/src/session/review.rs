//! The review of what tasks have changed: the ledger as it hears of changes, and who is told of them.
//!
//! Landings and deliveries tell it what tasks changed, the mirror what the user changed. What is shown of it is in
//! `review/report.rs`, what can be done about it in `review/actions.rs` and `review/commands.rs`, how it is undone in
//! `review/undoing.rs`, what happens on disk in `review/disk.rs`.

mod actions;
mod commands;
mod commits;
mod disk;
mod report;
mod storing;
mod undoing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use changes::{ChangeSource, FileState, HunkId, Ledger};
use rustc_hash::FxHashSet;
use text::{ChangeSet, Text};

use crate::ledger_store::LedgerStore;

use super::Session;
use commits::Commits;
use disk::Lost;
use undoing::Undoing;

pub(crate) use commits::HeadTexts;
pub(crate) use disk::FileLook;

/// What waits for the user's judgement.
#[derive(Debug, Default)]
pub(super) struct Review {
    pub(super) ledger: Ledger,
    undoing: Undoing,
    /// Why the user undid changes, by the thread that made them: told to it with its next turn.
    reasons: BTreeMap<String, Vec<String>>,
    store: Option<LedgerStore>,
    /// Whether the ledger is to be written, and an alarm is set for it.
    is_save_due: bool,
    /// Restored documents that were not compared with anything yet.
    unseen: FxHashSet<PathBuf>,
    /// Changes that were not saved before the last server ended.
    lost: Vec<Lost>,
    /// Of how many of them the user was told.
    asked_about: usize,
    is_asking: bool,
    commits: Commits,
}

impl Session {
    /// A task has changed a file, and the change was seen in the document or on disk: `None` stands for no file. What is no text
    /// cannot be judged by hunks and is left to checkpoints.
    pub(super) fn agent_changed(
        &mut self,
        path: &Path,
        before: Option<&FileState>,
        after: Option<&FileState>,
        source: &ChangeSource,
    ) {
        let (Ok(before), Ok(after)) = (self.text_of(path, before), self.text_of(path, after))
        else {
            self.review.ledger.forget(path);
            self.review_changed(path);
            return;
        };
        let ledger = &mut self.review.ledger;
        ledger.agent_changed(path, before.as_ref(), after.as_ref(), source);
        self.review_changed(path);
    }

    /// A task has renamed a file, and that was seen; `text` is what it had in it then. Changes of its text are told by
    /// [`Session::agent_changed`] afterwards, under the new path.
    pub(super) fn agent_moved(
        &mut self,
        from: &Path,
        to: &Path,
        text: &Text,
        source: &ChangeSource,
    ) {
        self.review.ledger.agent_moved(from, to, text, source);
        self.review_changed(from);
        self.review_changed(to);
    }

    /// What this turn of a thread has changed in a file is kept without asking; what others changed there still waits.
    pub(super) fn keep_changes(&mut self, path: &Path, thread: Option<&str>, turn: u32) {
        let Some(document) = self.review.ledger.document(path) else {
            return;
        };
        let is_its = |id: &HunkId| {
            let source = document.source_of(*id);
            source.is_some_and(|source| source.thread.as_deref() == thread && source.turn == turn)
        };
        let ids: Vec<HunkId> = document.ids().filter(is_its).collect();
        self.review.ledger.keep(path, &ids);
        self.review_changed(path);
    }

    /// The user has changed a document. If more than one change is told for one message of the client's, the last of them ends
    /// in the document as it is.
    pub(super) fn user_changed(&mut self, path: &Path, before: &Text, change: &ChangeSet) {
        if self.review.ledger.document(path).is_none() && !self.review.undoing.concerns(path) {
            return;
        }
        let Some(document) = self.workspace.documents().get(path) else {
            return;
        };
        let mirrored = document.text.clone();
        drop(document);
        if !self.review.see_undone(path, &mirrored) {
            let after = if ends_in(change, &mirrored) {
                mirrored
            } else {
                let mut after = before.clone();
                if after.apply(change).is_err() {
                    after = mirrored;
                }
                after
            };
            let ledger = &mut self.review.ledger;
            ledger.user_changed(path, before, change, &after);
        }
        self.review_changed(path);
    }

    /// Tells a thread what the user said, if a turn of it runs.
    fn tell_reasons(&mut self, thread: &str) {
        let Some(reasons) = self.review.reasons.get(thread) else {
            return;
        };
        if self.steer_thread(thread, worded(reasons)).is_ok() {
            self.review.reasons.remove(thread);
        }
    }

    /// What the user said about changes of this thread that were undone, in words for the agent; told once.
    pub(super) fn take_reasons(&mut self, thread: &str) -> Option<String> {
        let reasons = self.review.reasons.remove(thread)?;
        Some(worded(&reasons))
    }

    /// Something about the changes in a document is different now.
    fn review_changed(&mut self, path: &Path) {
        self.publish_diagnostics(path);
        self.save_ledger_soon();
    }

    /// The text of a state, as the rope of the open document where that has the same text; an error for what is no text.
    fn text_of(&self, path: &Path, state: Option<&FileState>) -> Result<Option<Text>, ()> {
        let Some(state) = state else {
            return Ok(None);
        };
        let text = Text::from(state.text().ok_or(())?);
        let document = self.workspace.documents().get(path);
        let mirrored = document.filter(|document| document.text == text);
        Ok(Some(
            mirrored.map_or(text, |document| document.text.clone()),
        ))
    }
}

fn worded(reasons: &[String]) -> String {
    let reasons = reasons.join("\n");
    format!("The user has undone some of your changes:\n\n{reasons}")
}

/// Whether `text` is what `change` results in, as far as can be told from the change alone.
fn ends_in(change: &ChangeSet, text: &Text) -> bool {
    let mut moved = 0_isize;
    change.len_after() == text.len_bytes()
        && change.edits().all(|edit| {
            let start = edit.range.start.saturating_add_signed(moved);
            moved += edit.insert.len() as isize - edit.range.len() as isize;
            text.slice(start..start + edit.insert.len()) == edit.insert
        })
}
