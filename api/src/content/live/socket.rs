//! One WebSocket: graphql-transport-ws from its first message to its close.
//!
//! A single task does everything in turn: what it writes it writes to the end before it listens
//! again, and when the other end does not take it in time, the connection goes.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_graphql::ServerError;
use axum::{
    extract::{
        FromRequestParts as _, Request, WebSocketUpgrade,
        ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket},
    },
    response::{IntoResponse as _, Response},
};
use futures_util::{
    FutureExt as _, StreamExt as _,
    future::{AbortHandle, Abortable, BoxFuture},
    stream::FuturesUnordered,
};
use metrics::counter;
use serde_json::value::RawValue;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::{
    Begun, Listener, Live, SHED, busy,
    listening::{Listening, Next, note_sent},
    protocol::{self, Close, Message, SUBPROTOCOL},
};
use crate::{
    authentication::Token,
    content::{graph::change_cursor, http, refusal::Refusal},
    http::ClientAddress,
};

/// How often the other end is asked whether it is still there; by then it must have answered the
/// time before.
const BEAT: Duration = Duration::from_secs(25);
/// How long the other end may take to close too.
const FAREWELL: Duration = Duration::from_secs(1);
/// Bytes read at once. Listeners say little.
const READ: usize = 4 << 10;

/// Turns a request into a WebSocket.
pub(super) async fn upgrade(live: Live, listener: Listener, request: Request) -> Response {
    let inside = match live.enter(&request, "websocket").await {
        Ok(inside) => inside,
        Err(refused) => return refused,
    };
    let address = request.extensions().get::<ClientAddress>().copied();
    let (mut parts, _) = request.into_parts();
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let largest = live.0.api.limits().body_bytes;
    upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ)
        .write_buffer_size(0)
        .max_message_size(largest)
        .max_frame_size(largest)
        .on_upgrade(move |socket| {
            let is_known = socket.protocol().is_some();
            let mut connection = Connection {
                live,
                listener,
                address,
                socket,
                is_acknowledged: false,
                ids: HashMap::new(),
                under_way: FuturesUnordered::new(),
            };
            async move {
                let close = match is_known {
                    true => connection.serve().await,
                    false => Some(Close::SUBPROTOCOL),
                };
                connection.close(close).await;
                drop(inside);
            }
        })
}

/// An operation until the next thing it has to say.
type Step = Abortable<BoxFuture<'static, (Arc<str>, Said)>>;

/// What an operation has to say.
enum Said {
    Answered(Vec<u8>),
    Refused(Arc<[ServerError]>),
    Told(Box<Listening>, Next),
}

struct Connection {
    live: Live,
    listener: Listener,
    address: Option<ClientAddress>,
    socket: WebSocket,
    is_acknowledged: bool,
    ids: HashMap<Arc<str>, AbortHandle>,
    under_way: FuturesUnordered<Step>,
}

/// What ends a connection: a close of ours, or nothing more to say to the other end.
type Ended = Option<Close>;

impl Connection {
    /// Serves the connection to its end; says how it is to be closed.
    async fn serve(&mut self) -> Ended {
        let closed = self.live.0.door.closed();
        tokio::pin!(closed);
        let (began, patience) = (Instant::now(), self.live.settings().patience);
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.tick().await;
        let mut was_heard = true;
        loop {
            let done = tokio::select! {
                () = &mut closed => Err(Some(Close::GOING_AWAY)),
                () = sleep_until(began + patience), if !self.is_acknowledged => {
                    Err(Some(Close::INITIALISATION_TIMEOUT))
                }
                _ = beat.tick() => {
                    if !was_heard {
                        Err(Some(Close::SILENT))
                    } else {
                        was_heard = false;
                        self.look_after().await
                    }
                }
                received = self.socket.recv() => {
                    was_heard = true;
                    match received {
                        Some(Ok(Frame::Text(text))) => self.hear(&text).await,
                        Some(Ok(Frame::Binary(_))) => protocol::read("").map(|_| ()).map_err(Some),
                        Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => Ok(()),
                        Some(Ok(Frame::Close(_))) | None => Err(None),
                        Some(Err(error)) => Err(is_too_large(&error).then_some(Close::TOO_LARGE)),
                    }
                }
                Some(said) = self.under_way.next(), if !self.under_way.is_empty() => {
                    match said {
                        Ok((id, said)) => self.say(id, said).await,
                        // It was completed by the client.
                        Err(_) => Ok(()),
                    }
                }
            };
            if let Err(ended) = done {
                return ended;
            }
        }
    }

    /// Asks the other end whether it is there, and whether it still is who it was.
    async fn look_after(&mut self) -> Result<(), Ended> {
        if !self.listener.is_still().await {
            return Err(Some(Close::FORBIDDEN));
        }
        self.send(Frame::Ping(bytes::Bytes::new())).await
    }

    async fn hear(&mut self, text: &str) -> Result<(), Ended> {
        match protocol::read(text).map_err(Some)? {
            Message::Init(_) if self.is_acknowledged => Err(Some(Close::INITIALISED_TWICE)),
            Message::Init(authorization) => {
                if let Some(presented) = authorization {
                    self.present(&presented).await?;
                }
                self.is_acknowledged = true;
                self.text(protocol::ACKNOWLEDGED).await
            }
            Message::Ping(payload) => self.text(protocol::pong(payload.as_deref())).await,
            Message::Pong => Ok(()),
            Message::Subscribe(..) if !self.is_acknowledged => Err(Some(Close::UNAUTHORIZED)),
            Message::Subscribe(id, _) if self.ids.contains_key(&id) => {
                Err(Some(Close::in_use(&id)))
            }
            Message::Subscribe(id, payload) => self.begin(id, &payload).await,
            Message::Complete(id) => {
                if let Some(operation) = self.ids.remove(&id) {
                    operation.abort();
                }
                Ok(())
            }
        }
    }

    /// Takes a token from the first message: browsers cannot send a header with a WebSocket.
    async fn present(&mut self, presented: &str) -> Result<(), Ended> {
        let Some(token) = Token::of_header(presented) else { return Err(Some(Close::FORBIDDEN)) };
        match self.live.0.authentication.admit(&token, self.address).await {
            Ok((viewer, pass)) => {
                let payer = self.listener.payer.clone();
                self.listener = Listener { viewer, pass: Some(pass), payer };
                Ok(())
            }
            Err(_) => Err(Some(Close::FORBIDDEN)),
        }
    }

    async fn begin(&mut self, id: Arc<str>, payload: &RawValue) -> Result<(), Ended> {
        let question = match http::question(payload.get().as_bytes(), self.live.0.api.limits()) {
            Ok(question) => question,
            Err(refusal) if refusal.code == "BAD_REQUEST" => {
                return Err(Some(protocol::no_operation()));
            }
            Err(refusal) => return self.refuse(&id, refusal).await,
        };
        let most = self.live.settings().operations;
        if self.ids.len() >= most {
            return self.refuse(&id, too_many(most)).await;
        }
        let (live, listener) = (self.live.clone(), self.listener.clone());
        self.go_on(id, async move {
            // Over HTTP a question takes a place in the server, and so it does here.
            let Ok(place) = live.0.places.try_acquire() else {
                return Said::Refused([busy().into_server_error()].into());
            };
            let begun = live.begin(&listener, question, None).await;
            drop(place);
            match begun {
                Begun::Answered(json) => Said::Answered(json),
                Begun::Refused(errors) => Said::Refused(errors.into()),
                Begun::Listening(listening) => told(listening).await,
            }
        });
        Ok(())
    }

    fn go_on(&mut self, id: Arc<str>, said: impl Future<Output = Said> + Send + 'static) {
        let (handle, registration) = AbortHandle::new_pair();
        self.ids.insert(Arc::clone(&id), handle);
        let step = async move { (id, said.await) }.boxed();
        self.under_way.push(Abortable::new(step, registration));
    }

    async fn say(&mut self, id: Arc<str>, said: Said) -> Result<(), Ended> {
        match said {
            Said::Answered(json) => {
                self.text(text(protocol::next(&id, &json))).await?;
                self.end(&id, protocol::complete(&id)).await
            }
            Said::Refused(errors) => self.end(&id, protocol::error(&id, &errors)).await,
            Said::Told(_, Next::Over(errors)) => self.end(&id, protocol::error(&id, &errors)).await,
            Said::Told(_, Next::TooSlow { sent }) => {
                counter!(SHED).increment(1);
                Err(Some(Close::too_slow(Some(&change_cursor(sent)))))
            }
            Said::Told(listening, Next::Events { after, batch, is_new }) => {
                if !self.listener.is_still().await {
                    return Err(Some(Close::FORBIDDEN));
                }
                let mut sent = after;
                let events = batch.events.iter().filter(|(sequence, _)| *sequence > after);
                let mut count = 0;
                for (sequence, payload) in events {
                    let frame = Frame::Text(text(protocol::next(&id, payload)));
                    if let Err(ended) = self.send(frame).await {
                        let cursor = change_cursor(sent);
                        return Err(ended.map(|_| Close::too_slow(Some(&cursor))));
                    }
                    sent = *sequence;
                    count += 1;
                }
                note_sent(&batch, count, is_new);
                self.go_on(id, told(listening));
                Ok(())
            }
        }
    }

    async fn refuse(&mut self, id: &str, refusal: Refusal) -> Result<(), Ended> {
        self.text(protocol::error(id, &[refusal.into_server_error()])).await
    }

    /// Says the last of operation `id`, whose id is free from then on.
    async fn end(&mut self, id: &str, last: String) -> Result<(), Ended> {
        self.ids.remove(id);
        self.text(last).await
    }

    async fn text(&mut self, text: impl Into<Utf8Bytes>) -> Result<(), Ended> {
        self.send(Frame::Text(text.into())).await
    }

    /// Writes a frame to the end. Who does not take it in time is too slow.
    async fn send(&mut self, frame: Frame) -> Result<(), Ended> {
        match timeout(self.live.settings().patience, self.socket.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => {
                counter!(SHED).increment(1);
                Err(Some(Close::too_slow(None)))
            }
        }
    }

    /// Says why, and waits a moment for the other end to have heard it: a connection that is cut
    /// with something unread loses what was said last.
    async fn close(mut self, close: Ended) {
        self.under_way.clear();
        let Some(Close { code, reason }) = close else { return };
        tracing::debug!(code, %reason, "a live connection is closed");
        let frame = Frame::Close(Some(CloseFrame { code, reason: (*reason).into() }));
        let farewell = async {
            if self.socket.send(frame).await.is_ok() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        let _ = timeout(FAREWELL, farewell).await;
    }
}

async fn told(mut listening: Box<Listening>) -> Said {
    let next = listening.next().await;
    Said::Told(listening, next)
}

/// What was written as JSON is text.
fn text(json: Vec<u8>) -> Utf8Bytes {
    Utf8Bytes::try_from(bytes::Bytes::from(json)).unwrap_or_default()
}

fn is_too_large(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}

fn too_many(most: usize) -> Refusal {
    Refusal::new(
        "TOO_MANY_OPERATIONS",
        format!("一个连接上最多同时进行 {most} 个操作"),
        format!("at most {most} operations are under way on one connection"),
    )
}
