//! The examples of the guide for front-end teams are questions that are answered.

use schema::content_type::EMBEDDED_FILES;
use serde_json::json;
use test_harness::Engine;

use crate::house::{House, house_with_types};

const GUIDES: [&str; 2] = [
    include_str!("../../../docs/content-api.md"),
    include_str!("../../../docs/content-api.zh-CN.md"),
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

    async fn every_example_is_answered(house: House) {
        let front = house.front();
        for guide in GUIDES {
            let examples = examples(guide);
            assert!(examples.len() >= 5);
            for example in examples {
                front.ask_with(example, json!({ "path": "/policy/1" })).await;
            }
            let posted = guide.split("-d '").nth(1).and_then(|rest| rest.split('\'').next());
            front.post(posted.expect("the first example").to_owned()).await.data();
        }
    }
}

#[test]
fn both_guides_have_the_same_examples() {
    let [english, chinese] = GUIDES.map(examples);
    assert_eq!(english, chinese);
}
