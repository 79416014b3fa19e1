//! The examples of the guide are subscriptions that are told something.

use schema::content_type::EMBEDDED_FILES;
use serde_json::json;
use test_harness::Engine;

use super::{Events, Socket};
use crate::house::{House, house_with_types};

const GUIDES: [&str; 2] = [
    include_str!("../../../docs/live-updates.md"),
    include_str!("../../../docs/live-updates.zh-CN.md"),
];

async fn hub(engine: Engine) -> Option<House> {
    house_with_types(engine, EMBEDDED_FILES).await
}

/// The GraphQL examples of a guide.
fn examples(guide: &str) -> Vec<&str> {
    guide.split("```graphql\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

test_harness::on_both_databases! {
    with hub;

    async fn every_example_is_told_something(house: House) {
        let node = house.node().await;
        for guide in GUIDES {
            let examples = examples(guide);
            assert!(examples.len() >= 2);
            for example in examples {
                // From the very first event on, which set up the house.
                let after = json!({ "after": "wQAAAAAAAAAA" });
                Events::post(node.address, example, after.clone(), &[]).await.next().await.expect("an event");
                Socket::listening(node.address, example, after).await.change().await;
            }
            let posted = guide.split("-d '").nth(1).and_then(|rest| rest.split('\'').next());
            let posted: serde_json::Value = serde_json::from_str(posted.expect("the first example")).expect("JSON");
            let query = posted["query"].as_str().expect("a query");
            Events::post(node.address, query, posted["variables"].clone(), &[]).await.next().await.expect("an event");
        }
        node.stop().await;
    }
}

#[test]
fn both_guides_have_the_same_examples() {
    let [english, chinese] = GUIDES.map(examples);
    assert_eq!(english, chinese);
}
