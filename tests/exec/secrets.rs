//! The key is in no log, no thread, no message and no command's environment.

use scripted_model::{Fault, Refusal, Script, Server, Step};
use serde_json::json;

use crate::fixer::{self, GOAL};
use crate::home::Home;
use crate::line::{KEY, KEY_VARIABLE, Line};
use crate::project::SHELL;

/// Looks for the key, whole and in the part that no other word has.
fn holds_key(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.contains(KEY) || text.contains("never-write-this-down")
}

fn is_nowhere(home: &Home, printed: &[&str]) {
    for (path, bytes) in home.files() {
        assert!(!holds_key(&bytes), "{} holds the key", path.display());
    }
    for text in printed {
        assert!(!holds_key(text.as_bytes()), "{text}");
    }
}

#[test]
fn a_key_that_works_is_written_nowhere() {
    for line in Line::ALL {
        let script = Script::reacting(|request| {
            let outputs = request.outputs();
            let has_looked = outputs
                .iter()
                .any(|output| output.arguments.contains("printenv"));
            if has_looked {
                fixer::next(&SHELL, &request.conversation)
            } else {
                let command = format!(
                    "printenv; echo \"<${KEY_VARIABLE}>\"; cat /proc/$PPID/environ | tr '\\0' '\\n'"
                );
                Step::call("exec_command", json!({ "cmd": command }))
            }
        });
        let server = Server::start(script.key(KEY)).unwrap();
        let home = Home::new(&SHELL, line, &server);
        let run = home.exec(&[GOAL]);
        run.assert_code(0);
        is_nowhere(&home, &[&run.stdout, &run.stderr]);
        for step in server.steps() {
            assert!(
                !holds_key(step.body.to_string().as_bytes()),
                "{line:?}: the model was told the key"
            );
        }
        assert!(!home.logs().is_empty());
    }
}

#[test]
fn a_key_that_a_service_repeats_is_written_nowhere() {
    for line in Line::ALL {
        let server = Server::start(fixer::script(&SHELL).key("another")).unwrap();
        let home = Home::new(&SHELL, line, &server);
        let run = home.exec(&[GOAL]);
        assert_ne!(run.status.code(), Some(0), "{line:?}");
        is_nowhere(&home, &[&run.stdout, &run.stderr]);

        let fault = Fault::Refuse(Refusal::Unauthorized);
        let server = Server::start(fixer::script(&SHELL).fault_at(1, fault)).unwrap();
        let home = Home::new(&SHELL, line, &server);
        let run = home.exec(&[GOAL]);
        assert_ne!(run.status.code(), Some(0), "{line:?}");
        is_nowhere(&home, &[&run.stdout, &run.stderr]);
    }
}
