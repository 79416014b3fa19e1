//! What happens when something is due.

use schema::{permission::Role, visibility::EventKind};
use serde_json::{Value, json};

use super::{NINE, SCHEDULE, came_of, publication};
use crate::management::{
    Office, notice, office,
    reviews::{Staff, staff},
    target,
};

test_harness::on_both_databases! {
    with office;

    async fn a_draft_is_published_when_it_is_due_and_not_before(office: Office) {
        let draft = office.draft(&office.administrator, "关于春耕的通知").await;
        let schedule = office.schedule(&office.administrator, &draft).await;
        assert_eq!((&schedule["state"], &schedule["at"]), (&json!("WAITING"), &json!(NINE)));

        let before = office.fire_at("2026-03-03T00:59:50Z").await;
        assert_eq!((before.tried.len(), before.next.map(|at| at.to_string())), (0, Some(NINE.into())));
        assert_eq!(office.visibility(&draft.document).await, "UNPUBLISHED");

        assert_eq!(came_of(&office.fire_at(NINE).await), [""]);
        assert_eq!(office.visibility(&draft.document).await, "LIVE");
        assert_eq!(office.house.kinds().await.last(), Some(&EventKind::Publish));
        assert_eq!(office.schedules_of(&draft.document).await, [("PUBLICATION".into(), "FIRED".into())]);
        let again = office.fire_at("2026-03-04T01:00:00Z").await;
        assert_eq!((again.tried.len(), again.next), (0, None), "it is done once");
        assert_eq!(office.house.findings().await, []);
    }

    async fn one_that_cannot_be_read_keeps_no_other_waiting(office: Office) {
        let broken = office.draft(&office.administrator, "甲").await;
        let schedule = office.schedule(&office.administrator, &broken).await;
        let sound = office.draft(&office.administrator, "乙").await;
        office.schedule(&office.administrator, &sound).await;
        office.house.tamper("UPDATE due_time SET kind = 'removal' WHERE at = (SELECT MIN(at) FROM due_time) \
                             AND asked_at = (SELECT MIN(asked_at) FROM due_time)").await;

        let round = office.fire_at(NINE).await;

        assert_eq!(came_of(&round), [""]);
        let faults: Vec<_> = round.faults.iter().map(|(id, _)| json!(id)).collect();
        assert_eq!(faults, [schedule["id"].clone()]);
        assert_eq!(office.visibility(&sound.document).await, "LIVE");
        assert_eq!(office.fire_at("2026-03-03T01:10:00Z").await.overdue.len(), 1, "it is told of");
    }

    async fn a_document_is_published_withdrawn_and_removed_at_three_times(office: Office) {
        let root = &office.administrator;
        let draft = office.draft(root, "关于报名的通知").await;
        let document = target(&draft.document);
        let withdrawal = |at: &str| json!({ "document": document, "at": at, "notice": notice("报名已截止") });
        let early = office.refusal(root, "scheduleWithdrawal", withdrawal(NINE)).await;
        assert_eq!(early, "not_from_this_state");

        office.schedule(root, &draft).await;
        let evening = "2026-03-03T10:00:00Z";
        office.done(root, "scheduleWithdrawal", withdrawal(evening), SCHEDULE).await;
        let removal = json!({ "document": document, "at": "2026-03-09T01:00:00Z", "removal": "GONE",
                              "notice": notice("已过期") });
        let done = office.done(root, "scheduleRemoval", removal, "schedule { removal notice { explanation { zh } } }").await;
        assert_eq!(done["schedule"]["notice"]["explanation"]["zh"], "已过期");

        office.fire_at(NINE).await;
        assert_eq!(office.visibility(&draft.document).await, "LIVE");
        office.fire_at(evening).await;
        assert_eq!(office.visibility(&draft.document).await, "WITHDRAWN");
        office.fire_at("2026-03-09T01:00:00Z").await;
        assert_eq!(office.visibility(&draft.document).await, "GONE");
    }

    async fn whoever_lost_the_permission_or_the_account_publishes_nothing(office: Office) {
        let root = &office.administrator;
        let demoted = office.token("demoted", &[(Role::Approver, "lanqiao")]).await;
        let left = office.token("left", &[(Role::Approver, "lanqiao")]).await;
        let one = office.draft(root, "甲").await;
        let two = office.draft(root, "乙").await;
        office.schedule(&demoted, &one).await;
        office.schedule(&left, &two).await;
        let revoked = json!({ "login": "demoted", "grant": { "role": "APPROVER", "site": "lanqiao" } });
        office.done(root, "revokeRole", revoked, "person { login }").await;
        office.done(root, "disablePerson", json!({ "login": "left" }), "person { login }").await;

        let mut came = came_of(&office.fire_at(NINE).await);
        came.sort();

        assert_eq!(came, ["account_closed", "not_found"]);
        for draft in [&one, &two] {
            assert_eq!(office.visibility(&draft.document).await, "UNPUBLISHED");
            let state = office.schedules_of(&draft.document).await;
            assert_eq!(state, [("PUBLICATION".into(), "REFUSED".into())], "it is not tried again");
        }
        assert!(office.house.kinds().await.iter().all(|kind| *kind != EventKind::Publish));
        // Somebody else takes it over.
        let query = "{ schedules(overdue: true) { items { title isOverdue schedule { id refusal { code } } } } }";
        let overdue = office.query(root, query, json!({})).await["schedules"]["items"].clone();
        assert_eq!(overdue.as_array().expect("items").len(), 2);
        let schedule = &overdue[0]["schedule"]["id"];
        let moved = json!({ "schedule": schedule, "at": "2026-03-04T01:00:00Z" });
        office.done(root, "changeSchedule", moved, SCHEDULE).await;
        assert_eq!(came_of(&office.fire_at("2026-03-04T01:00:00Z").await), [""]);
    }
}

/// What the acts of the review of a document say: kind and who.
async fn signatures(staff: &Staff, draft: &crate::management::Draft) -> Vec<(String, String)> {
    let document =
        staff.document(&staff.author, draft, "reviews { acts { kind by { name } } }").await;
    let acts = document["reviews"][0]["acts"].as_array().expect("acts").clone();
    let word = |value: &Value| value.as_str().expect("a word").to_owned();
    acts.iter().map(|act| (word(&act["kind"]), word(&act["by"]["name"]))).collect()
}

test_harness::on_both_databases! {
    with staff;

    async fn whoever_schedules_signs_the_last_step_where_it_is_all_that_is_missing(staff: Staff) {
        let draft = staff.submitted("关于预算的通知").await;
        staff.all_but_approval(&draft).await;

        staff.office.schedule(&staff.approver, &draft).await;

        let signed = signatures(&staff, &draft).await;
        assert_eq!(signed.last(), Some(&("APPROVED".into(), "账号 shenfa (story)".into())));
        assert_eq!(came_of(&staff.office.fire_at(NINE).await), [""]);
        assert_eq!(signatures(&staff, &draft).await.last(), Some(&("PUBLISHED".into(), "账号 shenfa".into())));
    }

    async fn a_review_that_is_complete_too_late_holds_the_publication_until_it_is(staff: Staff) {
        let office = &staff.office;
        let draft = staff.submitted("关于决算的通知").await;
        office.schedule(&staff.approver, &draft).await;
        staff.approve(&staff.first, &draft).await;
        staff.approve(&staff.second, &draft).await;

        let round = office.fire_at(NINE).await;
        assert_eq!(came_of(&round), ["unreviewed"]);
        assert!(round.next.is_some_and(|next| next > round.tried[0].at), "it is tried again");
        staff.conclude(&draft, "OPEN").await;
        assert_eq!(
            came_of(&office.fire_at("2026-03-03T01:05:00Z").await), ["unreviewed"],
            "nobody signs the last step by being the one whose schedule is due"
        );
        staff.approve(&staff.approver, &draft).await;
        assert_eq!(came_of(&office.fire_at("2026-03-03T01:15:00Z").await), [""]);
        assert_eq!(office.visibility(&draft.document).await, "LIVE");
    }

    async fn an_edit_after_the_schedule_publishes_neither_text(staff: Staff) {
        let draft = staff.submitted("关于征地的公告").await;
        staff.all_but_approval(&draft).await;
        staff.office.schedule(&staff.approver, &draft).await;
        let edited = staff.edit(&staff.author, &draft, "关于征地补偿的公告").await;

        assert_eq!(staff.office.fire_at(NINE).await.tried, []);

        assert_eq!(staff.office.visibility(&edited.document).await, "UNPUBLISHED");
        let old = publication(&draft, "2026-03-04T01:00:00Z");
        assert_eq!(staff.refused(&staff.approver, "schedulePublication", old).await, "stale");
    }
}
