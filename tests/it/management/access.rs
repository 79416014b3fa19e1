//! Tokens and accounts: what they are good for, and when they stop being good.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use jiff::ToSpan as _;
use schema::{parameters::Clock as _, permission::Role};
use serde_json::{Value, json};
use tracing::instrument::WithSubscriber as _;

use super::{Office, new_article, office};

impl Office {
    async fn status(&self, token: &str) -> StatusCode {
        self.post(token, "{ me { id } }", json!({}), &[]).await.status
    }

    /// A token of `owner` made through the API.
    async fn issue(&self, by: &str, input: Value) -> (String, String) {
        let payload = self.done(by, "createToken", input, "issued { secret token { id } }").await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        (text(&payload["issued"]["secret"]), text(&payload["issued"]["token"]["id"]))
    }
}

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

test_harness::on_both_databases! {
    with office;

    async fn without_a_good_token_nothing_is_answered(office: Office) {
        let good = office.administrator.clone();
        let mut wrong = good.clone();
        let last = wrong.pop().expect("a letter");
        wrong.push(if last == 'A' { 'E' } else { 'A' });

        assert_eq!(office.status(&good).await, StatusCode::OK);
        let answer = office.post(&wrong, "{ me { id } }", json!({}), &[]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(answer.json["code"], "unauthenticated");
        let nobody = Request::post("/manage/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(r#"{"query":"{ __schema { types { name } } }"}"#))
            .expect("a request");
        assert_eq!(office.send(nobody).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_token_ends_with_its_time(office: Office) {
        let now = office.house.clock.now();
        let ahead = now.checked_add(1.hour()).expect("a moment");
        let input = json!({ "owner": "root", "name": "short", "expiresAt": ahead.to_string() });
        let (token, _) = office.issue(&office.administrator, input).await;
        assert_eq!(office.status(&token).await, StatusCode::OK);

        office.house.clock.set(&ahead.to_string());

        assert_eq!(office.status(&token).await, StatusCode::UNAUTHORIZED);
        let past = json!({ "owner": "root", "name": "late", "expiresAt": now.to_string() });
        let refused = office.refused(&office.administrator, "createToken", past).await;
        assert_eq!(refused, [("in_the_past".into(), "expiresAt".into())]);
    }

    async fn a_revoked_token_and_a_disabled_account_end_at_once(office: Office) {
        let root = office.administrator.clone();
        let own = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let (token, id) = office.issue(&root, json!({ "owner": "editor", "name": "b" })).await;

        let revoked = office
            .done(&own, "revokeToken", json!({ "id": id }), "token { id revokedAt }")
            .await;
        let again = office.done(&root, "revokeToken", json!({ "id": id }), "token { revokedAt }").await;
        assert_eq!(office.status(&token).await, StatusCode::UNAUTHORIZED);
        assert_eq!(again["token"]["revokedAt"], revoked["token"]["revokedAt"]);
        assert_eq!(office.status(&own).await, StatusCode::OK);

        office.done(&root, "disablePerson", json!({ "login": "editor" }), "person { disabledAt }").await;

        assert_eq!(office.status(&own).await, StatusCode::UNAUTHORIZED);
        let more = office.refused(&root, "createToken", json!({ "owner": "editor", "name": "c" })).await;
        assert_eq!(more[0].0, "not_found");
    }

    async fn a_token_can_do_no_more_than_its_owner_now(office: Office) {
        let root = office.administrator.clone();
        office.token("editor", &[(Role::Editor, "lanqiao"), (Role::Editor, "nanhe")]).await;
        let (token, _) = office
            .issue(&root, json!({ "owner": "editor", "name": "narrow",
                "grants": [{ "role": "APPROVER", "site": "lanqiao" }] }))
            .await;
        let me = office.query(&token, "{ me { name grants { role site } } }", json!({})).await;
        assert_eq!(me["me"]["grants"], json!([{ "role": "EDITOR", "site": "lanqiao" }]));
        assert_eq!(me["me"]["name"], "账号 editor (narrow)");
        let draft = office.draft(&token, "甲").await;
        let publish = json!({ "document": super::target(&draft.document), "approvedDigest": draft.digest });
        assert_eq!(office.refused(&token, "publishDocument", publish).await[0].0, "not_permitted");

        let grant = json!({ "login": "editor", "grant": { "role": "EDITOR", "site": "lanqiao" } });
        office.done(&root, "revokeRole", grant, "person { grants { role site } }").await;

        let refused = office.refused(&token, "createDocument", new_article("乙")).await;
        assert_eq!(refused[0].0, "not_permitted");
    }

    async fn nobody_grants_more_than_they_have(office: Office) {
        let local = office.token("local", &[(Role::SiteAdministrator, "lanqiao")]).await;
        let person = |login: &str, grants: Value| json!({ "login": login, "name": "新人", "grants": grants });
        let reader = json!([{ "role": "READER", "site": "lanqiao" }]);

        office.done(&local, "createPerson", person("reader", reader), "person { login }").await;
        for (login, grants, code) in [
            ("approver", json!([{ "role": "APPROVER", "site": "lanqiao" }]), "more_than_held"),
            ("elsewhere", json!([{ "role": "READER", "site": "nanhe" }]), "not_permitted"),
            ("everywhere", json!([{ "role": "READER" }]), "not_permitted"),
            ("nothing", json!([]), "not_permitted"),
        ] {
            let refused = office.refused(&local, "createPerson", person(login, grants)).await;
            assert_eq!(refused[0].0, code, "{login}");
        }
        let root = json!({ "owner": "root", "name": "stolen" });
        assert_eq!(office.refused(&local, "createToken", root).await[0].0, "not_permitted");
        let root = json!({ "login": "root" });
        assert_eq!(office.refused(&local, "disablePerson", root).await[0].0, "not_permitted");
        let seen = office.query(&local, "{ people { nodes { login } } }", json!({})).await;
        assert_eq!(seen["people"]["nodes"], json!([{ "login": "local" }, { "login": "reader" }]));
    }

    async fn an_address_that_keeps_failing_waits(office: Office) {
        let wrong = format!("gongbao_{}", "A".repeat(43));
        let mut statuses = Vec::new();
        // The clock of the house steps with every look at it, so a few more are let through.
        for _ in 0..80 {
            statuses.push(office.status(&wrong).await);
        }

        assert_eq!(statuses[0], StatusCode::UNAUTHORIZED);
        assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS));
        let answer = office.post(&wrong, "{ me { id } }", json!({}), &[]).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.headers.contains_key(header::RETRY_AFTER));
        }
    }

    async fn no_secret_is_ever_logged(office: Office) {
        // While there is but one, a place in the code that another thread reaches first is taken
        // for one that nobody listens to.
        let _another = tracing::Dispatch::new(
            tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_writer(std::io::sink)
                .finish(),
        );
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer({
                let log = log.clone();
                move || log.clone()
            })
            .finish();
        let wrong = format!("gongbao_{}", "B".repeat(43));

        let secrets = async {
            let (token, _) =
                office.issue(&office.administrator, json!({ "owner": "root", "name": "x" })).await;
            assert_eq!(office.status(&token).await, StatusCode::OK);
            assert_eq!(office.status(&wrong).await, StatusCode::UNAUTHORIZED);
            office.refused(&token, "createToken", json!({ "owner": "nobody", "name": "x" })).await;
            [token, wrong.clone(), office.administrator.clone()]
        }
        .with_subscriber(subscriber)
        .await;

        let logged = String::from_utf8_lossy(&log.0.lock().expect("nobody panicked")).into_owned();
        assert!(!logged.is_empty(), "something is logged");
        for secret in secrets {
            let letters = secret.strip_prefix("gongbao_").expect("the prefix");
            assert!(!logged.contains(letters), "{logged}");
        }
    }
}
