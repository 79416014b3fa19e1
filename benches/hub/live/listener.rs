//! One of many who listen: holds on to its cursor, comes back when it is cut off, and counts.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio::{
    net::TcpStream,
    sync::{Semaphore, mpsc, watch},
    time::sleep,
};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{
        Message, client::IntoClientRequest as _, http::HeaderValue, protocol::WebSocketConfig,
    },
};

/// Who comes in at once.
const DOOR: usize = 64;
/// Until somebody who was not let in tries again.
const AGAIN: Duration = Duration::from_millis(200);
const QUERY: &str = "subscription ($after: String) { changes(after: $after) { cursor kind document { title url } } }";

/// What the crowd has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Somebody heard of this event.
    First(u64),
    /// Everybody did.
    Last(u64),
}

/// All who listen.
pub(crate) struct Crowd {
    size: usize,
    door: Semaphore,
    /// How often each event was heard of.
    heard: Mutex<HashMap<u64, usize>>,
    told: mpsc::UnboundedSender<(Heard, Instant)>,
    listening: watch::Sender<usize>,
    total: AtomicUsize,
    wrong: Mutex<Option<String>>,
}

impl Crowd {
    pub(crate) fn new(size: usize, told: mpsc::UnboundedSender<(Heard, Instant)>) -> Self {
        Self {
            size,
            door: Semaphore::new(DOOR),
            heard: Mutex::default(),
            told,
            listening: watch::Sender::new(0),
            total: AtomicUsize::new(0),
            wrong: Mutex::default(),
        }
    }

    /// Done when everybody came in once.
    pub(crate) async fn all_listen(&self) {
        let _ = self.listening.subscribe().wait_for(|count| *count >= self.size).await;
    }

    fn hear(&self, sequence: u64) {
        let now = Instant::now();
        self.total.fetch_add(1, Ordering::Relaxed);
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let count = heard.entry(sequence).or_insert(0);
        *count += 1;
        for (milestone, which) in [(1, Heard::First(sequence)), (self.size, Heard::Last(sequence))]
        {
            if *count == milestone {
                let _ = self.told.send((which, now));
            }
        }
    }

    fn complain(&self, what: String) {
        *self.wrong.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
    }

    /// That everybody heard of `events` events, each once.
    pub(crate) fn holds(&self, events: u64) -> Result<()> {
        if let Some(wrong) = &*self.wrong.lock().unwrap_or_else(PoisonError::into_inner) {
            bail!("{wrong}");
        }
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(heard.len() as u64 == events, "{} events of {events} were heard of", heard.len());
        let odd = heard.iter().find(|(_, count)| **count != self.size);
        ensure!(odd.is_none(), "event and how often it was heard of: {odd:?}");
        Ok(())
    }
}

/// Listens behind event `last` at each address in turn, from wherever it was cut off.
pub(crate) async fn listen(
    mut addresses: watch::Receiver<SocketAddr>,
    mut last: u64,
    crowd: Arc<Crowd>,
) {
    let mut is_new = true;
    loop {
        let address = *addresses.borrow_and_update();
        let ended = follow(address, &mut last, &crowd, &mut is_new).await;
        if let Err(error) = &ended
            && error.is::<OutOfOrder>()
        {
            return crowd.complain(error.to_string());
        }
        // A node that is dead is soon followed by another.
        tokio::select! {
            changed = addresses.changed() => if changed.is_err() { return },
            () = sleep(AGAIN) => {}
        }
    }
}

#[derive(Debug)]
struct OutOfOrder(u64, u64);

impl std::fmt::Display for OutOfOrder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "after event {} came {}", self.0, self.1)
    }
}

impl std::error::Error for OutOfOrder {}

async fn follow(
    address: SocketAddr,
    last: &mut u64,
    crowd: &Crowd,
    is_new: &mut bool,
) -> Result<()> {
    let place = crowd.door.acquire().await?;
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut request = "ws://hub/graphql".into_client_request()?;
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let config = WebSocketConfig::default().read_buffer_size(4 << 10).write_buffer_size(0);
    let (mut socket, _) = client_async_with_config(request, stream, Some(config)).await?;
    socket.send(Message::text("{\"type\":\"connection_init\"}")).await?;
    ensure!(socket.next().await.context("an answer")??.is_text(), "no acknowledgement");
    let payload = json!({ "query": QUERY, "variables": { "after": cursor(*last) } });
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": payload });
    socket.send(Message::text(subscribe.to_string())).await?;
    // Answered behind it, so the subscription is begun by then.
    socket.send(Message::text("{\"type\":\"ping\"}")).await?;
    let mut place = Some(place);
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.contains("\"pong\"") {
            place = None;
            if std::mem::take(is_new) {
                crowd.listening.send_modify(|count| *count += 1);
            }
            continue;
        }
        let said = text.split("\"cursor\":\"").nth(1).and_then(|rest| rest.get(..12));
        let next = said.and_then(sequence).with_context(|| format!("no event: {text}"))?;
        if next != *last + 1 {
            return Err(OutOfOrder(*last, next).into());
        }
        *last = next;
        crowd.hear(next);
    }
    drop(place);
    Ok(())
}

/// The number that a cursor stands behind.
pub(crate) fn sequence(cursor: &str) -> Option<u64> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    Some(u64::from_be_bytes(bytes.get(1..)?.try_into().ok()?))
}

fn cursor(sequence: u64) -> String {
    let mut bytes = [0xc1; 9];
    bytes[1..].copy_from_slice(&sequence.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}
