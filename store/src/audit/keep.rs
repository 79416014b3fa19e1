//! How long rows are kept: the one way in which any is deleted.
//!
//! What goes is the beginning of the chain, never a row out of it. A checkpoint keeps number and
//! hash of the last row that went, so that the rest can still be verified, and the deletion is an
//! act with a row of its own, by which the chain vouches for the checkpoint.

use jiff::{SignedDuration, Timestamp};
use schema::{
    audit::{LEAST_DAYS, Seal},
    parameters::Entropy,
};
use serde_json::json;

use super::{HOUSEKEEPING, record_by_hub, records, seal::locked_head, to_number, to_stored};
use crate::{Error, Session, Store, convert, moment::Moment};

/// Rows that are looked at, and deleted, in one transaction.
const BATCH: i64 = 5_000;

/// Up to where rows were deleted because their time was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last row that went.
    pub seal: Seal,
    /// When it went.
    pub cut_at: Timestamp,
}

/// Deletes the rows that are older than `days` at `now`, and never one that is younger than
/// [`LEAST_DAYS`] by this clock or by the database's; gives how many there were.
///
/// Rows go by the day: the deletion leaves a row itself, and one a minute would be as many as
/// it takes away.
///
/// # Errors
/// [`Error::Database`].
pub async fn cut(
    store: &Store,
    now: Timestamp,
    entropy: &dyn Entropy,
    days: u32,
) -> Result<u64, Error> {
    let mut session = store.reader().await?;
    let until = now.min(database_clock(&mut session).await?);
    let before = |more: i64| {
        let days = i64::from(days.max(LEAST_DAYS)) + more;
        until.saturating_sub(SignedDuration::from_hours(days * 24)).unwrap_or(Timestamp::MIN)
    };
    let oldest = fetch_optional!(
        session,
        (Moment,),
        "SELECT at FROM audit WHERE number IS NOT NULL ORDER BY number LIMIT 1",
    )?;
    drop(session);
    if oldest.is_none_or(|(Moment(at),)| at > before(1)) {
        return Ok(0);
    }
    let mut gone = 0;
    loop {
        let went = cut_some(store, (now, entropy), before(0)).await?;
        gone += went;
        if went == 0 {
            return Ok(gone);
        }
    }
}

async fn cut_some(
    store: &Store,
    (now, entropy): (Timestamp, &dyn Entropy),
    before: Timestamp,
) -> Result<u64, Error> {
    let mut session = store.writer().await?;
    // Two nodes that keep house at once wait for each other here.
    locked_head(&mut session).await?;
    let rows = fetch_all!(
        session,
        (i64, Moment, Vec<u8>),
        "SELECT number, at, hash FROM audit WHERE number IS NOT NULL ORDER BY number LIMIT $1",
        BATCH,
    )?;
    let Some((number, _, hash)) =
        rows.into_iter().take_while(|(_, Moment(at), _)| *at < before).last()
    else {
        return Ok(0);
    };
    let hash = convert::digest("audit.hash", &hash)?;
    execute!(
        session,
        "INSERT INTO audit_checkpoint (number, hash, cut_at) VALUES ($1, $2, $3)",
        number,
        hash.as_bytes().as_slice(),
        Moment(now),
    )?;
    let gone = execute!(session, "DELETE FROM audit WHERE number <= $1", number)?;
    let details = json!({ "upTo": number, "hash": hash, "before": before });
    record_by_hub(&mut session, (now, entropy), HOUSEKEEPING, CUT, "audit", &details).await?;
    session.commit().await?;
    Ok(gone)
}

/// What the audit calls a deletion of its own.
pub(crate) const CUT: &str = "audit.cut";

/// The last checkpoint; `None` where no row was ever deleted.
///
/// # Errors
/// [`Error::Database`].
pub async fn checkpoint(session: &mut Session) -> Result<Option<Checkpoint>, Error> {
    let found = fetch_optional!(
        session,
        (i64, Vec<u8>, Moment),
        "SELECT number, hash, cut_at FROM audit_checkpoint ORDER BY number DESC LIMIT 1",
    )?;
    let Some((number, hash, Moment(cut_at))) = found else { return Ok(None) };
    let hash = convert::digest("audit_checkpoint.hash", &hash)?;
    Ok(Some(Checkpoint { seal: Seal { number: to_number(number)?, hash }, cut_at }))
}

/// What the first row that is kept follows: the last checkpoint, or nothing.
///
/// # Errors
/// [`Error::Database`].
pub async fn first_kept(session: &mut Session) -> Result<Seal, Error> {
    let found = checkpoint(session).await?;
    Ok(found.map_or_else(Seal::before_the_first, |checkpoint| checkpoint.seal))
}

/// Whether the deletion that left `checkpoint` has its row.
pub(crate) async fn is_told(session: &mut Session, checkpoint: Checkpoint) -> Result<bool, Error> {
    let number = to_stored(checkpoint.seal.number)?;
    // The newest deletions are enough: the last checkpoint belongs to one of them.
    let rows = records!(session, "action = $1 ORDER BY id DESC LIMIT 100", CUT)?;
    Ok(rows.iter().any(|row| {
        row.details["upTo"] == json!(number) && row.details["hash"] == json!(checkpoint.seal.hash)
    }))
}

async fn database_clock(session: &mut Session) -> Result<Timestamp, Error> {
    let sql = dialect!(session,
        sqlite: "SELECT unixepoch('now')",
        postgres: "SELECT CAST(EXTRACT(EPOCH FROM now()) AS BIGINT)",
    );
    let found = fetch_optional!(session, (i64,), sql)?;
    let (seconds,) = found.ok_or_else(|| Error::corrupt("clock", "the database told no time"))?;
    Timestamp::from_second(seconds).map_err(|error| Error::corrupt("clock", error))
}
