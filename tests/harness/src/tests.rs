//! The harness keeps its promises: isolation, templates that are made once, nothing left over.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::{
    Engine, TestDatabase,
    cluster::{self, Cluster},
    database, database_from_template, programs, watchdog,
};

/// Runs statements on either engine and closes the connection.
async fn execute(engine: Engine, url: &str, statements: &'static str) -> Result<(), sqlx::Error> {
    match engine {
        Engine::Sqlite => {
            let mut connection = SqliteConnection::connect(&format!("{url}?mode=rwc")).await?;
            sqlx::raw_sql(statements).execute(&mut connection).await?;
            connection.close().await
        }
        Engine::Postgres => {
            let mut connection = PgConnection::connect(url).await?;
            sqlx::raw_sql(statements).execute(&mut connection).await?;
            connection.close().await
        }
    }
}

async fn on(database: &TestDatabase, statements: &'static str) -> Result<(), sqlx::Error> {
    execute(database.engine(), database.url(), statements).await
}

crate::on_both_databases! {
    async fn two_databases_are_isolated(one: TestDatabase) {
        let other = database(one.engine()).expect("the engine of the first");

        on(&one, "CREATE TABLE seal (name TEXT)").await.unwrap();

        on(&one, "INSERT INTO seal VALUES ('公章')").await.unwrap();
        on(&other, "INSERT INTO seal VALUES ('公章')").await.unwrap_err();
    }

    async fn a_text_on_the_disk_is_found_in_the_data_files(database: TestDatabase) {
        let (text, never_written) = ("八月桂花遍地开", "九月菊花满山黄");

        on(&database, "CREATE TABLE poem (line TEXT); INSERT INTO poem VALUES ('八月桂花遍地开')")
            .await
            .unwrap();

        let kept: Vec<u8> = database
            .data_files()
            .iter()
            .flat_map(|file| std::fs::read(file).unwrap_or_default())
            .collect();
        let holds = |text: &str| kept.windows(text.len()).any(|bytes| bytes == text.as_bytes());
        assert!(holds(text));
        assert!(!holds(never_written));
    }

    async fn a_dropped_database_is_gone_with_its_folder(database: TestDatabase) {
        on(&database, "CREATE TABLE seal (name TEXT)").await.unwrap();
        let (engine, url) = (database.engine(), database.url().to_owned());
        let folder = database.folder().to_owned();

        drop(database);

        assert!(!folder.exists());
        execute(engine, &url, "SELECT 1").await.unwrap_err();
    }
}

/// Counts its migrations, so that a test can tell how often a template was made.
fn copies_of_one_template(engine: Engine, fingerprint: &str, migrations: &Arc<AtomicUsize>) {
    let together = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let migrations = Arc::clone(migrations);
                together.wait();
                let copy = database_from_template(engine, fingerprint, async move |url| {
                    migrations.fetch_add(1, Ordering::SeqCst);
                    execute(engine, url, "CREATE TABLE seal (name TEXT PRIMARY KEY)")
                        .await
                        .unwrap();
                });
                let copy = copy.expect("the engine is there");
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                // The same key in every copy: they share the table and not its rows.
                runtime.unwrap().block_on(on(&copy, "INSERT INTO seal VALUES ('公章')")).unwrap();
            });
        }
    });
}

crate::on_both_databases! {
    async fn a_template_is_migrated_once_and_copied(database: TestDatabase) {
        let migrations = Arc::new(AtomicUsize::new(0));
        let fingerprint = cluster::random_hex().unwrap();

        copies_of_one_template(database.engine(), &fingerprint, &migrations);
        copies_of_one_template(database.engine(), &fingerprint, &migrations);
        assert_eq!(migrations.load(Ordering::SeqCst), 1);

        copies_of_one_template(database.engine(), &format!("{fingerprint}'"), &migrations);
        assert_eq!(migrations.load(Ordering::SeqCst), 2);
    }
}

/// A cluster of this test's own, apart from the one that the other tests share.
struct OwnCluster {
    base: TempDir,
    bin: PathBuf,
}

impl OwnCluster {
    /// `None` where the shared cluster is skipped too.
    fn new() -> Option<Self> {
        database(Engine::Postgres)?;
        let bin = programs::find().expect("the programs of the shared cluster");
        Some(Self { base: tempfile::tempdir().unwrap(), bin })
    }

    fn base(&self) -> PathBuf {
        self.base.path().join("cluster")
    }

    fn join(&self) -> Cluster {
        Cluster::join(&self.base(), &self.bin, Duration::ZERO).unwrap()
    }
}

/// Blocks until the watchdog of `folder` has ended.
struct Watchdog(File);

impl Watchdog {
    fn of(folder: &Path) -> Self {
        Self(File::open(folder.join(watchdog::LOCK)).unwrap())
    }

    fn wait(self) {
        self.0.lock().unwrap();
    }
}

fn answers(cluster: &Cluster) -> bool {
    cluster.admin.run("SELECT 'here'").is_ok_and(|answer| answer.as_deref() == Some("here"))
}

#[test]
fn a_cluster_is_shared_and_stops_after_its_last_user() {
    let Some(own) = OwnCluster::new() else { return };
    let first = own.join();
    let second = own.join();
    assert_eq!(first.folder, second.folder);
    let (folder, url) = (first.folder.clone(), first.url("postgres"));
    let watchdog = Watchdog::of(&folder);

    drop(first);
    assert!(answers(&second));
    assert!(crate::admin::Admin::connect(&url).is_ok());

    drop(second);
    watchdog.wait();
    assert!(!folder.exists());
    assert!(crate::admin::Admin::connect(&url).is_err());
}

#[test]
fn a_killed_user_does_not_keep_the_cluster() {
    let Some(own) = OwnCluster::new() else { return };
    let cluster = own.join();
    let watchdog = Watchdog::of(&cluster.folder);
    let mut other = Command::new("flock")
        .arg("--shared")
        .arg("--no-fork")
        .arg(own.base().join("users.lock"))
        .arg("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It echoes, so it has the lock.
    {
        use std::io::{Read as _, Write as _};
        other.stdin.as_mut().unwrap().write_all(b"!").unwrap();
        other.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    }
    let (folder, url) = (cluster.folder.clone(), cluster.url("postgres"));

    drop(cluster);
    assert!(crate::admin::Admin::connect(&url).is_ok(), "the other user still needs it");
    other.kill().unwrap();
    other.wait().unwrap();

    watchdog.wait();
    assert!(!folder.exists());
}

#[test]
fn whoever_comes_while_a_cluster_is_removed_gets_one_that_works() {
    let Some(own) = OwnCluster::new() else { return };
    for _ in 0..3 {
        let cluster = own.join();
        assert!(answers(&cluster));
    }
    let last = own.join();
    let watchdog = Watchdog::of(&last.folder);
    drop(last);
    watchdog.wait();
}

#[test]
fn a_cluster_that_died_is_replaced_and_its_folder_removed() {
    let Some(own) = OwnCluster::new() else { return };
    let dead = own.join();
    let pid = std::fs::read_to_string(dead.data().join("postmaster.pid")).unwrap();
    let pid = pid.lines().next().unwrap();
    let killed = Command::new("kill").arg("-QUIT").arg(pid).status().unwrap();
    assert!(killed.success());
    // The connection breaks when the server is gone.
    while answers(&dead) {}

    let replacement = own.join();

    assert_ne!(replacement.folder, dead.folder);
    assert!(answers(&replacement));
    let folders = [dead.folder.clone(), replacement.folder.clone()];
    let watchdogs = [Watchdog::of(&folders[0]), Watchdog::of(&folders[1])];
    drop((dead, replacement));
    for (watchdog, folder) in watchdogs.into_iter().zip(folders) {
        watchdog.wait();
        assert!(!folder.exists());
    }
}

#[test]
fn a_cluster_whose_watchdog_was_killed_gets_another() {
    let Some(own) = OwnCluster::new() else { return };
    // Given a folder that no watchdog holds, as one killed with its tests leaves it.
    let abandoned = own.base().join("cluster-abandoned");
    std::fs::create_dir_all(abandoned.join("data")).unwrap();

    let cluster = own.join();

    let watchdogs = [Watchdog::of(&abandoned), Watchdog::of(&cluster.folder)];
    drop(cluster);
    watchdogs.into_iter().for_each(Watchdog::wait);
    assert!(!abandoned.exists());
}
