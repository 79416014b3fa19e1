//! A receiver that does all that docs/channels.md asks of one, and answers as the script says.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, OnceLock},
    time::Duration,
};

use editorial::ports::Shown;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
};

use super::{
    book::Book,
    script::{Point, Reply, Script},
};
use crate::deliveries::{
    keys::verifies,
    receiver::{Received, read},
};

/// A story that waits for so long waits for something that will not happen.
const PATIENCE: Duration = Duration::from_secs(120);

/// It listens until it is dropped.
pub struct Receiver {
    pub address: SocketAddr,
    state: Arc<State>,
    _serving: JoinSet<()>,
}

struct State {
    keys: OnceLock<Vec<Shown>>,
    script: Arc<Script>,
    book: Mutex<Book>,
    changed: Notify,
}

impl State {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("the book")
    }

    /// Writes into the book, and tells who waits for it.
    fn write(&self, entry: impl FnOnce(&mut Book)) {
        entry(&mut self.book());
        self.changed.notify_waiters();
    }
}

impl Receiver {
    pub async fn start(script: Arc<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            keys: OnceLock::new(),
            script,
            book: Mutex::default(),
            changed: Notify::new(),
        });
        let mut serving = JoinSet::new();
        let shared = Arc::clone(&state);
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(BufReader::new(stream), Arc::clone(&shared)));
            }
        });
        Self { address, state, _serving: serving }
    }

    /// The keys it was handed: from now on it checks every call.
    pub fn checks(&self, keys: Vec<Shown>) {
        assert!(self.state.keys.set(keys).is_ok(), "keys are handed over once");
    }

    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.state.book()
    }

    /// Waits until the book says it.
    pub async fn until(&self, what: &str, says: impl Fn(&Book) -> bool) {
        let said = async {
            loop {
                let changed = self.state.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if says(&self.book()) {
                    return;
                }
                changed.await;
            }
        };
        if tokio::time::timeout(PATIENCE, said).await.is_err() {
            let book = self.book();
            panic!("never: {what}; {} effects, {:?}", book.count(), book.faults);
        }
    }
}

async fn serve(mut stream: BufReader<TcpStream>, state: Arc<State>) {
    while let Some(call) = read(&mut stream).await {
        if answer(&mut stream, &state, &call).await.is_none() {
            return;
        }
    }
}

/// Does with a call what the script says; `None` when the connection is over.
async fn answer(stream: &mut BufReader<TcpStream>, state: &State, call: &Received) -> Option<()> {
    let id = call.header("webhook-id").to_owned();
    if !state.keys.get().is_some_and(|keys| verifies(call, keys)) {
        state.write(|book| book.faults.push(format!("{id} is not signed")));
        return say(stream, "401 Unauthorized").await;
    }
    let is_new = state.book().is_new(&id);
    state.write(|book| book.arrive(&id, call));
    let reply = state.script.next(is_new);
    match reply {
        Reply::Fails => return say(stream, "500 Failed").await,
        Reply::Marked(Point::Arrived) => {
            state.script.reach();
            gone(stream).await;
            return None;
        }
        Reply::Takes | Reply::Loses | Reply::Marked(_) => {}
    }
    state.write(|book| book.take(&id, call));
    match reply {
        Reply::Loses => return None,
        Reply::Marked(Point::Taken) => {
            state.script.reach();
            gone(stream).await;
            return None;
        }
        _ => {}
    }
    // Before the bytes are on their way: afterwards the next call may be quicker.
    state.write(|book| book.answer(&id));
    let said = say(stream, "204 Taken").await;
    if reply == Reply::Marked(Point::Answered) {
        state.script.reach();
    }
    said
}

async fn say(stream: &mut BufReader<TcpStream>, status: &str) -> Option<()> {
    let end = if status.starts_with("204") { "" } else { "content-length: 0\r\n" };
    let answer = format!("HTTP/1.1 {status}\r\n{end}\r\n");
    stream.get_mut().write_all(answer.as_bytes()).await.ok()
}

/// Waits until the caller is gone.
async fn gone(stream: &mut BufReader<TcpStream>) {
    let _ = stream.read(&mut [0]).await;
}
