//! Texts of queries that are asked for by an identifier: kept once for all nodes, found by one
//! statement, and bounded in number.
//!
//! What front ends leave here themselves is no act of anybody: it is written in transactions of
//! this module, which take the time from their caller. What is published for a client goes
//! through a unit of work, see [`clients`].

pub mod clients;

use jiff::{SignedDuration, Timestamp};
use schema::{digest::Digest, parameters::to_microseconds};

use crate::{Error, Session, Store, convert, moment::Moment};

/// Use is noted when the last note is older than this.
pub const NOTED_EACH: SignedDuration = SignedDuration::from_hours(24);

/// A text and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// SHA-256 of the text.
    pub digest: Digest,
    /// The text.
    pub text: String,
    /// What it costs where its variables are not known.
    pub cost: u64,
    /// The schema that found the cost, and found nothing wrong with the text.
    pub checked: Digest,
}

/// A text as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The text.
    pub document: Document,
    /// When it was last used, to the day.
    pub used_at: Timestamp,
    /// Whether it was published for a client.
    pub is_trusted: bool,
}

row! {
    struct Row {
        digest: Vec<u8>,
        text: String,
        cost: i64,
        checked: Vec<u8>,
        used_at: Moment,
        is_trusted: bool,
    }
}

/// The text that `id` stands for, else the one whose digest is `digest`.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(
    session: &mut Session,
    id: &str,
    digest: Option<Digest>,
) -> Result<Option<Found>, Error> {
    let found = fetch_optional!(
        session,
        Row,
        "SELECT d.digest, d.text, d.cost, d.checked, d.used_at, \
         EXISTS (SELECT 1 FROM operation_id o WHERE o.digest = d.digest) AS is_trusted \
         FROM persisted_document d \
         WHERE d.digest = COALESCE((SELECT i.digest FROM operation_id i WHERE i.id = $1), $2)",
        id,
        digest.as_ref().map(convert::bytes),
    )?;
    found.map(found_in).transpose()
}

fn found_in(row: Row) -> Result<Found, Error> {
    let digest = |bytes: &[u8]| convert::digest("digest of a persisted document", bytes);
    Ok(Found {
        document: Document {
            digest: digest(&row.digest)?,
            text: row.text,
            cost: u64::try_from(row.cost).unwrap_or(0),
            checked: digest(&row.checked)?,
        },
        used_at: row.used_at.0,
        is_trusted: row.is_trusted,
    })
}

/// Keeps a text, and drops those that were used longest ago where more than `most` would be kept
/// that nobody published.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`] when it may be done again.
pub async fn keep(
    store: &Store,
    document: &Document,
    now: Timestamp,
    most: u32,
) -> Result<(), Error> {
    let mut session = store.writer().await?;
    insert(&mut session, document, now).await?;
    execute!(
        session,
        "DELETE FROM persisted_document WHERE digest IN (SELECT d.digest FROM persisted_document d \
         WHERE NOT EXISTS (SELECT 1 FROM operation_id o WHERE o.digest = d.digest) \
         ORDER BY d.used_at DESC, d.digest DESC LIMIT 1000000 OFFSET $1)",
        i64::from(most),
    )?;
    Ok(session.commit().await?)
}

async fn insert(session: &mut Session, document: &Document, now: Timestamp) -> Result<(), Error> {
    execute!(
        session,
        "INSERT INTO persisted_document (digest, text, cost, checked, used_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (digest) DO UPDATE SET cost = excluded.cost, \
         checked = excluded.checked, used_at = excluded.used_at",
        convert::bytes(&document.digest),
        document.text.as_str(),
        cost(document.cost),
        convert::bytes(&document.checked),
        Moment(to_microseconds(now)),
    )?;
    Ok(())
}

/// Notes that a text was used, unless that is noted for the last day already; and what it costs
/// by the schema `checked`, where that was found anew.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`] when it may be done again.
pub async fn note(
    store: &Store,
    digest: Digest,
    now: Timestamp,
    found_anew: Option<(u64, Digest)>,
) -> Result<(), Error> {
    let mut session = store.writer().await?;
    let before = now.checked_sub(NOTED_EACH).unwrap_or(Timestamp::MIN);
    execute!(
        session,
        "UPDATE persisted_document SET used_at = $2 WHERE digest = $1 AND used_at < $3",
        convert::bytes(&digest),
        Moment(to_microseconds(now)),
        Moment(to_microseconds(before)),
    )?;
    if let Some((found, by)) = found_anew {
        execute!(
            session,
            "UPDATE persisted_document SET cost = $2, checked = $3 WHERE digest = $1",
            convert::bytes(&digest),
            cost(found),
            convert::bytes(&by),
        )?;
    }
    Ok(session.commit().await?)
}

fn cost(cost: u64) -> i64 {
    i64::try_from(cost).unwrap_or(i64::MAX)
}
