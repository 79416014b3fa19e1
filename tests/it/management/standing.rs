//! On what terms somebody works here, and what ends with them.

use axum::http::StatusCode;
use schema::{
    permission::{Role, Scope, Touched},
    viewer::Viewer,
};
use serde_json::{Value, json};
use store::audit;

use super::{Office, office};
use crate::house::actor;

/// What is asked of an account.
const PERSON: &str = "person { id name employment contractEndsOn disabledAt grants { role } }";

fn vendor(login: &str, role: &str) -> Value {
    json!({ "login": login, "name": "驻场工程师", "grants": [{ "role": role, "site": "lanqiao" }],
            "terms": { "employment": "OUTSOURCED", "contractEndsOn": "2027-03-31" } })
}

impl Office {
    async fn is_known(&self, token: &str) -> bool {
        self.post(token, "{ me { id } }", json!({}), &[]).await.status == StatusCode::OK
    }

    async fn token_of(&self, login: &str) -> String {
        let input = json!({ "owner": login, "name": "work" });
        let made = self.done(&self.administrator, "createToken", input, "issued { secret }").await;
        made["issued"]["secret"].as_str().expect("a secret").to_owned()
    }

    /// What was done to an account, the newest first.
    async fn acts_on(&self, person: &Value) -> Vec<String> {
        let subject = format!("person:{}", person.as_str().expect("an id"));
        let auditor = Viewer::Known(actor("审计", 61, Role::Auditor, Scope::Hub));
        let mut session = self.house.desk.store.reader().await.expect("a reader");
        let rows =
            audit::of_subject(&mut session, &auditor, &Touched::default(), &subject, None, 20)
                .await
                .expect("what was done");
        rows.into_iter().map(|row| row.action).collect()
    }

    async fn why_not(&self, mutation: &str, input: Value) -> Vec<(String, String)> {
        self.refused(&self.administrator, mutation, input).await
    }
}

test_harness::on_both_databases! {
    with office;

    async fn access_ends_with_the_contract_and_goes_on_with_a_longer_one(office: Office) {
        let root = office.administrator.clone();
        office.house.clock.set("2027-03-01T00:00:00Z");
        let made = office.done(&root, "createPerson", vendor("wang", "EDITOR"), PERSON).await;
        assert_eq!(made["person"]["employment"], "OUTSOURCED");
        assert_eq!(made["person"]["contractEndsOn"], "2027-03-31");
        let token = office.token_of("wang").await;

        office.house.clock.set("2027-03-31T15:50:00Z");
        assert!(office.is_known(&token).await, "the last evening in Beijing");
        office.house.clock.set("2027-03-31T16:00:00Z");
        assert!(!office.is_known(&token).await, "midnight there");
        let more = json!({ "owner": "wang", "name": "another" });
        assert_eq!(office.why_not("createToken", more).await[0].0, "not_found");

        let longer = json!({ "login": "wang",
            "terms": { "employment": "OUTSOURCED", "contractEndsOn": "2028-03-31" } });
        office.done(&root, "changePerson", longer, PERSON).await;
        assert!(office.is_known(&token).await);
    }

    async fn who_is_outsourced_never_publishes(office: Office) {
        let root = office.administrator.clone();
        let approver = json!({ "role": "APPROVER", "site": "lanqiao" });
        for role in ["APPROVER", "PLATFORM_ADMINISTRATOR"] {
            let refused = office.why_not("createPerson", vendor("li", role)).await;
            assert_eq!(refused[0].0, "not_for_employment", "{role}");
        }
        office.done(&root, "createPerson", vendor("li", "EDITOR"), PERSON).await;
        let grant = json!({ "login": "li", "grant": approver });
        assert_eq!(office.why_not("grantRole", grant.clone()).await[0].0, "not_for_employment");

        let own = json!({ "login": "li", "terms": { "employment": "PERMANENT" } });
        office.done(&root, "changePerson", own, PERSON).await;
        office.done(&root, "grantRole", grant.clone(), PERSON).await;
        let back = json!({ "login": "li",
            "terms": { "employment": "OUTSOURCED", "contractEndsOn": "2027-03-31" } });
        assert_eq!(office.why_not("changePerson", back.clone()).await[0].0, "not_for_employment");
        office.done(&root, "revokeRole", grant, PERSON).await;
        office.done(&root, "changePerson", back, PERSON).await;
    }

    async fn nobody_lengthens_their_own_contract(office: Office) {
        let root = office.administrator.clone();
        let made = vendor("chen", "SITE_ADMINISTRATOR");
        office.done(&root, "createPerson", made, PERSON).await;
        let own = office.token_of("chen").await;

        for terms in [
            json!({ "employment": "OUTSOURCED", "contractEndsOn": "2099-12-31" }),
            json!({ "employment": "PERMANENT" }),
        ] {
            let longer = json!({ "login": "chen", "terms": terms });
            assert_eq!(office.refused(&own, "changePerson", longer).await[0].0, "not_permitted");
        }
        let name = json!({ "login": "chen", "name": "陈工" });
        let named = office.done(&own, "changePerson", name, PERSON).await;
        assert_eq!(named["person"]["name"], "陈工");
        assert_eq!(named["person"]["contractEndsOn"], "2027-03-31");
    }

    async fn a_role_that_came_by_another_way_gives_nothing_either(office: Office) {
        let token = office.token("zhao", &[(Role::Approver, "lanqiao")]).await;
        let draft = office.draft(&token, "甲").await;
        let publish =
            json!({ "document": super::target(&draft.document), "approvedDigest": draft.digest });

        office
            .house
            .tamper("UPDATE person SET employment = 'outsourced', contract_ends_on = '2099-12-31' \
                      WHERE login = 'zhao'")
            .await;

        let refused = office.refused(&token, "publishDocument", publish).await;
        assert_eq!(refused[0].0, "not_found", "an approver without the role sees no draft");
    }

    async fn terms_must_fit_the_account(office: Office) {
        let person = |terms: Value, kind: &str| {
            json!({ "login": "qian", "name": "钱", "kind": kind, "terms": terms,
                    "grants": [{ "role": "READER", "site": "lanqiao" }] })
        };
        for (terms, kind, code, field) in [
            (json!({ "employment": "OUTSOURCED" }), "PERSON", "required", "contractEndsOn"),
            (json!({}), "PERSON", "required", "employment"),
            (json!({ "employment": "PERMANENT", "contractEndsOn": "2027-01-01" }), "PERSON",
             "no_contract", "contractEndsOn"),
            (json!({ "employment": "CONTRACT" }), "SERVICE", "not_employed", "employment"),
            (json!({ "employment": "CONTRACT", "contractEndsOn": "31.3.2027" }), "PERSON",
             "bad_date", "terms.contractEndsOn"),
        ] {
            let refused = office.why_not("createPerson", person(terms.clone(), kind)).await;
            assert_eq!(refused, [(code.to_owned(), field.to_owned())], "{terms}");
        }
    }

    async fn a_disabled_account_can_be_used_again_and_all_of_it_is_on_record(office: Office) {
        let root = office.administrator.clone();
        let token = office.token("sun", &[(Role::Editor, "lanqiao")]).await;
        let sun = json!({ "login": "sun" });
        office.done(&root, "disablePerson", sun.clone(), PERSON).await;
        assert!(!office.is_known(&token).await);

        let enabled = office.done(&root, "enablePerson", sun.clone(), PERSON).await;
        office.done(&root, "enablePerson", sun, PERSON).await;
        let renamed = json!({ "login": "sun", "name": "孙编辑" });
        let named = office.done(&root, "changePerson", renamed.clone(), PERSON).await;
        office.done(&root, "changePerson", renamed, PERSON).await;

        assert!(office.is_known(&token).await);
        assert_eq!(enabled["person"]["disabledAt"], Value::Null);
        assert_eq!(named["person"]["name"], "孙编辑");
        assert_eq!(named["person"]["employment"], "PERMANENT", "what was left out stays");
        let of_sun = ["person.change", "person.enable", "person.disable", "person.create"];
        assert_eq!(office.acts_on(&named["person"]["id"]).await, of_sun, "each once");
    }
}
