//! Mapping files, right and wrong, and the ones that come with the product.

use schema::content_type::TypeRegistry;
use serde_json::{Map, Value, json};

use super::*;

const REGULATIONS: &str = include_str!("../../../../examples/mappings/regulations.toml");
const POLICIES: &str = include_str!("../../../../examples/mappings/policies.toml");

fn read_for(name: &str, text: &str, publishes: bool) -> Result<Mapping, Vec<MappingError>> {
    let types = TypeRegistry::embedded();
    let name = name.parse().expect("a type name");
    read("mapping.toml", text, types.get(&name).expect("the type exists"), publishes)
}

fn record(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("not a record: {other}"),
    }
}

#[test]
fn the_mappings_that_come_with_the_product_fit_its_types() {
    for text in [REGULATIONS, POLICIES] {
        let read = read_for("policyDocument", text, true);
        assert!(read.is_ok(), "{:?}", read.err());
    }
}

#[test]
fn regulations_map_to_the_facts_of_a_policy_document() {
    let mapping = read_for("policyDocument", REGULATIONS, true).expect("it is right");
    let regulation = record(json!({
        "series": "不动产登记暂行条例", "version": "2019-03-24", "kind": "行政法规",
        "title": "不动产登记暂行条例", "documentNumber": "中华人民共和国国务院令第656号",
        "history": [{"date": "2014-11-24", "event": "公布"}], "body": "## 第一章",
    }));

    let field = |name: &str| {
        let (_, expression) =
            mapping.fields.iter().find(|(field, _)| field.as_str() == name).expect("it is mapped");
        expression.value(&regulation).expect("it has a value")
    };

    assert_eq!(field("issuer"), Some(json!("国务院")));
    assert_eq!(field("genre"), Some(json!("administrativeRegulation")));
    assert_eq!(field("writtenOn"), Some(json!("2014-11-24")));
    assert_eq!(mapping.key.text(&regulation), Ok(Some("不动产登记暂行条例".into())));
}

#[test]
fn every_mistake_is_named_at_once_with_its_line() {
    let text = r#"
[identity]
key = "a["
[fields]
titel = "title"
genre = { path = "kind", map = { "行政法规" = "regulation" } }
body = "body"
writtenOn = { path = "date", date = ["%Q"] }
issuer = { path = "a", constant = "b" }
themeClass = "{kind"
[body]
format = "docx"
steps = [{ step = "tidy_up" }]
[publication]
old_text = "gone"
[other]
"#;

    let mistakes = read_for("policyDocument", text, true).expect_err("it is wrong");

    let lines: Vec<usize> = mistakes.iter().map(|mistake| mistake.line).collect();
    for line in [1, 3, 5, 6, 7, 8, 9, 10, 12, 13, 15, 16] {
        assert!(lines.contains(&line), "line {line} is not among {mistakes:#?}");
    }
    let all = mistakes.iter().map(|mistake| mistake.reason.zh.as_str()).collect::<String>();
    assert!(all.contains("titel") && all.contains("validity"), "{all}");
}

#[test]
fn a_draft_needs_no_required_fields() {
    let text = "source = \"a\"\n[identity]\nkey = \"id\"\n[fields]\ntitle = \"title\"\n";
    assert!(read_for("policyDocument", text, false).is_ok());
    assert!(read_for("policyDocument", text, true).is_err());
}

#[test]
fn without_a_mapping_members_are_taken_by_the_names_of_fields() {
    let types = TypeRegistry::embedded();
    let news = types.get(&"news".parse().expect("a type name")).expect("the type exists");
    let mapping = Mapping::plain(news, "site/news/file".into());
    let given = record(json!({"key": 7, "title": "甲", "body": "<p>乙</p>", "else": 1}));

    assert_eq!(mapping.key.text(&given), Ok(Some("7".into())));
    assert_eq!(mapping.body.text.text(&given), Ok(Some("<p>乙</p>".into())));
    let titles = mapping.fields.iter().filter(|(name, _)| name.as_str() == "title");
    let titles: Vec<_> = titles.map(|(_, title)| title.value(&given)).collect();
    assert_eq!(titles, [Ok(Some(json!("甲")))]);
}
