//! The measurements of the agent, each from sessions of their own.

use std::fs;
use std::path::Path;

use scripted_model::Step;
use serde_json::json;

use super::super::figures::{Figure, Row, megabytes, quantile};
use super::rows;
use super::session::{SAMPLE, SAMPLE_BEGINNING, Session, Stage, Way, Work};

/// Steps of the sessions in which a step is measured.
const STEPS: usize = 20;

/// Sessions whose steps are taken together for a median and a 99th percentile.
const SESSIONS: usize = 5;

/// Starts that are measured, after one that warms the page cache.
const STARTS: usize = 15;

type Measurement = fn(&Stage, &Path) -> anyhow::Result<Vec<Figure>>;

/// All measurements in the order of the table.
pub(super) const ALL: [(&str, Measurement); 6] = [
    ("start", start),
    ("steps", steps),
    ("patches", patches),
    ("command", command),
    ("memory", memory),
    ("binary", binary),
];

fn start(stage: &Stage, program: &Path) -> anyhow::Result<Vec<Figure>> {
    let ways = [
        (rows::START, Way::ResponsesHttp),
        (rows::START_WEBSOCKET, Way::ResponsesWebSocket),
    ];
    let mut figures = Vec::new();
    for (row, way) in ways {
        let mut milliseconds = Vec::new();
        for round in 0..=STARTS {
            let session = Session::run(stage, program, way, looking(0))?;
            if round > 0 {
                milliseconds.push(session.start().as_secs_f64() * 1e3);
            }
        }
        figures.push(Figure::new(row, &[quantile(&mut milliseconds, 0.5)]));
    }
    Ok(figures)
}

/// Tools that need no process: what a step costs, and what is sent for it.
fn steps(stage: &Stage, program: &Path) -> anyhow::Result<Vec<Figure>> {
    let ways = [
        (Way::ResponsesHttp, rows::STEP_HTTP, Some(rows::BYTES_HTTP)),
        (
            Way::ResponsesWebSocket,
            rows::STEP_WEBSOCKET,
            Some(rows::BYTES_WEBSOCKET),
        ),
        (Way::ChatCompletions, rows::STEP_CHAT, None),
        (Way::Messages, rows::STEP_MESSAGES, None),
    ];
    let mut figures = Vec::new();
    for (way, row, bytes) in ways {
        let mut gaps = Vec::new();
        for session in 0..SESSIONS {
            let seen = Session::run(stage, program, way, looking(STEPS))?;
            gaps.extend(seen.gaps());
            if let (0, Some(row)) = (session, bytes) {
                figures.push(Figure::new(row, &[seen.kilobytes_per_step()]));
            }
        }
        let values = [quantile(&mut gaps, 0.5), quantile(&mut gaps, 0.99)];
        figures.push(Figure::new(row, &values));
    }
    Ok(figures)
}

fn patches(stage: &Stage, program: &Path) -> anyhow::Result<Vec<Figure>> {
    let file = stage.workspace.join("patched.txt");
    let lines: String = (0..200)
        .map(|line| format!("line {line} as it was\n"))
        .collect();
    fs::write(&file, lines)?;
    let added = stage.workspace.join("added");
    if added.exists() {
        fs::remove_dir_all(&added)?;
    }
    let add = |step| format!("*** Add File: added/{step}.txt\n+one\n+two\n");
    let replace = |step| {
        format!("*** Update File: patched.txt\n@@\n-line {step} as it was\n+line {step} as it is\n")
    };
    Ok(vec![
        acting(stage, program, rows::PATCH_ADD, patching(add))?,
        acting(stage, program, rows::PATCH_REPLACE, patching(replace))?,
    ])
}

fn command(stage: &Stage, program: &Path) -> anyhow::Result<Vec<Figure>> {
    let call = Step::call("exec_command", json!({ "cmd": "true" }));
    let work = Work {
        calls: vec![call; STEPS],
        outputs: vec!["code 0"; STEPS],
    };
    Ok(vec![acting(stage, program, rows::COMMAND, work)?])
}

fn memory(stage: &Stage, program: &Path) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (row, steps) in [(rows::MEMORY_1, 1), (rows::MEMORY_100, 100)] {
        let session = Session::run(stage, program, Way::ResponsesHttp, looking(steps))?;
        figures.push(Figure::new(row, &[session.peak_megabytes]));
    }
    Ok(figures)
}

fn binary(_: &Stage, program: &Path) -> anyhow::Result<Vec<Figure>> {
    let bytes = fs::metadata(program)?.len();
    Ok(vec![Figure::new(rows::BINARY, &[megabytes(bytes)])])
}

/// The median of a session's steps.
fn acting(stage: &Stage, program: &Path, row: Row, work: Work) -> anyhow::Result<Figure> {
    let session = Session::run(stage, program, Way::ResponsesHttp, work)?;
    Ok(Figure::new(row, &[quantile(&mut session.gaps(), 0.5)]))
}

/// Reads 4 KB of code and notes a plan, in turn.
fn looking(steps: usize) -> Work {
    let read = Step::call("read_file", json!({ "path": SAMPLE }));
    let plan = json!({ "plan": [{ "step": "Look around", "status": "in_progress" }] });
    let plan = Step::call("update_plan", plan);
    let pairs = [(read, SAMPLE_BEGINNING), (plan, "The plan is updated.")];
    let (calls, outputs) = pairs.into_iter().cycle().take(steps).unzip();
    Work { calls, outputs }
}

/// One patch a step.
fn patching(change: impl Fn(usize) -> String) -> Work {
    let patch = |step| {
        let text = format!("*** Begin Patch\n{}*** End Patch\n", change(step));
        Step::call_text("apply_patch", text)
    };
    Work {
        calls: (0..STEPS).map(patch).collect(),
        outputs: vec!["Success."; STEPS],
    }
}
