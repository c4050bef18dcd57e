//! The agent's loop as a state machine: `(state, event) → (state, effects)`. No IO, no clock, no chance.
//!
//! The driver steps it with every entry of the thread's log, and performs the effects. Folding a log over it therefore gives
//! the same requests byte for byte ([`replay`]). Its parts: `turn` (from input to input), `answer` (what a model sends),
//! `stop` (interrupts, time, crashes), `compact` (new windows), with the data in `history`, `calls` and `account`.

mod account;
mod answer;
mod calls;
mod compact;
mod effect;
mod event;
mod failure;
pub(crate) mod history;
mod lessons;
mod recorded;
mod replay;
mod stop;
mod tell;
mod turn;
mod words;

use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
    sync::Arc,
};

use models::{Content, Item, Purpose, Request, Role, ToolSpec};

pub use effect::{Effect, Precision};
pub use event::{Entry, Event, Settings, ThreadStart, Timer, ToolDeclaration, Unfinished};
pub use replay::{ReplayError, Told, fork_point, replay, retell};
pub(crate) use tell::call_details;

use self::{
    account::Account,
    history::{History, Origin},
    turn::{Phase, Turn},
};
use crate::{
    surface::{ThreadEvent, TurnSummary},
    tool::{ChangeKind, PlanStep},
    world::World,
};

/// One thread's state. Made from its first entry, changed by nothing but [`Machine::step`].
#[derive(Debug)]
pub struct Machine {
    thread: String,
    cache_key: String,
    settings: Settings,
    instructions: Arc<str>,
    tools: Arc<[ToolSpec]>,
    history: History,
    world: World,
    turn: Option<Turn>,
    turns: u32,
    account: Account,
    /// What the user has said and the history does not yet hold.
    inputs: Vec<Vec<Content>>,
    /// What the user has said while a turn was being stopped: the next turn.
    next_turn: Vec<Vec<Content>>,
    /// The last summary of a turn of which the log has no note yet.
    unnoted: Option<TurnSummary>,
    call_ids: HashSet<String>,
    plan: Vec<PlanStep>,
    files: BTreeMap<PathBuf, ChangeKind>,
    compaction_wanted: bool,
    windows: u32,
    /// What the window holds in tokens: what the facts say, or less once the service has refused that much.
    window_tokens: u64,
    answers: u32,
    messages: u32,
    reasonings: u32,
    /// The time of the last entry, in milliseconds since 1970.
    now: u64,
}

impl Machine {
    /// A thread that begins at `time`, and what to do first. [`Entry::time`] says what the time counts.
    pub fn begin(start: ThreadStart, time: u64) -> (Self, Vec<Effect>) {
        let ThreadStart { thread, settings } = start;
        let mut machine = Self {
            cache_key: thread.clone(),
            thread,
            instructions: settings.instructions.as_str().into(),
            tools: specs(&settings),
            history: History::default(),
            world: World::default(),
            turn: None,
            turns: 0,
            account: Account::default(),
            inputs: Vec::new(),
            next_turn: Vec::new(),
            unnoted: None,
            call_ids: HashSet::new(),
            plan: Vec::new(),
            files: BTreeMap::new(),
            compaction_wanted: false,
            windows: 1,
            window_tokens: settings.facts.context_window,
            answers: 0,
            messages: 0,
            reasonings: 0,
            now: time,
            settings,
        };
        machine.history = History::new(machine.overhead());
        let effects = vec![machine.thread_started(), machine.prewarm()];
        (machine, effects)
    }

    /// Takes in what happened. Events that no longer fit (a tool's answer after its call was closed) change nothing.
    pub fn step(&mut self, entry: Entry) -> Vec<Effect> {
        let mut effects = Vec::new();
        let before = std::mem::replace(&mut self.now, entry.time);
        match entry.event {
            // A log has one first entry, and `begin` has taken it.
            Event::ThreadStarted(_) => {}
            Event::Forked { thread, .. } => self.fork(thread),
            Event::Resumed { unfinished } => self.resume(unfinished, before, &mut effects),
            Event::SettingsChanged(settings) => self.change_settings(*settings, &mut effects),
            Event::InputGiven { content } => self.take_input(content, &mut effects),
            Event::WorldObserved { change } => self.take_world(&change, &mut effects),
            Event::ItemReceived { item } => self.take_item(item, &mut effects),
            Event::AnswerEnded { end, usage } => self.end_answer(end, usage, &mut effects),
            Event::AnswerFailed { error } => self.fail_answer(error, &mut effects),
            Event::AnswerDropped { said } => self.drop_answer(said, &mut effects),
            Event::ToolStarted { call_id } => self.start_tool(&call_id),
            Event::ToolFinished { call_id, output } => {
                self.finish_tool(&call_id, output, &mut effects);
            }
            Event::TimerFired { timer } => self.take_timer(timer, &mut effects),
            Event::InterruptRequested => self.interrupt(&mut effects),
            Event::CompactionRequested => self.compaction_wanted = true,
            Event::TurnEnded(_) => self.note_end(&mut effects),
        }
        effects
    }

    /// The thread's id.
    pub fn thread(&self) -> &str {
        &self.thread
    }

    /// What it runs with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Turns so far, the running one included.
    pub fn turns(&self) -> u32 {
        self.turns
    }

    /// Whether a turn runs (or ran, when the program was ended).
    pub fn has_turn(&self) -> bool {
        self.turn.is_some()
    }

    /// What the model knows of the world.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Whether a timer that fires now would change anything.
    pub fn expects(&self, timer: Timer) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.expects(timer))
    }

    /// Whether what streams in is meant for the user, which a summary for compaction is not.
    pub fn streams_to_surface(&self) -> bool {
        let phase = self.turn.as_ref().map(|turn| &turn.phase);
        matches!(phase, Some(Phase::Answering(_)))
    }

    /// The id under which a call is known that the model calls `given`: another one if a call of this thread has had that.
    pub(crate) fn call_id(&self, mut given: String) -> String {
        while self.call_ids.contains(&given) {
            given.push_str("-again");
        }
        given
    }

    /// The request as it would be sent now, with nothing new added.
    pub fn request(&self) -> Request {
        self.request_of(self.history.items(), Purpose::Step)
    }

    fn request_of(&self, items: Vec<Arc<Item>>, purpose: Purpose) -> Request {
        Request {
            model: self.settings.model.clone(),
            instructions: Arc::clone(&self.instructions),
            items,
            tools: Arc::clone(&self.tools),
            reasoning: self.settings.effort,
            max_output_tokens: None,
            cache_key: self.cache_key.clone(),
            purpose,
        }
    }

    fn prewarm(&self) -> Effect {
        Effect::Prewarm(self.request())
    }

    /// The estimate of what every request holds besides the items, in tokens.
    fn overhead(&self) -> u64 {
        let tools = serde_json::to_string(&*self.tools).map_or(0, |tools| tools.len());
        history::tokens(self.instructions.len() + tools)
    }

    fn fork(&mut self, thread: String) {
        self.thread = thread;
        self.account = Account::default();
        self.unnoted = None;
        self.next_turn.clear();
    }

    fn change_settings(&mut self, settings: Settings, effects: &mut Vec<Effect>) {
        let is_other_provider = settings.provider != self.settings.provider;
        let is_other_model = is_other_provider || settings.model != self.settings.model;
        if is_other_model {
            self.forget_reasoning();
        }
        if is_other_provider {
            self.forget_carried(effects);
        }
        if settings.facts.context_window != self.settings.facts.context_window || is_other_model {
            self.window_tokens = settings.facts.context_window;
        }
        self.instructions = settings.instructions.as_str().into();
        self.tools = specs(&settings);
        self.settings = settings;
        effects.push(self.thread_started());
        effects.push(self.prewarm());
    }

    /// Nobody but the model that made it can read encrypted reasoning, also that of an answer that is not complete.
    fn forget_reasoning(&mut self) {
        self.history.forget_reasoning();
        let answer = self.answer().into_iter();
        answer
            .flat_map(|answer| &mut answer.items)
            .for_each(history::forget_reasoning);
    }

    /// Nobody but the provider that made it can read a compacted history and what it wants back with calls.
    fn forget_carried(&mut self, effects: &mut Vec<Effect>) {
        if let Some(answer) = self.answer() {
            let is_carried = |item: &Item| matches!(item, Item::Carried(_));
            answer.items.retain(|item| !is_carried(item));
        }
        if self.history.forget_carried(words::COMPACTED_ELSEWHERE) {
            let message = format!(
                "{} had compacted the history of this thread in a form that nobody else can read. What is left are your messages, the plan, the list of changed files and the last steps.",
                self.settings.provider
            );
            effects.push(Effect::Tell(ThreadEvent::Notice { message }));
        }
    }

    /// Appends something that the program itself has to say to the model.
    fn note(&mut self, text: impl Into<String>) {
        let item = Item::message(Role::Developer, text);
        self.history.push(item, Origin::Note);
    }

    fn thread_started(&self) -> Effect {
        Effect::Tell(ThreadEvent::ThreadStarted {
            thread_id: self.thread.clone(),
            provider: self.settings.provider.clone(),
            model: self.settings.model.clone(),
            turns: self.turns,
        })
    }
}

fn specs(settings: &Settings) -> Arc<[ToolSpec]> {
    let specs = settings.tools.iter().map(|tool| tool.spec.clone());
    specs.collect()
}

#[cfg(test)]
mod tests;
