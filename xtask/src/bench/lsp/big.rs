//! `cargo xtask bench lsp --big`: does learning a large workspace in the background slow down typing?

use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::corpus;
use super::measure::{Stage, document, has_learned, latency, resident_megabytes};
use super::peer::Peer;
use super::rows;
use super::typist::{Stop, Typist};

/// The size of the workspace.
pub(super) const WORKSPACE_BYTES: u64 = 200_000_000;

/// At most as long is typed in each state.
const LONGEST: Duration = Duration::from_secs(60);

/// At least as many stops are made in each state, if it lasts.
const STOPS: usize = 2_000;

/// Types while the workspace is learned and again afterwards, and prints both.
pub(super) fn run(stage: &Stage, peer: &Peer) -> anyhow::Result<()> {
    let text = corpus::text(&stage.files, 10_000);
    let mut client = peer.initialize(&stage.workspace, &stage.home, &stage.model)?;
    let start = Instant::now();
    let mut during = Vec::new();
    let mut documents = 0;
    while during.len() < STOPS && start.elapsed() < LONGEST && !has_learned(&mut client)? {
        let uri = document(&stage.workspace.join(format!("during{documents}")));
        documents += 1;
        let mut typist = Typist::open(peer, &mut client, &stage.model, uri, &text)?;
        for _ in 0..5 {
            during.extend(typist.retype_a_line()?);
        }
    }
    while !has_learned(&mut client)? {
        std::thread::sleep(Duration::from_millis(50));
    }
    let learned = client
        .request("ropewalk/status", &Value::Null)?
        .result
        .unwrap_or_default()["learning"]
        .take();
    println!(
        "learned after {:.1} s: {} files of {:.0} MB; {} more are beyond the index's limit",
        start.elapsed().as_secs_f64(),
        learned["files"],
        learned["sourceBytes"].as_f64().unwrap_or_default() / 1e6,
        learned["skippedFiles"],
    );
    let uri = document(&stage.workspace.join("after"));
    let mut typist = Typist::open(peer, &mut client, &stage.model, uri, &text)?;
    let mut after = Vec::new();
    while after.len() < during.len().max(300) {
        after.extend(typist.retype_a_line()?);
    }
    print("while learning", &during);
    print("afterwards", &after);
    println!("memory afterwards: {:.0} MB", resident_megabytes(&client)?);
    Ok(())
}

fn print(when: &str, stops: &[Stop]) {
    let cell = if stops.is_empty() {
        "not measured".into()
    } else {
        latency(rows::SUGGESTION_SMALL, stops).cell()
    };
    println!(
        "didChange to suggestion {when}, p50 / p99 of {}: {cell} ms",
        stops.len()
    );
}
