//! The content types in force, as last accepted: what a change of their files is held against.

use std::collections::{BTreeMap, BTreeSet};

use schema::names::FieldName;
use serde_json::Value;
use sqlx::types::Json;

use crate::{Engine, Error, Session, UnitOfWork, moment::Moment};

/// Every type in force, by name, with its definition.
///
/// # Errors
/// [`Error::Database`].
pub async fn in_force(session: &mut Session) -> Result<Vec<(String, Value)>, Error> {
    Ok(fetch_all!(
        session,
        (String, Json<Value>),
        "SELECT name, definition FROM content_type ORDER BY name",
    )?
    .into_iter()
    .map(|(name, Json(definition))| (name, definition))
    .collect())
}

/// Keeps every other unit of work from putting types in force until this one ends. To be called
/// before [`in_force`]: what is read then is what the last one left.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn lock(work: &mut UnitOfWork) -> Result<(), Error> {
    let session = work.session();
    if session.engine() == Engine::Postgres {
        execute!(session, "LOCK TABLE content_type IN SHARE ROW EXCLUSIVE MODE")?;
    }
    // On SQLite the unit of work is the only writer already.
    Ok(())
}

/// Puts a type in force; `unindexed` fields wait for their index rows, beside those that wait
/// already.
///
/// # Errors
/// [`Error::Database`].
pub async fn put(
    work: &mut UnitOfWork,
    name: &str,
    definition: &Value,
    unindexed: &[FieldName],
) -> Result<(), Error> {
    let since = Moment(work.now());
    let mut waiting = self::unindexed(work.session()).await?.remove(name).unwrap_or_default();
    waiting.extend(unindexed.iter().cloned());
    execute!(
        work.session(),
        "INSERT INTO content_type (name, definition, unindexed, since) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, unindexed = excluded.unindexed, \
         since = excluded.since",
        name,
        Json(definition),
        Json(waiting),
        since,
    )?;
    Ok(())
}

/// Fields that queries must refuse until their index rows are written, by type.
///
/// # Errors
/// [`Error::Database`].
pub async fn unindexed(
    session: &mut Session,
) -> Result<BTreeMap<String, BTreeSet<FieldName>>, Error> {
    Ok(fetch_all!(
        session,
        (String, Json<BTreeSet<FieldName>>),
        "SELECT name, unindexed FROM content_type ORDER BY name",
    )?
    .into_iter()
    .filter(|(_, Json(fields))| !fields.is_empty())
    .map(|(name, Json(fields))| (name, fields))
    .collect())
}

/// The index rows of `fields` of a type are written: queries may use them.
///
/// # Errors
/// [`Error::Database`].
pub async fn indexed(
    work: &mut UnitOfWork,
    name: &str,
    fields: &BTreeSet<FieldName>,
) -> Result<(), Error> {
    let mut waiting = unindexed(work.session()).await?.remove(name).unwrap_or_default();
    waiting.retain(|field| !fields.contains(field));
    execute!(
        work.session(),
        "UPDATE content_type SET unindexed = $2 WHERE name = $1",
        name,
        Json(waiting),
    )?;
    Ok(())
}

/// Takes a type out of force.
///
/// # Errors
/// [`Error::Database`].
pub async fn remove(work: &mut UnitOfWork, name: &str) -> Result<(), Error> {
    execute!(work.session(), "DELETE FROM content_type WHERE name = $1", name)?;
    Ok(())
}

/// How many documents have the type `name`.
///
/// # Errors
/// [`Error::Database`].
pub async fn documents(session: &mut Session, name: &str) -> Result<u64, Error> {
    let count =
        fetch_optional!(session, (i64,), "SELECT COUNT(*) FROM document WHERE type = $1", name,)?;
    Ok(count.map_or(0, |(count,)| u64::try_from(count).unwrap_or(0)))
}
