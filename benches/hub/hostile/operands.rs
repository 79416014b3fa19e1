//! What is asked with: ids, filters, cursors, words to search for; and requests as a whole.

use serde_json::{Value, json};

use super::{ANSWERED, Fate, Hostile, Sent, raw, with};

pub(super) fn all() -> Vec<Hostile> {
    let mut all = values();
    all.extend(searches());
    all.extend(requests());
    all
}

fn values() -> Vec<Hostile> {
    let id = "0190a0b0-0000-7000-8000-000000000000";
    let ids = |count: usize| Value::from(vec![id; count]);
    let filters = |count: usize| Value::from(vec![json!({ "title": { "eq": "x" } }); count]);
    let list = "query ($filter: NewsFilter) { newsItems(filter: $filter) { totalCount } }";
    let nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let nested = |depth: usize| (0..depth).fold(json!({}), |inner, _| json!({ "not": inner }));
    let contents = |count: usize| json!({ "filter": { "contentId": { "in": ids(count) } } });
    let columns = |count: usize| json!({ "filter": { "columns": ids(count) } });
    let refuse = Fate::Refused;
    vec![
        with("1,500 ids of nodes", nodes, json!({ "ids": ids(1_500) }), refuse("BAD_ARGUMENT")),
        with("1,500 content ids", list, contents(1_500), refuse("TOO_COSTLY")),
        with("1,500 columns", list, columns(1_500), refuse("TOO_COSTLY")),
        with(
            "2,000 conditions",
            list,
            json!({ "filter": { "or": filters(2_000) } }),
            refuse("TOO_COSTLY"),
        ),
        with(
            "100 conditions within conditions",
            list,
            json!({ "filter": nested(100) }),
            refuse("TOO_COSTLY"),
        ),
        with(
            "a text of 60,000 characters to filter by",
            list,
            json!({ "filter": { "author": { "eq": "x".repeat(60_000) } } }),
            refuse("INVALID_QUERY"),
        ),
        with(
            "1,500 terms of an order",
            "query ($by: [NewsOrderBy!]) { newsItems(orderBy: $by) { totalCount } }",
            json!({ "by": vec!["LISTED_AT_ASC"; 1_500] }),
            refuse("BAD_ARGUMENT"),
        ),
        with(
            "a million items",
            "{ documents(first: 1000000) { nodes { id } } }",
            json!({}),
            refuse("BAD_ARGUMENT"),
        ),
        with(
            "less than no items",
            "{ documents(first: -1) { nodes { id } } }",
            json!({}),
            refuse("BAD_ARGUMENT"),
        ),
        with(
            "a cursor of 60,000 characters",
            "query ($after: String) { documents(after: $after) { nodes { id } } }",
            json!({ "after": "A".repeat(60_000) }),
            refuse("BAD_CURSOR"),
        ),
        with(
            "a path of 60,000 characters",
            "query ($path: String) { route(site: \"lanqiao\", path: $path) { __typename } }",
            json!({ "path": "/a".repeat(30_000) }),
            ANSWERED,
        ),
        with(
            "a site of 60,000 characters",
            "query ($key: String) { site(key: $key) { key } }",
            json!({ "key": "a".repeat(60_000) }),
            refuse("BAD_ARGUMENT"),
        ),
        with(
            "a number of 30,000 digits",
            &format!("{{ documents(first: {}) {{ totalCount }} }}", "9".repeat(30_000)),
            json!({}),
            refuse("INVALID_QUERY"),
        ),
        with(
            "a string of escapes",
            &format!("{{ site(key: \"{}\") {{ key }} }}", "\\u0041".repeat(5_000)),
            json!({}),
            refuse("BAD_ARGUMENT"),
        ),
    ]
}

fn searches() -> Vec<Hostile> {
    let search = "query ($words: String!) { search(query: $words) { totalCount } }";
    let suggest = "query ($words: String!) { suggestions(query: $words) { text } }";
    let find = |kind, words: String, fate| with(kind, search, json!({ "words": words }), fate);
    vec![
        find("a pattern that doubles", "(a+)+$ (.*)*".to_owned(), ANSWERED),
        find(
            "the operators of the index",
            "\" OR * NEAR/2 ^ AND { } NOT :* & | ! <->".to_owned(),
            ANSWERED,
        ),
        find("SQL", "'; DROP TABLE document; --".to_owned(), ANSWERED),
        find("nothing but wildcards", "%_%_%*?%".to_owned(), Fate::Refused("BAD_ARGUMENT")),
        find("100 different characters", ('\u{4e00}'..).step_by(7).take(100).collect(), ANSWERED),
        find("60,000 characters", "的".repeat(20_000), Fate::Refused("BAD_ARGUMENT")),
        find("quotation marks, unpaired", "\"“「《".repeat(25), Fate::Refused("BAD_ARGUMENT")),
        find("combining marks", format!("a{}", "\u{301}".repeat(99)), ANSWERED),
        with(
            "60,000 characters typed",
            suggest,
            json!({ "words": "的".repeat(20_000) }),
            Fate::Refused("BAD_ARGUMENT"),
        ),
        with("100 characters typed", suggest, json!({ "words": "关于".repeat(50) }), ANSWERED),
        with(
            "the operators of the index, typed",
            suggest,
            json!({ "words": "\" OR * ' :* & <->" }),
            ANSWERED,
        ),
    ]
}

fn requests() -> Vec<Hostile> {
    let one = json!({ "query": "{ sites { key } }" });
    let refused = |size: usize| Value::from(vec![one.clone(); size]).to_string();
    let text = |text: String| json!({ "query": text }).to_string();
    let costly = json!({ "query": "{ documents(first: 100) { nodes { title related(first: 100) { related(first: 100) { title } } } } }" });
    vec![
        raw("a batch of 1,000", refused(1_000), "TOO_MANY_OPERATIONS"),
        raw("a batch of costly ones", Value::from(vec![costly; 10]).to_string(), "TOO_COSTLY"),
        raw(
            "a text of 200 KiB",
            text(format!("{{ sites {{ key }} }} #{}", "x".repeat(200 * 1024))),
            "TOO_LARGE",
        ),
        raw("a body of 1 MiB", " ".repeat(1 << 20), "TOO_LARGE"),
        raw(
            "variables of 200 KiB",
            json!({ "query": "{ sites { key } }", "variables": { "a": "x".repeat(200 * 1024) } })
                .to_string(),
            "TOO_LARGE",
        ),
        with(
            "a variable of 15,000 numbers that nobody asks for",
            "query ($a: JSON) { sites { key } }",
            json!({ "a": vec![1; 15_000] }),
            Fate::Refused("INVALID_QUERY"),
        ),
        raw("60,000 letters of no language", text("\u{1f9ff}".repeat(15_000)), "INVALID_QUERY"),
        raw("comments alone", text("#\n".repeat(30_000)), "INVALID_QUERY"),
        raw(
            "a block string that never ends",
            text(format!("{{ a(b: \"\"\"{}", "x".repeat(60_000))),
            "INVALID_QUERY",
        ),
        raw(
            "a documentId of 60,000 characters",
            json!({ "documentId": "a".repeat(60_000) }).to_string(),
            "PERSISTED_QUERY_NOT_SUPPORTED",
        ),
        Hostile {
            kind: "an address of 60,000 characters",
            sent: Sent::Address(format!(
                "query=%7Bsites%7Bkey%7D%7D&variables={}",
                "%20".repeat(20_000)
            )),
            fate: Fate::Refused("BAD_REQUEST"),
        },
    ]
}
