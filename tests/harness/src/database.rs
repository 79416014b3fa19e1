//! One database per test, gone with the test.

use std::{
    collections::HashMap,
    env,
    ffi::OsStr,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock},
    thread,
};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::{
    Engine,
    cluster::{self, Cluster},
    programs, watchdog,
};

/// One fresh database for one test; dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    engine: Engine,
    url: String,
    folder: TempDir,
    /// Name in the cluster; SQLite's lies in the folder.
    name: Option<String>,
}

impl TestDatabase {
    /// What `GONGBAO_DATABASE_URL` takes. SQLite's file does not exist yet unless the database
    /// came from a template.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The engine it lives in.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// A folder of this test alone, for assets and the like; removed with the database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a statement behind the product's back, as a fault or a hostile hand would.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        use sqlx::Connection as _;
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self.engine {
            Engine::Sqlite => {
                let mut connection = sqlx::SqliteConnection::connect(&self.url).await?;
                sqlx::query(sql).execute(&mut connection).await?;
                connection.close().await?;
            }
            Engine::Postgres => {
                let mut connection = sqlx::PgConnection::connect(&self.url).await?;
                sqlx::query(sql).execute(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }

    /// Every file in which the engine may keep what this database was told, for tests that
    /// look for a text on the disk.
    ///
    /// SQLite: the database, its log and its index of the log. PostgreSQL: the files of this
    /// database and the write-ahead log, after a checkpoint that wrote all pages and removed
    /// the finished segments of the log. The log belongs to the whole cluster: look for a
    /// text that no other test writes.
    ///
    /// # Panics
    /// When the cluster does not answer.
    pub fn data_files(&self) -> Vec<PathBuf> {
        let Some(name) = &self.name else {
            return ["", "-wal", "-shm"]
                .map(|suffix| sqlite_file(self.folder.path(), suffix))
                .into_iter()
                .filter(|file| file.exists())
                .collect();
        };
        let cluster = running();
        let run = |sql: String| cluster.admin.run(sql).expect("a statement about the files");
        run("SELECT CAST(pg_switch_wal() AS TEXT)".into());
        run("CHECKPOINT".into());
        let oid =
            run(format!("SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname = '{name}'"))
                .expect("the database of this test exists");
        let data = cluster.data();
        [data.join("base").join(oid), data.join("base/pgsql_tmp"), data.join("pg_wal")]
            .iter()
            .flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten())
            .map(|entry| entry.path())
            .filter(|path| path.is_file())
            .collect()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // Best effort: what stays goes with the cluster.
            let _ = running().admin.run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// A fresh, empty database; `None` where PostgreSQL is asked for and not installed, which is
/// said once per process on standard error.
///
/// # Panics
/// When PostgreSQL is missing and `GONGBAO_TEST_POSTGRES=required`, and when its programs are
/// there but no cluster can be started.
pub fn database(engine: Engine) -> Option<TestDatabase> {
    match engine {
        Engine::Sqlite => Some(sqlite()),
        Engine::Postgres => {
            let cluster = cluster()?;
            Some(created(cluster, "template0").expect("a database for the test"))
        }
    }
}

/// [`database`] in the form that [`on_both_databases!`](crate::on_both_databases) takes.
pub async fn empty_database(engine: Engine) -> Option<TestDatabase> {
    database(engine)
}

/// A database that is a copy of one that `migrate` has prepared.
///
/// `migrate` gets an address, prepares what is there and closes its connections. It runs once
/// per `fingerprint`: per cluster on PostgreSQL, per process on SQLite. The fingerprint must
/// change with what `migrate` does, such as a hash of all migrations. It runs on a thread and
/// runtime of its own, so the caller may be inside a runtime or not.
///
/// # Panics
/// As [`database`], and when `migrate` does.
pub fn database_from_template<F>(
    engine: Engine,
    fingerprint: &str,
    migrate: F,
) -> Option<TestDatabase>
where
    F: AsyncFnOnce(&str) + Send + 'static,
{
    match engine {
        Engine::Sqlite => Some(sqlite_copy(fingerprint, migrate)),
        Engine::Postgres => {
            let cluster = cluster()?;
            let copy = template(cluster, fingerprint, migrate)
                .and_then(|template| created(cluster, &template));
            Some(copy.expect("a database from the template"))
        }
    }
}

fn sqlite_file(folder: &Path, suffix: &str) -> PathBuf {
    folder.join(format!("gongbao.db{suffix}"))
}

fn temporary_folder() -> TempDir {
    tempfile::Builder::new().prefix("gongbao-test-").tempdir().expect("a temporary folder")
}

fn sqlite() -> TestDatabase {
    let folder = temporary_folder();
    let url = format!("sqlite://{}", sqlite_file(folder.path(), "").display());
    TestDatabase { engine: Engine::Sqlite, url, folder, name: None }
}

/// The prepared database is kept as bytes, so that a process that is killed leaves nothing.
fn sqlite_copy<F>(fingerprint: &str, migrate: F) -> TestDatabase
where
    F: AsyncFnOnce(&str) + Send + 'static,
{
    type Files = Vec<(&'static str, Vec<u8>)>;
    static TEMPLATES: Mutex<Option<HashMap<String, Files>>> = Mutex::new(None);

    let mut templates = TEMPLATES.lock().expect("an earlier migration succeeded");
    let files =
        templates.get_or_insert_default().entry(fingerprint.to_owned()).or_insert_with(|| {
            let prepared = sqlite();
            on_a_thread(prepared.url().to_owned(), migrate);
            // A log that was not written back belongs to the database. Its index does not.
            ["", "-wal"]
                .into_iter()
                .filter_map(|suffix| {
                    Some((suffix, fs::read(sqlite_file(prepared.folder(), suffix)).ok()?))
                })
                .collect()
        });
    let copy = sqlite();
    for (suffix, bytes) in files {
        fs::write(sqlite_file(copy.folder(), suffix), bytes).expect("a copy of the template");
    }
    copy
}

/// Name of the template for `fingerprint`, made now when it is not there.
fn template<F>(cluster: &Cluster, fingerprint: &str, migrate: F) -> Result<String>
where
    F: AsyncFnOnce(&str) + Send + 'static,
{
    let key = &cluster::hex(&Sha256::digest(fingerprint))[..32];
    let name = format!("template_{key}");
    let exists = || {
        let found = format!("SELECT datname::TEXT FROM pg_database WHERE datname = '{name}'");
        cluster.admin.run(found).map(|row| row.is_some())
    };
    if exists()? {
        return Ok(name);
    }
    // A file lock keeps other processes out and the other threads of this one, which an
    // advisory lock on their common connection would not.
    let lock = File::create(cluster.folder.join(format!("{name}.lock")))?;
    lock.lock()?;
    if exists()? {
        return Ok(name);
    }
    // The final name appears with the rename, so a half-made template is never copied.
    let unfinished = format!("unfinished_{}", cluster::random_hex()?);
    cluster.admin.run(format!("CREATE DATABASE {unfinished} TEMPLATE template0"))?;
    on_a_thread(cluster.url(&unfinished), migrate);
    cluster.admin.run(format!("ALTER DATABASE {unfinished} ALLOW_CONNECTIONS false"))?;
    cluster.admin.run(format!(
        "SELECT CAST(count(pg_terminate_backend(pid)) AS TEXT)
         FROM pg_stat_activity WHERE datname = '{unfinished}'"
    ))?;
    cluster.admin.run(format!("ALTER DATABASE {unfinished} RENAME TO {name}"))?;
    Ok(name)
}

fn created(cluster: &Cluster, template: &str) -> Result<TestDatabase> {
    let name = format!("test_{}", cluster::random_hex()?);
    cluster.admin.run(format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
    Ok(TestDatabase {
        engine: Engine::Postgres,
        url: cluster.url(&name),
        folder: temporary_folder(),
        name: Some(name),
    })
}

/// Runs `migrate` where no runtime is in the way.
fn on_a_thread<F>(url: String, migrate: F)
where
    F: AsyncFnOnce(&str) + Send + 'static,
{
    let worker = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime for the migration");
        runtime.block_on(migrate(&url));
    });
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
}

fn running() -> &'static Cluster {
    cluster().expect("a test database of PostgreSQL came from a cluster")
}

/// This process's use of the cluster, from the first call to the end of the process.
fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| {
            let missing = match programs::find() {
                Some(bin) if watchdog::is_possible() => {
                    let base = Cluster::default_base().expect("a folder for the cluster");
                    let joined = Cluster::join(&base, &bin, cluster::LINGER);
                    return Some(joined.context("PostgreSQL for tests").expect("a cluster"));
                }
                Some(_) => "`flock` of util-linux, which guards the PostgreSQL test cluster,",
                None => "a PostgreSQL server",
            };
            let required = env::var_os("GONGBAO_TEST_POSTGRES");
            assert!(
                required.as_deref() != Some(OsStr::new("required")),
                "{missing} was not found, and GONGBAO_TEST_POSTGRES=required"
            );
            // Straight to the stream: `eprintln!` is captured in a test that passes.
            let _ = writeln!(
                std::io::stderr(),
                "skipped: tests on PostgreSQL, because {missing} was not found"
            );
            None
        })
        .as_ref()
}
