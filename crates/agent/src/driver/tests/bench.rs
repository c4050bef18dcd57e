//! A thread at work for tests: a provider that answers from a list, tools that are closures, a real log in a real folder.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use ::workspace::{CancellationFlag, ExclusionOptions};
use models::{
    Content, EndReason, EventSink, Exchange, Item, ModelEvent, ModelFacts, ModelSession, Provider,
    Request, Role, ToolCall, ToolSpec, Wire,
};
use tempfile::TempDir;

use crate::{
    FolderWorkspace, Redactor, Tool, ToolContext, ToolOutput,
    limits::Limits,
    machine::{Entry, Settings, ThreadStart, ToolDeclaration, Unfinished},
    store::{NewThread, ThreadId, ThreadStore},
    surface::ThreadEvent,
    thread::{Journal, Resume, ThreadHandle, ThreadParts},
    tool::{Approval, Decision, Gate, Question, ToolEffect},
    world::{World, WorldSource},
};

/// Long enough for any machine; reached only when something is broken.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Everything around a thread.
pub(super) struct Bench {
    pub(super) provider: Arc<ListedAnswers>,
    pub(super) tools: Vec<Arc<dyn Tool>>,
    pub(super) secrets: Vec<String>,
    pub(super) events: mpsc::Receiver<ThreadEvent>,
    told: mpsc::Sender<ThreadEvent>,
    folder: TempDir,
    id: Mutex<Option<ThreadId>>,
}

/// Answers requests from a list; a request beyond it gets no answer at all.
#[derive(Default)]
pub(super) struct ListedAnswers {
    pub(super) answers: Mutex<VecDeque<Vec<ModelEvent>>>,
    pub(super) requests: Mutex<Vec<Request>>,
    /// Exchanges that were dropped.
    pub(super) dropped: Arc<AtomicUsize>,
}

struct ListedSession(Arc<ListedAnswers>);

struct SharedProvider(Arc<ListedAnswers>);

impl Provider for SharedProvider {
    fn name(&self) -> &str {
        "listed"
    }

    fn facts(&self, _model: &str) -> ModelFacts {
        ModelFacts::unknown(Wire::Responses)
    }

    fn open(&self) -> Box<dyn ModelSession> {
        Box::new(ListedSession(Arc::clone(&self.0)))
    }
}

impl ModelSession for ListedSession {
    fn start(&mut self, request: &Request, mut sink: EventSink) -> Exchange {
        self.0.requests.lock().unwrap().push(request.clone());
        let answer = self.0.answers.lock().unwrap().pop_front();
        answer.into_iter().flatten().for_each(&mut sink);
        let dropped = Arc::clone(&self.0.dropped);
        Exchange::new(move || {
            dropped.fetch_add(1, Ordering::SeqCst);
        })
    }

    fn body(&self, _request: &Request) -> serde_json::Value {
        serde_json::Value::Null
    }
}

type Run = dyn Fn(&ToolCall, &ToolContext<'_>) -> ToolOutput + Send + Sync;

/// A tool that is a closure.
pub(super) struct ClosureTool {
    name: &'static str,
    effect: ToolEffect,
    run: Box<Run>,
    left_running: Vec<String>,
}

impl Tool for ClosureTool {
    fn name(&self) -> &'static str {
        self.name
    }

    fn spec(&self, _facts: &ModelFacts) -> Option<ToolSpec> {
        Some(ToolSpec::Function {
            name: self.name.into(),
            description: String::new(),
            parameters: serde_json::json!({"type": "object"}),
        })
    }

    fn effect(&self) -> ToolEffect {
        self.effect
    }

    fn left_running(&self) -> Vec<String> {
        self.left_running.clone()
    }

    fn run(&self, call: &ToolCall, context: &ToolContext<'_>) -> ToolOutput {
        (self.run)(call, context)
    }
}

struct EverythingAllowed;

impl Gate for EverythingAllowed {
    fn approve(&self, _approval: &Approval, _cancel: &CancellationFlag) -> Decision {
        Decision::Allow
    }

    fn ask(&self, _question: &Question, _cancel: &CancellationFlag) -> Option<String> {
        None
    }
}

struct NoWorld;

impl WorldSource for NoWorld {
    fn observe(&self) -> World {
        World::default()
    }
}

impl Bench {
    pub(super) fn new() -> Self {
        let (told, events) = mpsc::channel();
        Self {
            provider: Arc::default(),
            tools: Vec::new(),
            secrets: Vec::new(),
            events,
            told,
            folder: tempfile::tempdir().unwrap(),
            id: Mutex::default(),
        }
    }

    pub(super) fn tool(
        mut self,
        name: &'static str,
        effect: ToolEffect,
        run: impl Fn(&ToolCall, &ToolContext<'_>) -> ToolOutput + Send + Sync + 'static,
    ) -> Self {
        let run = Box::new(run);
        self.tools.push(Arc::new(ClosureTool {
            name,
            effect,
            run,
            left_running: Vec::new(),
        }));
        self
    }

    /// A tool that has left something running.
    pub(super) fn tool_that_leaves(mut self, left_running: &[&str]) -> Self {
        self.tools.push(Arc::new(ClosureTool {
            name: "leave",
            effect: ToolEffect::Acts,
            run: Box::new(|_, _| ToolOutput::success("left")),
            left_running: left_running.iter().map(|&left| left.into()).collect(),
        }));
        self
    }

    /// The model's next answer.
    pub(super) fn answer(&self, events: Vec<ModelEvent>) {
        self.provider.answers.lock().unwrap().push_back(events);
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.provider.requests.lock().unwrap().clone()
    }

    pub(super) fn start(&self) -> ThreadHandle {
        let store = self.store();
        let new = NewThread {
            cwd: self.folder.path().into(),
            provider: "listed".into(),
            model: "model".into(),
        };
        let log = store.create::<Entry>(new).unwrap();
        *self.id.lock().unwrap() = Some(log.id());
        self.start_with(Box::new(log))
    }

    pub(super) fn start_with(&self, journal: Box<dyn Journal>) -> ThreadHandle {
        let start = ThreadStart {
            thread: "thread".into(),
            settings: self.settings(),
        };
        ThreadHandle::start(self.parts(journal), start).unwrap()
    }

    pub(super) fn resume(&self) -> ThreadHandle {
        let (log, entries) = self.store().open::<Entry>(self.id()).unwrap();
        let resume = Resume {
            unfinished: Unfinished::GoOn,
            settings: None,
        };
        ThreadHandle::resume(self.parts(Box::new(log)), entries, resume).unwrap()
    }

    /// The log as it is on disk.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.store().read(self.id()).unwrap().events
    }

    /// Waits for an event that a surface is told of.
    pub(super) fn wait_for(&self, is_wanted: impl Fn(&ThreadEvent) -> bool) -> ThreadEvent {
        loop {
            let event = self.events.recv_timeout(PATIENCE).expect("it is told");
            if is_wanted(&event) {
                return event;
            }
        }
    }

    fn id(&self) -> ThreadId {
        self.id.lock().unwrap().expect("the thread has begun")
    }

    fn store(&self) -> ThreadStore {
        ThreadStore::new(&self.folder.path().join("state"))
    }

    fn parts(&self, journal: Box<dyn Journal>) -> ThreadParts {
        let folders = [self.folder.path().to_path_buf()];
        let workspace = FolderWorkspace::new(&folders, &ExclusionOptions::default()).unwrap();
        let told = self.told.clone();
        ThreadParts {
            provider: Arc::new(SharedProvider(Arc::clone(&self.provider))),
            tools: self.tools.clone(),
            gate: Arc::new(EverythingAllowed),
            workspace: Arc::new(workspace),
            world: Arc::new(NoWorld),
            journal,
            redactor: Redactor::new(self.secrets.clone()),
            listener: Box::new(move |event| {
                let _ = told.send(event);
            }),
        }
    }

    fn settings(&self) -> Settings {
        let facts = ModelFacts::unknown(Wire::Responses);
        let tools = ToolDeclaration::all(&self.tools, &facts);
        Settings {
            provider: "listed".into(),
            model: "model".into(),
            facts,
            effort: None,
            instructions: "Do well.".into(),
            tools,
            cwd: self.folder.path().into(),
            limits: Limits::default(),
        }
    }
}

pub(super) fn say(text: &str) -> Vec<ModelEvent> {
    vec![
        ModelEvent::TextDelta(text.into()),
        ModelEvent::ItemDone(Item::message(Role::Assistant, text)),
        done(),
    ]
}

pub(super) fn call(ids: &[&str], tool: &str) -> Vec<ModelEvent> {
    let call = |id: &&str| {
        ModelEvent::ItemDone(Item::ToolCall(ToolCall {
            call_id: (*id).into(),
            name: tool.into(),
            arguments: "{}".into(),
            form: models::CallForm::Function,
        }))
    };
    ids.iter().map(call).chain([done()]).collect()
}

pub(super) fn done() -> ModelEvent {
    ModelEvent::Done {
        end: EndReason::Complete,
        usage: None,
    }
}

pub(super) fn text(text: &str) -> Vec<Content> {
    vec![Content::text(text)]
}
