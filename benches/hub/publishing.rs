//! From the request that publishes to the webhook that tells of it, on an idle hub.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use test_harness::Engine;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
};

use crate::{
    http::{Connection, graphql},
    hub::Stored,
    processes, table,
};

const PUBLICATIONS: usize = 100;
/// How long the hub has had nothing to do before each publication. Not a round number, so that
/// no timer of the hub can be in step with it.
const IDLE: Duration = Duration::from_millis(237);
/// How long the idle hub's use of the processor is measured.
const WATCHED: Duration = Duration::from_secs(10);

const CREATE: &str = "mutation($input: CreateDocumentInput!) { createDocument(input: $input) \
    { draft { digest document { contentId locale version } } userErrors { code field message { en } } } }";
const PUBLISH: &str = "mutation($input: PublishDocumentInput!) { publishDocument(input: $input) \
    { publication { kind } userErrors { code field message { en } } } }";

pub(crate) async fn measure(engine: Engine) -> Result<()> {
    let Some(hub) = Stored::empty(engine).await? else { return Ok(()) };
    let token = hub.token()?;
    let (port, mut arrivals) = receiver().await?;
    let address = format!("http://127.0.0.1:{port}/in");
    let port = port.to_string();
    hub.run(&[
        "channel",
        "create",
        "bench",
        &address,
        "--authority",
        "lanqiao-city",
        "--allow",
        "127.0.0.0/8",
        "--allow-http",
        "--port",
        &port,
    ])?;
    let running = hub.serve()?;
    let mut connection = Connection::open(running.address).await?;
    let (mut answered, mut arrived) = (Vec::new(), Vec::new());
    for number in 0..PUBLICATIONS {
        let publish = draft(&mut connection, &token, number).await?;
        tokio::time::sleep(IDLE).await;
        let asked = Instant::now();
        let data = connection.data(&publish).await?;
        answered.push(asked.elapsed());
        ensure!(!data["publishDocument"]["publication"].is_null(), "{data}");
        arrived.push(arrivals.recv().await.context("the webhook")?.duration_since(asked));
    }
    let before = processes::cpu_of(running.process())?;
    tokio::time::sleep(WATCHED).await;
    let idle = processes::cpu_of(running.process())?.saturating_sub(before);
    let rows = [row("publication answered", &mut answered), row("webhook received", &mut arrived)];
    let title = format!("Publishing over {engine:?}, {PUBLICATIONS} times, idle before each");
    table::print(&title, &["milliseconds from the request", "median", "p90", "slowest"], &rows);
    let share = idle.as_secs_f64() / WATCHED.as_secs_f64() * 100.0;
    println!("\nProcessor used by the idle server: {share:.1} % of one core");
    Ok(())
}

/// A row of what took so long.
pub(crate) fn row(name: &str, times: &mut [Duration]) -> Vec<String> {
    times.sort_unstable();
    let milliseconds = |at: usize| format!("{:.1}", times[at].as_secs_f64() * 1e3);
    let last = times.len() - 1;
    vec![name.to_owned(), milliseconds(last / 2), milliseconds(last * 9 / 10), milliseconds(last)]
}

/// Saves a draft; the request that publishes it.
pub(crate) async fn draft(
    connection: &mut Connection,
    token: &str,
    number: usize,
) -> Result<Vec<u8>> {
    let ask = |query: &str, input: Value| {
        graphql("/manage/graphql", Some(token), query, &json!({ "input": input }))
    };
    let created = connection
        .data(&ask(
            CREATE,
            json!({
                "authority": "lanqiao-city", "type": "news", "locale": "zh-CN",
                "draft": {
                    "fields": { "title": format!("要闻 {number}"), "body": "<p>正文。</p>" },
                    "placements": [{ "site": "lanqiao", "columns": ["news/city"] }],
                },
            }),
        ))
        .await?;
    let draft = &created["createDocument"]["draft"];
    ensure!(draft.is_object(), "{created}");
    Ok(ask(PUBLISH, json!({ "document": draft["document"], "approvedDigest": draft["digest"] })))
}

/// Takes every webhook and tells when it was there.
async fn receiver() -> Result<(u16, mpsc::UnboundedReceiver<Instant>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let (told, arrivals) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let mut buffer = Vec::new();
                while stream.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
                    // A webhook is one JSON object that ends the request.
                    if buffer.ends_with(b"}") {
                        let _ = told.send(Instant::now());
                        buffer.clear();
                        let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
                        if stream.write_all(answer).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    Ok((port, arrivals))
}
