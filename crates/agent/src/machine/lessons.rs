//! What a finished call teaches: the plan and the files for later windows, and whether the model repeats itself.

use super::{Effect, Machine, calls::Call, words};
use crate::{
    surface::TurnFailure,
    tool::{Presentation, ToolEffect, ToolStatus},
};

impl Machine {
    /// Keeps in mind what later windows must know, and who repeats what.
    pub(super) fn learn_from(&mut self, call: &Call) {
        let Some(output) = call.output() else { return };
        match &output.presentation {
            Some(Presentation::Plan { steps }) => self.plan.clone_from(steps),
            Some(Presentation::FileChanges { changes })
                if output.status == ToolStatus::Succeeded =>
            {
                for change in changes {
                    self.files.insert(change.path.clone(), change.kind.clone());
                }
            }
            _ => {}
        }
        self.count_repetition(call, output.status);
    }

    fn count_repetition(&mut self, call: &Call, status: ToolStatus) {
        let Some(turn) = &mut self.turn else { return };
        match status {
            ToolStatus::Failed | ToolStatus::Declined => {
                let key = (call.call.name.clone(), call.call.arguments.clone());
                *turn.failures.entry(key).or_default() += 1;
            }
            ToolStatus::Succeeded if call.effect == ToolEffect::Acts => turn.failures.clear(),
            ToolStatus::Succeeded | ToolStatus::Interrupted => {}
        }
    }

    /// Tells a model once that it repeats itself, and ends the turn when that has not helped. Gives whether it has ended.
    pub(super) fn end_repetitive_turn(&mut self, effects: &mut Vec<Effect>) -> bool {
        let limits = &self.settings.limits;
        let (told, last) = (limits.repetitions_told, limits.repetitions);
        let Some(turn) = &mut self.turn else {
            return false;
        };
        let worst = turn.failures.iter().max_by_key(|(_, times)| **times);
        let Some(((tool, _), &times)) = worst else {
            return false;
        };
        let tool = tool.clone();
        if times >= last {
            self.note(words::REPETITION_ENDED);
            let message = format!(
                "The model made the same failing call of {tool} {times} times, so the turn was ended. The work so far is kept; say how to go on."
            );
            self.fail_turn(TurnFailure::Repetition, message, effects);
            return true;
        }
        if times >= told && !turn.repetition_told {
            turn.repetition_told = true;
            self.note(words::repetition(&tool, times));
        }
        false
    }
}
