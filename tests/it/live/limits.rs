//! What one listener can do to the others: nothing.

use std::{net::SocketAddr, time::Duration};

use api::content::LiveSettings;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};

use super::{Events, Heard, Socket, client::PROTOCOL, everything, titles};
use crate::{
    house::{House, article, fields, house},
    wire::{self, send},
};

const PUBLISHED: usize = 30;

/// A connection that takes hardly anything before it is read.
async fn narrow(server: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4 << 10).expect("a small buffer");
    socket.connect(server).await.expect("the server accepts")
}

/// A subscription whose every event is some hundred kilobytes.
fn large() -> String {
    let bodies: String = (0..20).map(|number| format!("b{number}: body {{ html }} ")).collect();
    everything(&format!("cursor document {{ title ... on Article {{ {bodies} }} }}"))
}

impl House {
    async fn publish_long(&self, title: &str) {
        let mut new = article(title);
        let body = format!("<p>{}</p>", "a".repeat(20 << 10));
        new.text.fields = fields(json!({ "title": title, "body": body }));
        let draft = self.create(new).await.expect("the draft is saved");
        self.make_public(&draft).await;
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_slow_listener_is_shed_and_the_others_go_on(house: House) {
        let patience = Duration::from_millis(300);
        let node = house.node_with(LiveSettings { patience, ..LiveSettings::default() }).await;
        let after = json!({ "after": node.head().await });
        let stream = narrow(node.address).await;
        let (mut slow, _) = Socket::over(stream, "/graphql", &[PROTOCOL]).await.expect("a WebSocket");
        slow.initialise(json!({})).await;
        slow.subscribe("1", &large(), after.clone()).await;
        let mut fast = Socket::listening(node.address, &large(), after.clone()).await;
        let mut beside = Events::post(node.address, &everything("cursor document { title }"), after, &[]).await;

        let mut heard = Vec::new();
        for number in 0..PUBLISHED {
            house.publish_long(&format!("第{number}篇")).await;
            heard.push(fast.change().await);
            beside.change().await;
        }

        let expected: Vec<String> = (0..PUBLISHED).map(|number| format!("第{number}篇")).collect();
        assert_eq!(titles(&heard), expected);
        let mut told: Vec<Value> = Vec::new();
        let end = loop {
            match slow.hear().await {
                Heard::Said(mut said) => told.push(said["payload"]["data"]["changes"].take()),
                end => break end,
            }
        };
        assert!(told.len() < PUBLISHED, "it was shed");
        assert_eq!(titles(&told), expected[..told.len()], "what it was told, it was told in order");
        if let Heard::Closed(code, reason) = end {
            assert_eq!(code, 4413);
            let cursor = told.last().map_or("", |last| last["cursor"].as_str().expect("a cursor"));
            assert!(reason.ends_with(cursor), "{reason}");
        }
        // It comes back and misses nothing.
        let from = told.last().map_or(Value::Null, |last| last["cursor"].clone());
        if from != Value::Null {
            let again = everything("cursor document { title }");
            let mut again = Socket::listening(node.address, &again, json!({ "after": from })).await;
            let rest = again.changes(PUBLISHED - told.len()).await;
            assert_eq!(titles(&rest), expected[told.len()..]);
        }
        node.stop().await;
    }

    async fn a_slow_stream_is_cut_off(house: House) {
        let patience = Duration::from_millis(300);
        let node = house.node_with(LiveSettings { patience, ..LiveSettings::default() }).await;
        let after = json!({ "after": node.head().await });
        let mut slow = narrow(node.address).await;
        let body = json!({ "query": large(), "variables": after }).to_string();
        let headers = [("accept", "text/event-stream"), ("content-type", "application/json")];
        let mut request = wire::head("POST", "/graphql", &headers, Some(body.len()));
        request.extend_from_slice(body.as_bytes());
        tokio::io::AsyncWriteExt::write_all(&mut slow, &request).await.expect("it listens");
        let mut fast = Socket::listening(node.address, &large(), after).await;

        for number in 0..PUBLISHED {
            house.publish_long(&format!("第{number}篇")).await;
            assert_eq!(fast.change().await["document"]["title"], format!("第{number}篇"));
        }

        let mut bytes = Vec::new();
        // Cut off, it may be told of a reset connection.
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut slow, &mut bytes).await;
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("第0篇") && !text.contains(&format!("第{}篇", PUBLISHED - 1)));
        node.stop().await;
    }

    async fn so_many_connections_and_no_more(house: House) {
        let limits = LiveSettings { connections: 3, per_address: 2, ..LiveSettings::default() };
        let node = house.node_with(limits).await;
        let first = Socket::ready(node.address).await;
        let _second = Events::post(node.address, &everything("at"), json!({}), &[]).await;

        let stream = TcpStream::connect(node.address).await.expect("the server accepts");
        let third = Socket::over(stream, "/graphql", &[PROTOCOL]).await;
        assert_eq!(third.err(), Some(429));
        let body = json!({ "query": everything("at") }).to_string();
        let headers = [("accept", "text/event-stream"), ("content-type", "application/json")];
        let refused = send(node.address, "POST", "/graphql", &headers, body.as_bytes()).await;
        assert_eq!((refused.status, refused.problem().as_str()), (429, "too_many_requests"));
        assert_eq!(refused.header("retry-after"), "30");

        drop(first);
        // The server hears of it when it hears of it.
        loop {
            let stream = TcpStream::connect(node.address).await.expect("the server accepts");
            match Socket::over(stream, "/graphql", &[PROTOCOL]).await {
                Ok(_) => break,
                Err(status) => assert_eq!(status, 429),
            }
        }
        node.stop().await;
    }

    async fn so_many_operations_and_no_more(house: House) {
        let limits = LiveSettings { operations: 2, distinct: 2, ..LiveSettings::default() };
        let node = house.node_with(limits).await;
        let after = json!({ "after": node.head().await });
        let mut socket = Socket::ready(node.address).await;
        for id in ["1", "2", "3"] {
            socket.subscribe(id, &everything("at"), after.clone()).await;
        }

        let refused = socket.said().await;
        assert_eq!(refused["payload"][0]["extensions"]["code"], "TOO_MANY_OPERATIONS", "{refused}");
        assert_eq!(refused["id"], "3");
        let mut other = Socket::ready(node.address).await;
        other.subscribe("1", &everything("kind"), after.clone()).await;
        house.live_article("甲").await;
        assert_eq!(other.change().await["kind"], "publish");
        let mut more = Socket::ready(node.address).await;
        more.subscribe("1", &everything("locale"), after.clone()).await;
        let refused = more.said().await;
        assert_eq!(refused["payload"][0]["extensions"]["code"], "TOO_MANY_SUBSCRIPTIONS", "{refused}");
        more.subscribe("1", &everything("kind"), after).await;
        assert_eq!(more.change().await["kind"], "publish", "the same counts once");
        node.stop().await;
    }
}
