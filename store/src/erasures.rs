//! Erasure: the one exception to "editions never change".
//!
//! Ordered by one person, confirmed by another. The transaction empties every edition of the
//! document and deletes the texts no other document holds. What the database engine keeps of
//! deleted rows (free pages, write-ahead log) is overwritten by [`purge`] afterwards.

use std::time::Duration;

use jiff::Timestamp;
use schema::{
    digest::Digest,
    ids::{ActorId, DocumentId, ErasureId},
    visibility::Visibility,
};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    Engine, Error, Session, Store, UnitOfWork, convert, deliveries::bodies, files::FileStore,
    moment::Moment, reviews, search,
};

/// An order to erase, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// What is to be erased.
    pub document: DocumentId,
    /// The legal ground, in words that do not repeat the text.
    pub reason: String,
    /// Who ordered it.
    pub ordered_by: ActorId,
    /// When.
    pub ordered_at: Timestamp,
    /// Who confirmed it; then it was done.
    pub confirmed_by: Option<ActorId>,
    /// When the last traces were seen to be gone.
    pub purged_at: Option<Timestamp>,
}

row! {
    struct Row {
        id: Uuid,
        document_id: Uuid,
        reason: String,
        ordered_by: Uuid,
        ordered_at: Moment,
        confirmed_by: Option<Uuid>,
        purged_at: Option<Moment>,
    }
}

impl Row {
    fn into_erasure(self) -> Erasure {
        Erasure {
            id: self.id.into(),
            document: self.document_id.into(),
            reason: self.reason,
            ordered_by: self.ordered_by.into(),
            ordered_at: self.ordered_at.0,
            confirmed_by: self.confirmed_by.map(Into::into),
            purged_at: self.purged_at.map(|Moment(at)| at),
        }
    }
}

/// Writes an order.
///
/// # Errors
/// [`Error::Database`]; a unique violation when one is open for the document.
pub async fn order(
    work: &mut UnitOfWork,
    document: DocumentId,
    reason: &str,
) -> Result<ErasureId, Error> {
    let id: ErasureId = work.new_id();
    let (actor, now) = (work.actor().id, Moment(work.now()));
    execute!(
        work.session(),
        "INSERT INTO erasure (id, document_id, reason, ordered_by, ordered_at) VALUES ($1, $2, $3, $4, $5)",
        id.uuid(),
        document.uuid(),
        reason,
        actor.uuid(),
        now,
    )?;
    Ok(id)
}

/// The order `id`.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(work: &mut UnitOfWork, id: ErasureId) -> Result<Option<Erasure>, Error> {
    Ok(fetch_optional!(
        work.session(),
        Row,
        "SELECT id, document_id, reason, ordered_by, ordered_at, confirmed_by, purged_at FROM erasure WHERE id = $1",
        id.uuid(),
    )?
    .map(Row::into_erasure))
}

/// The orders of `document`, done and open.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn of_document(
    session: &mut Session,
    document: DocumentId,
) -> Result<Vec<Erasure>, Error> {
    Ok(fetch_all!(
        session,
        Row,
        "SELECT id, document_id, reason, ordered_by, ordered_at, confirmed_by, purged_at FROM erasure \
         WHERE document_id = $1 ORDER BY id",
        document.uuid(),
    )?
    .into_iter()
    .map(Row::into_erasure)
    .collect())
}

/// Whether an order is open for `document`.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_ordered(work: &mut UnitOfWork, document: DocumentId) -> Result<bool, Error> {
    let orders = of_document(work.session(), document).await?;
    Ok(orders.iter().any(|order| order.confirmed_by.is_none()))
}

/// Confirms an order and empties the document: editions, texts that nobody else holds, what
/// imports noted of them. Files that no text uses any more are marked for removal.
///
/// # Errors
/// [`Error::Database`].
pub async fn carry_out(work: &mut UnitOfWork, erasure: &Erasure) -> Result<(), Error> {
    let document = erasure.document.uuid();
    let (actor, now) = (work.actor().id, Moment(work.now()));
    execute!(
        work.session(),
        "UPDATE erasure SET confirmed_by = $2, confirmed_at = $3 WHERE id = $1",
        erasure.id.uuid(),
        actor.uuid(),
        now,
    )?;
    let digests = fetch_all!(
        work.session(),
        (Vec<u8>,),
        "SELECT DISTINCT content_digest FROM edition WHERE document_id = $1 AND content_digest IS NOT NULL",
        document,
    )?;
    execute!(
        work.session(),
        "UPDATE edition SET content_digest = NULL, place = NULL, digest = NULL, salt = NULL WHERE document_id = $1",
        document,
    )?;
    for (digest,) in digests {
        erase_content(work, digest).await?;
    }
    execute!(
        work.session(),
        "UPDATE import_record SET digest = NULL WHERE document_id = $1",
        document,
    )?;
    bodies::erase(work, erasure.document).await?;
    crate::access::idempotency::forget(work, erasure.document).await?;
    crate::access::previews::forget(work, erasure.document).await?;
    reviews::cases::erase(work, erasure.document).await?;
    Ok(())
}

async fn erase_content(work: &mut UnitOfWork, digest: Vec<u8>) -> Result<(), Error> {
    let still_held = fetch_optional!(
        work.session(),
        (i64,),
        "SELECT COUNT(*) FROM edition WHERE content_digest = $1",
        digest.as_slice(),
    )?;
    if still_held.is_some_and(|(count,)| count > 0) {
        return Ok(());
    }
    execute!(
        work.session(),
        "INSERT INTO file_removal (digest) SELECT file_digest FROM content_file u WHERE u.content_digest = $1 \
         AND NOT EXISTS (SELECT 1 FROM content_file o WHERE o.file_digest = u.file_digest AND o.content_digest <> $1) \
         ON CONFLICT DO NOTHING",
        digest.as_slice(),
    )?;
    execute!(
        work.session(),
        "DELETE FROM file WHERE digest IN (SELECT f.digest FROM file_removal f)",
    )?;
    execute!(work.session(), "DELETE FROM content WHERE digest = $1", digest.as_slice())?;
    Ok(())
}

/// PostgreSQL: every transaction that began before an erasure must have ended, in whatever
/// database of the server, or `VACUUM FULL` copies what was erased: its own snapshot reaches
/// back to the oldest transaction of them all.
const NEXT: &str = "SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)";
const OLDEST: &str = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)";
/// How often, and how long apart, it is looked whether they have.
const LOOKS: u32 = 50;
const LOOK: Duration = Duration::from_millis(20);
/// And nobody in this database may still read an older state. Every erasure leaves old rows of
/// `edition`; a plain VACUUM says how many of them it had to keep.
const SETTLE: &str = "VACUUM edition";
const KEPT: &str = "SELECT COALESCE(CAST(SUM(n_dead_tup) AS BIGINT), 0) FROM pg_stat_user_tables WHERE relname = 'edition'";

/// PostgreSQL: rewrites the tables that held the text of an erased document, or words of it,
/// and what the planner remembers of their values. It comes after [`SETTLE`]: a row that had
/// to be kept would be copied, and dropped later without being overwritten.
const REWRITE: [&str; 16] = [
    "VACUUM FULL content",
    "VACUUM FULL derived",
    "VACUUM FULL edition",
    "VACUUM FULL content_file",
    "VACUUM FULL rendering",
    "VACUUM FULL body",
    "VACUUM FULL attempt",
    "VACUUM FULL field_value",
    "VACUUM FULL unique_claim",
    "VACUUM FULL search_entry",
    "VACUUM FULL search_file_text",
    "VACUUM FULL idempotency",
    "VACUUM FULL preview_link",
    "ANALYZE field_value",
    "ANALYZE unique_claim",
    "VACUUM FULL pg_statistic",
];

/// Deletes the files that erasures marked, and overwrites what the engine keeps of deleted
/// rows. Runs outside any transaction; does nothing when nothing is owed. Done again after a
/// crash, because an erasure counts as purged only at the end.
///
/// PostgreSQL's own write-ahead log, its replicas and backups are the operator's: see the
/// operations guide.
///
/// # Errors
/// [`Error::Again`] while somebody still reads an older state of the database; [`Error::Database`];
/// [`Error::File`] when a file cannot be deleted. The next run tries again.
pub async fn purge(store: &Store, files: &dyn FileStore, now: Timestamp) -> Result<u64, Error> {
    let mut session = store.maintenance().await?;
    let owed = fetch_all!(
        session,
        (Uuid,),
        "SELECT id FROM erasure WHERE confirmed_at IS NOT NULL AND purged_at IS NULL",
    )?;
    // What came back just when it was to go is known again, and stays.
    execute!(
        session,
        "DELETE FROM file_removal WHERE EXISTS (SELECT 1 FROM file f WHERE f.digest = file_removal.digest)",
    )?;
    let removals = fetch_all!(session, (Vec<u8>,), "SELECT digest FROM file_removal")?;
    for (digest,) in removals {
        let file: Digest = convert::digest("file_removal.digest", &digest)?;
        files.delete(&file).await?;
        execute!(session, "DELETE FROM file_removal WHERE digest = $1", digest)?;
    }
    if owed.is_empty() {
        return Ok(0);
    }
    match store.engine() {
        // Deleted cells are overwritten at once (secure_delete); their old pages lie in the
        // write-ahead log until it is checkpointed and truncated.
        Engine::Sqlite => {
            execute!(session, search::OVERWRITE)?;
            let row = fetch_optional!(session, (i64, i64, i64), "PRAGMA wal_checkpoint(TRUNCATE)")?;
            if row.is_some_and(|(busy, _, _)| busy != 0) {
                return Err(Error::Again);
            }
        }
        Engine::Postgres => {
            old_transactions_ended(&mut session).await?;
            execute!(session, SETTLE)?;
            let (kept,) = fetch_optional!(session, (i64,), KEPT)?.unwrap_or_default();
            if kept > 0 {
                return Err(Error::Again);
            }
            for sql in REWRITE {
                execute!(session, sql)?;
            }
        }
    }
    for (id,) in &owed {
        execute!(session, "UPDATE erasure SET purged_at = $2 WHERE id = $1", *id, Moment(now))?;
    }
    Ok(owed.len() as u64)
}

/// Waits a moment for every transaction that began before now.
async fn old_transactions_ended(session: &mut Session) -> Result<(), Error> {
    let (next,) = fetch_optional!(session, (i64,), NEXT)?.unwrap_or_default();
    for _ in 0..LOOKS {
        let (oldest,) = fetch_optional!(session, (i64,), OLDEST)?.unwrap_or_default();
        if oldest >= next {
            return Ok(());
        }
        sleep(LOOK).await;
    }
    Err(Error::Again)
}

/// Whether an erased document shows the order that allowed it.
pub(crate) async fn is_accounted_for(
    session: &mut Session,
    document: DocumentId,
    visibility: Visibility,
) -> Result<bool, Error> {
    if visibility != Visibility::Erased {
        return Ok(false);
    }
    let orders = of_document(session, document).await?;
    Ok(orders.iter().any(|order| order.confirmed_by.is_some()))
}
