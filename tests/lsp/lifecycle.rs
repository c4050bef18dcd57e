//! Start, end, and the requests that must be refused, each exactly once.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::editor::{Editor, Refusal, Setup};
use crate::server_process::server_command;

fn code(answer: Result<Value, Refusal>) -> i64 {
    match answer {
        Ok(result) => panic!("an error was expected, not {result}"),
        Err(Refusal(code, _)) => code,
    }
}

#[test]
fn says_what_it_can_do() {
    let setup = Setup::default();
    let mut editor = Editor::spawn(&setup);
    let answer = editor
        .request("initialize", editor.initialize_params(&setup))
        .unwrap();
    assert_eq!(answer["serverInfo"]["name"], "ropewalk");
    assert_eq!(answer["capabilities"]["inlineCompletionProvider"], true);
    // For mentions in chats, which every client can complete.
    assert_eq!(
        answer["capabilities"]["completionProvider"],
        json!({ "triggerCharacters": ["@"] })
    );
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(answer["capabilities"]["textDocumentSync"]["change"], 2);
}

#[test]
fn clients_without_inline_completion_get_completion() {
    let setup = Setup {
        capabilities: json!({ "general": { "positionEncodings": ["utf-32", "utf-8", "utf-16"] } }),
        ..Setup::default()
    };
    let mut editor = Editor::spawn(&setup);
    let answer = editor
        .request("initialize", editor.initialize_params(&setup))
        .unwrap();
    assert_eq!(
        answer["capabilities"]["inlineCompletionProvider"],
        Value::Null
    );
    assert!(answer["capabilities"]["completionProvider"]["triggerCharacters"].is_array());
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-8");
}

#[test]
fn odd_requests_are_refused_with_the_right_code() {
    let setup = Setup::default();
    let mut editor = Editor::spawn(&setup);
    let place = editor.place("a.rs", 0, 0);
    assert_eq!(
        code(editor.request("textDocument/inlineCompletion", place.clone())),
        -32002
    );
    let params = editor.initialize_params(&setup);
    editor.request("initialize", params.clone()).unwrap();
    editor.notify("initialized", json!({}));

    assert_eq!(code(editor.request("initialize", params)), -32600);
    assert_eq!(code(editor.request("no/such/method", Value::Null)), -32601);
    assert_eq!(
        code(editor.request("$/no/such/method", Value::Null)),
        -32601
    );
    assert_eq!(
        code(editor.request("textDocument/inlineCompletion", json!({}))),
        -32602
    );
    assert_eq!(
        code(editor.request("textDocument/inlineCompletion", json!(7))),
        -32602
    );
    assert_eq!(
        code(editor.request("textDocument/inlineCompletion", place)),
        -32602
    );
    assert_eq!(
        code(editor.request("textDocument/didOpen", json!({}))),
        -32600
    );
    editor.notify("no/such/notification", Value::Null);
    editor.notify("$/no/such/notification", Value::Null);
    editor.notify("textDocument/inlineCompletion", json!({}));
    editor.notify("textDocument/didOpen", json!({ "textDocument": 7 }));
    editor.notify("textDocument/didChange", json!([]));

    assert_eq!(editor.request("shutdown", Value::Null), Ok(Value::Null));
    assert_eq!(code(editor.request("ropewalk/status", Value::Null)), -32600);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.wait_for_end().code(), Some(0));
}

#[test]
fn the_same_id_twice_at_once_is_answered_twice() {
    let mut editor = Editor::plain();
    editor.open("a.rs", "rust", "fn main() {}\n");
    let params = editor.place("a.rs", 0, 0);
    let request = json!({
        "jsonrpc": "2.0", "id": "twin", "method": "textDocument/inlineCompletion", "params": params,
    });
    let body = request.to_string();
    let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    editor.send_bytes((frame.clone() + &frame).as_bytes());
    for _ in 0..2 {
        editor.wait_for_id(&json!("twin"));
    }
}

#[test]
fn exit_without_shutdown_ends_with_an_error() {
    let mut editor = Editor::plain();
    editor.notify("exit", Value::Null);
    assert_eq!(editor.wait_for_end().code(), Some(1));
}

#[test]
fn exit_before_initialize_ends_too() {
    let mut editor = Editor::spawn(&Setup::default());
    editor.notify("exit", Value::Null);
    assert_eq!(editor.wait_for_end().code(), Some(1));
}

#[test]
fn a_closed_stream_ends_the_server() {
    let mut editor = Editor::plain();
    assert_eq!(editor.hang_up().code(), Some(1));
}

#[test]
fn the_death_of_the_parent_ends_the_server_though_the_stream_stays_open() {
    let mut parent = Command::new("sleep").arg("1000").spawn().unwrap();
    let mut editor = Editor::start(Setup {
        parent: Some(parent.id()),
        ..Setup::default()
    });
    assert!(editor.request("ropewalk/status", Value::Null).is_ok());
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert_eq!(editor.wait_for_end().code(), Some(1));
}

#[test]
fn nothing_is_left_behind() {
    let mut editor = Editor::start(Setup {
        files: vec![("a.rs", "fn main() {}\n".into())],
        ..Setup::default()
    });
    editor.wait_until_learned(1);
    let group = editor.process_id();
    assert!(processes_in(group).contains(&group), "no process is seen");
    assert_eq!(editor.quit().code(), Some(0));
    assert_eq!(processes_in(group), Vec::<u32>::new());
}

/// The processes of a group. Unlike the parent, the group is the same when the parent is gone.
fn processes_in(group: u32) -> Vec<u32> {
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // After the name in parentheses: the state, the parent, the group.
            let fields = stat.rsplit(')').next()?;
            let is_member = fields.split_whitespace().nth(2)? == group.to_string();
            is_member.then(|| entry.file_name().to_str()?.parse().ok())?
        })
        .collect()
}

#[test]
fn malformed_answers_are_not_answered_and_a_null_error_is_no_error() {
    let setup = Setup {
        capabilities: json!({
            "workspace": { "configuration": true },
            "textDocument": { "inlineCompletion": {} },
        }),
        ..Setup::default()
    };
    let mut editor = Editor::spawn(&setup);
    editor.configuration = json!([{ "completion": { "enabled": false } }]);
    editor.answer_template["error"] = Value::Null;
    let params = editor.initialize_params(&setup);
    editor.request("initialize", params).unwrap();
    editor.notify("initialized", json!({}));
    editor.wait_for_method("workspace/configuration");
    for malformed in [
        json!({ "jsonrpc": "2.0", "id": "ropewalk-0" }),
        json!({ "jsonrpc": "2.0", "id": "ropewalk-0", "error": null }),
        json!({ "id": "ropewalk-0", "result": 1, "error": { "code": 1, "message": "" } }),
        json!({ "jsonrpc": "2.0", "id": "ropewalk-999", "result": null }),
    ] {
        editor.send(&malformed);
    }
    // Had any of them been answered, the editor would complain about what was left unread.
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    assert_eq!(status["engine"]["state"], "disabled");
}

#[test]
fn serves_on_a_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let mut server = server_command(folder.path())
        .args(["lsp", "--socket", &port])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}"#;
    stream.write_all(frame(initialize).as_bytes()).unwrap();
    assert!(read_some(&mut stream).contains("\"serverInfo\""));
    // Both in one packet: `shutdown` is owed its answer though `exit` is there already.
    let last = frame(r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#)
        + &frame(r#"{"jsonrpc":"2.0","method":"exit"}"#);
    stream.write_all(last.as_bytes()).unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    let (_, body) = rest.split_once("\r\n\r\n").unwrap();
    let answer: Value = serde_json::from_str(body).unwrap();
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 2, "result": null }));
    let started = Instant::now();
    while server.try_wait().unwrap().is_none() {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the server does not end"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(server.wait().unwrap().code(), Some(0));
}

fn frame(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

fn read_some(stream: &mut std::net::TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.ends_with('}') {
        let count = stream.read(&mut buffer).unwrap();
        assert!(0 < count, "the server closed the socket after {text:?}");
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    text
}

#[test]
fn a_wrong_port_and_a_wrong_log_level_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = server_command(folder.path())
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stdout, b"");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(&["lsp", "--socket", "1"]).contains("no editor listens on port 1"));
    assert!(
        run(&["--log-level", "x=loud", "lsp"]).contains("Use error, warn, info, debug or trace")
    );
}
