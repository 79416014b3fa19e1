//! What the hub serves beside answers to questions: feeds, sitemaps, files, the log as it goes on,
//! texts that are asked for by their hash.

use ::schema::digest::Digest;
use serde_json::json;

use super::{Asking, scene::Scene};
use crate::{
    live::{Events, everything as everything_that_happens},
    wire,
};

/// The cursor before the first event.
const BEGINNING: &str = "wQAAAAAAAAAA";
/// A question that everybody is answered who is let in.
const PLAIN: &str = "/graphql?query=%7B__typename%7D";
/// All that can be asked of an event.
const EVENT: &str = "cursor kind contentId locale left { site path columns } entered { site path columns } \
    document { title summary url path head { html } history { number digest } attachments { url name } }";

/// Everything that is served to somebody, by its address.
pub async fn everything(scene: &Scene, asking: &Asking) -> Vec<(String, String)> {
    let headers: Vec<_> =
        asking.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut told = Vec::new();
    let mut addresses =
        vec!["/openapi.json".to_owned(), "/health/ready".into(), "/.well-known/gongbao".into()];
    for site in ["lanqiao", "lanqiao-finance", "nanhe"] {
        for form in ["atom", "rss", "json"] {
            addresses.push(format!("/sites/{site}/feed.{form}"));
            addresses.push(format!("/sites/{site}/columns/news/feed.{form}"));
            addresses.push(format!("/sites/{site}/columns/policy/feed.{form}"));
        }
        for rest in ["opml", "sitemap.xml", "robots.txt", "sync"] {
            addresses.push(format!("/sites/{site}/{rest}"));
        }
    }
    for hidden in &scene.hidden {
        addresses.push(format!("/assets/{}/file", hidden.file.hex()));
        addresses.push(format!("/assets/{}/file?preview=x", hidden.file.hex()));
    }
    addresses.extend(by_hash());
    let mut asked = 0;
    while let Some(address) = addresses.get(asked).cloned() {
        asked += 1;
        let answer = wire::ask(scene.node.address, "GET", &address, &headers).await;
        let heads: Vec<String> =
            answer.headers().iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        if address.ends_with("/sitemap.xml") {
            addresses.extend(shards(&body));
        }
        told.push((address, format!("{}\n{body}", heads.join("\n"))));
    }
    assert!(told.iter().any(|(address, _)| address.contains("/sitemaps/")), "shards were found");
    let plain = wire::ask(scene.node.address, "GET", PLAIN, &headers).await;
    if plain.status == 200 {
        told.extend(events(scene, &headers).await);
    }
    told
}

/// A question that was left under its hash, asked for in the address.
fn by_hash() -> Vec<String> {
    let query = "{documents(first:100){nodes{title summary path attachments{url name}}}}";
    let hash = Digest::of(query.as_bytes()).hex();
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } }).to_string();
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    vec![
        format!("/graphql?query={}&extensions={}", encoded(query), encoded(&extensions)),
        format!("/graphql?extensions={}", encoded(&extensions)),
    ]
}

/// The shards that a sitemap names, as the hub serves them.
fn shards(sitemap: &str) -> Vec<String> {
    let mut shards = Vec::new();
    for located in sitemap.split("<loc>").skip(1) {
        let address = located.split("</loc>").next().expect("an end");
        let path = address.splitn(4, '/').nth(3).expect("a path");
        let name = path.rsplit('/').next().expect("a name").trim_end_matches(".gz");
        let shard = name.split('.').next().expect("a name");
        for site in ["lanqiao", "lanqiao-finance", "nanhe"] {
            for form in ["xml", "txt"] {
                shards.push(format!("/sites/{site}/sitemaps/{shard}.{form}"));
            }
        }
    }
    shards.sort();
    shards.dedup();
    shards
}

/// Every event, as somebody is told it who listens from the beginning.
async fn events(scene: &Scene, headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let count = scene.node.changes(None, "cursor").await.len();
    let query = everything_that_happens(EVENT);
    let mut events =
        Events::post(scene.node.address, &query, json!({ "after": BEGINNING }), headers).await;
    let mut told = Vec::new();
    for number in 0..count {
        told.push((format!("event {number}"), events.change().await.to_string()));
    }
    told
}
