//! Claims: which lanes are worked on next, and the intent that is committed before a call.
//!
//! A claim counts the lane's fence up and leases the lane. Whoever holds an older fence, having
//! slept through its lease, may still report what it saw, but moves nothing.

use jiff::{SignedDuration, Timestamp};
use schema::{
    delivery::{Absence, Class, Owed},
    ids::{AttemptId, DeliveryId, DocumentId, TargetId},
    parameters::{Entropy, new_uuid, to_microseconds},
    visibility::EventKind,
};
use uuid::Uuid;

use super::{
    bodies::{self, RenderingKey},
    lanes::{self, Due},
    targets::{self, Health, Target},
    to_sequence, word,
};
use crate::{Error, Session, Store, convert, dialect, moment::Moment};

/// Calls under way at a target, on all nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// Without recalls.
    pub normal: u32,
    /// Recalls.
    pub urgent: u32,
}

/// How many lanes may be claimed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permit {
    /// Without recalls.
    pub normal: u32,
    /// Recalls.
    pub urgent: u32,
}

/// How much may be claimed of a target, decided by the dispatcher on the row that is locked.
pub trait Allowance: Send + Sync {
    /// How many lanes may be claimed at `now`.
    fn permit(&self, target: &Target, busy: Busy, now: Timestamp) -> Permit;

    /// The health of the target after `claimed` lanes were.
    fn spent(&self, target: &Target, claimed: Permit, now: Timestamp) -> Health;
}

/// A lane that was claimed, with the delivery at its head. Its intent stands in the journal.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The target.
    pub target: TargetId,
    /// The document.
    pub document: DocumentId,
    /// The fence of this claim.
    pub fence: i64,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The attempt whose result is owed to the journal.
    pub attempt: AttemptId,
    /// Which attempt of the delivery it is, from 1.
    pub number: u32,
    /// Which attempt since the schedule began, from 1.
    pub step: u32,
    /// The event.
    pub sequence: u64,
    /// What happened.
    pub kind: EventKind,
    /// The state that the target should hold.
    pub owed: Owed,
    /// When its schedule began.
    pub started_at: Timestamp,
    /// What is sent.
    pub body: Vec<u8>,
    /// What came of the attempt before: an unknown outcome must not be repeated everywhere.
    pub last: Option<Class>,
}

/// What is due, per target that is served.
///
/// # Errors
/// [`Error::Database`].
pub async fn due(session: &mut Session) -> Result<Vec<Due>, Error> {
    type Row = (
        Uuid,
        i64,
        i64,
        Option<Moment>,
        Option<Moment>,
        Option<Moment>,
        Option<Moment>,
        Option<Moment>,
    );
    let rows = fetch_all!(
        session,
        Row,
        "SELECT t.id, t.failures, t.trips, t.open_until, t.quiet_until, t.full_at, \
         (SELECT MIN(l.due_at) FROM lane l WHERE l.target_id = t.id AND l.urgent = $1 AND l.due_at IS NOT NULL), \
         (SELECT MIN(l.due_at) FROM lane l WHERE l.target_id = t.id AND l.urgent = $2 AND l.due_at IS NOT NULL) \
         FROM target t WHERE t.state = 'enabled'",
        false,
        true,
    )?;
    let time = |moment: Option<Moment>| moment.map(|Moment(at)| at);
    rows.into_iter()
        .map(|(id, failures, trips, open, quiet, full, normal, urgent)| {
            Ok(Due {
                target: id.into(),
                health: Health {
                    failures: convert::number("target.failures", failures)?,
                    trips: convert::number("target.trips", trips)?,
                    open_until: time(open),
                    quiet_until: time(quiet),
                    full_at: time(full),
                },
                normal: time(normal),
                urgent: time(urgent),
            })
        })
        .collect()
}

/// Claims lanes of `target` that are due at `now`, recalls first, for as long as `lease`.
/// `None` when another node is at it.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn claim(
    store: &Store,
    target: TargetId,
    allowance: &dyn Allowance,
    now: Timestamp,
    lease: SignedDuration,
    entropy: &dyn Entropy,
) -> Result<Option<(Target, Vec<Claimed>)>, Error> {
    let now = to_microseconds(now);
    let mut session = store.writer().await?;
    let sql = dialect::take_target(session.engine());
    if fetch_optional!(session, (Uuid,), sql, target.uuid())?.is_none() {
        return Ok(None);
    }
    let Some(row) = targets::target(&mut session, target).await? else { return Ok(None) };
    let busy = busy(&mut session, target, now).await?;
    let permit = allowance.permit(&row, busy, now);
    let mut all = Vec::new();
    let mut claimed = Permit::default();
    for (urgent, wanted) in [(true, permit.urgent), (false, permit.normal)] {
        if wanted == 0 {
            continue;
        }
        let sql = dialect::take_lanes(session.engine());
        let lanes = fetch_all!(
            session,
            (Uuid,),
            sql,
            target.uuid(),
            urgent,
            Moment(now),
            i64::from(wanted),
        )?;
        for (document,) in lanes {
            let lane = (target, document.into());
            if let Some(one) = claim_lane(&mut session, lane, now, lease, entropy).await? {
                all.push(one);
                let count = if urgent { &mut claimed.urgent } else { &mut claimed.normal };
                *count += 1;
            }
        }
    }
    let health = allowance.spent(&row, claimed, now);
    if health != row.health {
        targets::write_health(&mut session, target, &health).await?;
    }
    session.commit().await?;
    Ok(Some((row, all)))
}

async fn busy(session: &mut Session, target: TargetId, now: Timestamp) -> Result<Busy, Error> {
    let mut counts = [0; 2];
    for (urgent, count) in [false, true].into_iter().zip(&mut counts) {
        let row = fetch_optional!(
            session,
            (i64,),
            "SELECT COUNT(*) FROM lane WHERE target_id = $1 AND urgent = $2 AND lease_until > $3",
            target.uuid(),
            urgent,
            Moment(now),
        )?;
        *count = convert::number("lanes", row.map_or(0, |(count,)| count))?;
    }
    Ok(Busy { normal: counts[0], urgent: counts[1] })
}

row! {
    struct Head {
        id: Uuid,
        sequence: i64,
        kind: String,
        edition: Option<i64>,
        absence: Option<String>,
        form: String,
        attempts: i64,
        started_at: Moment,
    }
}

/// Claims one lane, whose row is locked. A head whose body was erased is over: what erased it
/// is owed by an event of its own.
async fn claim_lane(
    session: &mut Session,
    (target, document): (TargetId, DocumentId),
    now: Timestamp,
    lease: SignedDuration,
    entropy: &dyn Entropy,
) -> Result<Option<Claimed>, Error> {
    give_up_lost(session, target, document, now).await?;
    let (head, body) = loop {
        let head = fetch_optional!(
            session,
            Head,
            "SELECT id, sequence, kind, edition, absence, form, attempts, started_at FROM delivery \
             WHERE target_id = $1 AND document_id = $2 AND state = 'pending' ORDER BY sequence LIMIT 1",
            target.uuid(),
            document.uuid(),
        )?;
        let Some(head) = head else {
            release(session, target, document).await?;
            return Ok(None);
        };
        let sequence = to_sequence(head.sequence)?;
        let key = RenderingKey { document, sequence, form: head.form.clone() };
        if let Some(body) = bodies::bytes(session, &key).await? {
            break (head, body);
        }
        execute!(
            session,
            "UPDATE delivery SET state = 'superseded', finished_at = $2 WHERE id = $1",
            head.id,
            Moment(now),
        )?;
    };
    let until = now.saturating_add(lease).unwrap_or(Timestamp::MAX);
    let fence = fetch_optional!(
        session,
        (i64,),
        "UPDATE lane SET fence = fence + 1, lease_until = $3, due_at = $3 \
         WHERE target_id = $1 AND document_id = $2 RETURNING fence",
        target.uuid(),
        document.uuid(),
        Moment(until),
    )?;
    let (fence,) = fence.ok_or_else(|| Error::corrupt("lane", "it is missing"))?;
    let last = fetch_optional!(
        session,
        (i64, Option<String>),
        "SELECT number, class FROM attempt WHERE delivery_id = $1 ORDER BY number DESC LIMIT 1",
        head.id,
    )?;
    let number = last.as_ref().map_or(0, |(number, _)| *number) + 1;
    let attempt: AttemptId = new_uuid(now, entropy).into();
    execute!(
        session,
        "INSERT INTO attempt (id, delivery_id, number, fence, started_at, applied) VALUES ($1, $2, $3, $4, $5, $6)",
        attempt.uuid(),
        head.id,
        number,
        fence,
        Moment(now),
        false,
    )?;
    execute!(session, "UPDATE delivery SET attempts = attempts + 1 WHERE id = $1", head.id)?;
    let owed = match (head.edition, &head.absence) {
        (Some(edition), _) => Owed::Edition(convert::number("delivery.edition", edition)?),
        (None, Some(absence)) => Owed::Absent(word("delivery.absence", absence, Absence::parse)?),
        (None, None) => return Err(Error::corrupt("delivery", "it owes nothing")),
    };
    let last = last.and_then(|(_, class)| class);
    Ok(Some(Claimed {
        target,
        document,
        fence,
        delivery: head.id.into(),
        attempt,
        number: convert::number("attempt.number", number)?,
        step: convert::number("delivery.attempts", head.attempts + 1)?,
        sequence: to_sequence(head.sequence)?,
        kind: word("delivery.kind", &head.kind, EventKind::parse)?,
        owed,
        started_at: head.started_at.0,
        body,
        last: last.map(|class| word("attempt.class", &class, Class::parse)).transpose()?,
    }))
}

/// Attempts of this lane without a result are lost: whoever made them died, or slept through
/// its lease. Bytes may have been sent.
async fn give_up_lost(
    session: &mut Session,
    target: TargetId,
    document: DocumentId,
    now: Timestamp,
) -> Result<(), Error> {
    execute!(
        session,
        "UPDATE attempt SET class = 'unknown', finished_at = $3 WHERE finished_at IS NULL AND delivery_id IN \
         (SELECT id FROM delivery WHERE target_id = $1 AND document_id = $2)",
        target.uuid(),
        document.uuid(),
        Moment(now),
    )?;
    Ok(())
}

/// Ends the lease of a lane whose row the caller holds.
pub(super) async fn release(
    session: &mut Session,
    target: TargetId,
    document: DocumentId,
) -> Result<(), Error> {
    execute!(
        session,
        "UPDATE lane SET lease_until = NULL WHERE target_id = $1 AND document_id = $2",
        target.uuid(),
        document.uuid(),
    )?;
    lanes::refresh(session, target, document).await
}
