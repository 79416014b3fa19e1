//! Addresses outside the hub that texts lead to, and what came of opening them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use schema::parameters::to_microseconds;

use crate::{Error, Session, Store, UnitOfWork, moment::Moment};

/// What came of opening an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// HTTP status of the last answer; `None` where nobody answered.
    pub status: Option<u16>,
    /// Since when every try has failed; `None` where the last did not.
    pub failing_since: Option<Timestamp>,
}

/// Notes addresses that a text leads to: those that are new are opened soon.
///
/// # Errors
/// [`Error::Database`].
pub async fn note(work: &mut UnitOfWork, urls: &[String]) -> Result<(), Error> {
    let now = Moment(work.now());
    for url in urls {
        execute!(
            work.session(),
            "INSERT INTO outside_link (url, seen_at, next_at) VALUES ($1, $2, $2) \
             ON CONFLICT (url) DO UPDATE SET seen_at = excluded.seen_at",
            url.as_str(),
            now,
        )?;
    }
    Ok(())
}

/// What came of opening those of `urls` that were opened.
///
/// # Errors
/// [`Error::Database`].
pub async fn tried(
    session: &mut Session,
    urls: &[String],
) -> Result<BTreeMap<String, Tried>, Error> {
    let mut found = BTreeMap::new();
    for url in urls {
        let row = fetch_optional!(
            session,
            (Option<i64>, Option<Moment>),
            "SELECT status, failing_since FROM outside_link WHERE url = $1 AND tried_at IS NOT NULL",
            url.as_str(),
        )?;
        let Some((status, failing)) = row else { continue };
        let status = status.map(|status| {
            u16::try_from(status).map_err(|error| Error::corrupt("outside_link.status", error))
        });
        let tried =
            Tried { status: status.transpose()?, failing_since: failing.map(|Moment(at)| at) };
        found.insert(url.clone(), tried);
    }
    Ok(found)
}

/// Takes addresses that are due at `now`, the longest waiting first, at most `limit`: no other node
/// takes them within `lease`.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn take(
    store: &Store,
    now: Timestamp,
    lease: SignedDuration,
    limit: u32,
) -> Result<Vec<String>, Error> {
    let now = to_microseconds(now);
    let until = now.saturating_add(lease).unwrap_or(now);
    let mut session = store.writer().await?;
    let sql = dialect!(session,
        sqlite: "UPDATE outside_link SET next_at = $2 WHERE url IN \
                 (SELECT url FROM outside_link WHERE next_at <= $1 ORDER BY next_at LIMIT $3) RETURNING url",
        postgres: "UPDATE outside_link SET next_at = $2 WHERE url IN \
                   (SELECT url FROM outside_link WHERE next_at <= $1 ORDER BY next_at LIMIT $3 \
                    FOR UPDATE SKIP LOCKED) RETURNING url",
    );
    let taken = fetch_all!(session, (String,), sql, Moment(now), Moment(until), i64::from(limit))?;
    session.commit().await?;
    Ok(taken.into_iter().map(|(url,)| url).collect())
}

/// Writes what came of opening an address at `now`, and when it is opened next.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn record(
    store: &Store,
    url: &str,
    (status, failed): (Option<u16>, bool),
    (now, next): (Timestamp, Timestamp),
) -> Result<(), Error> {
    let mut session = store.writer().await?;
    execute!(
        session,
        "UPDATE outside_link SET tried_at = $2, next_at = $3, status = $4, \
         failing_since = CASE WHEN $5 THEN COALESCE(failing_since, $2) ELSE NULL END WHERE url = $1",
        url,
        Moment(to_microseconds(now)),
        Moment(to_microseconds(next)),
        status.map(i64::from),
        failed,
    )?;
    session.commit().await?;
    Ok(())
}

/// Forgets addresses that no text was seen with since `before`; gives how many.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn forget(store: &Store, before: Timestamp) -> Result<u64, Error> {
    let mut session = store.writer().await?;
    let sql = "DELETE FROM outside_link WHERE seen_at < $1";
    let forgotten = execute!(session, sql, Moment(to_microseconds(before)))?;
    session.commit().await?;
    Ok(forgotten)
}
