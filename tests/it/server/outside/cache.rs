//! A cache in front of the hub, as small as one can be: it keeps what `CDN-Cache-Control` lets it
//! keep, under host and address, and drops it by tag or by address when it is told to.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::wire::{Answer, ask};

/// What it holds of one answer.
struct Held {
    status: u16,
    body: Vec<u8>,
    tags: HashSet<String>,
}

#[derive(Default)]
struct State {
    held: HashMap<(String, String), Held>,
    /// What it says to the next who want something dropped, where it is not in order.
    refusals: VecDeque<u16>,
    /// What it was told, in order.
    told: Vec<String>,
}

/// It listens until it is dropped.
pub struct Cache {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    _serving: JoinSet<()>,
}

/// Who may tell it what to drop.
pub const SECRET: &str = "s3cret";

impl Cache {
    pub async fn before(hub: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, hub, Arc::clone(&shared)));
            }
        });
        Self { address, state, _serving: serving }
    }

    /// Says these to the next who want something dropped.
    pub fn refuses(&self, statuses: impl IntoIterator<Item = u16>) {
        self.state.lock().expect("its state").refusals.extend(statuses);
    }

    pub fn told(&self) -> Vec<String> {
        self.state.lock().expect("its state").told.clone()
    }

    /// What a reader gets, and whether it was held.
    pub async fn read(&self, path: &str) -> (String, bool) {
        let answer = ask(self.address, "GET", path, &[]).await;
        let held = answer.header("x-cache") == "hit";
        (String::from_utf8(answer.body).expect("text"), held)
    }

    pub async fn holds(&self, path: &str) -> bool {
        self.read(path).await.1
    }
}

async fn serve(mut stream: TcpStream, hub: SocketAddr, state: Arc<Mutex<State>>) {
    // Calls that drop something come one after the other on one connection.
    while let Some((line, headers, body)) = request(&mut stream).await {
        let mut words = line.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let header = |name: &str| headers.get(name).map(String::as_str).unwrap_or_default();
        let key = (header("host").to_owned(), path.to_owned());
        let answer = if method == "GET" {
            read(hub, key, &state).await
        } else {
            let is_known = header("x-purge-key") == SECRET;
            let status = drop_from(&state, method, &key, (header("xkey-purge"), &body), is_known);
            format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\n\r\n").into_bytes()
        };
        if stream.write_all(&answer).await.is_err() || header("connection") == "close" {
            return;
        }
    }
}

/// An answer out of memory, or from the hub and kept where that is allowed.
async fn read(hub: SocketAddr, key: (String, String), state: &Mutex<State>) -> Vec<u8> {
    let held = {
        let state = state.lock().expect("its state");
        state.held.get(&key).map(|held| written(held.status, "hit", &held.body))
    };
    if let Some(held) = held {
        return held;
    }
    let fetched: Answer = ask(hub, "GET", &key.1, &[]).await;
    let answer = written(fetched.status, "miss", &fetched.body);
    let said = fetched.header("cdn-cache-control").to_owned();
    if said.contains("max-age=") && !said.contains("max-age=0") && fetched.status == 200 {
        let tags = fetched.header("surrogate-key").split(' ').map(str::to_owned).collect();
        let held = Held { status: fetched.status, body: fetched.body, tags };
        state.lock().expect("its state").held.insert(key, held);
    }
    answer
}

fn written(status: u16, said: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Said\r\nx-cache: {said}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Drops what is named by tags in a header, by tags in a body, or by the address itself.
fn drop_from(
    state: &Mutex<State>,
    method: &str,
    key: &(String, String),
    (header, body): (&str, &[u8]),
    is_known: bool,
) -> u16 {
    let mut state = state.lock().expect("its state");
    if !is_known {
        return 403;
    }
    if let Some(refusal) = state.refusals.pop_front() {
        return refusal;
    }
    let in_body = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let in_body = in_body["tags"].as_array().into_iter().flatten();
    let in_body = in_body.filter_map(Value::as_str).map(str::to_owned);
    let tags: Vec<String> = header.split_whitespace().map(str::to_owned).chain(in_body).collect();
    state.told.push(format!("{method} {} {}", key.1, tags.join(" ")));
    if tags.is_empty() {
        return if state.held.remove(key).is_some() { 200 } else { 404 };
    }
    state.held.retain(|_, held| !tags.iter().any(|tag| held.tags.contains(tag)));
    200
}

async fn request(stream: &mut TcpStream) -> Option<(String, HashMap<String, String>, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut body = bytes.split_off(end);
    let head = String::from_utf8(bytes).ok()?;
    let mut lines = head.split("\r\n");
    let line = lines.next()?.to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").and_then(|length| length.parse().ok());
    while body.len() < length.unwrap_or(0) {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some((line, headers, body))
}
