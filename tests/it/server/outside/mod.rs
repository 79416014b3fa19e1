//! What caches outside are told: how long an answer may be kept, and by what it is dropped.

mod cache;
mod fresh;
mod line;
mod purging;

use api::{CachingSettings, ServerSettings};
use schema::permission::Role;
use serde_json::json;

use crate::{
    house::{House, article, house, placed},
    wire::{Answer, ask, get, send},
};

/// The address of a question.
fn address(query: &str) -> String {
    let encoded: String = query
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("/graphql?query={encoded}")
}

const LIST: &str =
    "{ documents(site: \"lanqiao\", column: \"policy/finance\") { nodes { title } } }";
const LONG: &str = "{ documents(first: 50) { nodes { id contentId title url } } }";

/// Settings of a hub with a cache in front that is told what to drop.
fn kept_outside() -> ServerSettings {
    let caching = CachingSettings {
        shared: 3_600,
        stale: 60,
        stale_if_error: 86_400,
        ..CachingSettings::default()
    };
    ServerSettings { caching, ..ServerSettings::default() }
}

/// The tags of an answer, which three headers tell alike.
fn tags(answer: &Answer) -> Vec<String> {
    let tags: Vec<String> =
        answer.header("surrogate-key").split_whitespace().map(str::to_owned).collect();
    assert_eq!(answer.header("cache-tag"), tags.join(","), "{answer:?}");
    let quoted: Vec<_> = tags.iter().map(|tag| format!("\"{tag}\"")).collect();
    assert_eq!(answer.header("cache-groups"), quoted.join(", "), "{answer:?}");
    tags
}

async fn published(house: &House, title: &str, columns: &[&str], path: &str) {
    let mut new = article(title);
    new.text.placements = vec![placed("lanqiao", columns, Some(path))];
    let draft = house.create(new).await.expect("it is saved");
    house.make_public(&draft).await;
}

test_harness::on_both_databases! {
    with house;

    async fn answers_say_what_they_are_made_of(house: House) {
        published(&house, "预算", &["policy/finance"], "/1").await;
        let served = house.serve().await;

        let list = ask(served.address, "GET", &address(LIST), &[]).await;
        let feed = get(served.address, "/sites/lanqiao/columns/policy/finance/feed.atom").await;
        let sitemap = get(served.address, "/sites/lanqiao/sitemap.xml").await;
        let robots = get(served.address, "/sites/lanqiao/robots.txt").await;
        let sites = ask(served.address, "GET", &address("{ sites { key } }"), &[]).await;

        let list = tags(&list);
        assert!(list.starts_with(&["hub".into()]), "{list:?}");
        assert!(list.contains(&"column-lanqiao/policy/finance".into()), "{list:?}");
        assert!(list.iter().any(|tag| tag.starts_with("d-")), "{list:?}");
        assert_eq!(tags(&feed), ["hub", "column-lanqiao/policy/finance"]);
        assert_eq!(tags(&sitemap), ["hub", "site-lanqiao"]);
        assert_eq!(tags(&robots)[0], "hub");
        assert_eq!(tags(&sites), ["hub"]);
        served.stop().await;
    }

    async fn an_answer_made_of_too_much_for_a_head_is_dropped_with_every_event(house: House) {
        for number in 0..70 {
            published(&house, &format!("第{number}篇"), &["news"], &format!("/{number}")).await;
        }
        let served = house.serve().await;
        let all = "{ documents(first: 70) { nodes { title } } }";

        let answer = ask(served.address, "GET", &address(all), &[]).await;

        assert_eq!(answer.json()["data"]["documents"]["nodes"].as_array().map(Vec::len), Some(70));
        assert_eq!(tags(&answer), ["hub", "all"]);
        served.stop().await;
    }

    async fn nothing_is_kept_outside_for_long_unless_that_was_set(house: House) {
        published(&house, "预算", &["policy/finance"], "/1").await;
        let short = house.serve().await;
        let long = house.serve_with(kept_outside()).await;
        let silent = CachingSettings { tags: false, ..CachingSettings::default() };
        let silent = house
            .serve_with(ServerSettings { caching: silent, ..ServerSettings::default() })
            .await;

        let said = async |server| {
            let answer = ask(server, "GET", &address(LIST), &[]).await;
            let feed = get(server, "/sites/lanqiao/feed.json").await;
            [answer, feed].map(|one| {
                [one.header("cache-control").to_owned(), one.header("cdn-cache-control").to_owned()]
            })
        };
        let shared = "public, max-age=3600, stale-while-revalidate=60, stale-if-error=86400";
        assert_eq!(
            said(short.address).await,
            [["public, no-cache", ""], ["public, max-age=60, must-revalidate", ""]]
        );
        assert_eq!(
            said(long.address).await,
            [
                ["public, max-age=0, s-maxage=3600, must-revalidate", shared],
                [
                    "public, max-age=60, s-maxage=3600, stale-while-revalidate=60, stale-if-error=86400",
                    shared
                ],
            ]
        );
        let untold = ask(silent.address, "GET", &address(LIST), &[]).await;
        assert_eq!(tags(&untold), [""; 0]);
        for served in [short, long, silent] {
            served.stop().await;
        }
    }

    async fn what_is_not_for_everybody_tells_caches_nothing(house: House) {
        published(&house, "预算", &["policy/finance"], "/1").await;
        let (_, token) = house.account_with_token("editor", Role::Editor).await;
        let served = house.serve_with(kept_outside()).await;
        let body = json!({ "query": LIST }).to_string();
        let json = ("content-type", "application/json");

        let own = [("authorization", token.as_str())];
        let own = ask(served.address, "GET", &address(LIST), &own).await;
        let wrong = ask(served.address, "GET", &address("{ nothing }"), &[]).await;
        let posted = send(served.address, "POST", "/graphql", &[json], body.as_bytes()).await;

        assert_eq!(own.header("cache-control"), "private, no-store");
        assert_eq!(wrong.header("cache-control"), "public, no-cache");
        assert_eq!(posted.header("cache-control"), "no-cache");
        for answer in [own, wrong, posted] {
            assert_eq!(tags(&answer), [""; 0]);
            assert_eq!(answer.header("cdn-cache-control"), "");
        }
        served.stop().await;
    }

    async fn every_form_of_a_kept_answer_has_a_tag_of_its_own(house: House) {
        for number in 0..20 {
            published(&house, &format!("第{number}篇"), &["news"], &format!("/{number}")).await;
        }
        let served = house.serve().await;
        let asked = async |headers: &[(&str, &str)]| {
            ask(served.address, "GET", &address(LONG), headers).await
        };
        asked(&[]).await;

        let plain = asked(&[]).await;
        let forms = [
            asked(&[("accept-encoding", "zstd")]).await,
            asked(&[("accept-encoding", "gzip, deflate, br, zstd")]).await,
            asked(&[("accept-encoding", "br;q=0.5, gzip")]).await,
        ];

        let codings = forms.each_ref().map(|form| form.header("content-encoding"));
        assert_eq!(codings, ["zstd", "br", "gzip"]);
        let unpacked = zstd::decode_all(&forms[0].body[..]).expect("it unpacks");
        assert_eq!(unpacked, plain.body);
        let strong = plain.header("etag").trim_matches('"');
        for form in &forms {
            let coding = form.header("content-encoding");
            assert_eq!(form.header("etag"), format!("\"{strong}-{coding}\""));
            assert!(form.body.len() < plain.body.len() / 2, "{coding}");
            // Whatever form somebody has, it is known, and told by its own tag.
            let known = [("if-none-match", form.header("etag")), ("accept-encoding", "gzip")];
            let again = asked(&known).await;
            assert_eq!((again.status, again.body.len()), (304, 0));
            assert_eq!(again.header("etag"), form.header("etag"));
            assert_eq!(tags(&again), tags(&plain));
        }
        let only_the_head = ask(
            served.address,
            "HEAD",
            &address(LONG),
            &[("accept-encoding", "zstd")],
        )
        .await;
        assert_eq!((only_the_head.status, only_the_head.body.len()), (200, 0));
        assert_eq!(only_the_head.header("etag"), forms[0].header("etag"));
        served.stop().await;
    }

    async fn the_memory_of_kept_answers_is_measured(house: House) {
        let measured = api::measurements().is_some();
        published(&house, "预算", &["policy/finance"], "/1").await;
        let served = house.serve().await;
        for _ in 0..2 {
            ask(served.address, "GET", &address(LIST), &[]).await;
        }
        ask(served.address, "GET", &address("{ nothing }"), &[]).await;
        published(&house, "决算", &["policy/finance"], "/2").await;
        ask(served.address, "GET", &address(LIST), &[]).await;

        let text = String::from_utf8(get(served.address, "/metrics").await.body).expect("text");

        assert!(measured);
        for told in [
            "gongbao_content_cache_total{answer=\"kept\"}",
            "gongbao_content_cache_total{answer=\"made\"}",
            "gongbao_content_cache_unkept_total{why=\"errors\"}",
            "gongbao_content_cache_lag_seconds_count",
            "gongbao_content_cache_entries",
            "gongbao_content_cache_bytes",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        served.stop().await;
    }
}
