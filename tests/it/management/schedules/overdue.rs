//! What should have been done: who hears of it, and how often.

use serde_json::json;

use super::{NINE, came_of};
use crate::{
    management::{
        Office, office,
        reviews::{Staff, staff},
    },
    program::Program,
};

test_harness::on_both_databases! {
    with staff;

    async fn what_stays_refused_is_told_once_and_then_left_to_people(staff: Staff) {
        let office = &staff.office;
        let draft = staff.submitted("关于规划的公示").await;
        office.schedule(&staff.approver, &draft).await;

        let mut round = office.fire_at(NINE).await;
        let mut tries = 1;
        let mut told = round.overdue.len();
        while let Some(next) = round.next {
            round = office.fire_at(&next.to_string()).await;
            assert_eq!(came_of(&round), ["unreviewed"]);
            tries += 1;
            told += round.overdue.len();
        }

        assert_eq!((tries, told), (7, 1));
        assert_eq!(office.schedules_of(&draft.document).await, [("PUBLICATION".into(), "REFUSED".into())]);
        let query = "{ schedules(overdue: true) { items { isOverdue title schedule { id attempts } } } }";
        let items = office.query(&staff.author, query, json!({})).await["schedules"]["items"].clone();
        assert_eq!(items[0]["title"], "关于规划的公示");
        assert_eq!((&items[0]["isOverdue"], &items[0]["schedule"]["attempts"]), (&json!(true), &json!(7)));

        let cancel = json!({ "schedule": items[0]["schedule"]["id"] });
        office.done(&staff.approver, "cancelSchedule", cancel, "schedule { state }").await;
        let items = office.query(&staff.author, query, json!({})).await["schedules"]["items"].clone();
        assert_eq!(items, json!([]));
    }
}

test_harness::on_both_databases! {
    with office;

    async fn the_doctor_the_status_and_the_metrics_say_what_is_due_and_was_not_done(office: Office) {
        let draft = office.draft(&office.administrator, "关于考试的通知").await;
        office.schedule(&office.administrator, &draft).await;
        let house = &office.house;
        // The year of the stories is over by any real clock, and no server runs.
        let program = Program::new(house.folder(), house.database.url());
        let types = house.types_folder().display().to_string();
        let program = program.with("GONGBAO_TYPES", &types);

        let output = program.command(&["doctor", "--json"]).output().expect("it starts");
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let found = said["checks"].as_array().expect("checks").iter()
            .find(|check| check["area"] == "schedules").expect("it looks").clone();
        assert_eq!(found["level"], "doubtful");
        assert_eq!(found["what"]["en"], "1 schedules are due and were not fired");

        let id = draft.document["id"].as_str().expect("an id").to_owned();
        let said: serde_json::Value =
            serde_json::from_str(&program.done(&["status", &id, "--json"])).expect("JSON");
        let schedule = &said[0]["schedules"][0];
        assert_eq!((&schedule["kind"], &schedule["state"]), (&json!("publication"), &json!("waiting")));
        let text = program.done(&["status", &id]);
        assert!(text.contains("2026-03-03T01:00:00Z"), "{text}");

        let node = program.serve();
        // A server that starts fires what is overdue.
        office.until(async || office.visibility(&draft.document).await == "LIVE").await;
        let page = node.get("/metrics").await;
        let page = String::from_utf8_lossy(&page.body).into_owned();
        assert!(page.contains("gongbao_schedules_overdue{state=\"late\"} 0"), "{page}");
        node.stop();
    }
}
