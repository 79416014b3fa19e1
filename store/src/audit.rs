//! The audit: who did what to what, one row for each change, written with the change.

use jiff::Timestamp;
use schema::{ids::ActorId, permission::Touched, viewer::Viewer};
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
    let id: uuid::Uuid = work.new_id();
    let (at, actor) = (Moment(work.now()), work.actor().clone());
    execute!(
        work.session(),
        "INSERT INTO audit (id, at, actor_id, actor, action, subject, details) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        at,
        actor.id.uuid(),
        actor.name.as_str(),
        action,
        subject,
        Json(details),
    )?;
    Ok(())
}
