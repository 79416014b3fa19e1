//! What search promises over the real regulations: questions, and what must be, or must not be,
//! among the first hits.

use editorial::exchange::import::Request;
use schema::{content_type::EMBEDDED_FILES, viewer::Viewer};
use serde::Deserialize;
use store::reading::{ListScope, items};
use test_harness::Engine;

use super::asked;
use crate::{
    house::{House, house_with_types},
    importing::{import, mapped, real_texts},
};

/// A question, and titles in the order of their hits; and how many there are in all.
#[derive(Deserialize)]
struct Ask {
    why: String,
    query: String,
    first: Vec<String>,
    total: u64,
}

#[derive(Deserialize)]
struct Table {
    ask: Vec<Ask>,
}

async fn real_house(engine: Engine) -> Option<House> {
    house_with_types(engine, EMBEDDED_FILES).await
}

test_harness::on_both_databases! {
    with real_house;

    async fn the_regulations_are_found(house: House) {
        let Some(folder) = real_texts("search in the regulations") else { return };
        let mapping = include_str!("../../../examples/mappings/regulations.toml");
        let request = Request {
            r#type: Some("policyDocument".parse().expect("a type name")),
            ..mapped(&folder.join("regulations.jsonl.gz"), mapping)
        };
        import(&house, request).await;

        let table: Table = toml::from_str(include_str!("regulations.toml")).expect("it is right");
        let mut broken = Vec::new();
        for Ask { why, query, first, total } in &table.ask {
            let found = house.find(&asked(query, ListScope::Hub)).await;
            let ids: Vec<_> = found.hits.iter().take(first.len()).map(|hit| hit.document).collect();
            let mut session = house.desk.store.reader().await.expect("a reader");
            let items = items(&mut session, &Viewer::Public, &ids, None).await.expect("an answer");
            let titles: Vec<&str> = ids
                .iter()
                .map(|id| items[id].card.fields["title"].as_str().expect("a title"))
                .collect();
            if titles != *first || *total != found.total {
                broken.push(format!("{query} ({why}): {} {titles:?} instead of {total} {first:?}", found.total));
            }
        }
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }
}
