//! Everything that can happen to a session: the closed set of events that the main loop handles, in their order.
//!
//! Sent by the LSP handlers and by the background threads; received by [`crate::main_loop`] only.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use agent::tools::report_findings::Finding;
use changes::HunkId;
use predict::Index;
use protocol::{
    DiagnosticsParams, ProposalParams, ProposalReport, StatusReport, TaskReport, ThreadReport,
    ViewDocumentParams, ViewDocumentResult,
};
use serde_json::Value;
use tokio::sync::oneshot;
use tower_lsp_server::gen_lsp_types::{
    CodeAction, CodeLens, CompletionList, DocumentLink, InitializeResult, InlineCompletionList,
    WorkspaceFoldersChangeEvent,
};
use tower_lsp_server::jsonrpc::Result;
use url::Url;

use workspace::{WatchError, WatchReport, Watcher};

use crate::chat::worker::ChatEvent;
use crate::delivery::DeliveryEvent;
use crate::indexer::LearningProgress;
use crate::inline_edit::InlineEditEvent;
use crate::landing::LandingEvent;
use crate::lsp::params::{
    CodeActionParams, DidChange, DidChangeConfiguration, DidChangeWatchedFiles, DidOpen,
    ExecuteCommandParams, Named, SuggestionParams,
};
use crate::session::{FileLook, HeadTexts, ShownText};
use crate::tasks::gate::Ask;
use crate::tasks::left::FoundTask;
use crate::tasks::{TaskEvent, TaskId};
use crate::timer::Alarm;
use crate::transport::Answer;

/// Where the answer to a request goes; dropped unanswered when the client cancelled.
pub(crate) type Reply<T> = oneshot::Sender<Result<T>>;

/// Something that happened, in the order in which it happened.
#[derive(Debug)]
pub(crate) enum Event {
    // From the client.
    /// With the parameters as they came: see [`crate::lsp::capabilities`].
    Initialize(Box<Value>, Reply<InitializeResult>),
    Initialized,
    Shutdown(Reply<()>),
    DocumentOpened(DidOpen),
    DocumentChanged(DidChange),
    /// A `didChange` that could not be decoded.
    ChangeNotUnderstood(Url),
    DocumentSaved(Named),
    DocumentClosed(Named),
    InlineCompletion(SuggestionParams, Reply<InlineCompletionList>),
    Completion(SuggestionParams, Reply<CompletionList>),
    CodeActions(CodeActionParams, Reply<Vec<CodeAction>>),
    DocumentLinks(Named, Reply<Vec<DocumentLink>>),
    ExecuteCommand(ExecuteCommandParams, Reply<Value>),
    CodeLenses(Named, Reply<Vec<CodeLens>>),
    /// The client's answer to the question why these changes are undone.
    ReasonAnswered(BTreeMap<PathBuf, Vec<HunkId>>, Answer),
    /// The user has cancelled what is shown under this token.
    ProgressCancelled(Value),
    /// The client tells what other servers report.
    DiagnosticsTold(DiagnosticsParams),
    /// The client's answer to a question of a task.
    QuestionAnswered(u64, Answer),
    /// The client's answer to the edit of a delivery.
    EditAnswered(u64, Answer),
    /// The client's answer to the question whether lost changes are to be made again.
    LostAnswered(Answer),
    ConfigurationChanged(DidChangeConfiguration),
    /// The client's answer to `workspace/configuration`.
    ConfigurationAnswered(Answer),
    /// The client is ready to show progress.
    ProgressAllowed,
    FilesChanged(DidChangeWatchedFiles),
    FoldersChanged(WorkspaceFoldersChangeEvent),
    Status(Reply<StatusReport>),
    Tasks(Reply<Vec<TaskReport>>),
    Proposal(ProposalParams, Reply<ProposalReport>),
    Threads(Reply<Vec<ThreadReport>>),
    ViewDocument(ViewDocumentParams, Reply<ViewDocumentResult>),

    // From the background.
    /// Our own watcher watches, or cannot; with the number of its start.
    WatcherStarted(u64, std::result::Result<Watcher, WatchError>),
    /// The client does not watch files after all.
    ClientWatchRefused,
    /// Our own watcher saw files change.
    FilesReported(WatchReport),
    /// The process that started us is gone.
    ParentDied,
    Learning(LearningProgress),
    /// A better index is ready.
    IndexReady(Arc<Index>),
    /// What became of a suggestion request.
    Suggested(protocol::SuggestionReport),
    /// Something happened in a task.
    Task(TaskId, TaskEvent),
    /// What earlier servers have left of their tasks.
    TasksFound(Vec<FoundTask>),
    /// The client's answer to what shall become of a task that came to no end.
    TaskDecided(TaskId, Answer),
    /// The client has answered whether it shows the progress of a task.
    TaskProgressAllowed(TaskId, Answer),
    /// Something happened in a landing.
    Landing(LandingEvent),
    /// A thread that works for a delivery has something to say.
    Delivery(u64, DeliveryEvent),
    /// A task asks the user.
    Asked(Ask),
    /// The turn whose questions wait was stopped.
    QuestionsWithdrawn(TaskId),
    /// A review has found something.
    FindingsReported(TaskId, Vec<Finding>),
    /// The client has shown a text, or has not.
    TextAnswered(ShownText, Answer),
    /// Something happened to an inline edit.
    InlineEdit(InlineEditEvent),
    /// Something was done about a chat.
    Chat(ChatEvent),
    /// Files with changes that wait were read.
    FilesLookedAt(Vec<FileLook>),
    /// What git has of such files in its last commit.
    HeadRead(HeadTexts),
    /// The ledger cannot be kept, in a sentence.
    LedgerProblem(String),
    /// A time that was waited for has come.
    Alarm(Alarm),

    /// The conversation is over; nothing comes after this.
    Stop,
}

/// The way to the main loop's queue.
#[derive(Clone, Debug)]
pub(crate) struct EventSender(Sender<Event>);

impl EventSender {
    pub(crate) fn new(sender: Sender<Event>) -> Self {
        Self(sender)
    }

    /// Queues an event. After the main loop's end there is nobody left who could want it.
    pub(crate) fn send(&self, event: Event) {
        drop(self.0.send(event));
    }
}
