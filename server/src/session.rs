//! The session: all state of one conversation, changed by the main loop only, one event at a time.
//!
//! Each event's handling stands in a submodule by subject. Handlers are quick: what takes longer than a fraction of a
//! millisecond goes to a background thread with a snapshot and comes back as an event.

mod chat;
mod checkpoints;
mod code_actions;
mod commands;
mod configuration;
mod conflicts;
mod deliveries;
mod documents;
mod editor_facts;
mod findings;
mod folders;
mod inline_edit;
mod landing;
mod learning;
mod lifecycle;
mod published;
mod questions;
mod review;
mod rich;
mod starting;
mod status;
mod suggestions;
mod tasks;
mod texts;
mod watching;

use std::ops::Range;
use std::path::PathBuf;

use rustc_hash::{FxHashMap, FxHashSet};
use workspace::{ExclusionOptions, Watcher, Workspace};

use crate::config::layers::{EditorSettings, Loaded};
use crate::config::paths;
use crate::delivery::under_way::Deliveries;
use crate::event::{Event, EventSender};
use crate::indexer::Indexer;
use crate::logging::LogFile;
use crate::lsp::capabilities::Client;
use crate::lsp::convert::document_path;
use crate::main_loop::Outcome;
use crate::parser::Parser;
use crate::predictor::Predictor;
use crate::tasks::findings::FindingsBoard;
use crate::tasks::reported::ReportedDiagnostics;
use crate::timer::{Alarm, Timer};
use crate::transport::Outbox;

use chat::Chats;
use inline_edit::InlineEdits;
use landing::Landings;
use published::Published;
use questions::Questions;
use review::Review;
pub(crate) use review::{FileLook, HeadTexts};
use status::StatusBoard;
use tasks::Tasks;
pub(crate) use texts::ShownText;
use texts::Texts;

/// Whether the loop goes on after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Continue,
    Stop,
}

/// Where the conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    ShutDown,
}

/// All state of one conversation.
pub(crate) struct Session {
    outbox: Outbox,
    events: EventSender,
    log_file: Option<LogFile>,
    phase: Phase,
    client: Client,
    editor_settings: EditorSettings,
    settings: Loaded,
    /// Problems with the settings that the user was told of.
    reported: Vec<String>,
    workspace: Workspace,
    parser: Parser,
    predictor: Predictor,
    indexer: Indexer,
    learned_without_focus: bool,
    /// Open documents that nobody but the editor may see, with the reason.
    hidden: FxHashMap<PathBuf, String>,
    /// Open documents of which a change could not be understood, so that their text here is not the editor's.
    out_of_step: FxHashSet<PathBuf>,
    /// How often watching was started; an older start that comes late is dropped.
    watcher_number: u64,
    /// Whether the client was asked to watch.
    is_client_watching: bool,
    /// Our own watcher, where the client does not watch for us.
    watcher: Option<Watcher>,
    status: StatusBoard,
    timer: Timer,
    questions: Questions,
    /// What tasks changed and the user has not judged.
    review: Review,
    published: Published,
    tasks: Tasks,
    landings: Landings,
    deliveries: Deliveries,
    inline_edits: InlineEdits,
    findings: FindingsBoard,
    texts: Texts,
    /// What other servers report.
    reported_diagnostics: ReportedDiagnostics,
    /// Where the user was last, as far as requests tell: the document, and bytes of it, the end excluded.
    last_place: Option<(PathBuf, Range<usize>)>,
    chats: Chats,
}

impl Session {
    /// A session before `initialize`.
    pub(crate) fn new(outbox: Outbox, events: EventSender, log_file: Option<LogFile>) -> Self {
        Self {
            phase: Phase::Running,
            client: Client::default(),
            editor_settings: EditorSettings::default(),
            settings: Loaded::default(),
            reported: Vec::new(),
            workspace: Workspace::new(&ExclusionOptions::default())
                .expect("no patterns are valid patterns"),
            parser: Parser::start(),
            predictor: Predictor::start(),
            indexer: Indexer::start(events.clone()),
            hidden: FxHashMap::default(),
            out_of_step: FxHashSet::default(),
            watcher_number: 0,
            is_client_watching: false,
            learned_without_focus: false,
            watcher: None,
            status: StatusBoard::default(),
            timer: Timer::start(events.clone()),
            questions: Questions::default(),
            review: Review::default(),
            published: Published::default(),
            tasks: Tasks::default(),
            landings: Landings::default(),
            deliveries: Deliveries::default(),
            inline_edits: InlineEdits::default(),
            findings: FindingsBoard::default(),
            texts: Texts::default(),
            reported_diagnostics: ReportedDiagnostics::default(),
            last_place: None,
            chats: Chats::new(paths::state_folder()),
            outbox,
            events,
            log_file,
        }
    }

    /// Handles one event.
    pub(crate) fn handle(&mut self, event: Event) -> Flow {
        match event {
            Event::Initialize(params, reply) => drop(reply.send(Ok(self.initialize(&params)))),
            Event::Initialized => self.initialized(),
            Event::Shutdown(reply) => {
                self.shut_down();
                drop(reply.send(Ok(())));
            }
            Event::DocumentOpened(params) => self.open_document(params),
            Event::DocumentChanged(params) => self.change_document(params),
            Event::ChangeNotUnderstood(uri) => self.lose_step(&uri),
            Event::DocumentSaved(params) => self.save_document(&params),
            Event::DocumentClosed(params) => self.close_document(&params),
            Event::InlineCompletion(params, reply) => self.suggest_inline(&params, reply),
            Event::Completion(params, reply) => self.suggest_completion(&params, reply),
            Event::CodeActions(params, reply) => drop(reply.send(Ok(self.code_actions(params)))),
            Event::DocumentLinks(params, reply) => {
                drop(reply.send(Ok(self.document_links(&params))));
            }
            Event::ExecuteCommand(params, reply) => {
                drop(reply.send(self.execute_command(&params)));
            }
            Event::ProgressCancelled(token) => self.cancel_progress(&token),
            Event::DiagnosticsTold(params) => self.diagnostics_told(params),
            Event::QuestionAnswered(number, answer) => self.question_answered(number, answer),
            Event::EditAnswered(number, answer) => self.edit_answered(number, answer),
            Event::ConfigurationChanged(params) => self.change_configuration(&params.settings),
            Event::ConfigurationAnswered(answer) => self.accept_configuration(answer),
            Event::ProgressAllowed => self.begin_progress(),
            Event::FilesChanged(params) => self.files_changed(params),
            Event::WatcherStarted(number, watcher) => self.use_watcher(number, watcher),
            Event::ClientWatchRefused => self.watch_without_client(),
            Event::FilesReported(report) => self.files_reported(report),
            Event::FoldersChanged(change) => self.change_folders(&change),
            Event::Tasks(reply) => drop(reply.send(Ok(self.task_reports()))),
            Event::Proposal(params, reply) => self.report_proposal(params, reply),
            Event::Threads(reply) => self.report_threads(reply),
            Event::Status(reply) => drop(reply.send(Ok(self.status_report()))),
            Event::ViewDocument(params, reply) => drop(reply.send(self.view_document(&params))),
            Event::Learning(progress) => self.show_learning(progress),
            Event::IndexReady(index) => self.use_index(index),
            Event::Task(id, event) => self.task_event(id, event),
            Event::Delivery(number, event) => self.delivery_event(number, event),
            Event::Asked(ask) => self.ask_user(ask),
            Event::QuestionsWithdrawn(task) => self.withdraw_questions(task),
            Event::CodeLenses(params, reply) => {
                let path = document_path(&params.text_document.uri);
                let mut lenses = self.code_lenses(&path);
                lenses.extend(self.chat_lenses(&path));
                drop(reply.send(Ok(lenses)));
            }
            Event::ReasonAnswered(wanted, answer) => self.reason_answered(wanted, &answer),
            Event::LostAnswered(answer) => self.lost_answered(&answer),
            Event::FilesLookedAt(looks) => self.files_looked_at(looks),
            Event::HeadRead(texts) => self.head_read(texts),
            Event::LedgerProblem(problem) => self.ledger_problem(problem),
            Event::Alarm(Alarm::Publish) => self.publish_changed(),
            Event::TasksFound(found) => self.take_over_tasks(found),
            Event::TaskDecided(task, answer) => self.task_decided(task, &answer),
            Event::Alarm(Alarm::Progress(task)) => self.report_progress(task),
            Event::TaskProgressAllowed(task, answer) => self.begin_task_progress(task, &answer),
            Event::Landing(event) => self.landing_event(event),
            Event::Alarm(Alarm::Landing(errand)) => self.plan_landing(errand),
            Event::FindingsReported(task, findings) => self.findings_reported(task, findings),
            Event::TextAnswered(text, answer) => self.text_answered(&text, &answer),
            Event::InlineEdit(event) => self.inline_edit_event(event),
            Event::Chat(event) => self.chat_worked(event),
            Event::Alarm(Alarm::ChatGrows(number)) => self.chat_grows(number),
            Event::Alarm(Alarm::ChatEdit(number)) => self.chat_edit_lost(number),
            Event::Alarm(Alarm::SaveLedger) => self.save_ledger(),
            Event::Alarm(Alarm::LookAtCommits) => self.read_head(),
            Event::Alarm(Alarm::LookAtRestored) => self.look_at_closed(),
            Event::Alarm(alarm) => self.alarm(alarm),
            Event::Suggested(report) => self.note_suggestion(report),
            Event::ParentDied => {
                self.close_ledger();
                exit_without_parent();
            }
            Event::Stop => return Flow::Stop,
        }
        Flow::Continue
    }

    /// Ends every thread of the session.
    pub(crate) fn end(mut self) -> Outcome {
        self.close_ledger();
        self.inline_edits.end();
        self.tasks.end();
        drop(self.watcher);
        self.indexer.stop();
        self.predictor.stop();
        self.parser.stop();
        match self.phase {
            Phase::ShutDown => Outcome::ShutDown,
            Phase::Running => Outcome::Abandoned,
        }
    }
}

/// Nobody is left who could say `exit`, and the transport may be blocked on a stream that never ends.
fn exit_without_parent() {
    std::process::exit(1);
}
