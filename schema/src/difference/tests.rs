//! Differences as readers see them.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::{SegmentKind::*, *};
use crate::content_type::TypeRegistry;

static TYPES: LazyLock<TypeRegistry> = LazyLock::new(TypeRegistry::embedded);

fn policy(fields: &Value) -> Content {
    Content {
        r#type: "policyDocument".parse().expect("a type name"),
        type_version: 1,
        locale: "zh-CN".parse().expect("a locale"),
        fields: fields.as_object().expect("an object").clone(),
        links: Default::default(),
        files: Default::default(),
        source: None,
        origin: None,
    }
}

fn differences(old: &Value, new: &Value) -> Vec<FieldDifference> {
    let of = TYPES.get(&"policyDocument".parse().expect("a type name")).expect("the type");
    between(of, &policy(old), &policy(new))
}

fn only(old: &Value, new: &Value) -> FieldDifference {
    let mut found = differences(old, new);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

fn side(difference: &FieldDifference, kind: SegmentKind) -> Vec<String> {
    let texts = difference.passages.iter().map(|passage| {
        let own = passage.segments.iter().filter(|it| it.kind == Same || it.kind == kind);
        own.map(|segment| segment.text.as_str()).collect::<String>()
    });
    texts.filter(|text| !text.is_empty()).collect()
}

#[test]
fn what_stayed_is_not_told() {
    let text = json!({ "title": "关于绿化的通知", "body": "<p>一</p>" });
    assert!(differences(&text, &text).is_empty());
}

#[test]
fn inside_a_passage_chinese_is_compared_by_characters_and_the_rest_by_words() {
    let found = only(
        &json!({ "title": "本办法自2025年1月1日起施行。" }),
        &json!({ "title": "本办法自2026年1月1日起施行。" }),
    );
    assert_eq!(found.html(), "<p>本办法自<del>2025</del><ins>2026</ins>年1月1日起施行。</p>");
    assert!(found.is_exact);
}

#[test]
fn of_a_long_text_only_the_paragraphs_that_changed_are_opened() {
    let found = only(
        &json!({ "body": "<h2>第一章 总则</h2><p>第一条 为了绿化城市，制定本条例。</p><p>第二条 删去的一条，不再保留。</p><p>第三条 由园林部门负责。</p>" }),
        &json!({ "body": "<h2>第一章 总则</h2><p>第一条 为了<b>美化</b>城市，制定本条例。</p><p>第三条 由园林部门负责。</p><p>另行公布</p>" }),
    );
    assert_eq!(
        found.html(),
        "<p>第一章 总则</p><p>第一条 为了<del>绿</del><ins>美</ins>化城市，制定本条例。</p>\
         <p><del>第二条 删去的一条，不再保留。</del></p><p>第三条 由园林部门负责。</p><p><ins>另行公布</ins></p>"
    );
}

#[test]
fn text_is_escaped() {
    let found =
        only(&json!({ "title": "a" }), &json!({ "title": "<script>alert(1)</script> & \"b\"" }));
    assert!(!found.html().contains("<script"), "{}", found.html());
    assert!(found.html().contains("&lt;script&gt;"), "{}", found.html());
}

#[test]
fn formatting_alone_is_told_without_passages() {
    let found = only(&json!({ "body": "<p>一<b>二</b></p>" }), &json!({ "body": "<p>一二</p>" }));
    assert_eq!((found.passages.len(), found.html().as_str()), (0, ""));
}

#[test]
fn choices_read_as_people_read_them() {
    let found = only(&json!({ "validity": "effective" }), &json!({ "validity": "repealed" }));
    assert_eq!(side(&found, Removed), ["有效"]);
    assert_eq!(side(&found, Added), ["已废止"]);
}

#[test]
fn lists_differ_value_by_value() {
    let found =
        only(&json!({ "keywords": ["绿化", "城市"] }), &json!({ "keywords": ["绿化", "公园"] }));
    assert_eq!(found.html(), "<p>绿化</p><p><del>城市</del></p><p><ins>公园</ins></p>");
}

#[test]
fn a_field_that_appears_or_goes_is_added_or_removed_whole() {
    let found = only(&json!({}), &json!({ "summary": "第一行\n第二行" }));
    assert_eq!(found.html(), "<p><ins>第一行</ins></p><p><ins>第二行</ins></p>");
    let found = only(&json!({ "summary": "第一行" }), &json!({}));
    assert_eq!(found.html(), "<p><del>第一行</del></p>");
}

#[test]
fn scattered_characters_in_common_are_no_reading() {
    let found =
        only(&json!({ "title": "关于印发的通知甲乙" }), &json!({ "title": "关于印发某通知丙乙" }));
    let removed: Vec<_> =
        found.passages[0].segments.iter().map(|it| (it.kind, it.text.as_str())).collect();
    assert_eq!(
        removed,
        [
            (Same, "关于印发"),
            (Removed, "的"),
            (Added, "某"),
            (Same, "通知"),
            (Removed, "甲"),
            (Added, "丙"),
            (Same, "乙")
        ]
    );
    let found =
        only(&json!({ "title": "甲乙丙丁戊己庚辛" }), &json!({ "title": "甲乙子丁丑己庚辛" }));
    assert_eq!(found.html(), "<p>甲乙<del>丙丁戊</del><ins>子丁丑</ins>己庚辛</p>");
}

#[test]
fn what_is_too_large_is_compared_by_passages_in_bounded_time() {
    // Two passages of 100,000 characters without a common start or end, but alike.
    let letters: Vec<char> = ('\u{4e00}'..'\u{5e00}').collect();
    let old: String = letters.iter().cycle().take(100_000).collect();
    let new: String = letters.iter().rev().cycle().take(100_000).collect();
    let found = only(
        &json!({ "body": format!("<p>{old}</p><p>尾</p>") }),
        &json!({ "body": format!("<p>{new}</p><p>尾</p>") }),
    );
    assert!(!found.is_exact);
    assert_eq!(
        (side(&found, Removed), side(&found, Added)),
        (vec![old, "尾".into()], vec![new, "尾".into()])
    );

    // Very many short passages.
    let paragraphs =
        |from: u32| (from..from + 20_000).map(|n| format!("<p>{n}</p>")).collect::<String>();
    let found = only(&json!({ "body": paragraphs(0) }), &json!({ "body": paragraphs(50_000) }));
    assert!(!found.is_exact);
}

proptest! {
    #[test]
    fn either_side_can_be_read_off(
        old in prop::collection::vec("[一二三四ab ]{1,12}", 0..12),
        new in prop::collection::vec("[一二三四ab ]{1,12}", 0..12),
    ) {
        let join = |lines: &[String]| lines.join("\n");
        let found = differences(&json!({ "summary": join(&old) }), &json!({ "summary": join(&new) }));
        if old != new {
            let [found] = &found[..] else { panic!("{found:?}") };
            prop_assert!(found.is_exact);
            prop_assert_eq!(side(found, Removed), old);
            prop_assert_eq!(side(found, Added), new);
            prop_assert!(found.passages.iter().all(|passage| !passage.segments.is_empty()));
        }
    }
}
