//! An answer of the model: its items as they arrive, its calls as they run, and what its end means for the turn.

use models::{Content, EndReason, Item, ModelError, Role, ToolCall, Usage, Wire};

use super::{
    Effect, Machine, Timer, calls::Calls, failure::Reaction, history::Origin, stop::stopped_output,
    tell, turn::Phase, words,
};
use crate::{
    limits::LimitKind,
    surface::{ThreadEvent, TurnEnd, TurnFailure},
    tool::ToolOutput,
};

/// An answer under way.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) items: Vec<Item>,
    pub(super) calls: Calls,
    /// How the answer ended, once it has; its calls may still run then.
    pub(super) ended: Option<Ended>,
}

/// How an answer ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// By itself.
    Whole(EndReason),
    /// By a failure.
    Failed(ModelError),
    /// Dropped by us: the turn is stopped, or the program was ended.
    Dropped,
}

/// What an answer amounts to.
struct Contents {
    has_items: bool,
    has_calls: bool,
    has_text: bool,
}

impl Answer {
    fn contents(&self) -> Contents {
        Contents {
            has_items: !self.items.is_empty(),
            has_calls: !self.calls.is_empty(),
            has_text: self.items.iter().any(says_something),
        }
    }
}

impl Machine {
    /// An item is complete.
    pub(super) fn take_item(&mut self, item: Item, effects: &mut Vec<Effect>) {
        let Some(turn) = &mut self.turn else { return };
        match &mut turn.phase {
            Phase::Compacting(compaction) => compaction.items.push(item),
            Phase::Answering(answer) if answer.ended.is_none() => {
                answer.calls.confirm();
                self.take_answer_item(item, effects);
                self.hand_out_calls(effects);
            }
            _ => {}
        }
    }

    /// The answer is complete.
    pub(super) fn end_answer(
        &mut self,
        end: EndReason,
        usage: Option<Usage>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(turn) = &mut self.turn else { return };
        match &mut turn.phase {
            Phase::Compacting(_) => {
                self.count_usage(usage, effects);
                self.finish_compaction(effects);
            }
            Phase::Answering(answer) if answer.ended.is_none() => {
                turn.attempts.reset();
                if end == EndReason::MaxOutputTokens {
                    let refused = answer.calls.refuse_doubtful(words::CALL_CUT);
                    effects.extend(
                        refused
                            .into_iter()
                            .map(tell::call_completed)
                            .map(Effect::Tell),
                    );
                }
                answer.calls.confirm();
                answer.ended = Some(Ended::Whole(end));
                self.keep_items(usage);
                self.count_usage(usage, effects);
                self.advance(effects);
            }
            _ => {}
        }
    }

    /// There is no more of the answer.
    pub(super) fn fail_answer(&mut self, error: ModelError, effects: &mut Vec<Effect>) {
        let Some(turn) = &mut self.turn else { return };
        match &mut turn.phase {
            Phase::Compacting(_) => self.fail_compaction(&error, effects),
            Phase::Answering(answer) if answer.ended.is_none() => {
                answer.calls.confirm();
                answer.ended = Some(Ended::Failed(error));
                self.keep_items(None);
                self.advance(effects);
            }
            _ => {}
        }
    }

    /// The request was dropped: what the model had said so far counts.
    pub(super) fn drop_answer(&mut self, said: String, effects: &mut Vec<Effect>) {
        let is_open = self.answer().is_some_and(|answer| answer.ended.is_none());
        if !is_open {
            return;
        }
        self.take_answer_item(Item::message(Role::Assistant, said), effects);
        if let Some(answer) = self.answer() {
            answer.ended = Some(Ended::Dropped);
        }
        self.keep_items(None);
        self.advance(effects);
    }

    /// A call is handed to its tool.
    pub(super) fn start_tool(&mut self, call_id: &str) {
        let now = self.now;
        if let Some(answer) = self.answer() {
            answer.calls.start(call_id, now);
        }
    }

    /// A tool has answered.
    pub(super) fn finish_tool(
        &mut self,
        call_id: &str,
        mut output: ToolOutput,
        effects: &mut Vec<Effect>,
    ) {
        let (now, stop) = (self.now, self.turn.as_ref().and_then(|turn| turn.stop));
        let Some(answer) = self.answer() else { return };
        if let Some(stop) = stop {
            let seconds = answer.calls.running_seconds(call_id, now).unwrap_or(0);
            output = stopped_output(output, stop, seconds);
        }
        let Some(call) = answer.calls.finish(call_id, output) else {
            return;
        };
        effects.push(Effect::Tell(tell::call_completed(call)));
        self.hand_out_calls(effects);
        self.advance(effects);
    }

    /// Goes on when the answer has ended and every call has its output.
    pub(super) fn advance(&mut self, effects: &mut Vec<Effect>) {
        self.hand_out_calls(effects);
        let Some(turn) = &mut self.turn else { return };
        let Phase::Answering(answer) = &mut turn.phase else {
            return;
        };
        if answer.ended.is_none() || !answer.calls.are_done() {
            return;
        }
        let answer = std::mem::take(answer);
        let contents = answer.contents();
        for call in answer.calls.iter() {
            self.learn_from(call);
        }
        for output in answer.calls.into_outputs() {
            self.history.push(output, Origin::Output(self.answers));
        }
        if self.end_stopped_turn(effects) || self.end_repetitive_turn(effects) {
            return;
        }
        match answer.ended {
            Some(Ended::Whole(end)) => self.after_answer(&end, &contents, effects),
            Some(Ended::Failed(error)) => self.after_failure(error, &contents, effects),
            Some(Ended::Dropped) | None => self.after_cut(&contents, effects),
        }
    }

    /// What follows an answer that was cut by the end of the program.
    fn after_cut(&mut self, contents: &Contents, effects: &mut Vec<Effect>) {
        if contents.has_items && !contents.has_calls {
            self.note(words::ANSWER_CUT);
        }
        self.go_on(effects);
    }

    fn after_answer(&mut self, end: &EndReason, contents: &Contents, effects: &mut Vec<Effect>) {
        match end {
            EndReason::Refusal => {
                let message = "The model declined to go on. Say it in other words, or ask for something else.";
                self.fail_turn(TurnFailure::Refusal, message, effects);
            }
            EndReason::Unsuccessful => {
                let message = "What was asked could not be done; the answer says why.";
                self.fail_turn(TurnFailure::Unsuccessful, message, effects);
            }
            EndReason::ContentFilter => {
                let message = "The service withheld the rest of the answer because of its content rules. Say it in other words, or go on without what it objects to.";
                self.fail_turn(TurnFailure::ContentFilter, message, effects);
            }
            EndReason::MaxOutputTokens => {
                if !contents.has_calls {
                    self.note(words::ANSWER_TOO_LONG);
                }
                self.continue_cut(effects);
            }
            EndReason::Paused => {
                // Messages goes on from a conversation that ends with the answer; elsewhere something must follow it.
                let goes_on_by_itself = self.settings.facts.wire == Wire::Messages;
                if !contents.has_calls && contents.has_items && !goes_on_by_itself {
                    self.note(words::ANSWER_PAUSED);
                }
                self.continue_cut(effects);
            }
            EndReason::Complete | EndReason::Other(_) => self.after_whole(contents, effects),
        }
    }

    fn after_whole(&mut self, contents: &Contents, effects: &mut Vec<Effect>) {
        let Some(turn) = &mut self.turn else { return };
        turn.continuations = 0;
        if contents.has_calls || contents.has_text {
            turn.empty_answers = 0;
        }
        if contents.has_calls || !self.inputs.is_empty() {
            self.go_on(effects);
        } else if contents.has_text {
            self.end_turn(TurnEnd::Completed, effects);
        } else {
            self.after_empty(effects);
        }
    }

    /// An empty answer is asked for once more.
    fn after_empty(&mut self, effects: &mut Vec<Effect>) {
        let Some(turn) = &mut self.turn else { return };
        turn.empty_answers += 1;
        if turn.empty_answers > 1 {
            let message = "The model answered with nothing, twice. Say what is missing, or try another model.";
            return self.fail_turn(TurnFailure::EmptyAnswer, message, effects);
        }
        self.note(words::ANSWER_EMPTY);
        self.go_on(effects);
    }

    fn continue_cut(&mut self, effects: &mut Vec<Effect>) {
        let limit = self.settings.limits.continuations;
        let Some(turn) = &mut self.turn else { return };
        turn.continuations += 1;
        if turn.continuations > limit {
            let message = format!(
                "The model's answers were cut off {limit} times in a row. Ask for less at once, or choose a model with longer answers."
            );
            return self.fail_turn(TurnFailure::CutOff, message, effects);
        }
        self.go_on(effects);
    }

    fn after_failure(&mut self, error: ModelError, contents: &Contents, effects: &mut Vec<Effect>) {
        if contents.has_items && !contents.has_calls {
            self.note(words::ANSWER_CUT);
        }
        let has_steps_left = self.reached_limit() != Some(LimitKind::Steps);
        let limits = &self.settings.limits;
        let Some(turn) = &mut self.turn else { return };
        if contents.has_items && !contents.has_calls {
            turn.continuations += 1;
        }
        if turn.continuations > limits.continuations {
            return self.fail_turn(TurnFailure::Model(error.kind), error.message, effects);
        }
        match turn.attempts.react(&error, limits) {
            Reaction::Compact => self.compact_overflow(&error, effects),
            Reaction::GiveUp(message) => {
                self.fail_turn(TurnFailure::Model(error.kind), message, effects);
            }
            Reaction::Wait { .. } if !has_steps_left => {
                self.end_at_limit(LimitKind::Steps, effects);
            }
            Reaction::Wait {
                delay,
                precision,
                notice,
            } => {
                turn.phase = Phase::Waiting;
                effects.push(Effect::Tell(ThreadEvent::Notice { message: notice }));
                effects.push(Effect::SetTimer {
                    timer: Timer::Retry,
                    delay,
                    precision,
                });
            }
        }
    }

    fn take_answer_item(&mut self, item: Item, effects: &mut Vec<Effect>) {
        let item = match item {
            Item::ToolCall(call) => return self.take_call(call, effects),
            Item::ToolOutput { .. } => return,
            Item::Message { role, .. } if role != Role::Assistant => return,
            item if matches!(item, Item::Message { .. }) && !says_something(&item) => return,
            item => item,
        };
        effects.extend(self.item_completed(&item).map(Effect::Tell));
        if let Some(answer) = self.answer() {
            answer.items.push(item);
        }
    }

    fn take_call(&mut self, mut call: ToolCall, effects: &mut Vec<Effect>) {
        call.call_id = self.call_id(call.call_id);
        self.call_ids.insert(call.call_id.clone());
        let mut tools = self.settings.tools.iter();
        let effect = tools
            .find(|tool| tool.spec.name() == call.name)
            .map(|tool| tool.effect);
        let names = self.settings.tools.iter().map(|tool| tool.spec.name());
        let unknown = words::unknown_tool(&call.name, names);
        let Some(answer) = self.answer() else { return };
        answer.items.push(Item::ToolCall(call.clone()));
        match effect {
            Some(effect) => answer.calls.push(call, effect),
            None => {
                let answered = answer
                    .calls
                    .push_answered(call, ToolOutput::failure(unknown));
                effects.push(Effect::Tell(tell::call_completed(answered)));
            }
        }
    }

    fn hand_out_calls(&mut self, effects: &mut Vec<Effect>) {
        let is_stopping = self.turn.as_ref().is_none_or(|turn| turn.stop.is_some());
        if is_stopping {
            return;
        }
        let calls = self.answer().map(|answer| answer.calls.hand_out());
        effects.extend(calls.into_iter().flatten().map(Effect::RunTool));
    }

    /// Appends the items of an ended answer to the history; outputs follow when they are there. Reasoning without
    /// anything after it is left out: services refuse it.
    pub(super) fn keep_items(&mut self, usage: Option<Usage>) {
        let Some(turn) = &mut self.turn else { return };
        let Phase::Answering(answer) = &mut turn.phase else {
            return;
        };
        let is_reasoning = |item: &Item| matches!(item, Item::Reasoning { .. });
        let kept = answer.items.iter().rposition(|item| !is_reasoning(item));
        answer.items.truncate(kept.map_or(0, |last| last + 1));
        let items = answer.items.clone();
        if !items.is_empty() || usage.is_some() {
            self.answers += 1;
            turn.steps += 1;
        }
        if !items.is_empty() {
            turn.attempts.reset();
            turn.compactions = 0;
        }
        for item in items {
            self.history.push(item, Origin::Answer(self.answers));
        }
    }

    fn count_usage(&mut self, usage: Option<Usage>, effects: &mut Vec<Effect>) {
        let (Some(usage), Some(turn)) = (usage, &mut self.turn) else {
            return;
        };
        let price = self.settings.facts.price;
        turn.account.add(usage, price);
        self.account.add(usage, price);
        if matches!(turn.phase, Phase::Answering(_)) {
            self.history.count(usage.total());
        }
        effects.push(Effect::Tell(ThreadEvent::TokenUsage {
            last: usage,
            turn: turn.account.usage,
            context_tokens: self.history.tokens(),
            context_window: self.window_tokens,
        }));
    }

    pub(super) fn answer(&mut self) -> Option<&mut Answer> {
        match &mut self.turn.as_mut()?.phase {
            Phase::Answering(answer) => Some(answer),
            _ => None,
        }
    }
}

fn says_something(item: &Item) -> bool {
    let Item::Message { content, .. } = item else {
        return false;
    };
    content.iter().any(|part| match part {
        Content::Text { text } => !text.trim().is_empty(),
        Content::Image { .. } => true,
    })
}
