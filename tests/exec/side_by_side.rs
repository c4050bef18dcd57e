//! Eight tasks at once on one repository: each builds and tests with the real tools, sees its own change and nobody else's,
//! and leaves the user's files alone until its proposal is applied.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

use scripted_model::{Script, SeenRequest, Server, Step};
use serde_json::{Value, json};

use crate::home::Home;
use crate::line::Line;
use crate::many_parts::{self, Language, PARTS, Part};
use crate::process::{Finished, LIMIT, Running};
use crate::project::SHELL;
use crate::tree::{Entry, Tree, tree};

/// A place where all tasks wait for each other.
#[derive(Default)]
struct Meeting {
    arrived: Mutex<usize>,
    changed: Condvar,
}

impl Meeting {
    /// Waits until so many have arrived, this one included.
    fn arrive(&self, count: usize) {
        *self.arrived.lock().unwrap() += 1;
        self.changed.notify_all();
        self.wait(count);
    }

    /// Waits until so many have arrived.
    fn wait(&self, count: usize) {
        let arrived = self.arrived.lock().unwrap();
        let waited = self
            .changed
            .wait_timeout_while(arrived, LIMIT, |arrived| *arrived < count)
            .unwrap();
        assert!(!waited.1.timed_out(), "a task does not come this far");
    }
}

/// Everything below a folder, with the nanosecond in which it was changed last.
fn tree_with_times(folder: &Path) -> (Tree, BTreeMap<PathBuf, (i64, i64)>) {
    let tree = tree(folder);
    let times = tree.keys().map(|path| {
        let status = folder.join(path).symlink_metadata().unwrap();
        (path.clone(), (status.mtime(), status.mtime_nsec()))
    });
    let times = times.collect();
    (tree, times)
}

fn goal(part: Part) -> String {
    format!("Change the number of <{}>.", part.name)
}

fn part_of(request: &SeenRequest) -> Part {
    let body = request.body.to_string();
    let is_its = |part: &&Part| body.contains(&goal(**part));
    *PARTS.iter().find(is_its).unwrap()
}

/// Each edits its file, and when all have, builds, shows its number and tests; when all have, they wait to be let go.
fn script(edited: &Arc<Meeting>, tested: &Arc<Meeting>) -> Script {
    let (edited, tested) = (Arc::clone(edited), Arc::clone(tested));
    let run = |command: &str| {
        let arguments =
            json!({"cmd": command, "yield_time_ms": 120_000, "max_output_tokens": 20_000});
        Step::call("exec_command", arguments)
    };
    Script::reacting(move |request| {
        let part = part_of(request);
        match request.outputs().len() {
            0 => {
                let (old, new) = (part.line(part.old_number()), part.line(part.new_number()));
                let file = part.file();
                Step::call_text(
                    "apply_patch",
                    format!(
                        "*** Begin Patch\n*** Update File: {file}\n@@\n-{old}\n+{new}\n*** End Patch\n"
                    ),
                )
            }
            1 => {
                edited.arrive(PARTS.len());
                run(&part.show())
            }
            2 => run(part.test()),
            _ => {
                // The test is the last one to come.
                tested.arrive(PARTS.len() + 1);
                Step::say("Done.")
            }
        }
    })
}

/// What the tools told `part`'s task.
fn check_outputs(part: Part, request: &SeenRequest) {
    let outputs = request.outputs();
    let [edit, shown, tested] = &outputs[..] else {
        panic!("{outputs:#?}");
    };
    assert!(edit.text.starts_with("Success"), "{}", edit.text);
    let number = part.new_number().to_string();
    assert!(shown.text.contains(&number), "{}", shown.text);
    let (passes, times) = part.passes();
    assert_eq!(
        tested.text.matches(passes).count(),
        times,
        "{}",
        tested.text
    );
    // Nobody else's change is to be seen, also not in what was only printed on the way.
    let all = request.body.to_string();
    for other in PARTS.iter().filter(|other| other.name != part.name) {
        assert!(!all.contains(&other.new_number().to_string()), "{all}");
    }
    if part.language() == Language::Rust {
        check_reuse(part, &shown.text);
    }
}

/// Of what the user had built, all but the part itself is used as it is.
fn check_reuse(part: Part, output: &str) {
    let has = |verb: &str, package: &str| {
        let line = format!("{verb} {package} v0.1.0");
        output
            .lines()
            .any(|seen| seen.trim_start().starts_with(&line))
    };
    assert!(has("Compiling", part.name), "{output}");
    let rust = PARTS
        .iter()
        .filter(|part| part.language() == Language::Rust);
    let others = rust.map(|part| part.name).filter(|name| *name != part.name);
    for package in others.chain(["base"]) {
        assert!(
            has("Fresh", package) && !has("Compiling", package),
            "{output}"
        );
    }
}

/// The paths of a proposal, below the project.
fn proposed(run: &Finished, project: &Path) -> Vec<String> {
    let made = run.of_type("proposal.made");
    let changes = made[0]["changes"].as_array().unwrap();
    let path = |change: &Value| {
        let path = Path::new(change["path"].as_str().unwrap());
        path.strip_prefix(project)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    changes.iter().map(path).collect()
}

/// Processes that have this home, and mounts in it.
fn left_behind(home: &Home) -> Vec<String> {
    let folder = home.path().to_str().unwrap();
    let mut left = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        // What ends meanwhile is not left behind; nor what belongs to others, who cannot be looked at.
        let read = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
        let environment = String::from_utf8_lossy(&read("environ")).into_owned();
        if environment.contains(folder) {
            left.push(String::from_utf8_lossy(&read("cmdline")).replace('\0', " "));
        }
    }
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    left.extend(
        mounts
            .lines()
            .filter(|line| line.contains(folder))
            .map(str::to_owned),
    );
    left
}

#[test]
fn eight_tasks_work_on_one_repository_at_once() {
    if !many_parts::can_run() {
        return;
    }
    let (edited, tested) = (Arc::new(Meeting::default()), Arc::new(Meeting::default()));
    let server = Server::start(script(&edited, &tested)).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    many_parts::prepare(&home);
    let project = home.project();
    let before = tree_with_times(&project);

    let tasks = PARTS.map(|part| {
        let goal = goal(part);
        (
            part,
            Running::start(home.command(&["exec", "--json", &goal])),
        )
    });
    tested.wait(PARTS.len());
    assert_eq!(home.twins().len(), PARTS.len());
    assert!(
        tree_with_times(&project) == before,
        "a task has changed the user's files"
    );
    tested.arrive(PARTS.len() + 1);
    let runs = tasks.map(|(part, task)| (part, task.wait()));
    assert!(
        tree_with_times(&project) == before,
        "a task has changed the user's files"
    );
    assert_eq!(server.violations(), Vec::<String>::new());

    for (part, run) in &runs {
        run.assert_code(0);
        assert_eq!(proposed(run, &project), [part.file()]);
        let is_its = |request: &SeenRequest| part_of(request).name == part.name;
        let last = server.steps().into_iter().rfind(is_its);
        check_outputs(*part, &last.unwrap());
    }
    let mut expected = before.0;
    for (part, run) in &runs {
        let id = run.thread().unwrap();
        Running::start(home.command(&["apply", &id]))
            .wait()
            .assert_code(0);
        let file = part.file();
        let Some(Entry::File { bytes, .. }) = expected.get_mut(Path::new(&file)) else {
            panic!("{file} was a file");
        };
        let text = String::from_utf8(bytes.clone()).unwrap();
        let changed = text.replace(&part.line(part.old_number()), &part.line(part.new_number()));
        assert_ne!(text, changed);
        *bytes = changed.into();
        assert!(
            tree(&project) == expected,
            "{file} alone should have changed"
        );
    }
    assert_eq!(home.twins(), Vec::<String>::new());
    assert_eq!(left_behind(&home), Vec::<String>::new());
}
