//! Tasks through the server, with a scripted model: started, watched, queued, steered, stopped, retried, killed.
//!
//! Landing is not what these tests are about: all of them have their changes wait (`preview`).

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use scripted_model::{Script, ScriptedConversation, Server, Step};
use serde_json::{Value, json};

use super::editor::{Editor, PATIENCE, Setup};

/// An editor that shows progress, and the model of its tasks.
struct Bench {
    editor: Editor,
    model: Server,
}

fn conversation(when: &str, steps: impl IntoIterator<Item = Step>) -> ScriptedConversation {
    ScriptedConversation {
        when: when.into(),
        steps: steps.into_iter().collect(),
    }
}

fn run(command: &str) -> Step {
    Step::call("exec_command", json!({ "command": command }))
}

fn setup(model: &Server, more: &str) -> Setup {
    let url = model.url();
    Setup {
        capabilities: json!({ "window": { "workDoneProgress": true } }),
        files: vec![("a.txt", "one\ntwo\n".into())],
        config: Some(format!(
            "model = \"house/m\"\n{more}\n[providers.house]\nbase_url = \"{url}/v1\"\nwire = \"chat_completions\"\n"
        )),
        ..Setup::default()
    }
}

impl Bench {
    fn start(conversations: Vec<ScriptedConversation>, more: &str) -> Self {
        let model = Server::start(Script::conversations(conversations)).unwrap();
        let editor = Editor::start(setup(&model, more));
        Self { editor, model }
    }

    fn command(&mut self, command: &str, arguments: Value) -> Value {
        let answer = self.try_command(command, arguments);
        answer.unwrap_or_else(|message| panic!("{command}: {message}"))
    }

    fn try_command(&mut self, command: &str, arguments: Value) -> Result<Value, String> {
        let params = json!({ "command": command, "arguments": arguments });
        let answer = self.editor.request("workspace/executeCommand", params);
        answer.map_err(|refusal| refusal.1)
    }

    /// Starts a task whose changes wait.
    fn task(&mut self, goal: &str) -> u64 {
        let answer = self.command("ropewalk.task", json!([goal, { "mode": "preview" }]));
        answer["task"].as_u64().unwrap()
    }

    fn find(&mut self, task: u64) -> Value {
        let tasks = self.command("ropewalk.tasks", json!([]));
        let tasks = tasks.as_array().unwrap();
        tasks
            .iter()
            .find(|one| one["task"] == task)
            .unwrap()
            .clone()
    }

    /// Waits until a task is as `is_wanted` says.
    fn wait(&mut self, task: u64, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let found = self.find(task);
            if is_wanted(&found) {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "not so: {found}");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    fn wait_for_state(&mut self, task: u64, state: &str) -> Value {
        self.wait(task, |found| found["state"] == state)
    }

    /// Waits until a command of the task runs.
    fn wait_for_command(&mut self, task: u64, words: &str) {
        let says = |found: &Value| {
            let step = found["step"].as_str();
            step.is_some_and(|step| step.contains(words))
        };
        self.wait(task, says);
    }

    fn state(&self, folder: &str) -> PathBuf {
        self.editor.home().join("state/ropewalk").join(folder)
    }

    /// Waits until the task has left nothing on the disk.
    fn wait_until_nothing_is_left(&self) {
        let started = Instant::now();
        while !(names(&self.state("twins")).is_empty() && names(&self.state("tasks")).is_empty()) {
            assert!(started.elapsed() < PATIENCE, "something is left");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    fn outputs(&self) -> String {
        let steps = self.model.steps();
        let outputs = steps.iter().flat_map(|request| request.outputs());
        outputs.map(|output| output.text).collect()
    }
}

/// What lies in a folder, but for its lock.
fn names(folder: &PathBuf) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.')).collect()
}

/// Whether a process runs whose command line has these words.
fn runs(words: &str) -> bool {
    let listed = Command::new("ps").args(["-eo", "args"]).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    listed.lines().any(|line| line.trim() == words)
}

fn wait_until_it_runs(words: &str) {
    let started = Instant::now();
    while !runs(words) {
        assert!(started.elapsed() < PATIENCE, "{words} does not run");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_task_sees_unsaved_text_and_its_changes_wait() {
    let goal = "show the files";
    let steps = [run("cat a.txt; echo three >> a.txt"), Step::say("Done.")];
    let mut bench = Bench::start(vec![conversation(goal, steps)], "");
    bench.editor.open("a.txt", "plaintext", "unsaved 😀\n");
    let task = bench.task(goal);
    let found = bench.wait_for_state(task, "proposed");
    assert_eq!((&found["files"], &found["turns"]), (&json!(1), &json!(1)));
    assert!(
        bench.outputs().contains("unsaved 😀"),
        "{}",
        bench.outputs()
    );
    let on_disk = fs::read_to_string(bench.editor.root().join("a.txt")).unwrap();
    assert_eq!(on_disk, "one\ntwo\n");
    let text = bench.command("ropewalk.task.show", json!([task]));
    assert!(text.as_str().unwrap().contains("Done."), "{text}");
    bench.command("ropewalk.task.discard", json!([task]));
    bench.wait_until_nothing_is_left();
    assert!(bench.model.violations().is_empty());
    bench.editor.ignore_unread();
}

#[test]
fn a_saved_document_that_the_task_found_unsaved_keeps_its_base() {
    let goal = "change the unsaved one";
    let steps = [run("echo changed > a.txt; sleep 86465"), Step::say("Done.")];
    let mut bench = Bench::start(vec![conversation(goal, steps)], "");
    bench.editor.open("a.txt", "plaintext", "unsaved\n");
    let task = bench.task(goal);
    wait_until_it_runs("sleep 86465");
    // Saved while the task works, and again with more.
    let path = bench.editor.root().join("a.txt");
    fs::write(&path, "unsaved\nand more\n").unwrap();
    bench.command("ropewalk.task.stop", json!([task]));
    bench.wait_for_state(task, "proposed");
    let id = bench.find(task)["thread"].as_str().unwrap().to_owned();
    let mut shown = crate::server_process::server_command(bench.editor.home());
    let shown = shown
        .args(["diff", &id])
        .current_dir(bench.editor.root())
        .output()
        .unwrap();
    let diff = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(diff.contains("-unsaved\n+changed\n"), "{diff}");
    bench.command("ropewalk.task.discard", json!([task]));
    bench.editor.ignore_unread();
}

#[test]
fn a_task_works_in_all_folders_beginning_in_that_of_its_document() {
    let goal = "look at both folders";
    let steps = [
        run("pwd; cat other.txt; echo x >> other.txt"),
        Step::call("read_file", json!({ "path": "../workspace/a.txt" })),
        Step::say("Seen."),
    ];
    let model = Server::start(Script::conversations(vec![conversation(goal, steps)])).unwrap();
    let setup = setup(&model, "");
    let mut editor = Editor::spawn(&setup);
    let other = editor.home().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("other.txt"), "from the other\n").unwrap();
    let uri = format!("file://{}", other.display());
    let mut params = editor.initialize_params(&setup);
    let folders = params["workspaceFolders"].as_array_mut().unwrap();
    folders.push(json!({ "uri": uri, "name": "other" }));
    editor.request("initialize", params).unwrap();
    editor.notify("initialized", json!({}));
    let document = json!({ "uri": format!("{uri}/other.txt"), "languageId": "plaintext", "version": 1, "text": "from the other\n" });
    editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
    let mut bench = Bench { editor, model };
    let place = json!({ "uri": format!("{uri}/other.txt"), "lines": [1, 1], "mode": "preview" });
    bench.command("ropewalk.task", json!([goal, place]));
    bench.wait_for_state(1, "proposed");
    let outputs = bench.outputs();
    assert!(outputs.contains("/other\n"), "{outputs}");
    assert!(outputs.contains("from the other"), "{outputs}");
    assert!(outputs.contains("two"), "{outputs}");
    bench.command("ropewalk.task.discard", json!([1]));
    bench.wait_until_nothing_is_left();
    bench.editor.ignore_unread();
}

#[test]
fn progress_is_begun_reported_and_ended_and_cancelling_leaves_nothing() {
    let goal = "wait for long";
    let steps = [
        Step::call(
            "update_plan",
            json!({ "plan": [
            { "step": "look", "status": "completed" },
            { "step": "wait", "status": "in_progress" },
        ] }),
        ),
        run("sleep 86461"),
    ];
    let mut bench = Bench::start(vec![conversation(goal, steps)], "");
    let task = bench.task(goal);
    let asked = bench
        .editor
        .wait_for_method("window/workDoneProgress/create");
    let token = asked["params"]["token"].clone();
    let begun = bench.editor.wait_for_method("$/progress");
    assert_eq!(begun["params"]["token"], token);
    let value = &begun["params"]["value"];
    assert_eq!(
        (&value["kind"], &value["cancellable"]),
        (&json!("begin"), &json!(true))
    );
    assert_eq!(value["title"], goal);
    let reported = loop {
        let progress = bench.editor.wait_for_method("$/progress");
        let value = progress["params"]["value"].clone();
        assert_eq!(value["kind"], "report");
        if value["message"] == "2/2 wait: sleep 86461" {
            break value;
        }
    };
    assert_eq!(reported["percentage"], 50);
    bench
        .editor
        .notify("window/workDoneProgress/cancel", json!({ "token": token }));
    bench.wait_for_state(task, "stopped");
    let ended = loop {
        let progress = bench.editor.wait_for_method("$/progress");
        if progress["params"]["value"]["kind"] == "end" {
            break progress;
        }
    };
    assert_eq!(ended["params"]["value"]["message"], "stopped");
    bench.wait_until_nothing_is_left();
    assert!(!runs("sleep 86461"));
    assert_eq!(names(&bench.editor.root()), ["a.txt"]);
}

#[test]
fn what_is_beyond_the_limit_waits_in_order() {
    let waits = |goal: &str, seconds| {
        conversation(goal, [run(&format!("sleep {seconds}")), Step::say("Done.")])
    };
    let conversations = vec![
        waits("the first", 86462),
        waits("the second", 0),
        waits("the third", 0),
        waits("the fourth", 0),
    ];
    let mut bench = Bench::start(conversations, "[tasks]\nlimit = 1");
    let tasks = ["the first", "the second", "the third", "the fourth"].map(|goal| bench.task(goal));
    bench.wait_for_command(tasks[0], "sleep 86462");
    let steps = tasks.map(|task| bench.find(task)["step"].clone());
    let expected = [
        "sleep 86462",
        "waiting: it is the next one",
        "waiting: 1 before it",
        "waiting: 2 before it",
    ];
    assert_eq!(steps, expected);
    let refused = bench
        .try_command("ropewalk.task.stop", json!([]))
        .unwrap_err();
    assert!(refused.contains("2 the second (waits)"), "{refused}");
    bench.command("ropewalk.task.stop", json!([tasks[2]]));
    assert_eq!(bench.find(tasks[2])["state"], "stopped");
    let room = json!({ "settings": { "ropewalk": { "tasks": { "limit": 2 } } } });
    bench
        .editor
        .notify("workspace/didChangeConfiguration", room);
    bench.wait_for_state(tasks[1], "done");
    assert_eq!(bench.find(tasks[0])["state"], "running");
    bench.command("ropewalk.task.stop", json!([tasks[0].to_string()]));
    let second = bench.wait_for_state(tasks[1], "done");
    let fourth = bench.wait_for_state(tasks[3], "done");
    // Ids sort by time.
    assert!(second["thread"].as_str() < fourth["thread"].as_str());
    assert_eq!(bench.find(tasks[2])["thread"], Value::Null);
    bench.wait_until_nothing_is_left();
    bench.editor.ignore_unread();
}

#[test]
fn a_running_task_is_steered_and_a_finished_one_takes_another_turn() {
    let steps = [run("sleep 0.3"), Step::say("First.")];
    let conversations = vec![
        conversation("begin with this", steps),
        conversation("rather do that", [Step::say("That instead.")]),
        conversation("and one more", [Step::say("One more.")]),
    ];
    let mut bench = Bench::start(conversations, "");
    let task = bench.task("begin with this");
    bench.wait_for_command(task, "sleep 0.3");
    bench.command("ropewalk.task.steer", json!([task, "rather", "do", "that"]));
    let found = bench.wait_for_state(task, "done");
    assert_eq!(found["turns"], 1);
    let shown = bench.command("ropewalk.task.show", json!([task]));
    assert!(shown.as_str().unwrap().contains("That instead."), "{shown}");
    bench.command("ropewalk.task.steer", json!([task, "and one more"]));
    bench.wait(task, |found| {
        found["turns"] == 2 && found["state"] == "done"
    });
    let thread = found["thread"].as_str().unwrap();
    let shown = bench.command("ropewalk.task.show", json!([&thread[..18]]));
    assert!(shown.as_str().unwrap().contains("One more."), "{shown}");
    assert!(bench.model.violations().is_empty());
    bench.editor.ignore_unread();
}

#[test]
fn a_failed_task_says_why_and_is_tried_again() {
    let mut bench = Bench::start(
        vec![conversation(
            "try it",
            [run("echo hello"), Step::say("Hello.")],
        )],
        "",
    );
    let config = bench.editor.home().join("config/ropewalk/config.toml");
    let good = fs::read_to_string(&config).unwrap();
    bench.command("ropewalk.task", json!(["try it"]));
    bench.wait_for_state(1, "done");
    bench.command("ropewalk.task.retry", json!([1]));
    bench.wait(1, |found| found["state"] == "done" && found["turns"] == 1);
    // Without a key, told by the editor's settings.
    let model = json!({ "ropewalk": { "model": "openai/gpt-5.1" } });
    bench.editor.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": model }),
    );
    bench.command("ropewalk.task", json!(["try it"]));
    let failed = bench.wait_for_state(2, "failed");
    assert!(
        failed["message"].as_str().unwrap().contains("key"),
        "{failed}"
    );
    let told = bench.editor.wait_for_method("window/showMessage");
    bench.editor.ignore_unread();
    assert!(
        told["params"]["message"]
            .as_str()
            .unwrap()
            .starts_with("Task 1")
    );
    bench.editor.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": { "ropewalk": { "model": "house/m" } } }),
    );
    assert_eq!(fs::read_to_string(&config).unwrap(), good);
    bench.command("ropewalk.task.retry", json!([2]));
    bench.wait_for_state(2, "done");
    bench.editor.ignore_unread();
}

#[test]
fn names_of_tasks_are_checked_and_explained() {
    let mut bench = Bench::start(Vec::new(), "");
    let refused = |bench: &mut Bench, command: &str, arguments| {
        bench.try_command(command, arguments).unwrap_err()
    };
    let unknown = refused(&mut bench, "ropewalk.task.show", json!([7]));
    assert_eq!(unknown, "there is no task 7. There are no tasks.");
    let none = refused(&mut bench, "ropewalk.task.stop", json!([]));
    assert_eq!(none, "no task runs");
    for arguments in [json!([]), json!([{}]), json!(["x"]), json!([-1])] {
        let wrong = refused(&mut bench, "ropewalk.task.retry", arguments);
        assert!(wrong.contains("a task's number"), "{wrong}");
    }
    let silent = refused(&mut bench, "ropewalk.task.steer", json!([1]));
    assert!(silent.contains("what the task shall be told"), "{silent}");
    assert_eq!(bench.command("ropewalk.tasks", json!([])), json!([]));
    assert_eq!(bench.command("ropewalk.task.stopAll", json!([])), json!([]));
    bench.editor.ignore_unread();
}

#[test]
fn a_killed_server_leaves_its_tasks_to_the_next_one() {
    let goal = "write and wait";
    let steps = [
        run("echo half > half.txt; sleep 86463"),
        run("cat half.txt"),
        Step::say("Done."),
    ];
    let mut bench = Bench::start(vec![conversation(goal, steps)], "");
    let task = bench.task(goal);
    wait_until_it_runs("sleep 86463");
    let thread = bench.find(task)["thread"].clone();
    let editor = bench.editor.crash(&setup(&bench.model, ""));
    bench.editor = editor;
    let started = Instant::now();
    while runs("sleep 86463") {
        assert!(
            started.elapsed() < PATIENCE,
            "a command outlives the server"
        );
    }
    let asked = bench.editor.wait_for_method("window/showMessageRequest");
    let titles: Vec<&str> = asked["params"]["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Go on", "Show changes", "Discard", "Later"]);
    // Nothing by itself, and a dismissed question changes nothing.
    let found = bench.find(1);
    assert_eq!(
        (&found["state"], &found["thread"]),
        (&json!("proposed"), &thread)
    );
    assert!(!bench.editor.root().join("half.txt").exists());
    bench.command("ropewalk.task.retry", json!([1]));
    bench.wait(1, |found| {
        found["state"] == "proposed" && found["message"] == Value::Null
    });
    assert!(bench.outputs().contains("half"));
    bench.command("ropewalk.task.discard", json!([1]));
    bench.wait_until_nothing_is_left();
    bench.editor.ignore_unread();
}

#[test]
fn the_end_of_the_conversation_ends_the_tasks() {
    let goal = "wait for the end";
    let steps = [run("sleep 86464")];
    let mut bench = Bench::start(vec![conversation(goal, steps)], "");
    let task = bench.task(goal);
    bench.wait_for_command(task, "sleep 86464");
    wait_until_it_runs("sleep 86464");
    assert_eq!(bench.editor.quit().code(), Some(0));
    let started = Instant::now();
    while runs("sleep 86464") {
        assert!(
            started.elapsed() < PATIENCE,
            "a command outlives the server"
        );
    }
    bench.editor.ignore_unread();
}
