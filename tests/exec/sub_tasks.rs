//! Sub-tasks: what a model gives out to others at the same time, in twins of their own, and what is merged of it.

use std::path::Path;

use scripted_model::{End, Script, SeenRequest, Server, Step};
use serde_json::{Value, json};

use crate::home::Home;
use crate::line::Line;
use crate::process::{Finished, LIMIT};
use crate::project::SHELL;
use crate::terminal::Terminal;

/// Part of what every sub-task is told, and nobody else.
const SUB_TASK: &str = "What you change is merged with the rest";

/// What one sub-task does: its steps, in order, by the number of answers that it has got so far.
type Plan = fn(&str, usize) -> Step;

fn shell(command: &str) -> Step {
    Step::call(
        "exec_command",
        json!({"cmd": command, "yield_time_ms": 600_000}),
    )
}

fn spawn(titles: &[&str]) -> Step {
    let tasks: Vec<Value> = titles
        .iter()
        .map(|title| json!({"title": title, "instructions": format!("INSTRUCTION-{title}"), "files": ["**"]}))
        .collect();
    Step::call("spawn_tasks", json!({ "tasks": tasks }))
}

/// Which sub-task asks; nothing when it is the one that has split the work.
fn sub_task(request: &SeenRequest, titles: &[&'static str]) -> Option<&'static str> {
    // The body has only what is new where the rest is known already.
    let said = format!("{:?}", request.conversation);
    let is_its = |title: &&&'static str| said.contains(&format!("INSTRUCTION-{title}"));
    let found = titles.iter().find(is_its).copied();
    found.filter(|_| said.contains(SUB_TASK))
}

/// The parent does `first`, gives out `titles`, does `last` and says that it is done; each sub-task follows `plan`.
fn script(
    first: &'static str,
    titles: &'static [&'static str],
    last: &'static str,
    plan: Plan,
) -> Script {
    Script::reacting(move |request| {
        let answers = request.outputs().len();
        match (sub_task(request, titles), answers) {
            (Some(title), answers) => plan(title, answers),
            (None, 0) => shell(first),
            (None, 1) => spawn(titles),
            (None, 2) => shell(last),
            (None, _) => Step::say("All done."),
        }
    })
}

fn write(home: &Home, files: &[(&str, &str)]) {
    for (name, text) in files {
        std::fs::write(home.project().join(name), text).unwrap();
    }
}

fn read(home: &Home, name: &str) -> Option<String> {
    std::fs::read_to_string(home.project().join(name)).ok()
}

/// What the model was told by the call that gave out the work.
fn report(server: &Server) -> String {
    let requests = server.requests();
    let outputs = requests.iter().flat_map(SeenRequest::outputs);
    let mut reports = outputs.filter(|output| output.name == "spawn_tasks");
    reports.next().unwrap().text
}

fn check(run: &Finished, server: &Server) {
    run.assert_code(0);
    assert_eq!(server.violations(), Vec::<String>::new());
}

#[test]
fn sub_tasks_begin_where_the_parent_is_and_their_changes_are_merged() {
    const TITLES: &[&str] = &["one", "two", "three"];
    let plan: Plan = |title, answers| match (title, answers) {
        (_, 0) => shell("cat value.txt seed.txt; ls gone.txt"),
        ("one", 1) => shell("echo one > one.txt; sed -i 's/first/FIRST/' shared.txt"),
        ("two", 1) => shell("mkdir two; echo two > two/two.txt; sed -i 's/last/LAST/' shared.txt"),
        (_, 1) => shell("sed -i 's/blue/green/' value.txt; rm other.txt"),
        _ => Step::say(format!("I am {title}.")),
    };
    for line in [
        Line::ResponsesWebSocket,
        Line::ChatCompletions,
        Line::Messages,
    ] {
        let first = "sed -i 's/grey/blue/' value.txt; echo seed > seed.txt; rm gone.txt";
        let server = Server::start(script(first, TITLES, "cat shared.txt", plan)).unwrap();
        let home = Home::new(&SHELL, line, &server);
        write(
            &home,
            &[
                ("shared.txt", "first\n2\n3\n4\nlast\n"),
                ("gone.txt", "gone\n"),
                ("other.txt", "other\n"),
            ],
        );
        let run = home.exec(&["Split it."]);
        check(&run, &server);
        let report = report(&server);
        let expected = "3 of 3 sub-tasks done.\n\n\
             ## one: done\nA one.txt\nM shared.txt\nIt said: I am one.\n\n\
             ## two: done\nM shared.txt\nA two/two.txt\nIt said: I am two.\n\n\
             ## three: done\nD other.txt\nM value.txt\nIt said: I am three.\n";
        assert_eq!(report, expected, "{line:?}");
        // Each has seen what the parent had done, and nothing that the others did.
        let requests = server.requests();
        for request in requests
            .iter()
            .filter(|request| sub_task(request, TITLES).is_some())
        {
            if let Some(seen) = request.outputs().first() {
                let text = &seen.text;
                assert!(
                    text.contains("colour = blue") && text.contains("seed"),
                    "{text}"
                );
                assert!(text.contains("No such file"), "{text}");
            }
        }
        let files = [
            "shared.txt",
            "one.txt",
            "two/two.txt",
            "seed.txt",
            "gone.txt",
            "other.txt",
        ];
        let texts = files.map(|name| read(&home, name));
        let expected = [
            Some("FIRST\n2\n3\n4\nLAST\n"),
            Some("one\n"),
            Some("two\n"),
            Some("seed\n"),
            None,
            None,
        ];
        assert_eq!(
            texts,
            expected.map(|text| text.map(str::to_owned)),
            "{line:?}"
        );
        assert!(read(&home, "value.txt").unwrap().contains("colour = green"));
        assert_eq!(home.twins(), Vec::<String>::new());
        check_logs(&home, &run.thread().unwrap(), 3);
    }
}

/// The parent's log and so many that say to be a part of it; `last` means the parent.
fn check_logs(home: &Home, parent: &str, parts: usize) {
    let logs = home.logs();
    let first_line = |bytes: &[u8]| -> Value {
        serde_json::from_slice(bytes.split(|byte| *byte == b'\n').next().unwrap()).unwrap()
    };
    let headers: Vec<Value> = logs.iter().map(|(_, bytes)| first_line(bytes)).collect();
    let is_part = |header: &&Value| header["thread"]["part_of"] == parent;
    assert_eq!(headers.len(), parts + 1, "{headers:#?}");
    assert_eq!(
        headers.iter().filter(is_part).count(),
        parts,
        "{headers:#?}"
    );
    let run = home.exec(&["--resume", "last", "INSTRUCTION-none"]);
    assert_eq!(run.thread().unwrap(), parent);
}

#[test]
fn a_conflict_is_told_with_both_sides_and_a_failure_loses_nothing_of_the_others() {
    const TITLES: &[&str] = &["one", "two", "three"];
    let plan: Plan = |title, answers| match (title, answers) {
        ("one", 0) => shell("sed -i 's/first/ONE/' shared.txt"),
        ("two", 0) => shell("sed -i 's/first/TWO/; s/last/LAST/' shared.txt; echo 2 > two.txt"),
        ("three", 0) => shell("echo 3 > three.txt"),
        ("three", _) => Step {
            end: End::Refusal,
            ..Step::say("I will not.")
        },
        _ => Step::say("Done."),
    };
    let last = "sed -i 's/ONE/ONE AND TWO/' shared.txt";
    let server = Server::start(script("true", TITLES, last, plan)).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    write(&home, &[("shared.txt", "first\n2\n3\n4\nlast\n")]);
    let run = home.exec(&["Split it."]);
    check(&run, &server);
    let report = report(&server);
    assert!(
        report.starts_with(
            "2 of 3 sub-tasks done. 1 file could not be merged whole: resolve them.\n"
        ),
        "{report}"
    );
    let conflict = "Not merged: shared.txt was changed in the same lines by another sub-task.\nshared.txt:1\n\
                    <<<<<<< in the file now\nONE\n||||||| before the sub-tasks\nfirst\n=======\nTWO\n>>>>>>> by this sub-task\n";
    assert!(report.contains(conflict), "{report}");
    assert!(report.contains("\n## three: failed: "), "{report}");
    let texts = ["shared.txt", "two.txt", "three.txt"].map(|name| read(&home, name).unwrap());
    assert_eq!(texts, ["ONE AND TWO\n2\n3\n4\nLAST\n", "2\n", "3\n"]);
    // What could not be merged whole waits, and the user finds it.
    let twins = home.twins();
    assert_eq!(twins.len(), 1, "{report}");
    assert!(
        report.contains(&format!("`ropewalk show {}`", twins[0])),
        "{report}"
    );
    assert!(listed(&home).contains(&twins[0][..8]), "{}", listed(&home));
}

/// What `ropewalk twins` lists.
fn listed(home: &Home) -> String {
    let output = home.command(&["twins", "--all"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn sub_tasks_cannot_split_their_work() {
    const TITLES: &[&str] = &["one", "two"];
    let plan: Plan = |title, answers| match (title, answers) {
        ("one", 0) => spawn(&["two"]),
        _ => Step::say("Done."),
    };
    let server = Server::start(script("true", TITLES, "true", plan)).unwrap();
    let home = Home::new(&SHELL, Line::ResponsesHttp, &server);
    home.exec(&["Split it."]).assert_code(0);
    let requests = server.requests();
    let nested = requests
        .iter()
        .filter(|request| sub_task(request, TITLES) == Some("one"));
    let answers: Vec<String> = nested
        .flat_map(SeenRequest::outputs)
        .map(|output| output.text)
        .collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers[0].contains("spawn_tasks"), "{answers:?}");
    assert_eq!(home.logs().len(), 3);
}

#[test]
fn an_interrupt_stops_all_of_them_and_leaves_no_process_and_no_empty_twin() {
    const TITLES: &[&str] = &["one", "two", "three"];
    let plan: Plan = |title, answers| match (title, answers) {
        ("one", 0) => shell("echo 1 > one.txt"),
        ("one", 1) => Step::say("Done."),
        _ => shell("sleep 4321"),
    };
    let server = Server::start(script("true", TITLES, "true", plan)).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let run = home.start(&["Split it."]);
    // The first is done, and the others are on their way.
    run.wait_for(|event| {
        let delta = event["update"]["delta"].as_str()?;
        delta.contains("✓ one: 1 file changed").then_some(())
    })
    .unwrap();
    assert!(server.wait_until(LIMIT, |requests| {
        let begun = |title| {
            requests
                .iter()
                .any(|request| sub_task(request, TITLES) == Some(title))
        };
        begun("two") && begun("three")
    }));
    run.signal("INT");
    let run = run.wait();
    assert_eq!(
        run.status.code(),
        Some(130),
        "{}\n{}",
        run.stdout,
        run.stderr
    );
    assert_eq!(sleepers(&home), Vec::<String>::new());
    assert_eq!(read(&home, "one.txt"), None);
    // What the first has made waits; the others have made nothing.
    let twins = home.twins();
    assert_eq!(twins.len(), 1, "{twins:?}");
    assert!(listed(&home).contains(&twins[0][..8]));
}

/// The commands that still run in the home's project.
fn sleepers(home: &Home) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_here = |process: &Path| {
        let folder = std::fs::read_link(process.join("cwd"));
        folder.is_ok_and(|folder| folder.starts_with(home.project()))
    };
    processes
        .map(|process| process.path())
        .filter(|process| is_here(process))
        .map(|process| std::fs::read_to_string(process.join("cmdline")).unwrap_or_default())
        .collect()
}

#[test]
fn a_killed_run_leaves_only_twins_that_are_listed() {
    const TITLES: &[&str] = &["one", "two"];
    let plan: Plan = |_, answers| match answers {
        0 => shell("echo made > made-$$.txt"),
        _ => shell("sleep 4321"),
    };
    let server = Server::start(script("true", TITLES, "true", plan)).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let run = home.start(&["Split it."]);
    assert!(server.wait_until(LIMIT, |requests| {
        let is_second = |title, request: &SeenRequest| {
            sub_task(request, TITLES) == Some(title) && request.outputs().len() == 1
        };
        ["one", "two"]
            .iter()
            .all(|title| requests.iter().any(|request| is_second(title, request)))
    }));
    run.kill();
    let listed = listed(&home);
    for twin in home.twins() {
        assert!(listed.contains(&twin[..8]), "{twin}\n{listed}");
    }
}

#[test]
fn approvals_of_sub_tasks_are_asked_of_the_user_with_their_titles() {
    const TITLES: &[&str] = &["Fetch it"];
    let plan: Plan = |_, answers| match answers {
        0 => Step::call(
            "exec_command",
            json!({"cmd": "true", "needs": ["network"], "justification": "To see."}),
        ),
        _ => Step::say("Done."),
    };
    let server = Server::start(script("true", TITLES, "true", plan)).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let mut terminal = Terminal::start(&home, "NO_COLOR=1 $ropewalk exec 'Go.'");
    terminal.wait_for("or say what to do instead: ");
    terminal.enter("no network here");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    assert!(
        terminal.shown.contains("because: Fetch it: To see."),
        "{}",
        terminal.shown
    );
    let requests = server.requests();
    let told = requests
        .iter()
        .filter(|request| sub_task(request, TITLES).is_some())
        .flat_map(SeenRequest::outputs)
        .any(|output| output.text == "The user declined this and says: no network here");
    assert!(told);
}
