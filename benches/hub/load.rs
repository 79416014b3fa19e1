//! Load: some connections, each asking again as soon as it was answered.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{http::Connection, processes};

/// Connections at once.
pub(crate) const CONNECTIONS: usize = 16;
/// Before anything counts.
const WARM_UP: Duration = Duration::from_secs(1);
/// How long it is measured.
const MEASURED: Duration = Duration::from_secs(5);

/// What was seen under load.
pub(crate) struct Seen {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Processor time of the server a request.
    pub(crate) cpu: Duration,
    /// Processor time of the database server a request; zero for SQLite, which is in the server.
    pub(crate) database_cpu: Duration,
}

/// Asks `requests` in turn on every connection.
pub(crate) async fn put(address: SocketAddr, server: u32, requests: Vec<Vec<u8>>) -> Result<Seen> {
    let requests = Arc::new(requests);
    let begin = Instant::now() + WARM_UP;
    let end = begin + MEASURED;
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|connection| tokio::spawn(ask(address, Arc::clone(&requests), connection, begin, end)))
        .collect();
    tokio::time::sleep_until(begin.into()).await;
    let (cpu, database_cpu) = (processes::cpu_of(server)?, processes::cpu_of_postgres()?);
    tokio::time::sleep_until(end.into()).await;
    let cpu = processes::cpu_of(server)?.saturating_sub(cpu);
    let database_cpu = processes::cpu_of_postgres()?.saturating_sub(database_cpu);
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await??);
    }
    took.sort_unstable();
    let count = u32::try_from(took.len())?.max(1);
    let percentile = |percent: usize| took.get(took.len() * percent / 100).copied();
    Ok(Seen {
        per_second: f64::from(count) / MEASURED.as_secs_f64(),
        p50: percentile(50).unwrap_or_default(),
        p99: percentile(99).unwrap_or_default(),
        cpu: cpu / count,
        database_cpu: database_cpu / count,
    })
}

async fn ask(
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    connection: usize,
    begin: Instant,
    end: Instant,
) -> Result<Vec<Duration>> {
    let mut kept = Connection::open(address).await?;
    let mut took = Vec::new();
    // Connections begin at different requests, so that they do not walk in step.
    let start = requests.len() * connection / CONNECTIONS;
    for request in requests.iter().cycle().skip(start) {
        let asked = Instant::now();
        if asked >= end {
            break;
        }
        kept.ask(request).await?;
        if asked >= begin {
            took.push(asked.elapsed());
        }
    }
    Ok(took)
}
