//! Threads that run tools. They are kept for the next call, so a quick tool costs a message there and one back.
//!
//! Dropping the pool tells all tools to stop and waits for them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

use ::workspace::CancellationFlag;
use models::{ModelFacts, ToolCall};

use super::{
    Message,
    tool_progress::{Backlog, ProgressStream},
};
use crate::{
    Tool, ToolContext, ToolOutput, Workspace,
    machine::Settings,
    redactor::Redactor,
    tool::{Gate, Presentation, Progress},
};

/// Threads at most; more calls than that wait for one another.
const MOST_WORKERS: usize = 16;

/// What all calls of a thread share.
pub(super) struct Environment {
    pub(super) gate: Arc<dyn Gate>,
    pub(super) workspace: Arc<dyn Workspace>,
    pub(super) redactor: Redactor,
    /// Where answers go.
    pub(super) mailbox: mpsc::Sender<Message>,
    /// What running tools have to show and nobody has seen yet.
    pub(super) backlog: Backlog,
}

/// Runs tools.
pub(super) struct ToolPool {
    environment: Arc<Environment>,
    tools: Vec<Arc<dyn Tool>>,
    queue: Option<mpsc::Sender<Job>>,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    workers: Vec<JoinHandle<()>>,
    /// Calls that were handed out and have not answered.
    running: usize,
    /// Stops the calls that were begun since it was made.
    cancel: CancellationFlag,
}

/// A call on its way to a worker.
struct Job {
    tool: Arc<dyn Tool>,
    call: ToolCall,
    cwd: PathBuf,
    facts: ModelFacts,
    cancel: CancellationFlag,
}

impl ToolPool {
    /// A pool without threads yet.
    pub(super) fn new(environment: Environment, tools: Vec<Arc<dyn Tool>>) -> Self {
        let (queue, jobs) = mpsc::channel();
        Self {
            environment: Arc::new(environment),
            tools,
            queue: Some(queue),
            jobs: Arc::new(Mutex::new(jobs)),
            workers: Vec::new(),
            running: 0,
            cancel: CancellationFlag::default(),
        }
    }

    /// What a surface shows of a call before it runs.
    pub(super) fn announce(&self, call: &ToolCall) -> Option<Presentation> {
        self.tool(&call.name)?.announce(call)
    }

    /// Runs a call; its answer comes as a message.
    pub(super) fn run(&mut self, call: ToolCall, settings: &Settings) {
        self.running += 1;
        let Some(tool) = self.tool(&call.name).map(Arc::clone) else {
            let text = format!(
                "The tool {} is no longer there. Use another one.",
                call.name
            );
            return self.environment.answer(call, ToolOutput::failure(text));
        };
        let job = Job {
            tool,
            call,
            cwd: settings.cwd.clone(),
            facts: settings.facts.clone(),
            cancel: self.cancel.clone(),
        };
        self.ensure_worker();
        let unsent = match &self.queue {
            _ if self.workers.is_empty() => Some(job),
            Some(queue) => queue.send(job).err().map(|error| error.0),
            None => Some(job),
        };
        if let Some(job) = unsent {
            let text = "The system gives no thread to run this. Try again later.";
            self.environment.answer(job.call, ToolOutput::failure(text));
        }
    }

    /// A call has answered.
    pub(super) fn finished(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// What calls have left running.
    pub(super) fn left_running(&self) -> Vec<String> {
        let tools = self.tools.iter();
        tools.flat_map(|tool| tool.left_running()).collect()
    }

    /// So many bytes that running tools had to show have been shown.
    pub(super) fn shown(&self, bytes: usize) {
        self.environment.backlog.remove(bytes);
    }

    /// Tells the tools that run now to stop.
    pub(super) fn cancel(&mut self) {
        std::mem::take(&mut self.cancel).set();
    }

    fn tool(&self, name: &str) -> Option<&Arc<dyn Tool>> {
        self.tools.iter().find(|tool| tool.name() == name)
    }

    /// Starts a thread when all are at work.
    fn ensure_worker(&mut self) {
        if self.running <= self.workers.len() || self.workers.len() >= MOST_WORKERS {
            return;
        }
        let environment = Arc::clone(&self.environment);
        let jobs = Arc::clone(&self.jobs);
        let worker = thread::Builder::new().name("agent-tool".into());
        // Without another thread, the call waits for one that is there.
        if let Ok(worker) = worker.spawn(move || work(&environment, &jobs)) {
            self.workers.push(worker);
        }
    }
}

impl Drop for ToolPool {
    fn drop(&mut self) {
        self.cancel.set();
        self.queue = None;
        for worker in self.workers.drain(..) {
            // A worker catches the panics of its tools.
            let _ = worker.join();
        }
    }
}

impl Environment {
    fn answer(&self, call: ToolCall, output: ToolOutput) {
        let output = self.redactor.mask_output(output);
        let call_id = call.call_id;
        // The driver may be gone; then the call counts as lost, and the log says so when it is resumed.
        let _ = self.mailbox.send(Message::ToolDone { call_id, output });
    }

    fn progress_stream<'a>(&'a self, call_id: &'a str) -> ProgressStream<'a> {
        ProgressStream::new(call_id, &self.redactor, &self.backlog, &self.mailbox)
    }
}

fn work(environment: &Environment, jobs: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            // The pool is being dropped: what waits is not begun.
            Ok(job) if job.cancel.is_set() => {
                let output = ToolOutput::failure("Stopped before it began.");
                environment.answer(job.call, output);
            }
            Ok(job) => run_job(environment, job),
            Err(mpsc::RecvError) => return,
        }
    }
}

fn run_job(environment: &Environment, job: Job) {
    let stream = Mutex::new(environment.progress_stream(&job.call.call_id));
    let progress = |progress: Progress| {
        let Progress::Output { text } = progress;
        let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.push(&text);
    };
    let context = ToolContext {
        workspace: &*environment.workspace,
        cwd: &job.cwd,
        gate: &*environment.gate,
        cancel: &job.cancel,
        progress: &progress,
        facts: &job.facts,
        // The driver may be gone; then the turn has ended already.
        stop_turn: &|| drop(environment.mailbox.send(Message::StopTurn)),
    };
    let output = catch_unwind(AssertUnwindSafe(|| job.tool.run(&job.call, &context)));
    let output = output.unwrap_or_else(|_| {
        tracing::error!(tool = job.call.name, "a tool panicked");
        ToolOutput::failure(format!(
            "The tool {} broke; this is a fault in it. It may have taken effect in part: check, then go another way.",
            job.call.name
        ))
    });
    let stream = stream.into_inner().unwrap_or_else(PoisonError::into_inner);
    stream.finish();
    environment.answer(job.call, output);
}
