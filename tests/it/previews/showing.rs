//! What a link shows: its draft through every question, the drafts it is linked with, and the
//! public texts of everything else.

use schema::edition::Importance;
use serde_json::{Value, json};

use super::{headers, preview, public, send};
use crate::house::{House, article, house, locale, now, placed, text, told};

const SHOWN: &str = "title path url visibility publishedAt draft { version updatedAt } \
    edition { number digest } history { number } placements { path site { key } columns { path } } \
    columns { path } head { html } ... on Article { body { text } basis { title draft { version } } \
    basedOnThis { title draft { version } } }";

fn named(by: &str) -> String {
    format!("{{ document({by}) {{ {SHOWN} }} }}")
}

impl House {
    /// Two drafts that were never published, the first linking to the second.
    async fn linked(&self) -> [editorial::documents::SavedDraft; 2] {
        let basis = self.create(article("依据稿")).await.expect("the draft is saved");
        let mut new = article("解读稿");
        new.text.fields.insert("basis".into(), json!([basis.document.content]));
        new.text.placements[0].path = Some("/policy/finance/reading".parse().expect("a path"));
        [self.create(new).await.expect("the draft is saved"), basis]
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_draft_is_shown_by_every_name_it_has(house: House) {
        let node = house.node().await;
        let (editor, [draft, _]) = (house.editor().await, house.linked().await);
        let link = house.link(&editor, draft.document.id).await;
        let secret = link.secret.reveal();
        let content = draft.document.content;
        let names = [
            "site: \"lanqiao\", path: \"/policy/finance/reading\"".to_owned(),
            format!("contentId: \"{content}\""),
            format!("contentId: \"{content}\", locale: \"en\""),
            format!("contentId: \"{content}\", draft: true"),
        ];
        let mut shown: Vec<Value> = Vec::new();
        for name in &names {
            assert_eq!(public(&node, &named(name)).await["document"], Value::Null, "{name}");
            shown.push(preview(&node, secret, &named(name)).await["document"].take());
        }

        let one = &shown[0];
        assert!(shown.iter().all(|other| other == one), "{shown:#?}");
        assert_eq!((&one["title"], &one["visibility"]), (&json!("解读稿"), &json!("unpublished")));
        assert_eq!(one["body"]["text"], "解读稿的正文。");
        assert_eq!(one["path"], "/policy/finance/reading");
        assert_eq!(one["url"], "https://www.lanqiao.gov.cn/policy/finance/reading");
        assert_eq!((&one["edition"]["number"], &one["publishedAt"]), (&Value::Null, &Value::Null));
        assert_eq!(one["draft"]["version"], draft.document.version);
        assert!(one["draft"]["updatedAt"].is_string());
        assert_eq!(one["columns"], json!([{ "path": "policy/finance" }]));
        assert_eq!(one["placements"][0]["columns"], json!([{ "path": "policy/finance" }]));
        assert!(one["head"]["html"].as_str().is_some_and(|html| html.contains("noindex")));
        let route = "{ route(site: \"lanqiao\", path: \"/policy/finance/reading\") { __typename \
                     ... on DocumentRoute { status document { id title } } } }";
        let found = preview(&node, secret, route).await["route"].take();
        assert_eq!((&found["__typename"], &found["status"]), (&json!("DocumentRoute"), &json!(200)));
        let id = found["document"]["id"].as_str().expect("an id");
        let nodes = format!("{{ node(id: \"{id}\") {{ ... on Article {{ title }} }} nodes(ids: [\"{id}\"]) {{ ... on Article {{ title }} }} }}");
        let found = preview(&node, secret, &nodes).await;
        assert_eq!((&found["node"]["title"], &found["nodes"][0]["title"]), (&json!("解读稿"), &json!("解读稿")));
        assert_eq!(public(&node, &nodes).await, json!({ "node": null, "nodes": [] }));
        node.stop().await;
    }

    async fn links_lead_to_drafts_and_back_one_step_far(house: House) {
        let node = house.node().await;
        let editor = house.editor().await;
        let further = house.create(article("更远的稿")).await.expect("the draft is saved");
        let [draft, basis] = house.linked().await;
        let mut linking = text("依据稿");
        linking.fields.insert("basis".into(), json!([further.document.content]));
        house.save(now(&basis.document), linking).await.expect("the draft is saved");
        let other = house.create(article("无关的稿")).await.expect("the draft is saved");
        let link = house.link(&editor, draft.document.id).await;
        let secret = link.secret.reveal();

        let shown = preview(&node, secret, &named(&format!("contentId: \"{}\"", draft.document.content))).await;
        assert_eq!(shown["document"]["basis"][0]["title"], "依据稿");
        assert!(shown["document"]["basis"][0]["draft"]["version"].is_i64());
        let basis = preview(&node, secret, &named(&format!("contentId: \"{}\"", basis.document.content))).await;
        assert_eq!(basis["document"]["basedOnThis"][0]["title"], "解读稿", "and the other way");
        assert_eq!(basis["document"]["basis"], json!([]), "two steps are too far");
        for beyond in [&further, &other] {
            let asked = named(&format!("contentId: \"{}\"", beyond.document.content));
            assert_eq!(preview(&node, secret, &asked).await["document"], Value::Null);
        }
        node.stop().await;
    }

    async fn a_draft_over_a_live_text_is_shown_wherever_that_text_stood(house: House) {
        let node = house.node().await;
        let editor = house.editor().await;
        let live = house.live_article("公开文").await;
        house.live_article("又一文").await;
        let mut changed = text("修改稿");
        changed.placements = vec![placed("lanqiao", &["news"], Some("/news/changed"))];
        changed.importance = Importance::Minor;
        house.save(now(&live), changed).await.expect("the draft is saved");
        let link = house.link(&editor, live.id).await;
        let secret = link.secret.reveal();
        let lists = "{ documents(site: \"lanqiao\") { totalCount nodes { title draft { version } } } \
                     column(site: \"lanqiao\", path: \"policy/finance\") { documents { nodes { title } } } \
                     search(query: \"公开文\") { nodes { title } } \
                     draft: search(query: \"修改稿\") { nodes { title } } \
                     changes { nodes { document { title } } } }";

        let before = public(&node, lists).await;
        let shown = preview(&node, secret, lists).await;
        let old_path = public(&node, "{ documents(site: \"lanqiao\") { nodes { title path } } }").await;
        let old_path = old_path["documents"]["nodes"][1]["path"].as_str().expect("a path").to_owned();

        let titles = |data: &Value| crate::content_api::titles(data).join(" ");
        assert_eq!(titles(&before["documents"]["nodes"]), "又一文 公开文");
        assert_eq!(titles(&shown["documents"]["nodes"]), "又一文 修改稿");
        assert_eq!(shown["documents"]["nodes"][0]["draft"], Value::Null);
        assert_eq!(shown["documents"]["totalCount"], before["documents"]["totalCount"]);
        assert_eq!(titles(&shown["column"]["documents"]["nodes"]), "又一文 修改稿", "the list is the public's");
        assert_eq!((&shown["search"], &shown["draft"], &shown["changes"]),
            (&before["search"], &before["draft"], &before["changes"]), "what is found and told is the public's");
        for path in [old_path.as_str(), "/news/changed"] {
            let asked = format!("{{ route(site: \"lanqiao\", path: \"{path}\") {{ ... on DocumentRoute {{ document {{ title path head {{ html }} }} }} }} }}");
            let found = preview(&node, secret, &asked).await["route"]["document"].take();
            assert_eq!((&found["title"], &found["path"]), (&json!("修改稿"), &json!("/news/changed")), "{path}");
            let head = found["head"]["html"].as_str().expect("a head");
            assert!(head.contains(&format!("rel=\"canonical\" href=\"https://www.lanqiao.gov.cn{old_path}\"")), "{head}");
        }
        assert_eq!(public(&node, "{ route(site: \"lanqiao\", path: \"/news/changed\") { __typename } }").await["route"], Value::Null);
        node.stop().await;
    }

    async fn a_link_covers_the_languages_of_its_content(house: House) {
        let node = house.node().await;
        let editor = house.editor().await;
        let live = house.live_article("中文").await;
        let mut english = article("English draft");
        english.content = Some(live.content);
        english.locale = locale("en");
        english.text.placements = vec![placed("lanqiao", &["policy/finance"], Some("/en/policy/finance/a"))];
        house.create(english).await.expect("the draft is saved");
        house.save(now(&live), text("中文稿")).await.expect("the draft is saved");
        let link = house.link(&editor, live.id).await;
        let asked = format!("{{ zh: document(contentId: \"{0}\") {{ title translations {{ locale url document {{ title }} }} }} \
             en: document(contentId: \"{0}\", locale: \"en\") {{ title }} }}", live.content);

        let shown = preview(&node, link.secret.reveal(), &asked).await;

        assert_eq!((&shown["zh"]["title"], &shown["en"]["title"]), (&json!("中文稿"), &json!("English draft")));
        let translations = shown["zh"]["translations"].as_array().expect("translations");
        let titles: Vec<_> = translations.iter().map(|it| it["document"]["title"].as_str().expect("a title")).collect();
        assert_eq!(titles, ["中文稿", "English draft"]);
        assert_eq!(translations[1]["url"], "https://www.lanqiao.gov.cn/en/policy/finance/a");
        let seen = public(&node, &asked).await;
        assert_eq!((&seen["zh"]["title"], &seen["en"]["title"]), (&json!("中文"), &json!("中文")));
        node.stop().await;
    }

    async fn a_draft_is_shown_over_a_notice_and_never_after_a_recall(house: House) {
        let node = house.node().await;
        let editor = house.editor().await;
        let live = house.live_article("原文").await;
        let draft = house.save(now(&live), text("修改稿")).await.expect("the draft is saved");
        let withdrawn = house.withdraw(&draft.document, told("核实中", "Being checked")).await.expect("it is withdrawn");
        let link = house.link(&editor, live.id).await;
        let asked = format!("{{ document(contentId: \"{}\") {{ title visibility }} }}", live.content);

        let shown = preview(&node, link.secret.reveal(), &asked).await;

        assert_eq!(shown["document"], json!({ "title": "修改稿", "visibility": "withdrawn" }));
        house.recall(&withdrawn).await;
        assert_eq!(send(&node, &headers(link.secret.reveal()), &asked).await.status, 401);
        node.stop().await;
    }

    async fn drafts_and_the_past_exclude_each_other(house: House) {
        let node = house.node().await;
        let editor = house.editor().await;
        let live = house.live_article("原文").await;
        house.save(now(&live), text("修改稿")).await.expect("the draft is saved");
        let link = house.link(&editor, live.id).await;
        for asked in [
            format!("{{ document(contentId: \"{}\", asOf: \"2026-03-02T01:00:00Z\") {{ title }} }}", live.content),
            "{ documents(site: \"lanqiao\", asOf: \"2026-03-02T01:00:00Z\") { nodes { title } } }".to_owned(),
        ] {
            let refused = send(&node, &headers(link.secret.reveal()), &asked).await.json();
            assert_eq!(refused["errors"][0]["extensions"]["code"], "PREVIEW_HAS_NO_PAST", "{refused}");
        }
        // What was public once can be compared with what is to come.
        let asked = format!("{{ document(contentId: \"{}\") {{ difference {{ from to fields {{ name }} }} }} }}", live.content);
        let shown = preview(&node, link.secret.reveal(), &asked).await;
        assert_eq!((&shown["document"]["difference"]["from"], &shown["document"]["difference"]["to"]), (&json!(1), &Value::Null));
        node.stop().await;
    }

    async fn a_preview_is_kept_by_nobody(house: House) {
        let node = house.node().await;
        let editor = house.editor().await;
        let live = house.live_article("原文").await;
        house.save(now(&live), text("修改稿")).await.expect("the draft is saved");
        let link = house.link(&editor, live.id).await;
        let query = "{documents(site:\"lanqiao\"){nodes{title}}}";
        let address = format!("/graphql?query={}", query.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>());
        let get = async |headers: &[(&str, String)]| {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            crate::wire::ask(node.address, "GET", &address, &headers).await
        };

        let mut seen = Vec::new();
        for secret in [None, None, Some(link.secret.reveal()), None, Some(link.secret.reveal())] {
            let answer = get(&secret.map(headers).unwrap_or_default()).await;
            seen.push(answer.json()["data"]["documents"]["nodes"][0]["title"].clone());
            let cached = answer.header("cache-control").to_owned();
            match secret {
                None => assert!(cached.starts_with("public"), "{cached}"),
                Some(_) => {
                    assert_eq!((cached.as_str(), answer.header("etag")), ("private, no-store", ""));
                    assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
                    assert_eq!(answer.header("referrer-policy"), "no-referrer");
                }
            }
        }

        assert_eq!(json!(seen), json!(["原文", "原文", "修改稿", "原文", "修改稿"]));
        node.stop().await;
    }
}
