//! `cargo bench`: what a hub costs, measured from outside.
//!
//! Every figure comes from the real `gongbao serve` as a process of its own, asked over sockets,
//! beside a bare axum handler that gives back the same bytes. The load generator shares the
//! machine with the server, so the ratios of one run say more than its absolute figures, and
//! CPU per request more than requests a second.
//!
//! ```text
//! cargo bench                           everything, on SQLite and, where it is found, PostgreSQL
//! cargo bench -- start publishing       some of it: start, reading, publishing, importing, live, hostile
//! GONGBAO_BENCH_DOCUMENTS=10000 …       instead of 100,000 documents in the larger hub
//! GONGBAO_BENCH_LISTENERS=500 …         instead of 5,000 listeners in `live`
//! GONGBAO_TEST_TEXTS=folder …           real texts for `importing`
//! ```

mod bare;
mod beside;
mod content;
mod hostile;
mod http;
mod hub;
mod importing;
mod live;
mod load;
mod minimal;
mod processes;
mod publishing;
mod reading;
mod start;
mod table;

use std::env;

use anyhow::{Result, ensure};
use test_harness::Engine;

/// The hub whose cost the larger one is compared with.
const SMALL: usize = 1_000;

/// What can be measured, in the order of a whole run.
const ALL: [&str; 6] = ["reading", "start", "publishing", "importing", "live", "hostile"];

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [bare::ARGUMENT, body] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return bare::serve(body.as_ref()).await;
    }
    if let [minimal::ARGUMENT, url] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return minimal::serve(url).await;
    }
    // Cargo says `--bench` to every benchmark.
    let wanted: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| *argument != "--bench").collect();
    for name in &wanted {
        ensure!(ALL.contains(name), "{name} is none of {}", ALL.join(", "));
    }
    let wants = |name: &str| wanted.is_empty() || wanted.contains(&name);
    let large = match env::var("GONGBAO_BENCH_DOCUMENTS") {
        Ok(count) => count.parse()?,
        Err(_) => 100_000,
    };
    println!("{}", processes::machine()?);
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if wants("reading") || wants("start") {
            let small = hub::Stored::filled(engine, SMALL).await?;
            let Some(small) = small else {
                println!("\n{engine:?} is not installed here: skipped");
                continue;
            };
            let large = hub::Stored::filled(engine, large).await?.expect("the engine is there");
            if wants("reading") {
                reading::measure(&[&small, &large]).await?;
            }
            if wants("start") {
                start::measure(&large).await?;
            }
        }
        if wants("hostile") {
            hostile::measure(engine, SMALL).await?;
        }
        if wants("publishing") {
            publishing::measure(engine).await?;
        }
        if wants("importing") {
            importing::measure(engine).await?;
        }
        if wants("live") {
            let listeners = match env::var("GONGBAO_BENCH_LISTENERS") {
                Ok(count) => count.parse()?,
                Err(_) => 5_000,
            };
            live::measure(engine, listeners).await?;
        }
    }
    Ok(())
}
