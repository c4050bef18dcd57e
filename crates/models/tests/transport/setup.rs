//! Clients, endpoints and requests as the tests need them.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use models::{
    Client, ClientOptions, Clock, Endpoint, EndpointOptions, Exchange, Item, Key, ModelEvent,
    ModelFacts, ModelSession, Purpose, Request, Role, Transport, Wire,
};

/// Nothing in a test takes this long; a test that hangs fails instead.
const GUARD: Duration = Duration::from_secs(60);
/// In no text that a test sees.
pub(crate) const KEY: &str = "sk-test-0123456789-abcdefghij";

/// Remembers how long it should have waited, and does not wait.
#[derive(Default)]
pub(crate) struct RecordingClock(pub(crate) Mutex<Vec<Duration>>);

impl Clock for RecordingClock {
    fn wait(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().unwrap().push(delay);
        Box::pin(std::future::ready(()))
    }
}

pub(crate) fn options(clock: &Arc<RecordingClock>) -> ClientOptions {
    ClientOptions {
        clock: Arc::<RecordingClock>::clone(clock),
        ..ClientOptions::default()
    }
}

pub(crate) fn endpoint_options(
    base_url: &str,
    wire: Wire,
    transport: Transport,
) -> EndpointOptions {
    EndpointOptions {
        name: "testbed".into(),
        base_url: base_url.into(),
        wire,
        headers: vec![("x-extra".into(), "yes".into())],
        key: Some(Key::new(KEY).unwrap()),
        facts: Arc::new(move |_| facts(wire)),
        transport,
    }
}

/// A session of Chat Completions over HTTP, and the waits of its retries.
pub(crate) fn chat(base_url: &str) -> (Box<dyn ModelSession>, Arc<RecordingClock>) {
    let clock = Arc::default();
    (chat_with(base_url, options(&clock)), clock)
}

pub(crate) fn chat_with(base_url: &str, options: ClientOptions) -> Box<dyn ModelSession> {
    open(base_url, Wire::ChatCompletions, Transport::Http, options)
}

pub(crate) fn open(
    base_url: &str,
    wire: Wire,
    transport: Transport,
    options: ClientOptions,
) -> Box<dyn ModelSession> {
    use models::Provider;
    let client = Client::new(options).unwrap();
    let options = endpoint_options(base_url, wire, transport);
    Endpoint::new(&client, options).unwrap().open()
}

pub(crate) fn facts(wire: Wire) -> ModelFacts {
    ModelFacts::unknown(wire)
}

/// A request whose conversation is what the user said, in order.
pub(crate) fn request(said: &[&str]) -> Request {
    request_of(said.iter().map(|text| Item::message(Role::User, *text)))
}

pub(crate) fn request_of(items: impl IntoIterator<Item = Item>) -> Request {
    Request {
        model: "test-model".into(),
        instructions: "Be short.".into(),
        items: items.into_iter().map(Arc::new).collect(),
        tools: Arc::new([]),
        reasoning: None,
        max_output_tokens: None,
        cache_key: "thread-1".into(),
        purpose: Purpose::Step,
    }
}

/// Starts `request`; events arrive at the receiver.
pub(crate) fn start(
    session: &mut dyn ModelSession,
    request: &Request,
) -> (Exchange, mpsc::Receiver<ModelEvent>) {
    let (sender, receiver) = mpsc::channel();
    let exchange = session.start(request, Box::new(move |event| drop(sender.send(event))));
    (exchange, receiver)
}

/// All events of one request, the terminal one last.
pub(crate) fn run(session: &mut dyn ModelSession, request: &Request) -> Vec<ModelEvent> {
    let (_exchange, receiver) = start(session, request);
    let mut events = Vec::new();
    // The receiver ends when the session lets go of it, which it must do after the terminal event.
    while let Some(event) = next(&receiver) {
        events.push(event);
    }
    let terminal = events.iter().filter(|event| event.is_terminal()).count();
    assert_eq!(terminal, 1, "{events:?}");
    assert!(events.last().unwrap().is_terminal(), "{events:?}");
    events
}

/// The next event; `None` when there will be no more.
pub(crate) fn next(receiver: &mpsc::Receiver<ModelEvent>) -> Option<ModelEvent> {
    match receiver.recv_timeout(GUARD) {
        Ok(event) => Some(event),
        Err(mpsc::RecvTimeoutError::Disconnected) => None,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("no event, and no end either"),
    }
}

/// Waits for a signal of the test's own.
pub(crate) fn wait<T>(receiver: &mpsc::Receiver<T>) -> T {
    receiver.recv_timeout(GUARD).expect("the signal comes")
}

/// The text that the deltas make.
pub(crate) fn text(events: &[ModelEvent]) -> String {
    let deltas = events.iter().filter_map(|event| match event {
        ModelEvent::TextDelta(delta) => Some(delta.as_str()),
        _ => None,
    });
    deltas.collect()
}

pub(crate) fn notices(events: &[ModelEvent]) -> Vec<&str> {
    let notices = events.iter().filter_map(|event| match event {
        ModelEvent::Notice(text) => Some(text.as_str()),
        _ => None,
    });
    notices.collect()
}

/// The error that ended `events`.
pub(crate) fn failure(events: &[ModelEvent]) -> &models::ModelError {
    match events.last() {
        Some(ModelEvent::Failed(error)) => error,
        other => panic!("not a failure: {other:?}"),
    }
}
