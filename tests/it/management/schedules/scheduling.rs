//! Making, moving and cancelling schedules, and what makes them void.

use serde_json::json;

use super::{NINE, SCHEDULE, publication};
use crate::management::{Office, notice, office, target, text};

test_harness::on_both_databases! {
    with office;

    async fn what_cannot_be_scheduled_is_refused_with_the_reason(office: Office) {
        let root = &office.administrator;
        let draft = office.draft(root, "关于放假的通知").await;

        for (at, code) in [
            ("2026-03-02T00:00:00Z", "in_the_past"),
            ("2029-12-01T00:00:00Z", "out_of_range"),
            ("tomorrow", "bad_time"),
        ] {
            let refused = office.refused(root, "schedulePublication", publication(&draft, at)).await;
            assert_eq!(refused, [(code.to_owned(), "at".to_owned())]);
        }
        let mut other = publication(&draft, NINE);
        other["approvedDigest"] = json!(schema::digest::Digest::of(b"other"));
        assert_eq!(office.refusal(root, "schedulePublication", other).await, "digest_differs");

        let first = office.schedule(root, &draft).await;
        let again = office.act(root, "schedulePublication", publication(&draft, NINE), SCHEDULE).await;
        assert_eq!(again["userErrors"][0]["code"], "already_scheduled");
        let said = again["userErrors"][0]["message"]["en"].as_str().expect("a text");
        assert!(said.contains(first["id"].as_str().expect("an id")), "{said}");

        let live = office.live("关于值班的通知").await;
        let input = json!({ "document": target(&live), "approvedDigest": draft.digest, "at": NINE });
        assert_eq!(office.refusal(root, "schedulePublication", input).await, "no_draft");
        let saved = json!({ "document": target(&live), "draft": text("关于值班的通知") });
        let selection = "draft { digest document { contentId locale version } }";
        let same = crate::management::Draft::of(&office.done(root, "saveDraft", saved, selection).await);
        let refused = office.refusal(root, "schedulePublication", publication(&same, NINE)).await;
        assert_eq!(refused, "nothing_to_publish");
    }

    async fn an_edit_makes_the_schedule_void_and_says_so(office: Office) {
        let root = &office.administrator;
        let draft = office.draft(root, "关于防汛的通知").await;
        let schedule = office.schedule(root, &draft).await;

        let saved = json!({ "document": target(&draft.document), "draft": text("关于防汛抗旱的通知") });
        let selection = "draft { void { id kind state } }";
        let told = office.done(root, "saveDraft", saved, selection).await["draft"]["void"].clone();

        assert_eq!(told, json!([{ "id": schedule["id"], "kind": "PUBLICATION", "state": "VOID" }]));
        assert_eq!(office.fire_at(NINE).await.tried, []);
        assert_eq!(office.visibility(&draft.document).await, "UNPUBLISHED");
        let cancel = json!({ "schedule": schedule["id"] });
        assert_eq!(office.refusal(root, "cancelSchedule", cancel).await, "schedule_closed");
    }

    async fn what_is_scheduled_is_moved_and_cancelled_by_those_who_may_publish(office: Office) {
        use schema::permission::Role::{Approver, Editor};
        let approver = office.token("shenfa", &[(Approver, "lanqiao")]).await;
        let editor = office.token("bianji", &[(Editor, "lanqiao")]).await;
        let stranger = office.token("waidi", &[(Approver, "nanhe")]).await;
        let draft = office.draft(&office.administrator, "关于供水的通知").await;
        let schedule = office.schedule(&office.administrator, &draft).await;
        let moved = json!({ "schedule": schedule["id"], "at": "2026-03-04T01:00:00Z" });

        assert_eq!(office.refusal(&editor, "changeSchedule", moved.clone()).await, "not_permitted");
        assert_eq!(office.refusal(&stranger, "changeSchedule", moved.clone()).await, "not_found");
        let after = office.done(&approver, "changeSchedule", moved, SCHEDULE).await["schedule"].clone();
        assert_eq!(after["at"], "2026-03-04T01:00:00Z");
        assert_eq!(after["scheduledBy"]["name"], "账号 shenfa", "it is done as who moved it");
        assert_eq!(office.fire_at(NINE).await.tried, [], "it is not due at the old time");

        let cancel = json!({ "schedule": schedule["id"] });
        let cancelled = office.done(&approver, "cancelSchedule", cancel, SCHEDULE).await;
        assert_eq!(cancelled["schedule"]["state"], "CANCELLED");
        assert_eq!(cancelled["schedule"]["closedBy"]["name"], "账号 shenfa");
        assert_eq!(office.fire_at("2026-03-05T01:00:00Z").await.tried, []);
        // There is room for another one.
        let at = "2026-03-06T01:00:00Z";
        office.done(&approver, "schedulePublication", publication(&draft, at), SCHEDULE).await;
    }

    async fn what_is_done_by_hand_leaves_nothing_to_fire(office: Office) {
        let root = &office.administrator;
        let published = office.draft(root, "甲").await;
        office.schedule(root, &published).await;
        office.publish(root, &published).await;
        assert_eq!(office.schedules_of(&published.document).await, [("PUBLICATION".into(), "VOID".into())]);

        let live = office.live("乙").await;
        let withdrawal = json!({ "document": target(&live), "at": NINE, "notice": notice("到期") });
        office.done(root, "scheduleWithdrawal", withdrawal, SCHEDULE).await;
        let by_hand = json!({ "document": target(&live), "notice": notice("核实") });
        office.done(root, "withdrawDocument", by_hand, "document { version }").await;
        assert_eq!(office.schedules_of(&live).await, [("WITHDRAWAL".into(), "VOID".into())]);

        let recalled = office.live("丙").await;
        let removal = json!({ "document": target(&recalled), "at": NINE, "removal": "GONE",
                              "notice": notice("到期") });
        office.done(root, "scheduleRemoval", removal, SCHEDULE).await;
        office.recall(root, &recalled).await;

        let discarded = office.draft(root, "丁").await;
        office.schedule(root, &discarded).await;
        let discard = json!({ "document": target(&discarded.document) });
        office.done(root, "discardDraft", discard, "discarded { contentId }").await;

        assert_eq!(office.fire_at(NINE).await.tried, []);
    }

    async fn the_list_shows_what_is_scheduled_to_those_who_may_see_its_draft(office: Office) {
        use schema::permission::Role::Reader;
        let root = &office.administrator;
        let reader = office.token("reader", &[(Reader, "lanqiao")]).await;
        let stranger = office.token("stranger", &[(Reader, "nanhe")]).await;
        let nobody = office.token("nobody", &[]).await;
        for (title, at) in [("后", "2026-03-04T01:00:00Z"), ("先", NINE), ("末", "2026-03-05T01:00:00Z")] {
            let draft = office.draft(root, title).await;
            office.done(root, "schedulePublication", publication(&draft, at), SCHEDULE).await;
        }
        let query = "query($first: Int!, $after: String) { schedules(first: $first, after: $after) { \
                     items { title isOverdue cursor schedule { kind at } } hasNextPage } }";

        let page = office.query(&reader, query, json!({ "first": 2 })).await["schedules"].clone();
        let titles: Vec<_> = page["items"].as_array().expect("items").iter()
            .map(|item| item["title"].as_str().expect("a title")).collect();
        assert_eq!((titles, &page["hasNextPage"]), (vec!["先", "后"], &json!(true)));
        assert_eq!(page["items"][0]["isOverdue"], false);
        let rest = json!({ "first": 2, "after": page["items"][1]["cursor"] });
        let rest = office.query(&reader, query, rest).await["schedules"].clone();
        assert_eq!((&rest["items"][0]["title"], &rest["hasNextPage"]), (&json!("末"), &json!(false)));
        for token in [&stranger, &nobody] {
            let none = office.query(token, query, json!({ "first": 9 })).await;
            assert_eq!(none["schedules"]["items"], json!([]));
        }
    }
}
