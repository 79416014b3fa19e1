//! Thousands who listen to one node: what each takes, how soon the last one hears of an event,
//! and that everyone hears of everything once and in order, across the death of the node.

mod listener;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use test_harness::Engine;
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};

use self::listener::{Crowd, Heard, listen};
use crate::{
    content::COLUMNS,
    http::{Connection, graphql},
    hub::{Running, Stored},
    processes,
    publishing::{draft, row},
    table,
};

/// Publications one by one, with nothing else to do between them.
const SINGLE: usize = 50;
const IDLE: Duration = Duration::from_millis(237);
/// Publications as fast as one connection makes them.
const BURST: usize = 200;
/// Published by an import while the node is dead.
const MISSED: usize = 50;
/// Until what is over has settled, and how long anything may take.
const REST: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) async fn measure(engine: Engine, listeners: usize) -> Result<()> {
    let Some(hub) = Stored::empty(engine).await? else { return Ok(()) };
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    let token = hub.token()?;
    let first = serve(&hub, listeners)?;
    let mut connection = Connection::open(first.address).await?;
    let after = head(&mut connection).await?;
    sleep(REST).await;
    let idle = processes::memory_of(first.process())?;

    let (address, addresses) = watch::channel(first.address);
    let (heard, mut arrivals) = mpsc::unbounded_channel();
    let crowd = Arc::new(Crowd::new(listeners, heard));
    let began = Instant::now();
    let crowd_of = || (0..listeners).map(|_| listen(addresses.clone(), after, Arc::clone(&crowd)));
    let tasks: Vec<_> = crowd_of().map(tokio::spawn).collect();
    timeout(PATIENCE, crowd.all_listen()).await.context("not all came in")?;
    let came_in = began.elapsed();
    sleep(REST).await;
    let listening = processes::memory_of(first.process())?;
    let each = (listening.1 - idle.1) * 1e3 / listeners as f64;

    // One by one.
    let (mut answered, mut soonest, mut latest) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = after;
    let cpu = processes::cpu_of(first.process())?;
    for number in 0..SINGLE {
        let publish = draft(&mut connection, &token, number).await?;
        sleep(IDLE).await;
        let asked = Instant::now();
        connection.data(&publish).await?;
        answered.push(asked.elapsed());
        last += 1;
        soonest.push(wait(&mut arrivals, Heard::First(last)).await?.duration_since(asked));
        latest.push(wait(&mut arrivals, Heard::Last(last)).await?.duration_since(asked));
    }
    let cpu = processes::cpu_of(first.process())?.saturating_sub(cpu);

    // As fast as can be.
    let mut publications = Vec::new();
    for number in 0..BURST {
        publications.push(draft(&mut connection, &token, SINGLE + number).await?);
    }
    let began = Instant::now();
    for publish in &publications {
        connection.data(publish).await?;
    }
    let published = began.elapsed();
    last += BURST as u64;
    let burst = wait(&mut arrivals, Heard::Last(last)).await?.duration_since(began);
    ensure!(head(&mut connection).await? == last, "the log has what was published");

    // Across a death.
    drop((connection, first));
    hub.import_into(COLUMNS[0], 0..MISSED)?;
    let second = serve(&hub, listeners)?;
    let mut connection = Connection::open(second.address).await?;
    last = head(&mut connection).await?;
    let began = Instant::now();
    address.send_replace(second.address);
    let back = wait(&mut arrivals, Heard::Last(last)).await?.duration_since(began);
    let publish = draft(&mut connection, &token, SINGLE + BURST).await?;
    connection.data(&publish).await?;
    last += 1;
    wait(&mut arrivals, Heard::Last(last)).await?;
    let peak = processes::memory_of(second.process())?;
    let metrics = connection.ask(b"GET /metrics HTTP/1.1\r\nhost: hub\r\n\r\n").await?;
    let metrics = String::from_utf8_lossy(metrics).into_owned();
    crowd.holds(last - after)?;
    tasks.iter().for_each(tokio::task::JoinHandle::abort);

    let rows = [
        row("publication answered", &mut answered),
        row("first listener", &mut soonest),
        row("last listener", &mut latest),
    ];
    let title =
        format!("{listeners} listeners over {engine:?}, {SINGLE} publications, idle before each");
    table::print(&title, &["milliseconds from the request", "median", "p90", "slowest"], &rows);
    println!(
        "\nAll in after {:.1} s. The server holds {:.1} MB of its own idle and {:.1} MB with all of them: \
         {each:.1} kB a listener. {:.0} ms of processor time a publication.",
        came_in.as_secs_f64(),
        idle.1,
        listening.1,
        cpu.as_secs_f64() * 1e3 / SINGLE as f64,
    );
    println!(
        "{BURST} publications in {:.1} s were with the last listener after {:.1} s. Killed, with {} events \
         missed, all were back and had them {:.1} s after they began to come; the server then holds {:.1} MB.",
        published.as_secs_f64(),
        burst.as_secs_f64(),
        MISSED,
        back.as_secs_f64(),
        peak.1,
    );
    println!(
        "Every listener heard each of {} events once and in order. Too slow: {}.",
        last - after,
        shed(&metrics),
    );
    Ok(())
}

/// A node that lets so many in from one address.
fn serve(hub: &Stored, listeners: usize) -> Result<Running> {
    let most = (listeners * 2).to_string();
    hub.serve_with(&[
        ("GONGBAO_HTTP_LIVE_CONNECTIONS", &most),
        ("GONGBAO_HTTP_LIVE_CONNECTIONS_PER_ADDRESS", &most),
        // All share one address, and one listener must not be refused for another.
        ("GONGBAO_HTTP_CONCURRENCY", "4096"),
    ])
}

async fn head(connection: &mut Connection) -> Result<u64> {
    let ask = graphql("/graphql", None, "{ changes(first: 1) { head } }", &json!({}));
    let data = connection.data(&ask).await?;
    listener::sequence(data["changes"]["head"].as_str().context("a cursor")?).context("a number")
}

/// Waits until the crowd has heard so much.
async fn wait(
    arrivals: &mut mpsc::UnboundedReceiver<(Heard, Instant)>,
    wanted: Heard,
) -> Result<Instant> {
    loop {
        let arrived = timeout(PATIENCE, arrivals.recv()).await;
        let (heard, at) = arrived.with_context(|| format!("{wanted:?}"))?.context("listeners")?;
        if heard == wanted {
            return Ok(at);
        }
    }
}

fn shed(metrics: &str) -> &str {
    let line = metrics.lines().find_map(|line| line.strip_prefix("gongbao_live_shed_total "));
    line.unwrap_or("none")
}
