//! What the program itself tells the model about the conversation. Part of the history, so kept short and never changed
//! by anything but the event that it is about.

use super::calls::ClosingWords;

/// After the user has stopped a turn.
pub(super) const INTERRUPTED: &str = "<turn_interrupted>\nThe user has stopped the turn here. Calls that were open have been \
answered; what they began may have had effects. Wait for what the user says next, and check the state before you go on.\n</turn_interrupted>";

/// After a limit has ended a turn.
pub(super) const LIMIT_REACHED: &str = "<turn_ended>\nThe turn was ended here because it reached a limit that the user has set. \
If the user asks to go on, go on from here.\n</turn_ended>";

/// After the model has repeated itself for too long.
pub(super) const REPETITION_ENDED: &str = "<turn_ended>\nThe turn was ended here because the same call failed again and again.\n</turn_ended>";

/// After an answer that was cut off by a failure, when nothing else follows it.
pub(super) const ANSWER_CUT: &str = "<answer_cut>\nThe answer above was cut off by a failed connection. Go on where it stops, \
without repeating it.\n</answer_cut>";

/// After an answer that reached the longest length.
pub(super) const ANSWER_TOO_LONG: &str = "<answer_cut>\nThe answer above reached the longest length that one answer can have. \
Go on where it stops, without repeating it.\n</answer_cut>";

/// After an answer that the service has paused.
pub(super) const ANSWER_PAUSED: &str =
    "<answer_paused>\nThe service paused the answer above. Go on where it stops.\n</answer_paused>";

/// After an empty answer.
pub(super) const ANSWER_EMPTY: &str = "<answer_empty>\nThe last answer was empty. Go on with the task, or say what the result is \
if it is finished.\n</answer_empty>";

/// In place of a history that another provider has compacted for itself.
pub(super) const COMPACTED_ELSEWHERE: &str = "<history_lost>\nWhat was said and done before this was compacted by another model \
service, in a form that you cannot read. Look at the files to see how far the work is.\n</history_lost>";

/// In place of an output: the call itself was cut off.
pub(super) const CALL_CUT: &str = "This call was not run: the answer reached its longest length in the middle of the call's \
arguments. Make the call again with shorter arguments, or in several smaller calls.";

/// Calls of a turn that the user has stopped.
pub(super) const USER_STOPPED: ClosingWords<'_> = ClosingWords {
    running: "Interrupted by the user after {seconds} s. The tool did not stop in time: it may still be at work, and may have had effects.",
    waiting: "Not started: the user interrupted the turn.",
};

/// Calls of a turn whose time is used up.
pub(super) const TIME_IS_UP: ClosingWords<'_> = ClosingWords {
    running: "Stopped after {seconds} s because the turn's time was used up. The tool did not stop in time: it may still be at work, and may have had effects.",
    waiting: "Not started: the turn's time was used up.",
};

/// Calls that were open when the program ended.
pub(super) const PROGRAM_ENDED: ClosingWords<'_> = ClosingWords {
    running: "The program was ended while this ran. It may have taken effect, in part or whole: check before you repeat it.",
    waiting: "Not started: the program was ended first. Make the call again if it is still needed.",
};

/// What a tool that stopped in time adds to its output.
pub(super) fn stopped_in_time(reason: &str, seconds: u64) -> String {
    format!("({reason} after {seconds} s)")
}

/// To a model that makes the same failing call again and again.
pub(super) fn repetition(tool: &str, times: u32) -> String {
    format!(
        "<repetition>\nThe same call of {tool}, with the same arguments, has now failed {times} times. It will fail again. \
         Find out why, go another way, or tell the user what is in the way.\n</repetition>"
    )
}

/// In place of an output: there is no such tool.
pub(super) fn unknown_tool<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    if known.is_empty() {
        return format!("There is no tool {name:?}, nor any other: answer without tools.");
    }
    format!(
        "There is no tool {name:?}. There are: {}.",
        known.join(", ")
    )
}
