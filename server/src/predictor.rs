//! The predictor's thread: owns the embedded engine and serves it documents, indexes and questions, strictly in order.
//!
//! Driven by the session. A question sees exactly the text that was sent before it, because both come through one queue.
//! A panic in the engine costs one answer: the engine is built anew from the documents that are open.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use predict::{
    Engine, EngineOptions, Index, Jumps, Outcome, SuggestOptions, SuggestQuery, Suggestion,
};
use protocol::SuggestionReport;
use rustc_hash::FxHashMap;
use syntax::TextKind;
use text::{ChangeSet, Text};

use crate::config::{CompletionConfig, Preset};
use crate::event::{Event, EventSender};
use crate::parser::TreeTable;
use crate::suggestion_reply::SuggestionReply;

/// How long one answer may take; then what is sure so far is offered.
const DEADLINE: Duration = Duration::from_millis(5);

/// When nothing was asked for so long, the user is reading or thinking.
const IDLE: Duration = Duration::from_millis(150);

/// The way to the predictor's thread.
pub(crate) struct Predictor {
    messages: Sender<Message>,
    thread: JoinHandle<()>,
}

/// A question to the engine, with everything that its answer needs.
pub(crate) struct SuggestJob {
    pub(crate) path: PathBuf,
    pub(crate) text: Text,
    /// The cursor, in bytes.
    pub(crate) offset: usize,
    pub(crate) settings: SuggestSettings,
    pub(crate) trees: TreeTable,
    pub(crate) received: Instant,
    pub(crate) reply: Box<dyn SuggestionReply>,
    pub(crate) events: EventSender,
}

/// The settings that matter for one question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SuggestSettings {
    pub(crate) preset: Preset,
    pub(crate) min_characters: Option<usize>,
    pub(crate) max_lines: usize,
    pub(crate) in_comments: bool,
    pub(crate) in_strings: bool,
}

enum Message {
    Open(PathBuf, Text),
    Change {
        path: PathBuf,
        old: Text,
        new: Text,
        change: ChangeSet,
    },
    Close(PathBuf),
    Index(Arc<Index>),
    Suggest(Box<SuggestJob>),
    Stop,
}

impl Predictor {
    /// Starts the thread with an engine that has learned nothing.
    pub(crate) fn start() -> Self {
        let (messages, queue) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("predictor".into())
            .spawn(move || Worker::default().run(&queue))
            .expect("the system can start a thread at start-up");
        Self { messages, thread }
    }

    /// Learns an open document.
    pub(crate) fn open(&self, path: &Path, text: Text) {
        self.send(Message::Open(path.to_path_buf(), text));
    }

    /// Learns an edit.
    pub(crate) fn change(&self, path: &Path, old: Text, new: Text, change: ChangeSet) {
        self.send(Message::Change {
            path: path.to_path_buf(),
            old,
            new,
            change,
        });
    }

    /// Forgets a document.
    pub(crate) fn close(&self, path: &Path) {
        self.send(Message::Close(path.to_path_buf()));
    }

    /// Uses what was learned from the workspace.
    pub(crate) fn set_index(&self, index: Arc<Index>) {
        self.send(Message::Index(index));
    }

    /// Answers a question when its turn comes, through the job's reply.
    pub(crate) fn suggest(&self, job: SuggestJob) {
        self.send(Message::Suggest(Box::new(job)));
    }

    /// Ends the thread.
    pub(crate) fn stop(self) {
        self.send(Message::Stop);
        drop(self.thread.join());
    }

    fn send(&self, message: Message) {
        drop(self.messages.send(message));
    }
}

/// The thread's state: the engine, and what it takes to build it again.
struct Worker {
    engine: Engine,
    documents: FxHashMap<PathBuf, Text>,
    index: Option<Arc<Index>>,
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            engine: new_engine(),
            documents: FxHashMap::default(),
            index: None,
        }
    }
}

/// What the thread does next.
enum Next {
    Message(Message),
    Idle,
    End,
}

fn new_engine() -> Engine {
    Engine::new(EngineOptions {
        jumps: Jumps::Quick,
        ..EngineOptions::default()
    })
}

fn isolate(work: impl FnOnce()) -> std::thread::Result<()> {
    std::panic::catch_unwind(AssertUnwindSafe(work))
}

impl Worker {
    fn run(mut self, queue: &Receiver<Message>) {
        loop {
            let handled = match self.next(queue) {
                Next::Message(Message::Stop) | Next::End => return,
                Next::Message(message) => isolate(|| self.handle(message)),
                Next::Idle => isolate(|| self.engine.settle()),
            };
            if handled.is_err() {
                tracing::error!("the completion engine failed; it is built anew");
                self.rebuild();
            }
        }
    }

    /// The next message, or the news that none came for a while and there is something to do meanwhile.
    fn next(&self, queue: &Receiver<Message>) -> Next {
        if self.engine.is_settled() {
            return queue.recv().map_or(Next::End, Next::Message);
        }
        match queue.recv_timeout(IDLE) {
            Ok(message) => Next::Message(message),
            Err(RecvTimeoutError::Timeout) => Next::Idle,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Open(path, text) => {
                self.documents.insert(path.clone(), text.clone());
                self.engine.open(&path, &text);
            }
            Message::Change {
                path,
                old,
                new,
                change,
            } => {
                // A document that may not be learned from was never opened here.
                if let Some(text) = self.documents.get_mut(&path) {
                    *text = new.clone();
                    self.engine.change(&path, &old, &new, &change);
                }
            }
            Message::Close(path) => {
                self.documents.remove(&path);
                self.engine.close(&path);
            }
            Message::Index(index) => {
                self.index = Some(Arc::clone(&index));
                self.engine.set_index(index);
            }
            Message::Suggest(job) => self.suggest(*job),
            Message::Stop => {}
        }
    }

    /// The report goes out before the answer, so that a client that asks for the status afterwards finds it there.
    fn suggest(&mut self, job: SuggestJob) {
        let answer = self.answer(&job);
        let elapsed = job.received.elapsed().as_micros();
        job.events.send(Event::Suggested(SuggestionReport {
            offered: answer.is_ok(),
            reason: answer.as_ref().err().cloned(),
            confidence: answer.as_ref().ok().map(|suggestion| suggestion.confidence),
            microseconds: u64::try_from(elapsed).unwrap_or(u64::MAX),
        }));
        match answer {
            Ok(suggestion) => job.reply.send(&suggestion),
            Err(_) => job.reply.send_nothing(),
        }
    }

    /// The suggestion, or a sentence that says why there is none.
    fn answer(&mut self, job: &SuggestJob) -> Result<Suggestion, String> {
        if let Some(reason) = job.forbidden_place() {
            return Err(reason);
        }
        let query = SuggestQuery {
            path: &job.path,
            text: &job.text,
            offset: job.offset,
            options: &job.settings.options(),
        };
        match self.engine.suggest(&query, &|| job.reply.is_cancelled()) {
            Outcome::Suggestion(suggestion) => Ok(suggestion),
            Outcome::Silent(reason) => Err(reason.to_string()),
        }
    }

    fn rebuild(&mut self) {
        self.engine = new_engine();
        if let Some(index) = &self.index {
            self.engine.set_index(Arc::clone(index));
        }
        let engine = &mut self.engine;
        self.documents
            .retain(|path, text| isolate(|| engine.open(path, text)).is_ok());
    }
}

impl SuggestJob {
    /// Whether the settings forbid suggestions in such a place; the tree is asked only when it matters.
    fn forbidden_place(&self) -> Option<String> {
        if self.settings.in_comments && self.settings.in_strings {
            return None;
        }
        let (is_allowed, setting) = match self.trees.kind_at(&self.path, &self.text, self.offset)? {
            TextKind::Comment => (self.settings.in_comments, "in_comments"),
            TextKind::String => (self.settings.in_strings, "in_strings"),
            TextKind::Code => return None,
        };
        (!is_allowed).then(|| format!("switched off here by the setting `completion.{setting}`"))
    }
}

impl SuggestSettings {
    /// The same as the engine takes them.
    pub(crate) fn options(self) -> SuggestOptions {
        let mut options = SuggestOptions::preset(match self.preset {
            Preset::Calm => predict::Preset::Calm,
            Preset::Balanced => predict::Preset::Balanced,
            Preset::Eager => predict::Preset::Eager,
        });
        if let Some(min_characters) = self.min_characters {
            options.min_characters = min_characters;
        }
        options.max_lines = self.max_lines;
        options.deadline = DEADLINE;
        options
    }
}

impl From<&CompletionConfig> for SuggestSettings {
    fn from(config: &CompletionConfig) -> Self {
        Self {
            preset: config.preset,
            min_characters: config.min_characters,
            max_lines: config.max_lines,
            in_comments: config.in_comments,
            in_strings: config.in_strings,
        }
    }
}
