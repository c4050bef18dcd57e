//! What a task must not do without the user's yes.

use scripted_model::Step;
use serde_json::json;

use crate::desk::{Desk, Profile, Setting, patch};

fn desk(profile: Profile) -> Desk {
    let files = [("notes.txt", "Nothing of note.\n")];
    let mut desk = Desk::start(&Setting {
        profile,
        files: &files,
        ..Setting::default()
    });
    desk.open("notes.txt");
    let ask = json!({
        "cmd": "echo the answer is 42", "needs": ["network"], "justification": "the service knows",
    });
    let steps = vec![
        Step::call("exec_command", ask),
        patch("notes.txt", &[("Nothing of note.", "It was asked.")]),
        Step::say("Noted."),
    ];
    desk.model.play("ask the service", steps);
    desk
}

/// The editors that ask by `window/showMessageRequest`.
const PLAIN: [Profile; 3] = [Profile::Neovim, Profile::Helix, Profile::VsCode];

#[test]
fn a_yes_lets_it_go_on() {
    for profile in PLAIN {
        let mut desk = desk(profile);
        desk.will_press("Allow once");
        desk.start_task("ask the service");
        desk.settle();
        let [question] = desk.questions.as_slice() else {
            panic!("{}", desk.account())
        };
        assert_eq!(question.pressed.as_deref(), Some("Allow once"));
        assert!(question.text.contains("network"), "{question:?}");
        assert!(!desk.model.was_told("declined"), "{}", desk.account());
        assert_eq!(desk.text("notes.txt"), "It was asked.\n");
    }
}

#[test]
fn a_dismissed_question_means_no_and_the_task_goes_on_without() {
    for profile in PLAIN {
        let mut desk = desk(profile);
        desk.start_task("ask the service");
        desk.settle();
        assert_eq!(desk.questions[0].pressed, None);
        assert!(desk.model.was_told("declined"), "{}", desk.account());
        assert!(
            !desk.model.was_told("the answer is 42\\n"),
            "it ran all the same"
        );
        assert_eq!(desk.text("notes.txt"), "It was asked.\n");
    }
}
