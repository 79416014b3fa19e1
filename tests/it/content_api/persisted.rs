//! Texts that are asked for by an identifier: left by front ends as Apollo's clients do, found
//! by every node, and bounded whoever leaves them.

use std::sync::Arc;

use api::content::{
    ContentApi, DocumentSettings, Limits, PersistedDocuments, ResponseCache, http::router,
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use schema::{digest::Digest, parameters::Clock, viewer::Viewer};
use serde_json::{Value, json};
use store::{Store, persisted};

use super::{Front, Reply};
use crate::house::{House, article, house};

const TITLES: &str = "query Titles { articles(site: \"lanqiao\") { nodes { title } } }";

const GUIDES: [&str; 2] = [
    include_str!("../../../docs/persisted-documents.md"),
    include_str!("../../../docs/persisted-documents.zh-CN.md"),
];

impl House {
    /// A node that keeps texts, and answers where `is_keeping`.
    pub(super) fn text_node(
        &self,
        viewer: Viewer,
        settings: DocumentSettings,
        is_keeping: bool,
    ) -> Front {
        let (types, store) = (Arc::clone(&self.desk.types), self.desk.store.clone());
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let documents = PersistedDocuments::new(store.clone(), Arc::clone(&clock), settings);
        let kept = || ResponseCache::new(store.clone(), Arc::clone(&clock), 1 << 24);
        let cache = is_keeping.then(kept);
        let limits = Limits::default();
        let api = ContentApi::with_documents(&types, store, clock, "", limits, Some(documents));
        Front { router: router(api.expect("the types make a schema"), cache), viewer }
    }

    fn public_node(&self) -> Front {
        self.text_node(Viewer::Public, DocumentSettings::default(), false)
    }

    async fn kept_text(&self, text: &str) -> Option<persisted::Found> {
        kept_text(&self.desk.store, text).await
    }
}

async fn kept_text(store: &Store, text: &str) -> Option<persisted::Found> {
    let mut session = store.reader().await.expect("a reader");
    let digest = Digest::of(text.as_bytes());
    persisted::find(&mut session, &digest.hex(), Some(digest)).await.expect("the store answers")
}

pub(super) fn hash(text: &str) -> String {
    Digest::of(text.as_bytes()).hex()
}

fn by_hash(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

impl Front {
    /// Asks by the hash alone.
    pub(super) async fn by_hash(&self, text: &str) -> Reply {
        self.post(json!({ "extensions": by_hash(&hash(text)) }).to_string()).await
    }

    /// Sends a text with its hash.
    pub(super) async fn leave(&self, text: &str) -> Reply {
        self.post(json!({ "query": text, "extensions": by_hash(&hash(text)) }).to_string()).await
    }

    /// Asks in the address.
    async fn get_with(&self, parameters: &[(&str, &str)]) -> Reply {
        let encoded =
            |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let parameters: Vec<_> =
            parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = Request::get(format!("/graphql?{}", parameters.join("&")))
            .body(Body::empty())
            .expect("a request");
        Reply::of(self.send(request).await).await
    }
}

fn is_not_found(reply: &Reply) -> bool {
    let error = &reply.body["errors"][0];
    reply.status == StatusCode::OK
        && error["message"] == "PersistedQueryNotFound"
        && reply.code() == "PERSISTED_QUERY_NOT_FOUND"
}

async fn with_an_article(house: &House) {
    let draft = house.create(article("预算")).await.expect("it is saved");
    house.make_public(&draft).await;
}

test_harness::on_both_databases! {
    with house;

    async fn a_client_leaves_its_query_once_and_every_node_knows_it(house: House) {
        with_an_article(&house).await;
        let node = house.public_node();
        let expected = json!({ "articles": { "nodes": [{ "title": "预算" }] } });

        assert!(is_not_found(&node.by_hash(TITLES).await));
        assert_eq!(node.leave(TITLES).await.data(), expected);
        assert_eq!(node.by_hash(TITLES).await.data(), expected);

        let another = house.public_node();
        let extensions = by_hash(&hash(TITLES)).to_string();
        assert_eq!(another.get_with(&[("extensions", &extensions)]).await.data(), expected);
        let id = format!("sha256:{}", hash(TITLES));
        assert_eq!(another.get_with(&[("documentId", &id)]).await.data(), expected);
        assert_eq!(another.post(json!({ "documentId": id }).to_string()).await.data(), expected);
        let found = house.kept_text(TITLES).await.expect("it is kept");
        assert!(found.document.cost > 20, "{found:?}");
        assert!(!found.is_trusted);
    }

    async fn variables_and_names_of_operations_come_with_the_identifier(house: House) {
        with_an_article(&house).await;
        let node = house.public_node();
        let text = "query A($n: Int) { articles(first: $n) { nodes { title } } } query B { sites { key } }";
        node.leave(text).await;
        let ask = async |operation: &str, variables: Value| {
            let extensions = by_hash(&hash(text));
            let body = json!({ "operationName": operation, "variables": variables, "extensions": extensions });
            node.post(body.to_string()).await
        };

        assert_eq!(ask("A", json!({ "n": 1 })).await.data()["articles"]["nodes"][0]["title"], "预算");
        assert!(ask("B", json!({})).await.data()["sites"].is_array());
        assert_eq!(ask("A", json!({ "n": 101 })).await.code(), "BAD_ARGUMENT");
    }

    async fn a_text_that_is_not_what_its_hash_says_is_refused_and_not_kept(house: House) {
        let node = house.public_node();
        let other = "{ sites { key } }";
        let body = json!({ "query": other, "extensions": by_hash(&hash(TITLES)) });

        assert_eq!(node.post(body.to_string()).await.code(), "BAD_REQUEST");

        assert!(is_not_found(&node.by_hash(TITLES).await));
        assert_eq!(house.kept_text(other).await, None);
    }

    async fn only_texts_that_can_be_answered_are_kept(house: House) {
        let node = house.public_node();
        let long = format!("{{ sites {{ key }} }} #{}", "x".repeat(33_000));
        let costly = "{ documents(first: 100) { nodes { related(first: 100) { related(first: 100) { title } } } } }";
        for (text, code) in [
            ("{ sites { key }", Some("INVALID_QUERY")),
            ("{ sites { nothing } }", Some("INVALID_QUERY")),
            (costly, Some("TOO_COSTLY")),
            (long.as_str(), None),
            ("{ sites { key } } # a\u{0}b", None),
        ] {
            let reply = node.leave(text).await;
            if let Some(code) = code {
                assert_eq!(reply.code(), code, "{text}");
            }
            assert!(is_not_found(&node.by_hash(text).await), "{text}");
        }
    }

    async fn an_identifier_that_nothing_has_is_told_apart(house: House) {
        let node = house.public_node();
        for id in ["", "sha256:", "nothing", &"x".repeat(5_000)] {
            let reply = node.post(json!({ "documentId": id }).to_string()).await;
            assert_eq!(reply.code(), "PERSISTED_DOCUMENT_NOT_FOUND", "{id}");
        }
        let both = json!({ "documentId": "a", "query": "{ sites { key } }" });
        assert_eq!(node.post(both.to_string()).await.code(), "BAD_REQUEST");
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/graphql-response+json")
            .body(Body::from(json!({ "documentId": "nothing" }).to_string()))
            .expect("a request");
        let response = node.send(request).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "private, no-store");
    }

    async fn a_hub_that_keeps_no_texts_says_so(house: House) {
        let reply = house.front().by_hash(TITLES).await;

        assert_eq!(reply.body["errors"][0]["message"], "PersistedQueryNotSupported");
        assert_eq!(reply.code(), "PERSISTED_QUERY_NOT_SUPPORTED");
    }

    async fn what_was_used_longest_ago_makes_room(house: House) {
        let settings = DocumentSettings { most: 3, ..DocumentSettings::default() };
        let text = |number: usize| format!("query Q{number} {{ sites {{ key }} }}");
        let node = house.text_node(Viewer::Public, settings.clone(), false);
        for number in 0..3 {
            node.leave(&text(number)).await;
        }
        house.clock.set("2026-03-04T01:00:00Z");
        // A node that starts later reads it anew, and notes that it is used in another day.
        house.text_node(Viewer::Public, settings.clone(), false).by_hash(&text(0)).await.data();
        let before = house.kept_text(&text(1)).await.expect("it is kept").used_at;
        while house.kept_text(&text(0)).await.expect("it is kept").used_at <= before {
            tokio::task::yield_now().await;
        }

        node.leave(&text(3)).await;
        node.leave(&text(4)).await;

        let mut kept = Vec::new();
        for number in 0..5 {
            kept.push(house.kept_text(&text(number)).await.is_some());
        }
        assert_eq!(kept, [true, false, false, true, true]);
    }

    async fn nobody_fills_the_database_quickly(house: House) {
        let settings = DocumentSettings { new_per_hour: 2, ..DocumentSettings::default() };
        let node = house.text_node(Viewer::Public, settings, false);
        let text = |number: usize| format!("query Q{number} {{ sites {{ key }} }}");

        for number in 0..4 {
            assert!(node.leave(&text(number)).await.data()["sites"].is_array(), "it is answered");
        }

        assert!(house.kept_text(&text(1)).await.is_some());
        assert!(house.kept_text(&text(2)).await.is_none());
        assert!(is_not_found(&node.by_hash(&text(3)).await));
    }

    async fn answers_by_identifier_are_kept_and_those_that_leave_a_text_are_not(house: House) {
        with_an_article(&house).await;
        let node = house.text_node(Viewer::Public, DocumentSettings::default(), true);
        for _ in 0..2 {
            assert!(node.leave(TITLES).await.statements > 0, "who sends it again is heard again");
        }
        assert!(node.by_hash(TITLES).await.statements > 0);

        let kept = node.by_hash(TITLES).await;

        assert_eq!(kept.statements, 0);
        assert_eq!(kept.data()["articles"]["nodes"][0]["title"], "预算");
        house.live_article("决算").await;
        assert_eq!(node.by_hash(TITLES).await.data()["articles"]["nodes"][0]["title"], "决算");
    }

    async fn costs_are_found_anew_by_another_schema(house: House) {
        let node = house.public_node();
        node.leave(TITLES).await;
        let cost = house.kept_text(TITLES).await.expect("it is kept").document.cost;
        let other = Digest::of(b"another schema");
        let digest = Digest::of(TITLES.as_bytes());
        let now = house.clock.now();
        let store = &house.desk.store;
        persisted::note(store, digest, now, Some((1, other))).await.expect("it is written");

        house.public_node().by_hash(TITLES).await.data();

        loop {
            let found = house.kept_text(TITLES).await.expect("it is kept").document;
            if found.cost == cost && found.checked != other {
                break;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn whoever_asks_is_told_what_a_question_costs(house: House) {
        with_an_article(&house).await;
        let node = house.text_node(Viewer::Public, DocumentSettings::default(), true);
        let body = json!({ "query": TITLES, "extensions": { "cost": true } }).to_string();

        let told = node.post(body.clone()).await;
        let again = node.post(body).await;

        assert_eq!(told.body, again.body);
        assert_eq!(again.statements, 0, "it is kept like others");
        let cost = &told.body["extensions"]["cost"];
        assert_eq!(cost["limit"], 20_000);
        assert!(cost["cost"].as_u64().is_some_and(|cost| cost > 20), "{cost}");
        let silent = node.post(json!({ "query": TITLES }).to_string()).await;
        assert_eq!(silent.body.get("extensions"), None);
    }

    async fn what_the_guide_posts_is_answered_as_it_says(house: House) {
        for guide in GUIDES {
            let posted = guide.split("-d '").skip(1).filter_map(|rest| rest.split('\'').next());
            let bodies: Vec<_> = posted.collect();
            let [by_hash, with_text, by_id] = bodies[..] else { panic!("three bodies: {bodies:?}") };
            let node = house.public_node();

            assert!(is_not_found(&node.post(by_hash).await));
            for body in [with_text, by_hash, by_id] {
                assert!(node.post(body).await.data()["sites"].is_array(), "{body}");
            }
            house.tamper("DELETE FROM persisted_document").await;
        }
    }
}
