//! Merging the index of SQLite, beside all other work.
//!
//! Every unit of work leaves a part of the index of its own. SQLite merges parts as it writes, but
//! keeps up to four of every size, and a search has to look into each: with one left, a search of
//! many hits takes two thirds of the time, a phrase half of it. PostgreSQL's index has no parts.
//!
//! Parts of one size are merged into one of the next, so what is written again and again is as
//! much as is written, times the logarithm of it; the largest is merged anew whenever as much has
//! come as it holds.

use crate::{Engine, Error, Store};

/// More parts than this are worth merging.
const PARTS: i64 = 8;

/// Pages of the index, of 4 kB, that a step writes: some ten milliseconds, for which writers wait.
const STEP: i64 = 250;

/// Whether the index has more parts than searches should look into.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_scattered(store: &Store) -> Result<bool, Error> {
    let mut session = store.reader().await?;
    if session.engine() == Engine::Postgres {
        return Ok(false);
    }
    // From one part to the next, over what each holds.
    let counted = fetch_optional!(
        session,
        (i64,),
        "WITH RECURSIVE part (id) AS (SELECT MIN(segid) FROM search_text_idx UNION ALL \
         SELECT (SELECT MIN(i.segid) FROM search_text_idx i WHERE i.segid > part.id) \
         FROM part WHERE part.id IS NOT NULL) SELECT COUNT(id) FROM part",
    )?;
    Ok(counted.is_some_and(|(parts,)| parts > PARTS))
}

/// Merges for one step; whether there is more to merge.
///
/// # Errors
/// [`Error::Database`].
pub async fn merge(store: &Store) -> Result<bool, Error> {
    let mut session = store.maintenance().await?;
    if session.engine() == Engine::Postgres {
        return Ok(false);
    }
    let before = changes(&mut session).await?;
    execute!(session, "INSERT INTO search_text (search_text, rank) VALUES ('merge', $1)", STEP,)?;
    // The command counts as a change itself.
    Ok(changes(&mut session).await? - before > 1)
}

async fn changes(session: &mut crate::Session) -> Result<i64, Error> {
    let changed = fetch_optional!(session, (i64,), "SELECT total_changes()")?;
    Ok(changed.map_or(0, |(changes,)| changes))
}
