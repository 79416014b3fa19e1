//! The second factor: set up once, shown each time, no code taken twice.

use axum::http::StatusCode;
use schema::permission::Role;
use serde_json::json;

use super::{
    super::{Office, office},
    OWN,
};

test_harness::on_both_databases! {
    with office;

    async fn who_decides_needs_a_second_factor(office: Office) {
        // Given an approver with a password of their own
        office.token("approver", &[(Role::Approver, "lanqiao")]).await;
        let mut browser = office.signed_in("approver").await;

        // Then a second factor is owed before anything else
        assert_eq!(browser.owed(), "setUpSecondFactor");
        let refused = office.ask_as(&browser, "{ me { name } }").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);

        // When they set one up
        let before = browser.cookie.clone();
        let (authenticator, codes) = office.second_factor(&mut browser).await;

        // Then the session acts for them, under another secret, and they have recovery codes
        assert_eq!(browser.owed(), "nothing");
        assert_ne!(browser.cookie, before);
        assert_eq!(codes.len(), 10);
        assert_eq!(office.ask_as(&browser, "{ me { name } }").await.status, StatusCode::OK);

        // And the next session needs a code, of which each is taken once
        office.house.clock.set("2026-03-02T05:00:00Z");
        let (mut next, _) = office.try_password("approver", OWN).await;
        assert_eq!(next.owed(), "secondFactor");
        let refused = office.ask_as(&next, "{ me { name } }").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "a password alone is not enough");
        let code = json!({ "code": authenticator.code(office.second()) });
        office.step(&mut next, "/second-factor", code.clone()).await;
        assert_eq!(next.owed(), "nothing");
        let (mut third, _) = office.try_password("approver", OWN).await;
        let replayed = office.try_step(&mut third, "/second-factor", code).await;
        assert_eq!(replayed.json["code"], "wrong_code", "no code is taken twice");

        // And a recovery code helps, once
        let recovery = json!({ "code": codes[3].to_uppercase().replace('-', " ") });
        office.step(&mut third, "/second-factor", recovery.clone()).await;
        assert_eq!(third.owed(), "nothing");
        let (mut fourth, _) = office.try_password("approver", OWN).await;
        let again = office.try_step(&mut fourth, "/second-factor", recovery).await;
        assert_eq!(again.json["code"], "wrong_code");
        let asked = "{ signIn(login: \"approver\") { hasSecondFactor recoveryCodesLeft } }";
        let told = office.ask_as(&third, asked).await;
        assert_eq!(
            told.json["data"]["signIn"],
            json!({ "hasSecondFactor": true, "recoveryCodesLeft": 9 })
        );
    }

    async fn a_second_factor_stays_where_it_is_needed(office: Office) {
        // Given an approver and an editor with a second factor each
        office.token("approver", &[(Role::Approver, "lanqiao")]).await;
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let mut approver = office.signed_in("approver").await;
        let (theirs, _) = office.second_factor(&mut approver).await;
        let mut editor = office.signed_in("editor").await;
        let (_, codes) = office.second_factor(&mut editor).await;

        // When both want to be rid of it
        office.house.clock.set("2026-03-02T01:20:00Z");
        let code = json!({ "code": theirs.code(office.second()) });
        let kept = office.try_step(&mut approver, "/second-factor/removal", code).await;
        let wrong = json!({ "code": "000000" });
        let guessed = office.try_step(&mut editor, "/second-factor/removal", wrong).await;
        let code = json!({ "code": codes[0] });
        office.step(&mut editor, "/second-factor/removal", code).await;

        // Then only who does not need it is, and only with a code
        assert_eq!(kept.json["code"], "second_factor_required");
        assert_eq!(guessed.json["code"], "wrong_code");
        let (again, _) = office.try_password("editor", OWN).await;
        assert_eq!(again.owed(), "nothing");
    }

    async fn a_confirmed_second_factor_is_not_replaced_by_whoever_sits_there(office: Office) {
        // Given an editor with a second factor
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let mut browser = office.signed_in("editor").await;
        let (_, codes) = office.second_factor(&mut browser).await;

        // When somebody at their desk begins to set up another
        let again = office.try_step(&mut browser, "/second-factor/setup", json!({})).await;

        // Then it is refused, and so are new recovery codes without a code
        assert_eq!(again.json["code"], "has_second_factor");
        let wrong = json!({ "code": "123 456" });
        let guessed =
            office.try_step(&mut browser, "/second-factor/recovery-codes", wrong).await;
        assert_eq!(guessed.json["code"], "wrong_code");
        let code = json!({ "code": codes[0] });
        office.step(&mut browser, "/second-factor/recovery-codes", code).await;
        let renewed = browser.told["recoveryCodes"].as_array().expect("codes").len();
        assert_eq!(renewed, 10);
    }
}
