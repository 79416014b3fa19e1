//! Restoring into an empty hub: files first, which are harmless without rows that name them,
//! then every row in one transaction. Whoever is killed on the way leaves an empty hub, and
//! begins again.

use schema::digest::Digest;
use serde::Serialize;
use sqlx::{AssertSqlSafe, migrate::MigrateError};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _},
};

use super::{
    Archive, BackupError, Progress, Watch,
    archive::{Entry, Reader},
    catalogue::{self, Catalogue, Column, StoredColumn, quoted},
    check::{file_of, part, table_of},
    rows::{self, Row},
};
use crate::{
    Engine, Error, Session, Store,
    files::{FileSource, FileStore},
    open::newest_migration,
    search,
    session::Connection,
};

/// Values of one statement, of which PostgreSQL takes 65,535 and SQLite 32,766 at most.
const VALUES: usize = 16_000;
/// Rows of one statement.
const ROWS: usize = 250;

/// The migration that lets documents wait for their place in the search index. An archive of an
/// older structure meets it later, and it does so itself.
const SEARCH_MIGRATION: i64 = 7;

/// What was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// Rows of the database.
    pub rows: u64,
    /// Files.
    pub files: u64,
}

/// Restores `archive` into the empty database at `address` and into `files`. The structure of
/// the database is that of the archive afterwards: opening the store brings it up to date.
///
/// # Errors
/// [`BackupError::NotEmpty`], [`BackupError::NewerDatabase`] or [`BackupError::Foreign`] before
/// anything is written; [`BackupError::Damaged`] for rows that contradict each other, and
/// faults of database, file store and archive: then files may be there, and no row is.
pub async fn restore(
    address: &str,
    archive: &Archive,
    files: &dyn FileStore,
    watch: Watch<'_>,
) -> Result<Restored, BackupError> {
    let migration = archive.header.migration;
    // Both databases are counted alike.
    let newest = newest_migration(Engine::Sqlite);
    if migration > newest {
        return Err(BackupError::Foreign(schema::message::Bilingual::new(
            format!(
                "备份由更新的程序制作（结构 {migration}，本程序为 {newest}），请改用该版本的程序恢复"
            ),
            format!(
                "the backup was made by a newer program (structure {migration}, this one knows {newest}): restore it with that one"
            ),
        )));
    }
    let store = Store::open_at(address, migration).await.map_err(|error| match error {
        Error::Migration(MigrateError::VersionMissing(_)) => {
            BackupError::NewerDatabase { archive: migration }
        }
        error => error.into(),
    })?;
    let mut progress = Progress::default();
    let outcome = run(&store, archive, files, &mut progress, watch).await;
    store.close().await;
    outcome.map(|()| Restored { rows: progress.rows, files: progress.files })
}

async fn run(
    store: &Store,
    archive: &Archive,
    files: &dyn FileStore,
    progress: &mut Progress,
    watch: Watch<'_>,
) -> Result<(), BackupError> {
    let mut session = store.reader().await?;
    let catalogue = catalogue::read(&mut session).await?;
    must_be_empty(&mut session, &catalogue).await?;
    drop(session);
    must_fit(archive, &catalogue)?;
    put_files(archive, files, progress, watch).await?;
    check_references(store, false).await?;
    let put = put_rows(store, archive, &catalogue, progress, watch).await;
    check_references(store, true).await?;
    put?;
    if store.engine() == Engine::Postgres {
        // Until the statistics are there, plans of a hub that just came into being are bad.
        run_sql(&mut store.maintenance().await?, "ANALYZE".into()).await?;
    }
    Ok(())
}

async fn must_be_empty(session: &mut Session, catalogue: &Catalogue) -> Result<(), BackupError> {
    for table in catalogue.keys() {
        let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {} LIMIT 1) one", quoted(table));
        let sql = AssertSqlSafe(sql);
        let found = on!(session, connection => sqlx::query_scalar::<_, i64>(sql)
            .fetch_one(connection)
            .await);
        if found.map_err(Error::from)? != 0 {
            return Err(BackupError::NotEmpty(table.clone()));
        }
    }
    Ok(())
}

/// The archive has the tables of its structure, each with its columns, and no others.
fn must_fit(archive: &Archive, catalogue: &Catalogue) -> Result<(), BackupError> {
    let sorted = |mut columns: Vec<Column>| {
        columns.sort_by(|one, other| one.name.cmp(&other.name));
        columns
    };
    let claimed =
        archive.header.tables.iter().map(|(table, columns)| (table, sorted(columns.clone())));
    let there = catalogue
        .iter()
        .map(|(table, columns)| (table, sorted(columns.iter().map(Into::into).collect())));
    if claimed.eq(there) {
        return Ok(());
    }
    let migration = archive.header.migration;
    Err(BackupError::damaged(
        format!("归档中的表或列与数据库结构 {migration} 不符"),
        format!("the tables or columns of the archive are not those of structure {migration}"),
    ))
}

async fn put_files(
    archive: &Archive,
    files: &dyn FileStore,
    progress: &mut Progress,
    watch: Watch<'_>,
) -> Result<(), BackupError> {
    let mut reader = Reader::new(&archive.input).await?;
    while let Some(entry) = reader.next().await? {
        if let Some(digest) = file_of(&entry) {
            put_file(archive, files, &entry, digest).await?;
            progress.files += 1;
            watch(*progress);
        }
        reader.skip(&entry).await?;
    }
    Ok(())
}

async fn put_file(
    archive: &Archive,
    files: &dyn FileStore,
    entry: &Entry,
    digest: Digest,
) -> Result<(), BackupError> {
    let open = async {
        let mut file = File::from_std(archive.input.try_clone()?);
        file.seek(std::io::SeekFrom::Start(entry.begin)).await?;
        Ok(file)
    };
    let body = open.await.map_err(BackupError::Read)?.take(entry.size);
    let stored = files.put(FileSource::reader(body), entry.size).await?;
    if stored.digest != digest {
        // The archive was changed since it was checked. What was stored has no name here.
        files.delete(&stored.digest).await?;
        return Err(BackupError::entry(
            &entry.name,
            "在恢复期间被改动",
            "was changed while it was being restored",
        ));
    }
    Ok(())
}

/// Every row in one transaction, during which nobody else reads or writes a table.
async fn put_rows(
    store: &Store,
    archive: &Archive,
    catalogue: &Catalogue,
    progress: &mut Progress,
    watch: Watch<'_>,
) -> Result<(), BackupError> {
    let mut reader = Reader::new(&archive.input).await?;
    let mut session = store.writer().await?;
    let references = set_references_aside(&mut session, catalogue).await?;
    must_be_empty(&mut session, catalogue).await?;
    while let Some(entry) = reader.next().await? {
        let Some(table) = table_of(&entry) else {
            reader.skip(&entry).await?;
            continue;
        };
        let (Some(stored), Some(columns)) =
            (catalogue.get(table), archive.header.tables.get(table))
        else {
            return Err(BackupError::entry(&entry.name, "在恢复期间被改动", "was changed"));
        };
        let (_, rows) = part(&mut reader, &entry, columns).await?;
        let order: Vec<&StoredColumn> = columns
            .iter()
            .filter_map(|column| stored.iter().find(|stored| stored.name == column.name))
            .collect();
        let count = rows.len() as u64;
        insert(&mut session, table, &order, rows).await?;
        progress.rows += count;
        watch(*progress);
    }
    if archive.header.migration >= SEARCH_MIGRATION {
        execute!(session, search::ALL_WAIT)?;
    }
    for sql in references {
        run_sql(&mut session, sql).await.map_err(contradiction)?;
    }
    if session.engine() == Engine::Sqlite {
        must_lead_somewhere(&mut session).await?;
    }
    session.commit().await.map_err(Error::from).map_err(contradiction)
}

/// Whether SQLite looks, at every row that is written, for rows that refer to it. Where the
/// referring table has no index for that, it reads all of it: a restore looks once, in the end.
/// This cannot be changed within a transaction; it is a setting of the one writing connection.
async fn check_references(store: &Store, at_once: bool) -> Result<(), Error> {
    if store.engine() == Engine::Postgres {
        return Ok(());
    }
    let sql = if at_once { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" };
    run_sql(&mut store.maintenance().await?, sql.into()).await
}

/// Every reference of SQLite leads to a row.
async fn must_lead_somewhere(session: &mut Session) -> Result<(), BackupError> {
    let astray =
        fetch_all!(session, (String, Option<i64>, String, i64), "PRAGMA foreign_key_check")?;
    match astray.first() {
        None => Ok(()),
        Some((table, _, parent, _)) => {
            Err(contradicts(&format!("{table} refers to rows of {parent} that are not there")))
        }
    }
}

/// Rows come table by table, so what they refer to may come later. Gives the statements that
/// make references be looked at again.
///
/// SQLite looks before the commit. PostgreSQL would keep a note in memory of every row whose look
/// is put off; references are taken away there and made anew in the same transaction, which
/// looks through each table once.
async fn set_references_aside(
    session: &mut Session,
    catalogue: &Catalogue,
) -> Result<Vec<String>, Error> {
    if session.engine() == Engine::Sqlite {
        return Ok(Vec::new());
    }
    let tables: Vec<String> = catalogue.keys().map(|table| quoted(table)).collect();
    let lock = format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", tables.join(", "));
    run_sql(session, lock).await?;
    let references = fetch_all!(
        session,
        (String, String, String),
        "SELECT CAST(t.relname AS TEXT), CAST(c.conname AS TEXT), pg_get_constraintdef(c.oid) \
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid \
         JOIN pg_namespace n ON n.oid = c.connamespace \
         WHERE c.contype = 'f' AND n.nspname = current_schema() ORDER BY 1, 2",
    )?;
    let mut again = Vec::with_capacity(references.len());
    for (table, name, definition) in references {
        let (table, name) = (quoted(&table), quoted(&name));
        run_sql(session, format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).await?;
        again.push(format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"));
    }
    Ok(again)
}

async fn insert(
    session: &mut Session,
    table: &str,
    columns: &[&StoredColumn],
    rows: Vec<Row>,
) -> Result<(), BackupError> {
    let at_once = (VALUES / columns.len().max(1)).clamp(1, ROWS);
    let full = rows::insert(table, columns, at_once);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Row> = rows.by_ref().take(at_once).collect();
        let sql = AssertSqlSafe(match chunk.len() {
            count if count == at_once => full.clone(),
            count => rows::insert(table, columns, count),
        });
        let values = chunk.into_iter().flat_map(|row| row.into_iter().zip(columns));
        match session.connection() {
            Connection::Sqlite(connection) => {
                let query = values.fold(sqlx::query(sql), |query, (value, column)| {
                    rows::bind_sqlite(query, value, column.kind)
                });
                query.execute(connection).await.map(|_| ())
            }
            Connection::Postgres(connection) => {
                let mut query = sqlx::query(sql);
                for (value, column) in values {
                    query = rows::bind_postgres(query, value, column.kind).map_err(|why| {
                        let name = &column.name;
                        BackupError::damaged(
                            format!("归档中 {table}.{name} 的值有误：{why}"),
                            format!("a value of {table}.{name} in the archive is wrong: {why}"),
                        )
                    })?;
                }
                query.execute(connection).await.map(|_| ())
            }
        }
        .map_err(Error::from)
        .map_err(contradiction)?;
    }
    Ok(())
}

/// What the database refuses is a fault of the rows, where it says so.
fn contradiction(error: Error) -> BackupError {
    let of_the_rows = match &error {
        Error::Database(sqlx::Error::Database(error)) => {
            // Class 22 of PostgreSQL is data exceptions, such as a NUL in a text.
            !matches!(error.kind(), sqlx::error::ErrorKind::Other)
                || error.code().is_some_and(|code| code.len() == 5 && code.starts_with("22"))
        }
        _ => false,
    };
    if of_the_rows { contradicts(&error.to_string()) } else { error.into() }
}

fn contradicts(why: &str) -> BackupError {
    BackupError::damaged(
        format!("归档中的数据自相矛盾，数据库拒绝接受：{why}"),
        format!("the rows of the archive contradict each other: {why}"),
    )
}

async fn run_sql(session: &mut Session, sql: String) -> Result<(), Error> {
    let sql = AssertSqlSafe(sql);
    on!(session, connection => sqlx::query(sql).execute(connection).await.map(|_| ()))?;
    Ok(())
}
