//! The content API as a part of a federated graph, as a router meets it.

use serde_json::{Value, json};

use crate::house::{House, house, told};

const ENTITIES: &str = "query ($of: [_Any!]!) { _entities(representations: $of) { \
    __typename ... on Article { title basedOnThis { title } } ... on Site { key } ... on Column { path } } }";

test_harness::on_both_databases! {
    with house;

    async fn a_router_gets_what_it_names_in_its_order(house: House) {
        let document = house.live_article("通知").await;
        house.live_article("另一篇").await;
        let front = house.front();
        let data = front.ask_with(
            "query ($id: ID!) { document(contentId: $id) { id site { id } columns { id } } }",
            json!({ "id": document.content.to_string() }),
        )
        .await;
        let (article, site) = (&data["document"]["id"], &data["document"]["site"]["id"]);
        let column = &data["document"]["columns"][0]["id"];
        let wanted = json!([
            { "__typename": "Site", "id": site },
            { "__typename": "Article", "id": "nothing" },
            { "__typename": "Article", "id": article },
            { "__typename": "Column", "id": article },
            { "__typename": "Column", "id": column },
            { "id": article },
        ]);

        let found = front.ask_with(ENTITIES, json!({ "of": wanted })).await["_entities"].clone();
        house.withdraw(&document, told("核对中", "Being checked")).await.expect("it is withdrawn");
        let after = front.ask_with(ENTITIES, json!({ "of": wanted })).await["_entities"].clone();

        assert_eq!(found[0], json!({ "__typename": "Site", "key": "lanqiao" }));
        assert_eq!(found[2], json!({ "__typename": "Article", "title": "通知", "basedOnThis": [] }));
        assert_eq!(found[4]["__typename"], "Column");
        for missing in [1, 3, 5] {
            assert_eq!(found[missing], Value::Null, "{found}");
        }
        assert_eq!(found.as_array().map(Vec::len), Some(6));
        assert_eq!(after[2], Value::Null, "what was withdrawn is no entity");
        assert_eq!(after[0], found[0]);
    }

    async fn a_router_takes_few_statements_however_much_it_names(house: House) {
        let mut wanted = Vec::new();
        let front = house.front();
        for number in 0..30 {
            let document = house.live_article(&format!("第{number}篇")).await;
            let id = json!({ "id": document.content.to_string() });
            let found = front.ask_with("query ($id: ID!) { document(contentId: $id) { id } }", id).await;
            wanted.push(json!({ "__typename": "Article", "id": found["document"]["id"] }));
        }

        let few = front.try_with(ENTITIES, json!({ "of": &wanted[..2] })).await.statements;
        let many = front.try_with(ENTITIES, json!({ "of": wanted })).await;

        assert_eq!(many.statements, few);
        assert!(many.data()["_entities"].as_array().expect("a list").iter().all(|it| it["title"].is_string()));
        let too_many = vec![wanted[0].clone(); 101];
        assert_eq!(front.try_with(ENTITIES, json!({ "of": too_many })).await.code(), "BAD_ARGUMENT");
        assert_eq!(front.try_with(ENTITIES, json!({ "of": ["text"] })).await.code(), "INVALID_QUERY");
    }

    async fn the_subgraph_says_what_is_an_entity(house: House) {
        let front = house.front();

        let sdl = front.ask("{ _service { sdl } }").await["_service"]["sdl"].clone();

        let sdl = sdl.as_str().expect("a text");
        for line in [
            "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\"",
            "extend type Article @key(fields: \"id\")",
            "extend type Column @key(fields: \"id\")",
            "type Article implements",
        ] {
            assert!(sdl.contains(line), "{line}");
        }
        assert!(!sdl.contains("_entities") && !sdl.contains("_Any"), "routers know their own fields");
    }
}
