//! What questions asked to do harm take of a server, each by itself: time on the processor, and
//! the memory it rises by.

mod questions;

use std::{fs, time::Duration};

use anyhow::{Context as _, Result};
use test_harness::Engine;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use self::questions::{Fate, Hostile, Sent};
use crate::{hub::Stored, processes, table};

/// Times that each is asked.
const TIMES: u32 = 100;
/// Every question is to be answered anew, and none for want of points.
const SETTINGS: [(&str, &str); 2] = [
    ("GONGBAO_HTTP_CONTENT_CACHE_MEGABYTES", "0"),
    ("GONGBAO_HTTP_CONTENT_POINTS_PER_ADDRESS", "0"),
];

pub(crate) async fn measure(engine: Engine, documents: usize) -> Result<()> {
    let Some(hub) = Stored::filled(engine, documents).await? else {
        println!("\n{engine:?} is not installed here: skipped");
        return Ok(());
    };
    let running = hub.serve_with(&SETTINGS)?;
    let process = running.process();
    let mut rows = Vec::new();
    for Hostile { kind, sent, fate } in questions::all() {
        let request = bytes(&sent);
        // Once before, so that what is made once is not counted.
        exchange(running.address, &request).await?;
        reset_peak(process)?;
        let (held, cpu) = (processes::memory_of(process)?.0, cpu_of(process)?);
        let mut answer = Vec::new();
        for _ in 0..TIMES {
            answer = exchange(running.address, &request).await?;
        }
        let spent = cpu_of(process)?.saturating_sub(cpu) / TIMES;
        let risen = (peak(process)? - held).max(0.0);
        let head = String::from_utf8_lossy(&answer);
        let status = head.get(9..12).unwrap_or("hung up");
        let code = head.split_once("\"code\":\"").and_then(|(_, rest)| rest.split('"').next());
        // What the stories promise, where a server without their settings does otherwise.
        let instead = match (fate, code) {
            (Fate::Refused(promised), code) if code != Some(promised) => format!(" for {promised}"),
            (Fate::Answered { statements }, Some(_)) => format!(" for {statements} statements"),
            _ => String::new(),
        };
        let told = format!("{status} {}{instead}", code.unwrap_or_default());
        rows.push(vec![
            kind.to_owned(),
            request.len().to_string(),
            told.trim_end().to_owned(),
            answer.len().to_string(),
            microseconds(spent),
            format!("{:.1}", risen * 1e3),
        ]);
    }
    let title = format!(
        "Hostile questions over {:?}, {} documents, each {TIMES} times",
        hub.engine, hub.documents
    );
    let head = ["kind", "bytes sent", "answer", "bytes answered", "CPU µs", "peak rises by KB"];
    table::print(&title, &head, &rows);
    Ok(())
}

fn bytes(sent: &Sent) -> Vec<u8> {
    match sent {
        Sent::Body(body) => format!(
            "POST /graphql HTTP/1.1\r\nhost: hub\r\nconnection: close\r\ncontent-type: application/json\r\n\
             accept: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ),
        Sent::Address(query) => format!("GET /graphql?{query} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\naccept: */*\r\n\r\n"),
    }
    .into_bytes()
}

/// Sends a request and reads whatever comes back until the server hangs up, which it may do
/// before it has read all of it.
async fn exchange(address: std::net::SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer).await;
    if answer.is_empty() {
        read?;
    }
    Ok(answer)
}

/// Time on the processor of all threads of a process, to the nanosecond: what a question takes is
/// far below the hundredths of a second that are counted of the process itself.
fn cpu_of(process: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))?.flatten() {
        // A thread may end while we look.
        let Ok(text) = fs::read_to_string(thread.path().join("schedstat")) else { continue };
        let ran = text.split(' ').next().and_then(|ran| ran.parse::<u64>().ok());
        nanoseconds += ran.context("a schedstat line")?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Lets the peak of a process begin at what it holds.
fn reset_peak(process: u32) -> Result<()> {
    fs::write(format!("/proc/{process}/clear_refs"), "5").context("the peak is reset")
}

/// The most that a process held since, in MB.
fn peak(process: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024.0 / 1e6)
}

fn microseconds(time: Duration) -> String {
    format!("{:.0}", time.as_secs_f64() * 1e6)
}
