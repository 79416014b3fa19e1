//! Kept answers that notices are part of: given again until one begins or ends, and no longer.

use schema::tree::notice::{NoticeSeverity, SiteNotice};
use serde_json::json;

use super::{during, said, warning};
use crate::{
    content_api::Front,
    house::{House, house},
};

const LIST: &str = "{ articles(site: \"lanqiao\") { nodes { title } } }";

fn banner(site: &str) -> String {
    format!("{{ site(key: \"{site}\") {{ name {{ zh }} notices {{ text {{ zh }} }} }} }}")
}

impl Front {
    /// Whether the answer was kept; it is from now on.
    async fn was_kept(&self, query: &str) -> bool {
        let reply = self.try_with(query, json!({})).await;
        let statements = reply.statements;
        reply.data();
        statements == 0
    }
}

impl House {
    async fn maintenance(&self, starts_at: &str, ends_at: &str) -> SiteNotice {
        let wanted = warning(NoticeSeverity::Info, "系统维护");
        self.put_up("nanhe", during(wanted, starts_at, ends_at)).await
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_kept_banner_appears_at_its_start_and_is_gone_at_its_end(house: House) {
        house.maintenance("2026-03-20T14:00:00Z", "2026-03-20T16:00:00Z").await;
        let front = house.keeping_front(&house.desk.store);
        let query = banner("lanqiao-finance");
        house.clock.set("2026-03-20T13:00:00Z");
        assert!(!front.was_kept(&query).await);
        assert!(front.was_kept(&query).await);
        assert!(said(&front.ask(&query).await).is_empty());

        house.clock.set("2026-03-20T14:00:00Z");

        assert!(!front.was_kept(&query).await, "it began");
        assert_eq!(said(&front.ask(&query).await), ["系统维护"]);
        assert!(front.was_kept(&query).await);
        house.clock.set("2026-03-20T15:59:30Z");
        assert!(front.was_kept(&query).await);

        house.clock.set("2026-03-20T16:00:00Z");

        assert!(!front.was_kept(&query).await, "it is over");
        assert!(said(&front.ask(&query).await).is_empty());
        house.clock.set("2027-01-01T00:00:00Z");
        assert!(front.was_kept(&query).await, "from now on nothing depends on the time");
    }

    async fn a_kept_answer_learns_of_what_is_to_come_in_time(house: House) {
        house.maintenance("2026-03-20T14:00:00Z", "2026-03-20T16:00:00Z").await;
        let front = house.keeping_front(&house.desk.store);
        let query = "{ site(key: \"lanqiao\") { notices(upcoming: true) { text { zh } } } }";
        house.clock.set("2026-03-10T00:00:00Z");
        assert!(said(&front.ask(query).await).is_empty());
        assert!(front.was_kept(query).await);

        house.clock.set("2026-03-13T14:00:00Z");

        assert_eq!(said(&front.ask(query).await), ["系统维护"]);
    }

    async fn a_notice_drops_the_answers_that_show_it_and_no_others(house: House) {
        house.live_article("甲").await;
        let front = house.keeping_front(&house.desk.store);
        let (province, city, bureau) = (banner("nanhe"), banner("lanqiao"), banner("lanqiao-finance"));
        for query in [LIST, &province, &city, &bureau] {
            front.was_kept(query).await;
        }

        let notice = house.put_up("lanqiao", warning(NoticeSeverity::Orange, "台风")).await;

        assert!(front.was_kept(LIST).await, "no banner in it");
        assert!(front.was_kept(&province).await, "it stands above");
        assert_eq!(said(&front.ask(&city).await), ["台风"]);
        assert_eq!(said(&front.ask(&bureau).await), ["台风"]);

        house.end(&notice).await;

        assert!(front.was_kept(LIST).await);
        assert!(front.was_kept(&province).await);
        assert!(said(&front.ask(&city).await).is_empty());
        assert!(said(&front.ask(&bureau).await).is_empty());
    }

    async fn the_log_that_was_kept_tells_no_notice_that_is_over(house: House) {
        house.maintenance("2026-03-20T14:00:00Z", "2026-03-20T16:00:00Z").await;
        house.clock.set("2026-03-20T15:00:00Z");
        let front = house.keeping_front(&house.desk.store);
        let query = "{ changes(first: 100) { nodes { notice { text { zh } } } } }";
        let told = async || {
            let changes = front.ask(query).await["changes"]["nodes"].clone();
            changes.as_array().expect("changes").iter().filter(|it| !it["notice"].is_null()).count()
        };
        assert_eq!(told().await, 1);
        assert!(front.was_kept(query).await);

        house.clock.set("2026-03-20T16:00:00Z");

        assert_eq!(told().await, 0);
    }
}
