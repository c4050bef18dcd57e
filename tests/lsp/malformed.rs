//! Bytes that are no messages: the server says so, skips them, and goes on.

use serde_json::Value;

use crate::editor::Editor;
use crate::random::Random;

fn frame(body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn assert_alive(editor: &mut Editor) {
    assert!(editor.request("ropewalk/status", Value::Null).is_ok());
}

#[test]
fn undecodable_bodies_are_answered_with_a_parse_error() {
    let mut editor = Editor::plain();
    for body in [
        &b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ropewalk/sta"[..],
        b"not json at all",
        b"\xff\xfe\x00",
        b"{\"method\":\"\xc3\x28\"}",
        b"",
        b"{\"a\":1}{\"b\":2}",
        "[".repeat(100_000).as_bytes(),
    ] {
        editor.send_bytes(&frame(body));
        assert_eq!(editor.wait_for_refusal(), -32700);
        assert_alive(&mut editor);
    }
}

#[test]
fn json_that_is_no_message_is_an_invalid_request() {
    let mut editor = Editor::plain();
    for body in [
        "[]",
        r#"[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]"#,
        "7",
        "null",
        r#""text""#,
        "{}",
        r#"{"id":null,"method":"ropewalk/status"}"#,
        r#"{"id":[1],"method":"ropewalk/status"}"#,
        r#"{"jsonrpc":"2.0","method":7}"#,
    ] {
        editor.send_bytes(&frame(body.as_bytes()));
        assert_eq!(editor.wait_for_refusal(), -32600, "{body}");
        assert_alive(&mut editor);
    }
}

#[test]
fn header_names_in_any_case_are_understood() {
    let mut editor = Editor::plain();
    let body = r#"{"jsonrpc":"2.0","id":"lower","method":"ropewalk/status"}"#;
    editor.send_bytes(format!("content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
    let answer = editor.wait_for_id(&"lower".into());
    assert_eq!(answer["result"]["documents"], 0);
}

#[test]
fn rubbish_between_frames_is_skipped() {
    let mut editor = Editor::plain();
    for rubbish in [
        "hello there\r\n\r\n",
        "Content-Length: twelve\r\n\r\n",
        "Content-Length: -5\r\n\r\n",
        "Content-Length: 99999999999999999999999\r\n\r\n",
        "Content-Length: 9999999999\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        editor.send_bytes(rubbish.as_bytes());
        assert_alive(&mut editor);
        assert_eq!(editor.wait_for_refusal(), -32700, "{rubbish:?}");
        editor.ignore_unread();
    }
}

#[test]
fn a_body_shorter_than_its_length_costs_only_itself() {
    let mut editor = Editor::plain();
    editor.send_bytes(b"Content-Length: 100\r\n\r\n{\"cut");
    // The missing bytes are taken from the frames that follow, which are found again behind the cut.
    assert_alive(&mut editor);
    assert_eq!(editor.wait_for_refusal(), -32700);
}

#[test]
fn a_stream_that_ends_within_a_frame_ends_the_server() {
    let mut editor = Editor::plain();
    editor.send_bytes(b"Content-Length: 100\r\n\r\n{\"cut");
    assert_eq!(editor.hang_up().code(), Some(1));
    editor.ignore_unread();
}

/// Frames with random damage: bytes flipped, dropped, doubled. Whatever comes of them, the server lives and answers.
#[test]
fn random_damage_never_ends_the_server() {
    let mut editor = Editor::plain();
    editor.open("a.rs", "rust", "fn main() { println!(\"é🦀\"); }\n");
    let uri = editor.uri("a.rs");
    let whole: Vec<Vec<u8>> = [
        format!(r#"{{"jsonrpc":"2.0","method":"textDocument/didChange","params":{{"textDocument":{{"uri":"{uri}","version":2}},"contentChanges":[{{"range":{{"start":{{"line":0,"character":3}},"end":{{"line":0,"character":7}}}},"text":"x"}}]}}}}"#),
        format!(r#"{{"jsonrpc":"2.0","method":"textDocument/inlineCompletion","params":{{"textDocument":{{"uri":"{uri}"}},"position":{{"line":0,"character":5}}}}}}"#),
        r#"{"jsonrpc":"2.0","method":"workspace/didChangeConfiguration","params":{"settings":{"completion":{"preset":"calm"}}}}"#.into(),
        r#"{"jsonrpc":"2.0","method":"workspace/didChangeWatchedFiles","params":{"changes":[{"uri":"file:///x","type":1}]}}"#.into(),
        r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#.into(),
    ]
    .iter()
    .map(|body| frame(body.as_bytes()))
    .collect();
    let mut random = Random::new(7);
    for round in 0..300 {
        let mut bytes = random.pick(&whole).clone();
        for _ in 0..=random.below(4) {
            if bytes.is_empty() {
                break;
            }
            let place = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[place] = random.below(256) as u8,
                1 => drop(bytes.remove(place)),
                2 => bytes.insert(place, random.below(256) as u8),
                _ => bytes.truncate(place.max(1)),
            }
        }
        // An id of its own would be a question that nobody counts.
        if String::from_utf8_lossy(&bytes).contains("exit") {
            continue;
        }
        editor.send_bytes(&bytes);
        if round % 10 == 9 {
            // Enough to complete whatever frame the damage left open.
            editor.send_bytes(&vec![b' '; 4000]);
            editor.send_bytes(b"\r\n\r\n");
            assert_alive(&mut editor);
            editor.ignore_unread();
        }
    }
    assert_alive(&mut editor);
    editor.ignore_unread();
}
