//! What is refused before anything is done for it.

use std::time::Duration;

use api::content::Limits;
use schema::viewer::Viewer;
use serde_json::json;
use tokio::time::timeout;

use crate::house::{House, house};

test_harness::on_both_databases! {
    with house;

    async fn a_query_ten_thousand_levels_deep_is_refused(house: House) {
        let front = house.front();
        let limits = Limits { body_bytes: 1 << 20, query_bytes: 1 << 20, ..Limits::default() };
        let patient = house.front_of(Viewer::Public, limits);

        for (open, close) in [("{ a ", "}"), ("{ a(b: [", "])}"), ("{ ... on Document ", "}")] {
            let query = format!("{} {}", open.repeat(10_000), close.repeat(10_000));
            assert!(["TOO_DEEP", "TOO_LARGE"].contains(&front.refusal(&query).await.as_str()));
            assert_eq!(patient.refusal(&query).await, "TOO_DEEP");
        }
        let list = format!("query ($a: {}Int{}) {{ sites {{ key }} }}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(patient.refusal(&list).await, "TOO_DEEP");
    }

    async fn nothing_is_asked_of_the_database_by_what_is_refused(house: House) {
        let front = house.front();
        let fragments: String = (0..8)
            .map(|n| format!("fragment f{n} on Article {{ basis {{ ...f{0} ...f{0} }} }} ", n + 1))
            .collect();
        for (query, code) in [
            ("{ documents(first: 100) { nodes { translations { document { related(first: 100) { history { number } } } } } } }".to_owned(), "TOO_COSTLY"),
            (format!("{{ {} }}", (0..61).map(|n| format!("a{n}: sites {{ key }} ")).collect::<String>()), "TOO_MANY_ALIASES"),
            (format!("{{ sites {{ key {} }} }}", "@include(if: true) ".repeat(61)), "TOO_MANY_DIRECTIVES"),
            (format!("{{ articles {{ nodes {{ ...f0 }} }} }} {fragments} fragment f8 on Article {{ title }}"), "TOO_COSTLY"),
            ("{ articles { nodes { ...a } } } fragment a on Article { ...a }".to_owned(), "INVALID_QUERY"),
            ("{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }".to_owned(), "TOO_COSTLY"),
            ("{ nothing }".to_owned(), "INVALID_QUERY"),
            ("{ articles { nodes { title } }".to_owned(), "INVALID_QUERY"),
            ("mutation { a }".to_owned(), "INVALID_QUERY"),
            ("{ articles(filter: { title: { eq: 5 } }) { nodes { title } } }".to_owned(), "INVALID_QUERY"),
            ("{ articles(filter: { nothing: { eq: \"x\" } }) { nodes { title } } }".to_owned(), "INVALID_QUERY"),
            ("{ articles(filter: { title: 5 }) { nodes { title } } }".to_owned(), "BAD_ARGUMENT"),
            ("{ articles(filter: 5) { nodes { title } } }".to_owned(), "BAD_ARGUMENT"),
            ("{ articles(filter: { or: [5] }) { nodes { title } } }".to_owned(), "BAD_ARGUMENT"),
            ("query ($n: Int!) { articles(first: $n) { nodes { title } } }".to_owned(), "INVALID_QUERY"),
            (" ".to_owned(), "INVALID_QUERY"),
        ] {
            let reply = front.try_with(&query, json!({})).await;
            assert!(reply.body.get("errors").is_some(), "not refused: {query}");
            assert_eq!((reply.code().as_str(), reply.statements), (code, 0), "{query}");
        }
    }

    async fn introspection_answers_but_does_not_unfold(house: House) {
        let front = house.front();
        let graphiql = include_str!("introspection.graphql");

        let data = front.ask(graphiql).await;

        let types = data["__schema"]["types"].as_array().expect("types");
        let article = types.iter().find(|it| it["name"] == "Article").expect("the type of the stories");
        let fields = article["fields"].as_array().expect("fields");
        for field in fields {
            let words = field["description"].as_str().unwrap_or_default();
            let (zh, en) = words.split_once(" / ").unwrap_or_else(|| panic!("not in both languages: {field}"));
            assert!(!zh.is_empty() && en.is_ascii(), "{field}");
        }
        let data = front.ask("{ __type(name: \"Article\") { fields { name } } }").await;
        assert!(data["__type"]["fields"].as_array().is_some_and(|fields| fields.len() > 20));
    }

    async fn a_query_that_takes_too_long_is_stopped(house: House) {
        let limits = Limits { time: Duration::from_millis(20), ..Limits::default() };
        // Whoever asks while every connection is taken waits.
        let mut taken = Vec::new();
        while let Ok(session) = timeout(Duration::from_millis(800), house.desk.store.reader()).await {
            taken.push(session.expect("a connection"));
        }

        let reply = house.front_of(Viewer::Public, limits).try_with("{ sites { key } }", json!({})).await;

        assert_eq!(reply.code(), "TIMED_OUT");
    }
}
