//! What should have been done by now: counted for whoever runs the hub, and told of once.

use jiff::Timestamp;
use schema::{due::OVERDUE, ids::DueTimeId};
use sqlx::types::Json;
use uuid::Uuid;

use super::Refused;
use crate::{Error, Session, UnitOfWork, moment::Moment};

/// What should have been done by now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overdue {
    /// Due for a while, and not done.
    pub late: u64,
    /// Refused when they were due, and not tried any more.
    pub refused: u64,
}

/// How much is overdue at `now`, on the whole hub: numbers alone, for whoever runs it.
///
/// # Errors
/// [`Error::Database`].
pub async fn overdue(session: &mut Session, now: Timestamp) -> Result<Overdue, Error> {
    let counts = fetch_optional!(
        session,
        (i64, i64),
        "SELECT (SELECT COUNT(*) FROM due_time WHERE closed_at IS NULL AND state = 'waiting' AND at < $1), \
         (SELECT COUNT(*) FROM due_time WHERE closed_at IS NULL AND state = 'refused')",
        Moment(late_before(now)),
    )?;
    let (late, refused) = counts.unwrap_or_default();
    Ok(Overdue { late: late.unsigned_abs(), refused: refused.unsigned_abs() })
}

/// Something overdue, as far as it is told of: its order need not be readable for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarming {
    /// Its id.
    pub id: DueTimeId,
    /// The word of its kind.
    pub kind: String,
    /// What it is about.
    pub subject: Uuid,
    /// When it was due.
    pub at: Timestamp,
    /// Code of the last refusal.
    pub refusal: Option<String>,
}

/// Marks what is overdue and was not told of yet, and gives it, to be told of: each once, on
/// whichever node comes first.
///
/// # Errors
/// [`Error::Database`].
pub async fn alarm(work: &mut UnitOfWork) -> Result<Vec<Alarming>, Error> {
    let now = work.now();
    let rows = fetch_all!(
        work.session(),
        (Uuid, String, Uuid, Moment, Option<Json<Refused>>),
        "UPDATE due_time SET alarmed_at = $1 WHERE closed_at IS NULL AND alarmed_at IS NULL \
         AND (state = 'refused' OR at < $2) RETURNING id, kind, subject_id, at, refusal",
        Moment(now),
        Moment(late_before(now)),
    )?;
    let told =
        |(id, kind, subject, at, refusal): (Uuid, String, Uuid, Moment, Option<Json<Refused>>)| {
            let refusal = refusal.map(|Json(refused)| refused.code);
            Alarming { id: id.into(), kind, subject, at: at.0, refusal }
        };
    Ok(rows.into_iter().map(told).collect())
}

/// Whether anything is to be told of at `now`: what [`alarm`] would give.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_alarming(session: &mut Session, now: Timestamp) -> Result<bool, Error> {
    let found = fetch_optional!(
        session,
        (Uuid,),
        "SELECT id FROM due_time WHERE closed_at IS NULL AND alarmed_at IS NULL \
         AND (state = 'refused' OR at < $1) LIMIT 1",
        Moment(late_before(now)),
    )?;
    Ok(found.is_some())
}

/// Before which moment whatever is still waiting at `now` should have been done.
pub fn late_before(now: Timestamp) -> Timestamp {
    now.checked_sub(OVERDUE).unwrap_or(Timestamp::MIN)
}
