//! Notices come back with everything else, and those that were in force still are.

use schema::tree::notice::NoticeSeverity;
use serde_json::json;

use super::BOTH;
use crate::{
    house::{House, house},
    notices::{during, warning},
};

test_harness::on_both_databases! {
    with house;

    async fn a_restored_hub_shows_the_notices_of_the_old_one(house: House) {
        house.put_up("nanhe", warning(NoticeSeverity::Orange, "全省暴雨")).await;
        let over = house.put_up("lanqiao", warning(NoticeSeverity::Info, "维护")).await;
        house.end(&over).await;
        let later = warning(NoticeSeverity::Info, "明日停水");
        house.put_up("lanqiao", during(later, "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z")).await;
        let query = "{ sites { key notices(upcoming: true) { id text { zh } startsAt endsAt inForce } } }";
        let before = house.front().ask(query).await;
        assert_eq!(before["sites"][0]["notices"].as_array().map(Vec::len), Some(2));
        let (archive, _) = house.back_up("backup.tar");

        for engine in BOTH {
            let Some(restored) = house.restored(engine, &archive).await else { continue };

            assert_eq!(restored.front().ask(query).await, before);
            assert_eq!(restored.findings().await, [], "the chain holds");
            let again = restored.front().ask("{ changes(first: 100) { nodes { notice { text { zh } } } } }").await;
            assert!(again.to_string().contains("明日停水"), "{again}");
            assert!(!again.to_string().contains("维护"), "{}", json!(again));
        }
    }
}
