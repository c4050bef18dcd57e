//! A random world around a machine: models that answer anything or fail, tools of all outcomes, a user who interrupts, and
//! a program that is killed between any two lines of the log. It checks what must hold while it goes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use fastrand::Rng;
use models::{
    CallForm, Carried, Content, EndReason, FailureKind, Item, ModelError, Request, Role, ToolCall,
    Usage, Wire,
};

use super::judge::{assert_same, is_summary_request, unpaired};
use super::script::{change_to, settings, world_of};
use crate::{
    machine::{Effect, Entry, Event, Machine, Settings, ThreadStart, Timer, Unfinished, replay},
    surface::{ItemDetails, ThreadEvent},
    tool::{ToolOutput, ToolStatus},
};

/// How likely what is, in percent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chances {
    /// An answer fails.
    pub(super) failure: u8,
    /// The user steers or interrupts, at each turn of the crank.
    pub(super) user: u8,
    /// The program is killed, at each line of the log.
    pub(super) kill: u8,
    /// The model's window in tokens.
    pub(super) window: u64,
}

impl Default for Chances {
    fn default() -> Self {
        Self {
            failure: 0,
            user: 2,
            kill: 0,
            window: 1_000_000,
        }
    }
}

/// The machine, its log, and all that is around them.
pub(super) struct Simulation {
    seed: u64,
    random: Rng,
    chances: Chances,
    machine: Machine,
    /// The log as it stands on disk: lines of JSON.
    log: Vec<String>,
    /// What of it was a complete line in memory: for looking at it.
    entries: Vec<Entry>,
    effects: VecDeque<Effect>,
    time: u64,
    date: u32,
    /// What the model will still send; nothing when no request is open.
    answer: Option<VecDeque<Event>>,
    running: BTreeMap<String, String>,
    /// Calls that were left alone because their tools did not stop in time.
    abandoned: Vec<String>,
    cancelled: bool,
    timers: BTreeSet<&'static str>,
    executed: BTreeSet<String>,
    calls: u32,
    inputs: u32,
    requests: Vec<Request>,
    /// The requests for steps, window by window.
    steps: Vec<Vec<Request>>,
    /// What the next request must begin with.
    previous: Option<Request>,
    windows: u32,
    killed: bool,
    crank: u32,
}

const CRANKS: u32 = 250;

impl Simulation {
    pub(super) fn new(seed: u64, chances: Chances) -> Self {
        let mut random = Rng::with_seed(seed);
        let settings = random_settings(&mut random, chances);
        let start = ThreadStart {
            thread: format!("thread-{seed}"),
            settings,
        };
        let entry = Entry {
            time: 0,
            event: Event::ThreadStarted(Box::new(start.clone())),
        };
        let (machine, effects) = Machine::begin(start, 0);
        Self {
            seed,
            random,
            chances,
            machine,
            log: vec![line(&entry)],
            entries: vec![entry],
            effects: effects.into(),
            time: 0,
            date: 0,
            answer: None,
            running: BTreeMap::new(),
            abandoned: Vec::new(),
            cancelled: false,
            timers: BTreeSet::new(),
            executed: BTreeSet::new(),
            calls: 0,
            inputs: 0,
            requests: Vec::new(),
            steps: vec![Vec::new()],
            previous: None,
            windows: 0,
            killed: false,
            crank: 0,
        }
    }

    /// Lets the thread live for a while, then lets it come to rest, then judges the whole.
    pub(super) fn run(&mut self) {
        self.give_input();
        while self.crank < CRANKS {
            self.turn_crank();
        }
        self.chances.user = 0;
        self.chances.kill = 0;
        self.chances.failure = 0;
        self.perform_all();
        while self.killed || self.machine.has_turn() {
            self.turn_crank();
            self.perform_all();
            assert!(self.crank < CRANKS + 5_000, "{}: no rest", self.seed);
        }
        self.judge_end();
    }

    /// The requests for steps, window by window.
    pub(super) fn windows(&self) -> &[Vec<Request>] {
        &self.steps
    }

    /// All requests that were made.
    pub(super) fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// The log, read anew.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.log.iter().map(|line| parse(line)).collect()
    }

    fn turn_crank(&mut self) {
        self.crank += 1;
        self.time += self.random.u64(0..2_000);
        self.perform_all();
        if self.killed {
            return self.start_again();
        }
        if self.random.u8(0..10) == 0 {
            self.finish_abandoned();
        }
        let is_user = self.random.u8(0..100) < self.chances.user;
        if is_user || !self.machine.has_turn() {
            self.user_acts();
        } else if self.random.bool() && !self.running.is_empty() {
            self.finish_tool();
        } else if let Some(event) = self.answer.as_mut().and_then(VecDeque::pop_front) {
            if self.answer.as_ref().is_some_and(VecDeque::is_empty) {
                self.answer = None;
            }
            self.accept(event);
        } else if self.running.is_empty() || (self.cancelled && self.random.u8(0..3) == 0) {
            self.fire_timer();
        } else {
            self.finish_tool();
        }
        self.perform_all();
    }

    fn user_acts(&mut self) {
        if self.crank > CRANKS {
            return;
        }
        match self.random.u8(0..10) {
            0..=2 if self.machine.has_turn() => {
                // The second time, the tools' end is no longer waited for.
                if self.machine.expects(Timer::Grace) {
                    self.abandon_tools();
                }
                self.accept(Event::InterruptRequested);
            }
            3 => self.accept(Event::CompactionRequested),
            _ => self.give_input(),
        }
    }

    fn abandon_tools(&mut self) {
        let running = std::mem::take(&mut self.running);
        self.abandoned.extend(running.into_keys());
    }

    /// A tool that nobody waits for any more answers all the same.
    fn finish_abandoned(&mut self) {
        if let Some(call_id) = self.abandoned.pop() {
            let output = ToolOutput::success("too late");
            self.accept(Event::ToolFinished { call_id, output });
        }
    }

    fn give_input(&mut self) {
        self.inputs += 1;
        let padding = "please ".repeat(self.random.usize(0..60));
        let content = vec![Content::text(format!("input-{}. {padding}", self.inputs))];
        self.accept(Event::InputGiven { content });
    }

    fn finish_tool(&mut self) {
        let position = self.random.usize(0..self.running.len());
        let Some(call_id) = self.running.keys().nth(position).cloned() else {
            return;
        };
        self.running.remove(&call_id);
        let padding = "x".repeat(self.random.usize(0..1_500));
        let text = format!("output of {call_id}. {padding}");
        let output = match self.random.u8(0..10) {
            _ if self.cancelled => ToolOutput {
                status: ToolStatus::Interrupted,
                ..ToolOutput::success(text)
            },
            0..=1 => ToolOutput::failure(text),
            2 => ToolOutput {
                status: ToolStatus::Declined,
                ..ToolOutput::success(text)
            },
            _ => ToolOutput::success(text),
        };
        self.accept(Event::ToolFinished { call_id, output });
    }

    fn fire_timer(&mut self) {
        let timers = [
            ("retry", Timer::Retry),
            ("grace", Timer::Grace),
            ("turn", Timer::Turn),
        ];
        for (name, timer) in timers {
            if self.machine.expects(timer) && self.timers.remove(name) {
                if timer == Timer::Grace {
                    self.abandon_tools();
                }
                return self.accept(Event::TimerFired { timer });
            }
        }
    }

    /// Writes an event to the log, then gives it to the machine, unless the program is killed in between.
    fn accept(&mut self, event: Event) {
        if self.killed {
            return;
        }
        let entry = Entry {
            time: self.time,
            event,
        };
        self.log.push(line(&entry));
        self.entries.push(entry.clone());
        let effects = self.machine.step(entry);
        for effect in &effects {
            self.note_effect(effect);
        }
        self.effects.extend(effects);
        if self.random.u8(0..100) < self.chances.kill {
            self.killed = true;
            self.effects.clear();
        }
    }

    /// What is asked for counts when the event is in the log, even if the program is killed before it is done.
    fn note_effect(&mut self, effect: &Effect) {
        match effect {
            Effect::Request(request) => self.judge_request(request),
            Effect::Tell(ThreadEvent::ItemCompleted { item }) => {
                if let ItemDetails::Compaction { window, .. } = item.details {
                    assert_eq!(window, self.windows + 2, "{}", self.seed);
                    self.windows += 1;
                    self.previous = None;
                    self.steps.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn perform_all(&mut self) {
        while let Some(effect) = self.effects.pop_front() {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Observe => {
                self.date += u32::from(self.random.u8(0..5) == 0);
                let change = change_to(&self.machine, &world_of(self.date));
                self.accept(Event::WorldObserved { change });
            }
            Effect::Request(request) => self.answer = Some(self.random_answer(&request)),
            Effect::CancelRequest => {
                assert!(
                    self.answer.take().is_some(),
                    "{}: nothing to cancel",
                    self.seed
                );
                let said = if self.random.bool() { "Half a" } else { "" };
                let said = said.to_owned();
                self.accept(Event::AnswerDropped { said });
            }
            Effect::RunTool(call) => self.run_tool(&call),
            Effect::CancelTools => self.cancelled = true,
            Effect::SetTimer { timer, .. } => {
                self.timers.insert(match timer {
                    Timer::Retry => "retry",
                    Timer::Grace => "grace",
                    Timer::Turn => "turn",
                });
            }
            Effect::EndTurn(summary) => self.accept(Event::TurnEnded(summary)),
            Effect::Prewarm(_) | Effect::Tell(_) => {}
        }
    }

    fn run_tool(&mut self, call: &ToolCall) {
        let call_id = call.call_id.clone();
        self.accept(Event::ToolStarted {
            call_id: call_id.clone(),
        });
        if self.killed {
            return;
        }
        let others: Vec<&str> = self.running.values().map(String::as_str).collect();
        if call.name == "act" {
            assert!(others.is_empty(), "{}: acts beside {others:?}", self.seed);
        } else {
            assert!(
                !others.contains(&"act"),
                "{}: reads beside an act",
                self.seed
            );
        }
        assert!(
            self.executed.insert(call_id.clone()),
            "{}: {call_id} runs twice",
            self.seed
        );
        self.cancelled = false;
        self.running.insert(call_id, call.name.clone());
    }

    /// The program is killed, and started again on what is in the log.
    fn start_again(&mut self) {
        self.killed = false;
        self.effects.clear();
        self.answer = None;
        self.running.clear();
        self.abandoned.clear();
        self.timers.clear();
        let entries = self.entries();
        assert_same(&entries, &self.entries, self.seed);
        let (machine, requests) = replay(entries).expect("the log begins as one");
        assert_same(&requests, &self.requests, self.seed);
        self.machine = machine;
        let unfinished = if self.random.u8(0..4) == 0 {
            Unfinished::End
        } else {
            Unfinished::GoOn
        };
        self.accept(Event::Resumed { unfinished });
    }

    fn random_answer(&mut self, request: &Request) -> VecDeque<Event> {
        let mut events = VecDeque::new();
        let is_summary = is_summary_request(request);
        if is_summary || request.purpose == models::Purpose::Compaction {
            let user = Item::message(Role::User, "Kept by the service.");
            let text = Item::message(Role::Assistant, "What happened so far.");
            let items = if is_summary {
                vec![text]
            } else {
                vec![user, text]
            };
            let items = items.into_iter().filter(|_| self.random.u8(0..8) > 0);
            events.extend(items.map(|item| Event::ItemReceived { item }));
        } else {
            for _ in 0..self.random.usize(0..5) {
                let item = self.random_item();
                events.push_back(Event::ItemReceived { item });
            }
        }
        let end = self.random_end();
        events.push_back(end);
        events
    }

    fn random_item(&mut self) -> Item {
        match self.random.u8(0..10) {
            0 => Item::Reasoning {
                summary: vec!["Thinking.".into()],
                carried: Some(Carried {
                    wire: Wire::Responses,
                    value: serde_json::json!({"encrypted_content": "abc", "n": self.random.f64()}),
                }),
            },
            1..=3 => Item::message(Role::Assistant, "Something."),
            4 => Item::message(Role::Assistant, ""),
            _ => self.random_call(),
        }
    }

    fn random_call(&mut self) -> Item {
        self.calls += 1;
        let name = ["read", "read", "act", "act", "unknown"][self.random.usize(0..5)];
        let arguments = match self.random.u8(0..6) {
            0 => "{\"n\": ".to_owned(),
            1 => "{}".to_owned(),
            _ => format!("{{\"n\": {}}}", self.calls),
        };
        let form = match self.random.u8(0..6) {
            0 => CallForm::Freeform,
            _ => CallForm::Function,
        };
        // Some services number their calls anew in every answer.
        let is_repeated = self.random.u8(0..12) == 0;
        let number = if is_repeated { 1 } else { self.calls };
        Item::ToolCall(ToolCall {
            call_id: format!("call-{number}"),
            name: name.into(),
            arguments,
            form,
        })
    }

    fn random_end(&mut self) -> Event {
        if self.random.u8(0..100) < self.chances.failure {
            use FailureKind as Kind;
            let kinds = [
                Kind::Interrupted,
                Kind::Interrupted,
                Kind::Service,
                Kind::RateLimited,
                Kind::Offline,
                Kind::ContextTooLong,
                Kind::Unauthorized,
                Kind::InvalidRequest,
            ];
            let kind = kinds[self.random.usize(0..kinds.len())];
            let error = ModelError {
                kind,
                message: "It broke".into(),
                retry_after: None,
                attempts: 1,
            };
            return Event::AnswerFailed { error };
        }
        let end = match self.random.u8(0..20) {
            0 => EndReason::MaxOutputTokens,
            1 => EndReason::Paused,
            2 => EndReason::Refusal,
            3 => EndReason::ContentFilter,
            4 => EndReason::Other("strange".into()),
            5 => EndReason::Unsuccessful,
            _ => EndReason::Complete,
        };
        let input = self
            .random
            .u64(0..self.chances.window.min(10_000) * 11 / 10);
        let usage = Usage {
            input,
            output: 20,
            ..Usage::default()
        };
        let usage = self.random.bool().then_some(usage);
        Event::AnswerEnded { end, usage }
    }

    fn judge_request(&mut self, request: &Request) {
        self.requests.push(request.clone());
        assert_eq!(unpaired(request), Vec::<String>::new(), "{}", self.seed);
        if let Some(previous) = &self.previous {
            let is_shortened = is_summary_request(request);
            let begins = request.items.starts_with(&previous.items);
            assert!(
                begins || is_shortened,
                "{}: history was rewritten",
                self.seed
            );
            let same = Request {
                items: previous.items.clone(),
                purpose: previous.purpose,
                ..request.clone()
            };
            assert!(same == *previous, "{}: all else stays", self.seed);
        }
        if !is_summary_request(request) && request.purpose == models::Purpose::Step {
            self.previous = Some(request.clone());
            if let Some(steps) = self.steps.last_mut() {
                steps.push(request.clone());
            }
        }
    }

    fn judge_end(&self) {
        let seed = self.seed;
        assert!(self.answer.is_none(), "{seed}: a request is left open");
        assert!(
            self.running.is_empty(),
            "{seed}: {:?} still run",
            self.running
        );
        let request = self.machine.request();
        assert_eq!(unpaired(&request), Vec::<String>::new(), "{seed}");
        let entries = self.entries();
        let (machine, requests) = replay(entries).expect("the log begins as one");
        assert_same(&requests, &self.requests, seed);
        assert_same(&machine.request().items, &request.items, seed);
        self.judge_turns();
        if self.windows == 0 {
            self.judge_completeness(&request);
        }
    }

    /// Every turn is noted as ended, once, in order.
    fn judge_turns(&self) {
        let turns = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::TurnEnded(summary) => Some(summary.turn),
            _ => None,
        });
        let turns: Vec<u32> = turns.collect();
        let expected: Vec<u32> = (1..=self.machine.turns()).collect();
        assert_eq!(turns, expected, "{}", self.seed);
    }

    /// Nothing that was said, called or answered is lost.
    fn judge_completeness(&self, request: &Request) {
        let texts: Vec<String> = request
            .items
            .iter()
            .map(|item| format!("{item:?}"))
            .collect();
        let count = |needle: &str| texts.iter().filter(|text| text.contains(needle)).count();
        for input in 1..=self.inputs {
            assert_eq!(count(&format!("input-{input}. ")), 1, "{}", self.seed);
        }
        for call_id in &self.executed {
            let is_call =
                |item: &Item| matches!(item, Item::ToolCall(call) if call.call_id == *call_id);
            let calls = request.items.iter().filter(|item| is_call(item));
            assert_eq!(calls.count(), 1, "{}: {call_id}", self.seed);
        }
        let mut started = BTreeSet::new();
        for entry in &self.entries {
            match &entry.event {
                Event::ToolStarted { call_id } => assert!(started.insert(call_id)),
                Event::ToolFinished { call_id, output } => {
                    assert!(started.contains(call_id));
                    let Content::Text { text } = &output.content[0] else {
                        continue;
                    };
                    let is_late = text == "too late";
                    let expected = usize::from(!is_late);
                    assert_eq!(count(text), expected, "{}: {call_id}", self.seed);
                }
                _ => {}
            }
        }
    }
}

fn random_settings(random: &mut Rng, chances: Chances) -> Settings {
    let mut settings = settings();
    settings.facts.context_window = chances.window;
    settings.facts.remote_compaction = random.bool();
    settings.limits.steps = random.u32(3..40);
    settings.limits.tokens = random.bool().then(|| random.u64(1_000..200_000));
    settings.limits.time = random.bool().then(|| std::time::Duration::from_secs(60));
    settings.limits.retries = random.u32(0..4);
    settings.limits.offline_retries = random.u32(0..4);
    settings.limits.continuations = random.u32(0..4);
    settings.limits.repetitions_told = 2;
    settings.limits.repetitions = 4;
    settings
}

fn line(entry: &Entry) -> String {
    serde_json::to_string(entry).expect("an entry is JSON")
}

fn parse(line: &str) -> Entry {
    serde_json::from_str(line).expect("it was written by us")
}
