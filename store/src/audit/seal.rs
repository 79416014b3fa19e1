//! The sealer: gives committed rows their numbers and hashes, in an order that never changes
//! again.
//!
//! Any node may do it, and whoever wants to export or verify does it first. Two at once wait for
//! each other at the end of the chain; nobody who writes rows ever waits for it on PostgreSQL, and
//! on SQLite no longer than for any other small unit of work.

use jiff::Timestamp;
use schema::audit::Seal;
use uuid::Uuid;

use super::{records, to_number, to_stored};
use crate::{Error, Session, Store, convert, moment::Moment};

/// Rows that are sealed in one transaction.
const BATCH: i64 = 500;

/// How the chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its end.
    pub head: Seal,
    /// Rows that are not sealed yet.
    pub unsealed: u64,
    /// When the oldest of them was written.
    pub unsealed_since: Option<Timestamp>,
    /// When the oldest row of all was written that is sealed.
    pub oldest: Option<Timestamp>,
}

/// Seals every row that is committed; gives the end of the chain.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row that cannot be read: nothing after it is
/// sealed until somebody looks.
pub async fn seal(store: &Store) -> Result<Seal, Error> {
    loop {
        let mut session = store.reader().await?;
        let waiting =
            fetch_optional!(session, (Uuid,), "SELECT id FROM audit WHERE number IS NULL LIMIT 1")?;
        if waiting.is_none() {
            return head(&mut session).await;
        }
        drop(session);
        match batch(store).await {
            // Another sealer was there first, or a writer: what it left is looked at again.
            Ok(()) | Err(Error::Again) => {}
            Err(error) => return Err(error),
        }
    }
}

async fn batch(store: &Store) -> Result<(), Error> {
    let mut session = store.writer().await?;
    let mut last = locked_head(&mut session).await?;
    let before = last;
    let rows = records!(session, "number IS NULL ORDER BY at, id LIMIT $1", BATCH)?;
    for row in rows {
        last = row.sealed_after(last).map_err(|error| Error::corrupt("audit", error))?;
        execute!(
            session,
            "UPDATE audit SET number = $1, hash = $2 WHERE id = $3",
            to_stored(last.number)?,
            last.hash.as_bytes().as_slice(),
            row.id,
        )?;
    }
    if last != before {
        execute!(
            session,
            "UPDATE audit_head SET number = $1, hash = $2 WHERE id = 1",
            to_stored(last.number)?,
            last.hash.as_bytes().as_slice(),
        )?;
    }
    Ok(session.commit().await?)
}

/// The end of the chain, locked until the transaction ends.
pub(super) async fn locked_head(session: &mut Session) -> Result<Seal, Error> {
    let first = Seal::before_the_first();
    execute!(
        session,
        "INSERT INTO audit_head (id, number, hash) VALUES (1, 0, $1) ON CONFLICT (id) DO NOTHING",
        first.hash.as_bytes().as_slice(),
    )?;
    let lock = dialect!(session,
        sqlite: "SELECT number, hash FROM audit_head WHERE id = 1",
        postgres: "SELECT number, hash FROM audit_head WHERE id = 1 FOR UPDATE",
    );
    read_head(session, lock).await
}

/// The end of the chain.
///
/// # Errors
/// [`Error::Database`].
pub async fn head(session: &mut Session) -> Result<Seal, Error> {
    read_head(session, "SELECT number, hash FROM audit_head WHERE id = 1").await
}

async fn read_head(session: &mut Session, sql: &'static str) -> Result<Seal, Error> {
    let Some((number, hash)) = fetch_optional!(session, (i64, Vec<u8>), sql)? else {
        return Ok(Seal::before_the_first());
    };
    Ok(Seal { number: to_number(number)?, hash: convert::digest("audit_head.hash", &hash)? })
}

/// How the chain stands.
///
/// # Errors
/// [`Error::Database`].
pub async fn condition(session: &mut Session) -> Result<Condition, Error> {
    let unsealed = fetch_optional!(
        session,
        (i64, Option<Moment>),
        "SELECT COUNT(*), MIN(at) FROM audit WHERE number IS NULL",
    )?;
    let (unsealed, since) = unsealed.unwrap_or((0, None));
    let oldest = fetch_optional!(
        session,
        (Moment,),
        "SELECT at FROM audit WHERE number IS NOT NULL ORDER BY number LIMIT 1",
    )?;
    Ok(Condition {
        head: head(session).await?,
        unsealed: to_number(unsealed)?,
        unsealed_since: since.map(|Moment(at)| at),
        oldest: oldest.map(|(Moment(at),)| at),
    })
}
