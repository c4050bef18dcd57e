//! Sessions over WebSocket: only what is new travels, sockets are replaced quietly, and HTTP takes over where there are none.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use models::{
    ClientOptions, FailureKind, Item, ModelEvent, ModelSession, Request, Role, ToolSpec, Transport,
    Wire,
};
use serde_json::{Value, json};
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::{Role as Side, WebSocket};
use tungstenite::{Error, Message};

use crate::service::{After, Seen, Service, Stream, begin_stream, end_stream, event, respond};
use crate::setup::{
    RecordingClock, failure, next, notices, open, options, request, run, start, wait,
};

/// The service's end of a socket.
type Socket<'a> = WebSocket<&'a mut dyn Stream>;

/// The requests that came over sockets, as they were, each with the number of its connection attempt.
#[derive(Clone, Default)]
struct Frames(Arc<Mutex<Vec<(usize, String)>>>);

impl Frames {
    fn push(&self, socket: usize, frame: &str) -> usize {
        let mut frames = self.0.lock().unwrap();
        frames.push((socket, frame.to_owned()));
        frames.len() - 1
    }

    fn all(&self) -> Vec<(usize, String)> {
        self.0.lock().unwrap().clone()
    }

    fn texts(&self) -> Vec<String> {
        self.all().into_iter().map(|(_, text)| text).collect()
    }

    fn sockets(&self) -> Vec<usize> {
        self.all().into_iter().map(|(socket, _)| socket).collect()
    }
}

/// What a service does about one frame.
enum Then {
    GoOn,
    Drop,
}

/// A service on sockets: `answer` is given the frame's number over all sockets.
fn socket_service(
    frames: &Frames,
    answer: impl Fn(usize, &mut Socket<'_>) -> Then + Send + Sync + 'static,
) -> Service {
    let frames = frames.clone();
    Service::start(move |number, seen, stream| {
        if seen.header("upgrade").is_none() {
            return http_answer(stream);
        }
        let mut socket = upgrade(seen, stream)?;
        while let Ok(message) = socket.read() {
            let Message::Text(text) = message else {
                continue;
            };
            let frame = frames.push(number, &text);
            match answer(frame, &mut socket) {
                Then::GoOn => {}
                Then::Drop => break,
            }
        }
        Ok(After::Close)
    })
}

fn upgrade<'a>(seen: &Seen, stream: &'a mut dyn Stream) -> std::io::Result<Socket<'a>> {
    let accept = derive_accept_key(seen.header("sec-websocket-key").unwrap().as_bytes());
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept}\r\n\r\n"
    )?;
    stream.flush()?;
    Ok(WebSocket::from_raw_socket(stream, Side::Server, None))
}

/// The events of a complete answer `id` that says `text`.
fn answer_events(id: &str, text: &str) -> Vec<Value> {
    let item = json!({
        "type": "message", "id": format!("msg_{id}"), "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    });
    vec![
        json!({"type": "response.created", "response": {"id": id, "status": "in_progress"}}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": item}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": item}),
        completed(id, json!([item])),
    ]
}

fn completed(id: &str, output: Value) -> Value {
    let usage = json!({"input_tokens": 3, "output_tokens": 2, "total_tokens": 5});
    let response = json!({"id": id, "status": "completed", "output": output, "usage": usage});
    json!({"type": "response.completed", "response": response})
}

fn send(socket: &mut Socket<'_>, value: &Value) {
    // A client that has gone away is a part of some tests.
    let _ = socket.send(Message::text(value.to_string()));
}

fn say(socket: &mut Socket<'_>, id: &str, text: &str) -> Then {
    for value in answer_events(id, text) {
        send(socket, &value);
    }
    Then::GoOn
}

fn http_answer(stream: &mut dyn Stream) -> std::io::Result<After> {
    begin_stream(stream)?;
    for value in answer_events("resp_http", "over HTTP") {
        event(stream, &value.to_string())?;
    }
    end_stream(stream)
}

fn session(service: &Service) -> Box<dyn ModelSession> {
    session_with(service, options(&Arc::default()))
}

fn session_with(service: &Service, options: ClientOptions) -> Box<dyn ModelSession> {
    let url = format!("http://{}/v1", service.address);
    open(&url, Wire::Responses, Transport::WebSocket, options)
}

/// Runs `request` and gives the request that follows: with the answer, and something more from the user.
fn step(session: &mut dyn ModelSession, request: &Request) -> (Vec<ModelEvent>, Request) {
    let events = run(session, request);
    let mut following = request.clone();
    let items = events.iter().filter_map(|event| match event {
        ModelEvent::ItemDone(item) => Some(Arc::new(item.clone())),
        _ => None,
    });
    following.items.extend(items);
    let more = Item::message(Role::User, format!("more after {}", following.items.len()));
    following.items.push(Arc::new(more));
    (events, following)
}

fn is_done(events: &[ModelEvent]) -> bool {
    matches!(events.last(), Some(ModelEvent::Done { .. }))
}

/// The frame for `request` when the service has the answer `previous` and all but the last `new` inputs.
fn rest(session: &dyn ModelSession, request: &Request, previous: &str, new: usize) -> String {
    let mut frame = session.body(request);
    let input = frame["input"].as_array().unwrap();
    frame["input"] = input[input.len() - new..].into();
    frame["previous_response_id"] = previous.into();
    frame.to_string()
}

fn whole(session: &dyn ModelSession, request: &Request) -> String {
    session.body(request).to_string()
}

#[test]
fn only_what_is_new_travels_over_one_socket() {
    let frames = Frames::default();
    let service = socket_service(&frames, |number, socket| {
        say(socket, &format!("resp_{number}"), "fine")
    });
    let mut session = session(&service);
    let mut request = request(&["hello"]);
    let mut expected = Vec::new();
    for number in 0..20 {
        expected.push(match number {
            0 => whole(&*session, &request),
            _ => rest(&*session, &request, &format!("resp_{}", number - 1), 1),
        });
        let (events, following) = step(&mut *session, &request);
        assert!(is_done(&events), "{events:?}");
        request = following;
    }
    assert_eq!(frames.texts(), expected);
    assert_eq!(service.accepts(), 1);
    let body = session.body(&request);
    assert_eq!(
        (&body["type"], body.get("stream")),
        (&json!("response.create"), None)
    );
}

#[test]
fn a_session_that_is_warmed_sends_only_what_came_since() {
    let frames = Frames::default();
    let service = socket_service(&frames, |number, socket| match number {
        0 => {
            send(
                socket,
                &json!({"type": "response.created", "response": {"id": "resp_warm"}}),
            );
            send(socket, &completed("resp_warm", json!([])));
            Then::GoOn
        }
        _ => say(socket, "resp_1", "fine"),
    });
    let mut session = session(&service);
    let (early, late) = (request(&["context"]), request(&["context", "hello"]));
    session.prewarm(&early);
    assert!(is_done(&run(&mut *session, &late)));
    let mut warming = session.body(&early);
    warming["generate"] = false.into();
    let expected = [warming.to_string(), rest(&*session, &late, "resp_warm", 1)];
    assert_eq!(frames.texts(), expected);
    assert_eq!(service.accepts(), 1);
}

#[test]
fn a_history_that_is_not_continued_is_sent_whole() {
    let frames = Frames::default();
    let service = socket_service(&frames, |number, socket| {
        say(socket, &format!("resp_{number}"), "fine")
    });
    let mut session = session(&service);
    let (_, following) = step(&mut *session, &request(&["hello"]));
    let mut other_tools = following.clone();
    other_tools.tools = Arc::new([ToolSpec::Function {
        name: "look".into(),
        description: "Looks.".into(),
        parameters: json!({"type": "object", "properties": {}}),
    }]);
    let shorter = request(&["hello"]);
    let other = request(&["something else", "and more", "and more"]);
    for request in [&other_tools, &shorter, &shorter, &other] {
        assert!(is_done(&run(&mut *session, request)));
        assert_eq!(frames.texts().last(), Some(&whole(&*session, request)));
    }
    assert_eq!(service.accepts(), 1);
}

#[test]
fn a_socket_that_closed_meanwhile_is_replaced_without_a_word() {
    let frames = Frames::default();
    let service = socket_service(&frames, |number, socket| {
        say(socket, &format!("resp_{number}"), "fine");
        match number % 3 {
            1 => Then::Drop,
            2 => {
                let _ = socket.close(None);
                Then::GoOn
            }
            _ => Then::GoOn,
        }
    });
    let mut session = session(&service);
    let mut request = request(&["hello"]);
    for _ in 0..12 {
        let (events, following) = step(&mut *session, &request);
        assert!(is_done(&events), "{events:?}");
        assert!(notices(&events).is_empty(), "{events:?}");
        let (socket, frame) = frames.all().pop().unwrap();
        let first_on_socket = frames
            .sockets()
            .iter()
            .filter(|&&other| other == socket)
            .count()
            == 1;
        // A new socket remembers nothing.
        assert_eq!(frame == whole(&*session, &request), first_on_socket);
        request = following;
    }
}

#[test]
fn what_the_service_has_forgotten_is_sent_whole_over_the_same_socket() {
    let frames = Frames::default();
    let service = socket_service(&frames, |number, socket| {
        if number == 1 {
            let error = json!({"code": "previous_response_not_found", "message": "gone"});
            send(
                socket,
                &json!({"type": "error", "status": 400, "error": error}),
            );
            return Then::GoOn;
        }
        say(socket, &format!("resp_{number}"), "fine")
    });
    let mut session = session(&service);
    let (_, following) = step(&mut *session, &request(&["hello"]));
    let events = run(&mut *session, &following);
    assert!(
        is_done(&events) && notices(&events).is_empty(),
        "{events:?}"
    );
    let expected = [
        whole(&*session, &request(&["hello"])),
        rest(&*session, &following, "resp_0", 1),
        whole(&*session, &following),
    ];
    assert_eq!(frames.texts(), expected);
    assert_eq!(service.accepts(), 1);
}

#[test]
fn a_socket_whose_time_is_over_is_replaced() {
    let frames = Frames::default();
    let service = socket_service(&frames, |number, socket| {
        if number == 1 {
            let error =
                json!({"code": "websocket_connection_limit_reached", "message": "60 minutes"});
            send(
                socket,
                &json!({"type": "error", "status": 400, "error": error}),
            );
            return Then::GoOn;
        }
        say(socket, &format!("resp_{number}"), "fine")
    });
    let mut session = session(&service);
    let (_, following) = step(&mut *session, &request(&["hello"]));
    let events = run(&mut *session, &following);
    assert!(
        is_done(&events) && notices(&events).is_empty(),
        "{events:?}"
    );
    assert_eq!(frames.texts()[2], whole(&*session, &following));
    assert_eq!((service.accepts(), frames.sockets()), (2, vec![0, 0, 1]));
}

#[test]
fn a_service_without_sockets_is_spoken_to_over_http_and_the_user_told_once() {
    for status in ["404 Not Found", "426 Upgrade Required", "200 OK"] {
        let service = Service::start(move |_, seen, stream| match seen.header("upgrade") {
            Some(_) => respond(stream, status, "", "{}"),
            None => http_answer(stream),
        });
        let mut session = session(&service);
        session.prewarm(&request(&["context"]));
        let (first, following) = step(&mut *session, &request(&["hello"]));
        let second = run(&mut *session, &following);
        assert!(is_done(&first) && is_done(&second));
        assert_eq!(
            (notices(&first).len(), notices(&second).len()),
            (1, 0),
            "{first:?}"
        );
        let seen = service.seen();
        let lines: Vec<_> = seen.iter().map(|seen| &seen.line[..4]).collect();
        assert_eq!(lines, ["GET ", "POST", "POST"], "{status}");
        assert_eq!(seen[2].json()["stream"], json!(true));
    }
}

#[test]
fn broken_answers_are_reported_and_at_last_http_takes_over() {
    let frames = Frames::default();
    let service = socket_service(&frames, |_, socket| {
        send(
            socket,
            &json!({"type": "response.created", "response": {"id": "resp_cut"}}),
        );
        Then::Drop
    });
    let mut session = session(&service);
    for _ in 0..5 {
        let events = run(&mut *session, &request(&["hello"]));
        assert_eq!(failure(&events).kind, FailureKind::Interrupted);
        assert_eq!(events.len(), 1, "{events:?}");
    }
    let events = run(&mut *session, &request(&["hello"]));
    assert!(is_done(&events));
    assert_eq!(notices(&events).len(), 1, "{events:?}");
    assert_eq!(frames.all().len(), 5);
}

#[test]
fn sockets_that_break_at_once_are_tried_five_times_and_then_http() {
    let frames = Frames::default();
    let service = socket_service(&frames, |_, _| Then::Drop);
    let clock = Arc::<RecordingClock>::default();
    let mut session = session_with(&service, options(&clock));
    let events = run(&mut *session, &request(&["hello"]));
    assert!(is_done(&events));
    assert_eq!(
        (frames.all().len(), notices(&events).len()),
        (5, 5),
        "{events:?}"
    );
    let waits = clock.0.lock().unwrap();
    for (wait, expected) in waits.iter().zip([200, 400, 800, 1600]) {
        let range = expected * 9 / 10..=expected * 11 / 10;
        assert!(range.contains(&wait.as_millis()), "{waits:?}");
    }
    assert_eq!(waits.len(), 4);
}

#[test]
fn a_limit_of_the_service_is_waited_for() {
    let frames = Frames::default();
    let service = socket_service(&frames, |number, socket| {
        if number == 0 {
            let message = "Rate limit reached. Please try again in 1.5s.";
            let error = json!({"code": "rate_limit_exceeded", "message": message});
            send(
                socket,
                &json!({"type": "error", "status": 429, "error": error}),
            );
            return Then::GoOn;
        }
        say(socket, "resp_1", "fine")
    });
    let clock = Arc::<RecordingClock>::default();
    let mut session = session_with(&service, options(&clock));
    let events = run(&mut *session, &request(&["hello"]));
    assert!(is_done(&events), "{events:?}");
    assert_eq!(*clock.0.lock().unwrap(), [Duration::from_millis(1500)]);
    assert_eq!(service.accepts(), 1);
}

#[test]
fn pings_are_answered_while_nothing_else_happens() {
    let (answered, is_answered) = mpsc::channel();
    let answered = Mutex::new(answered);
    let frames = Frames::default();
    let service = socket_service(&frames, move |_, socket| {
        say(socket, "resp_0", "fine");
        socket.send(Message::Ping("still there?".into())).unwrap();
        if let Ok(Message::Pong(payload)) = socket.read() {
            answered.lock().unwrap().send(payload).unwrap();
        }
        Then::GoOn
    });
    let mut session = session(&service);
    assert!(is_done(&run(&mut *session, &request(&["hello"]))));
    assert_eq!(wait(&is_answered), "still there?");
}

#[test]
fn dropping_an_exchange_closes_the_socket_while_the_answer_flows() {
    let (ended, has_ended) = mpsc::channel();
    let ended = Mutex::new(ended);
    let frames = Frames::default();
    let service = socket_service(&frames, move |number, socket| {
        if number > 0 {
            return say(socket, "resp_1", "fine");
        }
        let delta = json!({"type": "response.output_text.delta", "item_id": "m", "output_index": 0,
            "content_index": 0, "delta": "on and on "});
        let error = loop {
            if let Err(error) = socket.send(Message::text(delta.to_string())) {
                break error;
            }
        };
        ended.lock().unwrap().send(error).unwrap();
        Then::Drop
    });
    let mut session = session(&service);
    let (exchange, events) = start(&mut *session, &request(&["hello"]));
    assert!(matches!(next(&events), Some(ModelEvent::TextDelta(_))));
    drop(exchange);
    assert!(matches!(wait(&has_ended), Error::Io(_)));
    let events = run(&mut *session, &request(&["hello"]));
    assert!(
        is_done(&events) && notices(&events).is_empty(),
        "{events:?}"
    );
    assert_eq!(frames.sockets(), [0, 1]);
}

#[test]
fn silence_is_ended_by_the_idle_timeout() {
    let frames = Frames::default();
    let service = socket_service(&frames, |_, socket| {
        send(
            socket,
            &json!({"type": "response.created", "response": {"id": "resp_0"}}),
        );
        let _ = socket.read();
        Then::Drop
    });
    let impatient = ClientOptions {
        idle_timeout: Duration::from_millis(200),
        ..options(&Arc::default())
    };
    let mut session = session_with(&service, impatient);
    let events = run(&mut *session, &request(&["hello"]));
    assert_eq!(failure(&events).kind, FailureKind::Interrupted);
    assert!(
        failure(&events)
            .message
            .ends_with("sent nothing for 0.2 s.")
    );
}

#[test]
fn a_server_that_does_not_run_is_no_reason_for_http() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let url = format!("http://{address}/v1");
    let options = options(&Arc::default());
    let mut session = open(&url, Wire::Responses, Transport::WebSocket, options);
    let events = run(&mut *session, &request(&["hello"]));
    assert_eq!(failure(&events).kind, FailureKind::NotRunning);
    assert_eq!(notices(&events).len(), 4);
}
