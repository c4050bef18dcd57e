//! What `[sandbox]` and `ROPEWALK_WALL` say of a task: refused where they do not go together, told, and held.

use scripted_model::Server;

use crate::fixer::{self, GOAL};
use crate::home::Home;
use crate::line::Line;
use crate::process::{Finished, Running};
use crate::project::SHELL;
use crate::tree::tree;

fn run(home: &Home, arguments: &[&str]) -> Finished {
    Running::start(home.command(arguments)).wait()
}

#[test]
fn weaker_walls_than_the_settings_accept_are_refused() {
    let server = Server::start(fixer::script(&SHELL)).unwrap();
    let settings = Line::ChatCompletions.settings(&server.url());
    let settings = format!("{settings}[sandbox]\nweakest_wall = \"copy\"\n");
    let home = Home::with_settings(&SHELL, &settings);
    let before = tree(&home.project());
    for (wall, told) in [
        (
            "none",
            "ropewalk: ROPEWALK_WALL asks for `none`, which `sandbox.weakest_wall` in your settings does not accept\n",
        ),
        (
            "steel",
            "ropewalk: ROPEWALK_WALL is \"steel\"; it can be \"overlay\", \"overlay-shared-network\", \"copy\" or \"none\"\n",
        ),
    ] {
        let mut command = home.command(&["exec", "--json", "--yes", GOAL]);
        command.env("ROPEWALK_WALL", wall);
        let run = Running::start(command).wait();
        run.assert_code(1);
        // No thread has begun.
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", told));
        assert_eq!(server.requests().len(), 0);
        assert_eq!(tree(&home.project()), before);
    }
}

/// It answers before the twin is ready, and the walls are told of all the same before anything is done behind them.
#[test]
fn the_walls_are_named_before_what_the_built_in_model_does() {
    let home = Home::with_settings(&SHELL, "");
    let mut command = home.command(&["exec", "--model", "codemod", "run touch made"]);
    command.env("ROPEWALK_WALL", "copy");
    let run = Running::start(command).wait();
    run.assert_code(0);
    let told: Vec<&str> = run.stderr.lines().skip(1).take(3).collect();
    let expected = [
        "Twin: a copy of the files, confined by the kernel's access rules and a system call filter.",
        "  ROPEWALK_WALL asks for this.",
        "$ touch made",
    ];
    assert_eq!(told, expected, "{}", run.stderr);
}

#[test]
fn a_command_that_takes_too_much_is_told_why_it_was_ended() {
    let home = Home::with_settings(&SHELL, "[sandbox]\nmax_processes = 20\n");
    let command = "run for i in $(seq 60); do sleep 4321 & done; wait";
    let run = run(&home, &["exec", "--model", "codemod", command]);
    run.assert_code(1);
    let told = "[the command was ended: ";
    assert!(run.stdout.contains(told), "{}", run.stdout);
}

#[test]
fn a_writable_place_that_cannot_be_had_is_named_and_hinders_nobody() {
    let outside = tempfile::tempdir().unwrap();
    let real = outside.path().canonicalize().unwrap();
    let (place, link, missing) = (real.join("place"), real.join("link"), real.join("missing"));
    std::fs::create_dir(&place).unwrap();
    std::os::unix::fs::symlink(&place, &link).unwrap();
    let settings = format!("[sandbox]\nwritable = [{link:?}, {missing:?}]\n");
    let home = Home::with_settings(&SHELL, &settings);
    let run = run(&home, &["exec", "--model", "codemod", "run touch made"]);
    run.assert_code(0);
    for told in [
        format!(
            "names {}, which leads through a link; name {} in its place.\n",
            link.display(),
            place.display()
        ),
        format!("names {}, which cannot be used: ", missing.display()),
    ] {
        assert!(run.stderr.contains(&told), "{}", run.stderr);
    }
}
