//! Passwords, as what a slow function made of them.

use jiff::Timestamp;
use schema::ids::ActorId;

use crate::{Error, Session, UnitOfWork, moment::Moment};

/// How many of the passwords before are kept, to refuse them.
pub const EARLIER: i64 = 4;

/// What is kept of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    /// Argon2id, in the form of the Password Hashing Competition.
    pub hash: String,
    /// When it was set.
    pub set_at: Timestamp,
    /// Whether somebody else set it, to be changed before anything else is done.
    pub temporary: bool,
}

/// The password of an account; `None` for one that has none.
///
/// # Errors
/// [`Error::Database`].
pub async fn of(session: &mut Session, person: ActorId) -> Result<Option<Password>, Error> {
    let found = fetch_optional!(
        session,
        (String, Moment, bool),
        "SELECT hash, set_at, temporary FROM password WHERE person_id = $1",
        person.uuid(),
    )?;
    Ok(found.map(|(hash, Moment(set_at), temporary)| Password { hash, set_at, temporary }))
}

/// The hashes of the last passwords before the one in force.
///
/// # Errors
/// [`Error::Database`].
pub async fn earlier(session: &mut Session, person: ActorId) -> Result<Vec<String>, Error> {
    let rows = fetch_all!(
        session,
        (String,),
        "SELECT hash FROM earlier_password WHERE person_id = $1 ORDER BY set_at DESC LIMIT $2",
        person.uuid(),
        EARLIER,
    )?;
    Ok(rows.into_iter().map(|(hash,)| hash).collect())
}

/// Sets the password of an account to what `hash` was made of; the one before joins the earlier
/// ones, of which no more are kept than are refused.
///
/// # Errors
/// [`Error::Database`].
pub async fn set(
    work: &mut UnitOfWork,
    person: ActorId,
    hash: &str,
    temporary: bool,
) -> Result<(), Error> {
    let now = Moment(work.now());
    let session = work.session();
    execute!(
        session,
        "INSERT INTO earlier_password (person_id, set_at, hash) \
         SELECT person_id, set_at, hash FROM password WHERE person_id = $1 ON CONFLICT DO NOTHING",
        person.uuid(),
    )?;
    execute!(
        session,
        "DELETE FROM earlier_password WHERE person_id = $1 AND set_at < (SELECT MIN(set_at) FROM \
         (SELECT set_at FROM earlier_password WHERE person_id = $1 ORDER BY set_at DESC LIMIT $2) kept)",
        person.uuid(),
        EARLIER,
    )?;
    execute!(
        session,
        "INSERT INTO password (person_id, hash, set_at, temporary) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at, \
         temporary = excluded.temporary",
        person.uuid(),
        hash,
        now,
        temporary,
    )?;
    Ok(())
}
