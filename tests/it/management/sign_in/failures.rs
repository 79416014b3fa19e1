//! Who guesses waits, whether there is such an account or not.

use axum::http::StatusCode;
use schema::permission::Role;
use serde_json::{Value, json};

use super::{
    super::{Office, office},
    Browser, OWN,
};

/// What is answered, without what differs in every answer.
fn said(mut answer: Value) -> Value {
    answer["requestId"] = Value::Null;
    answer
}

impl Office {
    async fn fail(&self, login: &str, times: usize) {
        for _ in 0..times {
            let (_, answer) = self.try_password(login, "Not-It-4711!").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.json);
        }
    }
}

test_harness::on_both_databases! {
    with office;

    async fn who_fails_too_often_waits_and_is_let_in_again(office: Office) {
        // Given somebody who mistyped five times
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        office.signed_in("editor").await;
        office.fail("editor", 5).await;

        // When they try with the right password
        let (_, refused) = office.try_password("editor", OWN).await;

        // Then they have to wait, and are told until when
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.json["code"], "too_many_failures");
        assert!(refused.headers.contains_key("retry-after"));

        // When an administrator unlocks the account
        let login = json!({ "login": "editor" });
        office.done(&office.administrator, "unlockPerson", login, "person { login }").await;

        // Then they are in
        let (browser, _) = office.try_password("editor", OWN).await;
        assert_eq!(browser.owed(), "nothing");

        // And time does the same
        office.fail("editor", 5).await;
        office.house.clock.set("2026-03-02T03:00:00Z");
        let (browser, _) = office.try_password("editor", OWN).await;
        assert_eq!(browser.owed(), "nothing");
    }

    async fn an_account_that_does_not_exist_is_answered_as_one_that_does(office: Office) {
        // Given an editor, and accounts that cannot be used
        for login in ["editor", "gone", "program"] {
            office.token(login, &[(Role::Editor, "lanqiao")]).await;
        }
        office.signed_in("editor").await;
        let given = office.given_password("gone").await;
        let gone = json!({ "login": "gone" });
        office.done(&office.administrator, "disablePerson", gone, "person { login }").await;

        // When somebody tries each, and one that nobody has
        let mut answers = Vec::new();
        for (login, password) in [
            ("editor", "Not-It-4711!"),
            ("gone", &given),
            ("program", ""),
            ("nobody.has-this", "Not-It-4711!"),
            ("no login at all 张三", "Not-It-4711!"),
        ] {
            let (_, answer) = office.try_password(login, password).await;
            answers.push((login, answer.status, said(answer.json)));
        }

        // Then every answer is the same
        for (login, status, json) in &answers {
            assert_eq!((*status, json), (StatusCode::UNAUTHORIZED, &answers[0].2), "{login}");
        }

        // And so is the wait, which begins for all after as many failures
        office.house.clock.set("2026-03-04T01:00:00Z");
        office.fail("editor", 5).await;
        let (_, known) = office.try_password("editor", OWN).await;
        office.house.clock.set("2026-03-04T02:00:00Z");
        office.fail("nobody.has-this", 5).await;
        let (_, unknown) = office.try_password("nobody.has-this", OWN).await;
        assert_eq!(known.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(unknown.status, known.status);
        assert_eq!(unknown.json["code"], known.json["code"]);
    }

    async fn guessing_codes_is_stopped_however_often_the_password_is_given(office: Office) {
        // Given somebody who knows an approver's password, but not the second factor
        office.token("approver", &[(Role::Approver, "lanqiao")]).await;
        let mut browser = office.signed_in("approver").await;
        office.second_factor(&mut browser).await;
        office.house.clock.set("2026-03-02T05:00:00Z");

        // When they guess codes, with a new session for each
        let mut stopped_after = None;
        for guess in 0..20 {
            let (mut thief, answer) = office.try_password("approver", OWN).await;
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                stopped_after = Some(guess);
                break;
            }
            let code = json!({ "code": format!("{guess:06}") });
            office.try_step(&mut thief, "/second-factor", code).await;
        }

        // Then they are stopped as soon as whoever guesses passwords
        assert_eq!(stopped_after, Some(5));
    }

    async fn many_guesses_at_once_are_as_many_as_one_after_another(office: Office) {
        // Given an editor
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        office.signed_in("editor").await;

        // When somebody guesses nine times at once
        let body = json!({ "login": "editor", "password": "Not-It-4711!" });
        let browser = Browser::default();
        let guess = || office.send(browser.request("POST", "/manage/session", &body));
        let answers = tokio::join!(
            guess(), guess(), guess(), guess(), guess(), guess(), guess(), guess(), guess()
        );
        let answers: [_; 9] = answers.into();

        // Then no more of them were looked at than may be
        let looked_at = answers.iter().filter(|a| a.status == StatusCode::UNAUTHORIZED).count();
        let waited =
            answers.iter().filter(|a| a.status == StatusCode::TOO_MANY_REQUESTS).count();
        assert_eq!((looked_at, waited), (5, 4));
    }
}
