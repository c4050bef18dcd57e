//! Tasks that are started and watched.

use scripted_model::Step;
use serde_json::json;

use crate::desk::{Desk, Profile, Setting, patch};

const SUMS: &str = "def add(left, right):\n    return left - right\n";

#[test]
fn a_task_that_only_talks_changes_nothing_and_its_answer_can_be_read() {
    for profile in Profile::ALL {
        let files = [("calc.py", SUMS)];
        let mut desk = Desk::start(&Setting {
            profile,
            files: &files,
            ..Setting::default()
        });
        desk.model
            .play("what is this", vec![Step::say("A sum that subtracts.")]);
        desk.open("calc.py");
        let task = desk.start_task("what is this");
        desk.wait_for_state(task, "done");
        let answer = desk
            .run_command("ropewalk.task.show", json!([task]))
            .unwrap();
        assert!(
            answer.as_str().unwrap().contains("A sum that subtracts."),
            "{answer}"
        );
        assert_eq!(desk.text("calc.py"), SUMS);
        assert!(desk.progress.iter().all(|progress| progress.is_over));
        desk.assert_same_as_server("calc.py");
        desk.wait_until("the twin is gone", |desk| desk.twins().is_empty());
    }
}

#[test]
fn a_diagnostic_of_another_server_is_fixed_by_code_action() {
    for profile in Profile::ALL {
        let files = [("calc.py", SUMS)];
        let mut desk = Desk::start(&Setting {
            profile,
            files: &files,
            ..Setting::default()
        });
        let mend = patch(
            "calc.py",
            &[("    return left - right", "    return left + right")],
        );
        desk.model
            .play("subtracts", vec![mend, Step::say("Mended.")]);
        desk.open("calc.py");
        desk.report("calc.py", 1, "this sum subtracts");
        desk.run_action("calc.py", 1, "Fix this problem");
        desk.settle();
        assert_eq!(
            desk.text("calc.py"),
            SUMS.replace('-', "+"),
            "{}",
            desk.account()
        );
        assert_eq!(desk.disk("calc.py").as_deref(), Some(SUMS));
        desk.assert_same_as_server("calc.py");
        desk.run_action("calc.py", 1, "Keep");
        desk.settle();
        assert_eq!(desk.shown_changes(), []);
    }
}
