//! What is owed after a publication that came before its review was complete.

use schema::permission::Role;
use serde_json::json;

use super::{Staff, looked, staff, target, with};

const DEBT: &str =
    "debt { kind confirms dueAt publishedBy { name } confirmedAt confirmedBy { name } }";

test_harness::on_both_databases! {
    with staff;

    async fn an_emergency_takes_fewer_steps_and_is_confirmed_by_somebody_else(staff: Staff) {
        let draft = staff.office.draft(&staff.author, "暴雨红色预警").await;
        let emergency = |more: serde_json::Value| with(with(looked(&draft), &json!({ "track": "EMERGENCY" })), &more);
        assert_eq!(
            staff.refused(&staff.author, "submitDocument", emergency(json!({}))).await, "count",
            "the reason stands on record"
        );
        let review = staff
            .done(&staff.author, "submitDocument", emergency(json!({ "note": "红色预警" })))
            .await;
        assert_eq!((&review["awaits"], &review["track"]), (&json!("APPROVER"), &json!("EMERGENCY")));
        assert_eq!(staff.publication_refused(&staff.approver, &draft).await, "unreviewed");
        staff.conclude(&draft, "OPEN").await;

        let live = staff.office.publish(&staff.approver, &draft).await;

        let queue = "{ reviewQueue { items { title isLate waits { role confirmation } } } }";
        let waiting = staff.office.query(&staff.second, queue, json!({})).await;
        assert_eq!(waiting["reviewQueue"]["items"], json!([
            { "title": "暴雨红色预警", "isLate": false,
              "waits": [{ "role": "SECOND_REVIEWER", "confirmation": "EMERGENCY" }] }
        ]));
        staff.office.house.clock.set("2026-03-09T01:00:00Z");
        let waiting = staff.office.query(&staff.second, queue, json!({})).await;
        assert_eq!(waiting["reviewQueue"]["items"][0]["isLate"], true, "and it is chased");
        let confirm = json!({ "document": target(&live), "note": "情况属实" });
        assert_eq!(staff.refused(&staff.first, "confirmPublication", confirm.clone()).await, "not_permitted");

        let done = staff.office.done(&staff.second, "confirmPublication", confirm.clone(), DEBT).await;

        assert_eq!(done["debt"]["kind"], "EMERGENCY");
        assert!(done["debt"]["confirmedAt"].is_string());
        assert_eq!(staff.refused(&staff.second, "confirmPublication", confirm).await, "nothing_owed");
        let waiting = staff.office.query(&staff.second, queue, json!({})).await;
        assert_eq!(waiting["reviewQueue"]["items"], json!([]));
        let told = "reviews { acts { kind note } debt { confirmedBy { name } } }";
        let document = staff.document(&staff.author, &draft, told).await;
        let last = document["reviews"][0]["acts"].as_array().and_then(|acts| acts.last()).cloned();
        assert_eq!(last, Some(json!({ "kind": "CONFIRMED", "note": "情况属实" })));
        assert_eq!(staff.office.house.findings().await, []);
    }

    async fn who_publishes_by_force_owes_a_confirmation_by_somebody_else(staff: Staff) {
        let draft = staff.submitted("急件").await;
        let force = |reason: &str| json!({ "document": target(&draft.document),
                                           "approvedDigest": draft.digest, "force": reason });
        assert_eq!(staff.refused(&staff.first, "publishDocument", force("抢发")).await, "not_permitted");
        let refused = staff.office.refused(&staff.approver, "publishDocument", force(" ")).await;
        assert_eq!(refused, [("count".to_owned(), "force".to_owned())]);
        assert_eq!(
            staff.refused(&staff.approver, "publishDocument", force("领导要求")).await, "unreviewed",
            "the secrecy review cannot be forced"
        );
        staff.conclude(&draft, "OPEN").await;

        let input = force("初审、审核人员均在防汛一线");
        let published = staff
            .office
            .done(&staff.approver, "publishDocument", input, "publication { document { contentId locale version } }")
            .await;

        let live = json!({ "document": target(&published["publication"]["document"]) });
        assert_eq!(staff.refused(&staff.approver, "confirmPublication", live.clone()).await, "own_publication");
        let deputy = staff.office.token("fushou", &[(Role::Approver, "lanqiao")]).await;
        let done = staff.office.done(&deputy, "confirmPublication", live, DEBT).await;
        assert_eq!(done["debt"]["confirms"], "APPROVER");
        let told = "reviews { state acts { kind step note } }";
        let document = staff.document(&staff.author, &draft, told).await;
        let acts = document["reviews"][0]["acts"].as_array().expect("acts").clone();
        assert_eq!(acts[2], json!({ "kind": "FORCED", "step": null, "note": "初审、审核人员均在防汛一线" }));
        assert_eq!(acts[3]["kind"], "CONFIRMED");
    }

    async fn a_text_that_nobody_submitted_cannot_be_forced(staff: Staff) {
        let draft = staff.office.draft(&staff.author, "未送审").await;
        let force = json!({ "document": target(&draft.document), "approvedDigest": draft.digest,
                            "force": "时间紧" });

        assert_eq!(staff.refused(&staff.approver, "publishDocument", force).await, "unreviewed");
    }
}
