//! The audit: who did what to what, one row for each change, written with the change.

use jiff::Timestamp;
use schema::{
    ids::ActorId,
    parameters::{Entropy, new_uuid},
    permission::Touched,
    viewer::Viewer,
};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, moment::Moment};

/// One row of the audit.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its id; later rows have greater ones.
    pub id: Uuid,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub actor: ActorId,
    /// What people call them: account and token.
    pub actor_name: String,
    /// What was done, `document.publish`.
    pub action: String,
    /// What came with it.
    pub details: Value,
}

/// At most `limit` rows about `subject` that are older than row `before`, the newest first;
/// none for a `viewer` who may not read the past of what is `touched`.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_subject(
    session: &mut Session,
    viewer: &Viewer,
    touched: &Touched,
    subject: &str,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Record>, Error> {
    if !viewer.sees_past(touched) {
        return Ok(Vec::new());
    }
    rows(session, subject, before, limit).await
}

/// As [`of_subject`], about something that holds no texts, like a target: also those who
/// arrange or operate it may know.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_workings(
    session: &mut Session,
    viewer: &Viewer,
    touched: &Touched,
    subject: &str,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Record>, Error> {
    if !viewer.sees_workings(touched) {
        return Ok(Vec::new());
    }
    rows(session, subject, before, limit).await
}

async fn rows(
    session: &mut Session,
    subject: &str,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Record>, Error> {
    let rows = fetch_all!(
        session,
        Row,
        "SELECT id, at, actor_id, actor, action, details FROM audit \
         WHERE subject = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        subject,
        before.unwrap_or(Uuid::max()),
        i64::from(limit),
    )?;
    let record = |(id, Moment(at), actor, actor_name, action, Json(details)): Row| Record {
        id,
        at,
        actor: actor.into(),
        actor_name,
        action,
        details,
    };
    Ok(rows.into_iter().map(record).collect())
}

type Row = (Uuid, Moment, Uuid, String, String, Json<Value>);

/// Notes that the actor of `work` did `action` (`document.publish`) to `subject`
/// (`document:<id>`, `column:<site>/<path>`). `details` must not hold texts: the audit
/// outlives an erasure.
///
/// # Errors
/// [`Error::Database`].
pub async fn record(
    work: &mut UnitOfWork,
    action: &str,
    subject: &str,
    details: &Value,
) -> Result<(), Error> {
    let id: Uuid = work.new_id();
    let (at, actor) = (work.now(), work.actor().clone());
    let who = (actor.id, actor.name.as_str());
    insert(work.session(), (id, at), who, action, subject, details).await
}

/// The delivery engine, where it does by itself what a person could do: stop a target, or
/// leave it alone for a while.
pub const DELIVERY_ENGINE: (Uuid, &str) =
    (Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002), "delivery engine");

/// As [`record`], by the [`DELIVERY_ENGINE`] in a transaction of its own.
pub(crate) async fn record_by_engine(
    session: &mut Session,
    (now, entropy): (Timestamp, &dyn Entropy),
    action: &str,
    subject: &str,
    details: &Value,
) -> Result<(), Error> {
    let (engine, name) = DELIVERY_ENGINE;
    let row = (new_uuid(now, entropy), now);
    insert(session, row, (engine.into(), name), action, subject, details).await
}

async fn insert(
    session: &mut Session,
    (id, at): (Uuid, Timestamp),
    (actor, name): (ActorId, &str),
    action: &str,
    subject: &str,
    details: &Value,
) -> Result<(), Error> {
    execute!(
        session,
        "INSERT INTO audit (id, at, actor_id, actor, action, subject, details) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        Moment(at),
        actor.uuid(),
        name,
        action,
        subject,
        Json(details),
    )?;
    Ok(())
}
