//! Landings: a task's proposal on its way into the user's documents.
//!
//! Planned on a thread (`landing/job.rs`), delivered (`deliveries.rs`), and begun anew when the user has typed meanwhile.
//! Restored checkpoints (`checkpoints.rs`) and decided conflicts (`conflicts.rs`) go the same way.
//!
//! **Invariant** what a task proposes is in the user's documents, or among the conflicts, or waits as a proposal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agent::landing::CheckpointId;
use changes::{ChangeSource, Proposal};
use serde_json::{Value, json};
use text::Text;
use tower_lsp_server::gen_lsp_types::{
    MessageActionItem, MessageType, ShowMessageRequest, ShowMessageRequestParams,
};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::agent_host::exclusions;
use crate::commands::{LandingCommand, TaskCommand, TaskName};
use crate::config::paths::state_folder;
use crate::delivery::{Confirmation, Delivery, Outcome};
use crate::event::Event;
use crate::landing::wording::{self, Review};
use crate::landing::{
    Aim, ConflictBook, Errand, LandingEvent, LandingJob, Planned, PlanningError, Source,
};
use crate::tasks::{EndedTurn, LandingMode, Settled, TaskId};
use crate::timer::Alarm;
use crate::transport;

use super::Session;

/// So often a landing is begun anew when the documents have changed meanwhile.
const ATTEMPTS: u32 = 5;
/// The pause before the first further attempt; it grows with each.
const PAUSE: Duration = Duration::from_millis(300);

const APPLY: &str = "Apply";
const SHOW: &str = "Show changes";
const CHOOSE: &str = "Choose in the editor";
const DISCARD: &str = "Discard";

/// All landings of the conversation.
#[derive(Debug, Default)]
pub(super) struct Landings {
    last_number: u64,
    under_way: BTreeMap<Errand, UnderWay>,
    proposed: BTreeMap<TaskId, Proposed>,
    /// What has landed, in its order.
    pub(super) landed: Vec<LandedTurn>,
    pub(super) conflicts: ConflictBook,
    /// Where the conflicts are kept, and for which folders.
    pub(super) conflict_file: Option<(PathBuf, Vec<PathBuf>)>,
}

/// A landing that is not over.
#[derive(Debug)]
pub(super) struct UnderWay {
    pub(super) title: String,
    pub(super) thread: Option<String>,
    pub(super) turn: u32,
    pub(super) aim: Aim,
    pub(super) mode: LandingMode,
    pub(super) confirmation: Confirmation,
    /// How often it was begun.
    attempts: u32,
    /// Tells an answer of an earlier attempt from that of the last.
    number: u64,
    planned: Option<Planned>,
}

/// A proposal that waits for the user.
#[derive(Clone, Debug)]
struct Proposed {
    title: String,
    thread: Option<String>,
    turn: u32,
    proposal: Proposal,
}

/// A turn whose changes are in the user's documents.
#[derive(Clone, Debug)]
pub(super) struct LandedTurn {
    pub(super) errand: Errand,
    pub(super) title: String,
    pub(super) turn: u32,
    pub(super) checkpoint: CheckpointId,
    pub(super) paths: Vec<PathBuf>,
}

impl UnderWay {
    pub(super) fn new(title: String, aim: Aim) -> Self {
        Self {
            title,
            thread: None,
            turn: 0,
            aim,
            mode: LandingMode::Review,
            confirmation: Confirmation::Unasked,
            attempts: 0,
            number: 0,
            planned: None,
        }
    }

    /// Whose work appears: what the user brings back or decides is the user's own.
    fn change_source(&self, errand: Errand) -> Option<ChangeSource> {
        matches!(errand, Errand::Landing(_)).then(|| ChangeSource {
            title: self.title.clone(),
            thread: self.thread.clone(),
            turn: self.turn,
        })
    }
}

impl Session {
    /// Lands what a turn proposes: merged with the documents as they are now.
    pub(super) fn land(&mut self, task: TaskId, title: &str, turn: &EndedTurn, mode: LandingMode) {
        if self.is_under_way(Errand::Landing(task)) {
            return;
        }
        let left = self.landings.proposed.remove(&task);
        let left = left.filter(|left| left.turn == turn.turn);
        let proposed = left.unwrap_or_else(|| Proposed {
            title: title.to_owned(),
            thread: turn.thread.clone(),
            turn: turn.turn,
            proposal: turn.proposal.clone(),
        });
        if mode == LandingMode::Preview {
            self.offer(task, proposed);
        } else {
            self.begin_landing(task, proposed, mode, Confirmation::Unasked);
        }
    }

    /// A delivery of a landing is over.
    pub(super) fn landing_delivered(&mut self, task: TaskId, outcome: Outcome) {
        self.errand_delivered(Errand::Landing(task), outcome);
    }

    /// What became of a task's changes is settled: none of them waits here any more.
    pub(super) fn forget_proposal(&mut self, task: TaskId) {
        self.landings.proposed.remove(&task);
    }

    /// Carries out a command about landings.
    pub(super) fn run_landing_command(&mut self, command: LandingCommand) -> Result<Value> {
        match command {
            LandingCommand::Changes(task) => self.show_changes(task),
            LandingCommand::Conflicts => Ok(self.list_conflicts()),
            LandingCommand::Decide(number, decision) => self.decide_conflict(number, decision),
            LandingCommand::Show(number) => self.show_conflict(number),
        }
    }

    /// Something happened in a landing.
    pub(super) fn landing_event(&mut self, event: LandingEvent) {
        match event {
            LandingEvent::Planned(errand, number, planned) => {
                self.landing_planned(errand, number, *planned)
            }
            LandingEvent::OfferAnswered(task, answer) => self.offer_answered(task, &answer),
            LandingEvent::TextWritten(path, written) => self.show_written(&path, written),
            LandingEvent::Checkpoints(list) => self.show_checkpoints(list),
        }
    }

    /// Puts something on its way.
    pub(super) fn begin(&mut self, errand: Errand, under_way: UnderWay) {
        self.landings.under_way.insert(errand, under_way);
        self.plan_landing(errand);
    }

    /// Whether something is on its way.
    pub(super) fn is_under_way(&self, errand: Errand) -> bool {
        self.landings.under_way.contains_key(&errand)
    }

    /// A number that no other errand of this conversation has.
    pub(super) fn next_landing_number(&mut self) -> u64 {
        self.landings.last_number += 1;
        self.landings.last_number
    }

    /// Plans a landing on a thread; again, when what was planned is not what is there any more.
    pub(super) fn plan_landing(&mut self, errand: Errand) {
        let number = self.next_landing_number();
        let Some(state_folder) = state_folder() else {
            self.give_up(
                errand,
                "There is no place for checkpoints: set HOME or XDG_STATE_HOME.",
            );
            return;
        };
        let snapshot = self.workspace.snapshot();
        let Some(under_way) = self.landings.under_way.get_mut(&errand) else {
            return;
        };
        under_way.attempts += 1;
        under_way.number = number;
        let job = LandingJob {
            aim: under_way.aim.clone(),
            snapshot,
            out_of_step: self.out_of_step.clone(),
            exclusions: exclusions(&self.settings.config),
            state_folder,
            keep_days: self.settings.config.sandbox.keep_days,
            title: under_way.title.clone(),
            thread: under_way.thread.clone(),
            turn: (0 < under_way.turn).then_some(under_way.turn),
        };
        self.aside_for_landing(move || LandingEvent::Planned(errand, number, Box::new(job.run())));
    }

    /// Has work done on a thread of its own, whose result comes back as an event.
    pub(super) fn aside_for_landing(&self, work: impl FnOnce() -> LandingEvent + Send + 'static) {
        let events = self.events.clone();
        let started = std::thread::Builder::new()
            .name("landing".into())
            .spawn(move || events.send(Event::Landing(work())));
        if let Err(error) = started {
            let message =
                format!("The system starts no thread for a landing: {error}. Try again later.");
            self.say(MessageType::Error, message);
        }
    }

    /// `path` as the user knows it: within its folder.
    pub(super) fn short_name(&self, path: &Path) -> String {
        let folders = self.folder_paths();
        let within = folders
            .iter()
            .find_map(|folder| path.strip_prefix(folder).ok());
        within.unwrap_or(path).display().to_string()
    }

    fn begin_landing(
        &mut self,
        task: TaskId,
        proposed: Proposed,
        mode: LandingMode,
        confirmation: Confirmation,
    ) {
        let aim = Aim::Apply(proposed.proposal);
        let under_way = UnderWay {
            thread: proposed.thread,
            turn: proposed.turn,
            mode,
            confirmation,
            ..UnderWay::new(proposed.title, aim)
        };
        self.begin(Errand::Landing(task), under_way);
    }

    fn landing_planned(
        &mut self,
        errand: Errand,
        number: u64,
        planned: std::result::Result<Planned, PlanningError>,
    ) {
        let is_wanted = |under_way: &&mut UnderWay| under_way.number == number;
        let Some(under_way) = self.landings.under_way.get_mut(&errand).filter(is_wanted) else {
            return;
        };
        let planned = match planned {
            Ok(planned) => planned,
            Err(error) => return self.give_up(errand, &format!("It cannot be landed: {error}.")),
        };
        let delivery = Delivery {
            label: under_way.title.clone(),
            purpose: errand.purpose(),
            confirmation: under_way.confirmation,
            source: under_way.change_source(errand),
            files: planned.plan.files.clone(),
        };
        let source = Source {
            errand: Some(errand),
            title: under_way.title.clone(),
        };
        under_way.planned = Some(planned);
        if !self.note_conflicts(errand, &source) {
            self.begin_anew(errand);
        } else if delivery.files.is_empty() {
            self.errand_delivered(errand, Outcome::Delivered);
        } else {
            self.deliver(delivery);
        }
    }

    /// Puts the planned conflicts down before the text around them moves. False when a text is not what was planned for.
    fn note_conflicts(&mut self, errand: Errand, source: &Source) -> bool {
        let Some(planned) = self
            .landings
            .under_way
            .get(&errand)
            .and_then(|under_way| under_way.planned.as_ref())
        else {
            return false;
        };
        let mut texts = Vec::new();
        for text in &planned.plan.texts {
            let open = self.workspace.documents().get(&text.source);
            let open = open.map(|document| document.text.clone());
            if open
                .as_ref()
                .is_some_and(|open| *open != Text::from(text.before.as_str()))
            {
                return false;
            }
            let is_in_place = text.path == text.source;
            texts.push((text, open.filter(|_| is_in_place)));
        }
        for (text, open) in texts {
            self.landings
                .conflicts
                .add_text(text, open.as_ref(), source);
        }
        for file in &planned.plan.whole_files {
            self.landings.conflicts.add_file(file, source);
        }
        true
    }

    /// What came of the delivery of anything that is under way.
    pub(super) fn errand_delivered(&mut self, errand: Errand, outcome: Outcome) {
        match outcome {
            Outcome::Delivered => self.landing_arrived(errand, &[]),
            Outcome::Stale(_) => self.begin_anew(errand),
            Outcome::Refused(reason) => {
                let reason = match reason.trim() {
                    "" => "The editor did not apply it.".to_owned(),
                    reason => format!("The editor did not apply it ({reason})."),
                };
                self.give_up(errand, &reason);
            }
            Outcome::Partly { missing, .. } => self.landing_arrived(errand, &missing),
        }
    }

    fn begin_anew(&mut self, errand: Errand) {
        self.void_plan(errand);
        let Some(under_way) = self.landings.under_way.get(&errand) else {
            return;
        };
        if ATTEMPTS <= under_way.attempts {
            self.give_up(errand, "The files keep being changed.");
        } else {
            self.timer
                .after(PAUSE * under_way.attempts, Alarm::Landing(errand));
        }
    }

    /// It is over, and nothing was changed: what a task proposes waits.
    fn give_up(&mut self, errand: Errand, reason: &str) {
        self.void_plan(errand);
        let Some(under_way) = self.landings.under_way.remove(&errand) else {
            return;
        };
        match (errand, under_way.aim) {
            (Errand::Landing(task), Aim::Apply(proposal)) => {
                let proposed = Proposed {
                    title: under_way.title,
                    thread: under_way.thread,
                    turn: under_way.turn,
                    proposal,
                };
                self.propose(task, proposed, reason);
            }
            _ => self.say(
                MessageType::Warning,
                format!("{}: {reason} Nothing was changed.", under_way.title),
            ),
        }
    }

    /// Takes back what was noted for a delivery that did not happen.
    fn void_plan(&mut self, errand: Errand) {
        self.landings.conflicts.confirm(errand, |_| false);
        let planned = self
            .landings
            .under_way
            .get_mut(&errand)
            .and_then(|under_way| under_way.planned.take());
        let (Some(id), Some(state_folder)) = (
            planned.and_then(|planned| planned.checkpoint),
            state_folder(),
        ) else {
            return;
        };
        let forget = move || {
            if let Err(error) = agent::landing::forget(&state_folder, id) {
                tracing::warn!(%error, "a checkpoint of nothing is left behind");
            }
        };
        drop(
            std::thread::Builder::new()
                .name("checkpoint".into())
                .spawn(forget),
        );
    }

    /// It is there, but for what is missing.
    fn landing_arrived(&mut self, errand: Errand, missing: &[(PathBuf, String)]) {
        let Some(under_way) = self.landings.under_way.remove(&errand) else {
            return;
        };
        let Some(mut planned) = under_way.planned else {
            return;
        };
        let is_missing = |path: &Path| missing.iter().any(|(left, _)| left == path);
        let fresh = self
            .landings
            .conflicts
            .confirm(errand, |path| !is_missing(path));
        planned.plan.files.retain(|file| !is_missing(&file.path));
        planned.plan.texts.retain(|text| !is_missing(&text.path));
        planned.plan.refused.extend(missing.iter().cloned());
        self.conflicts_changed(&fresh);
        if let Some(checkpoint) = planned.checkpoint {
            let files = planned.plan.files.iter();
            self.landings.landed.push(LandedTurn {
                errand,
                title: under_way.title.clone(),
                turn: under_way.turn,
                checkpoint,
                paths: files.map(|file| file.path.clone()).collect(),
            });
        }
        match errand {
            Errand::Landing(task) => {
                let Aim::Apply(mut proposal) = under_way.aim else {
                    return;
                };
                let is_left =
                    |path: &Path| planned.plan.refused.iter().any(|(left, _)| left == path);
                proposal.files.retain(|change| is_left(&change.path));
                let rest = Proposed {
                    title: under_way.title,
                    thread: under_way.thread,
                    turn: under_way.turn,
                    proposal,
                };
                self.task_landed(task, &planned, under_way.mode, rest);
            }
            Errand::Restore(_) => self.tell_restored(&planned),
            Errand::Decision(number) => self.file_decided(number, &planned),
        }
    }

    fn task_landed(&mut self, task: TaskId, planned: &Planned, mode: LandingMode, rest: Proposed) {
        let review = match mode {
            LandingMode::Auto => Review::Kept,
            LandingMode::Review | LandingMode::Preview => Review::Open,
        };
        if review == Review::Kept {
            for file in &planned.plan.files {
                self.keep_changes(&file.path, rest.thread.as_deref(), rest.turn);
            }
        }
        let told = wording::landed(&planned.plan, planned.hunk_count, review);
        let name = self.task_name(task);
        if rest.proposal.is_empty() {
            self.say(MessageType::Info, format!("{name}: {told}"));
            self.settle_task(task, Settled::Landed);
            return;
        }
        let left = wording::left_alone(&planned.plan.refused, |path| self.short_name(path));
        let waits = wording::waiting(&name, &format!("{told} Not changed:{left}\n"), task.0);
        self.landings.proposed.insert(task, rest);
        self.say(MessageType::Warning, waits);
        self.settle_task(task, Settled::Kept);
    }

    /// Keeps what a task proposes until the user says what becomes of it.
    fn propose(&mut self, task: TaskId, proposed: Proposed, reason: &str) {
        let message = wording::waiting(&self.task_name(task), reason, task.0);
        self.landings.proposed.insert(task, proposed);
        self.say(MessageType::Warning, message);
        self.settle_task(task, Settled::Kept);
    }

    /// Preview: shows what a task proposes and asks what becomes of it.
    fn offer(&mut self, task: TaskId, proposed: Proposed) {
        let count = wording::count(proposed.proposal.files.len(), "file");
        let message = format!(
            "{}: would change {count}. Nothing is changed yet.",
            self.task_name(task)
        );
        self.landings.proposed.insert(task, proposed);
        self.settle_task(task, Settled::Kept);
        let titles = [
            Some(APPLY),
            self.client.confirms_changes.then_some(CHOOSE),
            Some(SHOW),
            Some(DISCARD),
        ];
        let actions = titles.into_iter().flatten().map(|title| MessageActionItem {
            title: title.to_owned(),
            properties: Default::default(),
        });
        let params = ShowMessageRequestParams {
            kind: MessageType::Info,
            message,
            actions: Some(actions.collect()),
        };
        let events = self.events.clone();
        self.outbox
            .request::<ShowMessageRequest>(&params, move |answer| {
                events.send(Event::Landing(LandingEvent::OfferAnswered(task, answer)));
            });
        drop(self.show_changes(task));
    }

    fn offer_answered(&mut self, task: TaskId, answer: &transport::Answer) {
        let title = answer
            .as_ref()
            .ok()
            .and_then(|value| value["title"].as_str());
        let name = TaskName::Number(task.0);
        let done = match title {
            Some(APPLY) => self.run_task_command(TaskCommand::Apply(name, None)),
            Some(CHOOSE) => self.choose_in_editor(task),
            Some(SHOW) => self.show_changes(task),
            Some(DISCARD) => self.run_task_command(TaskCommand::Discard(name)),
            // Put aside: it waits, and lists show it.
            _ => return,
        };
        if let Err(error) = done {
            self.say(MessageType::Warning, error.message.to_string());
        }
    }

    fn choose_in_editor(&mut self, task: TaskId) -> Result<Value> {
        let proposed = self.take_proposal(task)?;
        self.begin_landing(task, proposed, LandingMode::Review, Confirmation::Asked);
        Ok(Value::Null)
    }

    fn take_proposal(&mut self, task: TaskId) -> Result<Proposed> {
        let proposed = self.landings.proposed.remove(&task);
        proposed.ok_or_else(|| no_proposal(task))
    }

    /// Shows what a task proposes as a diff.
    fn show_changes(&mut self, task: TaskId) -> Result<Value> {
        let proposed = self.landings.proposed.get(&task);
        let proposed = proposed.ok_or_else(|| no_proposal(task))?;
        let proposal = proposed.proposal.clone();
        let files = proposal.files.len();
        let folders = self.folder_paths();
        self.write_text(format!("task-{task}.diff"), move || {
            proposal.unified_diff(&folders)
        });
        Ok(json!({ "files": files }))
    }
}

fn no_proposal(task: TaskId) -> Error {
    Error::invalid_params(format!(
        "task {task} has no changes that wait; `ropewalk.tasks` lists what tasks have"
    ))
}
