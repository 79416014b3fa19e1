//! From the start of the process to its first answer, and the memory it then holds.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use crate::{
    http::{Connection, graphql},
    hub::Stored,
    processes, table,
};

const STARTS: usize = 9;
/// Until background work of the start is over.
const REST: Duration = Duration::from_secs(3);

pub(crate) async fn measure(hub: &Stored) -> Result<()> {
    let query =
        graphql("/graphql", None, "{ documents(first: 1) { nodes { title } } }", &json!({}));
    let mut took = Vec::new();
    let mut memory = (0.0, 0.0);
    for start in 0..STARTS {
        let began = Instant::now();
        let running = hub.serve()?;
        Connection::open(running.address).await?.data(&query).await?;
        took.push(began.elapsed());
        if start + 1 == STARTS {
            tokio::time::sleep(REST).await;
            memory = processes::memory_of(running.process())?;
        }
    }
    took.sort_unstable();
    let milliseconds = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1e3);
    let row = vec![
        format!("{} documents", hub.documents),
        milliseconds(took[STARTS / 2]),
        milliseconds(took[STARTS - 1]),
        format!("{:.1}", memory.0),
        format!("{:.1}", memory.1),
    ];
    let head = ["hub", "first answer ms, median", "slowest", "resident MB, idle", "of it its own"];
    table::print(&format!("Start over {:?}, {STARTS} starts", hub.engine), &head, &[row]);
    Ok(())
}
