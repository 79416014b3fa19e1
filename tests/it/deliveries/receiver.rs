//! A receiver on loopback that answers as it is told, and keeps what it was sent.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore},
    task::JoinSet,
};

/// A story that waits for so long waits for something that will not happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// What it says to a call.
#[derive(Clone, Debug)]
pub enum Answer {
    Status(u16),
    /// A status, and more headers.
    With(u16, &'static str),
    /// It reads everything and closes the connection.
    Breaks,
    /// It waits to be released, then says this.
    Holds(u16),
}

/// A call as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn data(&self) -> Value {
        self.json()["data"].clone()
    }

    /// What happened, and the state that follows: `("publish", "edition")`.
    pub fn told(&self) -> (String, String) {
        let data = self.data();
        let word = |name: &str| data[name].as_str().expect("a word").to_owned();
        (word("kind"), word("state"))
    }
}

#[derive(Default)]
struct State {
    answers: Mutex<VecDeque<Answer>>,
    received: Mutex<Vec<Received>>,
    arrived: Notify,
    released: Semaphore0,
}

struct Semaphore0(Semaphore);

impl Default for Semaphore0 {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

/// It listens until it is dropped.
pub struct Receiver {
    pub address: SocketAddr,
    state: Arc<State>,
    _serving: JoinSet<()>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State::default());
        let mut serving = JoinSet::new();
        let shared = Arc::clone(&state);
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, state, _serving: serving }
    }

    pub fn url(&self) -> String {
        format!("http://{}/in", self.address)
    }

    /// What it says to the next calls; 204 to all that follow.
    pub fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.answers.lock().expect("answers").extend(answers);
    }

    /// Lets one call that it holds have its answer.
    pub fn release(&self) {
        self.state.released.0.add_permits(1);
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().expect("calls").clone()
    }

    /// Waits until it was called `count` times in all.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let arrived = async {
            loop {
                let notified = self.state.arrived.notified();
                tokio::pin!(notified);
                notified.as_mut().enable();
                let received = self.received();
                if received.len() >= count {
                    return received;
                }
                notified.await;
            }
        };
        tokio::time::timeout(PATIENCE, arrived).await.expect("it is called often enough")
    }

    /// What it was told, in order.
    pub fn told(&self) -> Vec<(String, String)> {
        self.received().iter().map(Received::told).collect()
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let mut stream = BufReader::new(stream);
    while let Some(call) = read(&mut stream).await {
        let answer = state.answers.lock().expect("answers").pop_front();
        state.received.lock().expect("calls").push(call);
        state.arrived.notify_waiters();
        let (status, more) = match answer.unwrap_or(Answer::Status(204)) {
            Answer::Status(status) => (status, ""),
            Answer::With(status, more) => (status, more),
            Answer::Breaks => return,
            Answer::Holds(status) => {
                state.released.0.acquire().await.expect("it is open").forget();
                (status, "")
            }
        };
        let body = if status == 204 { "" } else { "content-length: 4\r\n\r\nword" };
        let end = if status == 204 { "\r\n" } else { "" };
        let answer = format!("HTTP/1.1 {status} Said\r\n{more}{body}{end}");
        if stream.get_mut().write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The next call on a connection; `None` when there is none.
pub async fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    assert!(line.starts_with("POST /in HTTP/1.1"), "{line}");
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok())?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received { headers, body })
}
