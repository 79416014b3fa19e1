//! The private PostgreSQL cluster that all test processes of this checkout share.
//!
//! Its folder lies in the system's temporary folder, since the server's user must be able to
//! walk to it, and is keyed by user and checkout:
//!
//! ```text
//! gongbao-test-postgres-<uid>-<checkout>/
//!   start.lock    exclusive: who holds it decides whether to join or to start
//!   users.lock    shared: held by every process that uses a cluster; see `watchdog.sh`
//!   current       folder, port and password of the cluster to join
//!   cluster-<random>/{data,server.log,watchdog.lock}
//! ```

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use crate::{
    admin::Admin,
    programs::{self, Owner},
    watchdog,
};

/// How long an idle cluster waits for the next test binary.
pub(crate) const LINGER: Duration = Duration::from_secs(2);

/// Nothing of a test cluster has to survive a power cut. Autovacuum is off so that plans and
/// page contents change only when a test asks for it.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
fsync = off
full_page_writes = off
wal_recycle = off
min_wal_size = 32MB
autovacuum = off
timezone = 'UTC'
log_timezone = 'UTC'
";

/// A cluster in use: it stays at least as long as this value.
pub(crate) struct Cluster {
    /// Folder of this cluster.
    pub(crate) folder: PathBuf,
    pub(crate) admin: Admin,
    port: u16,
    password: String,
    _use: File,
}

impl Cluster {
    /// The folder for this checkout and user.
    pub(crate) fn default_base() -> Result<PathBuf> {
        let checkout = hex(&Sha256::digest(env!("CARGO_MANIFEST_DIR")));
        let name = format!("gongbao-test-postgres-{}-{}", programs::our_user()?, &checkout[..8]);
        Ok(std::env::temp_dir().join(name))
    }

    /// Joins the cluster under `base`, or starts one with the programs in `bin`.
    pub(crate) fn join(base: &Path, bin: &Path, linger: Duration) -> Result<Self> {
        let base = &make_base(base)?;
        let start = lock_file(&base.join("start.lock"))?;
        start.lock().context("waiting for the start lock")?;

        let users = base.join("users.lock");
        let in_use = lock_file(&users)?;
        in_use.lock_shared().context("waiting for the last cluster to be removed")?;

        watchdog::guard_the_abandoned(base, &users, linger)?;
        let current = base.join("current");
        if let Some((folder, port, password)) = read_current(&current)
            && let Ok(admin) = Admin::connect(&address(port, &password, "postgres"))
        {
            return Ok(Self { folder, admin, port, password, _use: in_use });
        }

        let folder = base.join(format!("cluster-{}", random_hex()?));
        let password = random_hex()?;
        fs::create_dir(&folder)?;
        watchdog::guard(&users, &folder, linger)?;
        let port = start_server(&folder, bin, &password)
            .with_context(|| format!("starting PostgreSQL from {}", bin.display()))?;
        let admin = Admin::connect(&address(port, &password, "postgres"))?;
        let written = base.join("current.new");
        write_secret(&written, &format!("{}\n{port}\n{password}\n", folder.display()))?;
        fs::rename(&written, &current)?;
        Ok(Self { folder, admin, port, password, _use: in_use })
    }

    /// Address of one database of the cluster.
    pub(crate) fn url(&self, database: &str) -> String {
        address(self.port, &self.password, database)
    }

    /// The server's data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

fn address(port: u16, password: &str, database: &str) -> String {
    format!("postgres://postgres:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
}

/// Makes the shared folder, or checks that it is ours: its place can be guessed.
fn make_base(base: &Path) -> Result<PathBuf> {
    if let Err(error) = fs::create_dir(base)
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(error).with_context(|| base.display().to_string());
    }
    let found = fs::symlink_metadata(base)?;
    ensure!(
        found.is_dir() && found.uid() == programs::our_user()?,
        "{} is not a folder of ours; remove it",
        base.display()
    );
    // The server's user walks through it and sees no more.
    fs::set_permissions(base, fs::Permissions::from_mode(0o711))?;
    // The watchdog compares paths with what the kernel says.
    Ok(base.canonicalize()?)
}

fn lock_file(path: &Path) -> Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .with_context(|| path.display().to_string())
}

fn write_secret(path: &Path, text: &str) -> Result<()> {
    let mut file =
        File::options().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}

fn read_current(path: &Path) -> Option<(PathBuf, u16, String)> {
    let text = fs::read_to_string(path).ok()?;
    let mut lines = text.lines();
    let folder = PathBuf::from(lines.next()?);
    let port = lines.next()?.parse().ok()?;
    let password = lines.next()?.to_owned();
    folder.is_dir().then_some((folder, port, password))
}

/// Makes the data folder and starts the server; its port is the answer.
fn start_server(folder: &Path, bin: &Path, password: &str) -> Result<u16> {
    let owner = Owner::find()?;
    let (data, log, secret) =
        (folder.join("data"), folder.join("server.log"), folder.join("password"));
    write_secret(&secret, password)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    owner.give(&secret)?;
    owner.give(folder)?;

    let mut initdb = owner.command(&bin.join("initdb"));
    initdb
        .args(["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C.UTF-8"])
        .args(["--username=postgres", "--auth=scram-sha-256"])
        .arg(format!("--pwfile={}", secret.display()))
        .arg("--pgdata")
        .arg(&data);
    succeed(initdb.current_dir(folder), &log)?;
    fs::remove_file(&secret)?;
    let settings = data.join("postgresql.auto.conf");
    fs::write(&settings, SETTINGS)?;
    owner.give(&settings)?;

    // Another program may take a free port before the server does.
    let mut attempts = 0;
    loop {
        attempts += 1;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut start = owner.command(&bin.join("pg_ctl"));
        start.arg("start").arg("--wait").arg("--pgdata").arg(&data);
        start.arg("--log").arg(&log).arg("--options").arg(format!("-p {port}"));
        match succeed(start.current_dir(folder), &log) {
            Ok(()) => return Ok(port),
            Err(error) if attempts == 3 => return Err(error),
            Err(_) => {}
        }
    }
}

/// Runs a command to its end. Its output goes to a file and not to a pipe, which the server
/// would keep open.
fn succeed(command: &mut Command, log: &Path) -> Result<()> {
    let output = log.with_extension("out");
    let file = File::create(&output)?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("{command:?}"))?;
    if !status.success() {
        let said = fs::read_to_string(&output).unwrap_or_default();
        let logged = fs::read_to_string(log).unwrap_or_default();
        bail!("{command:?} ended with {status}\n{said}\n{logged}");
    }
    Ok(())
}

/// Sixteen random bytes in hexadecimal: for names and passwords that need no quoting.
pub(crate) fn random_hex() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(hex(&bytes))
}

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
