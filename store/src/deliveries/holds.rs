//! Deliveries that a publication plan holds back: until a moment, or until other targets hold the
//! document.
//!
//! What is held back was promised to nobody yet, so whatever happens to the document meanwhile
//! takes its place. What waits for another target is let go by looking: a receipt writes nothing
//! here, and none can be missed.

use jiff::{SignedDuration, Timestamp};
use schema::{
    ids::{DeliveryId, DocumentId, TargetId},
    parameters::to_microseconds,
};
use uuid::Uuid;

use super::{lanes, to_number};
use crate::{Error, Session, Store, UnitOfWork, convert, dialect, moment::Moment};

/// Deliveries that are let go in one transaction, at the most.
const PAGE: i64 = 200;

/// How a delivery is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Not before this moment.
    pub not_before: Timestamp,
    /// Minutes, from when nothing is waited for any more.
    pub after_minutes: u32,
    /// The targets that are to hold the document first.
    pub waits_for: Vec<TargetId>,
}

impl Hold {
    /// Whether it holds anything back at `now`.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        !self.waits_for.is_empty() || self.not_before > now
    }
}

/// What a delivery that waits for other targets is due at: the year 9999, until it is let go.
pub(super) const NEVER: Timestamp = Timestamp::constant(253_370_764_800, 0);

/// Holds back a delivery that is being written.
pub(super) async fn insert(
    session: &mut Session,
    delivery: DeliveryId,
    (target, document, sequence): (TargetId, DocumentId, u64),
    hold: &Hold,
) -> Result<(), Error> {
    execute!(
        session,
        "INSERT INTO delivery_hold (delivery_id, target_id, document_id, not_before, after_minutes) \
         VALUES ($1, $2, $3, $4, $5)",
        delivery.uuid(),
        target.uuid(),
        document.uuid(),
        Moment(to_microseconds(hold.not_before)),
        i64::from(hold.after_minutes),
    )?;
    for earlier in &hold.waits_for {
        execute!(
            session,
            "INSERT INTO delivery_wait (delivery_id, for_target_id, document_id, sequence) \
             VALUES ($1, $2, $3, $4)",
            delivery.uuid(),
            earlier.uuid(),
            document.uuid(),
            to_number(sequence)?,
        )?;
    }
    Ok(())
}

/// Takes the place of what is held back in a lane whose row the caller holds. Gives until when
/// the longest was held, where it waited for no other target: what comes after it waits no longer.
pub(super) async fn supersede(
    session: &mut Session,
    (target, document): (TargetId, DocumentId),
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let held = fetch_all!(
        session,
        (Uuid, Moment),
        "SELECT d.id, d.due_at FROM delivery_hold h JOIN delivery d ON d.id = h.delivery_id \
         WHERE h.target_id = $1 AND h.document_id = $2 AND d.state = 'pending' AND d.attempts = 0",
        target.uuid(),
        document.uuid(),
    )?;
    let mut until = None;
    for (delivery, due) in held {
        let sql = "UPDATE delivery SET state = 'superseded', finished_at = $2 WHERE id = $1";
        execute!(session, sql, delivery, Moment(now))?;
        drop_hold(session, delivery).await?;
        until = until.max(Some(due.0).filter(|due| *due < NEVER));
    }
    Ok(until)
}

async fn drop_hold(session: &mut Session, delivery: Uuid) -> Result<(), Error> {
    execute!(session, "DELETE FROM delivery_wait WHERE delivery_id = $1", delivery)?;
    execute!(session, "DELETE FROM delivery_hold WHERE delivery_id = $1", delivery)?;
    Ok(())
}

/// Whether something that was waited for has come.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_owed(session: &mut Session) -> Result<bool, Error> {
    let found = fetch_optional!(
        session,
        (Uuid,),
        "SELECT w.delivery_id FROM delivery_wait w JOIN lane l ON l.target_id = w.for_target_id \
         AND l.document_id = w.document_id WHERE l.held = 'edition' AND l.held_sequence >= w.sequence \
         LIMIT 1",
    )?;
    Ok(found.is_some())
}

/// Lets go what waited for targets that hold the document now; gives how many deliveries wait for
/// nothing any more.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn let_go(store: &Store, now: Timestamp) -> Result<u64, Error> {
    let now = to_microseconds(now);
    let mut session = store.writer().await?;
    let come = fetch_all!(
        session,
        (Uuid, Uuid, Uuid, Uuid),
        "SELECT w.delivery_id, w.for_target_id, h.target_id, h.document_id FROM delivery_wait w \
         JOIN delivery_hold h ON h.delivery_id = w.delivery_id \
         JOIN lane l ON l.target_id = w.for_target_id AND l.document_id = w.document_id \
         WHERE l.held = 'edition' AND l.held_sequence >= w.sequence \
         ORDER BY h.target_id, h.document_id LIMIT $1",
        PAGE,
    )?;
    let mut free = 0;
    for (delivery, earlier, target, document) in come {
        let lane = (target.into(), document.into());
        lock(&mut session, lane).await?;
        let sql = "DELETE FROM delivery_wait WHERE delivery_id = $1 AND for_target_id = $2";
        if execute!(session, sql, delivery, earlier)? > 0 {
            free += u64::from(release(&mut session, delivery, lane, now).await?);
        }
    }
    session.commit().await?;
    Ok(free)
}

/// The lane before what lies in it, as everywhere.
async fn lock(
    session: &mut Session,
    (target, document): (TargetId, DocumentId),
) -> Result<(), Error> {
    let sql = dialect::lock_lane(session.engine());
    fetch_optional!(session, (i64, i64), sql, target.uuid(), document.uuid())?;
    Ok(())
}

/// Makes a delivery that waits for nothing any more due when its plan says. The caller holds its
/// lane.
async fn release(
    session: &mut Session,
    delivery: Uuid,
    lane: (TargetId, DocumentId),
    now: Timestamp,
) -> Result<bool, Error> {
    let hold = fetch_optional!(
        session,
        (Moment, i64),
        "SELECT h.not_before, h.after_minutes FROM delivery_hold h WHERE h.delivery_id = $1 \
         AND NOT EXISTS (SELECT 1 FROM delivery_wait w WHERE w.delivery_id = $1)",
        delivery,
    )?;
    let Some((not_before, minutes)) = hold else { return Ok(false) };
    let later = now.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX);
    due_at(session, delivery, lane, later.max(not_before.0)).await?;
    Ok(true)
}

async fn due_at(
    session: &mut Session,
    delivery: Uuid,
    (target, document): (TargetId, DocumentId),
    at: Timestamp,
) -> Result<(), Error> {
    execute!(
        session,
        "UPDATE delivery SET due_at = $2, started_at = $2 \
         WHERE id = $1 AND state = 'pending' AND attempts = 0",
        delivery,
        Moment(at),
    )?;
    lanes::refresh(session, target, document).await
}

/// Lets go what is held back of a document for a target, whatever its plan says; gives whether
/// anything was.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn let_go_now(
    work: &mut UnitOfWork,
    target: TargetId,
    document: DocumentId,
) -> Result<bool, Error> {
    let now = work.now();
    let session = work.session();
    lock(session, (target, document)).await?;
    let held = fetch_all!(
        session,
        (Uuid,),
        "SELECT h.delivery_id FROM delivery_hold h JOIN delivery d ON d.id = h.delivery_id \
         WHERE h.target_id = $1 AND h.document_id = $2 AND d.state = 'pending' AND d.attempts = 0 \
         AND d.due_at > $3",
        target.uuid(),
        document.uuid(),
        Moment(now),
    )?;
    for (delivery,) in &held {
        due_at(session, *delivery, (target, document), now).await?;
        drop_hold(session, *delivery).await?;
    }
    Ok(!held.is_empty())
}

/// Has fan-out look at a document for a target that its plan had left out.
///
/// # Errors
/// [`Error::Database`].
pub async fn send_later(
    work: &mut UnitOfWork,
    target: TargetId,
    document: DocumentId,
) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO sent_later (target_id, document_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        target.uuid(),
        document.uuid(),
    )?;
    Ok(())
}

/// Forgets how deliveries were held back that were tried since.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget(store: &Store) -> Result<(), Error> {
    let mut session = store.writer().await?;
    let over = "SELECT h.delivery_id FROM delivery_hold h JOIN delivery d ON d.id = h.delivery_id \
                WHERE d.state <> 'pending' OR d.attempts > 0 LIMIT 1000";
    for (delivery,) in fetch_all!(session, (Uuid,), over)? {
        drop_hold(&mut session, delivery).await?;
    }
    session.commit().await?;
    Ok(())
}

/// How a delivery is held back, as people read it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldBack {
    /// Until when; `None` while it waits for other targets.
    pub until: Option<Timestamp>,
    /// Names of the targets it waits for.
    pub waits_for: Vec<String>,
    /// Minutes, from when they hold the document.
    pub after_minutes: u32,
}

/// How the delivery `id`, which is due at `due`, is held back, if it is.
pub(super) async fn of_delivery(
    session: &mut Session,
    id: Uuid,
    due: Timestamp,
) -> Result<Option<HeldBack>, Error> {
    let hold = fetch_optional!(
        session,
        (i64,),
        "SELECT h.after_minutes FROM delivery_hold h JOIN delivery d ON d.id = h.delivery_id \
         WHERE h.delivery_id = $1 AND d.state = 'pending' AND d.attempts = 0",
        id,
    )?;
    let Some((minutes,)) = hold else { return Ok(None) };
    let waits = fetch_all!(
        session,
        (String,),
        "SELECT t.key FROM delivery_wait w JOIN target t ON t.id = w.for_target_id \
         WHERE w.delivery_id = $1 ORDER BY t.key",
        id,
    )?;
    Ok(Some(HeldBack {
        until: Some(due).filter(|due| *due < NEVER),
        waits_for: waits.into_iter().map(|(key,)| key).collect(),
        after_minutes: convert::number("delivery_hold.after_minutes", minutes)?,
    }))
}
