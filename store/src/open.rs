//! Opening the database: which engine, with which settings, and its structure brought up to
//! date.
//!
//! SQLite: WAL, `synchronous=FULL` (NORMAL may lose acknowledged commits on power loss), one
//! writing connection and several reading ones, deleted text overwritten. PostgreSQL: one
//! pool; a plan is made once per statement, because planning costs as much as running here.

use std::{borrow::Cow, path::Path, str::FromStr, time::Duration};

use sqlx::{
    Connection as _, Postgres, Sqlite, SqliteConnection, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
    pool::PoolOptions,
    postgres::{PgConnectOptions, PgListener},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    Error, Session,
    begin::begin,
    readers::{Reader, Readers},
    session::Inner,
    signal::LogSignal,
};

/// The two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file, nothing to set up.
    Sqlite,
    /// A server that several nodes share.
    Postgres,
}

/// An open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Pools,
    signal: LogSignal,
}

/// What a store is opened for.
#[derive(Clone, Copy)]
enum Access {
    /// To work with it, its structure brought up to this migration.
    Work { migration: i64 },
    /// To look at it.
    Look,
}

#[derive(Clone, Debug)]
enum Pools {
    Sqlite { writer: SqlitePool, readers: Readers<Sqlite> },
    Postgres(Readers<Postgres>),
}

const READERS: u32 = 4;
/// Connections that each process may open.
pub(crate) const POSTGRES_CONNECTIONS: u32 = 16;
/// Bytes of a SQLite file that are read where the system keeps them, without a call for each page:
/// all of it, up to what the compiled-in SQLite allows (docs/decisions/sqlite-compiled-in.md).
const MAPPED: &str = "1099511627776";
/// How long a writer waits for another one, of this process or the next.
const BUSY: Duration = Duration::from_secs(30);

const SQLITE_MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "spine", include_str!("../../migrations/sqlite/0001_spine.sql")),
    (2, "reading", include_str!("../../migrations/sqlite/0002_reading.sql")),
    (3, "access", include_str!("../../migrations/sqlite/0003_access.sql")),
    (4, "deliveries", include_str!("../../migrations/sqlite/0004_deliveries.sql")),
    (5, "feeds", include_str!("../../migrations/sqlite/0005_feeds.sql")),
    (6, "target_changes", include_str!("../../migrations/sqlite/0006_target_changes.sql")),
    (7, "search", include_str!("../../migrations/sqlite/0007_search.sql")),
    (8, "persisted", include_str!("../../migrations/sqlite/0008_persisted.sql")),
    (9, "preview", include_str!("../../migrations/sqlite/0009_preview.sql")),
    (10, "notices", include_str!("../../migrations/sqlite/0010_notices.sql")),
    (11, "suggestions", include_str!("../../migrations/sqlite/0011_suggestions.sql")),
    (12, "search_places", include_str!("../../migrations/sqlite/0012_search_places.sql")),
    (13, "search_merge", include_str!("../../migrations/sqlite/0013_search_merge.sql")),
    (14, "standing", include_str!("../../migrations/sqlite/0014_standing.sql")),
    (15, "review", include_str!("../../migrations/sqlite/0015_review.sql")),
    (16, "sign_in", include_str!("../../migrations/sqlite/0016_sign_in.sql")),
    (17, "files", include_str!("../../migrations/sqlite/0017_files.sql")),
    (18, "due_times", include_str!("../../migrations/sqlite/0018_due_times.sql")),
    (19, "audit_chain", include_str!("../../migrations/sqlite/0019_audit_chain.sql")),
    (20, "uploads", include_str!("../../migrations/sqlite/0020_uploads.sql")),
    (21, "cosigning", include_str!("../../migrations/sqlite/0021_cosigning.sql")),
    (22, "plans", include_str!("../../migrations/sqlite/0022_plans.sql")),
    (23, "likeness", include_str!("../../migrations/sqlite/0023_likeness.sql")),
    (24, "outside_links", include_str!("../../migrations/sqlite/0024_outside_links.sql")),
];
const POSTGRES_MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "spine", include_str!("../../migrations/postgres/0001_spine.sql")),
    (2, "reading", include_str!("../../migrations/postgres/0002_reading.sql")),
    (3, "access", include_str!("../../migrations/postgres/0003_access.sql")),
    (4, "deliveries", include_str!("../../migrations/postgres/0004_deliveries.sql")),
    (5, "feeds", include_str!("../../migrations/postgres/0005_feeds.sql")),
    (6, "target_changes", include_str!("../../migrations/postgres/0006_target_changes.sql")),
    (7, "search", include_str!("../../migrations/postgres/0007_search.sql")),
    (8, "persisted", include_str!("../../migrations/postgres/0008_persisted.sql")),
    (9, "preview", include_str!("../../migrations/postgres/0009_preview.sql")),
    (10, "notices", include_str!("../../migrations/postgres/0010_notices.sql")),
    (11, "suggestions", include_str!("../../migrations/postgres/0011_suggestions.sql")),
    (12, "search_places", include_str!("../../migrations/postgres/0012_search_places.sql")),
    (13, "search_merge", include_str!("../../migrations/postgres/0013_search_merge.sql")),
    (14, "standing", include_str!("../../migrations/postgres/0014_standing.sql")),
    (15, "review", include_str!("../../migrations/postgres/0015_review.sql")),
    (16, "sign_in", include_str!("../../migrations/postgres/0016_sign_in.sql")),
    (17, "files", include_str!("../../migrations/postgres/0017_files.sql")),
    (18, "due_times", include_str!("../../migrations/postgres/0018_due_times.sql")),
    (19, "audit_chain", include_str!("../../migrations/postgres/0019_audit_chain.sql")),
    (20, "uploads", include_str!("../../migrations/postgres/0020_uploads.sql")),
    (21, "cosigning", include_str!("../../migrations/postgres/0021_cosigning.sql")),
    (22, "plans", include_str!("../../migrations/postgres/0022_plans.sql")),
    (23, "likeness", include_str!("../../migrations/postgres/0023_likeness.sql")),
    (24, "outside_links", include_str!("../../migrations/postgres/0024_outside_links.sql")),
];

/// Events in the log of a hub that is too small for statistics.
const SMALL: i64 = 10_000;

impl Store {
    /// Opens the database at `address` (`sqlite://path`, `postgres://…`), creates a SQLite
    /// file where there is none, and brings its structure up to date.
    ///
    /// # Errors
    /// [`Error::Address`] for another scheme; [`Error::Database`] when it cannot be reached;
    /// [`Error::Migration`] when its structure is newer than this program or was tampered with.
    pub async fn open(address: &str) -> Result<Self, Error> {
        Self::open_with(address, Access::Work { migration: i64::MAX }).await
    }

    /// As [`open`](Self::open), with the structure brought up to migration number `migration`
    /// and no further: what a backup of an older program is restored into.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`Error::Migration`] when the structure is newer than that.
    pub(crate) async fn open_at(address: &str, migration: i64) -> Result<Self, Error> {
        Self::open_with(address, Access::Work { migration }).await
    }

    /// Opens what is there and changes nothing: no file is made, no migration is run, and the
    /// database refuses every write.
    ///
    /// # Errors
    /// [`Error::Address`]; [`Error::Database`] when it cannot be reached or is not there.
    pub async fn look(address: &str) -> Result<Self, Error> {
        Self::open_with(address, Access::Look).await
    }

    async fn open_with(address: &str, access: Access) -> Result<Self, Error> {
        let pools = if let Some(path) = address.strip_prefix("sqlite://") {
            Self::open_sqlite(Path::new(path), access).await?
        } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            Self::open_postgres(address, access).await?
        } else {
            return Err(Error::Address(without_secrets(address)));
        };
        Ok(Self { pools, signal: LogSignal::new() })
    }

    async fn open_sqlite(path: &Path, access: Access) -> Result<Pools, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("secure_delete", "ON")
            .pragma("mmap_size", MAPPED)
            .pragma("cache_size", "-16384");
        let Access::Work { migration } = access else {
            let readers =
                sqlite_pool(READERS).connect_with(options.pragma("query_only", "ON")).await?;
            return Ok(Pools::Sqlite { writer: readers.clone(), readers: Readers::new(readers) });
        };
        let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        let writer = sqlite_pool(1).connect_with(options.clone()).await?;
        let mut connection = writer.acquire().await?;
        migrator(SQLITE_MIGRATIONS, migration).run(&mut *connection).await?;
        drop(connection);
        let readers = sqlite_pool(READERS).connect_with(options.pragma("query_only", "ON")).await?;
        Ok(Pools::Sqlite { writer, readers: Readers::new(readers) })
    }

    async fn open_postgres(address: &str, access: Access) -> Result<Pools, Error> {
        let options = PgConnectOptions::from_str(address)?.application_name("gongbao").options([
            ("plan_cache_mode", "force_generic_plan"),
            ("synchronous_commit", "on"),
            // For the hits of a search, by which it finds their rows: with less it forgets
            // which rows of a page they are, and looks through all of them.
            ("work_mem", "32MB"),
        ]);
        let mut connection = sqlx::PgConnection::connect_with(&options).await?;
        let options = match access {
            Access::Work { migration } => {
                migrator(POSTGRES_MIGRATIONS, migration).run(&mut connection).await?;
                options
            }
            Access::Look => options.options([("default_transaction_read_only", "on")]),
        };
        connection.close().await?;
        let pool = PoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .test_before_acquire(false)
            .acquire_timeout(BUSY)
            .connect_with(options)
            .await?;
        Ok(Pools::Postgres(Readers::new(pool)))
    }

    pub(crate) fn signal(&self) -> &LogSignal {
        &self.signal
    }

    /// A connection of PostgreSQL's that hears of `NOTIFY`, and is never given back.
    pub(crate) async fn listener(&self) -> Option<PgListener> {
        match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(readers) => {
                readers.taking(PgListener::connect_with(readers.pool())).await.ok()
            }
        }
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// A connection to read from; each statement sees what is committed when it starts.
    ///
    /// # Errors
    /// [`Error::Database`] when none is to be had in time.
    pub async fn reader(&self) -> Result<Session, Error> {
        Ok(Session::new(match &self.pools {
            Pools::Sqlite { readers, .. } => Inner::SqliteConnection(readers.acquire().await?),
            Pools::Postgres(readers) => Inner::PostgresConnection(readers.acquire().await?),
        }))
    }

    /// A reading transaction: all its statements see one state.
    ///
    /// # Errors
    /// [`Error::Database`] when none is to be had in time.
    pub async fn snapshot(&self) -> Result<Session, Error> {
        Ok(Session::new(match &self.pools {
            Pools::Sqlite { readers, .. } => {
                Inner::SqliteTransaction(readers.taking(readers.pool().begin()).await?)
            }
            Pools::Postgres(readers) => {
                let statement = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                let begun = begin(readers.pool(), Some(statement));
                Inner::PostgresTransaction(readers.taking(begun).await?)
            }
        }))
    }

    /// A writing transaction. On SQLite it takes the one writer's place at once: a reader
    /// that turns writer can fail in a way no waiting mends.
    pub(crate) async fn writer(&self) -> Result<Session, Error> {
        Ok(Session::new(match &self.pools {
            Pools::Sqlite { writer, .. } => {
                Inner::SqliteTransaction(writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            Pools::Postgres(readers) => {
                Inner::PostgresTransaction(readers.taking(begin(readers.pool(), None)).await?)
            }
        }))
    }

    /// A writing connection outside any transaction, for maintenance.
    pub(crate) async fn maintenance(&self) -> Result<Session, Error> {
        Ok(Session::new(match &self.pools {
            Pools::Sqlite { writer, .. } => {
                Inner::SqliteConnection(Reader::of_pool(writer.acquire().await?))
            }
            Pools::Postgres(readers) => {
                let taken = readers.taking(readers.pool().acquire()).await?;
                Inner::PostgresConnection(Reader::of_pool(taken))
            }
        }))
    }

    /// Lets SQLite count what its tables hold, a sample of each, where that changed much: its
    /// choice of indexes rests on that, and it never counts by itself. Connections that are open
    /// hear of it when they are renewed, so a small hub is left alone: what was counted there
    /// would be believed while it grows, and without a count SQLite takes the indexes.
    /// PostgreSQL does all this in the background.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn refresh_statistics(&self) -> Result<(), Error> {
        if self.engine() == Engine::Postgres {
            return Ok(());
        }
        let mut session = self.maintenance().await?;
        let events = fetch_optional!(session, (i64,), "SELECT sequence FROM log_head")?;
        if events.is_none_or(|(events,)| events < SMALL) {
            return Ok(());
        }
        execute!(session, "PRAGMA analysis_limit = 1000")?;
        // Every table, not only those that this connection has read.
        execute!(session, "PRAGMA optimize = 0x10002")?;
        Ok(())
    }

    /// Open connections that read, and how many of them are idle.
    pub(crate) fn reading_connections(&self) -> (u32, usize) {
        match &self.pools {
            Pools::Sqlite { readers, .. } => readers.counts(),
            Pools::Postgres(readers) => readers.counts(),
        }
    }

    /// Closes every connection, after the work under way on them.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(readers) => readers.close().await,
        }
    }
}

fn migrations(engine: Engine) -> &'static [(i64, &'static str, &'static str)] {
    match engine {
        Engine::Sqlite => SQLITE_MIGRATIONS,
        Engine::Postgres => POSTGRES_MIGRATIONS,
    }
}

/// The migrations of this program, with the checksums by which the database knows them.
pub(crate) fn checksums(engine: Engine) -> Vec<(i64, Vec<u8>)> {
    let migrator = migrator(migrations(engine), i64::MAX);
    migrator.iter().map(|one| (one.version, one.checksum.to_vec())).collect()
}

/// A pool that hands out connections without a round trip to see whether they live: a dead one
/// shows at its first statement. One that believes itself in a transaction is closed instead:
/// on a full disk and on I/O errors SQLite rolls back by itself, the driver's rollback then
/// finds nothing and fails, and the connection would refuse every transaction from there on.
fn sqlite_pool(connections: u32) -> PoolOptions<sqlx::Sqlite> {
    PoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .acquire_timeout(BUSY)
        .before_acquire(|connection: &mut SqliteConnection, _| {
            let is_open = connection.is_in_transaction();
            Box::pin(async move { Ok(!is_open) })
        })
}

/// Number of the newest migration of this program.
pub(crate) fn newest_migration(engine: Engine) -> i64 {
    migrations(engine).iter().map(|(version, _, _)| *version).max().unwrap_or(0)
}

fn migrator(migrations: &'static [(i64, &'static str, &'static str)], newest: i64) -> Migrator {
    Migrator::with_migrations(
        migrations
            .iter()
            .filter(|(version, _, _)| *version <= newest)
            .map(|&(version, description, sql)| {
                Migration::new(
                    version,
                    Cow::Borrowed(description),
                    MigrationType::Simple,
                    sqlx::SqlStr::from_static(sql),
                    false,
                )
            })
            .collect(),
    )
}

fn without_secrets(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => address.to_owned(),
    }
}
