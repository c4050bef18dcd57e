//! Every recorded answer of a real service arrives whole, wherever the network cuts it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::oracle::{Expected, expected};
use super::{framed, read};
use crate::wire::{Framing, SseEvent, SseReader};
use crate::{Content, EndReason, Item, ModelEvent, Role, Usage, Wire};

/// A recording of a wire that we speak.
pub(super) struct Recording {
    pub(super) name: String,
    pub(super) wire: Wire,
    /// As the service sent it.
    pub(super) body: String,
    /// Its JSON payloads.
    payloads: Vec<Value>,
}

/// The wire of a recording, by its file's name; `None` for a wire that we do not speak.
fn wire_of(name: &str) -> Option<Wire> {
    let is = |part: &str| name.contains(part);
    if is(".completion.") {
        // OpenAI's legacy Completions: no conversation, so no wire of the agent's.
        None
    } else if is(".responses.") || name.starts_with("azure.") {
        Some(Wire::Responses)
    } else if name.starts_with("anthropic.") {
        Some(Wire::Messages)
    } else {
        Some(Wire::ChatCompletions)
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/wire")
}

/// All recordings that we speak; none where there are no fixtures.
#[expect(clippy::print_stderr, reason = "says that a test did not run")]
pub(super) fn recordings() -> Vec<Recording> {
    let Ok(entries) = std::fs::read_dir(folder()) else {
        eprintln!(
            "not run: the recordings are not here ({})",
            folder().display()
        );
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| recording(path)).collect()
}

#[expect(clippy::print_stderr, reason = "says which recordings are nobody's")]
fn recording(path: &Path) -> Option<Recording> {
    let name = path.file_name()?.to_str()?.to_owned();
    let is_framed = name.ends_with(".sse");
    if !is_framed && !name.ends_with(".chunks.txt") {
        return None;
    }
    let wire = wire_of(&name).or_else(|| {
        eprintln!("{name}: no wire of ours");
        None
    })?;
    let content = std::fs::read_to_string(path).unwrap();
    let payloads: Vec<String> = content
        .lines()
        .map(|line| line.strip_prefix("data: ").unwrap_or(line).to_owned())
        .filter(|line| line.starts_with('{'))
        .collect();
    Some(Recording {
        wire,
        body: if is_framed {
            content
        } else {
            framed(wire, &payloads)
        },
        payloads: payloads
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        name,
    })
}

/// What did arrive, in the oracle's terms: once as it streamed, once in complete items.
fn arrived(events: &[ModelEvent]) -> (Expected, Expected) {
    let mut streamed = Expected::default();
    let mut whole = Expected::default();
    for event in events {
        match event {
            ModelEvent::TextDelta(delta) => whole.streamed_text += delta,
            ModelEvent::ReasoningDelta(delta) => streamed.reasoning += delta,
            ModelEvent::ToolCallStarted { name, .. } => {
                streamed
                    .calls
                    .push((name.clone(), Value::String(String::new())));
            }
            ModelEvent::ToolCallDelta { delta, .. } => {
                let Some((_, Value::String(arguments))) = streamed.calls.last_mut() else {
                    panic!("a delta of no call")
                };
                *arguments += delta;
            }
            ModelEvent::ItemDone(item) => add_item(item, &mut whole),
            ModelEvent::Done { end, usage } => ended(end, *usage, [&mut streamed, &mut whole]),
            ModelEvent::RateLimits(_) | ModelEvent::Notice(_) => {}
            ModelEvent::Failed(error) => panic!("{error}"),
        }
    }
    (streamed, whole)
}

fn ended(end: &EndReason, usage: Option<Usage>, expected: [&mut Expected; 2]) {
    for expected in expected {
        expected.end = Some(end.clone());
        expected.usage = usage;
    }
}

fn add_item(item: &Item, whole: &mut Expected) {
    match item {
        Item::Message { role, content, .. } => {
            assert_eq!(*role, Role::Assistant);
            for part in content {
                let Content::Text { text } = part else {
                    panic!("a picture from nowhere")
                };
                whole.text += text;
            }
        }
        Item::Reasoning { summary, .. } => whole.reasoning += &summary.concat(),
        Item::ToolCall(call) => {
            let arguments = serde_json::from_str(&call.arguments).unwrap();
            whole.calls.push((call.name.clone(), arguments));
        }
        Item::Carried(carried) => {
            whole
                .carried
                .push(carried.value["type"].as_str().unwrap().to_owned());
        }
        Item::ToolOutput { .. } => panic!("a tool output from a model"),
    }
}

/// The answers in a recording, each by itself.
fn answers(recording: &Recording) -> Vec<Recording> {
    let begins = |payload: &Value| {
        matches!(
            payload["type"].as_str(),
            Some("message_start" | "response.created")
        )
    };
    let mut answers: Vec<Vec<Value>> = Vec::new();
    for payload in &recording.payloads {
        match answers.last_mut() {
            Some(answer) if !begins(payload) => answer.push(payload.clone()),
            _ => answers.push(vec![payload.clone()]),
        }
    }
    let alone = |(number, payloads): (usize, Vec<Value>)| {
        let texts: Vec<String> = payloads.iter().map(Value::to_string).collect();
        Recording {
            name: format!("{}, answer {number}", recording.name),
            wire: recording.wire,
            body: framed(recording.wire, &texts),
            payloads,
        }
    };
    (1..).zip(answers).map(alone).collect()
}

#[test]
fn everything_that_each_answer_of_a_recording_says_arrives() {
    let all = recordings();
    let several = all.iter().map(answers).filter(|answers| answers.len() > 1);
    everything_arrives(several.flatten());
}

#[test]
fn everything_that_a_recording_says_arrives() {
    everything_arrives(recordings());
}

fn everything_arrives(recordings: impl IntoIterator<Item = Recording>) {
    for recording in recordings {
        let events = read(recording.wire, Framing::Sse, &[recording.body.as_bytes()]);
        let expected = expected(recording.wire, &recording.payloads);
        let (streamed, whole) = arrived(&events);
        assert_eq!(whole, expected, "{}", recording.name);
        assert_eq!(streamed.reasoning, expected.reasoning, "{}", recording.name);
        for ((name, arguments), call) in streamed.calls.iter().zip(&expected.calls) {
            assert_eq!(*name, call.0, "{}", recording.name);
            // A call whose input came with its beginning has no deltas.
            if *arguments != "" {
                assert_eq!(
                    serde_json::from_str::<Value>(arguments.as_str().unwrap()).unwrap(),
                    call.1,
                    "{}",
                    recording.name
                );
            }
        }
    }
}

#[test]
fn any_cut_gives_the_same_events() {
    let mut random = fastrand::Rng::with_seed(5);
    for recording in recordings() {
        let body = recording.body.as_bytes();
        let whole = read(recording.wire, Framing::Sse, &[body]);
        let bytes: Vec<&[u8]> = body.chunks(1).collect();
        assert_eq!(
            read(recording.wire, Framing::Sse, &bytes),
            whole,
            "{}",
            recording.name
        );
        // Reading a body once for each of its bytes takes quadratic time: long ones are cut at some places only, here.
        let cuts: Vec<usize> = if body.len() < 2500 {
            (0..=body.len()).collect()
        } else {
            (0..24).map(|_| random.usize(0..=body.len())).collect()
        };
        for cut in cuts {
            let (left, right) = body.split_at(cut);
            let events = read(recording.wire, Framing::Sse, &[left, right]);
            assert_eq!(events, whole, "{} cut at {cut}", recording.name);
        }
    }
}

/// Every byte boundary of every recording: a cut can only change the event that it goes through, since the framing keeps
/// nothing from one event to the next.
#[test]
fn every_cut_of_every_event_gives_the_same_event() {
    for recording in recordings() {
        for event in recording.body.split_inclusive("\n\n") {
            let bytes = event.as_bytes();
            let whole = frames(&[bytes]);
            assert_eq!(whole.len(), 1, "{}", recording.name);
            for cut in 1..bytes.len() {
                let (left, right) = bytes.split_at(cut);
                assert_eq!(
                    frames(&[left, right]),
                    whole,
                    "{} cut at {cut}",
                    recording.name
                );
            }
        }
    }
}

fn frames(pieces: &[&[u8]]) -> Vec<(Option<String>, String)> {
    let mut reader = SseReader::default();
    let mut frames = Vec::new();
    let mut take = |event: SseEvent<'_>| {
        frames.push((event.name.map(str::to_owned), event.data.to_owned()));
    };
    for piece in pieces {
        reader.push(piece, &mut take).unwrap();
    }
    reader.finish(&mut take);
    frames
}
