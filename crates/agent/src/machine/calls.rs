//! The tool calls of one answer: which may run now, and what came of them.
//!
//! Calls that only read run side by side; a call that acts waits for all before it, and all after wait for it.

use models::{CallForm, Item, ToolCall};

use crate::tool::{ToolEffect, ToolOutput, ToolStatus};

/// Calls in the order in which the model made them.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    calls: Vec<Call>,
}

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) call: ToolCall,
    pub(super) effect: ToolEffect,
    state: CallState,
}

#[derive(Clone, Debug)]
enum CallState {
    /// Perhaps cut off in the middle: the next item or the answer's end will tell.
    Doubtful,
    /// May run when its turn comes.
    Queued,
    /// Handed to the driver, which has not yet begun.
    Handed,
    /// Runs since this time, in milliseconds since 1970.
    Running { since: u64 },
    /// Has its output.
    Done(Box<ToolOutput>),
}

/// What to tell the model of calls that get no answer of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClosingWords<'a> {
    /// For calls that had begun; `{seconds}` stands for how long they had run.
    pub(super) running: &'a str,
    /// For calls that had not begun.
    pub(super) waiting: &'a str,
}

impl Calls {
    /// Adds a call.
    pub(super) fn push(&mut self, call: ToolCall, effect: ToolEffect) {
        let state = if may_be_cut(&call) {
            CallState::Doubtful
        } else {
            CallState::Queued
        };
        self.calls.push(Call {
            call,
            effect,
            state,
        });
    }

    /// Adds a call that is answered already.
    pub(super) fn push_answered(&mut self, call: ToolCall, output: ToolOutput) -> &Call {
        self.calls.push(Call {
            call,
            effect: ToolEffect::Reads,
            state: CallState::Done(Box::new(output)),
        });
        self.calls.last().expect("it has just been added")
    }

    /// The calls, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Whether every call has its output.
    pub(super) fn are_done(&self) -> bool {
        self.calls
            .iter()
            .all(|call| matches!(call.state, CallState::Done(_)))
    }

    /// Whether some tool is at work.
    pub(super) fn are_running(&self) -> bool {
        self.calls
            .iter()
            .any(|call| matches!(call.state, CallState::Running { .. }))
    }

    /// What looked cut off was not: more came after it, or the answer ended well.
    pub(super) fn confirm(&mut self) {
        for call in &mut self.calls {
            if matches!(call.state, CallState::Doubtful) {
                call.state = CallState::Queued;
            }
        }
    }

    /// What looked cut off was: it is answered with `words`. Gives those calls.
    pub(super) fn refuse_doubtful(&mut self, words: &str) -> Vec<&Call> {
        let mut refused = Vec::new();
        for call in &mut self.calls {
            if matches!(call.state, CallState::Doubtful) {
                call.finish(ToolOutput::failure(words));
                refused.push(&*call);
            }
        }
        refused
    }

    /// Hands out the calls that may run now.
    pub(super) fn hand_out(&mut self) -> Vec<ToolCall> {
        let mut handed = Vec::new();
        let (mut all_done, mut no_act_before) = (true, true);
        for call in &mut self.calls {
            let may_run = match call.effect {
                ToolEffect::Reads => no_act_before,
                ToolEffect::Acts => all_done,
            };
            if may_run && matches!(call.state, CallState::Queued) {
                call.state = CallState::Handed;
                handed.push(call.call.clone());
            }
            let is_done = matches!(call.state, CallState::Done(_));
            all_done &= is_done;
            no_act_before &= is_done || call.effect == ToolEffect::Reads;
        }
        handed
    }

    /// A handed call begins.
    pub(super) fn start(&mut self, call_id: &str, time: u64) {
        if let Some(call) = self.open(call_id) {
            call.state = CallState::Running { since: time };
        }
    }

    /// A call has its output; gives the call, or nothing when no such call is open.
    pub(super) fn finish(&mut self, call_id: &str, output: ToolOutput) -> Option<&Call> {
        let call = self.open(call_id)?;
        call.finish(output);
        Some(call)
    }

    /// Gives every waiting call an output, and every running one too.
    pub(super) fn close(&mut self, time: u64, words: ClosingWords<'_>) -> Vec<&Call> {
        self.close_where(time, words, |_| true)
    }

    /// Gives every call that has not begun an output.
    pub(super) fn close_waiting(&mut self, time: u64, words: ClosingWords<'_>) -> Vec<&Call> {
        self.close_where(time, words, |state| {
            !matches!(state, CallState::Running { .. })
        })
    }

    /// How long a call has run, in whole seconds; nothing when it does not run.
    pub(super) fn running_seconds(&self, call_id: &str, time: u64) -> Option<u64> {
        let call = self
            .calls
            .iter()
            .find(|call| call.call.call_id == call_id)?;
        match call.state {
            CallState::Running { since } => Some(time.saturating_sub(since) / 1000),
            _ => None,
        }
    }

    /// The outputs, in order of the calls, as items.
    pub(super) fn into_outputs(self) -> impl Iterator<Item = Item> {
        self.calls.into_iter().filter_map(|call| {
            let CallState::Done(output) = call.state else {
                return None;
            };
            Some(Item::ToolOutput {
                call_id: call.call.call_id,
                form: call.call.form,
                content: output.content,
                failed: output.status != ToolStatus::Succeeded,
            })
        })
    }

    fn open(&mut self, call_id: &str) -> Option<&mut Call> {
        self.calls
            .iter_mut()
            .find(|call| call.call.call_id == call_id && !matches!(call.state, CallState::Done(_)))
    }

    fn close_where(
        &mut self,
        time: u64,
        words: ClosingWords<'_>,
        is_closed: impl Fn(&CallState) -> bool,
    ) -> Vec<&Call> {
        let mut closed = Vec::new();
        for call in &mut self.calls {
            if matches!(call.state, CallState::Done(_)) || !is_closed(&call.state) {
                continue;
            }
            let text = match call.state {
                CallState::Running { since } => {
                    let seconds = time.saturating_sub(since) / 1000;
                    words.running.replace("{seconds}", &seconds.to_string())
                }
                _ => words.waiting.to_owned(),
            };
            call.finish(ToolOutput {
                status: ToolStatus::Interrupted,
                ..ToolOutput::failure(text)
            });
            closed.push(&*call);
        }
        closed
    }
}

impl Call {
    /// Its output, once there is one.
    pub(super) fn output(&self) -> Option<&ToolOutput> {
        match &self.state {
            CallState::Done(output) => Some(output),
            _ => None,
        }
    }

    fn finish(&mut self, output: ToolOutput) {
        self.state = CallState::Done(Box::new(output));
    }
}

/// Whether a call could be the cut end of an answer: text in a tool's own grammar never shows it, JSON does.
fn may_be_cut(call: &ToolCall) -> bool {
    match call.form {
        CallForm::Freeform => true,
        CallForm::Function => {
            serde_json::from_str::<serde::de::IgnoredAny>(&call.arguments).is_err()
        }
    }
}
