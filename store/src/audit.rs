//! The audit: who did what to what, one row for each change, written with the change.

use serde_json::Value;
use sqlx::types::Json;

use crate::{Error, UnitOfWork, moment::Moment};

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
