//! Bodies sent: one per event and form, stored once by digest, shared by all targets, kept
//! until no delivery needs them.

use jiff::{SignedDuration, Timestamp};
use schema::{digest::Digest, ids::DocumentId};
use uuid::Uuid;

use super::to_number;
use crate::{Error, Session, Store, UnitOfWork, convert, moment::Moment};

/// What is sent for one event in one form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RenderingKey {
    /// The document.
    pub document: DocumentId,
    /// The event.
    pub sequence: u64,
    /// The channel's name for how it is written: `webhook/facts/lanqiao`.
    pub form: String,
}

/// How long a body that nobody needs is kept: a target that lags behind a little finds it.
const GRACE: SignedDuration = SignedDuration::from_mins(10);

/// Whether the rendering is there; notes that it is in use, so that it is not dropped while
/// the caller's transaction lasts.
pub(super) async fn touch(
    session: &mut Session,
    key: &RenderingKey,
    now: Timestamp,
) -> Result<bool, Error> {
    let touched = execute!(
        session,
        "UPDATE rendering SET used_at = $4 WHERE document_id = $1 AND sequence = $2 AND form = $3",
        key.document.uuid(),
        to_number(key.sequence)?,
        key.form.as_str(),
        Moment(now),
    )?;
    Ok(touched > 0)
}

/// Stores a rendering, unless another transaction did first.
pub(super) async fn insert(
    session: &mut Session,
    key: &RenderingKey,
    bytes: &[u8],
    of_edition: bool,
    now: Timestamp,
) -> Result<(), Error> {
    let digest = Digest::of(bytes);
    execute!(
        session,
        "INSERT INTO body (digest, bytes) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
        convert::bytes(&digest),
        bytes,
    )?;
    execute!(
        session,
        "INSERT INTO rendering (document_id, sequence, form, digest, of_edition, used_at) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (document_id, sequence, form) DO UPDATE SET used_at = excluded.used_at",
        key.document.uuid(),
        to_number(key.sequence)?,
        key.form.as_str(),
        convert::bytes(&digest),
        of_edition,
        Moment(now),
    )?;
    Ok(())
}

/// The bytes of a rendering; `None` when they were erased.
pub(super) async fn bytes(
    session: &mut Session,
    key: &RenderingKey,
) -> Result<Option<Vec<u8>>, Error> {
    let row = fetch_optional!(
        session,
        (Vec<u8>, Vec<u8>),
        "SELECT b.digest, b.bytes FROM rendering r JOIN body b ON b.digest = r.digest \
         WHERE r.document_id = $1 AND r.sequence = $2 AND r.form = $3",
        key.document.uuid(),
        to_number(key.sequence)?,
        key.form.as_str(),
    )?;
    let Some((digest, bytes)) = row else { return Ok(None) };
    if Digest::of(&bytes) != convert::digest("body.digest", &digest)? {
        return Err(Error::corrupt("body", "it does not have its digest"));
    }
    Ok(Some(bytes))
}

/// Drops what no delivery needs any more; gives how many renderings. Safe beside everything
/// else, and beside itself on another node.
///
/// # Errors
/// [`Error::Database`].
pub async fn drop_unneeded(store: &Store, now: Timestamp) -> Result<u64, Error> {
    let before = now.saturating_sub(GRACE).unwrap_or(Timestamp::MIN);
    let mut session = store.writer().await?;
    let dropped = execute!(
        session,
        "DELETE FROM rendering WHERE used_at < $1 AND NOT EXISTS (SELECT 1 FROM delivery d \
         WHERE d.document_id = rendering.document_id AND d.sequence = rendering.sequence \
         AND d.form = rendering.form AND d.state IN ('pending', 'parked', 'refused'))",
        Moment(before),
    )?;
    if dropped > 0 {
        drop_bodies(&mut session).await?;
    }
    session.commit().await?;
    Ok(dropped)
}

/// Erases what was to be sent of the editions of `document`, and what targets answered, for an
/// answer may repeat a text. What tells of its absence stays: that is still owed.
pub(crate) async fn erase(work: &mut UnitOfWork, document: DocumentId) -> Result<(), Error> {
    let document: Uuid = document.uuid();
    execute!(
        work.session(),
        "DELETE FROM rendering WHERE document_id = $1 AND of_edition",
        document,
    )?;
    drop_bodies(work.session()).await?;
    execute!(
        work.session(),
        "UPDATE attempt SET answer = NULL WHERE delivery_id IN (SELECT id FROM delivery WHERE document_id = $1)",
        document,
    )?;
    Ok(())
}

async fn drop_bodies(session: &mut Session) -> Result<(), Error> {
    execute!(
        session,
        "DELETE FROM body WHERE NOT EXISTS (SELECT 1 FROM rendering r WHERE r.digest = body.digest)",
    )?;
    Ok(())
}
