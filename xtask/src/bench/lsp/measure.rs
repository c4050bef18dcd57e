//! The measurements of one server, each from a client's view in processes of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::super::corpus;
use super::super::figures::{Figure, Row, megabytes, quantile};
use super::client::Client;
use super::peer::{Kind, Peer};
use super::rows;
use super::typist::{Places, Stop, Typist};
use super::wire::uri;

/// How many single characters are typed to measure one.
const EDITS: usize = 10_000;

/// How many suggestions are asked for.
const STOPS: usize = 300;

/// How long a server may rest before its memory is read.
const REST: Duration = Duration::from_secs(1);

/// What all servers are measured with.
pub(super) struct Stage {
    /// A workspace with real code in it.
    pub(super) workspace: PathBuf,
    /// A workspace without any.
    pub(super) empty: PathBuf,
    /// The home folder of the servers.
    pub(super) home: PathBuf,
    /// The address of the model server without latency.
    pub(super) model: String,
    /// Sources for the documents that are opened.
    pub(super) files: Vec<PathBuf>,
}

type Measurement = fn(&Stage, &Peer) -> anyhow::Result<Vec<Figure>>;

/// All measurements in the order of the table.
pub(super) const ALL: [(&str, Measurement); 5] = [
    ("start", start),
    ("didChange", did_change),
    ("suggestions", suggestions),
    ("memory", memory),
    ("binary", binary),
];

/// Process start to the answer of `initialize`, ten times after one that warms the page cache.
fn start(stage: &Stage, peer: &Peer) -> anyhow::Result<Vec<Figure>> {
    let mut milliseconds = Vec::new();
    for round in 0..11 {
        let before = Instant::now();
        let mut client = Client::start(peer.command(&stage.home))?;
        let params = peer.initialize_params(&stage.empty, &stage.model);
        let answer = client.request("initialize", &params)?;
        if round > 0 {
            milliseconds.push((answer.arrived - before).as_secs_f64() * 1e3);
        }
    }
    Ok(vec![Figure::new(
        rows::START,
        &[quantile(&mut milliseconds, 0.5)],
    )])
}

/// Many single characters into a large document and one suggestion after them, which proves that all were applied.
fn did_change(stage: &Stage, peer: &Peer) -> anyhow::Result<Vec<Figure>> {
    let text = corpus::text(&stage.files, 1_000_000);
    let mut figures = Vec::new();
    for (row, places) in [
        (rows::DID_CHANGE_ONE_PLACE, Places::One),
        (rows::DID_CHANGE_ALL_OVER, Places::AllOver),
    ] {
        let mut client = peer.initialize(&stage.empty, &stage.home, &stage.model)?;
        let uri = document(&stage.empty);
        let mut typist = Typist::open(peer, &mut client, &stage.model, uri, &text)?;
        typist.ask_anywhere()?;
        let before = Instant::now();
        typist.type_blindly(EDITS, places)?;
        typist.ask_anywhere()?;
        let milliseconds = before.elapsed().as_secs_f64() * 1e3;
        figures.push(Figure::new(
            row,
            &[milliseconds / f64::from(u32::try_from(EDITS)?)],
        ));
    }
    Ok(figures)
}

/// Typing in a small and in a large document of a workspace that has been learned.
fn suggestions(stage: &Stage, peer: &Peer) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (row, bytes) in [
        (rows::SUGGESTION_SMALL, 10_000),
        (rows::SUGGESTION_LARGE, 1_000_000),
    ] {
        let mut client = peer.initialize(&stage.workspace, &stage.home, &stage.model)?;
        await_learned(peer, &mut client)?;
        let text = corpus::text(&stage.files, bytes);
        let mut typist = Typist::open(
            peer,
            &mut client,
            &stage.model,
            document(&stage.workspace),
            &text,
        )?;
        typist.ask_anywhere()?;
        let mut stops = Vec::new();
        while stops.len() < STOPS {
            stops.extend(typist.retype_a_line()?);
        }
        figures.push(latency(row, &stops));
        if row == rows::SUGGESTION_LARGE {
            figures.push(Figure::new(rows::OFFERED, &[offered_percent(&stops)]));
            figures.push(Figure::new(
                rows::MEMORY_LEARNED,
                &[resident_megabytes(&client)?],
            ));
        }
    }
    Ok(figures)
}

/// Memory with nothing open, and with one large document open that something was suggested in.
fn memory(stage: &Stage, peer: &Peer) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (row, bytes) in [
        (rows::MEMORY_IDLE, 0),
        (rows::MEMORY_1, 1_000_000),
        (rows::MEMORY_10, 10_000_000),
    ] {
        let mut client = peer.initialize(&stage.empty, &stage.home, &stage.model)?;
        if bytes > 0 {
            let text = corpus::text(&stage.files, bytes);
            Typist::open(
                peer,
                &mut client,
                &stage.model,
                document(&stage.empty),
                &text,
            )?
            .ask_anywhere()?;
        }
        thread::sleep(REST);
        figures.push(Figure::new(row, &[resident_megabytes(&client)?]));
    }
    Ok(figures)
}

fn binary(_: &Stage, peer: &Peer) -> anyhow::Result<Vec<Figure>> {
    let bytes = fs::metadata(&peer.path)?.len();
    Ok(vec![Figure::new(rows::BINARY, &[megabytes(bytes)])])
}

/// The document that is typed into; it is on no disk.
pub(super) fn document(workspace: &Path) -> String {
    uri(&workspace.join("typed.rs"))
}

/// The median and the slowest hundredth of some stops.
pub(super) fn latency(row: Row, stops: &[Stop]) -> Figure {
    let mut milliseconds: Vec<f64> = stops
        .iter()
        .map(|stop| stop.latency.as_secs_f64() * 1e3)
        .collect();
    Figure::new(
        row,
        &[
            quantile(&mut milliseconds, 0.5),
            quantile(&mut milliseconds, 0.99),
        ],
    )
}

fn offered_percent(stops: &[Stop]) -> f64 {
    let offered = stops.iter().filter(|stop| stop.offered).count();
    #[expect(clippy::cast_precision_loss, reason = "a few hundred stops")]
    let percent = 100.0 * offered as f64 / stops.len() as f64;
    percent
}

/// Waits until the server has read the workspace. Only ours reads it, and only ours can say so.
pub(super) fn await_learned(peer: &Peer, client: &mut Client) -> anyhow::Result<()> {
    if peer.kind != Kind::Ropewalk {
        return Ok(());
    }
    let deadline = Instant::now() + Duration::from_secs(600);
    while !has_learned(client)? {
        if Instant::now() > deadline {
            bail!("the workspace was not learned within 10 minutes");
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Whether our server says that it has learned from the whole workspace.
pub(super) fn has_learned(client: &mut Client) -> anyhow::Result<bool> {
    match client.request("ropewalk/status", &Value::Null)?.result {
        Ok(status) => {
            let files = status["learning"]["files"].as_u64();
            Ok(status["engine"]["state"] == "ready" && files.is_some_and(|files| files > 0))
        }
        Err(error) => bail!("ropewalk/status was refused: {error}"),
    }
}

/// The memory that the server's process has in use, as the kernel counts it.
pub(super) fn resident_megabytes(client: &Client) -> anyhow::Result<f64> {
    let path = format!("/proc/{}/status", client.process_id());
    let status = fs::read_to_string(&path)
        .with_context(|| format!("{path} could not be read; memory is measured on Linux only"))?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes
        .context("the kernel does not say how much memory is in use")?
        .parse()?;
    Ok(megabytes(kilobytes * 1024))
}
