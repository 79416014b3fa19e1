//! Documents whose entries are still to be written: after an upgrade, a restore, or a change of
//! what is searched.

use schema::ids::DocumentId;
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork};

/// Lets every live document wait: what a restored hub starts with.
pub(crate) const ALL_WAIT: &str = "INSERT INTO search_pending (document_id) SELECT id FROM document WHERE visibility = 'live' \
     ON CONFLICT DO NOTHING";

/// Whether every live document has its entry, so that searches find everything.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_complete(session: &mut Session) -> Result<bool, Error> {
    let waiting =
        fetch_optional!(session, (Uuid,), "SELECT document_id FROM search_pending LIMIT 1")?;
    Ok(waiting.is_none())
}

/// Lets the live documents of a type wait: other fields of them are searched from now on.
///
/// # Errors
/// [`Error::Database`].
pub async fn wait_for(work: &mut UnitOfWork, of_type: &str) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO search_pending (document_id) SELECT id FROM document \
         WHERE visibility = 'live' AND type = $1 ON CONFLICT DO NOTHING",
        of_type,
    )?;
    Ok(())
}

/// Up to `limit` documents that wait.
///
/// # Errors
/// [`Error::Database`].
pub async fn page(work: &mut UnitOfWork, limit: u32) -> Result<Vec<DocumentId>, Error> {
    Ok(fetch_all!(
        work.session(),
        (Uuid,),
        "SELECT document_id FROM search_pending ORDER BY document_id LIMIT $1",
        i64::from(limit),
    )?
    .into_iter()
    .map(|(id,)| id.into())
    .collect())
}

/// A document waits no longer.
pub(crate) async fn done(work: &mut UnitOfWork, document: DocumentId) -> Result<(), Error> {
    execute!(work.session(), "DELETE FROM search_pending WHERE document_id = $1", document.uuid(),)?;
    Ok(())
}
