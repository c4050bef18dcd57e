//! `cargo xtask bench lsp --tasks`: do running tasks slow down typing?
//!
//! Types with no task and with eight, by turns, in one server. The tasks' model is a script on loopback that streams as a
//! fast service does and has every tool used: reading, searching, editing, commands in the twin.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use scripted_model::{Pace, Script, Server, Step};
use serde_json::{Value, json};

use super::super::corpus;
use super::client::Client;
use super::measure::{Stage, await_learned, document, latency, resident_megabytes};
use super::peer::Peer;
use super::rows;
use super::typist::{Stop, Typist};

/// So many tasks run.
const TASKS: u64 = 8;

/// So long is typed each time: tasks take many steps meanwhile.
const WINDOW: Duration = Duration::from_secs(5);

/// A breath between two lines, without which typing would be over before a task has done anything.
const BREATH: Duration = Duration::from_millis(10);

/// The states follow each other this often, so that what else goes on in the machine meets both.
const ROUNDS: usize = 2;

/// The file that the tasks read and change.
const SAMPLE: &str = "sample-of-the-tasks.rs";

/// Types in both states, and prints both.
pub(super) fn run(stage: &Stage, peer: &Peer) -> anyhow::Result<()> {
    let model = Server::start(Script::reacting(|request| step(request.outputs().len())))?;
    fs::write(stage.workspace.join(SAMPLE), "fn sample() {}\n")?;
    configure(&stage.home, &model.url())?;
    let mut client = peer.initialize(&stage.workspace, &stage.home, &stage.model)?;
    await_learned(peer, &mut client)?;
    let text = corpus::text(&stage.files, 10_000);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let mut memory: f64 = 0.0;
    for round in 0..ROUNDS {
        let uri = document(&stage.workspace.join(format!("alone{round}")));
        alone.extend(type_some(peer, &mut client, stage, uri, &text)?);
        let before = start_tasks(&mut client, &model)?;
        let uri = document(&stage.workspace.join(format!("beside{round}")));
        let began = Instant::now();
        beside.extend(type_some(peer, &mut client, stage, uri, &text)?);
        memory = memory.max(resident_megabytes(&client)?);
        tell_work(&model, before, began);
        stop_tasks(&mut client)?;
    }
    print("no task", &alone);
    print("8 tasks", &beside);
    println!("memory with 8 tasks: {memory:.0} MB");
    Ok(())
}

/// What the model does after so many answers of tools, for ever.
fn step(outputs: usize) -> Step {
    let step = Step::say("Now the next thing that there is to do here, in a few words.");
    let mut step = match outputs % 4 {
        0 => step.and_call("read_file", json!({ "path": SAMPLE })),
        1 => step.and_call("search", json!({ "pattern": "fn sample" })),
        2 => step.and_call("exec_command", json!({ "cmd": "true" })),
        _ => step.and_call(
            "edit_file",
            json!({ "path": SAMPLE, "old_string": "fn sample() {", "new_string": "fn sample() { " }),
        ),
    };
    step.pace = Pace {
        delay: Duration::from_millis(20),
        ..Pace::default()
    };
    step
}

fn configure(home: &Path, service: &str) -> anyhow::Result<()> {
    let folder = home.join("ropewalk");
    fs::create_dir_all(&folder)?;
    let settings = format!(
        "model = \"scripted/m\"\n[tasks]\nlimit = {TASKS}\n\
         [providers.scripted]\nbase_url = \"{service}/v1\"\nwire = \"chat_completions\"\n"
    );
    fs::write(folder.join("config.toml"), settings).context("the settings cannot be written")
}

fn type_some(
    peer: &Peer,
    client: &mut Client,
    stage: &Stage,
    uri: String,
    text: &str,
) -> anyhow::Result<Vec<Stop>> {
    let mut typist = Typist::open(peer, client, &stage.model, uri, text)?;
    let mut stops = Vec::new();
    let began = Instant::now();
    while began.elapsed() < WINDOW {
        stops.extend(typist.retype_a_line()?);
        thread::sleep(BREATH);
    }
    Ok(stops)
}

/// Starts the tasks and waits until each has used its first tool; gives how many requests the model has seen by then.
fn start_tasks(client: &mut Client, model: &Server) -> anyhow::Result<usize> {
    let before = model.requests().len();
    for number in 0..TASKS {
        let goal = format!("Goal {number}: go on until you are stopped.");
        command(client, "ropewalk.task", &json!([goal]))?;
    }
    let wanted = before + usize::try_from(2 * TASKS)?;
    let is_there = model.wait_until(Duration::from_secs(60), |seen| seen.len() >= wanted);
    ensure!(is_there, "the tasks do not start");
    Ok(model.requests().len())
}

fn stop_tasks(client: &mut Client) -> anyhow::Result<()> {
    command(client, "ropewalk.task.stopAll", &json!([]))?;
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let tasks = command(client, "ropewalk.tasks", &json!([]))?;
        let is_at_work = |task: &&Value| {
            let state = task["state"].as_str();
            matches!(state, Some("queued" | "running" | "landing"))
        };
        let tasks = tasks.as_array().cloned().unwrap_or_default();
        if !tasks.iter().any(|task| is_at_work(&task)) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "the tasks do not stop");
        thread::sleep(Duration::from_millis(50));
    }
}

fn command(client: &mut Client, name: &str, arguments: &Value) -> anyhow::Result<Value> {
    let params = json!({ "command": name, "arguments": arguments });
    let answer = client.request("workspace/executeCommand", &params)?;
    answer
        .result
        .map_err(|error| anyhow::anyhow!("{name} was refused: {error}"))
}

fn tell_work(model: &Server, before: usize, began: Instant) {
    let steps = model.requests().len() - before;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand requests")]
    let rate = steps as f64 / began.elapsed().as_secs_f64();
    println!("meanwhile the tasks made {rate:.0} steps a second");
}

fn print(when: &str, stops: &[Stop]) {
    let cell = latency(rows::SUGGESTION_SMALL, stops).cell();
    println!(
        "didChange to suggestion with {when}, p50 / p99 of {}: {cell} ms",
        stops.len()
    );
}
