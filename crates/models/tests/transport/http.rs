//! Sessions over HTTP: connections are reused, passing faults are survived, others reported, cancelling is immediate.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use expect_test::expect;
use models::{ClientOptions, EndReason, FailureKind, ModelEvent, RetryPolicy};

use crate::service::{
    After, Service, await_end, begin_stream, chat_text, end_stream, event, respond, say,
};
use crate::setup::{
    KEY, chat, chat_with, failure, next, notices, options, request, run, start, text, wait,
};

fn url(service: &Service) -> String {
    format!("http://{}/v1", service.address)
}

fn impatient() -> ClientOptions {
    ClientOptions {
        idle_timeout: Duration::from_millis(200),
        ..options(&Arc::default())
    }
}

#[test]
fn one_connection_serves_a_session() {
    let service = Service::start(|number, _, stream| say(stream, &format!("answer {number}")));
    let (mut session, _) = chat(&url(&service));
    for number in 0..20 {
        let events = run(&mut *session, &request(&["hello"]));
        assert_eq!(text(&events), format!("answer {number}"));
    }
    assert_eq!((service.accepts(), service.seen().len()), (1, 20));
}

#[test]
fn a_request_is_sent_as_its_wire_demands_and_with_the_key() {
    let service = Service::start(|_, _, stream| say(stream, "ok"));
    let (mut session, _) = chat(&url(&service));
    let request = request(&["hello"]);
    run(&mut *session, &request);
    let seen = &service.seen()[0];
    assert_eq!(seen.line, "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(seen.json(), session.body(&request));
    let authorization = format!("Bearer {KEY}");
    let expected = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        (
            "user-agent",
            concat!("ropewalk/", env!("CARGO_PKG_VERSION")),
        ),
        ("x-extra", "yes"),
    ];
    for (name, value) in expected {
        assert_eq!(seen.header(name), Some(value), "{name}");
    }
}

#[test]
fn a_stream_that_never_ends_costs_its_connection_and_nothing_else() {
    let service = Service::start(|_, _, stream| {
        begin_stream(stream)?;
        event(stream, &chat_text("done"))?;
        event(
            stream,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        )?;
        event(stream, "[DONE]")?;
        // Until the client gives up.
        await_end(stream);
        Ok(After::Close)
    });
    let (mut session, _) = chat(&url(&service));
    for _ in 0..4 {
        assert_eq!(text(&run(&mut *session, &request(&["hello"]))), "done");
    }
    assert_eq!(service.accepts(), 4);
}

#[test]
fn passing_failures_are_repeated_with_growing_delays() {
    let service = Service::start(|number, _, stream| match number {
        0..3 => respond(stream, "500 Internal Server Error", "", "{}"),
        _ => say(stream, "at last"),
    });
    let (mut session, clock) = chat(&url(&service));
    let events = run(&mut *session, &request(&["hello"]));
    assert_eq!(text(&events), "at last");
    let starts: Vec<_> = notices(&events)
        .iter()
        .map(|notice| notice.split(" …").next().unwrap())
        .collect();
    assert_eq!(
        starts,
        ["Reconnecting 2/5", "Reconnecting 3/5", "Reconnecting 4/5"]
    );
    let waits = clock.0.lock().unwrap();
    for (wait, expected) in waits.iter().zip([200, 400, 800]) {
        let range = expected * 9 / 10..=expected * 11 / 10;
        assert!(range.contains(&wait.as_millis()), "{waits:?}");
    }
    assert_eq!((waits.len(), service.accepts()), (3, 1));
}

#[test]
fn a_failure_that_stays_is_reported_after_five_attempts() {
    let service =
        Service::start(|_, _, stream| respond(stream, "502 Bad Gateway", "", "upstream died"));
    let (mut session, _) = chat(&url(&service));
    let events = run(&mut *session, &request(&["hello"]));
    assert_eq!(failure(&events).kind, FailureKind::Service);
    assert_eq!((notices(&events).len(), service.seen().len()), (4, 5));
}

#[test]
fn a_service_that_forbids_repeating_is_obeyed() {
    let service = Service::start(|_, _, stream| {
        respond(
            stream,
            "503 Service Unavailable",
            "x-should-retry: false\r\n",
            "{}",
        )
    });
    let (mut session, _) = chat(&url(&service));
    run(&mut *session, &request(&["hello"]));
    assert_eq!(service.seen().len(), 1);
}

#[test]
fn the_delay_that_a_service_asks_for_is_kept() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let service = Service::start(move |number, _, stream| match number {
            0 => respond(stream, status, "retry-after: 7\r\n", "{}"),
            _ => say(stream, "ok"),
        });
        let (mut session, clock) = chat(&url(&service));
        assert_eq!(text(&run(&mut *session, &request(&["hello"]))), "ok");
        assert_eq!(
            *clock.0.lock().unwrap(),
            [Duration::from_secs(7)],
            "{status}"
        );
    }
}

#[test]
fn a_delay_that_is_too_long_fails_and_says_how_long() {
    let service = Service::start(|_, _, stream| {
        respond(
            stream,
            "429 Too Many Requests",
            "retry-after: 3600\r\n",
            "{}",
        )
    });
    let (mut session, _) = chat(&url(&service));
    let events = run(&mut *session, &request(&["hello"]));
    let error = failure(&events);
    assert_eq!(error.kind, FailureKind::RateLimited);
    assert_eq!(error.retry_after, Some(Duration::from_secs(3600)));
    assert!(error.message.contains("3600 s"), "{error}");
    assert_eq!(service.seen().len(), 1);
}

#[test]
fn a_refused_connection_on_this_machine_asks_whether_the_service_runs() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let (mut session, clock) = chat(&format!("http://{address}/v1"));
    let events = run(&mut *session, &request(&["hello"]));
    let error = failure(&events);
    assert_eq!(error.kind, FailureKind::NotRunning);
    expect!["testbed does not answer at http://ADDRESS (connection refused): is testbed running?"]
        .assert_eq(&error.message.replace(&address.to_string(), "ADDRESS"));
    assert_eq!(clock.0.lock().unwrap().len(), 4);
}

#[test]
fn a_name_that_nobody_knows_is_said_to_be_offline() {
    let (mut session, _) = chat("http://no-such-host.invalid/v1");
    let events = run(&mut *session, &request(&["hello"]));
    let error = failure(&events);
    assert_eq!(error.kind, FailureKind::Offline);
    expect!["no-such-host.invalid cannot be found: is this machine online, and is the name right?"]
        .assert_eq(&error.message);
}

#[test]
fn connections_that_close_before_the_answer_are_repeated() {
    let service = Service::start(|number, _, stream| match number {
        0 => Ok(After::Close),
        1 => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-ty")?;
            Ok(After::Close)
        }
        _ => say(stream, "ok"),
    });
    let (mut session, _) = chat(&url(&service));
    let events = run(&mut *session, &request(&["hello"]));
    assert_eq!(text(&events), "ok");
    assert_eq!(notices(&events).len(), 2, "{events:?}");
}

#[test]
fn an_answer_that_breaks_off_is_reported_and_not_repeated() {
    type Cut = fn(&mut dyn crate::service::Stream) -> std::io::Result<After>;
    let cuts: [Cut; 3] = [
        |_| Ok(After::Close),
        |stream| {
            stream.write_all(b"40\r\ndata: {\"choices\":[{\"ind")?;
            Ok(After::Close)
        },
        // The stream ends in order, but nothing said that the answer is complete.
        end_stream,
    ];
    for cut in cuts {
        let service = Service::start(move |_, _, stream| {
            begin_stream(stream)?;
            event(stream, &chat_text("Once upon"))?;
            cut(stream)
        });
        let (mut session, _) = chat(&url(&service));
        let events = run(&mut *session, &request(&["hello"]));
        assert_eq!(text(&events), "Once upon");
        assert_eq!(failure(&events).kind, FailureKind::Interrupted);
        assert_eq!(service.seen().len(), 1);
    }
}

#[test]
fn silence_is_ended_by_the_idle_timeout() {
    for begins in [false, true] {
        let service = Service::start(move |_, _, stream| {
            if begins {
                begin_stream(stream)?;
                event(stream, &chat_text("Let me"))?;
            }
            await_end(stream);
            Ok(After::Close)
        });
        let mut session = chat_with(&url(&service), impatient());
        let events = run(&mut *session, &request(&["hello"]));
        let error = failure(&events);
        assert_eq!(error.kind, FailureKind::Interrupted);
        assert!(
            error.message.ends_with("sent nothing for 0.2 s."),
            "{error}"
        );
        assert_eq!(service.seen().len(), 1);
    }
}

#[test]
fn garbage_ends_in_one_failure() {
    let mut random = fastrand::Rng::with_seed(5);
    for round in 0..20 {
        let mut garbage = vec![0; random.usize(1..5_000)];
        random.fill(&mut garbage);
        let service = Service::start(move |_, _, stream| {
            if round % 2 == 0 {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: ";
                stream.write_all(head.as_bytes())?;
            }
            stream.write_all(&garbage)?;
            Ok(After::Close)
        });
        let (mut session, _) = chat(&url(&service));
        let events = run(&mut *session, &request(&["hello"]));
        assert!(failure(&events).kind.is_transient(), "{events:?}");
    }
}

#[test]
fn headers_without_end_are_given_up() {
    let service = Service::start(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        for number in 0_u64.. {
            write!(stream, "x-{number}: and so on, and so on, and so on\r\n")?;
        }
        Ok(After::Close)
    });
    let (mut session, _) = chat(&url(&service));
    let events = run(&mut *session, &request(&["hello"]));
    assert_eq!(failure(&events).kind, FailureKind::Interrupted);
}

#[test]
fn a_redirect_is_reported_and_never_followed() {
    let elsewhere = Service::start(|_, _, stream| say(stream, "caught"));
    let location = format!(
        "location: http://{}/v1/chat/completions\r\n",
        elsewhere.address
    );
    let service = Service::start(move |_, _, stream| {
        respond(stream, "307 Temporary Redirect", &location, "")
    });
    let (mut session, _) = chat(&url(&service));
    let events = run(&mut *session, &request(&["hello"]));
    let error = failure(&events);
    assert_eq!(error.kind, FailureKind::InvalidRequest);
    assert!(
        error.message.contains(&elsewhere.address.to_string()),
        "{error}"
    );
    assert_eq!((elsewhere.accepts(), service.seen().len()), (0, 1));
}

#[test]
fn a_web_page_is_told_from_an_answer() {
    let service = Service::start(|_, _, stream| {
        respond(
            stream,
            "200 OK",
            "content-type: text/html; charset=utf-8\r\n",
            "<h1>Log in</h1>",
        )
    });
    let (mut session, _) = chat(&url(&service));
    let events = run(&mut *session, &request(&["hello"]));
    assert_eq!(failure(&events).kind, FailureKind::InvalidRequest);
    assert!(failure(&events).message.contains("base_url"));
    assert_eq!(service.seen().len(), 1);
}

#[test]
fn a_document_in_place_of_a_stream_is_read() {
    let answer = r#"{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"whole"}}]}"#;
    let service = Service::start(|_, _, stream| {
        respond(
            stream,
            "200 OK",
            "content-type: application/json\r\n",
            answer,
        )
    });
    let (mut session, _) = chat(&url(&service));
    let events = run(&mut *session, &request(&["hello"]));
    let complete = matches!(
        events.last(),
        Some(ModelEvent::Done {
            end: EndReason::Complete,
            ..
        })
    );
    assert!(complete, "{events:?}");
}

#[test]
fn a_refusal_never_repeats_the_key() {
    let service = Service::start(|_, seen, stream| {
        let given = seen.header("authorization").unwrap();
        let (start, end) = (&KEY[..8], &KEY[KEY.len() - 4..]);
        let message =
            format!("Incorrect API key provided: {start}****{end}; the header was {given}");
        let body = serde_json::json!({"error": {"message": message, "code": "invalid_api_key"}});
        respond(stream, "401 Unauthorized", "", &body.to_string())
    });
    let (mut session, _) = chat(&url(&service));
    let events = run(&mut *session, &request(&["hello"]));
    let error = failure(&events);
    assert_eq!(error.kind, FailureKind::Unauthorized);
    assert!(error.message.contains("[key]"), "{error}");
    let shown = format!("{events:?} {error}");
    assert!(!shown.contains(&KEY[..8]), "{shown}");
    assert_eq!(service.seen().len(), 1);
}

#[test]
fn dropping_an_exchange_closes_its_stream_while_it_flows() {
    let (ended, has_ended) = mpsc::channel();
    let service = Service::start(move |_, _, stream| {
        begin_stream(stream)?;
        let mut written = 0_u64;
        while event(stream, &chat_text("on and on ")).is_ok() {
            written += 1;
        }
        ended.send(written).unwrap();
        Ok(After::Close)
    });
    let (mut session, _) = chat(&url(&service));
    let (exchange, events) = start(&mut *session, &request(&["hello"]));
    assert!(matches!(next(&events), Some(ModelEvent::TextDelta(_))));
    drop(exchange);
    assert!(wait(&has_ended) > 0);
    while let Some(event) = next(&events) {
        assert!(!event.is_terminal(), "{event:?}");
    }
}

#[test]
fn a_second_request_ends_the_first() {
    let service = Service::start(|number, _, stream| {
        if number > 0 {
            return say(stream, "second");
        }
        begin_stream(stream)?;
        while event(stream, &chat_text("first ")).is_ok() {}
        Ok(After::Close)
    });
    let (mut session, _) = chat(&url(&service));
    let (_exchange, first) = start(&mut *session, &request(&["hello"]));
    assert!(next(&first).is_some());
    assert_eq!(text(&run(&mut *session, &request(&["hello"]))), "second");
    while let Some(event) = next(&first) {
        assert!(!event.is_terminal(), "{event:?}");
    }
}

#[test]
fn dropping_an_exchange_cuts_a_delay_short() {
    let service = Service::start(|number, _, stream| match number {
        0 => respond(
            stream,
            "429 Too Many Requests",
            "retry-after: 3000\r\n",
            "{}",
        ),
        _ => say(stream, "ok"),
    });
    let patient = ClientOptions {
        retry: RetryPolicy {
            longest_delay: Duration::from_secs(10_000),
            ..RetryPolicy::default()
        },
        ..ClientOptions::default()
    };
    let mut session = chat_with(&url(&service), patient);
    let (exchange, events) = start(&mut *session, &request(&["hello"]));
    assert!(matches!(next(&events), Some(ModelEvent::Notice(_))));
    drop(exchange);
    assert_eq!(next(&events), None);
    assert_eq!(text(&run(&mut *session, &request(&["hello"]))), "ok");
    assert_eq!(service.seen().len(), 2);
}

#[test]
fn an_exchange_that_is_dropped_at_its_end_leaves_the_connection_whole() {
    let service = Service::start(|_, _, stream| say(stream, "ok"));
    let (mut session, _) = chat(&url(&service));
    for _ in 0..20 {
        let (exchange, events) = start(&mut *session, &request(&["hello"]));
        while !next(&events).is_some_and(|event| event.is_terminal()) {}
        drop(exchange);
    }
    assert_eq!(service.accepts(), 1);
}

#[test]
fn dropping_the_last_session_ends_its_connections() {
    let (ended, has_ended) = mpsc::channel();
    let service = Service::start(move |_, _, stream| {
        // The client may be gone before the last bytes are written.
        let _ = say(stream, "ok");
        await_end(stream);
        ended.send(()).unwrap();
        Ok(After::Close)
    });
    let (mut session, _) = chat(&url(&service));
    run(&mut *session, &request(&["hello"]));
    drop(session);
    wait(&has_ended);
}
