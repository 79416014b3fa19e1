//! graphql-transport-ws: what is said in which order, and how a connection ends that says it
//! otherwise.

use std::time::Duration;

use api::content::LiveSettings;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::{Events, Heard, Socket, client::PROTOCOL, everything};
use crate::{
    house::{House, house},
    wire::get,
};

test_harness::on_both_databases! {
    with house;

    async fn what_is_said_out_of_turn_ends_the_connection(house: House) {
        let node = house.node().await;
        let init = json!({ "type": "connection_init" });
        let subscribe = |id: &str| {
            let payload = json!({ "query": everything("at") });
            json!({ "type": "subscribe", "id": id, "payload": payload })
        };
        let wrong = json!({ "type": "subscribe", "id": "1", "payload": { "query": 5 } });
        for (messages, code) in [
            (vec![subscribe("1")], 4401),
            (vec![init.clone(), init.clone()], 4429),
            (vec![init.clone(), subscribe("1"), subscribe("1")], 4409),
            (vec![init.clone(), wrong], 4400),
            (vec![json!({ "type": "start" })], 4400),
            (vec![json!([])], 4400),
            (vec![json!({ "type": "connection_init", "payload": { "authorization": "Bearer nobody" } })], 4403),
        ] {
            let mut socket = Socket::open(node.address).await;
            for message in &messages {
                socket.say(message.clone()).await;
            }
            let mut heard = socket.hear().await;
            if heard == Heard::Said(json!({ "type": "connection_ack" })) {
                heard = socket.hear().await;
            }
            assert!(matches!(heard, Heard::Closed(given, _) if given == code), "{messages:?} {heard:?}");
        }
        for (message, code) in [
            (Message::text("{"), 4400),
            (Message::binary(vec![1, 2, 3]), 4400),
            (Message::text(format!("\"{}\"", "x".repeat(300 << 10))), 1009),
        ] {
            let mut socket = Socket::open(node.address).await;
            socket.send(message).await;
            assert_eq!(socket.closed().await, code);
        }
        node.stop().await;
    }

    async fn whoever_does_not_speak_the_protocol_is_told_so(house: House) {
        let node = house.node().await;
        let over = async |path: &str, headers: &[(&str, &str)]| {
            let stream = TcpStream::connect(node.address).await.expect("the server accepts");
            Socket::over(stream, path, headers).await
        };

        let (_, response) = over("/graphql/ws", &[PROTOCOL]).await.expect("a WebSocket");
        assert_eq!(response.headers()["sec-websocket-protocol"], PROTOCOL.1);
        let (mut other, _) = over("/graphql", &[]).await.expect("a WebSocket");
        assert_eq!(other.closed().await, 4406);
        let stranger = over("/graphql", &[PROTOCOL, ("origin", "https://evil.example")]).await;
        assert_eq!(stranger.err(), Some(403), "as a page of another origin could not read answers");
        over("/graphql", &[PROTOCOL, ("origin", "http://hub")]).await.expect("its own page");
        let unknown = over("/graphql", &[PROTOCOL, ("authorization", "Bearer nobody")]).await;
        assert_eq!(unknown.err(), Some(401));
        assert_eq!(get(node.address, "/graphql/ws").await.status, 400, "no WebSocket is asked for");
        node.stop().await;
    }

    async fn a_connection_that_says_nothing_is_closed(house: House) {
        let patience = Duration::from_millis(50);
        let node = house.node_with(LiveSettings { patience, ..LiveSettings::default() }).await;

        assert_eq!(Socket::open(node.address).await.closed().await, 4408);
        node.stop().await;
    }

    async fn questions_are_answered_as_over_http(house: House) {
        let node = house.node().await;
        house.live_article("甲").await;
        let query = "query ($n: Int) { documents(first: $n) { nodes { title } } }";
        let mut socket = Socket::ready(node.address).await;
        socket.subscribe("q", query, json!({ "n": 1 })).await;

        let answer = socket.said().await;
        assert_eq!((&answer["type"], &answer["id"]), (&json!("next"), &json!("q")));
        assert_eq!(answer["payload"]["data"], node.ask(query, json!({ "n": 1 })).await);
        assert_eq!(socket.said().await, json!({ "id": "q", "type": "complete" }));
        for (query, code) in [
            ("{ nothing }", "INVALID_QUERY"),
            ("{", "INVALID_QUERY"),
            ("mutation { nothing }", "INVALID_QUERY"),
            ("{ documents(first: 100) { nodes { related(first: 100) { related(first: 100) { title } } } } }", "TOO_COSTLY"),
            ("subscription { changes(site: \"nowhere\") { at } }", "BAD_ARGUMENT"),
        ] {
            socket.subscribe("q", query, json!({})).await;
            let mut refused = socket.said().await;
            if refused["type"] == "next" {
                // A question that was asked has an answer, if only errors.
                let errors = refused["payload"]["errors"].take();
                assert_eq!(socket.said().await["type"], "complete");
                refused = json!({ "id": "q", "type": "error", "payload": errors });
            }
            assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("q")), "{query}");
            assert_eq!(refused["payload"][0]["extensions"]["code"], code, "{query}");
        }
        socket.say(json!({ "type": "ping", "payload": { "at": 1 } })).await;
        assert_eq!(socket.said().await, json!({ "type": "pong", "payload": { "at": 1 } }));
        node.stop().await;
    }

    async fn what_a_listener_completes_is_told_no_more(house: House) {
        let node = house.node().await;
        let after = json!({ "after": node.head().await });
        let query = everything("document { title }");
        let mut socket = Socket::listening(node.address, &query, after.clone()).await;
        socket.subscribe("2", &query, after).await;
        house.live_article("甲").await;
        let ids = [socket.said().await["id"].clone(), socket.said().await["id"].clone()];
        assert!(ids.contains(&json!("1")) && ids.contains(&json!("2")), "{ids:?}");

        socket.say(json!({ "type": "complete", "id": "2" })).await;
        socket.say(json!({ "type": "ping" })).await;
        assert_eq!(socket.said().await["type"], "pong");
        house.live_article("乙").await;
        house.live_article("丙").await;

        assert_eq!(socket.change().await["document"]["title"], "乙");
        assert_eq!(socket.change().await["document"]["title"], "丙");
        // Its id is free again.
        socket.subscribe("2", "{ sites { key } }", json!({})).await;
        assert_eq!(socket.said().await["id"], "2");
        node.stop().await;
    }

    async fn a_server_that_stops_says_so(house: House) {
        let node = house.node().await;
        let after = json!({ "after": node.head().await });
        let mut socket = Socket::listening(node.address, &everything("at"), after.clone()).await;
        let mut events = Events::post(node.address, &everything("at"), after, &[]).await;
        socket.say(json!({ "type": "ping" })).await;
        assert_eq!(socket.said().await["type"], "pong");

        let stopping = tokio::spawn(node.stop());

        assert_eq!(socket.closed().await, 1001);
        assert_eq!(events.next().await, None);
        stopping.await.expect("it waits for nobody");
    }
}
