//! A turn from the user's input to its end: when the next request is sent, and when there is none.

use std::{collections::BTreeMap, time::Duration};

use models::{Content, Item, Purpose, Role};

use super::{
    Effect, Machine, Precision, Timer,
    account::Account,
    answer::Answer,
    compact::Compaction,
    failure::Attempts,
    history::{self, Origin},
    words,
};
use crate::{
    limits::LimitKind,
    surface::{ThreadEvent, TurnEnd, TurnFailure, TurnSummary},
    world::WorldChange,
};

/// A running turn.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) number: u32,
    /// Milliseconds since 1970; moved on by the time that the program did not run.
    pub(super) started: u64,
    pub(super) phase: Phase,
    pub(super) steps: u32,
    pub(super) account: Account,
    pub(super) attempts: Attempts,
    /// Answers in a row that were cut off or paused.
    pub(super) continuations: u32,
    /// Empty answers in a row.
    pub(super) empty_answers: u32,
    /// Compactions since the last answer that brought something.
    pub(super) compactions: u32,
    /// How often each call (name and arguments) has failed since something else was changed with success.
    pub(super) failures: BTreeMap<(String, String), u32>,
    /// Whether the model was told that it repeats itself.
    pub(super) repetition_told: bool,
    /// Whether the user was told that the model's window is too small.
    pub(super) narrow_window_told: bool,
    /// Why it is being stopped, if it is.
    pub(super) stop: Option<Stop>,
}

/// What a turn waits for.
#[derive(Debug)]
pub(super) enum Phase {
    /// For the world, to send the next request.
    Observing,
    /// For the answer's items, its end, and the outputs of its calls.
    Answering(Answer),
    /// For the time to ask again.
    Waiting,
    /// For a shorter history.
    Compacting(Compaction),
}

/// Why a turn is being stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The user wants it.
    Interrupt,
    /// Its time is used up.
    Time,
    /// The program ended, and nobody wants the turn to go on.
    Abandoned,
}

impl Turn {
    /// Whether a request is under way.
    pub(super) fn has_request(&self) -> bool {
        match &self.phase {
            Phase::Answering(answer) => answer.ended.is_none(),
            Phase::Compacting(compaction) => !compaction.is_waiting(),
            Phase::Observing | Phase::Waiting => false,
        }
    }

    pub(super) fn expects(&self, timer: Timer) -> bool {
        match timer {
            Timer::Retry => match &self.phase {
                Phase::Waiting => true,
                Phase::Compacting(compaction) => compaction.is_waiting(),
                _ => false,
            },
            Timer::Turn => self.stop.is_none(),
            Timer::Grace => self.stop.is_some(),
        }
    }
}

impl Machine {
    /// The user says something.
    pub(super) fn take_input(&mut self, content: Vec<Content>, effects: &mut Vec<Effect>) {
        match &self.turn {
            Some(turn) if turn.stop.is_some() => self.next_turn.push(content),
            Some(_) => self.inputs.push(content),
            None => {
                self.inputs.push(content);
                self.begin_turn(effects);
            }
        }
    }

    /// The end of a turn is noted; the next one begins if there is something to begin it with.
    pub(super) fn note_end(&mut self, effects: &mut Vec<Effect>) {
        self.unnoted = None;
        if self.turn.is_none() && !self.next_turn.is_empty() {
            self.inputs.append(&mut self.next_turn);
            self.begin_turn(effects);
        }
    }

    fn begin_turn(&mut self, effects: &mut Vec<Effect>) {
        self.turns += 1;
        self.turn = Some(Turn {
            number: self.turns,
            started: self.now,
            phase: Phase::Observing,
            steps: 0,
            account: Account::default(),
            attempts: Attempts::default(),
            continuations: 0,
            empty_answers: 0,
            compactions: 0,
            failures: BTreeMap::new(),
            repetition_told: false,
            narrow_window_told: false,
            stop: None,
        });
        self.start_turn(effects);
        self.observe(effects);
    }

    /// Tells that the turn begins (or goes on) and sets its time.
    pub(super) fn start_turn(&self, effects: &mut Vec<Effect>) {
        let Some(turn) = &self.turn else { return };
        effects.push(Effect::Tell(ThreadEvent::TurnStarted { turn: turn.number }));
        if let Some(limit) = self.settings.limits.time {
            let used = Duration::from_millis(self.now.saturating_sub(turn.started));
            effects.push(Effect::SetTimer {
                timer: Timer::Turn,
                delay: limit.saturating_sub(used),
                precision: Precision::Exact,
            });
        }
    }

    /// Prepares the next request: first the world is looked at.
    pub(super) fn observe(&mut self, effects: &mut Vec<Effect>) {
        if let Some(turn) = &mut self.turn {
            turn.phase = Phase::Observing;
            effects.push(Effect::Observe);
        }
    }

    /// The world is known: appends what is new, then what the user said, and sends the request.
    pub(super) fn take_world(&mut self, change: &WorldChange, effects: &mut Vec<Effect>) {
        let Some(turn) = &self.turn else { return };
        if !matches!(turn.phase, Phase::Observing) {
            return;
        }
        for item in change.items() {
            self.history.push(item, Origin::World);
        }
        self.world.apply(change);
        if self.must_compact() {
            return self.start_compaction(effects);
        }
        self.append_inputs();
        self.send(effects);
    }

    /// Goes on to the next request, unless a limit is reached.
    pub(super) fn go_on(&mut self, effects: &mut Vec<Effect>) {
        match self.reached_limit() {
            Some(limit) => self.end_at_limit(limit, effects),
            None => self.observe(effects),
        }
    }

    /// Ends the turn because of a limit.
    pub(super) fn end_at_limit(&mut self, limit: LimitKind, effects: &mut Vec<Effect>) {
        self.note(words::LIMIT_REACHED);
        let message = self.limit_message(limit);
        self.end_turn(TurnEnd::LimitReached { limit, message }, effects);
    }

    /// Ends the turn because it cannot go on.
    pub(super) fn fail_turn(
        &mut self,
        failure: TurnFailure,
        message: impl Into<String>,
        effects: &mut Vec<Effect>,
    ) {
        let message = message.into();
        self.end_turn(TurnEnd::Failed { failure, message }, effects);
    }

    /// Ends the turn. What the user said meanwhile is kept for the next one.
    pub(super) fn end_turn(&mut self, end: TurnEnd, effects: &mut Vec<Effect>) {
        let Some(turn) = self.turn.take() else { return };
        self.append_inputs();
        let summary = TurnSummary {
            turn: turn.number,
            end,
            steps: turn.steps,
            usage: turn.account.usage,
            thread_usage: self.account.usage,
            cost: turn.account.cost(),
            thread_cost: self.account.cost(),
            milliseconds: self.now.saturating_sub(turn.started),
        };
        self.unnoted = Some(summary.clone());
        effects.push(Effect::EndTurn(Box::new(summary)));
    }

    fn append_inputs(&mut self) {
        for content in std::mem::take(&mut self.inputs) {
            let item = Item::Message {
                role: Role::User,
                content,
                phase: None,
            };
            self.history.push(item, Origin::Input);
        }
    }

    fn send(&mut self, effects: &mut Vec<Effect>) {
        let request = self.request_of(self.history.items(), Purpose::Step);
        if let Some(turn) = &mut self.turn {
            turn.phase = Phase::Answering(Answer::default());
            effects.push(Effect::Request(request));
        }
    }

    /// Whether the next request would come too near to the window's end. Not right after a compaction: if that has not
    /// helped, the service decides.
    fn must_compact(&self) -> bool {
        let has_compacted = self.turn.as_ref().is_some_and(|turn| turn.compactions > 0);
        if has_compacted || !self.history.has_conversation() {
            return false;
        }
        let waiting: u64 = self
            .inputs
            .iter()
            .map(|content| history::estimate_contents(content))
            .sum();
        self.compaction_wanted || self.is_nearly_full(self.history.tokens() + waiting)
    }

    /// Whether a request of `tokens` tokens is one before which the history is compacted.
    pub(super) fn is_nearly_full(&self, tokens: u64) -> bool {
        tokens * 100 >= self.window_tokens * u64::from(self.settings.limits.compact_at_percent)
    }

    /// The limit that keeps the next request from being sent, if there is one.
    pub(super) fn reached_limit(&self) -> Option<LimitKind> {
        let turn = self.turn.as_ref()?;
        let limits = &self.settings.limits;
        let milliseconds = self.now.saturating_sub(turn.started);
        if turn.steps >= limits.steps {
            Some(LimitKind::Steps)
        } else if limits
            .tokens
            .is_some_and(|tokens| turn.account.usage.total() >= tokens)
        {
            Some(LimitKind::Tokens)
        } else if limits
            .time
            .is_some_and(|time| Duration::from_millis(milliseconds) >= time)
        {
            Some(LimitKind::Time)
        } else {
            None
        }
    }

    fn limit_message(&self, limit: LimitKind) -> String {
        let limits = &self.settings.limits;
        let reached = match limit {
            LimitKind::Steps => format!("its limit of {} steps", limits.steps),
            LimitKind::Tokens => format!("its limit of {} tokens", limits.tokens.unwrap_or(0)),
            LimitKind::Time => {
                format!(
                    "its limit of {} s",
                    limits.time.unwrap_or_default().as_secs()
                )
            }
        };
        format!(
            "The turn was ended at {reached}. The work so far is kept; go on with `ropewalk exec --resume {}`.",
            self.thread
        )
    }
}
