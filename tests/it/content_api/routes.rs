//! Addresses that moved, were withdrawn, removed or recalled: what a front end routes by.

use editorial::documents;
use schema::visibility::{Notice, Removal};
use serde_json::{Value, json};

use super::Front;
use crate::house::{House, article, house, now, placed, text, told};

impl Front {
    async fn route(&self, path: &str) -> Value {
        let query = "query ($path: String) { route(site: \"lanqiao\", path: $path) { __typename \
            ... on DocumentRoute { status document { title notice { explanation { zh } } } } \
            ... on RedirectRoute { status location permanent document { title } notice { explanation { zh } } } \
            ... on GoneRoute { status visibility notice { explanation { zh } alternative } contentId locale } } }";
        self.ask_with(query, json!({ "path": path })).await["route"].clone()
    }
}

impl House {
    async fn news_at(&self, path: &str) -> store::documents::Document {
        let mut new = article("通知");
        new.text.placements = vec![placed("lanqiao", &["news"], Some(path))];
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }

    async fn remove(
        &self,
        document: &store::documents::Document,
        removal: Removal,
        notice: Notice,
    ) {
        let target = now(document);
        self.act(async |work| {
            documents::remove(&self.desk, work, target, removal, notice.clone()).await
        })
        .await
        .expect("it is removed");
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_path_leads_to_its_text(house: House) {
        house.news_at("/news/中文-1").await;
        let front = house.front();

        for path in ["/news/中文-1", "/news/%E4%B8%AD%E6%96%87-1"] {
            let route = front.route(path).await;
            assert_eq!(route["__typename"], "DocumentRoute", "{path}");
            assert_eq!((&route["status"], &route["document"]["title"]), (&json!(200), &json!("通知")));
        }
        for nowhere in ["/nothing", "", "no path", "/a/../b", "/%ff", "/news/1?x=1"] {
            assert_eq!(front.route(nowhere).await, Value::Null, "{nowhere:?}");
        }
    }

    async fn an_old_path_leads_to_where_the_text_stands(house: House) {
        let document = house.news_at("/news/old").await;
        let mut elsewhere = text("通知");
        elsewhere.placements = vec![placed("lanqiao", &["news"], Some("/news/new"))];
        house.correct(&document, elsewhere).await;
        let front = house.front();

        let route = front.route("/news/old").await;

        assert_eq!(route["__typename"], "RedirectRoute");
        assert_eq!((&route["status"], &route["permanent"]), (&json!(301), &json!(true)));
        assert_eq!(route["location"], "/news/new");
        assert_eq!(route["document"]["title"], "通知");
        let data = front.ask("{ document(site: \"lanqiao\", path: \"/news/old\") { path } }").await;
        assert_eq!(data["document"]["path"], "/news/new");
    }

    async fn a_text_that_left_the_site_is_found_at_its_home(house: House) {
        let mut both = article("通知");
        both.text.placements = vec![
            placed("lanqiao-finance", &["notices"], Some("/n/1")),
            placed("lanqiao", &["news"], Some("/news/1")),
        ];
        let draft = house.create(both).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        let mut one = text("通知");
        one.placements = vec![placed("lanqiao-finance", &["notices"], Some("/n/1"))];
        house.correct(&document, one).await;

        let route = house.front().route("/news/1").await;

        assert_eq!(route["__typename"], "RedirectRoute");
        assert_eq!(route["location"], "https://czj.lanqiao.gov.cn/n/1");
    }

    async fn what_is_gone_says_why_and_where_to_look(house: House) {
        let document = house.news_at("/news/1").await;
        let notice = Notice {
            address: Some("/news/2".into()),
            ..told("内容已整合", "Merged into another page")
        };
        house.remove(&document, Removal::Gone, notice).await;
        let front = house.front();

        let route = front.route("/news/1").await;

        assert_eq!(route["__typename"], "GoneRoute");
        assert_eq!((&route["status"], &route["visibility"]), (&json!(410), &json!("gone")));
        assert_eq!(route["notice"]["explanation"]["zh"], "内容已整合");
        assert_eq!(route["notice"]["alternative"], "/news/2");
        assert_eq!(route["contentId"], document.content.to_string());
        let by_content = front.ask_with(
            "query ($id: ID!) { route(contentId: $id) { __typename } document(contentId: $id) { title } }",
            json!({ "id": document.content.to_string() }),
        )
        .await;
        assert_eq!(by_content, json!({ "route": { "__typename": "GoneRoute" }, "document": null }));
    }

    async fn a_redirect_is_followed(house: House) {
        let document = house.news_at("/news/1").await;
        let notice = Notice { address: Some("https://www.nanhe.gov.cn/x".into()), ..Notice::default() };
        house.remove(&document, Removal::Redirect, notice).await;

        let route = house.front().route("/news/1").await;

        assert_eq!(route["__typename"], "RedirectRoute");
        assert_eq!((&route["status"], &route["permanent"]), (&json!(302), &json!(false)));
        assert_eq!(route["location"], "https://www.nanhe.gov.cn/x");
        assert_eq!(route["document"], Value::Null);
    }

    async fn a_withdrawn_text_says_so(house: House) {
        let document = house.news_at("/news/1").await;
        house.withdraw(&document, told("内容有误，正在核实", "Under review")).await.expect("it is withdrawn");
        let front = house.front();

        let route = front.route("/news/1").await;
        assert_eq!((&route["__typename"], &route["status"]), (&json!("GoneRoute"), &json!(200)));
        assert_eq!(route["visibility"], "withdrawn");
        assert_eq!(route["notice"]["explanation"]["zh"], "内容有误，正在核实");
    }

    async fn recalled_and_vanished_texts_leave_a_reason_or_nothing(house: House) {
        let recalled = house.news_at("/news/1").await;
        house.recall(&recalled).await;
        let vanished = house.news_at("/news/2").await;
        house.remove(&vanished, Removal::Vanish, Notice::default()).await;
        let front = house.front();

        let route = front.route("/news/1").await;
        assert_eq!((&route["status"], &route["visibility"]), (&json!(410), &json!("recalled")));
        assert_eq!(route["notice"]["explanation"]["zh"], "含有错误信息");
        assert_eq!(front.route("/news/2").await, Value::Null);
    }
}
