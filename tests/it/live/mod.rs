//! Live updates as listeners meet them: over real sockets, from servers in this process and as
//! processes of their own.

mod client;
mod events;
mod following;
mod guide;
mod limits;
mod protocol;
mod restarts;
mod secrecy;

use std::{net::SocketAddr, sync::Arc};

use api::{AppState, ServerSettings, content::LiveSettings};
use editorial::Desk;
use serde_json::{Value, json};
use store::Store;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{house::House, wire};

pub use self::{
    client::{Heard, Socket},
    events::Events,
};

/// What most listeners ask to be told.
pub const TOLD: &str = "cursor kind contentId locale type visibility \
    left { site columns path } entered { site columns path } document { title url } arrangement";

/// A server on a free port.
pub struct Node {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Node {
    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.expect("it stops by itself");
    }

    /// The data of a question.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let headers = [("content-type", "application/json")];
        let answer = wire::send(self.address, "POST", "/graphql", &headers, body.as_bytes()).await;
        let mut answer = answer.json();
        assert_eq!(answer.get("errors"), None, "{query}");
        answer["data"].take()
    }

    /// The cursor of the newest event.
    pub async fn head(&self) -> String {
        let head = self.ask("{ changes(first: 1) { head } }", json!({})).await;
        head["changes"]["head"].as_str().expect("a cursor").to_owned()
    }

    /// What the query tells of everything after a cursor.
    pub async fn changes(&self, after: Option<&str>, told: &str) -> Vec<Value> {
        let query = format!(
            "query ($after: String) {{ changes(after: $after, first: 100) {{ nodes {{ {told} }} }} }}"
        );
        let changes = self.ask(&query, json!({ "after": after })).await;
        changes["changes"]["nodes"].as_array().expect("changes").clone()
    }
}

impl House {
    /// A node that serves this house.
    pub async fn node(&self) -> Node {
        self.node_with(LiveSettings::default()).await
    }

    pub async fn node_with(&self, live: LiveSettings) -> Node {
        self.node_of(self.desk.clone(), live).await
    }

    /// A node with a view of its own of the same database, as another process has it.
    pub async fn another_node(&self) -> Node {
        let store = Store::open(self.database.url()).await.expect("the store opens");
        let others = store.clone();
        tokio::spawn(async move { others.watch_others().await });
        self.node_of(Desk { store, ..self.desk.clone() }, LiveSettings::default()).await
    }

    async fn node_of(&self, desk: Desk, live: LiveSettings) -> Node {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let settings = ServerSettings { live, ..ServerSettings::default() };
        let state =
            AppState::new(desk, Arc::clone(&self.files), self.channels(), self.sign_in(), settings);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(api::serve(listener, state, async {
            let _ = stopped.await;
        }));
        Node { address, stop, task }
    }
}

/// The subscription to everything that goes on behind `$after`.
pub fn everything(told: &str) -> String {
    format!("subscription ($after: String) {{ changes(after: $after) {{ {told} }} }}")
}

/// The titles in events, as they are told; those without a document are left out.
pub fn titles(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["document"]["title"].as_str()).collect()
}
