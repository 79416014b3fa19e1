//! Embargoes: before which moment nobody publishes a draft of a document.
//!
//! An embargo belongs to the document, not to its text: it outlasts every edit, and lifting it
//! changes nothing that anybody signed.

use jiff::Timestamp;
use schema::ids::{ActorId, DocumentId};
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, moment::Moment};

/// An embargo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embargo {
    /// The first moment at which the draft may be published.
    pub not_before: Timestamp,
    /// Why.
    pub reason: String,
    /// When it was set.
    pub set_at: Timestamp,
    /// By whom.
    pub set_by: ActorId,
}

/// The embargo of a document, over or not.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_document(
    session: &mut Session,
    document: DocumentId,
) -> Result<Option<Embargo>, Error> {
    let found = fetch_optional!(
        session,
        (Moment, String, Moment, Uuid),
        "SELECT not_before, reason, set_at, set_by FROM embargo WHERE document_id = $1",
        document.uuid(),
    )?;
    Ok(found.map(|(not_before, reason, set_at, set_by)| Embargo {
        not_before: not_before.0,
        reason,
        set_at: set_at.0,
        set_by: set_by.into(),
    }))
}

/// Sets the embargo of a document, in the place of the one there was.
///
/// # Errors
/// [`Error::Database`].
pub async fn set(
    work: &mut UnitOfWork,
    document: DocumentId,
    not_before: Timestamp,
    reason: &str,
) -> Result<(), Error> {
    let (now, actor) = (Moment(work.now()), work.actor().id);
    execute!(
        work.session(),
        "INSERT INTO embargo (document_id, not_before, reason, set_at, set_by) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (document_id) DO UPDATE SET not_before = excluded.not_before, \
             reason = excluded.reason, set_at = excluded.set_at, set_by = excluded.set_by",
        document.uuid(),
        Moment(not_before),
        reason,
        now,
        actor.uuid(),
    )?;
    Ok(())
}

/// Ends the embargo of a document; `false` where there was none.
///
/// # Errors
/// [`Error::Database`].
pub async fn lift(work: &mut UnitOfWork, document: DocumentId) -> Result<bool, Error> {
    let sql = "DELETE FROM embargo WHERE document_id = $1";
    Ok(execute!(work.session(), sql, document.uuid())? > 0)
}
