//! Searching as the search page of a portal does: the best twenty with their highlights, made
//! anew each time. Every question says how many documents answer it, for that is what it costs.

use std::{env, sync::Arc};

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::{
    content,
    http::{Connection, graphql},
    hub::Stored,
    load::{self, Seen},
    table,
};

const SEARCH: &str = "query($query: String!) { search(query: $query, site: \"lanqiao\", first: 20) \
    { totalCount isLimited edges { score highlights { title body } \
      node { title summary path publishedAt } } } }";

/// From the rare to what is in almost every text: words of one regulation and of many, several
/// words, a phrase, single characters, and what nothing has. A title is asked for, too.
const QUESTIONS: [&str; 13] = [
    "航标",
    "种畜禽",
    "植物检疫",
    "会计师事务所",
    "风景名胜区",
    "檔案館",
    "消防 监督检查",
    "“没收违法所得，并处”",
    "烟",
    "没有这样的词语",
    "供暖",
    "罚款",
    "县级以上地方人民政府",
];
/// The one of the news whose title is asked for.
const TITLED: usize = 17;
/// Up to so many hits all of them are ranked.
const RANKED: u64 = 20_000;
const CONNECTIONS: usize = 4;
const ANEW: &[(&str, &str)] = &[("GONGBAO_HTTP_CONTENT_CACHE_MEGABYTES", "0")];

pub(crate) async fn measure(hubs: &[&Stored]) -> Result<()> {
    if env::var_os("GONGBAO_TEST_TEXTS").is_none() {
        println!("\nGONGBAO_TEST_TEXTS names no folder of real texts: searching skipped");
        return Ok(());
    }
    let mut rows = Vec::new();
    for hub in hubs {
        let running = hub.serve_with(ANEW)?;
        let mut connection = Connection::open(running.address).await?;
        let mut all_ranked = Vec::new();
        let mut asked = Vec::new();
        let title = content::title_of(TITLED);
        for question in QUESTIONS.into_iter().chain([&*title]) {
            let request = graphql("/graphql", None, SEARCH, &json!({ "query": question }));
            let data = connection.data(&request).await?;
            let found = &data["search"];
            let hits = found["totalCount"].as_u64().context("how many there are")?;
            let is_limited = found["isLimited"].as_bool().context("whether all were ranked")?;
            if hits <= RANKED && !is_limited {
                all_ranked.push(request.clone());
            }
            let hits = if is_limited { format!("{hits}+") } else { hits.to_string() };
            asked.push((question.to_owned(), hits, vec![request]));
        }
        asked.push(("all in turn that have at most 20000".to_owned(), String::new(), all_ranked));
        for (question, hits, requests) in asked {
            let seen =
                load::put(running.address, running.process(), &Arc::new(requests), CONNECTIONS)
                    .await?;
            let asked = [question, hub.documents.to_string(), hits];
            rows.push(asked.into_iter().chain(seen.cells()).collect());
        }
    }
    let engine = hubs.last().context("a hub")?.engine;
    let title = format!("Searching over {engine:?}, {CONNECTIONS} connections");
    let head = [&["what", "documents", "hits"][..], &Seen::HEAD].concat();
    table::print(&title, &head, &rows);
    Ok(())
}
