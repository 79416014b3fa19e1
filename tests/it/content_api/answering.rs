//! What the specification says of an answer: which fields are selected, in which order, under
//! which keys, and what is left of it when something goes wrong.

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use serde_json::{Value, json};

use crate::house::{House, article, house};

test_harness::on_both_databases! {
    with house;

    async fn fields_of_one_key_are_one_field_wherever_they_are_named(house: House) {
        house.standing_at("预算", &["policy/finance"], "/1").await;
        let front = house.front();

        let data = front
            .ask("{ a: articles { nodes { columns { path } } } ...f a: articles { nodes { ... on Article { columns { name { zh } } } url } } } \
                  fragment f on Query { a: articles { nodes { title columns { path } } totalCount } }")
            .await;

        let node = &data["a"]["nodes"][0];
        assert_eq!(node["columns"], json!([{ "path": "policy/finance", "name": { "zh": "财政" } }]));
        assert_eq!((&node["title"], &data["a"]["totalCount"]), (&json!("预算"), &json!(1)));
        assert!(node["url"].is_string());
    }

    async fn each_place_of_a_query_has_its_own_selection(house: House) {
        let basis = house.standing_at("预算", &["policy/finance"], "/1").await;
        let mut new = article("办法");
        new.text.fields.insert("basis".into(), json!([basis.content.to_string()]));
        let draft = house.create(new).await.expect("it is saved");
        house.make_public(&draft).await;

        let data = house
            .front()
            .ask("{ document(site: \"lanqiao\", path: \"/1\") { ... on Article { basedOnThis { title basis { title path } } } title } }")
            .await;

        let under = json!([{ "title": "办法", "basis": [{ "title": "预算", "path": "/1" }] }]);
        assert_eq!(data["document"], json!({ "basedOnThis": under, "title": "预算" }));
    }

    async fn keys_stand_in_the_order_of_the_query(house: House) {
        house.standing_at("预算", &["policy/finance"], "/1").await;
        let query = "{ z: __typename s: __schema { queryType { name } } b: sites { zh: name { zh } key } \
                     ... { a: articles { nodes { url ...n } } } t: __type(name: \"Article\") { name } } \
                     fragment n on Node { id __typename ... on Document { title url } }";

        let asked = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(json!({ "query": query }).to_string()))
            .expect("a request");
        let bytes = to_bytes(house.front().send(asked).await.into_body(), 1 << 20).await;
        let text = String::from_utf8(bytes.expect("a body").to_vec()).expect("UTF-8");
        let mut last = 0;
        let ordered = ["z", "s", "b", "zh", "key", "a", "nodes", "url", "id", "__typename", "title", "t"];
        for key in ordered {
            let at = text[last..].find(&format!("\"{key}\":"));
            last += at.unwrap_or_else(|| panic!("{key} stands too early in {text}"));
        }
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(answer["data"]["s"]["queryType"]["name"], "Query");
        assert_eq!(answer["data"]["t"]["name"], "Article");
    }

    async fn conditions_on_types_hold_for_the_things_they_name(house: House) {
        house.standing_at("预算", &["policy/finance"], "/1").await;
        let query = "{ documents { nodes { ... on Alarm { title } ... on Article { title } ... on Node { id } ... on Document { path } } } \
                       route(site: \"lanqiao\", path: \"/1\") { ... on GoneRoute { visibility } ... on DocumentRoute { document { path ... on Alarm { title } } } } }";

        let data = house.front().ask(query).await;

        let node = data["documents"]["nodes"][0].as_object().expect("a node");
        let keys: Vec<&str> = node.keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 3, "{keys:?}");
        assert_eq!((&node["title"], &node["path"]), (&json!("预算"), &json!("/1")));
        assert_eq!(data["route"], json!({ "document": { "path": "/1" } }));
    }

    async fn what_is_skipped_is_not_there(house: House) {
        house.standing_at("预算", &["policy/finance"], "/1").await;
        let front = house.front();
        let query = "query($yes: Boolean!, $no: Boolean = false) { articles { nodes { \
                       title @skip(if: $yes) path @include(if: $yes) \
                       ... on Article @include(if: $no) { url } ...f @skip(if: $no) } } \
                       sites @include(if: $no) { key } } \
                     fragment f on Article { locale }";

        let shown = |variables: Value| {
            let front = &front;
            async move {
                let data = front.ask_with(query, variables).await;
                (data["articles"]["nodes"][0].clone(), data.get("sites").is_some())
            }
        };

        let path_and_locale = json!({ "path": "/1", "locale": "zh-CN" });
        for _ in 0..2 {
            assert_eq!(shown(json!({ "yes": true })).await, (path_and_locale.clone(), false));
            let (node, has_sites) = shown(json!({ "yes": false, "no": true })).await;
            assert_eq!((node.get("locale"), has_sites), (None, true), "{node}");
            assert!(node["title"].is_string() && node["url"].is_string(), "{node}");
        }
    }

    async fn what_goes_wrong_goes_wrong_for_its_field(house: House) {
        let front = house.front();

        // A document may be null, a list may not.
        let nullable = front
            .try_with("{ sites { key } r: document(contentId: \"1\") { title } }", json!({}))
            .await
            .body;
        let required = front
            .try_with("{ sites { key } l: articles(after: \"x\") { nodes { title } } }", json!({}))
            .await
            .body;

        assert_eq!(nullable["errors"][0]["path"], json!(["r"]), "{nullable}");
        assert_eq!((&nullable["data"]["r"], nullable["data"]["sites"].is_array()), (&Value::Null, true));
        assert_eq!(required["errors"][0]["path"], json!(["l"]), "{required}");
        assert_eq!(required["errors"][0]["extensions"]["code"], "BAD_CURSOR");
        assert_eq!(required["data"], Value::Null);
    }

    async fn a_text_that_was_valid_once_is_looked_at_again_with_variables_of_the_schema(house: House) {
        house.standing_at("预算", &["policy/finance"], "/1").await;
        let front = house.front();
        let query = "query($site: String!, $filter: ArticleFilter, $first: Int) \
                     { articles(site: $site, filter: $filter, first: $first) { nodes { title } } }";
        for _ in 0..2 {
            let data = front.ask_with(query, json!({ "site": "lanqiao" })).await;
            assert_eq!(data["articles"]["nodes"], json!([{ "title": "预算" }]));
        }

        for (wrong, expected) in [
            (json!({ "site": 7 }), "INVALID_QUERY"),
            (json!({}), "INVALID_QUERY"),
            (json!({ "site": "lanqiao", "first": "2" }), "INVALID_QUERY"),
            (json!({ "site": "lanqiao", "filter": { "nothing": true } }), "INVALID_QUERY"),
            (json!({ "site": "lanqiao", "filter": { "title": 7 } }), "BAD_ARGUMENT"),
        ] {
            let code = front.try_with(query, wrong.clone()).await.code();
            assert_eq!(code, expected, "{wrong}");
        }
    }
}
