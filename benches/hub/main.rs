//! `cargo bench`: what a hub costs, measured from outside.
//!
//! Every figure comes from the real `gongbao serve` as a process of its own, asked over sockets,
//! beside a bare axum handler that gives back the same bytes. The load generator shares the
//! machine with the server, so the ratios of one run say more than its absolute figures, and
//! CPU per request more than requests a second.
//!
//! ```text
//! cargo bench                           everything, on SQLite and, where it is found, PostgreSQL
//! cargo bench -- start publishing       some of it: reading, searching, start, publishing,
//!                                       importing, live, hostile
//! cargo bench -- reading sqlite         on one database
//! cargo bench -- filling                nothing but the hubs that later runs measure
//! GONGBAO_BENCH_DOCUMENTS=1000000 …     instead of 100,000 documents in the larger hub
//! GONGBAO_BENCH_LISTENERS=500 …         instead of 5,000 listeners in `live`
//! GONGBAO_TEST_TEXTS=folder …           real texts, for `importing` and for what hubs are filled with
//! ```

mod bare;
mod beside;
mod content;
mod hostile;
mod http;
mod hub;
mod importing;
mod kept;
mod live;
mod load;
mod minimal;
mod processes;
mod publishing;
mod reading;
mod searching;
mod start;
mod table;

use std::env;

use anyhow::{Context as _, Result, ensure};
use test_harness::Engine;

/// The hub whose cost the larger one is compared with.
const SMALL: usize = 1_000;

/// What can be measured, in the order of a whole run.
const ALL: [&str; 7] =
    ["reading", "searching", "start", "publishing", "importing", "live", "hostile"];
/// What only prepares the others.
const FILLING: &str = "filling";
const ENGINES: [(&str, Engine); 2] = [("sqlite", Engine::Sqlite), ("postgres", Engine::Postgres)];

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [bare::ARGUMENT, body] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return bare::serve(body.as_ref()).await;
    }
    if let [argument @ (minimal::ARGUMENT | minimal::IN_PLACE), url] =
        arguments.iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        return minimal::serve(argument, url).await;
    }
    // Cargo says `--bench` to every benchmark.
    let said: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| *argument != "--bench").collect();
    let is_engine = |word: &&str| ENGINES.iter().any(|(name, _)| name == word);
    let (engines, wanted): (Vec<&str>, Vec<&str>) = said.into_iter().partition(is_engine);
    for name in &wanted {
        ensure!(ALL.contains(name) || *name == FILLING, "{name} is none of {}", ALL.join(", "));
    }
    let wants = |name: &str| (wanted.is_empty() && name != FILLING) || wanted.contains(&name);
    let large = number("GONGBAO_BENCH_DOCUMENTS", 100_000)?;
    println!("{}", processes::machine()?);
    for (name, engine) in ENGINES {
        if !engines.is_empty() && !engines.contains(&name) {
            continue;
        }
        if ["filling", "reading", "searching", "start"].into_iter().any(wants) {
            let small = hub::Stored::filled(engine, SMALL).await?;
            let Some(small) = small else {
                println!("\n{engine:?} is not installed here: skipped");
                continue;
            };
            let large = hub::Stored::filled(engine, large).await?.expect("the engine is there");
            if wants("reading") {
                reading::measure(&[&small, &large]).await?;
            }
            if wants("searching") {
                searching::measure(&[&small, &large]).await?;
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
            live::measure(engine, number("GONGBAO_BENCH_LISTENERS", 5_000)?).await?;
        }
    }
    Ok(())
}

fn number(variable: &str, otherwise: usize) -> Result<usize> {
    match env::var(variable) {
        Ok(said) => Ok(said.parse().with_context(|| format!("{variable}={said}"))?),
        Err(_) => Ok(otherwise),
    }
}
