//! One exchange over HTTP, from the request to the free connection: send, read, hand over, drain.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Response, Version};
use tokio::time::timeout;
use url::Url;

use super::attempt::{self, header};
use crate::client::Upgrade;
use crate::delivery::Delivery;
use crate::endpoint::{Remote, StreamEnd};
use crate::wire::{AnswerReader, Decoder, Framing, ThinkTags};
use crate::{ModelError, ModelEvent, Purpose, network};

/// How long a service may take to end a stream whose answer is complete, before its connection is given up. Until then
/// another answer may follow in the same stream.
const DRAIN_LIMIT: Duration = Duration::from_millis(250);

/// One request, encoded, and what reads its answer.
pub(crate) struct Call {
    pub(crate) purpose: Purpose,
    /// What the wire adds to the service's headers.
    pub(crate) header: Option<(&'static str, &'static str)>,
    pub(crate) body: Vec<u8>,
    pub(crate) decoder: Box<dyn Decoder>,
    /// Where reasoning is to be taken out of the text.
    pub(crate) think_tags: Option<ThinkTags>,
}

/// Performs `call`. Returns when its connection is free for the next, which is after the terminal event.
pub(crate) async fn run(remote: &Remote, call: Call, delivery: &mut Delivery) {
    let url = remote.url(call.purpose);
    let Call {
        purpose,
        header: added,
        body,
        decoder,
        think_tags,
    } = call;
    let mut request = post(remote, &url, body);
    if let Some((name, value)) = added {
        add(request.headers_mut(), name, value);
    }
    let response = match begin(remote, &request, delivery).await {
        Ok(response) => response,
        Err(error) => return delivery.fail(error),
    };
    let lookup = |name: &str| header(response.headers(), name);
    if let Some(limits) = remote.codec.rate_limits(&lookup) {
        delivery.send(ModelEvent::RateLimits(limits));
    }
    let framing = match remote.codec.framing(purpose) {
        // Lines of JSON are sent as JSON by some.
        Framing::Sse if is_json(&response) => Framing::Whole,
        framing => framing,
    };
    let answer = Answer {
        reader: AnswerReader::new(framing, decoder),
        idle: remote.connections.options.idle_timeout,
        url,
        response,
        think_tags,
        end: None,
    };
    answer.hand_over(remote, delivery).await;
}

async fn begin(
    remote: &Remote,
    request: &reqwest::Request,
    delivery: &mut Delivery,
) -> Result<Response, ModelError> {
    let client = remote.client(request.url(), Upgrade::None)?;
    attempt::open(remote, &client, request, delivery).await
}

fn post(remote: &Remote, url: &Url, body: Vec<u8>) -> reqwest::Request {
    let mut request = reqwest::Request::new(Method::POST, url.clone());
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(CONTENT_TYPE, json);
    request.headers_mut().extend(remote.headers.clone());
    *request.body_mut() = Some(body.into());
    request
}

/// Adds to a header whose values are a list; what the user has set stays.
fn add(headers: &mut HeaderMap, name: &'static str, value: &'static str) {
    let known = headers.get(name).and_then(|known| known.to_str().ok());
    let all = match known {
        Some(known) if known.split(',').any(|known| known.trim() == value) => return,
        Some(known) => HeaderValue::try_from(format!("{known},{value}")),
        None => Ok(HeaderValue::from_static(value)),
    };
    if let Ok(all) = all {
        headers.insert(name, all);
    }
}

fn is_json(response: &Response) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

/// An answer that has begun.
struct Answer {
    response: Response,
    reader: AnswerReader,
    think_tags: Option<ThinkTags>,
    idle: Duration,
    url: Url,
    /// How the stream ended, once it did or its end was given up.
    end: Option<StreamEnd>,
}

impl Answer {
    /// Hands all events over, then reads on to the end of the stream so that the connection can be used again.
    async fn hand_over(mut self, remote: &Remote, delivery: &mut Delivery) {
        let mut events = Vec::new();
        while !delivery.is_over() {
            if self.reader.is_complete() && !remote.streams_end() {
                self.reader.finish(&mut events);
            } else if let Err(error) = self.read(&mut events).await {
                return delivery.fail(error);
            }
            for event in self.translated(std::mem::take(&mut events)) {
                delivery.send(event);
            }
        }
        if self.end == Some(StreamEnd::GivenUp) {
            return remote.note_stream_end(StreamEnd::GivenUp);
        }
        // Other versions carry many streams on one connection.
        if self.end.is_some() || self.response.version() <= Version::HTTP_11 {
            let drained = timeout(DRAIN_LIMIT, drain(self.response)).await;
            remote.note_stream_end(match drained {
                Ok(()) => StreamEnd::InTime,
                Err(_) => StreamEnd::GivenUp,
            });
        }
    }

    fn translated(&mut self, events: Vec<ModelEvent>) -> Vec<ModelEvent> {
        let Some(think_tags) = &mut self.think_tags else {
            return events;
        };
        let mut translated = Vec::new();
        for event in events {
            think_tags.pass(event, &mut translated);
        }
        translated
    }

    /// Waits for more of the body and adds what it says to `events`.
    async fn read(&mut self, events: &mut Vec<ModelEvent>) -> Result<(), ModelError> {
        let limit = match self.reader.is_complete() {
            true => DRAIN_LIMIT,
            false => self.idle,
        };
        match timeout(limit, self.response.chunk()).await {
            Err(_) if self.reader.is_complete() => {
                self.end = Some(StreamEnd::GivenUp);
                self.reader.finish(events);
                Ok(())
            }
            Err(_) => Err(network::silent(&self.url, self.idle)),
            Ok(Ok(Some(bytes))) => {
                self.reader.push(&bytes, events);
                Ok(())
            }
            Ok(Ok(None)) => {
                self.end = Some(StreamEnd::InTime);
                self.reader.finish(events);
                Ok(())
            }
            Ok(Err(error)) => {
                // What was complete counts although the connection ended rudely.
                self.reader.finish(events);
                match events.last() {
                    Some(ModelEvent::Done { .. }) => Ok(()),
                    _ => Err(network::broken(&self.url, &error)),
                }
            }
        }
    }
}

/// Reads to the end of the stream.
async fn drain(mut response: Response) {
    while let Ok(Some(_)) = response.chunk().await {}
    drop(response);
    settle().await;
}

/// Gives an answered request's connection the time to get back into the pool: its own tasks do that, once they have
/// seen the end and once more when it is ready.
pub(super) async fn settle() {
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
}
