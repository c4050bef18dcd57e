//! Works on one turn of a task, on a thread of its own: builds an agent host, begins or resumes the agent's thread in a
//! twin with the unsaved documents, passes on what the user says meanwhile, and hands back what came of it.
//!
//! Started by `session/tasks.rs`. Ends by itself when the turn does, or when its mailbox says so.

mod end;

use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use agent::prompt::Permissions;
use agent::surface::{ItemDetails, ThreadEvent};
use agent::tool::Gate;
use anyhow::{Context, bail};
use models::Content;

use super::editor_context::EditorFacts;
use super::findings;
use super::mailbox::{Idle, Mailbox, Order};
use super::marker::{Marker, Remembered};
use super::reported::ReportedDiagnostics;
use super::unsaved::{real, unsaved};
use super::{Access, EndedTurn, TaskEvent, TaskId};
use crate::agent_host::place::{Ready, WorkIn};
use crate::agent_host::{AgentHost, AtWork, HostOptions, SurfaceLink, ThreadOptions};
use crate::config::{Config, rules};
use crate::event::{Event, EventSender};

/// A turn to work on.
pub(crate) struct WorkOrder {
    /// Whose turn it is.
    pub(crate) task: TaskId,
    /// The thread that goes on; `None` begins one. An id, or the beginning of one.
    pub(crate) thread: Option<String>,
    /// What it is told; `None` for a turn that was broken off.
    pub(crate) input: Option<String>,
    /// What is remembered of the task; the thread and the real folders are filled in.
    pub(crate) remembered: Remembered,
    /// Where the user asked for it.
    pub(crate) target: Option<PathBuf>,
    /// Whether the thread's twin has nothing that somebody still needs.
    pub(crate) may_discard_twin: bool,
    /// The settings.
    pub(crate) config: Config,
    /// What the editor shows.
    pub(crate) facts: EditorFacts,
    /// What its other servers report.
    pub(crate) diagnostics: ReportedDiagnostics,
    /// Asked before effects.
    pub(crate) gate: Arc<dyn Gate>,
    /// Closed when what the task had before is out of the way.
    pub(crate) after: Option<Receiver<()>>,
}

/// The threads that are at work for a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crew(Arc<CrewState>);

#[derive(Debug, Default)]
struct CrewState {
    size: Mutex<usize>,
    changed: Condvar,
}

/// One of the crew, for as long as it lives.
struct Hand(Crew);

impl Crew {
    /// Has a thread do `work`.
    pub(crate) fn spawn(
        &self,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<()> {
        *self.size() += 1;
        let hand = Hand(self.clone());
        let spawned = thread::Builder::new().name(name.to_owned()).spawn(move || {
            let _hand = hand;
            work();
        });
        spawned.map(drop)
    }

    /// Waits until all of them have ended, but no longer than `limit`.
    pub(crate) fn wait(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        let mut size = self.size();
        while *size > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                tracing::warn!(threads = *size, "some tasks did not end in time");
                return;
            }
            let woken = self.0.changed.wait_timeout(size, left);
            size = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn size(&self) -> std::sync::MutexGuard<'_, usize> {
        self.0.size.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        *self.0.size() -= 1;
        self.0.0.changed.notify_all();
    }
}

/// Starts working on a turn.
pub(crate) fn start(order: WorkOrder, crew: &Crew, events: EventSender) -> Mailbox {
    let mailbox = Mailbox::default();
    let (task, orders, sender) = (order.task, mailbox.clone(), events.clone());
    let work = move || {
        let worked = panic::catch_unwind(AssertUnwindSafe(|| work(order, &orders, &sender)));
        orders.close();
        let ended = match worked {
            Ok(Ok(Some(ended))) => ended,
            // The program ends, and nobody listens.
            Ok(Ok(None)) => return,
            Ok(Err(error)) => EndedTurn::failed(sentence(&error)),
            Err(_) => EndedTurn::failed(
                "an error in Ropewalk has stopped it; the log says more".to_owned(),
            ),
        };
        sender.send(Event::Task(task, TaskEvent::TurnEnded(Box::new(ended))));
    };
    if let Err(error) = crew.spawn("task", work) {
        mailbox.close();
        let ended = EndedTurn::failed(format!("the system gives no thread for it: {error}"));
        events.send(Event::Task(task, TaskEvent::TurnEnded(Box::new(ended))));
    }
    mailbox
}

/// Nothing when the program ends first.
fn work(
    mut order: WorkOrder,
    mailbox: &Mailbox,
    events: &EventSender,
) -> anyhow::Result<Option<EndedTurn>> {
    if let Some(after) = order.after.take() {
        // Nothing is ever sent; it is closed.
        let _closed = after.recv();
    }
    let folders = folders(&order.remembered.folders)?;
    let cwd = working_folder(&folders, order.target.as_deref());
    order.remembered.folders.clone_from(&folders);
    let host = host(&order, &cwd, &folders)?;
    for problem in &host.problems {
        tracing::warn!(task = %order.task, "{problem}");
    }
    let options = options(&order, events);
    let answer = LastAnswer::default();
    let link = link(&order, events, answer.clone());
    let work = match &order.thread {
        None => host.start(&options, link)?,
        Some(thread) => {
            let id = host.find(thread)?;
            if order.may_discard_twin {
                host.twins().remove_settled(id)?;
            }
            host.resume(id, &options, link)?
        }
    };
    announce(&order, &host, &work, events);
    if let Some(input) = &order.input {
        work.handle.send(vec![Content::text(input)])?;
    }
    let Some(idle) = accompany(&work, mailbox, order.task)? else {
        drop(work.end());
        return Ok(None);
    };
    Ok(Some(end::ended(
        work,
        idle,
        order.remembered.access,
        answer.take(),
    )))
}

/// The workspace's folders that are there, without links.
fn folders(folders: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    if folders.is_empty() {
        bail!(
            "no folder is open, and a task works in a folder: open one in the editor and start the task again"
        );
    }
    let mut problem = None;
    let mut there = Vec::new();
    for folder in folders {
        match folder.canonicalize() {
            Ok(real) if !there.contains(&real) => there.push(real),
            Ok(_) => {}
            Err(error) => {
                problem = Some(format!("{} cannot be worked in: {error}", folder.display()));
            }
        }
    }
    match problem {
        Some(problem) if there.is_empty() => bail!(problem),
        _ => Ok(there),
    }
}

/// The innermost of `folders` that has `target`, else the first.
fn working_folder(folders: &[PathBuf], target: Option<&Path>) -> PathBuf {
    let target = target.map(real);
    let has_target = |folder: &&PathBuf| {
        let target = target.as_deref();
        target.is_some_and(|target| target.starts_with(folder))
    };
    let with_target = folders.iter().filter(has_target);
    let innermost = with_target.max_by_key(|folder| folder.components().count());
    innermost.unwrap_or(&folders[0]).clone()
}

fn host(order: &WorkOrder, cwd: &Path, folders: &[PathBuf]) -> anyhow::Result<AgentHost> {
    let (rules, unused) = rules::load(folders, &order.config)?;
    let options = HostOptions {
        rules,
        ..HostOptions::of_this_user(order.config.clone())?
    };
    let mut host = AgentHost::with(cwd, options)?.in_folders(folders);
    host.problems.extend(unused);
    Ok(host)
}

fn options(order: &WorkOrder, events: &EventSender) -> ThreadOptions {
    ThreadOptions {
        // Where there is no twin, this is what may be done in the folders themselves.
        permissions: match order.remembered.access {
            Access::Write => Permissions::ASK,
            Access::Read => Permissions::READ_ONLY,
        },
        work_in: WorkIn::Twin,
        diagnostics: Some(Arc::new(order.diagnostics.clone())),
        findings: findings::sink_for(order.remembered.kind, order.task, events),
        title: order.remembered.title.clone(),
        documents: unsaved(&order.facts.documents),
        editor: order.facts.clone().into_context(),
        ..ThreadOptions::default()
    }
}

/// What the agent has said last in the turn that runs.
#[derive(Clone, Default)]
struct LastAnswer(Arc<Mutex<String>>);

impl LastAnswer {
    fn note(&self, event: &ThreadEvent) {
        let said = match event {
            ThreadEvent::TurnStarted { .. } => String::new(),
            ThreadEvent::ItemCompleted { item } => match &item.details {
                ItemDetails::Message { text } => text.clone(),
                _ => return,
            },
            _ => return,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = said;
    }

    fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn link(order: &WorkOrder, events: &EventSender, answer: LastAnswer) -> SurfaceLink {
    let (task, to_listener, to_place) = (order.task, events.clone(), events.clone());
    SurfaceLink {
        gate: Arc::clone(&order.gate),
        listener: Box::new(move |event| {
            answer.note(&event);
            to_listener.send(Event::Task(task, TaskEvent::Thread(Box::new(event))));
        }),
        place_ready: Box::new(move |ready| {
            if let Ready::Folder(reasons) = ready {
                let message = format!(
                    "There is no twin for this task, so it asks before each change of your files: {}",
                    reasons.join("; ")
                );
                let notice = ThreadEvent::Notice { message };
                to_place.send(Event::Task(task, TaskEvent::Thread(Box::new(notice))));
            }
        }),
    }
}

/// Tells the main loop of the thread, and a later server.
fn announce(order: &WorkOrder, host: &AgentHost, work: &AtWork, events: &EventSender) {
    let thread = work.handle.id().to_owned();
    let remembered = Remembered {
        thread: thread.clone(),
        ..order.remembered.clone()
    };
    let marker = Marker::write(host.twins().state_folder(), &remembered);
    let marker = marker.inspect_err(|error| {
        tracing::warn!(%error, "the task cannot be written down for after a crash");
    });
    events.send(Event::Task(
        order.task,
        TaskEvent::Begun(thread, marker.ok()),
    ));
}

/// Passes orders on until the thread does nothing any more; gives nothing when the program ends first.
fn accompany(work: &AtWork, mailbox: &Mailbox, task: TaskId) -> anyhow::Result<Option<Idle>> {
    let mut told = 0;
    wait_for(work, mailbox, told)?;
    loop {
        match mailbox.take() {
            Order::Steer(text, facts) => {
                told += 1;
                work.world.set_editor(facts.into_context());
                // A thread that has ended says so when it is found idle.
                drop(work.handle.send(vec![Content::text(text)]));
            }
            Order::Stop => drop(work.handle.interrupt()),
            Order::Leave => {
                mailbox.close();
                return Ok(None);
            }
            Order::Idle(idle) if idle.told == told && mailbox.close_if_empty() => {
                return Ok(Some(*idle));
            }
            Order::Idle(_) => {
                tracing::debug!(%task, "something was said at the end of the turn");
                wait_for(work, mailbox, told)?;
            }
        }
    }
}

/// Has a thread wait until the agent's does nothing any more.
fn wait_for(work: &AtWork, mailbox: &Mailbox, told: u64) -> anyhow::Result<()> {
    let (handle, place) = (Arc::clone(&work.handle), Arc::clone(&work.place));
    let mailbox = mailbox.clone();
    let wait = move || {
        let nowhere = match place.wait() {
            Ready::Nowhere(reason) => Some(reason.clone()),
            Ready::Twin(_) | Ready::Folder(_) => None,
        };
        if nowhere.is_some() {
            // It may have ended by itself.
            drop(handle.interrupt());
        }
        let turn = handle.wait();
        // Whoever ends the work must be the last to hold these.
        drop((handle, place));
        let idle = Idle {
            told,
            nowhere,
            turn,
        };
        drop(mailbox.post(Order::Idle(Box::new(idle))));
    };
    let waiter = thread::Builder::new().name("task's end".into()).spawn(wait);
    waiter
        .context("the system gives no thread to wait for the task")
        .map(drop)
}

/// An error with its causes, as the end of a sentence.
fn sentence(error: &anyhow::Error) -> String {
    format!("{error:#}")
}
