//! One document: its fields, its languages, its links in both directions, its past, its draft.

use api::content::Limits;
use schema::{
    edition::{Origin, Source},
    message::Bilingual,
    permission::Role,
    viewer::Viewer,
    visibility::Notice,
};
use serde_json::{Value, json};

use super::titles;
use crate::house::{House, article, house, locale, now, placed, text, told};

const BY_CONTENT: &str = "query ($id: ID!, $locale: String) { document(contentId: $id, locale: $locale) { \
    locale title translations { locale url outdated document { title } } } }";

impl House {
    /// A live article that links to `basis`.
    async fn based_on(
        &self,
        title: &str,
        basis: &[&store::documents::Document],
    ) -> store::documents::Document {
        let mut new = article(title);
        let ids: Vec<Value> = basis.iter().map(|it| json!(it.content.to_string())).collect();
        new.text.fields.insert("basis".into(), Value::Array(ids));
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_document_shows_what_every_document_has(house: House) {
        let mut new = article("关于示例的通知");
        new.text.source = Some(Source { name: "蓝桥日报".into(), url: None });
        new.text.origin = Some(Origin {
            site: "9900000001".into(),
            url: "https://www.nanhe.gov.cn/x".into(),
            published_at: "2026-01-02T03:04:05Z".parse().expect("a moment"),
        });
        new.text.change_note = Some(Bilingual::new("首次发布", "First published"));
        let draft = house.create(new).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;

        let data = house.front().ask_with(
            "query ($id: ID!) { document(contentId: $id) { __typename contentId locale type typeLabel { zh en } title \
             summary characters url path publishedAt firstPublishedAt originallyPublishedAt updatedAt \
             edition { number digest changeNote { zh } } validity { value } visibility notice { showsText } \
             source { name url } origin { site url publishedAt } attachments { name } \
             site { key name { en } } columns { path name { zh } } authority { key level } \
             placements { site { key } url path columns { path } visibility } history { number isReadable } \
             ... on Article { body { html text characters headings { text } } } } }",
            json!({ "id": document.content.to_string() }),
        )
        .await;

        let found = &data["document"];
        let path = found["path"].as_str().expect("a path").to_owned();
        assert_eq!(found["__typename"], "Article");
        assert_eq!(found["contentId"], document.content.to_string());
        assert_eq!(found["type"], "article");
        assert_eq!(found["typeLabel"], json!({ "zh": "文章", "en": "Article" }));
        assert_eq!(found["title"], "关于示例的通知");
        assert_eq!(found["summary"], "关于示例的通知的正文。");
        assert_eq!(found["characters"], 11);
        assert_eq!(found["url"], format!("https://www.lanqiao.gov.cn{path}"));
        let published = document.published_at.expect("it is published").to_string();
        for time in ["publishedAt", "firstPublishedAt", "updatedAt"] {
            assert_eq!(found[time], published, "{time}");
        }
        assert_eq!(found["originallyPublishedAt"], Value::Null);
        assert_eq!(found["edition"]["number"], 1);
        assert_eq!(found["edition"]["digest"], draft.digest.to_string());
        assert_eq!(found["edition"]["changeNote"]["zh"], "首次发布");
        assert_eq!(found["validity"], Value::Null);
        assert_eq!((&found["visibility"], &found["notice"]), (&json!("live"), &Value::Null));
        assert_eq!(found["source"], json!({ "name": "蓝桥日报", "url": null }));
        assert_eq!(found["origin"]["publishedAt"], "2026-01-02T03:04:05Z");
        assert_eq!(found["attachments"], json!([]));
        assert_eq!(found["site"]["key"], "lanqiao");
        assert_eq!(found["columns"], json!([{ "path": "policy/finance", "name": { "zh": "财政" } }]));
        assert_eq!(found["authority"], json!({ "key": "lanqiao-city", "level": "city" }));
        assert_eq!(found["placements"][0]["columns"], json!([{ "path": "policy/finance" }]));
        assert_eq!(found["placements"][0]["path"], path);
        assert_eq!(found["history"], json!([{ "number": 1, "isReadable": true }]));
        assert_eq!(found["body"]["html"], "<p>关于示例的通知的正文。</p>");
        assert_eq!((&found["body"]["text"], &found["body"]["characters"]), (&json!("关于示例的通知的正文。"), &json!(11)));
    }

    async fn a_document_is_found_by_id_path_and_content(house: House) {
        let document = house.live_article("通知").await;
        let front = house.front();
        let content = document.content.to_string();
        let first = front.ask_with("query ($id: ID!) { document(contentId: $id) { id path } }", json!({ "id": content })).await;
        let (id, path) = (first["document"]["id"].clone(), first["document"]["path"].clone());

        let data = front.ask_with(
            "query ($id: ID!, $path: String!) { byId: document(id: $id) { title } node(id: $id) { ... on Article { title } } \
             byPath: document(site: \"lanqiao\", path: $path) { title } nodes(ids: [$id, \"x\", $id]) { id } \
             elsewhere: document(site: \"nanhe\", path: $path) { title } nowhere: document(id: \"x\") { title } }",
            json!({ "id": id, "path": path }),
        )
        .await;

        for found in ["byId", "node", "byPath"] {
            assert_eq!(data[found]["title"], "通知", "{found}");
        }
        assert_eq!(data["nodes"], json!([{ "id": id }, { "id": id }]));
        assert_eq!((&data["elsewhere"], &data["nowhere"]), (&Value::Null, &Value::Null));
        for wrong in ["{ document { title } }", "{ document(id: \"x\", path: \"/x\") { title } }", "{ document(path: \"/x\") { title } }"] {
            assert_eq!(front.refusal(wrong).await, "BAD_ARGUMENT", "{wrong}");
        }
    }

    async fn a_language_that_is_missing_falls_back_to_the_main_one(house: House) {
        let main = house.live_article("通知").await;
        let front = house.front();
        let ask = async |locale: &str| {
            let variables = json!({ "id": main.content.to_string(), "locale": locale });
            front.ask_with(BY_CONTENT, variables).await["document"].clone()
        };
        let before = ask("en").await;
        assert_eq!((&before["locale"], &before["title"]), (&json!("zh-CN"), &json!("通知")));

        let mut english = article("Notice");
        (english.content, english.locale) = (Some(main.content), locale("en"));
        let draft = house.create(english).await.expect("the translation is saved");
        house.make_public(&draft).await;
        house.correct(&main, text("通知（修订）")).await;

        let after = ask("en").await;
        assert_eq!((&after["locale"], &after["title"]), (&json!("en"), &json!("Notice")));
        let [chinese, english] = &after["translations"].as_array().expect("a list")[..] else { panic!("{after}") };
        assert_eq!((&chinese["locale"], &chinese["outdated"]), (&json!("zh-CN"), &json!(false)));
        assert_eq!((&english["locale"], &english["outdated"]), (&json!("en"), &json!(true)));
        assert_eq!(chinese["document"]["title"], "通知（修订）");
        assert!(english["url"].as_str().expect("an address").starts_with("https://www.lanqiao.gov.cn/en/"));
    }

    async fn links_lead_both_ways_and_hide_what_is_not_public(house: House) {
        let basis = house.live_article("条例").await;
        let other = house.live_article("意见").await;
        let notice = house.based_on("通知", &[&basis, &other]).await;
        let front = house.front();
        let ask = async || {
            front.ask_with(
                "query ($notice: ID!, $basis: ID!) { \
                 notice: document(contentId: $notice) { ... on Article { basis { title url } } related { title } } \
                 basis: document(contentId: $basis) { ... on Article { basedOnThis { title } } \
                   related(kind: \"basedOnThis\") { title } none: related(kind: \"basis\") { title } } }",
                json!({ "notice": notice.content.to_string(), "basis": basis.content.to_string() }),
            )
            .await
        };

        let both = ask().await;
        assert_eq!(titles(&both["notice"]["basis"]), ["条例", "意见"]);
        assert_eq!(titles(&both["notice"]["related"]), ["条例", "意见"]);
        assert_eq!(titles(&both["basis"]["basedOnThis"]), ["通知"]);
        assert_eq!(titles(&both["basis"]["related"]), ["通知"]);
        assert_eq!(both["basis"]["none"], json!([]));

        house.withdraw(&other, told("有误", "Wrong")).await.expect("it is withdrawn");
        house.recall(&notice).await;

        let after = ask().await;
        assert_eq!(after["notice"], Value::Null);
        assert_eq!(after["basis"]["basedOnThis"], json!([]));
    }

    async fn a_link_to_something_withdrawn_is_hidden(house: House) {
        let basis = house.live_article("条例").await;
        let notice = house.based_on("通知", &[&basis]).await;
        house.withdraw(&basis, told("有误", "Wrong")).await.expect("it is withdrawn");

        let data = house.front().ask_with(
            "query ($id: ID!) { document(contentId: $id) { ... on Article { basis { title } } related { title } } }",
            json!({ "id": notice.content.to_string() }),
        )
        .await;

        assert_eq!(data["document"], json!({ "basis": [], "related": [] }));
    }

    async fn a_draft_is_seen_only_by_those_who_may(house: House) {
        let document = house.live_article("旧").await;
        house.save(now(&document), text("新")).await.expect("a draft");
        let unpublished = house.create(article("未发布")).await.expect("a draft").document;
        let editor = house.on_site(Role::Reader, "lanqiao", 8).await;
        let stranger = house.on_site(Role::Reader, "nanhe", 9).await;
        let query = "query ($live: ID!, $new: ID!) { public: document(contentId: $live) { title } \
            draft: document(contentId: $live, locale: \"zh-CN\", draft: true) { title edition { number } url publishedAt } \
            new: document(contentId: $new, locale: \"zh-CN\", draft: true) { title visibility publishedAt url } \
            list: documents { nodes { title } } }";
        let variables = json!({ "live": document.content.to_string(), "new": unpublished.content.to_string() });

        for viewer in [Viewer::Public, Viewer::Known(stranger)] {
            let data = house.front_of(viewer, Limits::default()).ask_with(query, variables.clone()).await;
            assert_eq!(data["draft"]["title"], "旧");
            assert_eq!(data["new"], Value::Null);
            assert_eq!(titles(&data["list"]["nodes"]), ["旧"]);
        }
        let data = house.front_of(Viewer::Known(editor), Limits::default()).ask_with(query, variables).await;
        assert_eq!(data["public"]["title"], "旧");
        assert_eq!((&data["draft"]["title"], &data["draft"]["edition"]["number"]), (&json!("新"), &Value::Null));
        assert_eq!(data["draft"]["publishedAt"], Value::Null);
        assert_eq!((&data["new"]["title"], &data["new"]["visibility"]), (&json!("未发布"), &json!("unpublished")));
        assert!(data["new"]["url"].as_str().is_some_and(|url| url.starts_with("https://www.lanqiao.gov.cn/")));
        assert_eq!(titles(&data["list"]["nodes"]), ["旧"], "lists are of what is live");
    }

    async fn the_past_answers_while_it_may(house: House) {
        let document = house.live_article("甲").await;
        let first = document.published_at.expect("it is published");
        let mut change = text("乙");
        change.change_note = Some(Bilingual::new("更新", "Updated"));
        let second = house.correct(&document, change).await.document;
        let front = house.front();
        let query = "query ($id: ID!, $then: DateTime, $early: DateTime) { \
            now: document(contentId: $id) { title history { number publishedAt changeNote { zh } isReadable } } \
            then: document(contentId: $id, asOf: $then) { title publishedAt edition { number } ... on Article { body { text } } } \
            early: document(contentId: $id, asOf: $early) { title } }";
        let variables = json!({
            "id": document.content.to_string(),
            "then": first.to_string(),
            "early": "2020-01-01T00:00:00Z",
        });

        let data = front.ask_with(query, variables.clone()).await;
        assert_eq!(data["now"]["title"], "乙");
        let history = &data["now"]["history"];
        assert_eq!((&history[0]["number"], &history[0]["changeNote"]["zh"]), (&json!(2), &json!("更新")));
        assert_eq!((&history[1]["number"], &history[1]["publishedAt"]), (&json!(1), &json!(first.to_string())));
        assert_eq!(history[1]["isReadable"], true);
        assert_eq!((&data["then"]["title"], &data["then"]["edition"]["number"]), (&json!("甲"), &json!(1)));
        assert_eq!(data["then"]["publishedAt"], first.to_string());
        assert_eq!(data["then"]["body"]["text"], "甲的正文。");
        assert_eq!(data["early"], Value::Null);

        house.recall(&second).await;
        let data = front.ask_with(query, variables).await;
        assert_eq!((&data["now"], &data["then"]), (&Value::Null, &Value::Null));
    }

    async fn a_text_that_was_called_an_error_leaves_only_its_line(house: House) {
        let mut new = article("误");
        new.r#type = "alarm".parse().expect("a type name");
        new.text.fields.remove("body");
        let draft = house.create(new).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        let mut right = text("正");
        right.fields.remove("body");
        house.correct(&document, right).await;

        let data = house.front().ask_with(
            "query ($id: ID!, $then: DateTime) { document(contentId: $id) { history { number isReadable digest } } \
             then: document(contentId: $id, asOf: $then) { title } }",
            json!({ "id": document.content.to_string(), "then": document.published_at.map(|at| at.to_string()) }),
        )
        .await;

        let history = &data["document"]["history"];
        assert_eq!(history[0]["isReadable"], true);
        assert_eq!(history[1], json!({ "number": 1, "isReadable": false, "digest": null }));
        assert_eq!(data["then"], Value::Null);
    }

    async fn a_withdrawn_text_that_stays_is_read_with_its_notice(house: House) {
        let document = house.live_article("通知").await;
        let notice = Notice {
            explanation: Some(Bilingual::new("已废止", "Repealed")),
            shows_text: true,
            ..Notice::default()
        };
        house.withdraw(&document, notice).await.expect("it is withdrawn");

        let data = house.front().ask_with(
            "query ($id: ID!) { document(contentId: $id) { title visibility notice { explanation { zh } showsText } \
             ... on Article { body { text } } history { number } } documents { nodes { title } totalCount } }",
            json!({ "id": document.content.to_string() }),
        )
        .await;

        let found = &data["document"];
        assert_eq!((&found["title"], &found["visibility"]), (&json!("通知"), &json!("withdrawn")));
        assert_eq!(found["notice"], json!({ "explanation": { "zh": "已废止" }, "showsText": true }));
        assert_eq!(found["body"]["text"], "通知的正文。");
        assert_eq!(data["documents"], json!({ "nodes": [], "totalCount": 0 }));
    }

    async fn one_text_on_many_sites_is_looked_at_from_each(house: House) {
        let mut new = article("联合通知");
        new.text.placements.push(placed("lanqiao-finance", &["notices"], Some("/n/1")));
        let draft = house.create(new).await.expect("it is saved");
        house.make_public(&draft).await;

        let data = house.front().ask(
            "{ home: documents { nodes { url site { key } columns { path } } } \
               there: documents(site: \"lanqiao-finance\") { nodes { url path site { key } columns { path } } } \
               column: column(site: \"lanqiao-finance\", path: \"notices\") { documents { nodes { url } } } \
               at: document(site: \"lanqiao-finance\", path: \"/n/1\") { url placements { url } } }",
        )
        .await;

        assert_eq!(data["home"]["nodes"][0]["site"]["key"], "lanqiao");
        let there = &data["there"]["nodes"][0];
        assert_eq!(there["url"], "https://czj.lanqiao.gov.cn/n/1");
        assert_eq!((&there["site"]["key"], &there["columns"]), (&json!("lanqiao-finance"), &json!([{ "path": "notices" }])));
        assert_eq!(data["column"]["documents"]["nodes"][0]["url"], "https://czj.lanqiao.gov.cn/n/1");
        assert_eq!(data["at"]["url"], "https://czj.lanqiao.gov.cn/n/1");
        assert_eq!(data["at"]["placements"].as_array().map(Vec::len), Some(2));
    }
}
