//! Failures to sign in, by the account name that was tried, of which only the hash is kept: the
//! row of a name that nobody has is like any other.

use jiff::Timestamp;
use schema::digest::Digest;

use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// How often somebody failed in a row, and when last; `None` when there is nothing to remember.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn of(session: &mut Session, login: &Digest) -> Result<Option<(u32, Timestamp)>, Error> {
    let found = fetch_optional!(
        session,
        (i64, Moment),
        "SELECT failures, last_at FROM sign_in_failure WHERE login = $1",
        convert::bytes(login),
    )?;
    let told = |(failures, Moment(last)): (i64, Moment)| {
        Ok((convert::number("sign_in_failure.failures", failures)?, last))
    };
    found.map(told).transpose()
}

/// Writes that there are `failures` now, where what is remembered is still what was `known`;
/// `false` where somebody else counted meanwhile.
///
/// # Errors
/// [`Error::Database`].
pub async fn set(
    work: &mut UnitOfWork,
    login: &Digest,
    known: Option<(u32, Timestamp)>,
    failures: u32,
) -> Result<bool, Error> {
    let now = Moment(work.now());
    let (before, last) = known.unwrap_or((0, Timestamp::UNIX_EPOCH));
    let touched = execute!(
        work.session(),
        "INSERT INTO sign_in_failure (login, failures, last_at) VALUES ($1, $2, $3) \
         ON CONFLICT (login) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at \
         WHERE sign_in_failure.failures = $4 AND sign_in_failure.last_at = $5",
        convert::bytes(login),
        i64::from(failures),
        now,
        i64::from(before),
        Moment(last),
    )?;
    Ok(touched == 1)
}

/// Forgets the failures of one name; `false` where there were none.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget(work: &mut UnitOfWork, login: &Digest) -> Result<bool, Error> {
    let touched = execute!(
        work.session(),
        "DELETE FROM sign_in_failure WHERE login = $1",
        convert::bytes(login)
    )?;
    Ok(touched > 0)
}

/// Forgets those whose last one was before `before`.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_before(work: &mut UnitOfWork, before: Timestamp) -> Result<u64, Error> {
    execute!(work.session(), "DELETE FROM sign_in_failure WHERE last_at < $1", Moment(before))
}
