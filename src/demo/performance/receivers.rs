//! The receivers as processes: `gongbao simulate webhook` of this same program, killed for good
//! when the demo ends, however it ends.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use bytes::Bytes;
use hyper::Method;
use schema::message::Bilingual;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpSocket,
    process::{Child, ChildStdin, ChildStdout, Command},
    time::{Instant, sleep, timeout},
};

use super::{cast::Part, client, hub::text};

/// Until a receiver says where it listens.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two tries to start it where another program stood in its place.
const AGAIN: Duration = Duration::from_millis(50);

/// A receiver, alive or dead.
pub(super) struct Receiver {
    pub(super) part: Part,
    pub(super) address: SocketAddr,
    store: PathBuf,
    name: String,
    key: String,
    life: Life,
}

enum Life {
    Alive(Box<Running>),
    /// Its port is kept, without listening, so that nobody else takes it.
    Dead(Option<TcpSocket>),
}

struct Running {
    child: Child,
    /// Closed when this process ends, whatever ends it; the receiver then ends too.
    input: ChildStdin,
    /// Kept open, so that the receiver can write.
    _output: BufReader<ChildStdout>,
}

impl Receiver {
    /// Starts the receiver of `part` on a free port, with its file in `folder`. It waits for
    /// its key.
    ///
    /// # Errors
    /// When this program cannot be started again, or ends at once.
    pub(super) async fn start(part: Part, folder: &Path, locale: &str) -> Result<Self, Bilingual> {
        let store = folder.join(format!("{}.jsonl", part.key));
        let name = part.name.for_locale(locale).to_owned();
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (running, address) = spawn(anywhere, &store, &name).await?;
        Ok(Self {
            part,
            address,
            store,
            name,
            key: String::new(),
            life: Life::Alive(Box::new(running)),
        })
    }

    /// Gives it the key that its target was created with.
    ///
    /// # Errors
    /// When it ended before.
    pub(super) async fn equip(&mut self, key: &str) -> Result<(), Bilingual> {
        self.key = key.to_owned();
        let Life::Alive(running) = &mut self.life else { return Err(gone(&self.name)) };
        running.hand(&self.key).await.map_err(|_| gone(&self.name))
    }

    /// Kills it (SIGKILL) and waits until it is dead.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub(super) async fn kill(&mut self) -> Result<(), Bilingual> {
        if let Life::Alive(running) = &mut self.life {
            running.child.kill().await.map_err(|error| {
                Bilingual::new(
                    format!("无法结束进程：{error}"),
                    format!("it cannot be killed: {error}"),
                )
            })?;
            self.life = Life::Dead(kept(self.address));
        }
        Ok(())
    }

    /// Starts it again where it was, with the file and the key it had.
    ///
    /// # Errors
    /// When its port is not free any more, or it ends at once.
    pub(super) async fn revive(&mut self) -> Result<(), Bilingual> {
        let deadline = Instant::now() + PATIENCE;
        while let Life::Dead(place) = &mut self.life {
            drop(place.take());
            match spawn(self.address, &self.store, &self.name).await {
                Ok((mut running, _)) => {
                    running.hand(&self.key).await.map_err(|_| gone(&self.name))?;
                    self.life = Life::Alive(Box::new(running));
                }
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => sleep(AGAIN).await,
            }
        }
        Ok(())
    }

    /// Whether it is there to be asked.
    pub(super) fn is_alive(&self) -> bool {
        matches!(self.life, Life::Alive(_))
    }

    /// The id of its process.
    pub(super) fn process(&self) -> Option<u32> {
        match &self.life {
            Life::Alive(running) => running.child.id(),
            Life::Dead(_) => None,
        }
    }

    /// Its page.
    pub(super) fn page(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Everything it holds, and what it was told to take away.
    ///
    /// # Errors
    /// No answer.
    pub(super) async fn items(&self) -> Result<Vec<Value>, Bilingual> {
        let path = "/items.json";
        let answer = client::send(self.address, Method::GET, path, &[], Bytes::new()).await?;
        let mut value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match value["items"].take() {
            Value::Array(items) => Ok(items),
            _ => Err(Bilingual::new(
                format!("{} 的 {path} 无法读取", self.name),
                format!("{path} of {} cannot be read", self.name),
            )),
        }
    }
}

impl Running {
    async fn hand(&mut self, key: &str) -> std::io::Result<()> {
        self.input.write_all(format!("{key}\n").as_bytes()).await?;
        self.input.flush().await
    }
}

/// The program that runs. One that was built anew since it started is no more where it was, and
/// Linux still knows it.
fn this_program() -> std::io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let kept = PathBuf::from("/proc/self/exe");
    Ok(if program.exists() || !kept.exists() { program } else { kept })
}

async fn spawn(
    listen: SocketAddr,
    store: &Path,
    name: &str,
) -> Result<(Running, SocketAddr), Bilingual> {
    let not_started = |why: String| {
        Bilingual::new(
            format!("接收方“{name}”无法启动：{why}"),
            format!("the receiver {name:?} does not start: {why}"),
        )
    };
    let program = this_program().map_err(|error| not_started(error.to_string()))?;
    let mut child = Command::new(program)
        .args(["simulate", "webhook", "--json", "--until-input-ends", "--key", "-"])
        .args(["--listen", &listen.to_string(), "--name", name, "--store"])
        .arg(store)
        // Its settings are all here.
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| not_started(error.to_string()))?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(not_started("no pipes".into()));
    };
    let mut output = BufReader::new(output);
    let mut line = String::new();
    let said = timeout(PATIENCE, output.read_line(&mut line)).await;
    said.map_err(|_| not_started("it says nothing".into()))?
        .map_err(|error| not_started(error.to_string()))?;
    let said: Value = serde_json::from_str(&line).unwrap_or_default();
    let address = text(&said["listening"])
        .parse()
        .map_err(|_| not_started(format!("{listen} is not free")))?;
    Ok((Running { child, input, _output: output }, address))
}

/// The port of a dead receiver, bound and not listening: calls to it are refused, and no other
/// program is given it. Where the system does not allow that, the port is merely free.
fn kept(address: SocketAddr) -> Option<TcpSocket> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.set_reuseaddr(true).ok()?;
    socket.bind(address).ok()?;
    Some(socket)
}

fn gone(name: &str) -> Bilingual {
    Bilingual::new(
        format!("接收方“{name}”已不在运行"),
        format!("the receiver {name:?} is not running any more"),
    )
}
