//! Where things stand: what each target holds of a document, and how each target does. Facts
//! for those who operate deliveries; `editorial` asks who they are.

use jiff::{SignedDuration, Timestamp};
use schema::{
    delivery::{Absence, Class, DeliveryState, TargetState},
    ids::{DocumentId, TargetId},
    visibility::EventKind,
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    holds::{self, HeldBack, NEVER},
    to_sequence, word,
};
use crate::{Error, Session, convert, moment::Moment};

/// A recall that was not acknowledged for so long is an alarm.
pub const RECALL_ALARM: SignedDuration = SignedDuration::from_mins(5);

/// What one target holds of a document, and what is owed to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The target's name.
    pub target: String,
    /// Whether it is served.
    pub state: TargetState,
    /// What it acknowledged last.
    pub holds: Option<Holding>,
    /// What is owed to it, or was owed last.
    pub delivery: Option<DeliveryStatus>,
    /// How many deliveries wait in this lane.
    pub waiting: u32,
}

/// What a target acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    /// The edition; `None` when it holds nothing any more.
    pub edition: Option<u32>,
    /// The event.
    pub sequence: u64,
    /// When that happened.
    pub event_at: Timestamp,
    /// When the target said that it has it.
    pub at: Timestamp,
}

impl Holding {
    /// From the event to the receipt. Clocks of two nodes may differ: never less than nothing.
    pub fn took(&self) -> SignedDuration {
        self.at.duration_since(self.event_at).max(SignedDuration::ZERO)
    }
}

/// One delivery, and the last try at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryStatus {
    /// The event.
    pub sequence: u64,
    /// When that happened.
    pub event_at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// The edition that is owed.
    pub edition: Option<u32>,
    /// Or why nothing may be held.
    pub absence: Option<Absence>,
    /// What became of it.
    pub state: DeliveryState,
    /// Why it waits for a person.
    pub reason: Option<String>,
    /// Tries, over all replays.
    pub tries: u32,
    /// When it was owed.
    pub owed_at: Timestamp,
    /// When it is tried next.
    pub next_try: Option<Timestamp>,
    /// How a publication plan holds it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_back: Option<HeldBack>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
    /// The last try.
    pub last: Option<AttemptStatus>,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptStatus {
    /// Which one, from 1.
    pub number: u32,
    /// When it began.
    pub at: Timestamp,
    /// What came of it; `None` while the call is under way.
    pub class: Option<Class>,
    /// HTTP status.
    pub status: Option<u16>,
    /// The beginning of the answer.
    pub answer: Option<String>,
    /// How long it took.
    pub milliseconds: Option<u64>,
    /// Whether the result moved the delivery.
    pub applied: bool,
}

/// How a target does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Documents it holds.
    pub held: u64,
    /// Deliveries that wait.
    pub pending: u64,
    /// Deliveries that wait for a person.
    pub parked: u64,
    /// Deliveries it refused.
    pub refused: u64,
    /// Recalls that nobody acknowledged in time, whatever their state: an alarm.
    pub overdue_recalls: u64,
}

row! {
    struct Row {
        id: Uuid,
        sequence: i64,
        event_at: Moment,
        kind: String,
        edition: Option<i64>,
        absence: Option<String>,
        state: String,
        reason: Option<String>,
        created_at: Moment,
        due_at: Moment,
        finished_at: Option<Moment>,
    }
}

row! {
    struct AttemptRow {
        number: i64,
        started_at: Moment,
        class: Option<String>,
        status: Option<i64>,
        answer: Option<String>,
        milliseconds: Option<i64>,
        applied: bool,
    }
}

/// How it stands with `document` at every target that was ever owed it, by the target's key.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_document(
    session: &mut Session,
    document: DocumentId,
) -> Result<Vec<Standing>, Error> {
    type Lane = (
        Uuid,
        String,
        String,
        Option<String>,
        Option<i64>,
        Option<i64>,
        Option<Moment>,
        Option<Moment>,
    );
    let lanes = fetch_all!(
        session,
        Lane,
        "SELECT t.id, t.key, t.state, l.held, l.held_edition, l.held_sequence, l.held_at, \
         (SELECT p.at FROM publication_log p WHERE p.sequence = l.held_sequence) FROM lane l \
         JOIN target t ON t.id = l.target_id WHERE l.document_id = $1",
        document.uuid(),
    )?;
    let mut standings = Vec::with_capacity(lanes.len());
    for (target, key, state, held, edition, sequence, at, event_at) in lanes {
        let all = of_lane(session, target.into(), document).await?;
        let waits = |one: &&DeliveryStatus| {
            use DeliveryState::{Parked, Pending, Refused};
            matches!(one.state, Pending | Parked | Refused)
        };
        let holds = match (held, sequence, at, event_at) {
            (Some(_), Some(sequence), Some(Moment(at)), Some(Moment(event_at))) => Some(Holding {
                edition: edition
                    .map(|number| convert::number("lane.held_edition", number))
                    .transpose()?,
                sequence: to_sequence(sequence)?,
                event_at,
                at,
            }),
            _ => None,
        };
        standings.push(Standing {
            target: key,
            state: word("target.state", &state, TargetState::parse)?,
            holds,
            waiting: u32::try_from(all.iter().filter(waits).count()).unwrap_or(u32::MAX),
            delivery: all.iter().find(waits).or(all.last()).cloned(),
        });
    }
    standings.sort_by(|one, other| one.target.cmp(&other.target));
    Ok(standings)
}

/// Every delivery of one lane, in the order of the log.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_lane(
    session: &mut Session,
    target: TargetId,
    document: DocumentId,
) -> Result<Vec<DeliveryStatus>, Error> {
    let rows = fetch_all!(
        session,
        Row,
        "SELECT d.id, d.sequence, p.at AS event_at, d.kind, d.edition, d.absence, d.state, d.reason, d.created_at, \
         d.due_at, d.finished_at FROM delivery d JOIN publication_log p ON p.sequence = d.sequence \
         WHERE d.target_id = $1 AND d.document_id = $2 ORDER BY d.sequence",
        target.uuid(),
        document.uuid(),
    )?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let attempts = attempts(session, row.id).await?;
        let held_back = holds::of_delivery(session, row.id, row.due_at.0).await?;
        all.push(row.into_status(&attempts, held_back)?);
    }
    Ok(all)
}

/// Every try at one delivery of a lane, in order.
///
/// # Errors
/// [`Error::Database`].
pub async fn tries(
    session: &mut Session,
    target: TargetId,
    document: DocumentId,
    sequence: u64,
) -> Result<Vec<AttemptStatus>, Error> {
    let row = fetch_optional!(
        session,
        (Uuid,),
        "SELECT id FROM delivery WHERE target_id = $1 AND document_id = $2 AND sequence = $3",
        target.uuid(),
        document.uuid(),
        super::to_number(sequence)?,
    )?;
    match row {
        Some((delivery,)) => attempts(session, delivery).await,
        None => Ok(Vec::new()),
    }
}

/// What waits for a person at `target`: parked and refused, the oldest first, at most `limit`.
///
/// # Errors
/// [`Error::Database`].
pub async fn stuck(
    session: &mut Session,
    target: TargetId,
    limit: u32,
) -> Result<Vec<(DocumentId, DeliveryStatus)>, Error> {
    let lanes = fetch_all!(
        session,
        (Uuid, i64),
        "SELECT document_id, sequence FROM delivery WHERE target_id = $1 AND state IN ('parked', 'refused') \
         ORDER BY sequence, document_id LIMIT $2",
        target.uuid(),
        i64::from(limit),
    )?;
    let mut stuck = Vec::with_capacity(lanes.len());
    for (document, sequence) in lanes {
        let sequence = to_sequence(sequence)?;
        let all = of_lane(session, target, document.into()).await?;
        stuck.extend(
            all.into_iter().find(|one| one.sequence == sequence).map(|one| (document.into(), one)),
        );
    }
    Ok(stuck)
}

/// How `target` does at `now`.
///
/// # Errors
/// [`Error::Database`].
pub async fn counts(
    session: &mut Session,
    target: TargetId,
    now: Timestamp,
) -> Result<Counts, Error> {
    let rows = fetch_all!(
        session,
        (String, i64),
        "SELECT state, COUNT(*) FROM delivery WHERE target_id = $1 AND state IN ('pending', 'parked', 'refused') \
         GROUP BY state",
        target.uuid(),
    )?;
    let count = |wanted: DeliveryState| {
        let found = rows.iter().find(|(state, _)| state == wanted.as_str());
        found.map_or(0, |(_, count)| count.unsigned_abs())
    };
    let held = fetch_optional!(
        session,
        (i64,),
        "SELECT COUNT(*) FROM lane WHERE target_id = $1 AND held = 'edition'",
        target.uuid(),
    )?;
    let overdue = fetch_optional!(
        session,
        (i64,),
        "SELECT COUNT(*) FROM delivery WHERE target_id = $1 AND state IN ('pending', 'parked', 'refused') \
         AND absence = 'recalled' AND created_at < $2",
        target.uuid(),
        Moment(now.saturating_sub(RECALL_ALARM).unwrap_or(Timestamp::MIN)),
    )?;
    let number = |row: Option<(i64,)>| row.map_or(0, |(count,)| count.unsigned_abs());
    Ok(Counts {
        held: number(held),
        pending: count(DeliveryState::Pending),
        parked: count(DeliveryState::Parked),
        refused: count(DeliveryState::Refused),
        overdue_recalls: number(overdue),
    })
}

async fn attempts(session: &mut Session, delivery: Uuid) -> Result<Vec<AttemptStatus>, Error> {
    fetch_all!(
        session,
        AttemptRow,
        "SELECT number, started_at, class, status, answer, milliseconds, applied FROM attempt \
         WHERE delivery_id = $1 ORDER BY number",
        delivery,
    )?
    .into_iter()
    .map(AttemptRow::into_status)
    .collect()
}

impl Row {
    fn into_status(
        self,
        attempts: &[AttemptStatus],
        held_back: Option<HeldBack>,
    ) -> Result<DeliveryStatus, Error> {
        let state = word("delivery.state", &self.state, DeliveryState::parse)?;
        Ok(DeliveryStatus {
            sequence: to_sequence(self.sequence)?,
            event_at: self.event_at.0,
            kind: word("delivery.kind", &self.kind, EventKind::parse)?,
            edition: self
                .edition
                .map(|number| convert::number("delivery.edition", number))
                .transpose()?,
            absence: self
                .absence
                .map(|absence| word("delivery.absence", &absence, Absence::parse))
                .transpose()?,
            state,
            reason: self.reason,
            tries: attempts.last().map_or(0, |last| last.number),
            owed_at: self.created_at.0,
            next_try: Some(self.due_at.0)
                .filter(|due| state == DeliveryState::Pending && *due < NEVER),
            held_back,
            finished_at: self.finished_at.map(|Moment(at)| at),
            last: attempts.last().cloned(),
        })
    }
}

impl AttemptRow {
    fn into_status(self) -> Result<AttemptStatus, Error> {
        Ok(AttemptStatus {
            number: convert::number("attempt.number", self.number)?,
            at: self.started_at.0,
            class: self
                .class
                .map(|class| word("attempt.class", &class, Class::parse))
                .transpose()?,
            status: self
                .status
                .map(u16::try_from)
                .transpose()
                .map_err(|error| Error::corrupt("attempt.status", error))?,
            answer: self.answer,
            milliseconds: self.milliseconds.map(i64::unsigned_abs),
            applied: self.applied,
        })
    }
}
