//! Feeds: what stands in them, what left them, and how little it costs to ask again.

use std::sync::Arc;

use api::{AppState, ServerSettings};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use editorial::documents::{self, DraftText, NewDocument, PlaceElsewhere, Target};
use feed_rs::model::{Entry, Feed};
use schema::{
    digest::Digest,
    edition::{Importance, Source},
    permission::{Actor, Role},
    visibility::{Notice, Removal},
};
use serde_json::{Value, json};
use store::documents::Document;
use tower::ServiceExt as _;

use crate::house::{House, article, fields, house, locale, now, placed, site_key, text, told};

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("plain text"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("UTF-8")
    }

    fn feed(&self) -> Feed {
        feed_rs::parser::parse(self.bytes.as_slice()).expect("another parser reads it")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("JSON")
    }
}

impl House {
    /// Everything that can be asked of this hub.
    pub(crate) fn reachable(&self, settings: ServerSettings) -> Router {
        api::router(AppState::new(
            self.desk.clone(),
            Arc::clone(&self.files),
            self.channels(),
            settings,
        ))
    }
}

pub(crate) async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 24).await.expect("a body").to_vec();
    Answer { status: parts.status, headers: parts.headers, bytes }
}

pub(crate) async fn get(router: &Router, path: &str) -> Answer {
    let answer = ask(router, "GET", path, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&answer.bytes));
    answer
}

const FEED: &str = "/sites/lanqiao/feed.atom";
const FINANCE: &str = "/sites/lanqiao/columns/policy/finance/feed.atom";

async fn titles(router: &Router, path: &str) -> Vec<String> {
    let entries = get(router, path).await.feed().entries;
    entries.into_iter().map(|entry| entry.title.expect("a title").content).collect()
}

fn links(entry: &Entry, relation: &str) -> Vec<String> {
    let links = entry.links.iter().filter(|link| link.rel.as_deref() == Some(relation));
    links.map(|link| link.href.clone()).collect()
}

/// An article at `path`, in `columns` of `lanqiao`.
fn at(title: &str, columns: &[&str], path: &str) -> NewDocument {
    let mut new = article(title);
    new.text.placements = vec![placed("lanqiao", columns, Some(path))];
    new
}

async fn published(house: &House, new: NewDocument) -> Document {
    let draft = house.create(new).await.expect("it is saved");
    house.make_public(&draft).await.document
}

async fn remove(house: &House, document: &Document, removal: Removal, notice: &Notice) {
    house
        .act(async |work| {
            documents::remove(&house.desk, work, now(document), removal, notice.clone()).await
        })
        .await
        .expect("it is removed");
}

/// Somebody who approves on `nanhe`.
async fn approver_of_nanhe(house: &House) -> Actor {
    house.on_site(Role::Approver, "nanhe", 50).await
}

async fn place_on_nanhe(house: &House, document: &Document) {
    let reading = house.read(document.id).await.expect("it is live");
    let request = PlaceElsewhere {
        target: Target { document: document.id, version: None },
        placement: placed("nanhe", &["news"], Some("/news/from-lanqiao")),
        approved: Some(reading.digest),
    };
    house
        .act_as(&approver_of_nanhe(house).await, async |work| {
            documents::place_elsewhere(&house.desk, work, request.clone()).await
        })
        .await
        .expect("it is placed");
}

/// Ids and states of what a feed says has left.
async fn departed(router: &Router, path: &str) -> Vec<(String, Option<String>)> {
    let deleted = get(router, path).await.json()["_gongbao"]["deleted"].clone();
    let deleted = deleted.as_array().expect("a list").iter();
    deleted
        .map(|one| {
            let id = one["id"].as_str().expect("an id").to_owned();
            (id, one["state"].as_str().map(String::from))
        })
        .collect()
}

async fn ids(router: &Router, path: &str) -> Vec<String> {
    get(router, path).await.feed().entries.into_iter().map(|entry| entry.id).collect()
}

test_harness::on_both_databases! {
    with house;

    async fn a_feed_carries_a_text_and_all_that_belongs_to_it(house: House) {
        let file = house.files.put(b"%PDF-1.7".to_vec().into(), 1 << 20).await.expect("stored");
        house
            .act(async |work| {
                Ok(store::editions::file_stored(work, file.digest, file.size).await?)
            })
            .await
            .expect("it is noted");
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

    async fn a_hub_with_a_host_of_its_own_is_named_where_it_answers(house: House) {
        house.live_article("甲").await;
        let router = house.reachable(ServerSettings {
            public_url: Some("https://api.gov.cn".into()),
            ..ServerSettings::default()
        });

        let feed = get(&router, FINANCE).await.own_address();

        assert_eq!(feed, "https://api.gov.cn/sites/lanqiao/columns/policy/finance/feed.atom");
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
        place_on_nanhe(&house, &document).await;
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

    async fn what_is_taken_back_leaves_its_id_and_what_the_public_is_told(house: House) {
        let router = house.reachable(ServerSettings::default());
        let path = "/sites/lanqiao/columns/policy/feed.json";
        let mut expected = Vec::new();
        for (title, state) in [
            ("撤回的", Some("withdrawn")),
            ("删除的", Some("gone")),
            ("抹除的", None),
            ("召回的", Some("recalled")),
            ("静默召回的", None),
        ] {
            let document = house.live_article(title).await;
            let id = ids(&router, path).await.remove(0);
            let notice = told("含有错误信息", "It contained an error");
            match title {
                "撤回的" => drop(house.withdraw(&document, notice).await.expect("it is withdrawn")),
                "删除的" => remove(&house, &document, Removal::Gone, &notice).await,
                "抹除的" => remove(&house, &document, Removal::Vanish, &notice).await,
                "召回的" => drop(house.recall(&document).await),
                _ => {
                    let notice = Notice { silent: true, ..notice };
                    house
                        .act(async |work| {
                            documents::recall(&house.desk, work, document.content, notice.clone()).await
                        })
                        .await
                        .expect("it is recalled");
                }
            }
            expected.insert(0, (id, state.map(String::from)));
        }

        assert!(ids(&router, path).await.is_empty());
        assert_eq!(departed(&router, path).await, expected);
        assert_eq!(departed(&router, "/sites/lanqiao/feed.json").await, expected);
        assert!(departed(&router, "/sites/lanqiao/columns/news/feed.json").await.is_empty());
        let atom = get(&router, FEED).await;
        for (id, state) in &expected {
            let tombstone = format!("<at:deleted-entry ref=\"{id}\"");
            let line = atom.text().lines().find(|line| line.starts_with(&tombstone));
            let is_told = line.is_some_and(|line| !line.ends_with("/>"));
            assert_eq!(is_told, state.is_some(), "{state:?}: {line:?}");
        }
        for title in ["撤回的", "删除的", "抹除的", "召回的"] {
            assert!(!atom.text().contains(title), "{title}");
        }
        assert_eq!(atom.text().matches("含有错误信息").count(), 3);
        assert!(!get(&router, "/sites/lanqiao/feed.rss").await.text().contains("的"));
    }

    async fn what_comes_back_comes_back_under_its_id(house: House) {
        let router = house.reachable(ServerSettings::default());
        let document = house.live_article("甲").await;
        let id = ids(&router, FEED).await;
        let withdrawn = house.withdraw(&document, told("更正中", "Being corrected")).await.expect("withdrawn");

        house.correct(&withdrawn, text("甲，已更正")).await;

        assert_eq!(ids(&router, FEED).await, id);
        assert!(departed(&router, "/sites/lanqiao/feed.json").await.is_empty());

        let document = house.seen(document.id).await.expect("it is live");
        house.recall(&document).await;
        let mut reissue = article("乙");
        reissue.content = Some(document.content);
        reissue.takes_over = Some(document.id);
        published(&house, reissue).await;
        assert_eq!(ids(&router, FEED).await, id, "a re-issue takes the place over");
        assert!(departed(&router, "/sites/lanqiao/feed.json").await.is_empty());
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

    async fn whoever_has_the_newest_is_told_so(house: House) {
        let document = house.live_article("甲").await;
        let router = house.reachable(ServerSettings::default());
        let first = get(&router, FINANCE).await;
        let tag = first.header("etag").to_owned();
        let since = first.header("last-modified").to_owned();
        assert!(tag.starts_with('"') && since.ends_with(" GMT"), "{tag} {since}");
        assert!(first.header("cache-control").contains("must-revalidate"));
        assert_eq!(first.header("cache-tag"), "site-lanqiao,column-lanqiao/policy/finance");
        let again = async |name, value: &str| ask(&router, "GET", FINANCE, &[(name, value)]).await;

        for (name, value) in [
            ("if-none-match", tag.clone()),
            ("if-none-match", format!("\"x\", W/{tag}")),
            ("if-modified-since", since.clone()),
        ] {
            let answer = again(name, &value).await;
            assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{name}: {value}");
            assert!(answer.bytes.is_empty());
            assert_eq!((answer.header("etag"), answer.header("last-modified")), (tag.as_str(), since.as_str()));
        }
        let head = ask(&router, "HEAD", FINANCE, &[]).await;
        assert_eq!((head.status, head.header("etag")), (StatusCode::OK, tag.as_str()));
        assert!(head.bytes.is_empty());
        let length = first.bytes.len().to_string();
        assert_eq!(head.header("content-length"), length);

        published(&house, at("别处", &["news"], "/elsewhere")).await;
        let elsewhere = again("if-none-match", &tag).await;
        assert_eq!(elsewhere.status, StatusCode::NOT_MODIFIED, "it is in another column");
        assert_eq!(again("if-modified-since", &since).await.status, StatusCode::NOT_MODIFIED);

        house.correct(&document, text("甲，更正")).await;
        assert_eq!(again("if-modified-since", &since).await.status, StatusCode::OK);
        let corrected = again("if-none-match", &tag).await;
        assert_eq!(corrected.status, StatusCode::OK);
        assert_ne!(corrected.header("etag"), tag);
        let restarted = house.reachable(ServerSettings::default());
        let same = get(&restarted, FINANCE).await;
        assert_eq!(same.header("etag"), corrected.header("etag"), "on every node");
    }

    async fn subscribers_follow_a_column(house: House) {
        house.live_article("甲").await;
        let router = house.reachable(ServerSettings::default());
        let id = get(&router, FINANCE).await.feed().id;
        let tag = get(&router, FEED).await.header("etag").to_owned();

        house.rename("policy/finance", "budget").await.expect("it is renamed");

        let old = ask(&router, "GET", &format!("{FINANCE}?locale=en"), &[]).await;
        assert_eq!(old.status, StatusCode::MOVED_PERMANENTLY);
        let new = "/sites/lanqiao/columns/policy/budget/feed.atom";
        assert_eq!(old.header(header::LOCATION.as_str()), format!("{new}?locale=en"));
        assert_eq!(get(&router, new).await.feed().id, id, "it is still the same feed");
        assert_ne!(get(&router, FEED).await.header("etag"), tag, "its name stands in entries");
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

    async fn a_feed_shows_the_newest_fifty(house: House) {
        for number in 0..52 {
            house.live_article(&format!("第 {number} 篇")).await;
        }
        let router = house.reachable(ServerSettings::default());

        let titles = titles(&router, "/sites/lanqiao/feed.json").await;

        assert_eq!(titles.len(), 50);
        assert_eq!((titles[0].as_str(), titles[49].as_str()), ("第 51 篇", "第 2 篇"));
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
}

impl Answer {
    /// The address that an Atom feed gives as its own.
    fn own_address(&self) -> String {
        let links = self.feed().links;
        let own = links.into_iter().find(|link| link.rel.as_deref() == Some("self"));
        own.expect("its own address").href
    }
}
