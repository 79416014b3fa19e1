//! Validation on a type that holds every kind of field.

mod keys;
mod properties;
mod samples;

use std::sync::LazyLock;

use serde_json::json;

use super::*;
use crate::content_type::TypeRegistry;

const FILE: &str = include_str!("tests/every_kind.toml");
const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

/// The type of the tests.
fn every_kind() -> ContentType {
    static TYPE: LazyLock<ContentType> = LazyLock::new(|| {
        let registry = TypeRegistry::load([("every_kind.toml".to_owned(), FILE.to_owned())]);
        let registry = registry.unwrap_or_else(|errors| panic!("the type is right: {errors:?}"));
        registry.iter().next().expect("one type").clone()
    });
    TYPE.clone()
}

fn digest() -> String {
    Digest::of(b"a file").to_string()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("an object, not {other}"),
    }
}

/// Checks a draft that holds `value` in `field`.
fn draft(field: &str, value: Value) -> Result<Checked, Vec<Fault>> {
    check(&every_kind(), &Map::from_iter([(field.to_owned(), value)]), Stage::Draft)
}

/// The canonical form of `value` in `field`; null when it is dropped.
fn canonical(field: &str, value: Value) -> Value {
    let checked = draft(field, value).unwrap_or_else(|faults| panic!("{field}: {faults:?}"));
    checked.fields.get(field).cloned().unwrap_or_default()
}

/// Path and code of each fault.
fn faults(result: Result<Checked, Vec<Fault>>) -> Vec<String> {
    let faults = result.expect_err("there are faults");
    faults.iter().map(|fault| format!("{} {}", fault.path, fault.code)).collect()
}

#[test]
fn one_value_has_one_spelling() {
    let cases = [
        ("title", json!("  公报\u{3000}"), json!("公报")),
        ("title", json!("caf\u{65}\u{301}"), json!("caf\u{e9}")),
        ("title", json!("\u{feff}公报"), json!("公报")),
        ("note", json!("一\r\n二\r三\t四\n"), json!("一\n二\n三\t四")),
        ("words", json!(["甲", "", null, " 乙 "]), json!(["甲", "乙"])),
        ("words", json!("甲"), json!(["甲"])),
        ("count", json!(-3), json!(-3)),
        ("amount", json!(12), json!("12")),
        ("amount", json!("+012.50"), json!("12.5")),
        ("amount", json!("-0.00"), json!("0")),
        ("agreed", json!(false), json!(false)),
        ("day", json!(" 2026-03-09 "), json!("2026-03-09")),
        ("moment", json!("2026-03-09T10:00:00+08:00"), json!("2026-03-09T02:00:00Z")),
        ("moment", json!("2026-03-09T02:00:00.1234567Z"), json!("2026-03-09T02:00:00.123456Z")),
        ("region", json!("510104001"), json!("510104001")),
        ("number", json!("国办发[2014]57 号"), json!("国办发〔2014〕57号")),
        ("number", json!("中华人民共和国国务院令第656号"), json!("中华人民共和国国务院令第656号")),
        ("telephone", json!("（028）86604477转801"), json!("028-86604477 ext. 801")),
        ("telephone", json!("+86 28 8660 4477"), json!("+86 28 8660 4477")),
        ("telephone", json!("１２３４５"), json!("12345")),
        ("page", json!("HTTPS://Example.gov.cn"), json!("https://example.gov.cn/")),
        (
            "where",
            json!({"address": " 人民路1号 ", "longitude": "104.0600", "latitude": 30}),
            json!({"address": "人民路1号", "longitude": "104.06", "latitude": "30"}),
        ),
        ("data", json!({"b": [1, null], "a": {}}), json!({"b": [1, null], "a": {}})),
        ("steps", json!([{}, {"name": "一", "parts": [{"days": null}]}]), json!([{"name": "一"}])),
    ];
    for (field, given, kept) in cases {
        assert_eq!(canonical(field, given.clone()), kept, "{field}: {given}");
    }
}

#[test]
fn what_is_empty_is_not_kept() {
    for (field, empty) in [
        ("title", json!(" \u{3000}")),
        ("title", Value::Null),
        ("words", json!(["", null])),
        ("amount", json!("")),
        ("day", json!("")),
        ("text", json!("<p><br></p>")),
        ("text", json!({"markdown": " \n"})),
        ("where", json!({"address": "", "longitude": null})),
        ("papers", json!([])),
        ("papers", json!([{}])),
        ("steps", json!([{}, {"name": ""}])),
        ("data", json!([])),
    ] {
        assert_eq!(canonical(field, empty.clone()), Value::Null, "{field}: {empty}");
    }
}

#[test]
fn a_value_that_does_not_fit_is_named_by_code() {
    let long = "长".repeat(21);
    let huge = "<p>x</p>".repeat(1_100);
    let cases = [
        ("title", json!(5), "wrong_kind"),
        ("title", json!(["一"]), "expected_one"),
        ("title", json!(long), "too_long"),
        ("title", json!("一\n二"), "line_break"),
        ("title", json!("一\u{202e}二"), "control_character"),
        ("note", json!("一\u{0}二"), "control_character"),
        ("code", json!("AB12"), "pattern"),
        ("code", json!("xAB123"), "pattern"),
        ("words", json!(["甲", "乙", "丙", "丁"]), "too_many"),
        ("text", json!({"html": "x", "markdown": "y"}), "wrong_kind"),
        ("text", json!(huge), "too_long"),
        ("count", json!(1.0), "not_an_integer"),
        ("count", json!("1"), "not_an_integer"),
        ("count", json!(9_007_199_254_740_992_i64), "not_an_integer"),
        ("count", json!(-11), "out_of_range"),
        ("amount", json!(1.5), "not_a_decimal"),
        ("amount", json!("1e3"), "not_a_decimal"),
        ("amount", json!("1.005"), "too_precise"),
        ("amount", json!("-1000.51"), "out_of_range"),
        ("agreed", json!("true"), "wrong_kind"),
        ("day", json!("2026-02-29"), "not_a_date"),
        ("day", json!("20260301"), "not_a_date"),
        ("day", json!("2026-03-01T00:00:00"), "not_a_date"),
        ("day", json!("1949-09-30"), "out_of_range"),
        ("moment", json!("2026-03-09T10:00:00"), "not_a_date_time"),
        ("moment", json!("2026-03-09"), "not_a_date_time"),
        ("colour", json!("azur"), "not_a_choice"),
        ("region", json!("990000"), "not_a_region_code"),
        ("region", json!("51010"), "not_a_region_code"),
        ("telephone", json!("call me"), "not_a_telephone"),
        ("telephone", json!("028-"), "not_a_telephone"),
        ("page", json!("javascript:alert(1)"), "not_a_url"),
        ("page", json!("https://user@example.gov.cn/"), "not_a_url"),
        ("page", json!("/relative"), "not_a_url"),
        ("other", json!("not an id"), "not_a_content_id"),
        ("other", json!([ID]), "expected_one"),
        ("data", json!({"a": 0.5}), "not_canonical"),
        ("data", json!({"a": "\u{0}"}), "control_character"),
        ("data", json!("x".repeat(199)), "too_long"),
    ];
    for (field, given, code) in cases {
        assert_eq!(faults(draft(field, given.clone())), [format!("{field} {code}")], "{given}");
    }
}

#[test]
fn all_faults_are_found_at_once_each_with_its_place() {
    let input = object(json!({
        "title": "一",
        "titel": "公报",
        "words": ["甲", 3],
        "picture": {"digest": "sha256:00", "name": "a/b.png", "mediaType": "application/pdf", "size": -1},
        "papers": [{"digest": digest(), "name": "表.pdf", "mediaType": "application/pdf", "size": 1, "colour": "red"}, {"name": "乙"}],
        "where": {"longitude": "181"},
        "others": [ID, "x"],
        "steps": [
            {"name": "一", "form": {"digest": "x", "name": "表", "mediaType": "image/png", "size": 3}},
            {"parts": [{"days": 1}, {"days": -1}, "x"]},
        ],
    }));

    let found = faults(check(&every_kind(), &input, Stage::Publication));

    assert_eq!(
        found,
        [
            "title too_short",
            "words[1] wrong_kind",
            "where.longitude out_of_range",
            "others[1] not_a_content_id",
            "picture.digest not_a_digest",
            "picture.name not_a_file_name",
            "picture.mediaType media_type_not_allowed",
            "picture.size out_of_range",
            "papers[0].colour unknown_field",
            "papers[1].digest incomplete",
            "papers[1].mediaType incomplete",
            "papers[1].size incomplete",
            "steps[0].form.digest not_a_digest",
            "steps[1].name required",
            "steps[1].parts[1].days out_of_range",
            "steps[1].parts[2] wrong_kind",
            "titel unknown_field",
        ]
    );
}

#[test]
fn an_unknown_field_comes_with_the_name_that_was_meant() {
    let faults = draft("titel", json!("公报")).expect_err("there is no such field");

    assert!(faults[0].message.en.contains("did you mean title?"), "{faults:?}");
    assert!(faults[0].message.zh.contains("是否想写 title？"), "{faults:?}");
}

#[test]
fn a_draft_may_be_unfinished_and_a_publication_not() {
    let input = object(json!({"words": ["甲"], "steps": [{"parts": [{"days": 2}]}]}));

    assert!(check(&every_kind(), &input, Stage::Draft).is_ok());
    assert_eq!(
        faults(check(&every_kind(), &input, Stage::Publication)),
        ["title required", "words too_few", "steps[0].name required"]
    );
}

#[test]
fn links_and_files_are_gathered_from_everywhere() {
    let shown = Digest::of(b"shown in the text");
    let checked = check(
        &every_kind(),
        &object(json!({
            "title": "公报",
            "text": format!("<p><img src=\"asset:{shown}\" alt=\"图\"></p>"),
            "other": ID,
            "others": [OTHER_ID, ID, OTHER_ID],
            "steps": [{"name": "一", "form": {"digest": digest(), "name": "表.pdf", "mediaType": "Application/PDF", "size": 9}}],
        })),
        Stage::Publication,
    )
    .expect("the content fits");

    let id = |text: &str| text.parse::<ContentId>().expect("an id");
    let links: Vec<_> =
        checked.links.iter().map(|(name, ids)| (name.as_str(), ids.clone())).collect();
    assert_eq!(links, [("other", vec![id(ID)]), ("others", vec![id(OTHER_ID), id(ID)])]);
    assert!(!checked.fields.contains_key("other"));
    assert_eq!(checked.files, BTreeSet::from([shown, Digest::of(b"a file")]));
    assert_eq!(checked.fields["steps"][0]["form"]["mediaType"], "application/pdf");
    assert_eq!(checked.to_input(&every_kind())["other"], ID);
    assert_eq!(checked.to_input(&every_kind())["others"], json!([OTHER_ID, ID]));
}

#[test]
fn rich_text_comes_as_html_or_markdown_and_is_kept_as_clean_html() {
    let html = canonical("text", json!("<p onclick=\"x\">公报<script>alert(1)</script></p>"));
    assert_eq!(html, "<p>公报</p>");
    assert_eq!(canonical("text", json!({"html": "<p>公报</p>"})), html);
    assert_eq!(
        canonical("text", json!({"markdown": "公报"})).as_str().map(str::trim),
        html.as_str()
    );
}

#[test]
fn nesting_and_the_number_of_faults_are_bounded() {
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(faults(draft("data", deep)), [" too_deep"]);

    let many: Map<String, Value> =
        (0..5_000).map(|at| (format!("unknown{at}"), json!(1))).collect();
    let found = check(&every_kind(), &many, Stage::Draft).expect_err("nothing of it is known");
    assert_eq!(found.len(), MAX_FAULTS);
}

#[test]
fn roles_find_their_values() {
    let content_type = every_kind();
    let picture =
        json!({"digest": digest(), "name": "图.png", "mediaType": "image/png", "size": 7});
    let checked = check(
        &content_type,
        &object(
            json!({"title": "公报", "note": "摘要", "text": "<p>正文</p>", "picture": picture}),
        ),
        Stage::Publication,
    )
    .expect("the content fits");

    assert_eq!(content_type.title_of(&checked.fields), Some("公报"));
    assert_eq!(content_type.summary_of(&checked.fields), Some("摘要"));
    assert_eq!(content_type.body_of(&checked.fields), Some("<p>正文</p>"));
    assert_eq!(
        content_type.cover_of(&checked.fields).and_then(|cover| cover["name"].as_str()),
        Some("图.png")
    );
    assert_eq!(content_type.title_of(&Map::new()), None);
}

fn film(more: Value) -> Value {
    let mut film =
        json!({"digest": digest(), "name": "会.mp4", "mediaType": "video/mp4", "size": 9});
    film.as_object_mut().expect("an object").extend(object(more));
    film
}

fn track(name: &str, language: &str, kind: &str) -> Value {
    json!({
        "digest": Digest::of(name.as_bytes()), "name": name, "mediaType": "text/vtt", "size": 9,
        "language": language, "kind": kind,
    })
}

#[test]
fn film_has_captions_and_each_is_a_file_of_the_text() {
    let input = film(
        json!({"captions": [track("a.vtt", "zh-CN", "captions"), track("b.vtt", " en ", "subtitles")]}),
    );

    let checked = draft("papers", input).expect("it fits");

    assert_eq!(checked.fields["papers"][0]["captions"][1]["language"], "en");
    let named = named_files(&every_kind().fields, &checked.fields);
    let paths: Vec<_> = named.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["papers[0]", "papers[0].captions[0]", "papers[0].captions[1]"]);
    assert_eq!(checked.files, named.iter().map(|file| file.digest).collect());
    let alone = json!({"digest": digest(), "name": "会.mp4", "mediaType": "video/mp4", "size": 9});
    assert_eq!(canonical("papers", film(json!({"captions": [null, {}]}))), json!([alone]));
}

#[test]
fn captions_that_no_browser_could_show_are_faults() {
    let captions = |captions: Value| faults(draft("papers", film(json!({"captions": captions}))));
    let mut text = track("a.txt", "zh-CN", "captions");
    text["mediaType"] = "text/plain".into();
    let same = track("a.vtt", "zh-CN", "captions");

    assert_eq!(captions(json!([text])), ["papers[0].captions[0].mediaType media_type_not_allowed"]);
    assert_eq!(
        captions(json!([track("a.vtt", "Chinese!", "caption")])),
        [
            "papers[0].captions[0].language not_a_language",
            "papers[0].captions[0].kind not_a_choice"
        ]
    );
    assert_eq!(captions(json!([same, same])), ["papers[0].captions[1] repeated"]);
    assert_eq!(
        captions(json!([{"label": "中文"}])).len(),
        6,
        "digest, name, type, size, language and kind are missing"
    );
    assert_eq!(captions(json!(vec![same; 31])), ["papers[0].captions too_many"]);
    let mut picture = film(json!({"captions": [track("a.vtt", "zh-CN", "captions")]}));
    picture["mediaType"] = "image/png".into();
    assert_eq!(faults(draft("papers", picture)), ["papers[0].captions not_film_or_sound"]);
}

#[test]
fn the_number_of_a_map_has_one_spelling() {
    let numbered = |number: &str| film(json!({"mapApprovalNumber": number}));

    let value = canonical("papers", numbered("审图号：ＧＳ（2026）0001号"));

    assert_eq!(value[0]["mapApprovalNumber"], "GS(2026)0001号");
    assert_eq!(
        faults(draft("papers", numbered("已审"))),
        ["papers[0].mapApprovalNumber not_a_map_approval_number"]
    );
}
