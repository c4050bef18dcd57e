//! How a turn is brought to an early end: by the user, by its time, by the end of the program. Every open call gets an
//! output, the model is told what happened, and the thread can go on at once.

use models::Content;

use super::{
    Effect, Machine, Precision, Timer, Unfinished,
    answer::Ended,
    calls::ClosingWords,
    tell,
    turn::{Phase, Stop},
    words,
};
use crate::{
    limits::LimitKind,
    surface::TurnEnd,
    tool::{ToolOutput, ToolStatus},
};

impl Machine {
    /// The user stops the turn. A second time: without waiting for tools that are slow to stop.
    pub(super) fn interrupt(&mut self, effects: &mut Vec<Effect>) {
        match &self.turn {
            Some(turn) if turn.stop.is_some() => self.end_grace(effects),
            Some(_) => self.stop(Stop::Interrupt, effects),
            None => {}
        }
    }

    /// A time has come.
    pub(super) fn take_timer(&mut self, timer: Timer, effects: &mut Vec<Effect>) {
        if !self.expects(timer) {
            return;
        }
        match timer {
            Timer::Turn => self.stop(Stop::Time, effects),
            Timer::Grace => self.end_grace(effects),
            Timer::Retry => self.try_again(effects),
        }
    }

    /// The program runs again; the entry before this one is of the time `before`.
    pub(super) fn resume(
        &mut self,
        unfinished: Unfinished,
        before: u64,
        effects: &mut Vec<Effect>,
    ) {
        effects.extend([self.thread_started(), self.prewarm()]);
        if let Some(summary) = self.unnoted.clone() {
            effects.push(Effect::EndTurn(Box::new(summary)));
        }
        let Some(turn) = &mut self.turn else { return };
        turn.started += self.now.saturating_sub(before);
        if unfinished == Unfinished::End {
            turn.stop.get_or_insert(Stop::Abandoned);
        }
        if turn.stop.is_none() {
            self.start_turn(effects);
        }
        self.close_lost_calls(effects);
    }

    /// Ends the turn if it is being stopped; gives whether it has ended.
    pub(super) fn end_stopped_turn(&mut self, effects: &mut Vec<Effect>) -> bool {
        match self.turn.as_ref().and_then(|turn| turn.stop) {
            None => return false,
            Some(Stop::Interrupt | Stop::Abandoned) => {
                self.note(words::INTERRUPTED);
                self.end_turn(TurnEnd::Interrupted, effects);
            }
            Some(Stop::Time) => self.end_at_limit(LimitKind::Time, effects),
        }
        true
    }

    fn stop(&mut self, stop: Stop, effects: &mut Vec<Effect>) {
        let Some(turn) = &mut self.turn else { return };
        turn.stop = Some(stop);
        if turn.has_request() {
            effects.push(Effect::CancelRequest);
        }
        if !matches!(turn.phase, Phase::Answering(_)) {
            self.end_stopped_turn(effects);
            return;
        }
        self.stop_calls(stop, effects);
        self.advance(effects);
    }

    /// Answers the calls that wait, and tells the tools that run to stop.
    fn stop_calls(&mut self, stop: Stop, effects: &mut Vec<Effect>) {
        let (now, delay) = (self.now, self.settings.limits.grace);
        let Some(answer) = self.answer() else { return };
        for call in answer.calls.close_waiting(now, closing_words(stop)) {
            effects.push(Effect::Tell(tell::call_completed(call)));
        }
        if answer.calls.are_running() {
            effects.push(Effect::CancelTools);
            effects.push(Effect::SetTimer {
                timer: Timer::Grace,
                delay,
                precision: Precision::Exact,
            });
        }
    }

    /// Tools that have not stopped by now are left alone.
    fn end_grace(&mut self, effects: &mut Vec<Effect>) {
        let stop = self.turn.as_ref().and_then(|turn| turn.stop);
        let words = closing_words(stop.unwrap_or(Stop::Interrupt));
        self.close_calls(words, effects);
        self.advance(effects);
    }

    fn try_again(&mut self, effects: &mut Vec<Effect>) {
        let is_compacting = self
            .turn
            .as_ref()
            .is_some_and(|turn| matches!(turn.phase, Phase::Compacting(_)));
        if is_compacting {
            self.send_compaction(effects);
        } else {
            self.observe(effects);
        }
    }

    /// What was under way when the program ended is gone: calls get an output that says so, requests are made anew.
    fn close_lost_calls(&mut self, effects: &mut Vec<Effect>) {
        let Some(turn) = &mut self.turn else { return };
        match &mut turn.phase {
            Phase::Answering(answer) => {
                if answer.ended.is_none() {
                    answer.ended = Some(Ended::Dropped);
                    self.keep_items(None);
                }
                self.close_calls(words::PROGRAM_ENDED, effects);
                return self.advance(effects);
            }
            Phase::Compacting(_) => turn.compactions = turn.compactions.saturating_sub(1),
            Phase::Observing | Phase::Waiting => {}
        }
        if !self.end_stopped_turn(effects) {
            self.go_on(effects);
        }
    }

    fn close_calls(&mut self, words: ClosingWords<'_>, effects: &mut Vec<Effect>) {
        let now = self.now;
        let Some(answer) = self.answer() else { return };
        for call in answer.calls.close(now, words) {
            effects.push(Effect::Tell(tell::call_completed(call)));
        }
    }
}

/// What a tool answered after it was told to stop: what it has, and that it was stopped.
pub(super) fn stopped_output(mut output: ToolOutput, stop: Stop, seconds: u64) -> ToolOutput {
    if output.status == ToolStatus::Succeeded {
        return output;
    }
    let reason = match stop {
        Stop::Time => "stopped because the turn's time was used up,",
        Stop::Interrupt | Stop::Abandoned => "interrupted by the user",
    };
    output.status = ToolStatus::Interrupted;
    let words = words::stopped_in_time(reason, seconds);
    output.content.push(Content::text(words));
    output
}

fn closing_words(stop: Stop) -> ClosingWords<'static> {
    match stop {
        Stop::Interrupt => words::USER_STOPPED,
        Stop::Time => words::TIME_IS_UP,
        Stop::Abandoned => words::PROGRAM_ENDED,
    }
}
