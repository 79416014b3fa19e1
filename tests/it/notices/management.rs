//! Notices through the management API.

use schema::permission::Role;
use serde_json::{Value, json};

use crate::{
    house::House,
    management::{Office, codes, office},
};

const NOTICE: &str = "notice { id site kind severity text { zh en } link startsAt endsAt endedAt phase \
                      version createdBy { name } changedBy { name } }";

fn rain(site: &str) -> Value {
    json!({ "site": site, "notice": {
        "kind": "WEATHER", "severity": "ORANGE", "link": "/weather/1",
        "text": { "zh": "暴雨橙色预警", "en": "Orange rainstorm warning" },
    } })
}

fn house(office: &Office) -> &House {
    &office.house
}

test_harness::on_both_databases! {
    with office;

    async fn a_notice_is_put_up_changed_and_ended(office: Office) {
        let token = office.token("duty", &[(Role::SiteAdministrator, "lanqiao")]).await;

        let created = office.done(&token, "createSiteNotice", rain("lanqiao"), NOTICE).await;
        let notice = &created["notice"];
        let change = json!({ "id": notice["id"], "version": 1, "notice": {
            "kind": "WEATHER", "severity": "RED", "text": { "zh": "暴雨红色预警" },
            "endsAt": "2026-03-03T00:00:00+08:00",
        } });
        let changed = office.done(&token, "changeSiteNotice", change, NOTICE).await;
        let end = json!({ "id": notice["id"] });
        let ended = office.done(&token, "endSiteNotice", end, NOTICE).await;

        assert_eq!((&notice["phase"], &notice["site"]), (&json!("IN_FORCE"), &json!("lanqiao")));
        assert_eq!((&notice["severity"], &notice["version"]), (&json!("ORANGE"), &json!(1)));
        assert!(notice["createdBy"]["name"].as_str().is_some_and(|name| name.contains("duty")));
        let changed = &changed["notice"];
        assert_eq!((&changed["severity"], &changed["version"]), (&json!("RED"), &json!(2)));
        assert_eq!(changed["text"], json!({ "zh": "暴雨红色预警", "en": null }));
        assert_eq!(changed["endsAt"], "2026-03-02T16:00:00Z");
        assert_eq!(changed["startsAt"], notice["startsAt"]);
        let ended = &ended["notice"];
        assert_eq!((&ended["phase"], &ended["version"]), (&json!("OVER"), &json!(3)));
        let listed = |include: bool| format!("{{ site(key: \"lanqiao\") {{ notices(includeOver: {include}) {{ id phase }} }} }}");
        let open = office.query(&token, &listed(false), json!({})).await;
        let all = office.query(&token, &listed(true), json!({})).await;
        assert_eq!(open["site"]["notices"], json!([]));
        assert_eq!(all["site"]["notices"], json!([{ "id": notice["id"], "phase": "OVER" }]));
    }

    async fn who_sends_it_again_puts_nothing_up_again(office: Office) {
        let token = office.token("everything", &[(Role::PlatformAdministrator, "")]).await;
        let create = async |key| {
            office.act_under(&token, Some(key), "createSiteNotice", rain("nanhe"), NOTICE).await
        };

        let (first, again, other) = (create("a").await, create("a").await, create("b").await);

        assert_eq!(first, again);
        assert_ne!(first["notice"]["id"], other["notice"]["id"]);
        let notices = office.query(&token, "{ site(key: \"nanhe\") { notices { id } } }", json!({})).await;
        assert_eq!(notices["site"]["notices"].as_array().map(Vec::len), Some(2));
    }

    async fn refusals_say_what_is_wrong_and_where(office: Office) {
        let token = office.token("everything", &[(Role::PlatformAdministrator, "")]).await;
        let duty = office.token("duty", &[(Role::SiteAdministrator, "lanqiao")]).await;
        let wrong = json!({ "site": "Lan Qiao", "notice": {
            "kind": "EMERGENCY", "severity": "INFO", "text": { "zh": "", "en": "x".repeat(301) },
            "link": "//evil.example", "startsAt": "soon", "endsAt": "2026-03-02T09:00:00",
        } });
        let refused = office.refused(&token, "createSiteNotice", wrong).await;
        let said: Vec<_> = refused.iter().map(|(code, field)| (code.as_str(), field.as_str())).collect();
        let expected = [
            ("bad_name", "site"),
            ("bad_time", "startsAt"),
            ("bad_time", "endsAt"),
            ("length", "text.zh"),
            ("length", "text.en"),
            ("not_an_address", "link"),
        ];
        assert_eq!(said, expected);
        let foreign = office.refused(&duty, "createSiteNotice", rain("nanhe")).await;
        assert_eq!(foreign[0].0, "not_permitted");
        let nowhere = office.refused(&token, "createSiteNotice", rain("nowhere")).await;
        assert_eq!(nowhere[0].0, "not_found");
        let unknown = json!({ "id": "0198c0de-0000-7000-8000-000000000000" });
        assert_eq!(office.refused(&token, "endSiteNotice", unknown).await[0].0, "not_found");
        let created = office.done(&token, "createSiteNotice", rain("lanqiao"), NOTICE).await;
        let id = &created["notice"]["id"];
        let stale = json!({ "id": id, "version": 9 });
        let stale = office.act(&token, "endSiteNotice", stale, "__typename").await;
        assert_eq!(codes(&stale)[0].0, "stale");
        let over = json!({ "id": id });
        office.done(&token, "endSiteNotice", over, NOTICE).await;
        let notice = rain("lanqiao")["notice"].clone();
        let again = json!({ "id": id, "version": 2, "notice": notice });
        assert_eq!(office.refused(&token, "changeSiteNotice", again).await[0].0, "notice_over");
    }

    async fn what_was_done_to_a_notice_is_known_to_those_who_run_its_site(office: Office) {
        let auditor = office.token("auditor", &[(Role::Auditor, "lanqiao")]).await;
        let stranger = office.token("stranger", &[(Role::Auditor, "nanhe")]).await;
        let administrator = office.token("everything", &[(Role::PlatformAdministrator, "")]).await;
        let created = office.done(&administrator, "createSiteNotice", rain("lanqiao"), NOTICE).await;
        let subject = format!("notice:{}", created["notice"]["id"].as_str().expect("an id"));
        let query = "query($subject: String!) { audit(subject: $subject) { action } }";
        let variables = json!({ "subject": subject });

        let known = office.query(&auditor, query, variables.clone()).await;
        let unknown = office.query(&stranger, query, variables).await;

        assert_eq!(known["audit"], json!([{ "action": "notice.create" }]));
        assert_eq!(unknown["audit"], json!([]));
        assert_eq!(house(&office).findings().await, []);
    }
}
