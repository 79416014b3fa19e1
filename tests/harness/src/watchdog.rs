//! The process that stops and removes a cluster after its last user is gone.
//!
//! Every cluster folder holds a file that its watchdog keeps locked while it lives. So an
//! unguarded cluster can be told from a guarded one, whatever was killed in between.

use std::{
    fs::{self, File, TryLockError},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};

const SCRIPT: &str = include_str!("watchdog.sh");

/// Name of the lock file inside the cluster's folder.
pub(crate) const LOCK: &str = "watchdog.lock";

/// Whether `flock` of util-linux is installed, which the watchdog waits with.
pub(crate) fn is_possible() -> bool {
    Command::new("flock").arg("--version").stdout(Stdio::null()).status().is_ok()
}

/// Sees to it that `cluster` has a watchdog. Holding the start lock, the caller is alone.
pub(crate) fn guard(users: &Path, cluster: &Path, linger: Duration) -> Result<()> {
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(cluster.join(LOCK))
        .context("the watchdog's lock file")?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(error).context("the watchdog's lock"),
    }
    // The lock belongs to the open file, not to a process: handed over as standard input it
    // passes to the watchdog without a gap. A process group of its own keeps the watchdog
    // from an interrupt typed at the tests.
    let child = Command::new("sh")
        .args(["-c", SCRIPT, "watchdog"])
        .arg(users)
        .arg(cluster)
        .arg(linger.as_secs_f32().to_string())
        .stdin(Stdio::from(lock))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/")
        .process_group(0)
        .spawn()
        .context("starting the watchdog")?;
    // It outlives this process on purpose; a process that outlives it is a test of the
    // harness itself, and reaps it when it ends.
    drop(child);
    Ok(())
}

/// Gives every cluster folder below `base` that was left without a watchdog a new one.
pub(crate) fn guard_the_abandoned(base: &Path, users: &Path, linger: Duration) -> Result<()> {
    for entry in fs::read_dir(base)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("cluster-") {
            guard(users, &entry.path(), linger)?;
        }
    }
    Ok(())
}
