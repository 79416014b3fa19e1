//! What the kernel says of a process: time on the processor, memory.

use std::{fs, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};

/// `/proc` counts in hundredths of a second on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// User and system time of a process, with that of its children that ended.
pub(crate) fn cpu_of(process: u32) -> Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    Ok(fields(&text).and_then(|fields| ticks(&fields)).context("a stat line")? * TICK)
}

/// The same of every PostgreSQL server process of this machine.
pub(crate) fn cpu_of_postgres() -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for entry in fs::read_dir("/proc")?.flatten() {
        // A process may end while we look.
        let Ok(text) = fs::read_to_string(entry.path().join("stat")) else { continue };
        if !text.contains("(postgres)") {
            continue;
        }
        // A session that ended would be counted by its parent too, so only the own time counts;
        // pools keep their sessions for the whole measurement.
        sum += fields(&text).and_then(|fields| own_ticks(&fields)).context("a stat line")? * TICK;
    }
    Ok(sum)
}

/// The fields of a stat line from the third on: the name before them may hold anything.
fn fields(text: &str) -> Option<Vec<u32>> {
    let (_, after) = text.rsplit_once(')')?;
    Some(after.split_whitespace().skip(11).take(4).filter_map(|field| field.parse().ok()).collect())
}

fn ticks(fields: &[u32]) -> Option<u32> {
    (fields.len() == 4).then(|| fields.iter().sum())
}

fn own_ticks(fields: &[u32]) -> Option<u32> {
    (fields.len() == 4).then(|| fields[0] + fields[1])
}

/// Memory that a process holds, in MB: all of it, and what is its own (no files).
pub(crate) fn memory_of(process: u32) -> Result<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kibibytes * 1024.0 / 1e6)
    };
    Ok((line("VmRSS:").context("VmRSS")?, line("RssAnon:").context("RssAnon")?))
}

/// A server that has the first core for itself, while the load comes from the others: so what is
/// seen is what that server can do, and not how the two share. Of one core nothing is set apart.
pub(crate) struct Apart {
    all: String,
}

impl Apart {
    /// Sets `server` apart until this is dropped.
    pub(crate) fn from_load(server: u32) -> Result<Self> {
        let cores = std::thread::available_parallelism()?.get();
        let all = format!("0-{}", cores - 1);
        if cores > 1 {
            keep_to("0", server)?;
            keep_to(&format!("1-{}", cores - 1), std::process::id())?;
        }
        Ok(Self { all })
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        let _ = keep_to(&self.all, std::process::id());
    }
}

/// Keeps every thread of a process, and those they start, to some cores.
fn keep_to(cores: &str, process: u32) -> Result<()> {
    let mut command = Command::new("taskset");
    command.args(["--all-tasks", "--cpu-list", "--pid", cores, &process.to_string()]);
    let done = command.output().context("taskset, of util-linux")?;
    ensure!(done.status.success(), "taskset: {}", String::from_utf8_lossy(&done.stderr).trim());
    Ok(())
}

/// One line about the machine.
pub(crate) fn machine() -> Result<String> {
    let text = fs::read_to_string("/proc/cpuinfo")?;
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.and_then(|line| line.split_once(':')).map_or("", |(_, name)| name.trim());
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    let cores = std::thread::available_parallelism()?;
    Ok(format!("{cores} cores, {model}; load before the run {load}"))
}
