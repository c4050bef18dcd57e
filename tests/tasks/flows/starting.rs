//! Tasks that are started, watched, steered and stopped.

use scripted_model::{Fault, Refusal, Step};
use serde_json::json;

use crate::desk::{Desk, Profile, Setting, patch};

const SUMS: &str = "def add(left, right):\n    return left - right\n";
const MINUS: &str = "    return left - right";
const PLUS: &str = "    return left + right";

fn desk(profile: Profile) -> Desk {
    let files = [("calc.py", SUMS)];
    let mut desk = Desk::start(&Setting {
        profile,
        files: &files,
        ..Setting::default()
    });
    desk.open("calc.py");
    desk
}

#[test]
fn a_task_that_only_talks_changes_nothing_and_its_answer_can_be_read() {
    for profile in Profile::ALL {
        let mut desk = desk(profile);
        let answer = Step::say("A sum that subtracts.");
        desk.model.play("what is this", vec![answer]);
        let task = desk.start_task("what is this");
        desk.wait_for_state(task, "done");
        let answer = desk.run_command("ropewalk.task.show", json!([task]));
        let answer = answer.unwrap();
        let answer = answer.as_str().unwrap();
        assert!(answer.contains("A sum that subtracts."), "{answer}");
        assert_eq!(desk.text("calc.py"), SUMS);
        assert!(desk.progress.iter().all(|progress| progress.is_over));
        desk.assert_same_as_server("calc.py");
        desk.wait_until("the twin is gone", |desk| desk.twins().is_empty());
    }
}

#[test]
fn a_diagnostic_of_another_server_is_fixed_by_code_action() {
    for profile in Profile::ALL {
        let mut desk = desk(profile);
        let mend = patch("calc.py", &[(MINUS, PLUS)]);
        desk.model
            .play("this sum subtracts", vec![mend, Step::say("Mended.")]);
        desk.report("calc.py", 1, "this sum subtracts");
        desk.run_action("calc.py", 1, "Fix this problem");
        desk.settle();
        let mended = SUMS.replace('-', "+");
        assert_eq!(desk.text("calc.py"), mended, "{}", desk.account());
        assert_eq!(desk.disk("calc.py").as_deref(), Some(SUMS));
        desk.assert_same_as_server("calc.py");
        assert_eq!(desk.shown_changes().len(), 1);
        desk.run_action("calc.py", 1, "Keep");
        desk.settle();
        assert_eq!(desk.shown_changes(), []);
        desk.save("calc.py");
        assert_eq!(desk.disk("calc.py"), Some(mended));
        desk.wait_until("the twin is gone", |desk| desk.twins().is_empty());
    }
}

#[test]
fn progress_shows_the_plan_and_its_cancelling_stops_the_task_which_leaves_nothing() {
    for profile in Profile::ALL {
        let mut desk = desk(profile);
        let plan = json!({ "plan": [
            { "step": "look", "status": "completed" },
            { "step": "mend it", "status": "in_progress" },
        ] });
        let steps = vec![
            Step::call("update_plan", plan),
            patch("calc.py", &[(MINUS, PLUS)]),
            Step::call(
                "exec_command",
                json!({ "cmd": "sleep 600", "yield_time_ms": 600_000 }),
            ),
            Step::say("never said"),
        ];
        desk.model.play("take your time", steps);
        let task = desk.start_task("take your time");
        desk.wait_until("the plan is seen", |desk| {
            let shown = desk.progress.last();
            shown.is_some_and(|it| it.reports.iter().any(|report| report.contains("mend it")))
        });
        desk.wait_until("the command runs", |desk| {
            let tasks = desk.tasks();
            tasks[0]["step"]
                .as_str()
                .is_some_and(|step| step.contains("sleep"))
        });
        let shown = desk.progress.last().unwrap().clone();
        assert!(
            shown.is_cancellable && shown.title.contains("take your time"),
            "{shown:?}"
        );
        let percentages = &shown.percentages;
        assert!(
            percentages.is_sorted() && percentages.iter().all(|it| *it <= 100),
            "{shown:?}"
        );
        desk.notify(
            "window/workDoneProgress/cancel",
            json!({ "token": shown.token }),
        );
        // What was changed before the stop was not asked to be thrown away: the user is asked, and dismisses that.
        desk.wait_until("the task is over", |desk| {
            !matches!(desk.task_state(task).as_str(), "running" | "landing")
        });
        assert!(desk.progress.iter().all(|progress| progress.is_over));
        assert_eq!(desk.text("calc.py"), SUMS);
        if desk.task_state(task) == "proposed" {
            desk.run_command("ropewalk.task.discard", json!([task]))
                .unwrap();
        }
        desk.wait_until("the twin is gone", |desk| desk.twins().is_empty());
        desk.settle();
        assert_eq!(desk.shown_changes(), []);
        assert_eq!(
            (desk.edits.clone(), desk.disk("calc.py").unwrap()),
            (vec![], SUMS.into())
        );
        desk.read_all_messages();
    }
}

#[test]
fn a_task_is_told_what_the_user_says_while_it_runs() {
    let mut desk = desk(Profile::Helix);
    desk.model
        .play("mend the sum", vec![Step::say("never heard")]);
    desk.model
        .play("no, leave it", vec![Step::say("Left as it is.")]);
    desk.model.hold("mend the sum");
    let task = desk.start_task("mend the sum");
    desk.wait_until("the model is asked", |desk| {
        desk.model.was_told("mend the sum")
    });
    let steer = json!([task, "no, leave it"]);
    desk.run_command("ropewalk.task.steer", steer).unwrap();
    desk.model.let_go("mend the sum");
    desk.wait_for_state(task, "done");
    assert!(desk.model.was_told("no, leave it"));
    assert_eq!(desk.text("calc.py"), SUMS);
}

#[test]
fn a_service_that_refuses_is_reported_with_what_can_be_done_and_the_task_can_be_tried_again() {
    let mut desk = desk(Profile::Neovim);
    desk.model.play(
        "mend",
        vec![Step::fault(Fault::Refuse(Refusal::Unauthorized))],
    );
    let task = desk.start_task("mend");
    desk.wait_for_state(task, "failed");
    let said = desk.read_message("key");
    assert!(
        said.contains("ropewalk.task.retry") || said.contains("could not be done"),
        "{said}"
    );
    desk.model.play(
        "mend",
        vec![patch("calc.py", &[(MINUS, PLUS)]), Step::say("Mended.")],
    );
    desk.run_command("ropewalk.task.retry", json!([task]))
        .unwrap();
    desk.settle();
    assert_eq!(desk.text("calc.py"), SUMS.replace('-', "+"));
    desk.read_all_messages();
}

#[test]
fn only_so_many_run_at_once_and_the_rest_wait_for_their_turn() {
    let files = [("calc.py", SUMS)];
    let mut desk = Desk::start(&Setting {
        files: &files,
        settings: "[tasks]\nlimit = 2\n",
        ..Setting::default()
    });
    desk.open("calc.py");
    for word in ["wanted-1", "wanted-2", "wanted-3"] {
        desk.model.play(word, vec![Step::say(word)]);
        desk.model.hold(word);
        desk.start_task(word);
    }
    let states = |desk: &mut Desk| -> Vec<String> {
        let tasks = desk.tasks();
        let state = |task: &serde_json::Value| task["state"].as_str().unwrap().to_owned();
        tasks.iter().map(state).collect()
    };
    assert_eq!(states(&mut desk), ["running", "running", "queued"]);
    desk.model.let_go("wanted-2");
    desk.wait_until("the third runs", |desk| {
        states(desk) == ["running", "done", "running"]
    });
    desk.model.let_go("wanted-1");
    desk.model.let_go("wanted-3");
    desk.settle();
    assert_eq!(states(&mut desk), ["done", "done", "done"]);
}
