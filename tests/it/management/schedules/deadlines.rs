//! What is late, and what will be, by what contents say of themselves.

use std::sync::Arc;

use editorial::Desk;
use schema::{calendar::DeadlineRules, permission::Role};
use serde_json::{Value, json};
use test_harness::Engine;

use crate::{
    house::house,
    management::{Draft, Office, new_article, open, target},
    program::Program,
};

/// Rules for the article of the stories: it is public within five working days of its date, and
/// within two more has an article that is based on it.
const RULES: &str = r#"
[[rule]]
key = "disclosure"
name = { zh = "主动公开", en = "Disclosure" }
from = "formed"
within = "5wd"
source = "条例第二十六条"
sureness = "text"
soon_percent = 40
of = ["article.writtenOn"]

[[rule]]
key = "reading"
name = { zh = "解读", en = "A reading" }
preset = { zh = "某市", en = "a city" }
from = "policyPublished"
within = "2wd"
source = "某市的规定"
sureness = "secondHand"
soon_percent = 0
of = ["article"]
by = "article.basis"

[[rule]]
key = "repost"
name = { zh = "转载", en = "Repost" }
from = "originPublished"
within = "12h"
source = "发展指引"
sureness = "unverified"
soon_percent = 25
"#;

/// An office that goes by these rules.
async fn timed_office(engine: Engine) -> Option<Office> {
    let house = house(engine).await?;
    let rules = DeadlineRules::parse("rules.toml", RULES).expect("they are right");
    let desk = Desk { deadlines: Arc::new(rules), ..house.desk.clone() };
    let channels = house.channels();
    Some(open(house, desk, channels).await)
}

impl Office {
    /// A draft with more fields.
    async fn dated(&self, title: &str, more: &Value) -> Draft {
        let mut new = new_article(title);
        for (key, value) in more.as_object().expect("fields") {
            new["draft"]["fields"][key] = value.clone();
        }
        let selection = "draft { digest document { id contentId locale version } }";
        Draft::of(&self.done(&self.administrator, "createDocument", new, selection).await)
    }

    /// Rule, title, due time and standing of everything in the list.
    async fn pending(&self, token: &str, more: &str) -> Vec<Value> {
        let query = format!(
            "{{ deadlines(site: \"lanqiao\"{more}) {{ isCut items {{ title dueAt standing isPublic field \
             unknown {{ en }} cursor rule {{ key sureness source preset {{ en }} }} }} }} }}"
        );
        let list = self.query(token, &query, json!({})).await["deadlines"].clone();
        assert_eq!(list["isCut"], false);
        list["items"].as_array().expect("items").clone()
    }
}

fn told(items: &[Value]) -> Vec<(&str, &str, &str, &str)> {
    fn text(value: &Value) -> &str {
        value.as_str().unwrap_or_default()
    }
    let mut lines = Vec::new();
    for item in items {
        let (rule, title) = (&item["rule"]["key"], &item["title"]);
        lines.push((text(rule), text(title), text(&item["dueAt"]), text(&item["standing"])));
    }
    lines
}

test_harness::on_both_databases! {
    with timed_office;

    async fn what_is_late_and_what_will_be_is_listed_with_rule_and_source(office: Office) {
        let root = &office.administrator;
        // The story begins on Monday, 2 March 2026.
        office.dated("早已成文", &json!({ "writtenOn": "2026-02-10" })).await;
        office.dated("新近成文", &json!({ "writtenOn": "2026-02-27" })).await;
        office.dated("未注日期", &json!({})).await;
        office.dated("半年以前", &json!({ "writtenOn": "2025-06-10" })).await;
        let policy = office.dated("已发布", &json!({ "writtenOn": "2026-02-10" })).await;
        office.publish(root, &policy).await;

        let items = office.pending(root, "").await;

        assert_eq!(
            told(&items),
            [
                // Five working days after 10 February, over the Spring Festival.
                ("disclosure", "早已成文", "2026-02-24T16:00:00Z", "LATE"),
                ("reading", "已发布", "2026-03-04T16:00:00Z", "ON_TIME"),
                // The Saturday after it is made up.
                ("disclosure", "新近成文", "2026-03-05T16:00:00Z", "ON_TIME"),
            ]
        );
        assert_eq!(items[0]["rule"]["source"], "条例第二十六条");
        assert_eq!((&items[0]["field"], &items[0]["isPublic"]), (&json!("writtenOn"), &json!(false)));
        assert_eq!((&items[1]["rule"]["preset"]["en"], &items[1]["isPublic"]), (&json!("a city"), &json!(true)));

        office.house.clock.set("2026-03-05T01:00:00Z");
        let standing = |items: &[Value]| told(items).iter().map(|one| one.3.to_owned()).collect::<Vec<_>>();
        assert_eq!(standing(&office.pending(root, "").await), ["LATE", "LATE", "SOON"]);
        let reading = office.dated("解读", &json!({ "basis": [policy.document["contentId"]] })).await;
        office.publish(root, &reading).await;
        let keys: Vec<_> = office.pending(root, ", rules: [\"reading\"]").await;
        assert_eq!(told(&keys).len(), 1, "it is read now, and its reading is not");
        assert_eq!(keys[0]["title"], "解读");
        let early = office.pending(root, ", until: \"2026-03-01T00:00:00Z\"").await;
        assert_eq!(told(&early).len(), 1);
        let first = office.pending(root, ", first: 1").await;
        let cursor = first[0]["cursor"].as_str().expect("a cursor");
        let rest = office.pending(root, &format!(", after: \"{cursor}\"")).await;
        assert_eq!(rest.len() + 1, office.pending(root, "").await.len());
        assert_eq!(rest[0]["title"], "新近成文");
    }

    async fn a_year_that_nobody_announced_is_told_and_not_guessed(office: Office) {
        office.house.clock.set("2026-12-29T01:00:00Z");
        office.dated("年末成文", &json!({ "writtenOn": "2026-12-29" })).await;

        let items = office.pending(&office.administrator, "").await;

        assert_eq!(told(&items), [("disclosure", "年末成文", "", "")]);
        let said = items[0]["unknown"]["en"].as_str().expect("a text");
        assert!(said.contains("2027"), "{said}");
    }

    async fn only_those_who_may_see_drafts_there_see_what_is_late(office: Office) {
        office.dated("早已成文", &json!({ "writtenOn": "2026-02-10" })).await;
        let reader = office.token("reader", &[(Role::Reader, "lanqiao")]).await;
        let stranger = office.token("stranger", &[(Role::Reader, "nanhe")]).await;

        assert_eq!(office.pending(&reader, "").await.len(), 1);
        assert_eq!(office.pending(&stranger, "").await.len(), 0);
    }

    async fn checks_find_it_where_the_text_says_when_it_began(office: Office) {
        let late = office.dated("早已成文", &json!({ "writtenOn": "2026-02-10" })).await;
        let query = "query($id: String!) { findings(contentId: $id, locale: \"zh-CN\") { code field } }";
        let id = json!({ "id": late.document["contentId"] });

        let found = office.query(&office.administrator, query, id.clone()).await["findings"].clone();
        assert_eq!(found, json!([{ "code": "deadline_late", "field": "fields.writtenOn" }]));

        office.publish(&office.administrator, &late).await;
        let saved = json!({ "document": target(&office.live_of(&late).await),
                            "draft": crate::management::text("更正") });
        office.done(&office.administrator, "saveDraft", saved, "draft { digest }").await;
        let found = office.query(&office.administrator, query, id).await["findings"].clone();
        assert_eq!(found, json!([]), "a draft over what is public is not late");
    }

    async fn the_command_line_lists_it_too(office: Office) {
        office.dated("早已成文", &json!({ "writtenOn": "2026-02-10" })).await;
        let house = &office.house;
        let rules = house.folder().join("rules.toml");
        std::fs::write(&rules, RULES).expect("it is written");
        let program = Program::new(house.folder(), house.database.url())
            .with("GONGBAO_TYPES", &house.types_folder().display().to_string())
            .with("GONGBAO_DEADLINES", &rules.display().to_string());

        let asked = ["calendar", "late", "--site", "lanqiao", "--since", "3650", "--json"];
        let said: Value = serde_json::from_str(&program.done(&asked)).expect("JSON");

        assert_eq!(said["items"][0]["title"], "早已成文");
        assert_eq!(said["items"][0]["rule"]["key"], "disclosure");
        let text = program.done(&asked[..6]);
        assert!(text.contains("条例第二十六条"), "{text}");
        let (code, said) = program.failed(&["calendar", "late", "--site", "nowhere"]);
        assert_eq!(code, Some(1), "{said}");
    }
}

impl Office {
    /// The document of a draft as it is now.
    async fn live_of(&self, draft: &Draft) -> Value {
        let query = "query($id: String!) { document(contentId: $id, locale: \"zh-CN\") { \
                     contentId locale version } }";
        let id = json!({ "id": draft.document["contentId"] });
        self.query(&self.administrator, query, id).await["document"].clone()
    }
}
