//! Load: some connections, each asking again as soon as it was answered.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{http::Connection, processes};

/// Before anything counts.
const WARM_UP: Duration = Duration::from_secs(1);
/// How long it is measured.
const MEASURED: Duration = Duration::from_secs(3);

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

impl Seen {
    /// What its [`cells`](Self::cells) are.
    pub(crate) const HEAD: [&str; 5] =
        ["a second", "p50 ms", "p99 ms", "server CPU µs", "database CPU µs"];

    pub(crate) fn cells(&self) -> [String; 5] {
        let milliseconds = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
        [
            format!("{:.0}", self.per_second),
            milliseconds(self.p50),
            milliseconds(self.p99),
            self.cpu.as_micros().to_string(),
            self.database_cpu.as_micros().to_string(),
        ]
    }
}

/// Asks `requests` in turn on every one of so many connections.
pub(crate) async fn put(
    address: SocketAddr,
    server: u32,
    requests: &Arc<Vec<Vec<u8>>>,
    connections: usize,
) -> Result<Seen> {
    let begin = Instant::now() + WARM_UP;
    let end = begin + MEASURED;
    let tasks: Vec<_> = (0..connections)
        .map(|connection| {
            let first = requests.len() * connection / connections;
            tokio::spawn(ask(address, Arc::clone(requests), first, begin, end))
        })
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
    // Connections begin at different requests, so that they do not walk in step.
    first: usize,
    begin: Instant,
    end: Instant,
) -> Result<Vec<Duration>> {
    let mut kept = Connection::open(address).await?;
    let mut took = Vec::new();
    for request in requests.iter().cycle().skip(first) {
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
