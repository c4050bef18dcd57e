//! Responses over WebSocket, with a client that knows only the WebSocket protocol.

use std::net::TcpStream;

use scripted_model::{Fault, Kind, Refusal, Script, SeenItem, Server, Step, Upgrade, Wire};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::client::{Client, hello};

struct Socket(WebSocket<TcpStream>);

impl Socket {
    fn connect(server: &Server) -> Result<Self, String> {
        let address = server.url().replace("http", "ws");
        let stream = TcpStream::connect(address.strip_prefix("ws://").unwrap()).unwrap();
        tungstenite::client(format!("{address}/v1/responses"), stream)
            .map(|(socket, _)| Self(socket))
            .map_err(|error| error.to_string())
    }

    fn send(&mut self, changes: Value) {
        let mut request = hello(Wire::Responses);
        request["type"] = "response.create".into();
        for (key, value) in changes.as_object().unwrap() {
            request[key] = value.clone();
        }
        self.0.send(Message::text(request.to_string())).unwrap();
    }

    /// The last event of an answer: the one that ends it; nothing when the connection ends first.
    fn end(&mut self) -> Option<Value> {
        loop {
            let Ok(Message::Text(text)) = self.0.read() else {
                return None;
            };
            let Ok(event) = serde_json::from_str::<Value>(text.as_str()) else {
                continue;
            };
            let kind = event["type"].as_str().unwrap();
            if [
                "response.completed",
                "response.incomplete",
                "response.failed",
                "error",
            ]
            .contains(&kind)
            {
                return Some(event);
            }
        }
    }

    fn id(&mut self) -> Value {
        self.end().unwrap()["response"]["id"].clone()
    }
}

fn code(event: Option<Value>) -> String {
    event.unwrap()["error"]["code"]
        .as_str()
        .unwrap_or("none")
        .to_owned()
}

#[test]
fn only_new_items_travel_and_the_server_knows_the_rest() {
    let script = Script::new([
        Step::call("read_file", json!({"path": "a"})),
        Step::say("Done."),
    ]);
    let server = Server::start(script).unwrap();
    let mut socket = Socket::connect(&server).unwrap();
    socket.send(json!({"generate": false}));
    let warm = socket.id();
    socket.send(json!({"previous_response_id": warm, "input": []}));
    let end = socket.end().unwrap();
    let call_id = &end["response"]["output"][0]["call_id"];
    let output = json!({"type": "function_call_output", "call_id": call_id, "output": "text of a"});
    socket.send(json!({"previous_response_id": end["response"]["id"], "input": [output]}));
    socket.end().unwrap();
    assert_eq!(server.violations(), Vec::<String>::new());
    let kinds: Vec<Kind> = server
        .requests()
        .iter()
        .map(|request| request.kind)
        .collect();
    let step = Kind::Step(Wire::Responses);
    assert_eq!(kinds, [Kind::Other, Kind::Prewarm, step, step]);
    let last = server.requests().pop().unwrap();
    assert_eq!(last.conversation.items.len(), 3);
    assert!(
        matches!(&last.conversation.items[1], SeenItem::Call { name, .. } if name == "read_file")
    );
    assert_eq!((server.accepts(), last.exchange), (1, Some(1)));
}

#[test]
fn what_is_not_the_newest_answer_is_not_known() {
    let script = Script::new([Step::say("One."), Step::say("Two.")]);
    let server = Server::start(script).unwrap();
    let mut socket = Socket::connect(&server).unwrap();
    socket.send(json!({}));
    let old = socket.id();
    socket.send(json!({}));
    socket.id();
    socket.send(json!({"previous_response_id": old, "input": []}));
    assert_eq!(code(socket.end()), "previous_response_not_found");
    let mut other = Socket::connect(&server).unwrap();
    other.send(json!({"previous_response_id": old, "input": []}));
    assert_eq!(code(other.end()), "previous_response_not_found");
    assert_eq!(server.violations(), Vec::<String>::new());
}

#[test]
fn a_continuation_is_checked_with_what_it_continues() {
    let script = Script::new([
        Step::call("read_file", json!({"path": "a"})),
        Step::say("Never."),
    ]);
    let server = Server::start(script).unwrap();
    let mut socket = Socket::connect(&server).unwrap();
    socket.send(json!({}));
    let id = socket.id();
    socket.send(json!({"previous_response_id": id, "input": []}));
    let message = socket.end().unwrap()["error"]["message"].clone();
    assert!(
        message
            .as_str()
            .unwrap()
            .starts_with("No tool output found"),
        "{message}"
    );
    assert_eq!(server.violations().len(), 1);
    socket.send(json!({"previous_response_id": id, "input": []}));
    assert_eq!(
        code(socket.end()),
        "previous_response_not_found",
        "a failure makes it forget"
    );
}

#[test]
fn sockets_are_refused_limited_and_cut() {
    let refused = Server::start(Script::new([]).upgrading(Upgrade::Refused(426))).unwrap();
    let error = Socket::connect(&refused).err().unwrap();
    assert!(error.contains("426"), "{error}");

    let limited = Script::new([Step::say("One."), Step::say("Two.")]).answers_per_socket(1);
    let limited = Server::start(limited).unwrap();
    let mut socket = Socket::connect(&limited).unwrap();
    socket.send(json!({}));
    socket.id();
    socket.send(json!({}));
    assert_eq!(code(socket.end()), "websocket_connection_limit_reached");
    assert!(socket.end().is_none());

    for fault in [
        Fault::HangUp,
        Fault::CutInEvent { events: 2 },
        Fault::CutAfterParts { parts: 1 },
        Fault::Garbage,
        Fault::EndEarly { events: 2 },
        Fault::MalformedJson { events: 2 },
    ] {
        let server = Server::start(Script::new([Step::say("One.").with(fault)])).unwrap();
        let mut socket = Socket::connect(&server).unwrap();
        socket.send(json!({}));
        assert!(socket.end().is_none());
    }

    let refusal = Fault::Refuse(Refusal::RateLimited { retry_after: None });
    let server = Server::start(Script::new([Step::fault(refusal), Step::say("Fine.")])).unwrap();
    let mut socket = Socket::connect(&server).unwrap();
    socket.send(json!({}));
    assert_eq!(code(socket.end()), "rate_limit_exceeded");
    socket.send(json!({}));
    assert_eq!(socket.end().unwrap()["type"], "response.completed");
}

#[test]
fn a_compacted_history_comes_back_as_what_it_was() {
    let script = Script::new([
        Step::call("read_file", json!({"path": "a"})),
        Step::say("Done."),
    ]);
    let server = Server::start(script).unwrap();
    let mut client = Client::connect(&server);
    let mut request = hello(Wire::Responses);
    client.send(Wire::Responses, &request);
    client.reply();
    let call =
        json!({"type": "function_call", "call_id": "c", "name": "read_file", "arguments": "{}"});
    let output = json!({"type": "function_call_output", "call_id": "c", "output": "text of a"});
    let input = json!([request["input"][0], call, output]);
    client.post(
        "/v1/responses/compact",
        &json!({"model": "m", "input": input}),
    );
    let compacted: Value = serde_json::from_str(&client.reply().body).unwrap();
    request["input"] = compacted["output"].clone();
    client.send(Wire::Responses, &request);
    assert_eq!(client.reply().status, 200);
    assert_eq!(server.violations(), Vec::<String>::new());
    let items = server.requests().pop().unwrap().conversation.items;
    let note = "called: read_file {}\nanswered: text of a\n".to_owned();
    assert_eq!(items[1], SeenItem::Compaction { note });
}
