//! The audit as auditors read it: what was done, by whom and from where, and what was read and
//! refused.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use schema::{permission::Role, viewer::Viewer};
use serde_json::{Value, json};
use store::audit::{Wanted, search};

use super::{Draft, Office, office, target};

const TRAIL: &str = "query($filter: AuditFilter!, $first: Int! = 50, $after: String) {
    auditTrail(filter: $filter, first: $first, after: $after) {
        edges { node { id at actor { id name } action subject details commitment number hash
                       origin { via address request credential } } }
        pageInfo { hasNextPage endCursor } } }";

impl Office {
    async fn trail(&self, token: &str, filter: Value) -> Vec<Value> {
        self.audited().await;
        let read = self.query(token, TRAIL, json!({ "filter": filter })).await;
        let edges = read["auditTrail"]["edges"].as_array().expect("edges").clone();
        edges.into_iter().map(|edge| edge["node"].clone()).collect()
    }

    async fn read_document(&self, token: &str, draft: &Draft, selection: &str) -> Value {
        let query = format!(
            "query($content: String!) {{ document(contentId: $content, locale: \"zh-CN\") {{ {selection} }} }}"
        );
        self.query(token, &query, json!({ "content": draft.document["contentId"] })).await
    }

    async fn did(&self, token: &str, filter: Value) -> Vec<String> {
        let rows = self.trail(token, filter).await;
        rows.iter().map(|row| row["action"].as_str().expect("an action").to_owned()).collect()
    }
}

test_harness::on_both_databases! {
    with office;

    async fn an_act_tells_from_where_it_came(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        office.draft(&editor, "甲").await;

        let rows = office.trail(&office.administrator, json!({ "action": "document.create" })).await;

        assert_eq!(rows.len(), 1);
        let origin = &rows[0]["origin"];
        assert_eq!(origin["via"], "REQUEST");
        assert!(origin["credential"].as_str().expect("a token").starts_with("token:"));
        assert!(origin["request"].as_str().is_some_and(|id| !id.is_empty()));
        assert!(rows[0]["commitment"].as_str().expect("one").starts_with("sha256:"));
    }

    async fn each_reads_what_concerns_their_own(office: Office) {
        let (root, city) = (office.administrator.clone(), "lanqiao");
        let auditor = office.token("auditor", &[(Role::Auditor, city)]).await;
        let other = office.token("other", &[(Role::Auditor, "nanhe")]).await;
        let editor = office.token("editor", &[(Role::Editor, "")]).await;
        office.draft(&root, "甲").await;

        let filter = json!({ "action": "document." });
        assert_eq!(office.did(&root, filter.clone()).await, ["document.create"]);
        assert_eq!(office.did(&auditor, filter.clone()).await, ["document.create"]);
        assert_eq!(office.did(&other, filter.clone()).await, [""; 0]);
        assert_eq!(office.did(&editor, filter).await, [""; 0], "an editor is no auditor");
        assert_eq!(office.did(&auditor, json!({ "action": "person." })).await, [""; 0]);
        assert!(!office.did(&root, json!({ "action": "person." })).await.is_empty());
    }

    async fn rows_are_found_by_what_is_known_of_them(office: Office) {
        let root = office.administrator.clone();
        let draft = office.draft(&root, "甲").await;
        let rows = office.trail(&root, json!({ "action": "document.create" })).await;
        let (actor, subject) = (&rows[0]["actor"]["id"], &rows[0]["subject"]);
        let (at, request) = (&rows[0]["at"], &rows[0]["origin"]["request"]);

        for fits in [
            json!({ "actor": actor, "action": "document." }),
            json!({ "subject": subject }),
            json!({ "site": "lanqiao", "since": at }),
            json!({ "authority": "lanqiao-city", "since": at }),
            json!({ "text": request }),
        ] {
            let found = office.trail(&root, fits.clone()).await;
            assert!(found.iter().any(|row| row["id"] == rows[0]["id"]), "{fits}");
        }
        for lacks in [
            json!({ "subject": subject, "until": at }),
            json!({ "subject": subject, "site": "nanhe" }),
            json!({ "subject": subject, "text": "no such words" }),
            json!({ "authority": "nowhere" }),
            json!({ "action": "document.crea" }),
        ] {
            assert_eq!(office.trail(&root, lacks.clone()).await, [Value::Null; 0], "{lacks}");
        }
        drop(draft);
    }

    async fn pages_follow_each_other_without_gap_or_repetition(office: Office) {
        let root = office.administrator.clone();
        for number in 0..5 {
            office.draft(&root, &format!("第{number}")).await;
        }
        office.audited().await;
        let whole = office.trail(&root, json!({})).await;

        let (mut found, mut after) = (Vec::new(), Value::Null);
        loop {
            let asked = json!({ "filter": {}, "first": 2, "after": after });
            let page = office.query(&root, TRAIL, asked).await["auditTrail"].clone();
            let edges = page["edges"].as_array().expect("edges");
            found.extend(edges.iter().map(|edge| edge["node"]["id"].clone()));
            if page["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }

        let whole: Vec<_> = whole.iter().map(|row| row["id"].clone()).collect();
        assert_eq!(found, whole);
    }

    async fn reading_a_draft_is_told_once_an_hour(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let draft = office.draft(&office.administrator, "甲").await;
        let (text, id) = ("draft { digest }", json!({ "action": "document.read" }));

        for _ in 0..3 {
            office.read_document(&editor, &draft, text).await;
            office.read_document(&editor, &draft, "id").await;
        }
        let rows = office.trail(&office.administrator, id.clone()).await;
        let named = |row: &Value| row["actor"]["name"].as_str().unwrap_or_default().contains("editor");
        assert_eq!(rows.iter().filter(|row| named(row)).count(), 1, "{rows:?}");
        assert!(rows[0]["commitment"].is_string());

        office.house.clock.set("2026-03-02T09:00:00Z");
        office.read_document(&editor, &draft, text).await;
        let rows = office.trail(&office.administrator, id).await;
        assert_eq!(rows.iter().filter(|row| named(row)).count(), 2, "another hour");
    }

    async fn who_is_refused_is_told_of_and_cannot_fill_the_disk(office: Office) {
        let reader = office.token("reader", &[(Role::Reader, "lanqiao")]).await;
        let draft = office.draft(&office.administrator, "甲").await;

        for _ in 0..50 {
            let input = json!({ "document": target(&draft.document) });
            office.refused(&reader, "discardDraft", input).await;
        }
        let root = office.administrator.clone();
        let rows = office.trail(&root, json!({ "action": "act.refused" })).await;

        assert!((1..=20).contains(&rows.len()), "{} rows", rows.len());
        assert_eq!(rows[0]["details"]["code"], "not_permitted");
    }

    async fn who_presents_a_token_that_is_not_good_is_told_of(office: Office) {
        for _ in 0..30 {
            let request = Request::post("/manage/graphql")
                .header(header::AUTHORIZATION, "Bearer gbt_wrong")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from("{}"))
                .expect("a request");
            let status = office.send(request).await.status;
            assert!(matches!(status, StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS));
        }

        // Then it stands there, as often as anybody is listened to: whoever asks from there now is
        // not, so it is read in the store.
        office.audited().await;
        let mut session = office.house.desk.store.reader().await.expect("a reader");
        let viewer = Viewer::Known(office.house.administrator.clone());
        let wanted = Wanted { action: Some("signIn.refused".into()), ..Wanted::default() };
        let found = search(&mut session, &viewer, &wanted, None, 50).await.expect("rows");
        assert!((1..=20).contains(&found.records.len()), "{} rows", found.records.len());
    }
}
