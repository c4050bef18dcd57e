//! One sub-task: its twin with the parent's changes in it, its thread, and what both leave.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent::machine::{Entry, Settings, ThreadStart, ToolDeclaration};
use agent::prompt::{InstructionOptions, instructions};
use agent::store::{NewThread, ThreadLog};
use agent::sub_tasks::{SubTask, SubTaskEnd, SubTaskPlace, seed};
use agent::surface::TurnSummary;
use agent::thread::ThreadError;
use agent::tools;
use agent::world::ProjectWorld;
use agent::{Redactor, ThreadHandle, ThreadParts, Tool};
use changes::Proposal;
use models::Content;
use sandbox::Processes;
use workspace::CancellationFlag;

use super::gate::SubTaskGate;
use super::heard::Heard;
use super::{Parent, SubTaskHost};
use crate::agent_host::folder_place::FolderPlace;
use crate::agent_host::place::{PlaceOfWork, PlaceStarter, Ready};
use crate::twins::{NewTwin, TaskTwin};

/// A sub-task that can work.
pub(super) struct SubThread {
    handle: Arc<ThreadHandle>,
    place: Arc<PlaceOfWork>,
    heard: Heard,
    /// What its twin began with beyond the user's files.
    seeded: Proposal,
}

/// A twin that a sub-task has worked in.
struct SubTaskTwin(TaskTwin);

impl SubThread {
    /// Makes its twin, brings it to where the parent is, and begins its thread.
    ///
    /// # Errors
    /// Why not, as the end of a sentence.
    pub(super) fn begin(
        host: &SubTaskHost,
        parent: &Parent,
        task: &SubTask,
        changed: &Proposal,
    ) -> Result<Self, String> {
        let new = NewThread {
            cwd: parent.settings.cwd.clone(),
            provider: parent.settings.provider.clone(),
            model: parent.settings.model.clone(),
        };
        let log = host
            .store
            .create_part::<Entry>(new, parent.thread)
            .map_err(|error| format!("its log cannot be written: {error}"))?;
        let id = log.id();
        let twin = NewTwin {
            title: task.title.clone(),
            folders: host.world.folders.clone(),
            documents: host.documents.clone(),
        };
        let ready = host.twins.create(id, &twin);
        let seeded = match begin_with(&ready, changed) {
            Ok(seeded) => seeded,
            Err(reason) => {
                drop(log);
                // A thread that never was is nothing to look at.
                drop(host.store.delete(id));
                if let Ready::Twin(twin) = ready {
                    Box::new(SubTaskTwin(*twin)).discard();
                }
                return Err(reason);
            }
        };
        Self::start(host, parent, task, (log, ready, seeded))
            .map_err(|error| format!("it cannot begin: {error:#}"))
    }

    fn start(
        host: &SubTaskHost,
        parent: &Parent,
        task: &SubTask,
        (log, ready, seeded): (ThreadLog<Entry>, Ready, Proposal),
    ) -> anyhow::Result<Self> {
        let cwd = &parent.settings.cwd;
        let folders = &host.world.folders;
        let folder = FolderPlace::new(folders, &host.exclusions, host.hidden_variables.clone())?;
        let world = ProjectWorld::new(host.world.clone());
        world.set_permissions(ready.permissions(&host.permissions, cwd));
        let place = Arc::new(PlaceOfWork::pending(folder));
        place.is_ready(ready);
        let starter = PlaceStarter(Arc::clone(&place));
        let processes = Processes::new(Box::new(starter), sandbox::Limits::default());
        let tools = tools::standard(&Arc::new(processes), host.rules.clone());
        let start = ThreadStart {
            thread: log.id().to_string(),
            settings: settings(&parent.settings, &tools),
        };
        let heard = Heard::default();
        let listener = heard.clone();
        let parts = ThreadParts {
            provider: Arc::clone(&parent.provider),
            tools,
            gate: Arc::new(SubTaskGate {
                parent: Arc::clone(&parent.gate),
                title: task.title.clone(),
            }),
            workspace: Arc::clone(&place) as Arc<dyn agent::Workspace>,
            world: Arc::new(world),
            journal: Box::new(log),
            redactor: Redactor::new(parent.secrets.iter().cloned()),
            listener: Box::new(move |event| listener.listen(event)),
        };
        Ok(Self {
            handle: Arc::new(ThreadHandle::start(parts, start)?),
            place,
            heard,
            seeded,
        })
    }

    /// Works until its turn has ended, which it does soon after `cancel` is set. Nothing of it runs then.
    pub(super) fn work(self, prompt: &str, cancel: &CancellationFlag) -> SubTaskEnd {
        let target = Arc::new(Mutex::new(Some(Arc::clone(&self.handle))));
        let stop = cancel.subscribe({
            let target = Arc::clone(&target);
            move || {
                if let Some(handle) = lock(&target).as_ref() {
                    // A thread that has ended needs no stopping.
                    drop(handle.interrupt());
                }
            }
        });
        let turn = match self.handle.send(vec![Content::text(prompt)]) {
            Ok(()) => self.finish_turn(cancel),
            Err(error) => Err(error),
        };
        drop(stop);
        // From here on nobody else has the handle, also not for a moment.
        *lock(&target) = None;
        let turn = turn.map_err(|error| error.to_string());
        self.end(turn.and_then(|turn| turn.ok_or_else(|| "it did nothing".to_owned())))
    }

    /// An interrupt may have come before there was a turn to stop.
    fn finish_turn(&self, cancel: &CancellationFlag) -> Result<Option<TurnSummary>, ThreadError> {
        if cancel.is_set() {
            self.handle.interrupt()?;
        }
        self.handle.wait()
    }

    fn end(self, turn: Result<TurnSummary, String>) -> SubTaskEnd {
        let said = self.heard.take();
        drop(self.handle);
        let twin = Arc::into_inner(self.place).and_then(PlaceOfWork::into_twin);
        let mut end = SubTaskEnd {
            turn,
            said,
            ..super::failed("")
        };
        let Some(twin) = twin else {
            return end;
        };
        match twin.proposal() {
            Ok(found) => {
                end.proposal = found.proposal.since(&self.seeded);
                let lost = found.left_out.iter().filter(|file| file.is_only_here);
                let folder = twin.folders().first().cloned().unwrap_or_default();
                end.left_out = lost.map(|file| file.line(&folder) + ".").collect();
            }
            Err(error) => {
                let reason = format!("What it changed cannot be read: {error:#}.");
                end.left_out.push(reason);
            }
        }
        end.place = Some(Box::new(SubTaskTwin(twin)));
        end
    }
}

/// It is replaced in one step, so it is whole after a panic.
fn lock<T>(target: &Mutex<T>) -> MutexGuard<'_, T> {
    target.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SubTaskPlace for SubTaskTwin {
    fn name(&self) -> String {
        let id = self.0.id();
        format!("`ropewalk show {id}`, `ropewalk apply {id}` or `ropewalk discard {id}`")
    }

    fn keep(self: Box<Self>) {
        let id = self.0.id().to_owned();
        if let Err(error) = self.0.keep() {
            // It is listed as one that was broken off.
            tracing::warn!(%error, id, "a sub-task's twin cannot be put aside");
        }
    }

    fn discard(self: Box<Self>) {
        let id = self.0.id().to_owned();
        if let Err(error) = self.0.discard() {
            tracing::warn!(%error, id, "a sub-task's twin cannot be removed");
        }
    }
}

/// Brings a new twin to where the parent is; gives what that has changed in it.
fn begin_with(ready: &Ready, changed: &Proposal) -> Result<Proposal, String> {
    let twin = match ready {
        Ready::Twin(twin) => twin,
        Ready::Folder(reasons) => {
            return Err(format!(
                "sub-tasks need twins, and there is none here; do the work without them. {}",
                reasons.join(" ")
            ));
        }
        Ready::Nowhere(reason) => return Err(reason.clone()),
    };
    if changed.is_empty() {
        return Ok(Proposal::default());
    }
    seed(twin.workspace(), changed)
        .map_err(|error| format!("the files as they are now cannot be given to it: {error}"))?;
    let seeded = twin.proposal();
    seeded
        .map(|found| found.proposal)
        .map_err(|error| format!("its twin cannot be read: {error:#}"))
}

/// The parent's settings, with the tools that a sub-task has.
fn settings(parent: &Settings, tools: &[Arc<dyn Tool>]) -> Settings {
    let declarations = ToolDeclaration::all(tools, &parent.facts);
    let names: Vec<&str> = declarations.iter().map(|tool| tool.spec.name()).collect();
    Settings {
        instructions: instructions(&InstructionOptions { tools: &names }),
        tools: declarations,
        ..parent.clone()
    }
}
