//! The content types in force, as last accepted: what a change of their files is held against.

use serde_json::Value;
use sqlx::types::Json;

use crate::{Error, Session, UnitOfWork, moment::Moment};

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

/// Puts a type in force.
///
/// # Errors
/// [`Error::Database`].
pub async fn put(work: &mut UnitOfWork, name: &str, definition: &Value) -> Result<(), Error> {
    let since = Moment(work.now());
    execute!(
        work.session(),
        "INSERT INTO content_type (name, definition, since) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, since = excluded.since",
        name,
        Json(definition),
        since,
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
    let count = fetch_optional!(
        session,
        (i64,),
        "SELECT COUNT(*) FROM document WHERE type = $1",
        name,
    )?;
    Ok(count.map_or(0, |(count,)| u64::try_from(count).unwrap_or(0)))
}
