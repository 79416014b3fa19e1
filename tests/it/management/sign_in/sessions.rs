//! Sessions end: by themselves, by their person, with the account.

use axum::http::StatusCode;
use schema::permission::Role;
use serde_json::json;

use super::{
    super::{Office, office},
    Browser, OTHER, OWN,
};

impl Office {
    async fn is_in(&self, browser: &Browser) -> bool {
        self.ask_as(browser, "{ me { name } }").await.status == StatusCode::OK
    }
}

const SESSIONS: &str = "{ signIn(login: \"editor\") { passwordIsTemporary \
                        sessions { id agent showedSecondFactor endedAt } } }";

impl Office {
    /// Waits until the use of the session was written: its last moment is that of the clock.
    async fn settled(&self) {
        let mut last = json!(null);
        for _ in 0..200 {
            let told = self.query(
                &self.administrator,
                "{ signIn(login: \"editor\") { sessions { seenAt } } }",
                json!({}),
            );
            let told = told.await;
            last = told.clone();
            let seen = told["signIn"]["sessions"].as_array().expect("sessions");
            let now = self.house.desk.clock.now();
            let minute = now.to_string()[..16].to_owned();
            if seen
                .iter()
                .any(|one| one["seenAt"].as_str().is_some_and(|at| at.starts_with(&minute)))
            {
                return;
            }
            // The clock steps when it is asked: back to the same minute.
            self.house.clock.set(&format!("{minute}:01Z"));
            tokio::task::yield_now().await;
        }
        panic!("the use of the session was never noted: {last}");
    }
}

test_harness::on_both_databases! {
    with office;

    async fn a_session_ends_when_nobody_uses_it_and_after_a_day_at_work(office: Office) {
        // Given two browsers of an editor
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        office.house.clock.set("2026-03-02T02:00:00Z");
        let used = office.signed_in("editor").await;
        let (idle, _) = office.try_password("editor", OWN).await;

        // When one is used every twenty minutes, and the other is not
        for moment in ["02:20", "02:40", "03:00"] {
            office.house.clock.set(&format!("2026-03-02T{moment}:00Z"));
            assert!(office.is_in(&used).await, "{moment}");
            // The use is noted beside the request.
            tokio::task::yield_now().await;
            office.settled().await;
        }

        // Then one is still good, and the other is not
        assert!(!office.is_in(&idle).await);

        // When half an hour passes with nothing
        office.house.clock.set("2026-03-02T03:31:00Z");
        assert!(!office.is_in(&used).await);
    }

    async fn somebody_sees_where_they_are_signed_in_and_ends_it(office: Office) {
        // Given an editor with two browsers, and somebody else
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let other = office.token("other", &[(Role::Editor, "lanqiao")]).await;
        let desk = office.signed_in("editor").await;
        let (telephone, _) = office.try_password("editor", OWN).await;

        // When they look
        let told = office.ask_as(&desk, SESSIONS).await.json["data"]["signIn"].clone();

        // Then they see both, and nobody else does
        assert_eq!(told["passwordIsTemporary"], false);
        let sessions = told["sessions"].as_array().expect("sessions");
        assert_eq!(sessions.len(), 2);
        assert_eq!(sessions[0]["agent"], "Story/1.0");
        let hidden = office.query(&other, SESSIONS, json!({})).await;
        assert_eq!(hidden["signIn"], json!(null));

        // When somebody else, then they themselves end the newer one
        let input = json!({ "id": sessions[0]["id"] });
        let refused = office.refused(&other, "endSession", input.clone()).await;
        assert_eq!(refused[0].0, "not_permitted");
        assert!(office.is_in(&telephone).await);
        let query = office.mutation("endSession", "session { endedAt }");
        let body = json!({ "query": query, "variables": { "input": input } });
        let ended = office.send(desk.request("POST", "/manage/graphql", &body)).await;
        assert!(ended.json["data"]["endSession"]["session"]["endedAt"].is_string());

        // Then that one is over, and the other is not
        assert!(!office.is_in(&telephone).await);
        assert!(office.is_in(&desk).await);
    }

    async fn another_password_ends_every_other_session(office: Office) {
        // Given an editor with two browsers
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let mut desk = office.signed_in("editor").await;
        let (thief, _) = office.try_password("editor", OWN).await;
        assert!(office.is_in(&thief).await);

        // When they change their password in one
        let change = json!({ "current": OWN, "wanted": OTHER });
        office.step(&mut desk, "/password", change).await;

        // Then the other is over
        assert!(!office.is_in(&thief).await);
        assert!(office.is_in(&desk).await);
    }

    async fn a_session_is_over_with_the_account(office: Office) {
        // Given three people who are signed in
        let mut browsers = Vec::new();
        for login in ["disabled", "expired", "reset"] {
            office.token(login, &[(Role::Editor, "lanqiao")]).await;
            browsers.push(office.signed_in(login).await);
        }
        let root = &office.administrator;

        // When one is disabled, the contract of one is over, and one is given a new password
        let login = json!({ "login": "disabled" });
        office.done(root, "disablePerson", login, "person { login }").await;
        let terms = json!({ "login": "expired", "terms": {
            "employment": "OUTSOURCED", "contractEndsOn": "2026-03-01" } });
        office.done(root, "changePerson", terms, "person { login }").await;
        office.given_password("reset").await;

        // Then none of them acts any more
        for browser in &browsers {
            assert!(!office.is_in(browser).await);
        }
    }
}
