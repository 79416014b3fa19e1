//! Answers that are given again: a program that does not know whether its request arrived
//! sends it once more under the same key, and what was done is not done twice.
//!
//! The answer is written in the transaction of the change, so there is either both or
//! neither. A second request under the same key waits for the first one's transaction.

use jiff::{Timestamp, ToSpan as _};
use schema::{digest::Digest, ids::DocumentId};
use serde_json::Value;
use sqlx::types::Json;

use crate::{Error, UnitOfWork, convert, moment::Moment};

/// How many hours an answer is kept.
pub const HOURS: i64 = 24;

/// What is known of a request under its key.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// It is the first: do it, then [`answer`].
    First,
    /// It was done; this was the answer.
    Answered(Value),
    /// The key was used for another request.
    OtherRequest,
}

/// Claims `key` of the actor of `work` for the change `field` of a `request`, or says what
/// became of it before.
///
/// # Errors
/// [`Error::Database`].
pub async fn claim(
    work: &mut UnitOfWork,
    key: &str,
    field: &str,
    request: Digest,
) -> Result<Claim, Error> {
    let (actor, now) = (work.actor().id.uuid(), work.now());
    forget_old(work, now).await?;
    // Waits here while another transaction holds the same key.
    let first = execute!(
        work.session(),
        "INSERT INTO idempotency (actor_id, key, field, request, at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT DO NOTHING",
        actor,
        key,
        field,
        convert::bytes(&request),
        Moment(now),
    )?;
    let rows = fetch_all!(
        work.session(),
        (String, Vec<u8>, Option<Json<Value>>),
        "SELECT field, request, answer FROM idempotency WHERE actor_id = $1 AND key = $2",
        actor,
        key,
    )?;
    if rows.iter().any(|(_, other, _)| other.as_slice() != request.as_bytes()) {
        return Ok(Claim::OtherRequest);
    }
    if first == 1 {
        return Ok(Claim::First);
    }
    let same = rows.into_iter().find(|(known, _, _)| known == field);
    match same.and_then(|(_, _, answer)| answer) {
        Some(Json(answer)) => Ok(Claim::Answered(answer)),
        None => Err(Error::corrupt("idempotency", "a finished request has no answer")),
    }
}

/// Keeps the answer to what was claimed in this unit of work.
///
/// # Errors
/// [`Error::Database`].
pub async fn answer(
    work: &mut UnitOfWork,
    key: &str,
    field: &str,
    answer: &Value,
) -> Result<(), Error> {
    let actor = work.actor().id.uuid();
    execute!(
        work.session(),
        "UPDATE idempotency SET answer = $4 WHERE actor_id = $1 AND key = $2 AND field = $3",
        actor,
        key,
        field,
        Json(answer),
    )?;
    Ok(())
}

async fn forget_old(work: &mut UnitOfWork, now: Timestamp) -> Result<(), Error> {
    let Ok(before) = now.checked_sub(HOURS.hours()) else { return Ok(()) };
    execute!(work.session(), "DELETE FROM idempotency WHERE at < $1", Moment(before))?;
    Ok(())
}

/// Forgets every answer that names `document`: an erasure leaves no digest of its text behind.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn forget(work: &mut UnitOfWork, document: DocumentId) -> Result<(), Error> {
    let naming = format!("%{document}%");
    execute!(work.session(), "DELETE FROM idempotency WHERE CAST(answer AS TEXT) LIKE $1", naming,)?;
    Ok(())
}
