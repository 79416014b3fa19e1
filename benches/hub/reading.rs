//! The reads of a portal: the newest of a column, some of them by their title, one text, a page
//! in the middle of everything; made anew, and given again. Beside them, in the same run, what a
//! team would write by hand for these reads alone, and a handler that gives back the same bytes.

use std::{fs, net::SocketAddr, sync::Arc};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use test_harness::Engine;

use crate::{
    bare,
    beside::Beside,
    content::COLUMNS,
    http::{Connection, graphql},
    hub::Stored,
    load::{self, Seen},
    minimal,
    processes::Apart,
    table,
};

const LIST: &str = "query($column: String!) { newsItems(site: \"lanqiao\", column: $column, first: 20) \
    { nodes { title summary path publishedAt author columns { name { zh } } } } }";
const FILTERED: &str = "query($column: String!) { newsItems(site: \"lanqiao\", column: $column, first: 20, \
    filter: { title: { startsWith: \"蓝桥市推进\" } }) \
    { nodes { title summary path publishedAt author columns { name { zh } } } } }";
const DETAIL: &str = "query($path: String!) { document(site: \"lanqiao\", path: $path) \
    { title summary path publishedAt columns { name { zh } } ... on News { author body { html } } } }";
const DEEP: &str = "query($after: String!) { newsItems(site: \"lanqiao\", first: 20, after: $after) \
    { nodes { title summary path publishedAt author columns { name { zh } } } } }";
const WALK: &str = "query($after: String) { newsItems(site: \"lanqiao\", first: 100, after: $after) \
    { nodes { path } pageInfo { endCursor } } }";

/// Answers are made anew each time; what documents say is at hand once it was read.
const ANEW: &[(&str, &str)] = &[("GONGBAO_HTTP_CONTENT_CACHE_MEGABYTES", "0")];
/// The same, and everything is read again each time.
const READ_ANEW: &[(&str, &str)] =
    &[("GONGBAO_HTTP_CONTENT_CACHE_MEGABYTES", "0"), ("GONGBAO_HTTP_CONTENT_SHELF_MEGABYTES", "0")];
/// Texts that are asked for, at the most.
const TEXTS: usize = 1_000;
/// Connections at once.
const CONNECTIONS: [usize; 3] = [1, 16, 64];

/// What is asked of a server, with the name that it has in the table.
type Questions = Vec<(&'static str, Arc<Vec<Vec<u8>>>)>;

/// A line of the table, and what it is sorted by.
type Line = ((usize, usize), Vec<String>);

/// Measures each hub; the last one also giving answers again, the minimal server with its news,
/// and the bare handler with its answers.
pub(crate) async fn measure(hubs: &[&Stored]) -> Result<()> {
    let last = hubs.last().context("a hub")?;
    let mut lines: Vec<Line> = Vec::new();
    for hub in hubs {
        let of = format!("{} documents, made anew", hub.documents);
        under(hub, ANEW, &of, &CONNECTIONS, &mut lines).await?;
    }
    let of = "the same, nothing at hand";
    under(last, READ_ANEW, of, &[16], &mut lines).await?;
    kept(last, &mut lines).await?;

    minimal::fill(last).await?;
    let in_place = [("minimal server, reading in place", minimal::IN_PLACE)];
    let in_place = in_place.into_iter().filter(|_| last.engine == Engine::Sqlite);
    for (of, argument) in [("minimal server", minimal::ARGUMENT)].into_iter().chain(in_place) {
        let server = Beside::start(argument, last.url())?;
        let mut connection = Connection::open(server.address).await?;
        let asked = questions(&mut connection, last.documents).await?;
        put(server.address, server.process(), &asked, of, &CONNECTIONS, &mut lines).await?;
    }

    let running = last.serve()?;
    let mut connection = Connection::open(running.address).await?;
    for question in questions(&mut connection, last.documents).await? {
        let body = connection.ask(&question.1[0]).await?.to_vec();
        let file = last.file("answer.json");
        fs::write(&file, &body)?;
        let bare = Beside::start(bare::ARGUMENT, &file)?;
        let _apart = Apart::from_load(bare.process())?;
        let of = "bare axum handler";
        put(bare.address, bare.process(), &[question], of, &CONNECTIONS, &mut lines).await?;
    }
    lines.sort_by_key(|(place, _)| *place);
    let rows: Vec<_> = lines.into_iter().map(|(_, row)| row).collect();
    let title = format!("Reading over {:?}", last.engine);
    let head = [&["what", "connections", "of", "bytes"][..], &Seen::HEAD].concat();
    table::print(&title, &head, &rows);
    Ok(())
}

/// Measures a hub with some settings.
async fn under(
    hub: &Stored,
    settings: &[(&str, &str)],
    of: &str,
    connections: &[usize],
    lines: &mut Vec<Line>,
) -> Result<()> {
    let running = hub.serve_with(settings)?;
    let mut connection = Connection::open(running.address).await?;
    let asked = questions(&mut connection, hub.documents).await?;
    put(running.address, running.process(), &asked, of, connections, lines).await
}

/// Measures kept answers, which cost the server no more than the load costs.
async fn kept(hub: &Stored, lines: &mut Vec<Line>) -> Result<()> {
    let running = hub.serve()?;
    let mut connection = Connection::open(running.address).await?;
    let asked = questions(&mut connection, hub.documents).await?;
    let _apart = Apart::from_load(running.process())?;
    let of = "the same, kept answers";
    put(running.address, running.process(), &asked, of, &CONNECTIONS, lines).await
}

async fn put(
    address: SocketAddr,
    process: u32,
    asked: &[(&'static str, Arc<Vec<Vec<u8>>>)],
    of: &str,
    connections: &[usize],
    lines: &mut Vec<Line>,
) -> Result<()> {
    const ORDER: [&str; 4] = ["list", "filtered list", "detail", "deep page"];
    let mut connection = Connection::open(address).await?;
    for (name, requests) in asked {
        let bytes = connection.ask(requests.first().context("something to ask")?).await?.len();
        for many in connections {
            let seen = load::put(address, process, requests, *many).await?;
            let place = ORDER.iter().position(|known| known == name).unwrap_or_default();
            lines.push(((place, *many), row(name, *many, of, bytes, &seen)));
        }
    }
    Ok(())
}

fn row(name: &str, connections: usize, of: &str, bytes: usize, seen: &Seen) -> Vec<String> {
    let asked = [name.to_owned(), connections.to_string(), of.to_owned(), bytes.to_string()];
    asked.into_iter().chain(seen.cells()).collect()
}

/// What is asked of a server: different texts and pages, spread over everything. Both servers
/// are asked the same, by the paths and cursors that they give. However many documents there
/// are, no more texts are asked for than what is hot would hold.
async fn questions(connection: &mut Connection, documents: usize) -> Result<Questions> {
    let ask = |query: &str, variables: Value| graphql("/graphql", None, query, &variables);
    let (mut paths, mut cursors) = (Vec::new(), Vec::new());
    let mut after = Value::Null;
    let pages = documents / 200;
    // Half way into everything, in as many steps as are worth waiting for.
    for page in 0..pages {
        let data = connection.data(&ask(WALK, json!({ "after": after }))).await?;
        let nodes = data["newsItems"]["nodes"].as_array().context("a list")?;
        after = data["newsItems"]["pageInfo"]["endCursor"].clone();
        if page % pages.div_ceil(TEXTS / 10).max(1) == 0 {
            paths.extend(nodes.iter().step_by(10).map(|node| node["path"].clone()));
        }
        if page + 20 >= pages {
            cursors.push(after.clone());
        }
    }
    let of_columns = |query| COLUMNS.map(|column| ask(query, json!({ "column": column }))).to_vec();
    Ok([
        ("list", of_columns(LIST)),
        ("filtered list", of_columns(FILTERED)),
        ("detail", paths.into_iter().map(|path| ask(DETAIL, json!({ "path": path }))).collect()),
        ("deep page", cursors.into_iter().map(|at| ask(DEEP, json!({ "after": at }))).collect()),
    ]
    .map(|(name, requests)| (name, Arc::new(requests)))
    .to_vec())
}
