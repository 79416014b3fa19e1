//! What stands in a feed.

use super::*;

test_harness::on_both_databases! {
    with house;

    async fn a_feed_carries_a_text_and_all_that_belongs_to_it(house: House) {
        let file = house.take_in(b"%PDF-1.7").await;
        let mut new = at("关于“]]>” <b>&amp;</b> 的通知 😀", &["policy/finance", "news"], "/n/通知");
        new.text.source = Some(Source {
            name: "南河日报".into(),
            url: Some("https://paper.example/1".into()),
        });
        new.text.fields = fields(json!({
            "title": "关于“]]>” <b>&amp;</b> 的通知 😀",
            "summary": "摘要",
            "body": format!("<h2>一、总则</h2><p>见<a href=\"/policy/1?a=1&amp;b=2\">旧文</a>，<a href=\"asset:{}\">附件</a></p>", file.digest),
            "files": [{ "digest": file.digest, "name": "附件.pdf", "mediaType": "application/pdf", "size": 8 }],
        }));
        let document = published(&house, new).await;
        house.create(article("草稿")).await.expect("a draft is saved");
        let router = house.reachable(ServerSettings::default());

        let atom = get(&router, FEED).await;
        let rss = get(&router, "/sites/lanqiao/feed.rss").await;
        let json = get(&router, "/sites/lanqiao/feed.json").await;

        assert_eq!(atom.header("content-type"), "application/atom+xml; charset=utf-8");
        assert_eq!(rss.header("content-type"), "application/rss+xml; charset=utf-8");
        assert_eq!(json.header("content-type"), "application/feed+json; charset=utf-8");
        let host = "https://www.lanqiao.gov.cn";
        let asset = format!("{host}/assets/{}/%E9%99%84%E4%BB%B6.pdf", file.digest.hex());
        let feed = atom.feed();
        assert_eq!(feed.title.as_ref().expect("a title").content, "蓝桥市人民政府门户网站");
        assert_eq!(feed.entries.len(), 1, "the draft is nowhere");
        let entry = &feed.entries[0];
        assert_eq!(links(entry, "alternate"), [format!("{host}/n/%E9%80%9A%E7%9F%A5")]);
        assert_eq!(links(entry, "via"), ["https://paper.example/1"]);
        assert_eq!(links(entry, "enclosure"), std::slice::from_ref(&asset));
        assert_eq!(entry.authors[0].name.as_deref(), Some("蓝桥市人民政府"));
        let labels: Vec<_> = entry.categories.iter().filter_map(|c| c.label.as_deref()).collect();
        assert_eq!(labels, ["财政", "要闻", "文章"]);
        let whole = entry.content.as_ref().and_then(|content| content.body.as_ref()).expect("a text");
        assert!(whole.contains(&format!("href=\"{host}/policy/1?a=1&amp;b=2\"")), "{whole}");
        assert!(whole.contains(&format!("href=\"{asset}\"")), "{whole}");
        let first = document.first_published_at.expect("it is published").as_second();
        for time in [entry.published, entry.updated] {
            assert_eq!(time.expect("a time").timestamp(), first);
        }

        for (answer, title) in [(&atom, "关于“]]>” <b>&amp;</b> 的通知 😀"), (&rss, "关于“]]>” <b>&amp;</b> 的通知 😀"), (&json, "关于“]]>” <b>&amp;</b> 的通知 😀")] {
            let read = answer.feed();
            assert_eq!(read.entries[0].id, entry.id);
            assert_eq!(read.entries[0].title.as_ref().expect("a title").content, title);
        }
        let item = &json.json()["items"][0];
        assert_eq!(item["_gongbao"]["content_id"], document.content.to_string());
        assert_eq!(item["_gongbao"]["columns"], json!(["policy/finance", "news"]));
        assert_eq!(item["attachments"][0]["url"], asset);
        assert_eq!(get(&router, FEED).await.bytes, atom.bytes, "the same bytes");
    }

    async fn a_column_shows_its_own_and_what_stands_below_it(house: House) {
        published(&house, at("财政", &["policy/finance"], "/1")).await;
        published(&house, at("政策", &["policy"], "/2")).await;
        published(&house, at("要闻", &["news"], "/3")).await;
        let router = house.reachable(ServerSettings::default());

        assert_eq!(titles(&router, FEED).await, ["要闻", "政策", "财政"], "newest first");
        assert_eq!(titles(&router, "/sites/lanqiao/columns/policy/feed.rss").await, ["政策", "财政"]);
        assert_eq!(titles(&router, FINANCE).await, ["财政"]);
        assert!(titles(&router, "/sites/lanqiao-finance/feed.json").await.is_empty());
    }

    async fn a_text_placed_by_another_authority_is_found_where_that_one_put_it(house: House) {
        let document = house.live_article("甲").await;
        house.place_on_nanhe(&document).await.expect("it is placed");
        let router = house.reachable(ServerSettings::default());

        for path in ["/sites/nanhe/feed.atom", "/sites/nanhe/columns/news/feed.atom"] {
            let feed = get(&router, path).await.feed();
            let entry = &feed.entries[0];
            assert_eq!(links(entry, "alternate"), ["https://www.nanhe.gov.cn/news/from-lanqiao"]);
            assert_eq!(entry.authors[0].name.as_deref(), Some("蓝桥市人民政府"), "who answers for it");
            assert_eq!(entry.categories[0].term, "news", "{path}");
        }

        let approver = approver_of_nanhe(&house).await;
        let site = site_key("nanhe");
        let target = Target { document: document.id, version: None };
        house
            .act_as(&approver, async |work| {
                let notice = told("本站撤下", "Taken down here");
                documents::withdraw_elsewhere(&house.desk, work, target, &site, notice).await
            })
            .await
            .expect("it is withdrawn there");

        let left = departed(&router, "/sites/nanhe/feed.json").await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].1.as_deref(), Some("withdrawn"));
        assert!(departed(&router, "/sites/lanqiao/feed.json").await.is_empty());
        assert_eq!(ids(&router, FEED).await, [left[0].0.clone()]);
    }

    async fn a_move_changes_the_address_and_a_correction_the_time(house: House) {
        let document = published(&house, at("甲", &["policy"], "/policy/one")).await;
        let router = house.reachable(ServerSettings::default());
        let before = get(&router, FEED).await.feed().entries.remove(0);

        let elsewhere = |importance, title: &str| DraftText {
            placements: vec![placed("lanqiao", &["policy"], Some("/policy/two"))],
            importance,
            ..text(title)
        };
        let moved = house.correct(&document, elsewhere(Importance::Minor, "甲")).await.document;
        let after = get(&router, FEED).await.feed().entries.remove(0);
        house.correct(&moved, elsewhere(Importance::Major, "甲，更正")).await;
        let corrected = get(&router, FEED).await.feed().entries.remove(0);

        assert_eq!(links(&after, "alternate"), ["https://www.lanqiao.gov.cn/policy/two"]);
        assert_eq!((&after.id, after.updated), (&before.id, before.updated), "a minor change");
        assert_eq!((&corrected.id, corrected.published), (&before.id, before.published));
        assert!(corrected.updated > before.updated, "a major change");
    }

    async fn a_feed_shows_the_newest_fifty(house: House) {
        for number in 0..52 {
            house.live_article(&format!("第 {number} 篇")).await;
        }
        let router = house.reachable(ServerSettings::default());

        let titles = titles(&router, "/sites/lanqiao/feed.json").await;

        assert_eq!(titles.len(), 50);
        assert_eq!((titles[0].as_str(), titles[49].as_str()), ("第 51 篇", "第 2 篇"));
    }
}
