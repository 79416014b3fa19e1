//! Requests that are sent again under the same key: done once, answered alike.

use axum::http::StatusCode;
use jiff::{Timestamp, ToSpan as _};
use schema::{digest::Digest, parameters::Clock as _, permission::Role, visibility::EventKind};
use serde_json::{Value, json};
use store::access::idempotency::{self, Claim};

use super::{DOCUMENT, Draft, Office, codes, new_article, office, target};

fn draft() -> String {
    format!("draft {{ digest document {{ {DOCUMENT} }} }}")
}

async fn drafts(office: &Office) -> usize {
    let listed = office
        .query(&office.administrator, "{ documents { edges { node { id } } } }", json!({}))
        .await;
    listed["documents"]["edges"].as_array().map_or(0, Vec::len)
}

test_harness::on_both_databases! {
    with office;

    async fn a_repeated_request_gets_the_first_answer(office: Office) {
        let token = office.administrator.clone();
        let create = async || {
            office.act_under(&token, Some("k1"), "createDocument", new_article("甲"), &draft()).await
        };
        let first = create().await;
        office.publish(&token, &Draft::of(&first)).await;

        let again = create().await;

        assert_eq!(first["userErrors"], json!([]));
        assert_eq!(again, first, "also after the document went on");
        assert_eq!(drafts(&office).await, 1);
    }

    async fn a_publication_is_repeated_without_a_second_event(office: Office) {
        let token = office.administrator.clone();
        let saved = office.draft(&token, "甲").await;
        let input = json!({ "document": target(&saved.document), "approvedDigest": saved.digest });
        let publish = async || {
            let selection = "publication { kind document { version edition } }";
            office.act_under(&token, Some("p"), "publishDocument", input.clone(), selection).await
        };

        let (first, again) = (publish().await, publish().await);

        assert_eq!(first, again);
        assert_eq!(first["publication"]["kind"], "PUBLISH");
        assert_eq!(office.house.kinds().await, [EventKind::Publish]);
    }

    async fn a_key_belongs_to_one_request_of_one_person(office: Office) {
        let token = office.administrator.clone();
        let other = office.token("other", &[(Role::Editor, "")]).await;
        let create = async |token: &str, title: &str| {
            office.act_under(token, Some("k"), "createDocument", new_article(title), &draft()).await
        };

        let first = create(&token, "甲").await;
        let reused = create(&token, "乙").await;
        let theirs = create(&other, "乙").await;

        assert_eq!(first["userErrors"], json!([]));
        assert_eq!(codes(&reused)[0].0, "idempotency_key_used");
        assert_eq!(reused["draft"], Value::Null);
        assert_eq!(theirs["userErrors"], json!([]));
    }

    async fn what_was_refused_may_be_tried_again(office: Office) {
        let token = office.administrator.clone();
        let create = async || {
            let input = json!({ "key": "late", "authority": "late-bureau", "site": {
                "name": { "zh": "站", "en": "Site" }, "domain": "late.gov.cn", "locales": ["zh-CN"] } });
            office.act_under(&token, Some("s"), "createSite", input, "site { key }").await
        };
        let refused = create().await;
        office
            .done(
                &token,
                "createAuthority",
                json!({ "key": "late-bureau", "authority": { "level": "CITY", "region": "990100",
                    "name": { "zh": "局", "en": "Bureau" } } }),
                "authority { key }",
            )
            .await;

        let done = create().await;

        assert_eq!(codes(&refused)[0].0, "not_found");
        assert_eq!(done["site"]["key"], "late");
    }

    async fn changes_of_one_request_are_told_apart(office: Office) {
        let query = "mutation($a: CreateDocumentInput!, $b: CreateDocumentInput!) { \
                     a: createDocument(input: $a) { draft { document { id } } } \
                     b: createDocument(input: $b) { draft { document { id } } } }";
        let variables = json!({ "a": new_article("甲"), "b": new_article("乙") });
        let send = async || {
            let headers = [("idempotency-key", "both")];
            office.post(&office.administrator, query, variables.clone(), &headers).await.json
        };

        let (first, again) = (send().await, send().await);

        assert_eq!(first["errors"], Value::Null);
        assert_eq!(first, again);
        assert_ne!(first["data"]["a"], first["data"]["b"]);
        assert_eq!(drafts(&office).await, 2);
    }

    async fn the_same_request_at_once_is_done_once(office: Office) {
        let token = office.administrator.clone();
        let create = || office.act_under(&token, Some("c"), "createDocument", new_article("甲"), "draft { document { id } }");

        let (a, b, c, d) = tokio::join!(create(), create(), create(), create());

        assert_eq!(a["userErrors"], json!([]));
        assert!([b, c, d].iter().all(|other| *other == a), "one answer for all");
        assert_eq!(drafts(&office).await, 1);
    }

    async fn an_answer_is_kept_for_a_day(office: Office) {
        let token = office.administrator.clone();
        let create = async || {
            office.act_under(&token, Some("k"), "createDocument", new_article("甲"), &draft()).await
        };
        let first = create().await;
        let now: Timestamp = office.house.clock.now();
        office.house.clock.set(&now.checked_add(25.hours()).expect("a moment").to_string());

        let next_day = create().await;

        assert_eq!(next_day["userErrors"], json!([]));
        assert_ne!(first["draft"]["document"]["id"], next_day["draft"]["document"]["id"]);
    }

    async fn a_secret_is_never_kept_for_a_replay(office: Office) {
        let token = office.administrator.clone();
        let create = async || {
            let input = json!({ "owner": "root", "name": "second" });
            let selection = "issued { secret token { id name } }";
            office.act_under(&token, Some("t"), "createToken", input, selection).await
        };

        let (first, again) = (create().await, create().await);

        let secret = first["issued"]["secret"].as_str().expect("a secret");
        assert_eq!(again["issued"]["secret"], Value::Null);
        assert_eq!(again["issued"]["token"], first["issued"]["token"]);
        let letters = secret.strip_prefix("gongbao_").expect("the prefix");
        for file in office.house.database.data_files() {
            let bytes = std::fs::read(&file).unwrap_or_default();
            let found = bytes.windows(letters.len()).any(|window| window == letters.as_bytes());
            assert!(!found, "the secret lies in {}", file.display());
        }
    }

    async fn an_erasure_forgets_the_answers_that_name_it(office: Office) {
        let token = office.administrator.clone();
        let second = office.token("second", &[(Role::Approver, "")]).await;
        let created = office
            .act_under(&token, Some("e"), "createDocument", new_article("甲"), &draft())
            .await;
        let document = office.publish(&token, &Draft::of(&created)).await;
        let recalled = office.recall(&token, &document).await;
        let order = office
            .done(
                &token,
                "orderErasure",
                json!({ "document": target(&recalled), "reason": "保守国家秘密法" }),
                "order { id }",
            )
            .await;
        office
            .done(&second, "confirmErasure", json!({ "erasure": order["order"]["id"] }), "document { id }")
            .await;

        let again = office
            .act_under(&token, Some("e"), "createDocument", new_article("甲"), &draft())
            .await;

        assert_ne!(again["draft"]["document"]["id"], created["draft"]["document"]["id"]);
    }

    async fn a_request_that_broke_off_left_nothing(office: Office) {
        let token = office.administrator.clone();
        let me = office.query(&token, "{ me { id } }", json!({})).await;
        let mut same_person = office.house.administrator.clone();
        same_person.id = me["me"]["id"].as_str().expect("an id").parse().expect("an id");
        let mut broken_off = office.house.desk.begin(&same_person).await.expect("a unit of work");
        let request = Digest::of(b"whatever was asked");
        let claim = idempotency::claim(&mut broken_off, "k", "createDocument", request).await;
        assert_eq!(claim.expect("an answer"), Claim::First);
        drop(broken_off);

        let done = office
            .act_under(&token, Some("k"), "createDocument", new_article("甲"), &draft())
            .await;

        assert_eq!(done["userErrors"], json!([]));
    }

    async fn a_key_that_is_none_is_refused(office: Office) {
        for key in ["", "with space", &"k".repeat(256), "schl\u{fc}ssel"] {
            let headers = [("idempotency-key", key)];
            let answer = office.post(&office.administrator, "{ me { id } }", json!({}), &headers).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{key}");
            assert_eq!(answer.json["code"], "bad_idempotency_key");
        }
    }
}
