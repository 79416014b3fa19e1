//! Taking a backup beside a working hub: every table in one snapshot, then the files that the
//! snapshot names. Files never change, so that copying them needs no snapshot: one is open no
//! longer than the tables take.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use schema::digest::Digest;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use tokio::task::spawn_blocking;

use super::{
    BackupError, FORMAT, Header, LogHead, Manifest, Progress, TableSum, VERSION, Watch,
    archive::{self, Writer},
    catalogue::{self, StoredColumn},
    rows::{self, Row},
};
use crate::{
    Engine, Error, Session, Store, condition, convert,
    files::{FileError, FileStore},
    log,
    session::Connection,
};

/// A backup that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// The end of the log in it.
    pub log: LogHead,
    /// Tables.
    pub tables: u64,
    /// Their rows.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Length of the archive in bytes.
    pub bytes: u64,
    /// Files that were erased while the backup was taken.
    pub erased: u64,
    /// Files the hub should have and does not have whole: a fault of the hub, named so that it
    /// can be mended. They are not in the archive.
    pub faulty: Vec<Digest>,
}

/// Writes everything that `store` and `files` hold to `out`, which must be empty.
///
/// # Errors
/// [`BackupError::Written`]; [`BackupError::Store`] and [`BackupError::Files`] when database or
/// file store fail. What was written by then is no archive.
pub async fn take(
    store: &Store,
    files: &dyn FileStore,
    out: std::fs::File,
    taken_at: Timestamp,
    watch: Watch<'_>,
) -> Result<Taken, BackupError> {
    let modified = taken_at.as_second().unsigned_abs();
    let mut backup = Backup {
        writer: Writer::new(out, modified),
        manifest: Manifest::default(),
        progress: Progress::default(),
        watch,
    };
    let (log, wanted) = backup.snapshot(store, taken_at).await?;
    let mut faulty = Vec::new();
    for (digest, size) in wanted {
        backup.file(store, files, digest, size, &mut faulty).await?;
    }
    backup.manifest.files.faulty = faulty.len() as u64;
    let Backup { mut writer, manifest, progress, .. } = backup;
    writer.entry(archive::MANIFEST, &json(&manifest)?).await.map_err(BackupError::Written)?;
    let bytes = writer.finish().await.map_err(BackupError::Written)?;
    Ok(Taken {
        log,
        tables: manifest.tables.len() as u64,
        rows: progress.rows,
        files: manifest.files.count,
        bytes,
        erased: manifest.files.erased,
        faulty,
    })
}

struct Backup<'w> {
    writer: Writer,
    manifest: Manifest,
    progress: Progress,
    watch: Watch<'w>,
}

impl Backup<'_> {
    /// Everything that must be read in one snapshot; gives the files it names, in order: 40
    /// bytes of memory each.
    async fn snapshot(
        &mut self,
        store: &Store,
        taken_at: Timestamp,
    ) -> Result<(LogHead, Vec<(Digest, u64)>), BackupError> {
        let mut session = store.snapshot().await?;
        let head = log::head(&mut session).await?;
        let log = LogHead { sequence: head.sequence, hash: head.hash };
        let catalogue = catalogue::read(&mut session).await?;
        let header = Header {
            format: FORMAT.into(),
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").into(),
            engine: match store.engine() {
                Engine::Sqlite => "sqlite".into(),
                Engine::Postgres => "postgres".into(),
            },
            migration: condition::applied(&mut session).await?,
            taken_at,
            log: log.clone(),
            tables: catalogue
                .iter()
                .map(|(table, columns)| (table.clone(), columns.iter().map(Into::into).collect()))
                .collect(),
        };
        self.entry(archive::HEADER, &json(&header)?).await?;
        for (table, columns) in &catalogue {
            self.table(&mut session, table, columns).await?;
        }
        let files = fetch_all!(session, (Vec<u8>, i64), "SELECT digest, size FROM file")?;
        let mut wanted = files
            .into_iter()
            .map(|(digest, size)| {
                let digest = convert::digest("file.digest", &digest)?;
                Ok((digest, u64::try_from(size).map_err(|error| Error::corrupt("file", error))?))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        wanted.sort_unstable();
        Ok((log, wanted))
    }

    async fn table(
        &mut self,
        session: &mut Session,
        table: &str,
        columns: &[StoredColumn],
    ) -> Result<(), BackupError> {
        let mut part = Part { table, lines: Vec::new(), hasher: Sha256::new(), rows: 0, parts: 0 };
        // The text is made of names of the catalogue alone.
        let sql = AssertSqlSafe(rows::select(table, columns));
        let unreadable = |error: sqlx::Error| match error {
            error @ (sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => {
                Error::corrupt("row", format_args!("table {table}: {error}"))
            }
            error => error.into(),
        };
        match session.connection() {
            Connection::Sqlite(connection) => {
                let mut stream = sqlx::query(sql).fetch(connection);
                while let Some(row) = stream.try_next().await.map_err(unreadable)? {
                    let row = rows::of_sqlite(&row, columns).map_err(unreadable)?;
                    self.row(&mut part, &row).await?;
                }
            }
            Connection::Postgres(connection) => {
                let mut stream = sqlx::query(sql).fetch(connection);
                while let Some(row) = stream.try_next().await.map_err(unreadable)? {
                    let row = rows::of_postgres(&row, columns).map_err(unreadable)?;
                    self.row(&mut part, &row).await?;
                }
            }
        }
        self.flush(&mut part).await?;
        let digest = Digest::from_bytes(part.hasher.finalize().into());
        let sum = TableSum { rows: part.rows, parts: part.parts, digest };
        self.manifest.tables.insert(table.to_owned(), sum);
        Ok(())
    }

    async fn row(&mut self, part: &mut Part<'_>, row: &Row) -> Result<(), BackupError> {
        rows::write_line(row, &mut part.lines).map_err(|error| {
            Error::corrupt("row", format_args!("table {}: {error}", part.table))
        })?;
        part.rows += 1;
        self.progress.rows += 1;
        if part.lines.len() >= archive::PART {
            self.flush(part).await?;
        }
        Ok(())
    }

    async fn flush(&mut self, part: &mut Part<'_>) -> Result<(), BackupError> {
        if part.lines.is_empty() {
            return Ok(());
        }
        let lines = std::mem::take(&mut part.lines);
        if lines.len() as u64 > archive::PART_LIMIT {
            let why = format_args!("one of table {} is too long for an archive", part.table);
            return Err(Error::corrupt("row", why).into());
        }
        part.hasher.update(&lines);
        part.parts += 1;
        let packed = spawn_blocking(move || {
            let mut packer = GzEncoder::new(Vec::new(), Compression::default());
            packer.write_all(&lines)?;
            packer.finish()
        });
        let packed = packed.await.map_err(std::io::Error::other).flatten();
        let packed = packed.map_err(BackupError::Written)?;
        self.entry(&archive::part_name(part.table, part.parts), &packed).await?;
        (self.watch)(self.progress);
        Ok(())
    }

    async fn entry(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        self.writer.entry(name, bytes).await.map_err(BackupError::Written)
    }

    /// Copies one file. One that is not there any more was erased meanwhile, or is a fault.
    async fn file(
        &mut self,
        store: &Store,
        files: &dyn FileStore,
        digest: Digest,
        size: u64,
        faulty: &mut Vec<Digest>,
    ) -> Result<(), BackupError> {
        let mark = self.writer.mark();
        match self.copy(files, digest, size).await {
            Ok(()) => {
                self.manifest.files.count += 1;
                self.manifest.files.bytes += size;
                self.progress.files += 1;
                (self.watch)(self.progress);
                Ok(())
            }
            Err(BackupError::Files(FileError::NotFound(_) | FileError::Damaged(_))) => {
                self.writer.back_to(mark).await.map_err(BackupError::Written)?;
                if is_known(store, &digest).await? {
                    faulty.push(digest);
                } else {
                    self.manifest.files.erased += 1;
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn copy(
        &mut self,
        files: &dyn FileStore,
        digest: Digest,
        size: u64,
    ) -> Result<(), BackupError> {
        let stream = files.get(&digest).await?;
        if stream.size != size {
            return Err(FileError::Damaged(digest).into());
        }
        let writer = &mut self.writer;
        let name = archive::file_name(&digest);
        writer.begin(&name, size).await.map_err(BackupError::Written)?;
        let mut chunks = std::pin::pin!(stream.into_stream());
        while let Some(chunk) = chunks.try_next().await? {
            writer.add(&chunk).await.map_err(BackupError::Written)?;
        }
        writer.end(size).await.map_err(BackupError::Written)
    }
}

/// Lines of one table that were not written yet.
struct Part<'t> {
    table: &'t str,
    lines: Vec<u8>,
    hasher: Sha256,
    rows: u64,
    parts: u32,
}

/// Whether the hub says now that it has the file: an erasure takes that back before it destroys.
async fn is_known(store: &Store, digest: &Digest) -> Result<bool, Error> {
    let mut session = store.reader().await?;
    let found = fetch_optional!(
        session,
        (i64,),
        "SELECT size FROM file WHERE digest = $1",
        convert::bytes(digest),
    )?;
    Ok(found.is_some())
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut text =
        serde_json::to_vec_pretty(value).map_err(|error| Error::corrupt("manifest", error))?;
    text.push(b'\n');
    Ok(text)
}
