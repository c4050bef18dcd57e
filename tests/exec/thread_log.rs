//! A thread's log as it lies on disk: what it says of its calls, and what it gives when it is replayed.

use std::collections::BTreeMap;
use std::path::Path;

use agent::machine::{Entry, replay};
use serde_json::Value;

use crate::home::Home;

/// The entries of the home's only thread.
pub(crate) fn entries(home: &Home) -> Vec<Entry> {
    let mut logs = home.logs();
    assert_eq!(
        logs.len(),
        1,
        "one thread is expected: {:?}",
        logs.iter().map(|log| &log.0).collect::<Vec<_>>()
    );
    parse(logs.remove(0).1)
}

/// The entries of one of the home's threads.
pub(crate) fn entries_of(home: &Home, thread: &str) -> Vec<Entry> {
    let is_wanted = |path: &Path| path.to_string_lossy().contains(thread);
    let mut logs = home.logs().into_iter();
    parse(logs.find(|(path, _)| is_wanted(path)).unwrap().1)
}

fn parse(bytes: Vec<u8>) -> Vec<Entry> {
    let text = String::from_utf8(bytes).unwrap();
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    whole
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<Value>(line)
                .unwrap()
                .get("event")
                .cloned()
        })
        .map(|entry| serde_json::from_value(entry).unwrap())
        .collect()
}

/// How often each call was handed to its tool.
pub(crate) fn starts(entries: &[Entry]) -> BTreeMap<String, usize> {
    let mut starts = BTreeMap::new();
    for entry in entries {
        if let agent::machine::Event::ToolStarted { call_id } = &entry.event {
            *starts.entry(call_id.clone()).or_default() += 1;
        }
    }
    starts
}

/// The bodies of all requests that the log gives when it is replayed.
pub(crate) fn bodies(entries: &[Entry]) -> Vec<Vec<u8>> {
    let (machine, requests) = replay(entries.iter().cloned()).unwrap();
    let facts = &machine.settings().facts;
    let codec = models::wire::codec(facts.wire).unwrap();
    let encode = |request| serde_json::to_vec(&codec.encode(request, facts)).unwrap();
    requests.iter().map(encode).collect()
}
