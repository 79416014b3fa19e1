//! The journal: the result of every attempt, and what it moves.
//!
//! A result whose fence is not the lane's any more is recorded, for it is what happened, and
//! moves nothing.

use jiff::Timestamp;
use schema::{
    delivery::{Class, TargetState},
    ids::{AttemptId, DeliveryId, DocumentId, TargetId},
    parameters::{Entropy, to_microseconds},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    claims::{Claimed, release},
    targets::{self, Health, Target},
};
use crate::{Error, Session, Store, audit, dialect, moment::Moment};

/// Bytes of an answer that are kept, at the most.
const ANSWER: usize = 500;

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Report {
    /// The target.
    pub target: TargetId,
    /// The document.
    pub document: DocumentId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The attempt.
    pub attempt: AttemptId,
    /// The fence it was claimed with.
    pub fence: i64,
    /// What came of it.
    pub class: Class,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The beginning of the answer, or what went wrong.
    pub answer: Option<String>,
    /// How long it took.
    pub milliseconds: u64,
    /// What becomes of the delivery.
    pub verdict: Verdict,
    /// What becomes of the target.
    pub stop: Option<(TargetState, &'static str)>,
}

/// What becomes of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The target has it.
    Done,
    /// It is tried again then.
    Retry(Timestamp),
    /// It waits for a person; why.
    Park(&'static str),
    /// The target will not take it; why.
    Refuse(&'static str),
}

impl Report {
    /// A report of `claimed`.
    pub fn of(claimed: &Claimed, class: Class, verdict: Verdict) -> Self {
        Self {
            target: claimed.target,
            document: claimed.document,
            delivery: claimed.delivery,
            attempt: claimed.attempt,
            fence: claimed.fence,
            class,
            status: None,
            answer: None,
            milliseconds: 0,
            verdict,
            stop: None,
        }
    }
}

/// Records `report` and applies it where its fence still holds; gives whether it did.
/// `health` makes of the target's health what it is after this, `None` where it cannot change.
/// A target that is stopped, left alone or served again by this gets a row in the audit.
/// It may be called again when it is not known whether it came through: it counts once.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`] when it may be done again.
pub async fn record(
    store: &Store,
    report: &Report,
    (now, entropy): (Timestamp, &dyn Entropy),
    health: Option<&(dyn Fn(&Health) -> Health + Send + Sync)>,
) -> Result<bool, Error> {
    let now = to_microseconds(now);
    let mut session = store.writer().await?;
    let touches_target = health.is_some() || report.stop.is_some();
    let known = if touches_target {
        let sql = dialect!(session,
            sqlite: "SELECT id FROM target WHERE id = $1",
            postgres: "SELECT id FROM target WHERE id = $1 FOR NO KEY UPDATE",
        );
        fetch_optional!(session, (Uuid,), sql, report.target.uuid())?;
        targets::target(&mut session, report.target).await?
    } else {
        None
    };
    let sql = dialect::lock_lane(session.engine());
    let lane =
        fetch_optional!(session, (i64, i64), sql, report.target.uuid(), report.document.uuid(),)?;
    let applied = lane.is_some_and(|(fence, _)| fence == report.fence);
    let is_new = write_result(&mut session, report, now, applied).await?;
    if applied && is_new {
        apply(&mut session, report, now).await?;
        if let Some(known) = known {
            let by = (now, entropy);
            judge(&mut session, report, &known, by, health).await?;
        }
    }
    session.commit().await?;
    Ok(applied)
}

/// Gives whether it was not written and applied before. The answer is kept only while what was
/// sent is: after an erasure it might repeat the text.
async fn write_result(
    session: &mut Session,
    report: &Report,
    now: Timestamp,
    applied: bool,
) -> Result<bool, Error> {
    let answer = report.answer.as_deref().map(|answer| {
        let end = answer.floor_char_boundary(ANSWER.min(answer.len()));
        // PostgreSQL keeps no NUL in a text.
        answer[..end].replace('\0', "\u{fffd}")
    });
    let written = execute!(
        session,
        "UPDATE attempt SET finished_at = $2, class = $3, status = $4, milliseconds = $5, applied = $6, \
         answer = CASE WHEN EXISTS (SELECT 1 FROM delivery d JOIN rendering r ON r.document_id = d.document_id \
         AND r.sequence = d.sequence AND r.form = d.form WHERE d.id = attempt.delivery_id) \
         THEN CAST($7 AS TEXT) ELSE NULL END WHERE id = $1 AND applied = $8",
        report.attempt.uuid(),
        Moment(now),
        report.class.as_str(),
        report.status.map(i64::from),
        i64::try_from(report.milliseconds).unwrap_or(i64::MAX),
        applied,
        answer,
        false,
    )?;
    Ok(written > 0)
}

/// What becomes of the target, with a trace in the audit of what people want to know of.
async fn judge(
    session: &mut Session,
    report: &Report,
    known: &Target,
    by: (Timestamp, &dyn Entropy),
    health: Option<&(dyn Fn(&Health) -> Health + Send + Sync)>,
) -> Result<(), Error> {
    let subject = targets::subject(&known.key);
    let answer = || json!({ "class": report.class, "status": report.status });
    if let Some(health) = health {
        let after = health(&known.health);
        if after != known.health {
            targets::write_health(session, report.target, &after).await?;
        }
        // Breaks that follow each other are one: the audit tells when it began and ended.
        let told = match (known.health.open_until, after.open_until) {
            (None, Some(until)) => {
                let mut details = answer();
                details["failures"] = json!(after.failures);
                details["until"] = json!(until);
                Some(("target.leave_alone", details))
            }
            (Some(_), None) => Some(("target.answers_again", answer())),
            _ => None,
        };
        if let Some((action, details)) = told {
            audit::record_by_engine(session, by, action, &subject, &details).await?;
        }
    }
    if let Some((state, reason)) = report.stop
        && targets::stop(session, report.target, state, reason).await?
    {
        let action = match state {
            TargetState::Disabled => "target.disable",
            TargetState::Paused | TargetState::Enabled => "target.pause",
        };
        let mut details = answer();
        details["reason"] = json!(reason);
        audit::record_by_engine(session, by, action, &subject, &details).await?;
    }
    Ok(())
}

async fn apply(session: &mut Session, report: &Report, now: Timestamp) -> Result<(), Error> {
    let delivery = report.delivery.uuid();
    match &report.verdict {
        Verdict::Done => done(session, report, now).await?,
        // One that was superseded while its call was under way stays so.
        Verdict::Retry(due) => {
            execute!(
                session,
                "UPDATE delivery SET due_at = $2 WHERE id = $1 AND state = 'pending'",
                delivery,
                Moment(*due),
            )?;
        }
        Verdict::Park(reason) => {
            execute!(
                session,
                "UPDATE delivery SET state = 'parked', reason = $2, finished_at = $3 \
                 WHERE id = $1 AND state = 'pending'",
                delivery,
                *reason,
                Moment(now),
            )?;
        }
        Verdict::Refuse(reason) => {
            execute!(
                session,
                "UPDATE delivery SET state = 'refused', reason = $2, finished_at = $3 \
                 WHERE id = $1 AND state = 'pending'",
                delivery,
                *reason,
                Moment(now),
            )?;
        }
    }
    release(session, report.target, report.document).await
}

/// The receipt: what the target holds from now on. Also of one that was superseded while its
/// call was under way, for that is what it holds.
async fn done(session: &mut Session, report: &Report, now: Timestamp) -> Result<(), Error> {
    execute!(
        session,
        "UPDATE delivery SET state = 'done', reason = NULL, finished_at = $2 WHERE id = $1",
        report.delivery.uuid(),
        Moment(now),
    )?;
    execute!(
        session,
        "UPDATE lane SET held = (SELECT CASE WHEN d.edition IS NULL THEN 'absent' ELSE 'edition' END \
         FROM delivery d WHERE d.id = $3), held_edition = (SELECT d.edition FROM delivery d WHERE d.id = $3), \
         held_sequence = (SELECT d.sequence FROM delivery d WHERE d.id = $3), held_at = $4 \
         WHERE target_id = $1 AND document_id = $2 AND (held_sequence IS NULL OR held_sequence < \
         (SELECT d.sequence FROM delivery d WHERE d.id = $3))",
        report.target.uuid(),
        report.document.uuid(),
        report.delivery.uuid(),
        Moment(now),
    )?;
    Ok(())
}
