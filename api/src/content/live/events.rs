//! Server-sent events: graphql-sse in its mode of distinct connections, one operation a request,
//! by the protocol text of the library graphql-sse (github.com/enisdenjo/graphql-sse,
//! PROTOCOL.md).
//!
//! The id of an event is its cursor, so a browser's `EventSource` that reconnects by itself goes
//! on where it was: `Last-Event-ID` goes over the argument `after`. For the same reason a stream
//! that ends before its operation does (a stop of the server, a listener that is too slow) just
//! ends: `complete` would tell clients never to come back.

use std::{convert::Infallible, time::Duration};

use async_graphql::ServerError;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use metrics::counter;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{
    Begun, Listener, Live, SHED,
    door::Inside,
    listening::{Listening, Next, note_sent},
};
use crate::{
    content::{
        graph::{change_cursor, read_change_cursor},
        http,
        refusal::Refusal,
    },
    http::HangUp,
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// How often something is written where nothing happens: less than proxies wait.
const BEAT: Duration = Duration::from_secs(15);
/// What is written then, and first of all, so that proxies pass the head on.
const COMMENT: &[u8] = b":\n\n";
/// How often it is looked whether a token is still good.
const LOOK: Duration = Duration::from_secs(30);

/// Answers with a stream of events.
pub(super) async fn answer(live: Live, listener: Listener, request: Request) -> Response {
    let inside = match live.enter(&request, "events").await {
        Ok(inside) => inside,
        Err(refused) => return refused,
    };
    let hang_up = request.extensions().get::<HangUp>().cloned();
    let resumed = match last_event(request.headers()) {
        Ok(resumed) => resumed,
        Err(refusal) => return whole(&[refusal.into_server_error()]),
    };
    let question = match http::question_of(request, live.0.api.limits()).await {
        Ok(question) => question,
        Err(response) => return response,
    };
    match live.begin(&listener, question, resumed).await {
        Begun::Answered(json) => streamed(Body::from([event(None, &json), complete()].concat())),
        Begun::Refused(errors) => whole(&errors),
        Begun::Listening(listening) => {
            let (events, read) = mpsc::channel::<Bytes>(1);
            let writer = Writer { live, listener, events, hang_up, sent: 0 };
            tokio::spawn(writer.write(listening, inside));
            let read = stream::unfold(read, async |mut read| {
                let bytes = read.recv().await?;
                Some((Ok::<_, Infallible>(bytes), read))
            });
            streamed(Body::from_stream(read))
        }
    }
}

/// Where somebody who was cut off goes on.
fn last_event(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let Some(id) = headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()) else { return Ok(None) };
    read_change_cursor(id.to_str().unwrap_or_default()).map(Some)
}

/// Refusals are events too: a browser's `EventSource` cannot read any other answer.
fn whole(errors: &[ServerError]) -> Response {
    streamed(Body::from([event(None, &http::errors(errors)), complete()].concat()))
}

fn streamed(body: Body) -> Response {
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // What nginx is told not to hold back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (StatusCode::OK, head, body).into_response()
}

/// A result as an event. JSON has no line breaks of its own.
fn event(cursor: Option<&str>, json: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(json.len() + 48);
    text.extend_from_slice(b"event: next\n");
    if let Some(cursor) = cursor {
        text.extend_from_slice(b"id: ");
        text.extend_from_slice(cursor.as_bytes());
        text.push(b'\n');
    }
    text.extend_from_slice(b"data: ");
    text.extend_from_slice(json);
    text.extend_from_slice(b"\n\n");
    text
}

fn complete() -> Vec<u8> {
    b"event: complete\ndata:\n\n".to_vec()
}

/// Writes the events of one listener.
struct Writer {
    live: Live,
    listener: Listener,
    events: mpsc::Sender<Bytes>,
    hang_up: Option<HangUp>,
    /// The newest event that was written.
    sent: u64,
}

/// The stream is over.
struct Over;

impl Writer {
    async fn write(mut self, mut listening: Box<Listening>, inside: Inside) {
        let closed = self.live.0.door.closed();
        tokio::pin!(closed);
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut looked = Instant::now();
        loop {
            let gone = self.events.clone();
            let done = tokio::select! {
                () = &mut closed => Err(Over),
                () = gone.closed() => Err(Over),
                _ = beat.tick() => {
                    let is_due = looked.elapsed() >= LOOK;
                    if is_due {
                        looked = Instant::now();
                    }
                    match is_due && !self.listener.is_still().await {
                        true => Err(Over),
                        false => self.put(Bytes::from_static(COMMENT)).await,
                    }
                }
                next = listening.next() => self.tell(next).await,
            };
            if done.is_err() {
                break;
            }
        }
        drop(inside);
    }

    async fn tell(&mut self, next: Next) -> Result<(), Over> {
        match next {
            Next::Events { after, batch, is_new } => {
                if !self.listener.is_still().await {
                    return Err(Over);
                }
                let mut count = 0;
                for (sequence, json) in batch.events.iter().filter(|(it, _)| *it > after) {
                    self.put(event(Some(&change_cursor(*sequence)), json).into()).await?;
                    self.sent = *sequence;
                    count += 1;
                }
                note_sent(&batch, count, is_new);
                Ok(())
            }
            Next::TooSlow { sent } => {
                counter!(SHED).increment(1);
                let errors = [too_slow(sent).into_server_error()];
                self.put(event(None, &http::errors(&errors)).into()).await?;
                Err(Over)
            }
            Next::Over(errors) => {
                self.put([event(None, &http::errors(&errors)), complete()].concat().into()).await?;
                Err(Over)
            }
        }
    }

    /// Hands bytes to the connection. When they are not taken in time, the connection is cut: its
    /// other end takes nothing, so nothing can be said to it.
    async fn put(&mut self, bytes: Bytes) -> Result<(), Over> {
        match timeout(self.live.settings().patience, self.events.send(bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Over),
            Err(_) => {
                counter!(SHED).increment(1);
                tracing::debug!(sent = self.sent, "a listener takes nothing and is cut off");
                if let Some(hang_up) = &self.hang_up {
                    hang_up.now();
                }
                Err(Over)
            }
        }
    }
}

fn too_slow(sent: u64) -> Refusal {
    let cursor = change_cursor(sent);
    Refusal::new(
        "TOO_SLOW",
        format!("接收过慢，订阅已中止：请由游标 {cursor} 之后继续"),
        format!("too slow, the subscription is ended: go on after the cursor {cursor}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_json_with_its_cursor() {
        let text = event(Some("wQAAAAAAAAAB"), b"{\"data\":{}}");
        let text = String::from_utf8(text).expect("UTF-8");
        assert_eq!(text, "event: next\nid: wQAAAAAAAAAB\ndata: {\"data\":{}}\n\n");
    }

    #[test]
    fn a_browser_that_comes_back_says_where_it_was() {
        let mut headers = HeaderMap::new();
        assert_eq!(last_event(&headers), Ok(None));
        let cursor = change_cursor(7).parse().expect("a header");
        headers.insert(LAST_EVENT_ID, cursor);
        assert_eq!(last_event(&headers), Ok(Some(7)));
        headers.insert(LAST_EVENT_ID, HeaderValue::from_static("7"));
        assert!(last_event(&headers).is_err());
    }
}
