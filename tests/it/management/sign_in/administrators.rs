//! Who may let somebody in could act in their place, so it takes all that they hold.

use schema::permission::Role;
use serde_json::json;

use super::super::{Office, office};

test_harness::on_both_databases! {
    with office;

    async fn nobody_lets_in_somebody_who_may_more_than_they(office: Office) {
        // Given a site administrator, an editor and an auditor of the site, and an auditor of the hub
        let tending = office.token("tending", &[(Role::SiteAdministrator, "lanqiao")]).await;
        office.token("auditor", &[(Role::Auditor, "lanqiao")]).await;
        office.token("approver", &[(Role::Approver, "lanqiao")]).await;
        office.token("elsewhere", &[(Role::Auditor, "nanhe")]).await;
        office.token("anywhere", &[(Role::Auditor, "")]).await;

        // When the site administrator would give each a password, unlock it, reset its second factor
        for (login, expected) in [
            ("auditor", None),
            ("approver", Some("more_than_held")),
            ("elsewhere", Some("not_permitted")),
            ("anywhere", Some("not_permitted")),
            ("nobody", Some("not_found")),
        ] {
            for act in ["givePassword", "unlockPerson", "resetSecondFactor", "endSessions"] {
                let refused = office.refused(&tending, act, json!({ "login": login })).await;
                let code = refused.first().map(|(code, _)| code.as_str());

                // Then only who holds no more than they is touched
                assert_eq!(code, expected, "{act} {login}");
            }
        }
    }

    async fn a_program_has_no_password(office: Office) {
        // Given the account of a program
        let root = &office.administrator;
        let program = json!({ "login": "feed", "name": "程序", "kind": "SERVICE" });
        office.done(root, "createPerson", program, "person { login }").await;

        // When it is given one
        let refused = office.refused(root, "givePassword", json!({ "login": "feed" })).await;

        // Then that is refused
        assert_eq!(refused[0].0, "not_for_programs");
    }

    async fn nobody_resets_their_own_second_factor_from_a_token(office: Office) {
        // Given an administrator whose token somebody found

        // When it is used to remove the second factor of its owner
        let own = json!({ "login": "root" });
        let refused = office.refused(&office.administrator, "resetSecondFactor", own).await;

        // Then somebody else has to
        assert_eq!(refused[0].0, "second_factor_required");
    }
}
