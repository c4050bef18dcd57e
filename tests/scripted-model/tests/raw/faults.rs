//! Every fault, seen from the client's side of the connection.

use std::time::Duration;

use scripted_model::{Fault, Outcome, Refusal, Script, Server, Step, Wire};

use crate::client::{Client, hello};

/// A server whose first exchange goes wrong, and a client that has asked it.
fn asked(wire: Wire, fault: Fault) -> (Server, Client) {
    let step = Step::say("One two three four five six.").with(fault);
    let server = Server::start(Script::new([step, Step::say("Again.")])).unwrap();
    let mut client = Client::connect(&server);
    client.send(wire, &hello(wire));
    (server, client)
}

fn outcome(server: &Server) -> Outcome {
    let limit = Duration::from_secs(20);
    let has_ended = |request: &scripted_model::SeenRequest| request.outcome.is_some();
    assert!(server.wait_until(limit, |requests| requests.first().is_some_and(has_ended)));
    server.requests()[0].outcome.unwrap()
}

#[test]
fn connections_are_cut_where_the_script_says() {
    for wire in Wire::ALL {
        let (server, mut client) = asked(wire, Fault::HangUp);
        assert_eq!(client.rest(), "");
        assert_eq!(outcome(&server), Outcome::Broken);

        let (server, mut client) = asked(wire, Fault::CutInEvent { events: 1 });
        let seen = client.rest();
        assert!(
            seen.starts_with("HTTP/1.1 200") && !seen.ends_with("0\r\n\r\n"),
            "{seen}"
        );
        assert!(!seen.ends_with("\n\r\n"), "the last event is whole: {seen}");
        assert_eq!(outcome(&server), Outcome::Broken);

        let (server, mut client) = asked(wire, Fault::CutAfterParts { parts: 1 });
        let seen = client.rest();
        assert!(seen.contains("five six."), "{seen}");
        assert!(!seen.ends_with("0\r\n\r\n"), "{seen}");
        assert_eq!(outcome(&server), Outcome::Broken);
    }
}

#[test]
fn bodies_that_end_too_early_end_properly() {
    for wire in Wire::ALL {
        for fault in [
            Fault::Garbage,
            Fault::MalformedJson { events: 1 },
            Fault::EndEarly { events: 1 },
            Fault::FailAfter {
                events: 1,
                refusal: Refusal::Overloaded,
            },
        ] {
            let (server, mut client) = asked(wire, fault.clone());
            let broken = client.reply();
            assert_eq!(broken.status, 200);
            assert!(!broken.body.contains("five six."), "{fault:?}: {broken:?}");
            client.send(wire, &hello(wire));
            assert!(client.reply().body.contains("Again."));
            assert_eq!(
                (server.accepts(), outcome(&server)),
                (1, Outcome::Broken),
                "{fault:?}"
            );
        }
    }
}

#[test]
fn refusals_have_each_services_status() {
    let refusals = [
        Refusal::RateLimited {
            retry_after: Some(Duration::from_millis(1200)),
        },
        Refusal::ServerError,
        Refusal::Overloaded,
        Refusal::ContextTooLong,
        Refusal::Unauthorized,
        Refusal::UnknownModel,
        Refusal::QuotaExceeded,
    ];
    let mut told = String::new();
    for wire in Wire::ALL {
        let mut statuses = Vec::new();
        for refusal in &refusals {
            let (server, mut client) = asked(wire, Fault::Refuse(refusal.clone()));
            let reply = client.reply();
            statuses.push(reply.status);
            assert_eq!(outcome(&server), Outcome::Refused);
            assert_eq!(server.violations(), Vec::<String>::new());
            let waits = reply
                .head
                .contains("retry-after: 2\r\nretry-after-ms: 1200");
            assert_eq!(
                waits,
                matches!(refusal, Refusal::RateLimited { .. }),
                "{}",
                reply.head
            );
        }
        told.push_str(&format!("{wire:?} {statuses:?}\n"));
    }
    expect_test::expect![[r#"
        Responses [429, 500, 503, 400, 401, 404, 429]
        ChatCompletions [429, 500, 503, 400, 401, 404, 429]
        Messages [429, 500, 529, 400, 401, 404, 400]
        Ollama [429, 500, 503, 400, 401, 404, 402]
    "#]]
    .assert_eq(&told);
}

#[test]
fn hanging_ends_when_the_client_leaves() {
    for wire in Wire::ALL {
        for fault in [
            Fault::HangBeforeHeaders,
            Fault::HangAfter { events: 0 },
            Fault::HangAfter { events: 1 },
            Fault::HangAfter { events: usize::MAX },
        ] {
            let (server, client) = asked(wire, fault);
            drop(client);
            assert_eq!(outcome(&server), Outcome::ClientLeft);
        }
    }
}

#[test]
fn a_client_that_leaves_a_slow_answer_is_noticed() {
    for wire in Wire::ALL {
        let mut step = Step::say("word ".repeat(2000)).slowly(Duration::from_millis(20));
        step.pace.piece = 1;
        let server = Server::start(Script::new([step])).unwrap();
        let mut client = Client::connect(&server);
        client.send(wire, &hello(wire));
        client.wait_for_count("\n", 4);
        drop(client);
        assert_eq!(outcome(&server), Outcome::ClientLeft);
    }
}

#[test]
fn dropping_the_server_ends_hanging_and_slow_connections() {
    for fault in [
        Fault::HangBeforeHeaders,
        Fault::LateEnd(Duration::from_secs(600)),
    ] {
        let (server, mut client) = asked(Wire::Responses, fault);
        let idle = Client::connect(&server);
        assert!(server.wait_until(Duration::from_secs(20), |requests| !requests.is_empty()));
        drop(server);
        client.rest();
        drop(idle);
    }
}

#[test]
fn a_late_end_leaves_the_connection_usable() {
    let (server, mut client) = asked(Wire::Messages, Fault::LateEnd(Duration::from_millis(30)));
    assert!(client.reply().body.contains("message_stop"));
    client.send(Wire::Messages, &hello(Wire::Messages));
    assert!(client.reply().body.contains("Again."));
    assert_eq!(server.accepts(), 1);
}

#[test]
fn connections_can_be_closed_when_they_are_accepted() {
    let script = Script::new([Step::say("Fine.")]).closing_connections([0, 1]);
    let server = Server::start(script).unwrap();
    for _ in 0..2 {
        assert_eq!(Client::connect(&server).rest(), "");
    }
    let mut client = Client::connect(&server);
    client.send(Wire::Ollama, &hello(Wire::Ollama));
    assert!(client.reply().body.contains("Fine."));
    assert_eq!(server.accepts(), 3);
}

#[test]
fn a_fault_can_be_laid_over_any_exchange() {
    let script = Script::reacting(|_| Step::say("Fine."))
        .fault_at(1, Fault::Refuse(Refusal::ServerError))
        .fault_at(2, Fault::Redirect("http://127.0.0.1:1/".into()));
    let server = Server::start(script).unwrap();
    let mut client = Client::connect(&server);
    let statuses: Vec<u16> = (0..4)
        .map(|_| {
            client.send(Wire::Messages, &hello(Wire::Messages));
            client.reply().status
        })
        .collect();
    assert_eq!(statuses, [200, 500, 307, 200]);
}
