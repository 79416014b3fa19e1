//! Heads of columns and of home pages.

use editorial::arrange::{columns, sites};
use schema::message::Bilingual;
use serde_json::json;

use super::{HEAD, Head};
use crate::house::{House, house};

impl House {
    /// Gives `lanqiao` its site code, and its column for finance words of its own.
    async fn describe(&self) {
        let site = self.site("lanqiao").await;
        self.act(async |work| {
            let site = store::trees::site(work.session(), site).await?.expect("the site exists");
            let mut particulars = site.particulars;
            particulars.site_code = Some("9901000001".into());
            sites::change_site(&self.desk, work, site.id, site.version, site.parent, particulars)
                .await
        })
        .await
        .expect("the site is changed");
        self.act(async |work| {
            let path = "policy/finance".parse().expect("a column path");
            let column =
                store::columns::by_path(work.session(), site, &path).await?.expect("it exists");
            let mut particulars = column.particulars;
            particulars.description =
                Some(Bilingual::new("财政政策\n与\"预算\"", "Policies on finance"));
            particulars.keywords = vec!["财政".into(), "预算".into()];
            columns::change_column(work, column.id, column.version, column.position, particulars)
                .await
        })
        .await
        .expect("the column is changed");
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_home_page_says_whose_it_is(house: House) {
        house.describe().await;
        let query = format!("{{ site(key: \"lanqiao\") {{ {HEAD} en: head(locale: \"en\") {{ title canonical html }} }} }}");

        let data = house.front().ask(&query).await;

        let head = Head::of(&data["site"]);
        assert_eq!(head.text("title"), Some("蓝桥市人民政府门户网站"));
        assert_eq!(head.tag("SiteIDCode"), Some("9901000001"));
        assert_eq!(head.0["missing"], json!([]));
        assert_eq!((head.tag("ColumnName"), head.tag("ArticleTitle")), (None, None));
        assert_eq!((head.tag("og:type"), head.tag("og:url")), (Some("website"), Some("https://www.lanqiao.gov.cn/")));
        let (chinese, english) = ("https://www.lanqiao.gov.cn/", "https://www.lanqiao.gov.cn/en/");
        assert_eq!(head.languages(), [("zh-CN", chinese), ("en", english), ("x-default", chinese)]);
        assert_eq!(head.node("WebSite")["publisher"]["name"], "蓝桥市人民政府");
        let links = head.0["links"].as_array().expect("links");
        let feed = links.iter().find(|link| link["type"] == "application/atom+xml").expect("a feed");
        assert_eq!(feed["href"], "https://hub.example/sites/lanqiao/feed.atom");
        let other = &data["site"]["en"];
        assert_eq!((&other["title"], &other["canonical"]), (&json!("Lanqiao Municipal Government"), &json!(english)));
    }

    async fn a_column_says_what_it_holds_and_where_it_is(house: House) {
        house.describe().await;
        let query = format!(
            "{{ column(site: \"lanqiao\", path: \"policy/finance\") {{ {HEAD} en: head(locale: \"en\") {{ title tags {{ name content }} links {{ href type }} }} }} }}"
        );

        let data = house.front().ask(&query).await;

        let head = Head::of(&data["column"]);
        assert_eq!(head.text("title"), Some("财政_蓝桥市人民政府门户网站"));
        for (name, content) in [
            ("SiteIDCode", "9901000001"),
            ("ColumnName", "财政"),
            ("ColumnDescription", "财政政策 与\"预算\""),
            ("ColumnKeywords", "财政,预算"),
            ("ColumnType", "政策文件"),
            ("og:url", "https://www.lanqiao.gov.cn/policy/finance"),
        ] {
            assert_eq!(head.tag(name), Some(content), "{name}");
        }
        assert_eq!(head.0["missing"], json!([]));
        assert_eq!(head.way(), ["蓝桥市人民政府门户网站", "政策文件", "财政"]);
        assert_eq!(head.node("CollectionPage")["inLanguage"], "zh-CN");
        let english = &data["column"]["en"];
        assert_eq!(english["title"], "Finance - Lanqiao Municipal Government");
        let feed = "https://hub.example/sites/lanqiao/columns/policy/finance/feed.atom?locale=en";
        let links = english["links"].as_array().expect("links");
        assert!(links.contains(&json!({ "href": feed, "type": "application/atom+xml" })), "{links:?}");
        assert!(links.contains(&json!({ "href": "https://www.lanqiao.gov.cn/en/policy/finance", "type": null })));
    }

    async fn every_column_of_a_tree_has_a_head(house: House) {
        let front = house.front();
        let mut found = Vec::new();
        for site in ["nanhe", "lanqiao", "lanqiao-finance"] {
            let head = "name { zh } head { title html }";
            let query = format!("{{ site(key: \"{site}\") {{ name {{ zh }} columns {{ {head} children {{ {head} }} }} }} }}");
            let data = front.ask(&query).await;
            let site = &data["site"];
            for column in site["columns"].as_array().expect("columns") {
                let children = column["children"].as_array().expect("columns");
                for column in [column].into_iter().chain(children) {
                    let [own, whole] = [column, site].map(|it| it["name"]["zh"].as_str().expect("a name"));
                    assert_eq!(column["head"]["title"], format!("{own}_{whole}"));
                    found.push(own.to_owned());
                }
            }
        }
        assert_eq!(found, ["政策文件", "财政", "要闻", "政策文件", "财政", "要闻", "通知公告"]);
    }
}
