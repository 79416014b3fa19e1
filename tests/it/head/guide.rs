//! What docs/head.md shows can be asked and printed.

use schema::content_type::EMBEDDED_FILES;
use serde_json::json;
use test_harness::Engine;

use crate::house::{House, house_with_types};

const GUIDES: [&str; 2] =
    [include_str!("../../../docs/head.md"), include_str!("../../../docs/head.zh-CN.md")];

async fn hub(engine: Engine) -> Option<House> {
    house_with_types(engine, EMBEDDED_FILES).await
}

/// The examples of a guide in one language.
fn examples<'guide>(guide: &'guide str, language: &str) -> Vec<&'guide str> {
    let fence = format!("```{language}\n");
    guide.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

test_harness::on_both_databases! {
    with hub;

    async fn every_example_is_answered(house: House) {
        let front = house.front();
        let asked = examples(GUIDES[0], "graphql");
        assert!(asked.len() >= 3);
        for example in asked {
            front.ask_with(example, json!({ "path": "/policy/1" })).await;
        }
    }
}

#[test]
fn both_guides_have_the_same_examples() {
    for language in ["graphql", "html", "js", "toml"] {
        let [english, chinese] = GUIDES.map(|guide| examples(guide, language));
        assert_eq!(english, chinese, "{language}");
    }
}
