//! Replays: what was parked or refused is tried again, because a person said so.

use schema::ids::{DocumentId, TargetId};
use serde::Serialize;
use uuid::Uuid;

use super::lanes;
use crate::{Error, UnitOfWork, moment::Moment};

/// What a replay came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Deliveries that are due again.
    pub due: u64,
    /// Deliveries that are not, because the target holds something newer.
    pub overtaken: u64,
}

/// Makes what was parked or refused of `target` due again, all of it or that of one document.
/// What is older than what the target holds stays behind: nothing ever goes backwards in a
/// lane.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn replay(
    work: &mut UnitOfWork,
    target: TargetId,
    document: Option<DocumentId>,
) -> Result<Replayed, Error> {
    let now = Moment(work.now());
    let only = document.map(DocumentId::uuid);
    let session = work.session();
    // The lanes first: results of calls under way wait until this is done.
    let sql = dialect!(session,
        sqlite: "SELECT DISTINCT d.document_id FROM delivery d WHERE d.target_id = $1 \
                 AND d.state IN ('parked', 'refused') AND ($2 IS NULL OR d.document_id = $2)",
        postgres: "SELECT l.document_id FROM lane l WHERE l.target_id = $1 \
                   AND ($2::UUID IS NULL OR l.document_id = $2) AND EXISTS (SELECT 1 FROM delivery d \
                   WHERE d.target_id = l.target_id AND d.document_id = l.document_id \
                   AND d.state IN ('parked', 'refused')) ORDER BY l.document_id FOR NO KEY UPDATE",
    );
    let lanes = fetch_all!(session, (Uuid,), sql, target.uuid(), only)?;
    let mut replayed = Replayed::default();
    for (document,) in lanes {
        replayed.overtaken += execute!(
            session,
            "UPDATE delivery SET state = 'superseded' WHERE target_id = $1 AND document_id = $2 \
             AND state IN ('parked', 'refused') AND sequence < (SELECT COALESCE(l.held_sequence, 0) FROM lane l \
             WHERE l.target_id = $1 AND l.document_id = $2)",
            target.uuid(),
            document,
        )?;
        replayed.due += execute!(
            session,
            "UPDATE delivery SET state = 'pending', reason = NULL, attempts = 0, started_at = $3, due_at = $3, \
             finished_at = NULL WHERE target_id = $1 AND document_id = $2 AND state IN ('parked', 'refused')",
            target.uuid(),
            document,
            now,
        )?;
        lanes::refresh(session, target, document.into()).await?;
    }
    Ok(replayed)
}
