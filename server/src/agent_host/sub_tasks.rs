//! Runs the sub-tasks that a thread's model asks for: each a thread of its own, with a log of its own, in a twin that begins
//! as the parent's files are.
//!
//! Made with its parent by `prepared`, which gives its tools; `at_work` connects it when the parent begins. What the
//! sub-tasks have made is merged by the tool that asked for them.

mod gate;
mod heard;
mod sub_thread;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use agent::machine::Settings;
use agent::prompt::Permissions;
use agent::store::{ThreadId, ThreadStore};
use agent::sub_tasks::{SubTask, SubTaskEnd, SubTasks};
use agent::surface::TurnEnd;
use agent::tool::Gate;
use agent::world::WorldOptions;
use agent::{Rules, ToolContext};
use changes::Proposal;
use models::Provider;
use sandbox::twin::UnsavedDocument;
use workspace::ExclusionOptions;

use super::place::{PlaceOfWork, Ready};
use crate::twins::Twins;

use sub_thread::SubThread;

/// Runs the sub-tasks of one thread.
pub(super) struct SubTaskHost {
    /// Where the parent works.
    pub(super) place: Arc<PlaceOfWork>,
    pub(super) store: ThreadStore,
    pub(super) twins: Twins,
    pub(super) rules: Rules,
    pub(super) exclusions: ExclusionOptions,
    /// Names of environment variables that commands must not see.
    pub(super) hidden_variables: Vec<String>,
    /// What the parent's model is told of the world, and those of the sub-tasks.
    pub(super) world: WorldOptions,
    /// What may be done in the user's own folder.
    pub(super) permissions: Permissions,
    /// What was open in the editor and not saved when the parent's turn began: its twin began with it, and theirs do.
    pub(super) documents: Vec<UnsavedDocument>,
    /// So many run at once.
    pub(super) at_once: usize,
    pub(super) parent: OnceLock<Parent>,
}

/// The thread whose sub-tasks they are.
pub(super) struct Parent {
    pub(super) thread: ThreadId,
    pub(super) settings: Settings,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) gate: Arc<dyn Gate>,
    /// What its redactor masks.
    pub(super) secrets: Vec<String>,
}

/// The sub-tasks of one call.
struct Run<'run> {
    host: &'run SubTaskHost,
    parent: &'run Parent,
    tasks: &'run [SubTask],
    /// What the parent has changed so far.
    changed: &'run Proposal,
    context: &'run ToolContext<'run>,
    ended: AtomicUsize,
}

impl SubTasks for SubTaskHost {
    fn run(&self, tasks: &[SubTask], context: &ToolContext<'_>) -> Result<Vec<SubTaskEnd>, String> {
        let parent = self.parent.get().ok_or("The thread has not begun yet.")?;
        let run = Run {
            host: self,
            parent,
            tasks,
            changed: &self.changed_so_far()?,
            context,
            ended: AtomicUsize::new(0),
        };
        Ok(run.all())
    }
}

impl SubTaskHost {
    /// What the parent has changed in its twin; nothing where it works in the user's own folder.
    fn changed_so_far(&self) -> Result<Proposal, String> {
        match self.place.wait() {
            Ready::Twin(twin) => match twin.proposal() {
                Ok(found) => Ok(found.proposal),
                Err(error) => Err(format!(
                    "The files as they are now cannot be read: {error:#}."
                )),
            },
            Ready::Folder(_) => Ok(Proposal::default()),
            Ready::Nowhere(reason) => Err(format!("There is no place to work in: {reason}.")),
        }
    }
}

impl Run<'_> {
    /// Runs them all, each as soon as there is room for it.
    fn all(&self) -> Vec<SubTaskEnd> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut ends = Vec::new();
            loop {
                let position = next.fetch_add(1, Ordering::Relaxed);
                let Some(task) = self.tasks.get(position) else {
                    return ends;
                };
                ends.push((position, self.one(task)));
            }
        };
        let workers = self.host.at_once.clamp(1, self.tasks.len());
        let mut ends: Vec<(usize, SubTaskEnd)> = thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let ends = workers.into_iter().flat_map(|worker| {
                // What a worker that broke had begun stays in its twins, and is reported as broken off below.
                worker.join().unwrap_or_default()
            });
            ends.collect()
        });
        let broken = (0..self.tasks.len())
            .filter(|position| ends.iter().all(|(ended, _)| ended != position));
        let broken: Vec<_> = broken
            .map(|position| (position, failed("it broke; this is a fault in ropewalk")))
            .collect();
        ends.extend(broken);
        ends.sort_by_key(|(position, _)| *position);
        ends.into_iter().map(|(_, end)| end).collect()
    }

    fn one(&self, task: &SubTask) -> SubTaskEnd {
        if self.context.cancel.is_set() {
            return failed("it was stopped before it began");
        }
        self.context.show(&format!("▸ {}\n", task.title));
        let end = match SubThread::begin(self.host, self.parent, task, self.changed) {
            Ok(thread) => thread.work(&self.prompt(task), self.context.cancel),
            Err(reason) => failed(&reason),
        };
        if matches!(&end.turn, Ok(turn) if turn.end == TurnEnd::Interrupted)
            && !self.context.cancel.is_set()
        {
            // The user was asked by it, and has stopped the work.
            (self.context.stop_turn)();
        }
        let ended = self.ended.fetch_add(1, Ordering::Relaxed) + 1;
        self.context
            .show(&format!("{}\n", self.line(task, &end, ended)));
        end
    }

    /// How it ended, for the user.
    fn line(&self, task: &SubTask, end: &SubTaskEnd, ended: usize) -> String {
        let count = format!("({ended} of {})", self.tasks.len());
        let title = &task.title;
        let turn = match &end.turn {
            Ok(turn) => turn,
            Err(reason) => return format!("✗ {title}: {reason} {count}"),
        };
        let (mark, how) = match &turn.end {
            TurnEnd::Completed => ('✓', ""),
            TurnEnd::Interrupted => ('✗', "stopped, "),
            TurnEnd::LimitReached { .. } => ('✗', "a limit was reached, "),
            TurnEnd::Failed { .. } => ('✗', "failed, "),
        };
        let files = match end.proposal.files.len() {
            1 => "1 file".to_owned(),
            files => format!("{files} files"),
        };
        let tokens = turn.usage.input + turn.usage.output;
        format!("{mark} {title}: {how}{files} changed, {tokens} tokens {count}")
    }

    /// What its model is told.
    fn prompt(&self, task: &SubTask) -> String {
        let mut prompt = format!("{}\n\n{}\n", task.title, task.instructions.trim());
        if !task.files.is_empty() {
            prompt += &format!("\nChange only these files: {}.\n", task.files.join(", "));
        }
        let others = self.tasks.iter().filter(|other| other.title != task.title);
        let others: Vec<&str> = others.map(|other| other.title.as_str()).collect();
        if !others.is_empty() {
            prompt += &format!(
                "\nThis is a part of a larger piece of work. Others do these parts at the same time, in copies of their own: {}. \
                 Leave them to do it: what you do not see of it comes later.\n",
                others.join("; ")
            );
        }
        prompt
            + "\nWhat you change is merged with the rest when you end. Your last message goes to the agent that has split the \
               work: say in a few sentences what you did, and what is left or doubtful.\n"
    }
}

fn failed(reason: &str) -> SubTaskEnd {
    SubTaskEnd {
        turn: Err(reason.to_owned()),
        said: String::new(),
        proposal: Proposal::default(),
        left_out: Vec::new(),
        place: None,
    }
}
