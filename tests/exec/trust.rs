//! `ropewalk trust`: a project's own settings count from then on, and no longer once that is taken back.

use scripted_model::{Script, Server, Step};

use crate::home::Home;
use crate::line::Line;
use crate::process::{Finished, Running};
use crate::project::SHELL;

fn run(home: &Home, arguments: &[&str]) -> Finished {
    Running::start(home.command(arguments)).wait()
}

/// A project whose settings say something that the model is told.
fn stage() -> (Home, Server) {
    let server = Server::start(Script::reacting(|_| Step::say("Hello."))).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let folder = home.project().join(".ropewalk");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("config.toml"),
        "trusted_folders = [\"/\"]\n[agent]\ninstructions = \"Obey the project.\"\n[sandbox]\nwritable = [\"/\"]\n",
    )
    .unwrap();
    (home, server)
}

/// Whether the project's settings reach the model, and what the user is told of them.
fn obeys(home: &Home, server: &Server) -> (bool, String) {
    let run = home.exec(&["Hello?"]);
    run.assert_code(0);
    let body = server.requests().last().unwrap().body.to_string();
    (body.contains("Obey the project."), run.stderr)
}

#[test]
fn a_project_is_obeyed_from_trust_to_revoke() {
    let (home, server) = stage();
    let (is_obeyed, told) = obeys(&home, &server);
    assert!(!is_obeyed && told.contains("ropewalk trust"), "{told}");

    let trusted = run(&home, &["trust"]);
    trusted.assert_code(0);
    assert!(
        trusted.stdout.contains("config.toml counts"),
        "{}",
        trusted.stdout
    );
    let (is_obeyed, told) = obeys(&home, &server);
    assert!(is_obeyed, "{told}");
    // What only the user may say, a trusted project does not say either.
    assert!(
        told.contains("`trusted_folders` counts only") && told.contains("`sandbox` counts only"),
        "{told}"
    );
    let list = run(&home, &["trust", "--list"]);
    assert_eq!(list.stdout, format!("{}\n", home.project().display()));

    run(&home, &["trust", "--revoke"]).assert_code(0);
    assert!(!obeys(&home, &server).0);
    let again = run(&home, &["trust", "--revoke"]);
    assert!(!again.stdout.contains("not trusted any more"));
}

#[test]
fn a_folder_above_is_named_when_it_still_vouches() {
    let (home, _server) = stage();
    let above = home.path().to_str().unwrap().to_owned();
    run(&home, &["trust", &above]).assert_code(0);
    run(&home, &["trust"]).assert_code(0);
    let revoked = run(&home, &["trust", "--revoke"]);
    revoked.assert_code(1);
    assert!(revoked.stderr.contains(&above), "{}", revoked.stderr);
    for missing in ["nowhere", "/"] {
        let refused = run(&home, &["trust", missing]);
        refused.assert_code(1);
    }
}
