//! Due times: what is to be done at a moment, and what came of it.
//!
//! Whoever fires one locks its row, does the act and closes the row in one unit of work: a node
//! that dies in between has done nothing, and a second node finds the row locked or closed. The
//! lock is the lease, so it ends with whoever holds it.

mod listing;
mod overdue;

use jiff::Timestamp;
use schema::{
    due::{DueKind, DueState, OVERDUE, Order},
    ids::{ActorId, CosignatureId, DocumentId, DueTimeId, ReleaseSetId},
    message::Bilingual,
};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

pub use listing::{About, Listed, Position, page};
pub use overdue::{Alarming, Overdue, alarm, is_alarming, late_before, overdue};

use crate::{Error, Session, UnitOfWork, convert, dialect, moment::Moment};

/// Something that is, or was, due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTime {
    /// Its id.
    pub id: DueTimeId,
    /// The document, the release set or the body that was asked, as the kind of the order says.
    pub subject: Uuid,
    /// When.
    pub at: Timestamp,
    /// When somebody asked for it.
    pub asked_at: Timestamp,
    /// Who did, as whom it is done.
    pub asked_by: ActorId,
    /// What is to be done.
    pub order: Order,
    /// How it stands.
    pub state: DueState,
    /// How often it was tried and refused.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    pub next_at: Option<Timestamp>,
    /// Why the last try was refused.
    pub refusal: Option<Refused>,
    /// When nothing followed any more: it was done, cancelled, or became void.
    pub closed_at: Option<Timestamp>,
    /// By whom.
    pub closed_by: Option<ActorId>,
}

/// Why a try was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub message: Bilingual,
}

impl DueTime {
    /// What kind of thing is due.
    pub const fn kind(&self) -> DueKind {
        self.order.kind()
    }

    /// The document that it is about.
    pub fn document(&self) -> Option<DocumentId> {
        let is_of_document = !matches!(self.kind(), DueKind::ReleaseSet | DueKind::Cosignature);
        is_of_document.then(|| self.subject.into())
    }

    /// The body that was asked to co-sign, whose time it is.
    pub fn cosignature(&self) -> Option<CosignatureId> {
        (self.kind() == DueKind::Cosignature).then(|| self.subject.into())
    }

    /// The release set that it is about.
    pub fn release_set(&self) -> Option<ReleaseSetId> {
        (self.kind() == DueKind::ReleaseSet).then(|| self.subject.into())
    }

    /// Whether somebody has to look after it at `now`: it was refused for good, or should have
    /// been done a while ago.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        match self.state {
            DueState::Refused => true,
            DueState::Waiting => now.duration_since(self.at) > OVERDUE,
            DueState::Fired | DueState::Cancelled | DueState::Void => false,
        }
    }
}

row! {
    struct Row {
        id: Uuid,
        kind: String,
        subject_id: Uuid,
        at: Moment,
        asked_at: Moment,
        asked_by: Uuid,
        payload: Json<Order>,
        state: String,
        attempts: i64,
        next_at: Option<Moment>,
        refusal: Option<Json<Refused>>,
        closed_at: Option<Moment>,
        closed_by: Option<Uuid>,
    }
}

impl Row {
    fn into_due(self) -> Result<DueTime, Error> {
        let order = self.payload.0;
        if order.kind().as_str() != self.kind {
            return Err(Error::corrupt("due_time.kind", &self.kind));
        }
        Ok(DueTime {
            id: self.id.into(),
            subject: self.subject_id,
            at: self.at.0,
            asked_at: self.asked_at.0,
            asked_by: self.asked_by.into(),
            order,
            state: DueState::parse(&self.state)
                .ok_or_else(|| Error::corrupt("due_time.state", &self.state))?,
            attempts: convert::number("due_time.attempts", self.attempts)?,
            next_at: self.next_at.map(|Moment(at)| at),
            refusal: self.refusal.map(|Json(refused)| refused),
            closed_at: self.closed_at.map(|Moment(at)| at),
            closed_by: self.closed_by.map(Into::into),
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<DueTime>, Error> {
    rows.into_iter().map(Row::into_due).collect()
}

macro_rules! due_times {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, subject_id, at, asked_at, asked_by, payload, state, attempts, next_at, refusal, \
             closed_at, closed_by FROM due_time ",
            $rest
        )
    };
}

/// Writes something that is to be done.
///
/// # Errors
/// [`Error::Database`], a unique violation where such a thing is open for the subject already.
pub async fn insert(work: &mut UnitOfWork, due: &DueTime) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO due_time (id, kind, subject_id, at, asked_at, asked_by, payload, state, attempts, next_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        due.id.uuid(),
        due.kind().as_str(),
        due.subject,
        Moment(due.at),
        Moment(due.asked_at),
        due.asked_by.uuid(),
        Json(&due.order),
        due.state.as_str(),
        i64::from(due.attempts),
        due.next_at.map(Moment),
    )?;
    Ok(())
}

/// The due time `id`, whoever may know of it.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn due_time(session: &mut Session, id: DueTimeId) -> Result<Option<DueTime>, Error> {
    fetch_optional!(session, Row, due_times!("WHERE id = $1"), id.uuid())?
        .map(Row::into_due)
        .transpose()
}

/// The same, locked against everybody else until the unit of work ends.
///
/// # Errors
/// As [`due_time`]; [`Error::Again`].
pub async fn lock(work: &mut UnitOfWork, id: DueTimeId) -> Result<Option<DueTime>, Error> {
    let session = work.session();
    let sql = dialect!(session,
        sqlite: due_times!("WHERE id = $1"),
        postgres: due_times!("WHERE id = $1 FOR UPDATE"),
    );
    fetch_optional!(session, Row, sql, id.uuid())?.map(Row::into_due).transpose()
}

/// Takes one that is due, locked until the unit of work ends; `None` where it is not due any more,
/// or another node is at it.
///
/// # Errors
/// As [`lock`].
pub async fn take(work: &mut UnitOfWork, id: DueTimeId) -> Result<Option<DueTime>, Error> {
    let now = Moment(work.now());
    let session = work.session();
    let sql = dialect::take_due_time(session.engine());
    match fetch_optional!(session, (Uuid,), sql, id.uuid(), now)? {
        Some(_) => due_time(session, id).await,
        None => Ok(None),
    }
}

/// What is open of `subject`, in the order of its times.
///
/// # Errors
/// As [`due_time`].
pub async fn open_of(work: &mut UnitOfWork, subject: Uuid) -> Result<Vec<DueTime>, Error> {
    let sql = due_times!("WHERE subject_id = $1 AND closed_at IS NULL ORDER BY at, id");
    all(fetch_all!(work.session(), Row, sql, subject)?)
}

/// The last `limit` that were asked for of `subject`, open or closed, the newest first. Whoever
/// asks has found out that the viewer may know of the subject's drafts.
///
/// # Errors
/// As [`due_time`].
pub async fn of_subject(
    session: &mut Session,
    subject: Uuid,
    limit: u32,
) -> Result<Vec<DueTime>, Error> {
    let sql = due_times!("WHERE subject_id = $1 ORDER BY asked_at DESC, id DESC LIMIT $2");
    all(fetch_all!(session, Row, sql, subject, i64::from(limit))?)
}

/// Closes one, by the actor of `work`.
///
/// # Errors
/// [`Error::Database`].
pub async fn close(work: &mut UnitOfWork, id: DueTimeId, state: DueState) -> Result<(), Error> {
    let (now, actor) = (Moment(work.now()), work.actor().id);
    execute!(
        work.session(),
        "UPDATE due_time SET state = $2, next_at = NULL, closed_at = $3, closed_by = $4 \
         WHERE id = $1 AND closed_at IS NULL",
        id.uuid(),
        state.as_str(),
        now,
        actor.uuid(),
    )?;
    Ok(())
}

/// Moves one that is open to another moment, with what it is about as that is now; it is tried
/// anew, on behalf of the actor of `work`.
///
/// # Errors
/// [`Error::Database`].
pub async fn change(
    work: &mut UnitOfWork,
    id: DueTimeId,
    at: Timestamp,
    order: &Order,
) -> Result<(), Error> {
    let (now, actor) = (Moment(work.now()), work.actor().id);
    execute!(
        work.session(),
        "UPDATE due_time SET at = $2, next_at = $2, asked_at = $3, asked_by = $4, payload = $5, \
         state = 'waiting', attempts = 0, refusal = NULL, alarmed_at = NULL \
         WHERE id = $1 AND closed_at IS NULL",
        id.uuid(),
        Moment(at),
        now,
        actor.uuid(),
        Json(order),
    )?;
    Ok(())
}

/// Notes that a try was refused and when the next one is, or that there is none; `false` where
/// somebody else closed, moved or tried it since it was read as `due`.
///
/// # Errors
/// [`Error::Database`].
pub async fn refuse(
    work: &mut UnitOfWork,
    due: &DueTime,
    refusal: &Refused,
    next: Option<Timestamp>,
) -> Result<bool, Error> {
    let state = if next.is_some() { DueState::Waiting } else { DueState::Refused };
    let changed = execute!(
        work.session(),
        "UPDATE due_time SET state = $2, attempts = attempts + 1, next_at = $3, refusal = $4 \
         WHERE id = $1 AND state = 'waiting' AND attempts = $5 AND at = $6",
        due.id.uuid(),
        state.as_str(),
        next.map(Moment),
        Json(refusal),
        i64::from(due.attempts),
        Moment(due.at),
    )?;
    Ok(changed > 0)
}

/// At most `limit` that are due at `now`, the longest due first.
///
/// # Errors
/// [`Error::Database`].
pub async fn due(
    session: &mut Session,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DueTimeId>, Error> {
    let rows = fetch_all!(
        session,
        (Uuid,),
        "SELECT id FROM due_time WHERE next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at, id LIMIT $2",
        Moment(now),
        i64::from(limit),
    )?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// When the next one is due.
///
/// # Errors
/// [`Error::Database`].
pub async fn next(session: &mut Session) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT MIN(next_at) FROM due_time WHERE next_at IS NOT NULL";
    let next = fetch_optional!(session, (Option<Moment>,), sql)?;
    Ok(next.and_then(|(at,)| at).map(|Moment(at)| at))
}
