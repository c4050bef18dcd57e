//! What is remembered of chats: those whose documents are open, and those in which an answer is being written.

use std::ops::Range;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use text::{Bias, ChangeSet};

use crate::chat::answer::Answer;
use crate::chat::format::{self, LineBreak};
use crate::chat::growth::Growth;
use crate::chat::placement::Placement;
use crate::chat::worker::ChatWorker;
use crate::event::EventSender;
use crate::tasks::{Continued, TaskId};

/// All chats.
pub(in crate::session) struct Chats {
    state_folder: Option<PathBuf>,
    /// Where their documents are, under each name that the folder has.
    folders: Vec<PathBuf>,
    worker: Option<ChatWorker>,
    chats: FxHashMap<PathBuf, Chat>,
    /// Used last.
    last: Option<PathBuf>,
    last_number: u64,
}

/// One chat.
pub(super) struct Chat {
    /// Names it in alarms.
    pub(super) number: u64,
    /// The agent's thread, once there is one.
    pub(super) thread: Option<String>,
    /// The task of this conversation that has it.
    pub(super) task: Option<TaskId>,
    /// Where what was not sent yet begins, in bytes of the open document; found by the headings without it.
    pub(super) draft_start: Option<usize>,
    /// The turn that is being answered.
    pub(super) turn: Option<ChatTurn>,
    /// The last edit that was to bring the document up to date, until it is seen that nothing is missing.
    pub(super) catch_up: Option<u64>,
    /// How often that may still be tried.
    pub(super) tries_left: u32,
}

/// A turn that is being answered.
pub(super) struct ChatTurn {
    pub(super) message: String,
    pub(super) answer: Answer,
    /// Nothing more will be said.
    pub(super) is_over: bool,
    pub(super) place: Placement,
    pub(super) line_break: LineBreak,
    /// Where it grows, while the document is open.
    pub(super) growth: Option<Growth>,
    /// The edit that was sent and not seen yet.
    pub(super) edit: Option<u64>,
    /// Edits in a row that came to nothing.
    pub(super) failures: u32,
    /// Whether an alarm is set to write more.
    pub(super) is_growing_soon: bool,
    /// Whether the user was told that nothing else is sent meanwhile.
    has_told_to_wait: bool,
}

impl Chats {
    /// Chats that are kept below `state_folder`.
    pub(in crate::session) fn new(state_folder: Option<PathBuf>) -> Self {
        let folder = state_folder.as_ref().map(|folder| folder.join("chats"));
        Self {
            folders: folder.into_iter().collect(),
            state_folder,
            worker: None,
            chats: FxHashMap::default(),
            last: None,
            last_number: 0,
        }
    }

    /// Whether a document is a chat: by where it lies.
    pub(super) fn is_chat(&self, path: &Path) -> bool {
        let folder = path.parent();
        folder.is_some_and(|parent| self.folders.iter().any(|folder| folder == parent))
            && path.extension().is_some_and(|extension| extension == "md")
    }

    /// The worker, started when it is needed first.
    pub(super) fn worker(&mut self, events: &EventSender) -> Option<&ChatWorker> {
        if self.worker.is_none() {
            let state_folder = self.state_folder.clone()?;
            self.worker = Some(ChatWorker::start(state_folder, events.clone()));
        }
        self.worker.as_ref()
    }

    /// The next number for an alarm or an edit.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    pub(super) fn get(&self, path: &Path) -> Option<&Chat> {
        self.chats.get(path)
    }

    pub(super) fn get_mut(&mut self, path: &Path) -> Option<&mut Chat> {
        self.chats.get_mut(path)
    }

    /// The chat of a document with this text.
    pub(super) fn get_or_insert(&mut self, path: &Path, text: &str) -> &mut Chat {
        let number = self.next_number();
        self.chats
            .entry(path.to_path_buf())
            .or_insert_with(|| Chat {
                number,
                thread: format::thread(text).map(str::to_owned),
                task: None,
                draft_start: None,
                turn: None,
                catch_up: None,
                tries_left: 0,
            })
    }

    /// The chats that have a thread, with their documents, open or not.
    pub(super) fn with_threads(&self) -> impl Iterator<Item = (&Path, &str)> {
        let chats = self.chats.iter();
        chats.filter_map(|(path, chat)| Some((path.as_path(), chat.thread.as_deref()?)))
    }

    /// The document whose chat has this number.
    pub(super) fn path_of_number(&self, number: u64) -> Option<PathBuf> {
        let mut chats = self.chats.iter();
        chats.find_map(|(path, chat)| (chat.number == number).then(|| path.clone()))
    }

    /// The document that waits for this edit.
    pub(super) fn path_of_edit(&self, edit: u64) -> Option<PathBuf> {
        let is_waiting = |chat: &Chat| {
            let turn = chat.turn.as_ref();
            chat.catch_up == Some(edit) || turn.is_some_and(|turn| turn.edit == Some(edit))
        };
        let mut chats = self.chats.iter();
        chats.find_map(|(path, chat)| is_waiting(chat).then(|| path.clone()))
    }

    /// The document in which a task answers.
    pub(super) fn path_of(&self, task: TaskId) -> Option<PathBuf> {
        let mut chats = self.chats.iter();
        chats.find_map(|(path, chat)| (chat.task == Some(task)).then(|| path.clone()))
    }

    /// The document of a thread, by the beginning of its id.
    pub(super) fn path_of_thread(&self, id: &str) -> Option<PathBuf> {
        let is_it = |chat: &Chat| {
            chat.thread
                .as_ref()
                .is_some_and(|thread| thread.starts_with(id))
        };
        let mut chats = self.chats.iter();
        chats.find_map(|(path, chat)| is_it(chat).then(|| path.clone()))
    }

    /// The chat that was used last.
    pub(super) fn at_hand(&self) -> Option<&Path> {
        self.last.as_deref()
    }

    /// This one is used now.
    pub(super) fn note_use(&mut self, path: &Path) {
        self.last = Some(path.to_path_buf());
    }
}

impl Chat {
    /// Whether its turns are those of `task`.
    pub(super) fn is_of(&self, task: TaskId) -> bool {
        // The first events may come before the task's number is noted.
        self.task.is_none_or(|known| known == task)
    }

    /// What the next turn goes on with: the task, where it is still known.
    pub(super) fn continued(&self, task: Option<TaskId>) -> Option<Continued> {
        let thread = || self.thread.clone().map(Continued::Thread);
        task.map(Continued::Task).or_else(thread)
    }

    /// What is written and not sent yet, in bytes of the document's text.
    pub(super) fn draft(&self, text: &str) -> Range<usize> {
        match self.draft_start {
            Some(start) if text.is_char_boundary(start) => format::without_heading(text, start),
            _ => format::draft(text),
        }
    }

    /// The document has changed.
    pub(super) fn note_change(&mut self, change: &ChangeSet) {
        let start = self.draft_start.as_mut();
        if let Some(start) = start {
            *start = change.map_offset(*start, Bias::Before);
        }
    }
}

impl ChatTurn {
    /// A turn that `message` begins; its answer comes to `place`.
    pub(super) fn new(
        message: &str,
        place: Placement,
        line_break: LineBreak,
        thread: Option<String>,
    ) -> Self {
        let growth = Growth::new(place.start, place.delivered.clone());
        Self {
            message: message.to_owned(),
            answer: Answer::in_document_of(thread),
            is_over: false,
            place,
            line_break,
            growth: Some(growth),
            edit: None,
            failures: 0,
            is_growing_soon: false,
            has_told_to_wait: false,
        }
    }

    /// What an opened document of this `text` has of the answer, as far as we can know: all of it, where the worker wrote the
    /// file before it was opened and has not said so yet, else what was delivered.
    pub(super) fn known_in(&self, text: &str) -> String {
        let written = Placement::after_message(0, "").whole(&self.answer.render(), self.line_break);
        match self.is_over && text.contains(&written) {
            true => written,
            false => self.place.delivered.clone(),
        }
    }

    /// Whether the user has written more below the answer in the document of this `text`, and saves that for the first time.
    pub(super) fn has_news(&mut self, text: &str) -> bool {
        let Some(growth) = &self.growth else {
            return false;
        };
        let below = text.get(growth.range().end..).unwrap_or_default();
        let is_news = !growth.range().is_empty() && !below.trim().is_empty();
        is_news && !std::mem::replace(&mut self.has_told_to_wait, true)
    }

    /// All that shall stand in the document.
    pub(super) fn whole(&self) -> String {
        self.place.whole(&self.answer.render(), self.line_break)
    }
}
