//! A client of graphql-transport-ws that says exactly what a story writes.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest as _,
        handshake::client::Response,
        http::{HeaderName, HeaderValue},
    },
};

/// How long anything may take before a story fails, whatever else comes in between.
pub const PATIENCE: Duration = Duration::from_secs(60);
pub const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

/// An open WebSocket.
pub struct Socket(WebSocketStream<TcpStream>);

/// What a client hears.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Said(Value),
    /// Closed with this code and reason.
    Closed(u16, String),
    /// Cut off without a word.
    Cut,
}

impl Socket {
    /// Opens a WebSocket, not initialised.
    pub async fn open(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.expect("the server accepts");
        Self::over(stream, "/graphql", &[PROTOCOL]).await.expect("it becomes a WebSocket").0
    }

    /// The same over a connection, at a path, with these headers.
    pub async fn over(
        stream: TcpStream,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<(Self, Response), u16> {
        let mut request = format!("ws://hub{path}").into_client_request().expect("a request");
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a name");
            request.headers_mut().insert(name, HeaderValue::from_str(value).expect("a value"));
        }
        match client_async(request, stream).await {
            Ok((socket, response)) => Ok((Self(socket), response)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("no WebSocket: {error}"),
        }
    }

    /// Opens a WebSocket and initialises it.
    pub async fn ready(server: SocketAddr) -> Self {
        let mut socket = Self::open(server).await;
        socket.initialise(json!({})).await;
        socket
    }

    pub async fn initialise(&mut self, payload: Value) {
        self.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(self.hear().await, Heard::Said(json!({ "type": "connection_ack" })));
    }

    /// Opens a WebSocket and listens to `query` as operation `1`. The protocol acknowledges no
    /// subscription, so what is to be heard must stand behind a cursor among the `variables`.
    pub async fn listening(server: SocketAddr, query: &str, variables: Value) -> Self {
        let mut socket = Self::ready(server).await;
        socket.subscribe("1", query, variables).await;
        socket
    }

    pub async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub async fn send(&mut self, message: Message) {
        self.0.send(message).await.expect("it is sent");
    }

    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// What comes next, apart from what only keeps the connection open.
    pub async fn hear(&mut self) -> Heard {
        let patience = Instant::now() + PATIENCE;
        loop {
            let next = timeout_at(patience, self.0.next()).await.expect("something comes");
            return match next {
                Some(Ok(Message::Text(text))) => {
                    Heard::Said(serde_json::from_str(&text).expect("JSON"))
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    Heard::Closed(frame.code.into(), frame.reason.to_string())
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(_)) | Some(Err(_)) | None => Heard::Cut,
            };
        }
    }

    /// What is said next; it must be something.
    pub async fn said(&mut self) -> Value {
        match self.hear().await {
            Heard::Said(said) => said,
            other => panic!("{other:?}"),
        }
    }

    /// The code that the connection is closed with.
    pub async fn closed(&mut self) -> u16 {
        match self.hear().await {
            Heard::Closed(code, _) => code,
            other => panic!("{other:?}"),
        }
    }

    /// The next change that operation `1` is told.
    pub async fn change(&mut self) -> Value {
        let mut said = self.said().await;
        assert_eq!((&said["type"], &said["id"]), (&json!("next"), &json!("1")), "{said}");
        assert_eq!(said["payload"].get("errors"), None, "{said}");
        said["payload"]["data"]["changes"].take()
    }

    /// The next `count` changes.
    pub async fn changes(&mut self, count: usize) -> Vec<Value> {
        let mut changes = Vec::with_capacity(count);
        while changes.len() < count {
            changes.push(self.change().await);
        }
        changes
    }
}
