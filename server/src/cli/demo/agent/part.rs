//! The part that the scripted model plays. It is fixed: it looks at what the tests said only to see that they said it.

use std::time::Duration;

use scripted_model::{Pace, Script, SeenRequest, Step};
use serde_json::json;

use super::project::Project;

/// What the command tool answers when a command has succeeded.
const SUCCEEDED: &str = "Process exited with code 0";

/// The script: look, mend, see another test fail, mend that too. Each piece of an answer comes after `pause`.
pub(super) fn script(project: &'static Project, pause: Duration) -> Script {
    Script::reacting(move |request| {
        step(project, request).paced(Pace {
            delay: pause,
            ..Pace::default()
        })
    })
}

fn step(project: &Project, request: &SeenRequest) -> Step {
    let tests_passed = request
        .last_output()
        .is_some_and(|output| output.text.contains(SUCCEEDED));
    match (request.exchange.unwrap_or_default(), tests_passed) {
        (0, _) => look(project),
        (1, _) => mend(project),
        (2, false) => mend_the_rest(project),
        (_, true) => Step::say(
            "All tests pass. A duration may have several units now, and what is no duration is still refused.",
        ),
        (_, false) => Step::say("The tests do not say what my script expects here, so it ends."),
    }
}

fn look(project: &Project) -> Step {
    let [code, tests] = project.read_first;
    Step::reason("The code and its tests come first.")
        .and_say("I read the code and its tests.")
        .and_call("read_file", json!({ "path": code }))
        .and_call("read_file", json!({ "path": tests }))
}

fn mend(project: &Project) -> Step {
    Step::reason("Only one number with one unit is understood. All of them have to be added up.")
        .and_say("Durations with several units are refused. I add up all their parts, then run the tests.")
        .and_call_text("apply_patch", project.first_patch)
        .and_call("exec_command", json!({ "cmd": project.test }))
}

fn mend_the_rest(project: &Project) -> Step {
    Step::reason("What belongs to no part is passed over now, so nonsense counts as a duration.")
        .and_say("That took too much: what is no duration has to be refused. I mend it and run the tests again.")
        .and_call_text("apply_patch", project.second_patch)
        .and_call("exec_command", json!({ "cmd": project.test }))
}
