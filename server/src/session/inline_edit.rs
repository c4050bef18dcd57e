//! Inline edits under way: started by a command, written by the model on a thread, carried along while the user types
//! elsewhere, and put into the document by one delivery.
//!
//! **Invariants**
//! - A selection in which the user has typed meanwhile is never replaced; the new text is shown instead.
//! - Each edit ends exactly once, with its progress.

mod offers;
mod telling;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use changes::ChangeSource;
use protocol::InlineEditState;
use serde_json::{Value, json};
use text::{Bias, ChangeSet, Text};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::commands::InlineEditCommand;
use crate::delivery::{Confirmation, DeliveredFile, Delivery, Outcome, Purpose, file_state};
use crate::inline_edit::{
    self, Canceller, Failure, InlineEditEvent, InlineWork, Prompt, Slot, fitted, growing,
    wanted_text,
};
use crate::tasks::goal::quote::fenced;
use crate::tasks::worker::Crew;

use super::Session;

/// How long the end of the conversation waits for the threads.
const PATIENCE: Duration = Duration::from_secs(1);

/// So often an edit is made anew because the user typed elsewhere at the same moment.
const MOST_TRIES: u32 = 8;

/// In characters, as lists and the editor's undo show it.
const LONGEST_TITLE: usize = 60;

/// The inline edits of this conversation.
#[derive(Default)]
pub(super) struct InlineEdits {
    /// The number of the last one.
    last: u32,
    under_way: BTreeMap<u32, InlineEdit>,
    crew: Crew,
}

/// One that is under way.
struct InlineEdit {
    path: PathBuf,
    title: String,
    /// What is to be replaced, as the model was told of it.
    selected: String,
    /// Where that is now, in bytes, the end excluded.
    range: Range<usize>,
    fence: usize,
    /// All that the model has written so far.
    answer: String,
    /// While the model writes; dropping it ends that.
    canceller: Option<Canceller>,
    /// How often it was sent to the client.
    tries: u32,
    is_progress_shown: bool,
}

/// How an edit has ended.
enum End {
    Applied,
    Stopped,
    /// With the reason, a sentence.
    Failed(String),
}

impl InlineEdits {
    /// A document has changed: the selections in it move along.
    pub(super) fn carry(&mut self, path: &Path, change: &ChangeSet) {
        for edit in self.under_way.values_mut() {
            if edit.path == path {
                let start = change.map_offset(edit.range.start, Bias::After);
                let end = change.map_offset(edit.range.end, Bias::Before);
                edit.range = start..end.max(start);
            }
        }
    }

    /// Ends all threads.
    pub(super) fn end(&mut self) {
        self.under_way.clear();
        self.crew.wait(PATIENCE);
    }
}

impl InlineEdit {
    fn slot(&self, text: &Text) -> Slot {
        Slot::of(text, &self.range)
    }

    fn is_selection_untouched(&self, text: &Text) -> bool {
        self.range.end <= text.len_bytes()
            && text.is_char_boundary(self.range.start)
            && text.is_char_boundary(self.range.end)
            && text.slice(self.range.clone()) == self.selected
    }
}

impl Session {
    /// Carries out a command about inline edits.
    pub(super) fn run_inline_edit_command(&mut self, command: InlineEditCommand) -> Result<Value> {
        match command {
            InlineEditCommand::Edit(options) => {
                if self.settings.is_incomplete {
                    let problems = self.settings.problems.join("\n");
                    return Err(refused(format!(
                        "the settings cannot be used, and they say which model gets to see the code; mend them and try again:\n{problems}"
                    )));
                }
                let wish = self.inline_edit_wish(&options)?;
                let number = self.start_inline_edit(wish)?;
                Ok(json!({ "inlineEdit": number }))
            }
            InlineEditCommand::Stop(None) => {
                self.stop_inline_edits();
                Ok(Value::Null)
            }
            InlineEditCommand::Stop(Some(number)) => {
                if !self.inline_edits.under_way.contains_key(&number) {
                    return Err(refused(format!("no inline edit {number} is under way")));
                }
                self.end_inline_edit(number, End::Stopped);
                Ok(Value::Null)
            }
        }
    }

    /// Stops all that are under way. What the client was asked to apply already may still come.
    pub(super) fn stop_inline_edits(&mut self) {
        let numbers: Vec<u32> = self.inline_edits.under_way.keys().copied().collect();
        for number in numbers {
            self.end_inline_edit(number, End::Stopped);
        }
    }

    /// Something happened to an edit, which may be over by now.
    pub(super) fn inline_edit_event(&mut self, event: InlineEditEvent) {
        match event {
            InlineEditEvent::ProgressAllowed(number, answer) => {
                self.begin_inline_edit_progress(number, &answer);
            }
            InlineEditEvent::Grown(number, answer) => {
                if let Some(edit) = self.inline_edits.under_way.get_mut(&number) {
                    edit.answer = answer;
                    self.tell_inline_edit_grows(number);
                }
            }
            InlineEditEvent::Ended(number, Ok(answer)) => {
                if let Some(edit) = self.inline_edits.under_way.get_mut(&number) {
                    edit.answer = answer;
                    edit.canceller = None;
                    self.place_inline_edit(number);
                }
            }
            InlineEditEvent::Ended(number, Err(Failure { reason, so_far })) => {
                if let Some(edit) = self.inline_edits.under_way.get_mut(&number) {
                    edit.answer = so_far;
                    self.end_inline_edit(number, End::Failed(reason));
                }
            }
        }
    }

    /// The delivery of an edit is over.
    pub(super) fn inline_edit_delivered(&mut self, number: u32, outcome: Outcome) {
        let Some(edit) = self.inline_edits.under_way.get(&number) else {
            return;
        };
        let end = match outcome {
            Outcome::Delivered => End::Applied,
            Outcome::Stale(_) if edit.tries < MOST_TRIES => return self.place_inline_edit(number),
            Outcome::Stale(_) => {
                End::Failed("the document changed each time the edit was to be applied".to_owned())
            }
            Outcome::Refused(reason) if reason.is_empty() => {
                End::Failed("the editor did not apply it".to_owned())
            }
            Outcome::Refused(reason) => End::Failed(reason),
            Outcome::Partly { missing, .. } => {
                let reasons = missing.into_iter().map(|(_, reason)| reason);
                let reasons: Vec<String> = reasons.collect();
                End::Failed(format!("the document {}", reasons.join("; ")))
            }
        };
        self.end_inline_edit(number, end);
    }

    fn start_inline_edit(&mut self, wish: offers::Wish) -> Result<u32> {
        let number = self.inline_edits.last + 1;
        let prompt: Prompt = wish.prompt;
        let fence = prompt.fence;
        let work = InlineWork {
            number,
            prompt,
            config: self.settings.config.clone(),
        };
        let started = inline_edit::start(work, &self.inline_edits.crew, self.events.clone());
        let canceller = started
            .map_err(|error| refused(format!("the system gives no thread for it: {error}")))?;
        self.inline_edits.last = number;
        let edit = InlineEdit {
            path: wish.path,
            title: crate::tasks::problem::shortened(&wish.instruction, LONGEST_TITLE),
            selected: wish.selected,
            range: wish.range,
            fence,
            answer: String::new(),
            canceller: Some(canceller),
            tries: 0,
            is_progress_shown: false,
        };
        self.inline_edits.under_way.insert(number, edit);
        self.ask_for_inline_edit_progress(number);
        self.tell_inline_edit(number, InlineEditState::Writing, None);
        Ok(number)
    }

    /// Sends the new text to the client, for the document as it is now.
    fn place_inline_edit(&mut self, number: u32) {
        match self.inline_delivery(number) {
            Ok(delivery) => {
                self.tell_inline_edit(number, InlineEditState::Applying, None);
                self.deliver(delivery);
            }
            Err(reason) => self.end_inline_edit(number, End::Failed(reason)),
        }
    }

    fn inline_delivery(&mut self, number: u32) -> std::result::Result<Delivery, String> {
        let edit = self.inline_edits.under_way.get_mut(&number);
        let edit = edit.ok_or("it is over")?;
        let document = self.workspace.documents().get(&edit.path);
        let document = document.ok_or("the document was closed meanwhile")?;
        if self.out_of_step.contains(&edit.path) {
            return Err(
                "the editor sent a change that cannot be understood: reopen the file".into(),
            );
        }
        if !edit.is_selection_untouched(&document.text) {
            return Err("you have typed in the selection meanwhile".to_owned());
        }
        let new = wanted_text(&edit.answer, edit.fence);
        let new = fitted(&new, &edit.slot(&document.text));
        if new.is_empty() {
            return Err("the model's answer is empty".to_owned());
        }
        if new == edit.selected {
            return Err("the model sees nothing to change".to_owned());
        }
        let mut after = document.text.clone();
        after.replace(edit.range.clone(), &new);
        edit.tries += 1;
        Ok(Delivery {
            label: edit.title.clone(),
            purpose: Purpose::InlineEdit(number),
            confirmation: Confirmation::Unasked,
            source: Some(ChangeSource {
                title: edit.title.clone(),
                thread: None,
                turn: 1,
            }),
            files: vec![DeliveredFile {
                path: edit.path.clone(),
                renamed_from: None,
                before: Some(file_state(&document.text)),
                after: Some(file_state(&after)),
            }],
        })
    }

    /// The one end of an edit. Text that has no place any more is shown, so that it is not lost.
    fn end_inline_edit(&mut self, number: u32, end: End) {
        let (state, message) = match end {
            End::Applied => (InlineEditState::Applied, None),
            End::Stopped => (InlineEditState::Stopped, None),
            End::Failed(reason) => (InlineEditState::Failed, Some(reason)),
        };
        self.tell_inline_edit(number, state, message.clone());
        self.end_inline_edit_progress(number, state);
        let Some(edit) = self.inline_edits.under_way.remove(&number) else {
            return;
        };
        let Some(reason) = message else {
            return;
        };
        self.warn_of_inline_edit(&edit.title, &reason);
        let new = match edit.canceller {
            Some(_) => growing(&edit.answer, edit.fence).unwrap_or_default(),
            None => wanted_text(&edit.answer, edit.fence),
        };
        if !new.trim().is_empty() && new.trim() != edit.selected.trim() {
            let markdown = format!(
                "Not applied: {reason}. This is what was written:\n\n{}",
                fenced(&new, "")
            );
            self.show_text(&format!("Inline edit: {}", edit.title), &markdown);
        }
    }
}

fn refused(message: impl Into<String>) -> Error {
    Error::invalid_params(message.into())
}
