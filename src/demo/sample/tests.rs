//! What a sample is refused for.

use serde_json::json;

use super::*;

const NEWS: &str = r#"
    key = "news"
    type = "news"
    locale = "zh-CN"
    authority = "lanqiao-city"
    [[placement]]
    site = "lanqiao"
    columns = ["news"]
    [fields]
    title = "首部加装电梯启用"
    body = { markdown = "截至9月17日，已有73个单元申请。" }
    files = [{ file = "files/list.csv", name = "名单.csv" }]
"#;
const RUMOUR: &str = r#"
    key = "rumour"
    type = "clarification"
    locale = "zh-CN"
    authority = "lanqiao-city"
    placement = [{ site = "lanqiao", columns = ["news"] }]
    [fields]
    title = "不实"
    clarifies = [{ ref = "news" }]
"#;
const STORY: &str = r#"
    [[step]]
    document = "news"
    narration = { zh = "更正日期", en = "A date is corrected" }
    [step.act.correct]
    importance = "minor"
    change_note = { zh = "更正日期", en = "Date" }
    fields = { title = "电梯启用" }
    replace = [{ field = "body", old = "9月17日", new = "9月16日" }]
"#;
const FILES: &[(&str, &[u8])] = &[("files/list.csv", b"a,b\n")];

fn read(documents: &[(&str, &str)], story: &str) -> Result<Sample, Fault> {
    Sample::read(Sources { tree: "", documents, story, files: FILES })
}

fn refusal(documents: &[(&str, &str)], story: &str) -> (String, &'static str) {
    let fault = read(documents, story).expect_err("it does not hold together");
    (fault.path, fault.code)
}

fn key(text: &str) -> SampleKey {
    serde_json::from_value(json!(text)).expect("a key")
}

#[test]
fn references_become_what_a_hub_knows_them_by() {
    let sample = read(&[("1.toml", NEWS), ("2.toml", RUMOUR)], STORY).expect("a sample");
    let content: ContentId = "019a0000-0000-7000-8000-000000000001".parse().expect("an id");
    let contents = [(key("news"), content)].into();

    let [news, rumour] = sample.documents() else { panic!("two documents") };
    let news = sample.input(news, &contents).expect("its file is there");
    let rumour = sample.input(rumour, &contents).expect("the news is there");

    assert_eq!(rumour["clarifies"], json!([content.to_string()]));
    let digest = sample.files()[0].digest().to_string();
    let file = json!({ "digest": digest, "name": "名单.csv", "mediaType": "text/csv", "size": 4 });
    assert_eq!(news["files"], json!([file]));
}

#[test]
fn a_correction_changes_what_it_names_and_leaves_the_rest() {
    let sample = read(&[("1.toml", NEWS)], STORY).expect("a sample");
    let before = &sample.documents()[0];

    let after = sample.steps()[0].text_after(before).expect("it fits").expect("another text");

    assert_eq!(after.fields["title"], "电梯启用");
    assert_eq!(after.fields["body"]["markdown"], "截至9月16日，已有73个单元申请。");
    assert_eq!(after.fields["files"], before.fields["files"]);
    assert_eq!(after.placements, before.placements);
}

#[test]
fn what_is_not_understood_is_named_with_its_line() {
    let misspelt = NEWS.replace("locale", "language");

    assert_eq!(refusal(&[("1.toml", &misspelt)], STORY), ("1.toml:4".into(), "not_understood"));
}

#[test]
fn a_reference_leads_to_what_comes_before() {
    let late = [("1.toml", RUMOUR), ("2.toml", NEWS)];
    let lost = NEWS.replace("files/list.csv", "files/lost.csv");

    assert_eq!(refusal(&late, STORY), ("1.toml: rumour".into(), "leads_nowhere"));
    assert_eq!(refusal(&[("1.toml", &lost)], STORY), ("1.toml: news".into(), "leads_nowhere"));
}

#[test]
fn a_key_stands_for_one_document() {
    let twice = [("1.toml", NEWS), ("2.toml", NEWS)];

    assert_eq!(refusal(&twice, STORY), ("2.toml: news".into(), "repeated"));
}

#[test]
fn a_translation_is_of_the_same_type_in_another_language() {
    let translation = |text: &str, from: &str, to: &str| {
        let english = text.replace(from, to).replacen("key = \"", "key = \"en-", 1);
        format!("translation_of = \"news\"\n{english}")
    };
    let proper = translation(NEWS, "zh-CN", "en");
    let same_language = translation(NEWS, "[[placement]]", "[[placement]]");
    let another_type = translation(RUMOUR, "zh-CN", "en");

    read(&[("1.toml", NEWS), ("2.toml", &proper)], STORY).expect("a sample");
    for wrong in [same_language, another_type] {
        let (_, code) = refusal(&[("1.toml", NEWS), ("2.toml", &wrong)], STORY);
        assert_eq!(code, "not_a_translation", "{wrong}");
    }
}

#[test]
fn a_step_is_about_a_document_and_a_passage_that_are_there() {
    let unknown = STORY.replace("document = \"news\"", "document = \"newt\"");
    let passage = STORY.replace("9月17日", "9月18日");

    let news = [("1.toml", NEWS)];
    assert_eq!(refusal(&news, &unknown), ("story.toml: newt".into(), "not_found"));
    assert_eq!(refusal(&news, &passage), ("story.toml: news.body".into(), "not_once"));
}
