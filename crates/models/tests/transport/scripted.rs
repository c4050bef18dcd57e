//! Whole sessions against the scripted model, on every wire and transport: with one connection, and through every fault.
//!
//! The scripted model refuses what the real services would refuse; so that nothing is refused is part of each test.

use std::sync::Arc;
use std::time::Duration;

use models::{ClientOptions, Item, ModelEvent, ModelSession, Request, Role, Transport, Wire};
use scripted_model::{Fault, Kind, Refusal, Script, SeenItem, Server, Step, Upgrade};

use crate::setup::{KEY, failure, notices, open, options, request, run, text};

/// Each wire on each transport that it has.
const WAYS: [(Wire, Transport); 5] = [
    (Wire::Responses, Transport::Http),
    (Wire::Responses, Transport::WebSocket),
    (Wire::ChatCompletions, Transport::Http),
    (Wire::Messages, Transport::Http),
    (Wire::Ollama, Transport::Http),
];

/// A model that counts what the user said.
fn counting() -> Script {
    Script::reacting(|request| {
        let said = request.conversation.items.iter().filter(
            |item| matches!(item, SeenItem::Message { text, .. } if text.starts_with("turn ")),
        );
        Step::say(format!("answer {}", said.count()))
    })
    .key(KEY)
}

fn connect(server: &Server, (wire, transport): (Wire, Transport)) -> Box<dyn ModelSession> {
    let url = match wire {
        Wire::Ollama => server.url(),
        _ => format!("{}/v1", server.url()),
    };
    let options = ClientOptions {
        idle_timeout: Duration::from_millis(300),
        ..options(&Arc::default())
    };
    open(&url, wire, transport, options)
}

/// Asks until there is an answer, as the agent does, at most `attempts` times. Gives all events.
fn insist(session: &mut dyn ModelSession, request: &Request, attempts: usize) -> Vec<ModelEvent> {
    let mut all = Vec::new();
    for _ in 0..attempts {
        let events = run(session, request);
        let is_done = matches!(events.last(), Some(ModelEvent::Done { .. }));
        if !is_done {
            assert!(failure(&events).kind.is_transient(), "{events:?}");
        }
        all.extend(events);
        if is_done {
            return all;
        }
    }
    panic!("no answer in {attempts} attempts: {all:?}");
}

/// The items of the answer that ended `events`.
fn answer(events: &[ModelEvent]) -> Vec<Arc<Item>> {
    let beginning = events
        .iter()
        .rev()
        .skip(1)
        .take_while(|event| !event.is_terminal());
    let mut items: Vec<_> = beginning
        .filter_map(|event| match event {
            ModelEvent::ItemDone(item) => Some(Arc::new(item.clone())),
            _ => None,
        })
        .collect();
    items.reverse();
    items
}

/// A session of `turns` turns, each answered rightly; gives all events.
fn hold(session: &mut dyn ModelSession, turns: usize) -> Vec<ModelEvent> {
    let mut request = request(&[]);
    let mut all = Vec::new();
    for turn in 1..=turns {
        let said = Item::message(Role::User, format!("turn {turn}"));
        request.items.push(Arc::new(said));
        let events = insist(session, &request, 7);
        let items = answer(&events);
        let spoken = format!("{items:?}");
        assert!(
            spoken.contains(&format!("answer {turn}\"")),
            "turn {turn}: {events:?}"
        );
        request.items.extend(items);
        all.extend(events);
    }
    all
}

#[test]
fn one_connection_serves_a_session_on_every_way() {
    for way in WAYS {
        let server = Server::start(counting()).unwrap();
        let mut session = connect(&server, way);
        session.prewarm(&request(&[]));
        let events = hold(&mut *session, 20);
        assert_eq!(notices(&events), [""; 0], "{way:?}");
        assert_eq!(server.violations(), [""; 0], "{way:?}");
        assert_eq!((server.accepts(), server.steps().len()), (1, 20), "{way:?}");
    }
}

#[test]
fn a_late_end_of_the_stream_costs_no_connection() {
    for way in WAYS.into_iter().filter(|way| way.1 == Transport::Http) {
        let script = (0..5).fold(counting(), |script, exchange| {
            script.fault_at(exchange, Fault::LateEnd(Duration::from_millis(5)))
        });
        let server = Server::start(script).unwrap();
        let mut session = connect(&server, way);
        hold(&mut *session, 6);
        assert_eq!(server.accepts(), 1, "{way:?}");
    }
}

#[test]
fn over_a_socket_only_new_items_travel() {
    let server = Server::start(counting()).unwrap();
    let mut session = connect(&server, (Wire::Responses, Transport::WebSocket));
    hold(&mut *session, 10);
    let sent = |step: &scripted_model::SeenRequest| step.body["input"].as_array().unwrap().len();
    let sizes: Vec<_> = server.steps().iter().map(sent).collect();
    assert_eq!(sizes, [1; 10]);
}

#[test]
fn sessions_survive_every_passing_fault() {
    let soon = Some(Duration::from_secs(1));
    let faults = [
        Fault::HangUp,
        Fault::Refuse(Refusal::RateLimited { retry_after: soon }),
        Fault::Refuse(Refusal::RateLimited { retry_after: None }),
        Fault::Refuse(Refusal::ServerError),
        Fault::Refuse(Refusal::Overloaded),
        Fault::FailAfter {
            events: 1,
            refusal: Refusal::ServerError,
        },
        Fault::FailAfter {
            events: 2,
            refusal: Refusal::Overloaded,
        },
        Fault::CutInEvent { events: 1 },
        Fault::CutInEvent { events: 0 },
        Fault::CutAfterParts { parts: 0 },
        Fault::HangBeforeHeaders,
        Fault::HangAfter { events: 1 },
        Fault::HangAfter { events: 10_000 },
        Fault::Garbage,
        Fault::NotHttp,
        Fault::EndEarly { events: 1 },
    ];
    let survive = |way, fault: &Fault| {
        let script = counting()
            .fault_at(1, fault.clone())
            .fault_at(3, fault.clone());
        let server = Server::start(script).unwrap();
        let mut session = connect(&server, way);
        hold(&mut *session, 4);
        assert_eq!(server.violations(), [""; 0], "{way:?} {fault:?}");
    };
    // Side by side, because most of the time is spent on waiting for what hangs.
    std::thread::scope(|scope| {
        for way in WAYS {
            for fault in &faults {
                scope.spawn(move || survive(way, fault));
            }
        }
    });
}

#[test]
fn lasting_failures_are_reported_at_once_and_without_the_key() {
    let refusals = [
        Refusal::Unauthorized,
        Refusal::ContextTooLong,
        Refusal::UnknownModel,
        Refusal::QuotaExceeded,
        Refusal::Invalid("such a thing is not done".into()),
    ];
    for way in WAYS {
        for refusal in &refusals {
            let script = counting().fault_at(0, Fault::Refuse(refusal.clone()));
            let server = Server::start(script).unwrap();
            let mut session = connect(&server, way);
            let events = run(&mut *session, &request(&["turn 1"]));
            let kind = failure(&events).kind;
            assert!(!kind.is_transient(), "{way:?} {refusal:?}: {events:?}");
            assert!(!format!("{events:?}").contains(&KEY[..8]), "{events:?}");
            assert_eq!(server.steps().len(), 1, "{way:?} {refusal:?}");
        }
    }
}

#[test]
fn sockets_that_grow_old_are_replaced_and_refused_ones_are_done_without() {
    let way = (Wire::Responses, Transport::WebSocket);
    let server = Server::start(counting().answers_per_socket(3)).unwrap();
    let events = hold(&mut *connect(&server, way), 10);
    assert_eq!(notices(&events), [""; 0]);
    assert_eq!((server.violations(), server.accepts()), (vec![], 4));

    let server = Server::start(counting().upgrading(Upgrade::Refused(426))).unwrap();
    let events = hold(&mut *connect(&server, way), 10);
    assert_eq!(notices(&events).len(), 1);
    let over_http = |step: &scripted_model::SeenRequest| {
        step.transport == scripted_model::Transport::Http && matches!(step.kind, Kind::Step(_))
    };
    assert!(server.steps().iter().all(over_http));
}

#[test]
fn redirects_take_no_key_along() {
    for way in WAYS {
        let elsewhere = Server::start(counting()).unwrap();
        let fault = Fault::Redirect(format!("{}/v1/responses", elsewhere.url()));
        let server = Server::start(counting().fault_at(0, fault)).unwrap();
        let mut session = connect(&server, way);
        let events = run(&mut *session, &request(&["turn 1"]));
        assert!(text(&events).is_empty() || way.1 == Transport::WebSocket);
        assert_eq!(elsewhere.accepts(), 0, "{way:?}");
    }
}
