//! Lists of places in the order of their distance from a point, and the distance itself.

use serde_json::{Value, json};

use super::{places::town, titles};
use crate::house::House;

/// The nearest of the stops around the market, within ten kilometres.
const NEAREST: &str = "query ($site: String, $column: String, $order: [StopOrderBy!] = [GROUND_NEAREST], $first: Int, $after: String, \
    $last: Int, $before: String) { stops(site: $site, column: $column, first: $first, after: $after, last: $last, before: $before, orderBy: $order, \
    filter: { ground: { near: { latitude: 30.25, longitude: 103.5, metres: 10000 } } }) { \
    edges { distance cursor } nodes { title } totalCount pageInfo { hasNextPage endCursor startCursor } } }";

test_harness::on_both_databases! {
    with town;

    async fn the_nearest_come_first_with_their_distance(house: House) {
        house.stops().await;
        let front = house.front();
        for (place, expected, metres) in [
            (json!({}), vec!["市场", "北口", "东站"], vec![0, 111, 1_105]),
            (json!({ "site": "lanqiao" }), vec!["市场", "北口", "东站"], vec![0, 111, 1_105]),
            (json!({ "site": "lanqiao", "column": "policy" }), vec!["市场", "北口"], vec![0, 111]),
            (json!({ "site": "nanhe" }), vec![], vec![]),
        ] {
            let list = front.ask_with(NEAREST, place.clone()).await["stops"].clone();
            assert_eq!(titles(&list["nodes"]), expected, "{place}");
            assert_eq!(list["totalCount"], expected.len(), "{place}");
            let edges = list["edges"].as_array().expect("edges");
            let told: Vec<_> = edges.iter().map(|edge| edge["distance"].as_i64().expect("metres")).collect();
            assert_eq!(told, metres, "{place}");
        }
        let list = front.ask_with(NEAREST, json!({ "order": ["TITLE_DESC"] })).await["stops"].clone();
        assert_eq!(titles(&list["nodes"]), ["市场", "北口", "东站"], "in another order");
        assert_eq!(list["edges"][2]["distance"], 1_105, "it is told in any order");
        let elsewhere = front.ask("{ stops { edges { distance } } }").await;
        assert_eq!(elsewhere["stops"]["edges"][0], json!({ "distance": null }), "from nowhere");
    }

    async fn pages_by_distance_stay_right_whatever_is_published_between(house: House) {
        house.stops().await;
        // Two at the same spot: the order among them must be total.
        house.stop("北口对面", Some(("30.251", "103.5")), "open", "policy").await;
        let front = house.front();
        let (mut found, mut after) = (Vec::new(), Value::Null);
        loop {
            let list = front.ask_with(NEAREST, json!({ "first": 1, "after": after })).await["stops"].clone();
            found.extend(titles(&list["nodes"]).into_iter().map(str::to_owned));
            if list["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            after = list["pageInfo"]["endCursor"].clone();
            if found.len() == 1 {
                // Behind the page that was read, before what comes next.
                house.stop("市场旁", Some(("30.2501", "103.5")), "open", "policy").await;
            }
        }
        assert_eq!(found, ["市场", "市场旁", "北口", "北口对面", "东站"], "what is behind the cursor is seen");

        let last = front.ask_with(NEAREST, json!({ "last": 2 })).await["stops"].clone();
        assert_eq!(titles(&last["nodes"]), ["北口对面", "东站"]);
        let before = last["pageInfo"]["startCursor"].clone();
        let earlier = front.ask_with(NEAREST, json!({ "last": 2, "before": before })).await["stops"].clone();
        assert_eq!(titles(&earlier["nodes"]), ["市场旁", "北口"]);
        assert_eq!(earlier["edges"][1]["distance"], 111);
    }

    async fn a_distance_from_nowhere_is_refused(house: House) {
        let front = house.front();
        let near = "ground: { near: { latitude: 30.25, longitude: 103.5, metres: 10 } }";
        for (arguments, code) in [
            ("orderBy: [GROUND_NEAREST]".to_owned(), "BAD_ARGUMENT"),
            ("orderBy: [GROUND_NEAREST], filter: { title: { eq: \"x\" } }".to_owned(), "BAD_ARGUMENT"),
            (format!("orderBy: [GROUND_NEAREST], filter: {{ or: [{{ {near} }}] }}"), "BAD_ARGUMENT"),
            (format!("orderBy: [GROUND_NEAREST], filter: {{ not: {{ {near} }} }}"), "BAD_ARGUMENT"),
            (format!("orderBy: [TITLE_ASC, GROUND_NEAREST], filter: {{ {near} }}"), "BAD_ARGUMENT"),
            (format!("orderBy: [GROUND_NEAREST], asOf: \"2026-01-01T00:00:00Z\", filter: {{ {near} }}"), "BAD_ARGUMENT"),
        ] {
            let query = format!("{{ stops({arguments}) {{ nodes {{ title }} }} }}");
            assert_eq!(front.refusal(&query).await, code, "{arguments}");
        }
        let nested = format!("{{ stops(orderBy: [GROUND_NEAREST, TITLE_DESC], filter: {{ and: [{{ {near} }}] }}) {{ nodes {{ title }} }} }}");
        assert_eq!(front.ask(&nested).await["stops"]["nodes"], json!([]));

        house.stops().await;
        let cursor = front.ask_with(NEAREST, json!({})).await["stops"]["edges"][0]["cursor"].clone();
        let elsewhere = NEAREST.replace("30.25", "30.26");
        for (query, order) in [(elsewhere.as_str(), "GROUND_NEAREST"), (NEAREST, "LISTED_AT_DESC")] {
            let reply = front.try_with(query, json!({ "after": cursor, "order": [order] })).await;
            assert_eq!(reply.code(), "BAD_CURSOR", "{order}");
        }
    }
}
