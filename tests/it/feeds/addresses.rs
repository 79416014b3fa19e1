//! Where feeds are, and where none are.

use super::*;

test_harness::on_both_databases! {
    with house;

    async fn a_hub_with_a_host_of_its_own_is_named_where_it_answers(house: House) {
        house.live_article("甲").await;
        let router = house.reachable(ServerSettings {
            public_url: Some("https://api.gov.cn".into()),
            ..ServerSettings::default()
        });

        let feed = get(&router, FINANCE).await.own_address();

        assert_eq!(feed, "https://api.gov.cn/sites/lanqiao/columns/policy/finance/feed.atom");
    }

    async fn nothing_else_is_a_feed(house: House) {
        house.live_article("甲").await;
        let router = house.reachable(ServerSettings::default());
        let digest = Digest::of(b"").hex();

        for path in [
            "/sites/nowhere/feed.atom",
            "/sites/LANQIAO/feed.atom",
            "/sites/lanqiao/feed.xml",
            "/sites/lanqiao/feed",
            "/sites/lanqiao/columns/feed.atom",
            "/sites/lanqiao/columns/nothing/feed.atom",
            "/sites/lanqiao/columns/policy/feed.xml",
            "/sites/lanqiao/columns/policy",
            "/sites/lanqiao/columns/../feed.atom",
            "/sites/lanqiao/columns/policy%2ffinance/feed.atom%00",
            "/sites/lanqiao/columns//feed.atom",
            &format!("/sites/lanqiao/columns/{digest}/feed.atom"),
        ] {
            let answer = ask(&router, "GET", path, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        }
        let post = ask(&router, "POST", FEED, &[]).await;
        assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
    }

    async fn a_reader_subscribes_to_all_columns_at_once(house: House) {
        let router = house.reachable(ServerSettings::default());

        let chinese = get(&router, "/sites/lanqiao/opml").await;
        let english = get(&router, "/sites/lanqiao/opml?locale=en").await;

        assert_eq!(chinese.header("content-type"), "text/x-opml; charset=utf-8");
        let at = "https://www.lanqiao.gov.cn/sites/lanqiao";
        for path in ["feed.atom", "columns/policy/feed.atom", "columns/policy/finance/feed.atom", "columns/news/feed.atom"] {
            assert!(chinese.text().contains(&format!("xmlUrl=\"{at}/{path}\"")), "{path}");
            assert!(english.text().contains(&format!("xmlUrl=\"{at}/{path}?locale=en\"")), "{path}");
            get(&router, &format!("/sites/lanqiao/{path}")).await;
        }
        assert!(chinese.text().contains("text=\"财政\"") && english.text().contains("text=\"Finance\""));
        let tag = chinese.header("etag");
        let again = ask(&router, "GET", "/sites/lanqiao/opml", &[("if-none-match", tag)]).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    }

    async fn every_language_has_feeds_of_its_own(house: House) {
        let document = house.live_article("通知").await;
        let mut english = article("Notice");
        english.content = Some(document.content);
        english.locale = locale("en");
        published(&house, english).await;
        let router = house.reachable(ServerSettings::default());

        let chinese = get(&router, FEED).await;
        let english = get(&router, &format!("{FEED}?locale=en")).await;

        assert_eq!(titles(&router, FEED).await, ["通知"]);
        assert_eq!(titles(&router, &format!("{FEED}?locale=en")).await, ["Notice"]);
        assert_eq!(english.feed().title.expect("a title").content, "Lanqiao Municipal Government");
        assert_ne!(chinese.feed().entries[0].id, english.feed().entries[0].id);
        assert_ne!(chinese.feed().id, english.feed().id);
        for wrong in ["bo", "", "%0d%0ax", "zh-CN,en"] {
            let answer = ask(&router, "GET", &format!("{FEED}?locale={wrong}"), &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
            assert_eq!(answer.json()["detail"], "the languages of this site are: zh-CN, en");
        }
    }
}
