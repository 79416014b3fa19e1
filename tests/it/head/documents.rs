//! Heads of documents that are live: page tags, languages, reposts, several sites.

use schema::edition::{Origin, Source};
use serde_json::{Value, json};

use super::{HEAD, Head};
use crate::house::{House, article, house, locale, placed, told};

impl House {
    /// A live article on the site and the finance bureau's.
    async fn on_two_sites(&self) -> store::documents::Document {
        let mut new = article("联合通知");
        new.text.placements = vec![
            placed("lanqiao", &["policy/finance"], Some("/policy/1")),
            placed("lanqiao-finance", &["notices"], Some("/n/1")),
        ];
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }

    /// The English of a document.
    async fn in_english(&self, main: &store::documents::Document) -> store::documents::Document {
        let mut english = article("Notice");
        (english.content, english.locale) = (Some(main.content), locale("en"));
        let draft = self.create(english).await.expect("the translation is saved");
        self.make_public(&draft).await.document
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_document_prints_where_it_stands_and_what_it_is(house: House) {
        house.clock.set("2026-03-02T23:30:00Z");
        let document = house.live_article("关于示例的通知").await;

        let head = house.front().head(&document).await;

        let url = head.tag("Url").expect("an address").to_owned();
        assert!(url.starts_with("https://www.lanqiao.gov.cn/policy/finance/"), "{url}");
        assert_eq!(head.text("title"), Some("关于示例的通知_财政_蓝桥市人民政府门户网站"));
        for (name, content) in [
            ("SiteName", "蓝桥市人民政府门户网站"),
            ("SiteDomain", "www.lanqiao.gov.cn"),
            ("ColumnName", "财政"),
            ("ColumnType", "政策文件"),
            ("ArticleTitle", "关于示例的通知"),
            ("PubDate", "2026-03-03 07:30"),
            ("ContentSource", "蓝桥市人民政府"),
            ("Description", "关于示例的通知的正文。"),
            ("og:title", "关于示例的通知"),
            ("og:type", "article"),
            ("og:url", &url),
            ("og:locale", "zh_CN"),
            ("og:site_name", "蓝桥市人民政府门户网站"),
            ("twitter:card", "summary"),
        ] {
            assert_eq!(head.tag(name), Some(content), "{name}");
        }
        let published = document.published_at.expect("it is published").to_string();
        assert_eq!(head.tag("article:published_time"), Some(published.as_str()));
        assert_eq!(head.text("canonical"), Some(url.as_str()));
        assert_eq!(head.text("robots"), None);
        assert_eq!(head.languages(), []);
        assert_eq!(head.0["missing"], json!(["SiteIDCode", "ColumnDescription", "ColumnKeywords"]));
        let text = head.node("Article");
        assert_eq!((&text["headline"], &text["datePublished"]), (&json!("关于示例的通知"), &json!(published)));
        assert_eq!(text["publisher"]["name"], "蓝桥市人民政府");
        assert_eq!(head.way(), ["蓝桥市人民政府门户网站", "政策文件", "财政", "关于示例的通知"]);
    }

    async fn a_correction_moves_the_time_of_change_alone(house: House) {
        let document = house.live_article("通知").await;
        let after = house.correct(&document, crate::house::text("通知（修订）")).await.document;

        let head = house.front().head(&document).await;

        let [first, last] = [&document, &after].map(|it| it.published_at.expect("a time").to_string());
        assert_ne!(first, last);
        assert_eq!(head.tag("article:published_time"), Some(first.as_str()));
        assert_eq!(head.tag("article:modified_time"), Some(last.as_str()));
        assert_eq!(head.node("Article")["version"], 2);
    }

    async fn languages_lead_to_each_other_as_long_as_they_are_live(house: House) {
        let main = house.live_article("通知").await;
        let english = house.in_english(&main).await;
        let front = house.front();

        let (zh, en) = (front.head(&main).await, front.head_in(main.content, "en").await);

        assert_eq!(zh.languages(), en.languages());
        let [(first, chinese), (second, other), (default, main_one)] = zh.languages()[..] else {
            panic!("{:?}", zh.languages())
        };
        assert_eq!((first, second, default), ("zh-CN", "en", "x-default"));
        assert_eq!((Some(chinese), chinese), (zh.text("canonical"), main_one));
        assert_eq!(Some(other), en.text("canonical"));
        assert!(other.starts_with("https://www.lanqiao.gov.cn/en/policy/finance/"), "{other}");
        assert_eq!(en.text("title"), Some("Notice - Finance - Lanqiao Municipal Government"));
        assert_eq!((en.tag("og:locale"), en.tag("og:locale:alternate")), (Some("en"), Some("zh_CN")));
        let steps = en.node("BreadcrumbList")["itemListElement"].as_array().expect("steps");
        assert_eq!(steps[0]["item"], "https://www.lanqiao.gov.cn/en/");
        assert_eq!(steps[1]["item"], "https://www.lanqiao.gov.cn/en/policy");

        house.withdraw(&english, told("有误", "Wrong")).await.expect("it is withdrawn");
        assert_eq!(front.head(&main).await.languages(), []);
    }

    async fn a_repost_points_at_its_origin(house: House) {
        let mut new = article("转载的通知");
        new.text.source = Some(Source { name: "南河省人民政府".into(), url: None });
        new.text.origin = Some(Origin {
            site: "9900000001".into(),
            url: "https://www.nanhe.gov.cn/x?a=1&b=2".into(),
            published_at: "2026-01-02T03:04:05Z".parse().expect("a moment"),
        });
        let draft = house.create(new).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;

        let head = house.front().head(&document).await;

        let origin = "https://www.nanhe.gov.cn/x?a=1&b=2";
        assert_eq!(head.text("canonical"), Some(origin));
        assert_eq!(head.tag("og:url"), Some(origin));
        assert!(head.tag("Url").is_some_and(|url| url.starts_with("https://www.lanqiao.gov.cn/")));
        assert_eq!(head.tag("ContentSource"), Some("南河省人民政府"));
        assert_eq!(head.node("Article")["isBasedOn"], origin);
        assert_eq!(head.languages(), []);
    }

    async fn a_text_on_several_sites_is_to_be_found_at_home(house: House) {
        house.on_two_sites().await;
        let front = house.front();
        let query = format!(
            "{{ there: document(site: \"lanqiao-finance\", path: \"/n/1\") {{ {HEAD} }} \
             listed: documents(site: \"lanqiao-finance\") {{ nodes {{ {HEAD} }} }} \
             home: document(site: \"lanqiao\", path: \"/policy/1\") {{ {HEAD} }} }}"
        );

        let data = front.ask(&query).await;

        let [there, listed, home] = [&data["there"], &data["listed"]["nodes"][0], &data["home"]].map(Head::of);
        assert_eq!(there.0, listed.0);
        let (own, first) = ("https://czj.lanqiao.gov.cn/n/1", "https://www.lanqiao.gov.cn/policy/1");
        assert_eq!((there.tag("Url"), there.text("canonical")), (Some(own), Some(first)));
        assert_eq!((there.tag("SiteName"), there.tag("ColumnName")), (Some("蓝桥市财政局"), Some("通知公告")));
        assert_eq!((home.tag("Url"), home.text("canonical")), (Some(first), Some(first)));
        assert_eq!(home.tag("ColumnName"), Some("财政"));
    }

    async fn hostile_titles_stay_titles(house: House) {
        for title in [
            "\"><script>alert(1)</script>",
            "</title></script><!--<script>",
            "' onload='alert(1)' &lt; &amp; &#60;",
            "🏛️ 𠮷 \\u003c \\\"",
        ] {
            let mut new = article(title);
            new.text.fields.insert("body".into(), json!("<p>正文</p>"));
            new.text.fields.insert("summary".into(), json!(format!("{title}\n{title}")));
            let draft = house.create(new).await.expect("it is saved");
            let document = house.make_public(&draft).await.document;

            let head = house.front().head(&document).await;

            assert_eq!(head.tag("ArticleTitle"), Some(title));
            assert_eq!(head.text("description"), Some(format!("{title} {title}").as_str()));
            assert_eq!(head.node("Article")["name"], title);
        }
    }

    async fn a_list_has_a_head_for_each(house: House) {
        for title in ["甲", "乙", "丙"] {
            house.live_article(title).await;
        }

        let data = house.front().ask(&format!("{{ articles {{ nodes {{ title {HEAD} }} }} }}")).await;

        let nodes = data["articles"]["nodes"].as_array().expect("nodes");
        assert_eq!(nodes.len(), 3);
        for node in nodes {
            assert_eq!(Head::of(node).tag("ArticleTitle"), node["title"].as_str());
        }
        assert_ne!(nodes[0]["title"], Value::Null);
    }
}
