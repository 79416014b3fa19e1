//! Sitemaps and robots.txt, as a search engine walks them.

use std::io::Read as _;

use api::ServerSettings;
use axum::{Router, http::StatusCode};
use editorial::documents::{self, DraftText, NewDocument, Publish};
use schema::edition::Importance;
use store::{documents::Document, publications::OriginalTime};

use crate::{
    feeds::{ask, get},
    house::{House, article, house, locale, placed, publication, text, told},
};

const INDEX: &str = "/sites/lanqiao/sitemap.xml";

/// What stands between the tags of this name.
fn values<'a>(document: &'a str, tag: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    document.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0)).collect()
}

/// An article on `lanqiao`, to stand at `path`.
fn at(title: &str, path: &str) -> NewDocument {
    let mut new = article(title);
    new.text.placements = vec![placed("lanqiao", &["policy"], Some(path))];
    new
}

async fn published(house: &House, new: NewDocument) -> Document {
    let draft = house.create(new).await.expect("it is saved");
    house.make_public(&draft).await.document
}

async fn english_of(house: &House, main: &Document, path: &str) -> Document {
    let content = Some(main.content);
    published(house, NewDocument { content, locale: locale("en"), ..at("Notice", path) }).await
}

/// An article that was public elsewhere since `since`.
async fn from_the_archive(house: &House, new: NewDocument, since: &str) {
    let draft = house.create(new).await.expect("it is saved");
    let at = since.parse().expect("a moment");
    let original = Some(OriginalTime { at, source: "import:archive".into() });
    let request = Publish { original, ..publication(&draft) };
    house
        .act(async |work| documents::publish(&house.desk, work, request.clone()).await)
        .await
        .expect("it is published");
}

/// Every page that an engine finds, by following the index as it would behind the portal.
async fn walk(router: &Router, host: &str) -> Vec<String> {
    let host = [("host", host)];
    let index = ask(router, "GET", "/sitemap.xml", &host).await;
    assert_eq!(index.status, StatusCode::OK);
    let mut pages = Vec::new();
    for shard in values(index.text(), "loc") {
        let path = shard.strip_prefix("https://www.lanqiao.gov.cn").expect("on its own host");
        let shard = ask(router, "GET", path, &host).await;
        assert_eq!(shard.status, StatusCode::OK, "{path}");
        pages.extend(values(shard.text(), "loc").into_iter().map(String::from));
    }
    pages
}

test_harness::on_both_databases! {
    with house;

    async fn an_engine_finds_what_is_live_and_nothing_else(house: House) {
        published(&house, at("甲", "/policy/甲")).await;
        let withdrawn = published(&house, at("乙", "/policy/2")).await;
        let recalled = published(&house, at("丙", "/policy/3")).await;
        let main = published(&house, at("丁", "/policy/4")).await;
        english_of(&house, &main, "/en/policy/4").await;
        from_the_archive(&house, at("戊", "/policy/5"), "1998-06-30T16:00:00Z").await;
        house.create(article("草稿")).await.expect("a draft is saved");
        let mut notice = told("更正中", "Being corrected");
        notice.shows_text = true;
        house.withdraw(&withdrawn, notice).await.expect("it is withdrawn");
        house.recall(&recalled).await;
        let router = house.reachable(ServerSettings::default());

        let mut found = walk(&router, "www.lanqiao.gov.cn").await;

        found.sort();
        let address = |path: &str| format!("https://www.lanqiao.gov.cn{path}");
        let expected = ["/en/policy/4", "/policy/%E7%94%B2", "/policy/4", "/policy/5"].map(address);
        assert_eq!(found, expected);
        assert_eq!(walk(&router, "WWW.lanqiao.gov.cn:443").await.len(), 4);
        let index = get(&router, INDEX).await;
        let shards = ["1998-06-1-zh-CN", "2026-03-1-zh-CN", "2026-03-1-en"]
            .map(|shard| address(&format!("/sitemaps/{shard}.xml")));
        assert_eq!(values(index.text(), "loc"), shards);
        let other = get(&router, "/sites/nanhe/sitemap.xml").await;
        assert!(values(other.text(), "loc").is_empty());
    }

    async fn translations_name_each_other(house: House) {
        let main = published(&house, at("丁", "/policy/4")).await;
        english_of(&house, &main, "/en/policy/4").await;
        published(&house, at("甲", "/policy/1")).await;
        let router = house.reachable(ServerSettings::default());

        let shard = get(&router, "/sites/lanqiao/sitemaps/2026-03-1-en.xml").await;

        let alternates: Vec<&str> =
            shard.text().lines().filter(|line| line.starts_with("<xhtml:link")).collect();
        let alternate = |language: &str, path: &str| {
            format!("<xhtml:link rel=\"alternate\" hreflang=\"{language}\" href=\"https://www.lanqiao.gov.cn{path}\"/>")
        };
        let expected = [
            alternate("en", "/en/policy/4"),
            alternate("zh-CN", "/policy/4"),
            alternate("x-default", "/policy/4"),
        ];
        assert_eq!(alternates, expected);
        let chinese = get(&router, "/sites/lanqiao/sitemaps/2026-03-1-zh-CN.xml").await;
        assert_eq!(chinese.text().matches("<xhtml:link").count(), 3, "one page has no translation");
    }

    async fn a_time_moves_with_what_readers_are_told_and_with_nothing_else(house: House) {
        let document = published(&house, at("甲", "/policy/1")).await;
        let router = house.reachable(ServerSettings::default());
        let shard = "/sites/lanqiao/sitemaps/2026-03-1-zh-CN.xml";
        let times = async || {
            let (shard, index) = (get(&router, shard).await, get(&router, INDEX).await);
            let of = |text: &str| values(text, "lastmod")[0].to_owned();
            (of(shard.text()), of(index.text()))
        };
        let first = times().await;
        let change = |title: &str, importance| {
            let placements = vec![placed("lanqiao", &["policy"], Some("/policy/1"))];
            DraftText { importance, placements, ..text(title) }
        };

        house.clock.set("2026-05-01T00:00:00Z");
        let minor = house.correct(&document, change("甲。", Importance::Minor)).await.document;
        assert_eq!(times().await, first, "a slip of the pen");
        house.correct(&minor, change("甲，更正", Importance::Major)).await;

        let (of_page, of_shard) = times().await;
        assert!(of_page.starts_with("2026-05-01T00:") && of_page.ends_with('Z'), "{of_page}");
        assert_eq!(of_page, of_shard);
        let index = get(&router, INDEX).await;
        assert!(index.text().contains("/2026-03-1-zh-CN.xml"), "it stays in its shard");
    }

    async fn a_shard_comes_in_three_forms(house: House) {
        published(&house, at("甲", "/policy/1")).await;
        published(&house, at("乙", "/policy/2")).await;
        let router = house.reachable(ServerSettings::default());
        let shard = "/sites/lanqiao/sitemaps/2026-03-1-zh-CN";

        let xml = get(&router, &format!("{shard}.xml")).await;
        let text = get(&router, &format!("{shard}.txt")).await;
        let accepts = [("accept-encoding", "gzip, br")];
        let packed = ask(&router, "GET", &format!("{shard}.xml.gz"), &accepts).await;

        assert_eq!(xml.header("content-type"), "application/xml; charset=utf-8");
        assert_eq!(
            text.text(),
            "https://www.lanqiao.gov.cn/policy/1\nhttps://www.lanqiao.gov.cn/policy/2\n"
        );
        assert_eq!(packed.header("content-type"), "application/gzip");
        assert_eq!(packed.header("content-encoding"), "", "it is not packed twice");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(packed.bytes.as_slice())
            .read_to_end(&mut unpacked)
            .expect("it is unpacked");
        assert_eq!(unpacked, xml.bytes);
        let known = [("if-none-match", packed.header("etag"))];
        let again = ask(&router, "GET", &format!("{shard}.xml.gz"), &known).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    }

    async fn nothing_else_is_a_sitemap(house: House) {
        published(&house, at("甲", "/policy/1")).await;
        let router = house.reachable(ServerSettings::default());

        for path in [
            "/sites/nowhere/sitemap.xml",
            "/sites/lanqiao/sitemaps/2026-03-1-zh-CN",
            "/sites/lanqiao/sitemaps/2026-03-1-zh-CN.html",
            "/sites/lanqiao/sitemaps/2026-03-1-bo.xml",
            "/sites/lanqiao/sitemaps/2026-03-2-zh-CN.xml",
            "/sites/lanqiao/sitemaps/2026-03-4294967295-zh-CN.xml",
            "/sites/lanqiao/sitemaps/2026-04-1-zh-CN.xml",
            "/sites/lanqiao/sitemaps/2026-13-1-zh-CN.xml",
            "/sites/lanqiao/sitemaps/9999-12-1-zh-CN.xml",
            "/sites/lanqiao/sitemaps/.xml",
        ] {
            let answer = ask(&router, "GET", path, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        }
        let stranger = ask(&router, "GET", "/sitemap.xml", &[("host", "evil.example")]).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    }

    async fn robots_are_shown_the_way(house: House) {
        let router = house.reachable(ServerSettings::default());

        let robots = get(&router, "/sites/lanqiao/robots.txt").await;
        let by_host = ask(&router, "GET", "/robots.txt", &[("host", "www.lanqiao.gov.cn")]).await;

        assert_eq!(robots.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(
            robots.text(),
            "User-agent: *\nDisallow:\n\nSitemap: https://www.lanqiao.gov.cn/sitemap.xml\n"
        );
        assert_eq!(by_host.text(), robots.text());
    }
}
