//! Heads of what search engines should not find: drafts, the past, what was withdrawn or is gone.

use api::content::Limits;
use editorial::documents;
use schema::{
    message::Bilingual,
    permission::Role,
    viewer::Viewer,
    visibility::{Notice, Removal},
};
use serde_json::{Value, json};

use super::{HEAD, Head};
use crate::{
    content_api::Front,
    house::{House, article, house, now, placed, text, told},
};

impl Front {
    /// The head of the notice that stands at a path.
    async fn gone(&self, path: &str) -> Head {
        let query = format!(
            "query ($path: String!) {{ route(site: \"lanqiao\", path: $path) {{ ... on GoneRoute {{ {HEAD} }} }} }}"
        );
        Head::of(&self.ask_with(&query, json!({ "path": path })).await["route"])
    }
}

impl House {
    async fn live_at(&self, path: &str, title: &str) -> store::documents::Document {
        let mut new = article(title);
        new.text.placements = vec![placed("lanqiao", &["news"], Some(path))];
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }
}

/// Whether a head betrays nothing of the text it stands for.
fn is_silent(head: &Head, title: &str) -> bool {
    head.text("html").is_some_and(|html| !html.contains(title))
        && head.text("canonical").is_none()
        && head.0["jsonLd"] == Value::Null
}

test_harness::on_both_databases! {
    with house;

    async fn a_withdrawn_text_that_stays_is_not_to_be_indexed(house: House) {
        let document = house.live_article("通知").await;
        let notice = Notice { explanation: Some(Bilingual::new("已废止", "Repealed")), shows_text: true, ..Notice::default() };
        house.withdraw(&document, notice).await.expect("it is withdrawn");

        let head = house.front().head(&document).await;

        assert_eq!((head.text("robots"), head.tag("robots")), (Some("noindex"), Some("noindex")));
        assert_eq!(head.tag("ArticleTitle"), Some("通知"));
        assert_eq!(head.text("canonical"), head.tag("Url"));
        assert_eq!(head.languages(), []);
    }

    async fn what_is_gone_says_so_and_nothing_of_what_it_was(house: House) {
        let withdrawn = house.live_at("/news/1", "撤回的题目").await;
        let recalled = house.live_at("/news/2", "召回的题目").await;
        let removed = house.live_at("/news/3", "删除的题目").await;
        house.withdraw(&withdrawn, told("正在核实", "Under review")).await.expect("it is withdrawn");
        house.recall(&recalled).await;
        let target = now(&removed);
        house.act(async |work| {
            documents::remove(&house.desk, work, target, Removal::Gone, told("内容已整合", "Merged")).await
        })
        .await
        .expect("it is removed");
        let front = house.front();

        for (path, title, explanation, old) in [
            ("/news/1", "本页内容已撤回", "正在核实", "撤回的题目"),
            ("/news/2", "本页内容已召回", "含有错误信息", "召回的题目"),
            ("/news/3", "本页内容已删除", "内容已整合", "删除的题目"),
        ] {
            let head = front.gone(path).await;
            assert_eq!(head.text("title"), Some(format!("{title}_蓝桥市人民政府门户网站").as_str()));
            assert_eq!(head.tag("robots"), Some("noindex"));
            assert_eq!(head.text("description"), Some(explanation));
            assert_eq!(head.tag("SiteName"), Some("蓝桥市人民政府门户网站"));
            assert!(is_silent(&head, old), "{}", head.0);
        }
    }

    async fn a_draft_and_the_past_are_not_to_be_indexed(house: House) {
        let document = house.live_article("旧").await;
        house.save(now(&document), text("新")).await.expect("a draft");
        let unpublished = house.create(article("未发布")).await.expect("a draft").document;
        let reader = Viewer::Known(house.on_site(Role::Reader, "lanqiao", 8).await);
        let front = house.front_of(reader, Limits::default());
        let query = format!(
            "query ($live: ID!, $new: ID!, $then: DateTime) {{ \
             draft: document(contentId: $live, locale: \"zh-CN\", draft: true) {{ {HEAD} }} \
             new: document(contentId: $new, locale: \"zh-CN\", draft: true) {{ {HEAD} }} \
             then: document(contentId: $live, asOf: $then) {{ {HEAD} }} }}"
        );

        let data = front.ask_with(&query, json!({
            "live": document.content.to_string(), "new": unpublished.content.to_string(),
            "then": document.published_at.map(|at| at.to_string()),
        }))
        .await;

        let [draft, new, then] = ["draft", "new", "then"].map(|name| Head::of(&data[name]));
        assert_eq!((draft.tag("ArticleTitle"), draft.text("robots")), (Some("新"), Some("noindex, nofollow")));
        assert_eq!((new.tag("ArticleTitle"), new.text("robots")), (Some("未发布"), Some("noindex, nofollow")));
        assert_eq!(new.tag("PubDate"), Some(""));
        assert!(new.0["missing"].as_array().is_some_and(|missing| missing.contains(&json!("PubDate"))));
        assert_eq!((then.tag("ArticleTitle"), then.text("robots")), (Some("旧"), Some("noindex")));
        assert_eq!(then.text("canonical"), draft.text("canonical"));
    }
}
