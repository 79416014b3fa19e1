//! The reads of a portal: the newest of a column, one text, a page in the middle of everything;
//! made anew, and given again.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::{
    bare::Bare,
    content::COLUMNS,
    http::{Connection, graphql},
    hub::Stored,
    load::{self, Seen},
    table,
};

const LIST: &str = "query($column: String!) { newsItems(site: \"lanqiao\", column: $column, first: 20) \
    { nodes { title summary path publishedAt author columns { name { zh } } } } }";
const DETAIL: &str = "query($path: String!) { document(site: \"lanqiao\", path: $path) \
    { title summary path publishedAt columns { name { zh } } ... on News { author body { html } } } }";
const DEEP: &str = "query($after: String!) { newsItems(site: \"lanqiao\", first: 20, after: $after) \
    { nodes { title summary path publishedAt author columns { name { zh } } } } }";
const WALK: &str = "query($after: String) { newsItems(site: \"lanqiao\", first: 100, after: $after) \
    { nodes { path } pageInfo { endCursor } } }";

/// Answers are made anew each time.
const KEEP_NONE: [(&str, &str); 1] = [("GONGBAO_HTTP_CONTENT_CACHE_MEGABYTES", "0")];

/// Measures each hub; the last one also giving answers again, and the bare handler with its
/// answers.
pub(crate) async fn measure(hubs: &[&Stored]) -> Result<()> {
    let last = hubs.last().context("a hub")?;
    let mut rows = Vec::new();
    for hub in hubs {
        let running = hub.serve_with(&KEEP_NONE)?;
        let mut connection = Connection::open(running.address).await?;
        for (name, requests) in requests(&mut connection, hub.documents).await? {
            let body = connection.ask(requests.first().context("something to ask")?).await?.len();
            let seen = load::put(running.address, running.process(), requests).await?;
            rows.push((name, row(name, &format!("{} documents", hub.documents), body, &seen)));
        }
    }
    let running = last.serve()?;
    let mut connection = Connection::open(running.address).await?;
    for (name, requests) in requests(&mut connection, last.documents).await? {
        let body = connection.ask(requests.first().context("something to ask")?).await?.to_vec();
        let kept = load::put(running.address, running.process(), requests.clone()).await?;
        rows.push((name, row(name, "the same, kept answers", body.len(), &kept)));
        let file = last.file("answer.json");
        fs::write(&file, &body)?;
        let bare = Bare::start(&file)?;
        let limit = load::put(bare.address, bare.process(), requests).await?;
        rows.push((name, row(name, "bare axum handler", body.len(), &limit)));
    }
    // The stable sort puts what is to be compared below each other.
    rows.sort_by_key(|(name, _)| ["list", "detail", "deep page"].iter().position(|n| n == name));
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    let title = format!("Reading over {:?}, {} connections", last.engine, load::CONNECTIONS);
    let head =
        ["what", "of", "bytes", "a second", "p50 ms", "p99 ms", "server CPU µs", "database CPU µs"];
    table::print(&title, &head, &rows);
    Ok(())
}

fn row(name: &str, of: &str, bytes: usize, seen: &Seen) -> Vec<String> {
    let milliseconds = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
    vec![
        name.to_owned(),
        of.to_owned(),
        bytes.to_string(),
        format!("{:.0}", seen.per_second),
        milliseconds(seen.p50),
        milliseconds(seen.p99),
        seen.cpu.as_micros().to_string(),
        seen.database_cpu.as_micros().to_string(),
    ]
}

/// What is asked of a hub: different texts and pages, so that no single row stays warm.
async fn requests(
    connection: &mut Connection,
    documents: usize,
) -> Result<[(&'static str, Vec<Vec<u8>>); 3]> {
    let ask = |query: &str, variables: Value| graphql("/graphql", None, query, &variables);
    let (mut paths, mut cursors) = (Vec::new(), Vec::new());
    let mut after = Value::Null;
    for page in 0..documents / 200 {
        let data = connection.data(&ask(WALK, json!({ "after": after }))).await?;
        let nodes = data["newsItems"]["nodes"].as_array().context("a list")?;
        after = data["newsItems"]["pageInfo"]["endCursor"].clone();
        paths.extend(nodes.iter().step_by(10).map(|node| node["path"].clone()));
        if page + 20 >= documents / 200 {
            cursors.push(after.clone());
        }
    }
    Ok([
        ("list", COLUMNS.map(|column| ask(LIST, json!({ "column": column }))).to_vec()),
        ("detail", paths.into_iter().map(|path| ask(DETAIL, json!({ "path": path }))).collect()),
        ("deep page", cursors.into_iter().map(|at| ask(DEEP, json!({ "after": at }))).collect()),
    ])
}
