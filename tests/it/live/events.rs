//! Server-sent events: a client that reads them as they come, and the stories of this transport.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout_at},
};

use super::{TOLD, client::PATIENCE, everything};
use crate::{
    house::{House, house},
    wire::{self, send},
};

const ACCEPT: (&str, &str) = ("accept", "text/event-stream");
const JSON: (&str, &str) = ("content-type", "application/json");

/// A stream of events under way.
pub struct Events {
    stream: TcpStream,
    /// What was read and not used: first with chunk sizes, then without.
    raw: Vec<u8>,
    text: Vec<u8>,
    is_over: bool,
    pub head: String,
}

/// One event.
#[derive(Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: Option<String>,
    pub data: Value,
}

impl Events {
    /// Posts an operation; the stream is there when this returns.
    pub async fn post(
        server: SocketAddr,
        query: &str,
        variables: Value,
        headers: &[(&str, &str)],
    ) -> Self {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let headers = [&[ACCEPT, JSON], headers].concat();
        let mut request = wire::head("POST", "/graphql", &headers, Some(body.len()));
        request.extend_from_slice(body.as_bytes());
        Self::ask(server, &request).await
    }

    /// Sends a whole request.
    pub async fn ask(server: SocketAddr, request: &[u8]) -> Self {
        let mut stream = TcpStream::connect(server).await.expect("the server accepts");
        stream.write_all(request).await.expect("it listens");
        let mut events =
            Self { stream, raw: Vec::new(), text: Vec::new(), is_over: false, head: String::new() };
        let patience = Instant::now() + PATIENCE;
        loop {
            if let Some(end) = events.raw.windows(4).position(|window| window == b"\r\n\r\n") {
                let rest = events.raw.split_off(end + 4);
                events.head = String::from_utf8(std::mem::replace(&mut events.raw, rest))
                    .expect("UTF-8")
                    .to_lowercase();
                return events;
            }
            events.read(patience).await;
            assert!(!events.is_over, "no answer");
        }
    }

    /// The next event; `None` when the stream is over.
    pub async fn next(&mut self) -> Option<Event> {
        let patience = Instant::now() + PATIENCE;
        loop {
            while self.dechunk() {}
            if let Some(end) = self.text.windows(2).position(|window| window == b"\n\n") {
                let text: Vec<u8> = self.text.drain(..end + 2).collect();
                match event(std::str::from_utf8(&text).expect("UTF-8")) {
                    Some(event) => return Some(event),
                    // A comment.
                    None => continue,
                }
            }
            if self.is_over {
                return None;
            }
            self.read(patience).await;
        }
    }

    /// The next change, with its cursor as the id of the event.
    pub async fn change(&mut self) -> Value {
        let mut event = self.next().await.expect("an event");
        assert_eq!((event.name.as_str(), event.data.get("errors")), ("next", None), "{event:?}");
        let change = event.data["data"]["changes"].take();
        assert_eq!(change["cursor"].as_str(), event.id.as_deref());
        change
    }

    async fn read(&mut self, patience: Instant) {
        let read = timeout_at(patience, self.stream.read_buf(&mut self.raw)).await;
        // A connection that is cut is over too.
        self.is_over = read.expect("something comes").unwrap_or(0) == 0;
    }

    /// Moves one chunk; whether there was one.
    fn dechunk(&mut self) -> bool {
        if !self.head.contains("transfer-encoding: chunked") {
            self.text.append(&mut self.raw);
            return false;
        }
        let Some(end) = self.raw.windows(2).position(|window| window == b"\r\n") else {
            return false;
        };
        let size = std::str::from_utf8(&self.raw[..end]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        if self.raw.len() < end + 2 + size + 2 {
            return false;
        }
        self.is_over |= size == 0;
        let chunk: Vec<u8> = self.raw.drain(..end + 2 + size + 2).collect();
        self.text.extend_from_slice(&chunk[end + 2..end + 2 + size]);
        true
    }
}

fn event(text: &str) -> Option<Event> {
    let field = |name: &str| {
        let mut lines = text.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim_start)
    };
    let name = field("event")?.to_owned();
    let data = field("data").expect("data");
    Some(Event {
        name,
        id: field("id").map(str::to_owned),
        data: match data {
            "" => Value::Null,
            data => serde_json::from_str(data).expect("JSON"),
        },
    })
}

test_harness::on_both_databases! {
    with house;

    async fn whoever_listens_from_now_on_hears_what_comes(house: House) {
        let node = house.node().await;
        house.live_article("早先").await;

        let mut events = Events::post(node.address, &everything(TOLD), json!({}), &[]).await;
        assert!(events.head.starts_with("http/1.1 200"), "{}", events.head);
        assert!(events.head.contains("content-type: text/event-stream"), "{}", events.head);
        house.live_article("甲").await;
        house.live_article("乙").await;

        for title in ["甲", "乙"] {
            assert_eq!(events.change().await["document"]["title"], title);
        }
        node.stop().await;
        assert_eq!(events.next().await, None, "it just ends, so that browsers come back");
    }

    async fn a_browser_that_comes_back_goes_on_where_it_was(house: House) {
        let node = house.node().await;
        let head = node.head().await;
        for title in ["甲", "乙", "丙"] {
            house.live_article(title).await;
        }
        let query = everything("cursor document { title }").replace(' ', "%20");
        let query = query.replace('{', "%7B").replace('}', "%7D").replace('$', "%24");
        let variables = format!("%7B%22after%22:%22{head}%22%7D");
        let path = format!("/graphql?query={query}&variables={variables}");
        let first = wire::head("GET", &path, &[ACCEPT], Some(0));
        let mut first = Events::ask(node.address, &first).await;
        assert_eq!(first.change().await["document"]["title"], "甲");
        let seen = first.change().await;
        drop(first);

        let id = seen["cursor"].as_str().expect("a cursor");
        let again = wire::head("GET", &path, &[ACCEPT, ("last-event-id", id)], Some(0));
        let mut again = Events::ask(node.address, &again).await;

        assert_eq!(again.change().await["document"]["title"], "丙");
        house.live_article("丁").await;
        assert_eq!(again.change().await["document"]["title"], "丁");
        let wrong = wire::head("GET", &path, &[ACCEPT, ("last-event-id", "7")], Some(0));
        let refused = Events::ask(node.address, &wrong).await.next().await.expect("an event");
        assert_eq!(refused.data["errors"][0]["extensions"]["code"], "BAD_CURSOR");
        node.stop().await;
    }

    async fn a_query_is_answered_once(house: House) {
        let node = house.node().await;

        let mut events = Events::post(node.address, "{ sites { key } }", json!({}), &[]).await;

        let answer = events.next().await.expect("an event");
        let expected = node.ask("{ sites { key } }", json!({})).await;
        assert_eq!((answer.name.as_str(), &answer.data["data"]), ("next", &expected));
        assert_eq!(events.next().await.expect("an event").name, "complete");
        assert_eq!(events.next().await, None);
        node.stop().await;
    }

    async fn what_is_no_operation_is_refused_where_it_can_be_read(house: House) {
        let node = house.node().await;
        for (query, code) in [
            ("subscription { nothing }", "INVALID_QUERY"),
            ("subscription { changes { nothing } }", "INVALID_QUERY"),
            ("subscription { changes { at } changes { at } }", "INVALID_QUERY"),
            ("mutation { changes { at } }", "INVALID_QUERY"),
            ("subscription { changes(after: \"x\") { at } }", "BAD_CURSOR"),
            ("subscription { changes(site: \"nowhere\") { at } }", "BAD_ARGUMENT"),
            ("subscription { changes(columns: [\"policy\"]) { at } }", "BAD_ARGUMENT"),
            ("subscription { changes(site: \"lanqiao\", columns: [\"nothing\"]) { at } }", "BAD_ARGUMENT"),
            ("subscription { changes { document { related(first: 100) { related(first: 100) { title } } } } }", "TOO_COSTLY"),
        ] {
            let mut events = Events::post(node.address, query, json!({}), &[]).await;
            let refused = events.next().await.expect("an event");
            let error = &refused.data["errors"][0];
            assert_eq!((refused.name.as_str(), &error["extensions"]["code"]), ("next", &json!(code)), "{query}");
            assert!(error["extensions"]["message"]["zh"].is_string(), "{error}");
            assert_eq!(events.next().await.expect("an event").name, "complete");
        }
        let ahead = everything("at");
        let later = node.head().await;
        house.live_article("甲").await;
        let beyond = node.head().await;
        house.tamper("UPDATE log_head SET sequence = sequence - 1").await;
        let mut events = Events::post(node.address, &ahead, json!({ "after": beyond }), &[]).await;
        let refused = events.next().await.expect("an event");
        assert_eq!(refused.data["errors"][0]["extensions"]["code"], "BAD_CURSOR", "{later}");
        let unreadable = send(node.address, "POST", "/graphql", &[ACCEPT, JSON], b"{").await;
        assert_eq!((unreadable.status, &unreadable.json()["errors"][0]["extensions"]["code"]), (400, &json!("BAD_REQUEST")));
        node.stop().await;
    }
}
