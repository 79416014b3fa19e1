//! Findings in the management API.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use editorial::{Desk, ports::Web};
use schema::{
    checks::{Checks, Dictionary, Sources, Terms},
    permission::Role,
};
use serde_json::{Value, json};
use test_harness::Engine;

use super::{codes, told};
use crate::{
    house::house_with_types,
    management::{Office, office, open, target, text},
};

/// An article that is expected where another one names it as its basis.
const POLICY: &str = include_str!("../types/article.toml");
const ALARM: &str = include_str!("../types/alarm.toml");

const GUIDE: &str = include_str!("../../../docs/checks.md");

/// The question as the guide asks it.
fn question() -> &'static str {
    let block = GUIDE.split("```graphql\n").nth(1).expect("a question");
    block.split("```").next().expect("its end")
}

async fn findings(office: &Office, token: &str, document: &Value) -> Value {
    let named = json!({ "contentId": document["contentId"], "locale": "zh-CN" });
    office.query(token, question(), named).await["findings"].clone()
}

/// A draft of an article with this text and origin.
async fn drafted(office: &Office, fields: Value, origin: Value) -> crate::management::Draft {
    let mut draft = text("甲");
    draft["fields"] = fields;
    draft["origin"] = origin;
    let new = json!({
        "authority": "lanqiao-city", "type": "article", "locale": "zh-CN", "draft": draft,
    });
    let selection = "draft { digest document { id contentId locale version visibility } }";
    let payload = office.done(&office.administrator, "createDocument", new, selection).await;
    crate::management::Draft::of(&payload)
}

/// An office whose articles are expected to be the basis of others, and whose list of sources names
/// one newspaper.
async fn strict_office(engine: Engine) -> Option<Office> {
    let wanted = POLICY
        .replace("reverse = \"basedOnThis\"", "reverse = \"basedOnThis\"\nreverse_expected = true");
    assert_ne!(wanted, POLICY);
    let types = [("article.toml", wanted.as_str()), ("alarm.toml", ALARM)];
    let house = house_with_types(engine, &types).await?;
    let terms = Terms::new(Dictionary::embedded()).expect("few terms");
    let sources = Sources::parse("name\n人民日报\n").expect("a list");
    let checks = Arc::new(Checks::new(terms, sources));
    let desk = Desk { checks, ..house.desk.clone() };
    let channels = house.channels();
    Some(open(house, desk, channels).await)
}

/// Pages outside: one is there, one is gone, one does not answer until it is mended.
#[derive(Default)]
struct Answers(AtomicBool);

impl Answers {
    fn mend(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl Web for Answers {
    async fn status(&self, url: &str) -> Option<u16> {
        match url {
            "https://stays.example.org/a" => Some(200),
            "https://gone.example.org/b" => Some(410),
            _ => self.0.load(Ordering::SeqCst).then_some(302),
        }
    }
}

test_harness::on_both_databases! {
    with office;

    async fn a_draft_with_faults_is_told_where_they_are(office: Office) {
        let body = "<p>依法贯切落实，咨询张三<strong>13812345678</strong>。</p>\
                    <table><tr><td>身份证</td><td>11010519491231002X</td></tr></table>\
                    <p><img src=\"/map.png\" alt=\"行政区划图\">截至2026年2月30日</p>";
        let draft = drafted(&office, json!({ "title": "关于布署工作的通知", "body": body }), Value::Null).await;

        let found = findings(&office, &office.administrator, &draft.document).await;

        assert_eq!(
            told(&found),
            [
                ("wrong_term", "fields.title", 2, 4, Some("部署")),
                ("wrong_term", "fields.body", 2, 6, Some("贯彻落实")),
                ("mobile_number", "fields.body", 11, 22, Some("138****5678")),
                ("identity_number", "fields.body", 28, 46, Some("110***********002X")),
                ("map_without_number", "fields.body", 47, 47, None),
                ("impossible_date", "fields.body", 49, 59, None),
            ]
        );
        assert_eq!(found[0]["severity"], "WARNING");
        assert_eq!(found[3]["severity"], "ERROR");
        assert_eq!(found[2]["excerpt"], "依法贯切落实，咨询张三13812345678。 身份证 11010519…");
        // Checks forbid nothing.
        office.publish(&office.administrator, &draft).await;
    }

    async fn the_draft_is_looked_at_and_the_live_edition_where_there_is_none(office: Office) {
        let live = office.live("关于按装电梯的通知").await;
        assert_eq!(codes(&findings(&office, &office.administrator, &live).await), ["wrong_term", "wrong_term"]);

        let input = json!({ "document": target(&live), "draft": text("关于安装电梯的通知") });
        office.done(&office.administrator, "saveDraft", input, "draft { digest }").await;

        assert_eq!(findings(&office, &office.administrator, &live).await, json!([]));
    }

    async fn only_those_who_may_see_the_draft_are_told(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let stranger = office.token("stranger", &[(Role::Editor, "nanhe")]).await;
        let nobody = office.token("nobody", &[]).await;
        let live = office.live("关于按装电梯的通知").await;

        assert_eq!(codes(&findings(&office, &editor, &live).await).len(), 2);
        for blind in [&stranger, &nobody] {
            assert_eq!(findings(&office, blind, &live).await, Value::Null);
        }
        let unknown = json!({ "contentId": "019a0000-0000-7000-8000-000000000000" });
        assert_eq!(findings(&office, &editor, &unknown).await, Value::Null);
        let wrong = json!({ "contentId": "not an id", "locale": "zh-CN" });
        let answer = office.post(&editor, question(), wrong, &[]).await;
        assert_eq!(answer.json["errors"][0]["extensions"]["code"], "BAD_ARGUMENT");
    }

    async fn links_to_what_readers_do_not_find_are_told(office: Office) {
        let gone = office.live("依据").await;
        let stays = office.live("另一依据").await;
        let path = |document: &Value| {
            let id = document["contentId"].as_str().expect("an id").to_owned();
            let query = "query($content: String!) { document(contentId: $content, locale: \"zh-CN\") { placements { path } } }";
            (query, json!({ "content": id }))
        };
        let (query, content) = path(&gone);
        let read = office.query(&office.administrator, query, content).await;
        let path = read["document"]["placements"][0]["path"].as_str().expect("a path").to_owned();
        let body = format!(
            "<p>见<a href=\"https://www.lanqiao.gov.cn{path}\">依据</a>、<a href=\"{path}?from=home\">同上</a>、\
             <a href=\"https://www.lanqiao.gov.cn/search\">搜索</a>、<a href=\"https://www.example.com/\">外站</a>。</p>"
        );
        let fields = json!({ "title": "甲", "body": body, "basis": [gone["contentId"], stays["contentId"]] });
        let draft = drafted(&office, fields, Value::Null).await;
        let outside = ("link_outside", "fields.body", 10, 12, None);
        assert_eq!(told(&findings(&office, &office.administrator, &draft.document).await), [outside]);

        office.recall(&office.administrator, &gone).await;

        assert_eq!(
            told(&findings(&office, &office.administrator, &draft.document).await),
            [
                ("link_not_live", "fields.body", 1, 3, None),
                ("link_not_live", "fields.body", 4, 6, None),
                outside,
                ("link_not_live", "fields.basis[0]", 0, 0, None),
            ]
        );
    }

    async fn what_is_public_already_is_told(office: Office) {
        let first = office.live("关于放假的通知").await;
        let same = office.draft(&office.administrator, "关于放假的通知").await;
        let other = drafted(&office, json!({ "title": "关于放假的通知", "body": "<p>另一年。</p>" }), Value::Null).await;

        let told_same = findings(&office, &office.administrator, &same.document).await;
        assert_eq!(told(&told_same), [("duplicate_text", "", 0, 0, None)]);
        let id = first["contentId"].as_str().expect("an id");
        assert!(told_same[0]["message"]["zh"].as_str().expect("a text").contains(id));
        let told_other = findings(&office, &office.administrator, &other.document).await;
        assert_eq!(told(&told_other), [("duplicate_title", "fields.title", 0, 7, None)]);

        office.recall(&office.administrator, &first).await;
        for draft in [&same, &other] {
            assert_eq!(findings(&office, &office.administrator, &draft.document).await, json!([]));
        }
    }

    async fn what_says_nearly_the_same_as_something_public_is_told_with_how_much(office: Office) {
        let root = &office.administrator;
        let part = |from: char| -> String {
            (0..150).map(|place| char::from_u32(u32::from(from) + place * 7).expect("a letter")).collect()
        };
        let body = |end: &str| format!("<p>{}</p><p>{}</p><p>{end}</p>", part('一'), part('严'));
        let first = drafted(&office, json!({ "title": "供水公告", "body": body("自三月一日起施行。") }), Value::Null).await;
        let live = office.publish(root, &first).await;
        let second = drafted(&office, json!({ "title": "关于供水", "body": body("自四月五日起试行。") }), Value::Null).await;
        let other = drafted(&office, json!({ "title": "排水公告", "body": format!("<p>{}</p>", part('爱')) }), Value::Null).await;

        let found = findings(&office, root, &second.document).await;
        assert_eq!(codes(&found), ["nearly_duplicate"]);
        let said = found[0]["message"]["zh"].as_str().expect("words");
        assert!(said.contains(live["contentId"].as_str().expect("an id")) && said.contains("9"), "{said}");
        assert_eq!(codes(&findings(&office, root, &other.document).await), [""; 0]);

        office.recall(root, &live).await;
        assert_eq!(codes(&findings(&office, root, &second.document).await), [""; 0]);
    }

    async fn what_is_too_long_for_a_target_it_goes_to_is_told(office: Office) {
        let root = &office.administrator;
        let target = json!({
            "key": "sms", "authority": "lanqiao-city", "sites": ["lanqiao"], "address": "https://sms.example.org/",
            "limits": { "concurrency": 4, "perMinute": 600, "titleCharacters": 6, "textCharacters": 10 },
        });
        office.done(root, "createTarget", target, "equipped { target { key } }").await;
        let fields = json!({ "title": "关于放假的通知", "body": "<p>自三月一日起放假三天。</p>" });
        let draft = drafted(&office, fields, Value::Null).await;
        let told_of = async || {
            let found = findings(&office, root, &draft.document).await;
            told(&found).into_iter().map(|(code, field, start, end, _)| format!("{code} {field} {start} {end}")).collect::<Vec<_>>()
        };
        assert_eq!(told_of().await, ["too_long_for_target fields.title 6 7", "too_long_for_target fields.body 10 11"]);

        // It does not go there: nobody minds how long it is.
        let rule = json!({ "place": { "site": "lanqiao" }, "targets": [{ "target": "sms", "proposed": false }] });
        office.done(root, "setPlanRule", rule, "rule { version }").await;
        assert_eq!(told_of().await, [""; 0]);

        let place = json!({ "place": { "site": "lanqiao" } });
        office.done(root, "removePlanRule", place, "rule { version }").await;
        let wider = json!({ "key": "sms", "version": 1, "limits": { "concurrency": 4, "perMinute": 600 } });
        office.done(root, "changeTarget", wider, "target { limits { titleCharacters } }").await;
        assert_eq!(told_of().await, [""; 0]);
    }
}

test_harness::on_both_databases! {
    with strict_office;

    async fn counterparts_and_sources_are_asked_for_as_the_files_say(office: Office) {
        let origin = json!({
            "site": "people.com.cn", "url": "https://www.people.com.cn/1", "publishedAt": "2026-03-01T00:00:00Z",
        });
        let fields = json!({ "title": "甲", "body": "<p>正文。</p>" });
        let reposted = drafted(&office, fields, origin).await;

        let found = findings(&office, &office.administrator, &reposted.document).await;
        let missing = ("counterpart_missing", "", 0, 0, None);
        let unnamed = ("counterpart_not_named", "fields.basis", 0, 0, None);
        assert_eq!(told(&found), [missing, unnamed, ("repost_without_source", "source", 0, 0, None)]);

        let mut draft = text("甲");
        draft["source"] = json!({ "name": "某公众号" });
        let input = json!({ "document": target(&reposted.document), "draft": draft });
        let saved = office.done(&office.administrator, "saveDraft", input, "draft { digest document { id contentId locale version } }").await;
        let saved = crate::management::Draft::of(&saved);
        let found = findings(&office, &office.administrator, &saved.document).await;
        assert_eq!(told(&found), [missing, unnamed, ("source_not_allowed", "source.name", 0, 4, None)]);
        office.publish(&office.administrator, &saved).await;

        let fields = json!({ "title": "乙", "body": "<p>正文。</p>", "basis": [reposted.document["contentId"]] });
        let basing = drafted(&office, fields, Value::Null).await;
        assert_eq!(codes(&findings(&office, &office.administrator, &basing.document).await), ["counterpart_missing"]);
        office.publish(&office.administrator, &basing).await;

        let found = findings(&office, &office.administrator, &reposted.document).await;
        assert_eq!(codes(&found), ["counterpart_not_named", "source_not_allowed"]);
    }
}

/// An office that opens links that lead out, once a week.
async fn looking_office(engine: Engine) -> Option<Office> {
    let house = house_with_types(engine, &[("article.toml", POLICY)]).await?;
    let desk = Desk { outside_links: Some(7), ..house.desk.clone() };
    let channels = house.channels();
    Some(open(house, desk, channels).await)
}

test_harness::on_both_databases! {
    with looking_office;

    async fn a_link_out_that_leads_nowhere_is_told_once_that_is_sure(office: Office) {
        let root = &office.administrator;
        // Given a hub that opens links once a week, and a draft with some
        let at = |moment: &str| office.house.clock.set(moment);
        at("2026-03-03T01:00:00Z");
        let desk = Desk { outside_links: Some(7), ..office.house.desk.clone() };
        let body = "<p><a href=\"https://stays.example.org/a\">一</a><a href=\"https://gone.example.org/b#c\">二</a>\
                    <a href=\"http://slow.example.org/\">三</a></p>";
        let draft = drafted(&office, json!({ "title": "甲", "body": body }), Value::Null).await;
        let broken = async || {
            let found = findings(&office, root, &draft.document).await;
            codes(&found).into_iter().filter(|code| *code == "link_broken").count()
        };
        assert_eq!(broken().await, 0, "nobody has looked yet");

        // When they are opened
        let web = Arc::new(Answers::default());
        let opened = editorial::outside_links::open_due(&desk, web.clone()).await.expect("it is recorded");
        assert_eq!((opened.tried, opened.failed), (3, 2));

        // Then what is gone is told at once, and what does not answer after a day
        assert_eq!(broken().await, 1);
        at("2026-03-03T02:00:00Z");
        let again = editorial::outside_links::open_due(&desk, web.clone()).await.expect("it is recorded");
        assert_eq!(again.tried, 0, "nothing is due");
        at("2026-03-04T02:00:00Z");
        editorial::outside_links::open_due(&desk, web.clone()).await.expect("it is recorded");
        assert_eq!(broken().await, 2);
        web.mend();
        at("2026-03-05T02:00:00Z");
        editorial::outside_links::open_due(&desk, web).await.expect("it is recorded");
        assert_eq!(broken().await, 1, "it answers again");
    }
}
