//! What an address or a token may ask for in a minute, kept answers included.

use std::net::SocketAddr;

use api::ServerSettings;
use schema::permission::Role;
use serde_json::json;

use crate::{
    house::{House, house},
    wire::{Answer, ask, send},
};

const KEPT: &str = "/graphql?query=%7B%20sites%20%7B%20key%20%7D%20%7D";
const JSON: (&str, &str) = ("content-type", "application/json");
const SOMEBODY: (&str, &str) = ("x-forwarded-for", "2001:db8:1:2::7");
const NEIGHBOUR: (&str, &str) = ("x-forwarded-for", "2001:db8:1:2:ffff::1");
const ELSEWHERE: (&str, &str) = ("x-forwarded-for", "192.0.2.7");

fn settings(per_address: u32, per_token: u32) -> ServerSettings {
    ServerSettings {
        trusted_proxies: vec!["127.0.0.0/8".parse().expect("a range")],
        points_per_address: per_address,
        points_per_token: per_token,
        ..ServerSettings::default()
    }
}

async fn costly(server: SocketAddr, header: (&str, &str)) -> Answer {
    let query = "{ documents(first: 100) { nodes { title url } } }";
    let body = json!({ "query": query, "extensions": { "cost": true } }).to_string();
    send(server, "POST", "/graphql", &[JSON, header], body.as_bytes()).await
}

fn is_spent(answer: &Answer) -> bool {
    if answer.status != 429 {
        assert_eq!(answer.status, 200, "{answer:?}");
        return false;
    }
    let error = &answer.json()["errors"][0]["extensions"];
    assert_eq!(error["code"], "BUDGET_SPENT");
    assert!(error["message"]["zh"].as_str().is_some_and(|zh| zh.contains("额度")), "{error}");
    let seconds: u32 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(answer.header("ratelimit").contains(";r="), "{answer:?}");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    true
}

test_harness::on_both_databases! {
    with house;

    async fn who_asks_for_too_much_waits_and_nobody_else_does(house: House) {
        let served = house.serve_with(settings(100, 600)).await;
        let first = costly(served.address, SOMEBODY).await;
        assert!(!is_spent(&first));
        assert_eq!(first.header("ratelimit-policy"), "\"address\";q=100;w=60;qu=\"points\"");
        assert!(first.header("ratelimit").starts_with("\"address\";r="), "{first:?}");
        assert!(first.json()["extensions"]["cost"]["cost"].as_u64().is_some_and(|cost| cost > 100));

        let mut answers = 1;
        while !is_spent(&costly(served.address, NEIGHBOUR).await) {
            answers += 1;
            assert!(answers < 600, "asking alone costs a point");
        }

        assert!(is_spent(&ask(served.address, "GET", KEPT, &[SOMEBODY]).await));
        assert!(!is_spent(&costly(served.address, ELSEWHERE).await));
        let stream = ask(served.address, "GET", KEPT, &[SOMEBODY, ("accept", "text/event-stream")]);
        let told = String::from_utf8(stream.await.body).expect("UTF-8");
        assert!(told.contains("BUDGET_SPENT"), "nor is it answered over a stream: {told}");
        let (_, token) = house.account_with_token("portal", Role::Reader).await;
        let known = [JSON, SOMEBODY, ("authorization", token.as_str())];
        let query = json!({ "query": "{ sites { key } }" }).to_string();
        let answer = send(served.address, "POST", "/graphql", &known, query.as_bytes()).await;
        assert!(!is_spent(&answer), "a token has a budget of its own");
        served.stop().await;
    }

    async fn kept_answers_count_too(house: House) {
        let served = house.serve_with(settings(120, 0)).await;
        let mut given = 0;

        while !is_spent(&ask(served.address, "GET", KEPT, &[SOMEBODY]).await) {
            given += 1;
            assert!(given <= 500, "asking costs a point");
        }

        assert!(given > 5, "only {given} answers were given");
        assert!(!is_spent(&ask(served.address, "GET", KEPT, &[ELSEWHERE]).await));
        served.stop().await;
    }

    async fn a_token_has_one_budget_wherever_it_is_presented(house: House) {
        let served = house.serve_with(settings(0, 300)).await;
        let (_, token) = house.account_with_token("portal", Role::Reader).await;
        let mut turns = [SOMEBODY, ELSEWHERE].into_iter().cycle();
        let mut ask_with_token = async || {
            let headers = [turns.next().expect("a turn"), ("authorization", token.as_str())];
            ask(served.address, "GET", KEPT, &headers).await
        };

        let mut given = 0;
        while !is_spent(&ask_with_token().await) {
            given += 1;
            assert!(given <= 400, "asking costs a point");
        }

        let (_, other) = house.account_with_token("app", Role::Reader).await;
        let other = [("authorization", other.as_str())];
        assert!(!is_spent(&ask(served.address, "GET", KEPT, &other).await));
        for _ in 0..100 {
            assert!(!is_spent(&ask(served.address, "GET", KEPT, &[SOMEBODY]).await), "0 is none");
        }
        served.stop().await;
    }
}
