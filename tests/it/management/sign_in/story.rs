//! From the first password to the end of the session.

use axum::http::StatusCode;
use schema::permission::Role;
use serde_json::{Value, json};

use super::{
    super::{Office, office},
    Browser, OTHER, OWN,
};

test_harness::on_both_databases! {
    with office;

    async fn somebody_signs_in_and_works_in_a_browser(office: Office) {
        // Given an editor for whom a password was made
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let given = office.given_password("editor").await;

        // When they sign in with it
        let (mut browser, answer) = office.try_password(" editor ", &given).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.json);

        // Then the session is good for nothing but a password of their own
        assert_eq!(browser.owed(), "newPassword");
        let refused = office.ask_as(&browser, "{ me { name } }").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        let first = browser.cookie.clone();
        let change = json!({ "current": given, "wanted": OWN });
        office.step(&mut browser, "/password", change).await;
        assert_eq!(browser.owed(), "nothing");
        assert_ne!(browser.cookie, first, "it means more now, so it has another secret");
        let old = Browser { cookie: first, ..browser.clone() };
        let refused = office.ask_as(&old, "{ me { name } }").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);

        // And then it acts for them, with exactly what they may
        let me = office.ask_as(&browser, "{ me { name grants { role site } } }").await;
        assert_eq!(me.json["data"]["me"]["name"], "账号 editor");
        assert_eq!(me.json["data"]["me"]["grants"], json!([{ "role": "EDITOR", "site": "lanqiao" }]));

        // When they sign out
        let answer = office.send(browser.request("DELETE", "/manage/session", &Value::Null)).await;

        // Then the browser forgets the session, and so does the hub
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        let set = answer.headers["set-cookie"].to_str().expect("a cookie");
        assert!(set.contains("Max-Age=0"), "{set}");
        let refused = office.ask_as(&browser, "{ me { name } }").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_password_of_ones_own_is_a_good_one_and_a_new_one(office: Office) {
        // Given an editor with a password of their own
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let mut browser = office.signed_in("editor").await;

        // When they choose one that is too easy, the one they have, or do not know that one
        // Then it is said what is wrong, and nothing changes
        for (current, wanted, status, code) in [
            (OWN, "Editor-2026", 422, "invalid"),
            (OWN, "short", 422, "invalid"),
            (OWN, OWN, 422, "used_before"),
            (OTHER, "Zeppelin+91 orbit", 401, "wrong_password"),
        ] {
            let change = json!({ "current": current, "wanted": wanted });
            let refused = office.try_step(&mut browser, "/password", change).await;
            assert_eq!(refused.status.as_u16(), status, "{wanted}: {}", refused.json);
            assert_eq!(refused.json["code"], code, "{wanted}");
        }

        // When they choose another, and then four more
        let mut current = OWN.to_owned();
        for number in 0..5 {
            let wanted = format!("{OTHER} {number}");
            let change = json!({ "current": current, "wanted": wanted });
            office.step(&mut browser, "/password", change).await;
            current = wanted;
        }

        // Then the last ones are refused still, and the first one is not
        let change = json!({ "current": current, "wanted": format!("{OTHER} 0") });
        let refused = office.try_step(&mut browser, "/password", change).await;
        assert_eq!(refused.json["code"], "used_before");
        let change = json!({ "current": current, "wanted": OWN });
        office.step(&mut browser, "/password", change).await;
    }

    async fn a_password_grows_old_and_one_that_was_given_soon(office: Office) {
        // Given somebody with a password of their own, and one who was given one
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        office.token("newcomer", &[(Role::Editor, "lanqiao")]).await;
        office.signed_in("editor").await;
        let given = office.given_password("newcomer").await;

        // When three days pass
        office.house.clock.set("2026-03-05T02:00:00Z");

        // Then the one that was given is good no more
        let (_, answer) = office.try_password("newcomer", &given).await;
        assert_eq!(answer.json["code"], "wrong_login_or_password");

        // When ninety days pass
        office.house.clock.set("2026-06-01T01:00:00Z");

        // Then a new one is owed
        let (browser, _) = office.try_password("editor", OWN).await;
        assert_eq!(browser.owed(), "newPassword");
    }
}
