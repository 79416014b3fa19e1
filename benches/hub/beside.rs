//! A server that the hub is measured beside: this program again, as a process of its own that says
//! where it listens.

use std::{
    env,
    ffi::OsStr,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};

/// The process; killed in the end.
pub(crate) struct Beside {
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Beside {
    /// Starts this program as what `argument` makes of it, with what that is to serve.
    pub(crate) fn start(argument: &str, serving: impl AsRef<OsStr>) -> Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .arg(argument)
            .arg(serving)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("a pipe")?).read_line(&mut line)?;
        Ok(Self { address: line.trim().parse()?, child })
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
