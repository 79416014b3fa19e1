//! The field `search` of the content API, as front ends ask it.

use serde_json::{Value, json};
use store::{reading::ListScope, search::SearchQuery};

use super::{asked, library, papers};
use crate::house::House;

fn titles(connection: &Value) -> Vec<&str> {
    crate::content_api::titles(&connection["nodes"])
}

test_harness::on_both_databases! {
    with library;

    async fn an_answer_shows_where_it_answers(house: House) {
        let data = house
            .front()
            .ask(
                "{ search(query: \"加装电梯 补贴\") { totalCount isLimited edges { score node { title } \
                 highlights { title summary body } } } }",
            )
            .await;

        let search = &data["search"];
        assert_eq!((&search["totalCount"], &search["isLimited"]), (&json!(2), &json!(false)));
        let first = &search["edges"][0];
        assert_eq!(first["node"]["title"], json!("关于发放加装电梯财政补贴的通知"));
        assert_eq!(first["score"], json!(4));
        assert_eq!(
            first["highlights"]["title"],
            json!("关于发放<mark>加装电梯</mark>财政<mark>补贴</mark>的通知")
        );
        let body = first["highlights"]["body"].as_str().expect("an excerpt");
        assert!(body.contains("<mark>补贴</mark>发放"), "{body}");
        let second = &search["edges"][1];
        assert_eq!(second["score"], json!(2));
        assert_eq!(
            second["highlights"]["summary"],
            json!("明确<mark>加装</mark>条件、办理流程与资金<mark>补贴</mark>。")
        );
    }

    async fn markup_in_texts_is_shown_as_it_is(house: House) {
        let data = house
            .front()
            .ask("{ search(query: \"测试 文字\") { edges { highlights { title body summary } } } }")
            .await;

        let highlights = &data["search"]["edges"][0]["highlights"];
        assert_eq!(
            highlights["title"],
            json!("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;引号&quot; <mark>测试</mark>")
        );
        assert_eq!(
            highlights["body"],
            json!("标签 &lt;b&gt;只是<mark>文字</mark>&lt;/b&gt;。")
        );
    }

    async fn pages_follow_each_other_without_gap_or_repetition(house: House) {
        let front = house.front();
        let all = front.ask("{ search(query: \"的\") { nodes { title } totalCount } }").await;
        let all = titles(&all["search"]);
        assert!(all.len() > 3, "{all:?}");

        let mut paged = Vec::new();
        let mut after = Value::Null;
        loop {
            let query = "query ($after: String) { search(query: \"的\", first: 2, after: $after) { \
                         totalCount nodes { title } pageInfo { hasNextPage hasPreviousPage endCursor } } }";
            let data = front.ask_with(query, json!({ "after": after })).await;
            let search = &data["search"];
            assert_eq!(search["totalCount"], json!(all.len()), "on every page");
            assert_eq!(search["pageInfo"]["hasPreviousPage"], json!(!after.is_null()));
            paged.extend(titles(search).into_iter().map(str::to_owned));
            if search["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            after = search["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(paged, all);
    }

    async fn a_search_is_narrowed_by_place_type_language_and_time(house: House) {
        let front = house.front();
        let total = async |arguments: &str| {
            let query = format!("{{ search(query: \"apply\", {arguments}) {{ totalCount }} }}");
            front.ask(&query).await["search"]["totalCount"].clone()
        };
        assert_eq!(total("locale: \"en\"").await, json!(1));
        assert_eq!(total("locale: \"zh-CN\"").await, json!(0));
        assert_eq!(total("type: paper").await, json!(1));
        assert_eq!(total("site: \"lanqiao\", locale: \"en\"").await, json!(1));
        assert_eq!(total("site: \"lanqiao\"").await, json!(0), "in the main language of the site");
        assert_eq!(total("site: \"nanhe\", locale: \"en\"").await, json!(0));
        let column = "site: \"lanqiao\", locale: \"en\", column:";
        assert_eq!(total(&format!("{column} \"policy\"")).await, json!(1), "and those below it");
        assert_eq!(total(&format!("{column} \"news\"")).await, json!(0));
        assert_eq!(total("listedAt: { gte: \"2026-03-02T00:00:00Z\" }").await, json!(1));
        assert_eq!(total("listedAt: { lt: \"2026-03-02T00:00:00Z\" }").await, json!(0));
    }

    async fn facets_are_counted_when_asked(house: House) {
        let front = house.front();
        let query = "{ search(query: \"电梯\", first: 1) { facets { types { type count } years { year count } } } }";
        let data = front.ask(query).await;
        assert_eq!(
            data["search"]["facets"],
            json!({ "types": [{ "type": "paper", "count": 2 }], "years": [{ "year": 2026, "count": 2 }] })
        );
    }

    async fn what_is_asked_decides_how_many_statements_it_takes(house: House) {
        let front = house.front();
        let bare = "{ search(query: \"的\") { nodes { title } } }";
        assert_eq!(front.statements(bare).await, 3, "the first one looks whether the index is complete");
        for (query, expected) in [
            (bare, 2),
            ("{ search(query: \"航天员\") { nodes { title } totalCount } }", 1),
            ("{ search(query: \"的\") { totalCount edges { score highlights { title summary } } } }", 2),
            ("{ search(query: \"的\") { edges { highlights { title body } node { title } } } }", 3),
            ("{ search(query: \"的\") { facets { years { count } } nodes { title url } } }", 4),
        ] {
            assert_eq!(front.statements(query).await, expected, "{query}");
        }
    }

    async fn what_cannot_be_asked_is_refused(house: House) {
        let front = house.front();
        let long = "字".repeat(101);
        for (arguments, code) in [
            ("query: \"\"", "BAD_ARGUMENT"),
            ("query: \"。！\"", "BAD_ARGUMENT"),
            (&*format!("query: \"{long}\""), "BAD_ARGUMENT"),
            ("query: \"a b c d e f g h i j k l m n o p q\"", "BAD_ARGUMENT"),
            ("query: \"电梯\", after: \"x\"", "BAD_CURSOR"),
            ("query: \"电梯\", first: 0", "BAD_ARGUMENT"),
            ("query: \"电梯\", column: \"policy\"", "BAD_ARGUMENT"),
            ("query: \"电梯\", site: \"lanqiao\", column: \"nowhere\"", "BAD_ARGUMENT"),
        ] {
            let query = format!("{{ search({arguments}) {{ totalCount }} }}");
            assert_eq!(front.refusal(&query).await, code, "{arguments}");
        }
    }

    async fn what_databases_take_for_syntax_is_only_words(house: House) {
        let front = house.front();
        for words in [
            "电梯 OR 南京", "电梯*", "tokens:电梯", "电梯' & '", "NEAR(电梯 南京)", "电梯\\", "^电梯", "-电梯", "!电梯 | (",
            "'; DROP TABLE document; --", "%", "_", "№国办发〔2014〕57号", "电梯:*", "a\u{0}b",
        ] {
            let query = "query ($words: String!) { search(query: $words) { totalCount } }";
            let reply = front.try_with(query, json!({ "words": words })).await;
            let total = &reply.body["data"]["search"]["totalCount"];
            let is_refused = || reply.body["errors"][0]["extensions"]["code"] == json!("BAD_ARGUMENT");
            assert!(total.is_number() || is_refused(), "{words}: {}", reply.body);
        }
    }

    async fn the_newest_of_too_many_are_ranked_and_the_answer_says_so(house: House) {
        let all = house.find(&asked("的", ListScope::Hub)).await;
        assert!(all.total > 3 && !all.is_limited);

        let few = SearchQuery { ranked: 3, ..asked("的", ListScope::Hub) };
        let found = house.find(&few).await;

        assert_eq!((found.total, found.is_limited, found.hits.len()), (3, true, 3));
        let newest = |hits: &[store::search::Hit]| {
            let mut ids: Vec<_> = hits.iter().map(|hit| hit.document).collect();
            ids.sort_unstable();
            ids
        };
        let mut documents: Vec<_> = all.hits.iter().map(|hit| hit.document).collect();
        // Documents got their ids in the order of their publication.
        documents.sort_unstable();
        assert_eq!(newest(&found.hits), documents[documents.len() - 3..]);
    }
}

mod long {
    use super::*;

    test_harness::on_both_databases! {
        with papers;

        async fn a_long_text_is_searched_to_its_end(house: House) {
            // Longer than the places that a token can have in PostgreSQL, and with more different
            // tokens than any text.
            let mut body = String::from("<p>");
            for number in 0..40_000_u32 {
                let letter = |shift: u32| char::from_u32(0x4e00 + (number * 7 + shift) % 20_000);
                body.extend([letter(0), letter(9_999)].into_iter().flatten());
            }
            body.push_str("，压轴短语在此</p>");
            house.publish_paper(json!({ "title": "长篇", "body": body }), "zh-CN").await;

            assert_eq!(house.hits("“压轴短语在此”").await, 1);
            assert_eq!(house.hits("“压轴短语不在此”").await, 0);
        }

        async fn a_text_beyond_all_bounds_is_published_all_the_same(house: House) {
            let letters = (0..300_000_u32).filter_map(|number| {
                char::from_u32(0x20000 + (number * 7_919) % 40_000)
            });
            let body = format!("<p>开头{}</p>", letters.collect::<String>());
            house.publish_paper(json!({ "title": "超长", "body": body }), "zh-CN").await;

            assert_eq!(house.hits("“开头”").await, 1);
        }
    }
}
