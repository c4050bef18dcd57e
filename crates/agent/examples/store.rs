//! Prints what the thread store and the observation of the world cost: `cargo run --release -p agent --example store`.
//!
//! A thousand threads of ten turns each lie in a folder of its own, which is removed at the end.

#![expect(
    clippy::print_stdout,
    reason = "figures for a person, from a program of its own"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use agent::machine::{Entry, Event};
use agent::store::{ListOptions, NewThread, StoreError, ThreadLog, ThreadStore};
use agent::world::{ProjectWorld, WorldOptions, WorldSource};
use models::Content;

const THREADS: usize = 1000;
const ENTRIES: usize = 10;
const ENTRY_BYTES: usize = 4 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let store = ThreadStore::new(folder.path());
    let entry = Entry {
        time: 0,
        event: Event::InputGiven {
            content: vec![Content::text("word ".repeat(ENTRY_BYTES / 5))],
        },
    };
    let mut appends = Vec::new();
    for _ in 0..THREADS {
        write_thread(&store, &entry, &mut appends)?;
    }
    println!("append of {ENTRY_BYTES} bytes   p50 {:?}", median(appends));
    let lists = repeat(20, || store.list::<Entry>(&ListOptions::default()));
    println!("list of {THREADS} threads   p50 {:?}", median(lists));

    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let world = ProjectWorld::new(WorldOptions {
        cwd: project.into(),
        folders: vec![project.into()],
        ..WorldOptions::default()
    });
    let first = Instant::now();
    drop(world.observe());
    println!("first look at the world     {:?}", first.elapsed());
    println!(
        "next look           p50 {:?}",
        median(repeat(1000, || world.observe()))
    );
    Ok(())
}

fn write_thread(
    store: &ThreadStore,
    entry: &Entry,
    appends: &mut Vec<Duration>,
) -> Result<(), StoreError> {
    let mut log: ThreadLog<Entry> = store.create(NewThread {
        cwd: "/project".into(),
        provider: "scripted".into(),
        model: "one".into(),
    })?;
    for _ in 0..ENTRIES {
        let start = Instant::now();
        log.append(entry)?;
        appends.push(start.elapsed());
    }
    log.sync()
}

fn repeat<T>(times: usize, mut action: impl FnMut() -> T) -> Vec<Duration> {
    let measure = |_| {
        let start = Instant::now();
        drop(action());
        start.elapsed()
    };
    (0..times).map(measure).collect()
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations[durations.len() / 2]
}
