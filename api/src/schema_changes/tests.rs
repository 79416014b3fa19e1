//! What each kind of change is called.

use super::{Weight::*, *};

const OLD: &str = r#"
    directive @mark(note: String) on FIELD | QUERY
    type Query { document(id: ID, path: String = "/"): Document list(first: Int!, by: Order): [Document!]! gone: Int }
    interface Document { id: ID! title: String! }
    type News implements Document { id: ID! title: String! author: String places: [String] }
    enum Order { NEWEST OLDEST }
    union Thing = News
    input Filter { title: String year: Int! }
    scalar DateTime
"#;

fn changed(from: &str, to: &str) -> Vec<(Weight, String, String)> {
    let new = OLD.replace(from, to);
    assert_ne!(new, OLD, "{from} stands there");
    let found = changes(OLD, &new).expect("two schemas");
    found.into_iter().map(|change| (change.weight, change.place, change.message.en)).collect()
}

#[test]
fn nothing_changes_but_descriptions() {
    let described = OLD.replace("type News", "\"\"\"新闻 / News\"\"\" type News");
    assert_eq!(changes(OLD, OLD).expect("a schema"), []);
    assert_eq!(changes(OLD, &described).expect("a schema"), []);
}

#[test]
fn each_change_has_the_weight_that_its_users_feel() {
    for (from, to, weight, place) in [
        (" gone: Int", "", Breaking, "Query.gone"),
        ("author: String", "author: String!", Safe, "News.author"),
        ("places: [String]", "places: [String!]!", Safe, "News.places"),
        ("title: String! author", "title: String author", Breaking, "News.title"),
        ("places: [String]", "places: String", Breaking, "News.places"),
        ("author: String", "author: String byline: String", Safe, "News.byline"),
        ("author: String", "author: String @deprecated(reason: \"x\")", Safe, "News.author"),
        ("first: Int!", "first: Int", Safe, "Query.list(first:)"),
        ("by: Order", "by: Order!", Breaking, "Query.list(by:)"),
        ("by: Order", "by: [Order!]", Breaking, "Query.list(by:)"),
        ("by: Order", "by: Order after: String", Safe, "Query.list(after:)"),
        ("by: Order", "by: Order site: ID!", Breaking, "Query.list(site:)"),
        ("by: Order", "by: Order site: ID! = \"a\"", Safe, "Query.list(site:)"),
        ("(id: ID, ", "(", Breaking, "Query.document(id:)"),
        ("\"/\"", "\"/home\"", Dangerous, "Query.document(path:)"),
        ("NEWEST OLDEST", "NEWEST", Breaking, "Order.OLDEST"),
        ("NEWEST OLDEST", "NEWEST OLDEST TITLE", Dangerous, "Order.TITLE"),
        ("year: Int!", "year: Int", Safe, "Filter.year"),
        ("year: Int!", "year: Int! place: String!", Breaking, "Filter.place"),
        ("year: Int!", "year: Int! place: String", Safe, "Filter.place"),
        ("News implements Document", "News", Breaking, "News"),
        ("scalar DateTime", "enum DateTime { NOW }", Breaking, "DateTime"),
        ("scalar DateTime", "scalar DateTime scalar Date", Safe, "Date"),
        ("(note: String)", "(note: String, on: Int!)", Breaking, "@mark(on:)"),
        ("FIELD | QUERY", "FIELD", Breaking, "@mark"),
    ] {
        let found = changed(from, to);
        let [(found_weight, found_place, _)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((*found_weight, found_place.as_str()), (weight, place), "{from} → {to}");
    }
}

#[test]
fn members_and_interfaces_that_come_can_surprise() {
    let more = "union Thing = News | Letter type Letter { id: ID! }";
    let found = changed("union Thing = News", more);
    assert_eq!(found[0], (Dangerous, "Thing.Letter".into(), "is new".into()));
    assert_eq!(found[1].0, Safe);
    let gone = changed("type News implements Document", "type Story implements Document");
    let breaking = gone.iter().filter(|(weight, ..)| *weight == Breaking).map(|(_, at, _)| at);
    assert_eq!(breaking.collect::<Vec<_>>(), ["News"]);
}

#[test]
fn a_text_that_is_no_schema_is_named_with_its_place() {
    let error = changes("type Query {", OLD).expect_err("it has no end").to_string();
    assert!(error.contains("1:"), "{error}");
}
