//! How a thread moves to a new window: the service compacts the history, or the model writes a summary, or neither can and
//! the program does what it can alone. What the new history holds is decided by [`crate::compaction`].

use std::sync::Arc;

use models::{FailureKind, Item, ModelError, Purpose, Role};

use super::{
    Effect, Machine, Timer,
    failure::{Reaction, sentence},
    history::{History, Origin},
    tell,
    turn::Phase,
};
use crate::{
    compaction::{self, Budgets, Material, Summary},
    surface::{CompactionForm, ItemDetails, SurfaceItem, ThreadEvent, TurnFailure},
};

/// A compaction under way.
#[derive(Debug)]
pub(super) struct Compaction {
    form: CompactionForm,
    /// What is sent.
    request: Vec<Arc<Item>>,
    /// What has come.
    pub(super) items: Vec<Item>,
    /// How often the oldest part was left out because the request was too long.
    shortened: u32,
    progress: Progress,
}

#[derive(Debug, PartialEq, Eq)]
enum Progress {
    Sent,
    Waiting,
}

/// Requests for a summary that are made shorter because the service finds them too long.
const MOST_SHORTENED: u32 = 4;

/// Compactions in a row, without an answer in between, after which the conversation is given up.
const MOST_IN_A_ROW: u32 = 2;

impl Compaction {
    /// Whether it waits for the time to ask again.
    pub(super) fn is_waiting(&self) -> bool {
        self.progress == Progress::Waiting
    }
}

impl Machine {
    /// Begins a new window, before the next request.
    pub(super) fn start_compaction(&mut self, effects: &mut Vec<Effect>) {
        let Some(turn) = &mut self.turn else { return };
        turn.compactions += 1;
        let has_answers = self
            .history
            .entries()
            .iter()
            .any(|entry| matches!(entry.origin, Origin::Answer(_)));
        if !has_answers {
            self.begin_window(Summary::Missing, effects);
        } else if self.settings.facts.remote_compaction {
            self.ask_for_compaction(CompactionForm::Remote, effects);
        } else {
            self.ask_for_compaction(CompactionForm::Summary, effects);
        }
    }

    /// The service finds the conversation too long, whatever the facts say: from here on the window holds less.
    pub(super) fn compact_overflow(&mut self, error: &ModelError, effects: &mut Vec<Effect>) {
        let in_a_row = self.turn.as_ref().map_or(0, |turn| turn.compactions);
        if in_a_row >= MOST_IN_A_ROW {
            let message = format!(
                "{} Even compacted, the conversation does not fit into the window of {}. Say what is needed in fewer words, or choose a model with a larger window.",
                sentence(&error.message),
                self.settings.model
            );
            return self.fail_turn(TurnFailure::Model(error.kind), message, effects);
        }
        let refused = self.history.tokens() / 10 * 9;
        self.window_tokens = self.window_tokens.min(refused.max(SMALLEST_WINDOW));
        self.start_compaction(effects);
    }

    /// Sends the request for the compaction, for the first time or again.
    pub(super) fn send_compaction(&mut self, effects: &mut Vec<Effect>) {
        let Some(turn) = &mut self.turn else { return };
        let Phase::Compacting(compaction) = &mut turn.phase else {
            return;
        };
        compaction.progress = Progress::Sent;
        compaction.items.clear();
        let purpose = match compaction.form {
            CompactionForm::Remote => Purpose::Compaction,
            CompactionForm::Summary | CompactionForm::Mechanical => Purpose::Step,
        };
        let items = compaction.request.clone();
        effects.push(Effect::Request(self.request_of(items, purpose)));
    }

    /// The answer is there.
    pub(super) fn finish_compaction(&mut self, effects: &mut Vec<Effect>) {
        let Some(turn) = &mut self.turn else { return };
        let Phase::Compacting(compaction) = &mut turn.phase else {
            return;
        };
        let items = std::mem::take(&mut compaction.items);
        match compaction.form {
            CompactionForm::Remote if items.is_empty() => {
                self.ask_for_compaction(CompactionForm::Summary, effects);
            }
            CompactionForm::Remote => self.begin_window(Summary::Service(items), effects),
            CompactionForm::Summary | CompactionForm::Mechanical => {
                let summary = match said(&items) {
                    text if text.is_empty() => Summary::Missing,
                    text => Summary::Written(text),
                };
                self.begin_window(summary, effects);
            }
        }
    }

    /// The answer will not come.
    pub(super) fn fail_compaction(&mut self, error: &ModelError, effects: &mut Vec<Effect>) {
        let limits = &self.settings.limits;
        let Some(turn) = &mut self.turn else { return };
        let Phase::Compacting(compaction) = &mut turn.phase else {
            return;
        };
        match turn.attempts.react(error, limits) {
            Reaction::Wait {
                delay,
                precision,
                notice,
            } => {
                compaction.progress = Progress::Waiting;
                effects.push(Effect::Tell(ThreadEvent::Notice { message: notice }));
                effects.push(Effect::SetTimer {
                    timer: Timer::Retry,
                    delay,
                    precision,
                });
            }
            Reaction::GiveUp(message) if is_about_the_account(error.kind) => {
                self.fail_turn(TurnFailure::Model(error.kind), message, effects);
            }
            Reaction::Compact if compaction.shorten() => self.send_compaction(effects),
            Reaction::GiveUp(_) | Reaction::Compact => self.fall_back(effects),
        }
    }

    /// From the service's compaction to a summary, from a summary to none.
    fn fall_back(&mut self, effects: &mut Vec<Effect>) {
        let phase = self.turn.as_ref().map(|turn| &turn.phase);
        match phase {
            Some(Phase::Compacting(compaction)) if compaction.form == CompactionForm::Remote => {
                self.ask_for_compaction(CompactionForm::Summary, effects);
            }
            _ => self.begin_window(Summary::Missing, effects),
        }
    }

    fn ask_for_compaction(&mut self, form: CompactionForm, effects: &mut Vec<Effect>) {
        let mut request = self.history.items();
        if form == CompactionForm::Summary {
            let question = Item::message(Role::User, compaction::SUMMARY_REQUEST);
            request.push(Arc::new(question));
        }
        if let Some(turn) = &mut self.turn {
            turn.attempts.reset();
            turn.phase = Phase::Compacting(Compaction {
                form,
                request,
                items: Vec::new(),
                shortened: 0,
                progress: Progress::Sent,
            });
        }
        self.send_compaction(effects);
    }

    /// Replaces the history, and goes on.
    fn begin_window(&mut self, summary: Summary, effects: &mut Vec<Effect>) {
        let tokens_before = self.history.tokens();
        let form = summary.form();
        let compactions = self.turn.as_ref().map_or(1, |turn| turn.compactions);
        let material = Material {
            entries: self.history.entries(),
            world: self.world.additions(&crate::world::World::default()),
            plan: &self.plan,
            files: &self.files,
            cwd: &self.settings.cwd,
            budgets: Budgets::new(self.window_tokens, compactions),
        };
        let rebuilt = compaction::rebuild(&material, summary);
        let mut history = History::new(self.overhead());
        for (item, origin) in rebuilt {
            history.push(item, origin);
        }
        self.history = history;
        self.windows += 1;
        self.compaction_wanted = false;
        if let Some(turn) = &mut self.turn {
            turn.attempts.reset();
        }
        effects.push(self.window_begun(form, tokens_before));
        self.tell_of_narrow_window(effects);
        self.observe(effects);
    }

    /// Tells once a turn that even a new window is nearly full: then every step costs a compaction, and much is forgotten.
    fn tell_of_narrow_window(&mut self, effects: &mut Vec<Effect>) {
        let is_narrow = self.is_nearly_full(self.history.tokens());
        let Some(turn) = &mut self.turn else { return };
        if !is_narrow || turn.narrow_window_told {
            return;
        }
        turn.narrow_window_told = true;
        let message = format!(
            "The window of {} ({} tokens) is hardly larger than what every request must hold, so the history is compacted again and again. Choose a model with a larger window; if it has one, say so with `context_window` in the settings.",
            self.settings.model, self.window_tokens
        );
        effects.push(Effect::Tell(ThreadEvent::Notice { message }));
    }

    fn window_begun(&self, form: CompactionForm, tokens_before: u64) -> Effect {
        let item = SurfaceItem {
            id: format!("compaction-{}", self.windows),
            details: ItemDetails::Compaction {
                window: self.windows,
                form,
                tokens_before,
                tokens_after: self.history.tokens(),
            },
        };
        Effect::Tell(ThreadEvent::ItemCompleted { item })
    }
}

impl Compaction {
    /// Leaves out the oldest part of a request for a summary; gives whether that can still be done.
    fn shorten(&mut self) -> bool {
        let is_summary = self.form == CompactionForm::Summary;
        if !is_summary || self.shortened >= MOST_SHORTENED {
            return false;
        }
        self.shortened += 1;
        self.request = compaction::without_oldest(&self.request);
        true
    }
}

/// Tokens below which a window is not believed to be.
const SMALLEST_WINDOW: u64 = 1000;

/// Failures that the next request would meet just the same: better to stop before anything is lost.
fn is_about_the_account(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Unauthorized
            | FailureKind::QuotaExceeded
            | FailureKind::UnknownModel
            | FailureKind::Offline
            | FailureKind::NotRunning
    )
}

/// The text of the messages among `items`; calls that the model made all the same are passed over.
fn said(items: &[Item]) -> String {
    let texts = items.iter().filter_map(|item| match item {
        Item::Message { content, .. } => Some(tell::text(content)),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n").trim().to_owned()
}
