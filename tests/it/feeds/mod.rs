//! Feeds: what stands in them, what left them, and how little it costs to ask again.

mod addresses;
mod departures;
mod entries;
mod freshness;

use std::sync::Arc;

use api::{AppState, ServerSettings};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use editorial::documents::{self, DraftText, NewDocument, Target};
use feed_rs::model::{Entry, Feed};
use schema::{
    digest::Digest,
    edition::{Importance, Source},
    permission::{Actor, Role},
    visibility::{Notice, Removal},
};
use serde_json::{Value, json};
use store::documents::Document;
use tower::ServiceExt as _;

use crate::house::{House, article, fields, house, locale, now, placed, site_key, text, told};

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("plain text"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("UTF-8")
    }

    fn feed(&self) -> Feed {
        feed_rs::parser::parse(self.bytes.as_slice()).expect("another parser reads it")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("JSON")
    }

    /// The address that an Atom feed gives as its own.
    fn own_address(&self) -> String {
        let links = self.feed().links;
        let own = links.into_iter().find(|link| link.rel.as_deref() == Some("self"));
        own.expect("its own address").href
    }
}

impl House {
    /// Everything that can be asked of this hub.
    pub(crate) fn reachable(&self, settings: ServerSettings) -> Router {
        api::router(AppState::new(
            self.desk.clone(),
            Arc::clone(&self.files),
            self.channels(),
            self.sign_in(),
            settings,
        ))
    }
}

pub(crate) async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 24).await.expect("a body").to_vec();
    Answer { status: parts.status, headers: parts.headers, bytes }
}

pub(crate) async fn get(router: &Router, path: &str) -> Answer {
    let answer = ask(router, "GET", path, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&answer.bytes));
    answer
}

const FEED: &str = "/sites/lanqiao/feed.atom";
const FINANCE: &str = "/sites/lanqiao/columns/policy/finance/feed.atom";

async fn titles(router: &Router, path: &str) -> Vec<String> {
    let entries = get(router, path).await.feed().entries;
    entries.into_iter().map(|entry| entry.title.expect("a title").content).collect()
}

fn links(entry: &Entry, relation: &str) -> Vec<String> {
    let links = entry.links.iter().filter(|link| link.rel.as_deref() == Some(relation));
    links.map(|link| link.href.clone()).collect()
}

/// An article at `path`, in `columns` of `lanqiao`.
fn at(title: &str, columns: &[&str], path: &str) -> NewDocument {
    let mut new = article(title);
    new.text.placements = vec![placed("lanqiao", columns, Some(path))];
    new
}

async fn published(house: &House, new: NewDocument) -> Document {
    let draft = house.create(new).await.expect("it is saved");
    house.make_public(&draft).await.document
}

async fn remove(house: &House, document: &Document, removal: Removal, notice: &Notice) {
    house
        .act(async |work| {
            documents::remove(&house.desk, work, now(document), removal, notice.clone()).await
        })
        .await
        .expect("it is removed");
}

/// Somebody who approves on `nanhe`.
async fn approver_of_nanhe(house: &House) -> Actor {
    house.on_site(Role::Approver, "nanhe", 50).await
}

/// Ids and states of what a feed says has left.
async fn departed(router: &Router, path: &str) -> Vec<(String, Option<String>)> {
    let deleted = get(router, path).await.json()["_gongbao"]["deleted"].clone();
    let deleted = deleted.as_array().expect("a list").iter();
    deleted
        .map(|one| {
            let id = one["id"].as_str().expect("an id").to_owned();
            (id, one["state"].as_str().map(String::from))
        })
        .collect()
}

async fn ids(router: &Router, path: &str) -> Vec<String> {
    get(router, path).await.feed().entries.into_iter().map(|entry| entry.id).collect()
}
