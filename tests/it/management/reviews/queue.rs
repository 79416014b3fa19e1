//! Everybody finds what waits for them, the longest waiting first.

use schema::permission::Role;
use serde_json::{Value, json};

use super::{Staff, staff};

impl Staff {
    /// Titles and roles of what waits for somebody.
    async fn waits_for(&self, token: &str) -> Vec<(String, Vec<String>)> {
        let query = "{ reviewQueue { items { title waits { role publication } } } }";
        let read = self.office.query(token, query, json!({})).await;
        let items = read["reviewQueue"]["items"].as_array().expect("items").clone();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        items
            .iter()
            .map(|item| {
                let waits = item["waits"].as_array().expect("waits");
                let told = |wait: &Value| match wait["publication"].as_bool() {
                    Some(true) => "PUBLICATION".to_owned(),
                    _ => text(&wait["role"]),
                };
                (text(&item["title"]), waits.iter().map(told).collect())
            })
            .collect()
    }
}

fn one(title: &str, wait: &str) -> Vec<(String, Vec<String>)> {
    vec![(title.to_owned(), vec![wait.to_owned()])]
}

test_harness::on_both_databases! {
    with staff;

    async fn everybody_finds_what_waits_for_them(staff: Staff) {
        let draft = staff.submitted("甲").await;
        assert_eq!(staff.waits_for(&staff.first).await, one("甲", "FIRST_REVIEWER"));
        assert_eq!(staff.waits_for(&staff.secrecy).await, one("甲", "SECRECY_REVIEWER"));
        assert_eq!(staff.waits_for(&staff.second).await, []);
        assert_eq!(staff.waits_for(&staff.author).await, []);

        staff.approve(&staff.first, &draft).await;
        assert_eq!(staff.waits_for(&staff.first).await, []);
        assert_eq!(staff.waits_for(&staff.second).await, one("甲", "SECOND_REVIEWER"));
        staff.approve(&staff.second, &draft).await;
        assert_eq!(staff.waits_for(&staff.approver).await, one("甲", "APPROVER"));
        staff.approve(&staff.approver, &draft).await;
        assert_eq!(staff.waits_for(&staff.approver).await, one("甲", "PUBLICATION"));
        assert_eq!(staff.waits_for(&staff.secrecy).await, one("甲", "SECRECY_REVIEWER"));
        staff.conclude(&draft, "OPEN").await;
        let deputy = staff.office.token("fushou", &[(Role::Approver, "lanqiao")]).await;
        staff.office.publish(&deputy, &draft).await;
        assert_eq!(staff.waits_for(&staff.approver).await, []);
    }

    async fn the_queue_is_read_page_by_page_without_losing_any(staff: Staff) {
        let several = [(Role::FirstReviewer, "lanqiao"), (Role::SecrecyReviewer, "")];
        let busy = staff.office.token("duogang", &several).await;
        for title in ["甲", "乙", "丙"] {
            staff.submitted(title).await;
        }

        let query = "query($after: String) { reviewQueue(first: 2, after: $after) \
                     { items { title waits { role } cursor } hasNextPage } }";
        let page = staff.office.query(&busy, query, json!({ "after": null })).await;
        let items = page["reviewQueue"]["items"].as_array().expect("items").clone();
        let waits = json!([{ "role": "FIRST_REVIEWER" }, { "role": "SECRECY_REVIEWER" }]);
        assert_eq!((&items[0]["title"], &items[0]["waits"]), (&json!("甲"), &waits));
        assert_eq!((items.len(), &page["reviewQueue"]["hasNextPage"]), (2, &json!(true)));
        let rest = staff.office.query(&busy, query, json!({ "after": items[1]["cursor"] })).await;
        let items = rest["reviewQueue"]["items"].as_array().expect("items");
        assert_eq!((items.len(), &items[0]["title"]), (1, &json!("丙")));
        assert_eq!(rest["reviewQueue"]["hasNextPage"], false);
    }
}
