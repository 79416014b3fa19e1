//! What is published for a version of a client: the texts that it asks for, each under the
//! identifier its tools gave it. A text that some client publishes is trusted.

use jiff::Timestamp;
use schema::{client::ClientVersion, digest::Digest, ids::ActorId};
use uuid::Uuid;

use super::{Document, insert};
use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// One operation of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// By what it is asked for.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its text.
    pub document: Document,
}

/// A version of a client, as it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Which.
    pub client: ClientVersion,
    /// How many operations it has.
    pub operations: u64,
    /// What the most costly of them costs.
    pub greatest_cost: u64,
    /// When it was published.
    pub at: Timestamp,
    /// By whom.
    pub by: ActorId,
}

/// Everything that is published, by name and version.
///
/// # Errors
/// [`Error::Database`].
pub async fn all(session: &mut Session) -> Result<Vec<Published>, Error> {
    let rows = fetch_all!(
        session,
        (String, String, i64, i64, Moment, Uuid),
        "SELECT v.client, v.version, COUNT(o.id), COALESCE(MAX(d.cost), 0), v.published_at, v.published_by \
         FROM client_version v \
         LEFT JOIN client_operation o ON o.client = v.client AND o.version = v.version \
         LEFT JOIN operation_id i ON i.id = o.id \
         LEFT JOIN persisted_document d ON d.digest = i.digest \
         GROUP BY v.client, v.version, v.published_at, v.published_by ORDER BY v.client, v.version",
    )?;
    let published = |(client, version, operations, cost, Moment(at), by): (
        String,
        String,
        i64,
        i64,
        Moment,
        Uuid,
    )| {
        Ok(Published {
            client: convert::text("version of a client", &format!("{client}@{version}"))?,
            operations: u64::try_from(operations).unwrap_or(0),
            greatest_cost: u64::try_from(cost).unwrap_or(0),
            at,
            by: by.into(),
        })
    };
    rows.into_iter().map(published).collect()
}

/// The digest of the text that `id` stands for.
///
/// # Errors
/// [`Error::Database`].
pub async fn digest_of(session: &mut Session, id: &str) -> Result<Option<Digest>, Error> {
    let found =
        fetch_optional!(session, (Vec<u8>,), "SELECT digest FROM operation_id WHERE id = $1", id,)?;
    found.map(|(digest,)| convert::digest("digest of an operation", &digest)).transpose()
}

/// Publishes `operations` for `client`, in place of what was published for this version of it
/// before. No identifier may stand for another text elsewhere, see [`digest_of`].
///
/// # Errors
/// [`Error::Database`].
pub async fn publish(
    work: &mut UnitOfWork,
    client: &ClientVersion,
    operations: &[Operation],
) -> Result<(), Error> {
    let (now, by) = (work.now(), work.actor().id.uuid());
    let session = work.session();
    execute!(
        session,
        "INSERT INTO client_version (client, version, published_at, published_by) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (client, version) DO UPDATE \
         SET published_at = excluded.published_at, published_by = excluded.published_by",
        client.client(),
        client.version(),
        Moment(now),
        by,
    )?;
    take_operations(session, client).await?;
    for Operation { id, name, document } in operations {
        insert(session, document, now).await?;
        execute!(
            session,
            "INSERT INTO operation_id (id, digest) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
            id.as_str(),
            convert::bytes(&document.digest),
        )?;
        execute!(
            session,
            "INSERT INTO client_operation (client, version, id, name) VALUES ($1, $2, $3, $4)",
            client.client(),
            client.version(),
            id.as_str(),
            name.as_str(),
        )?;
    }
    forget_unused(session).await
}

/// Takes back what was published for `client`; gives how many operations it had, `None` when
/// nothing was published for it.
///
/// # Errors
/// [`Error::Database`].
pub async fn remove(work: &mut UnitOfWork, client: &ClientVersion) -> Result<Option<u64>, Error> {
    let session = work.session();
    let operations = take_operations(session, client).await?;
    let known = execute!(
        session,
        "DELETE FROM client_version WHERE client = $1 AND version = $2",
        client.client(),
        client.version(),
    )?;
    forget_unused(session).await?;
    Ok((known > 0).then_some(operations))
}

async fn take_operations(session: &mut Session, client: &ClientVersion) -> Result<u64, Error> {
    execute!(
        session,
        "DELETE FROM client_operation WHERE client = $1 AND version = $2",
        client.client(),
        client.version(),
    )
}

/// Identifiers that no client uses any more stand for nothing; their texts are from now on like
/// those that front ends left.
async fn forget_unused(session: &mut Session) -> Result<(), Error> {
    execute!(
        session,
        "DELETE FROM operation_id WHERE NOT EXISTS \
         (SELECT 1 FROM client_operation o WHERE o.id = operation_id.id)",
    )?;
    Ok(())
}
