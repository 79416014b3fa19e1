//! Second factors: the sealed secret that an authenticator shares, the step of the last code that
//! was taken, and the recovery codes.

use jiff::Timestamp;
use schema::{digest::Digest, ids::ActorId};

use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// What is shared with an authenticator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// The secret, sealed under the master key.
    pub sealed: Vec<u8>,
    /// When a first code showed that the authenticator has it.
    pub confirmed_at: Option<Timestamp>,
    /// The step of the last code that was taken.
    pub last_step: i64,
}

/// The second factor of an account, also one that was not confirmed.
///
/// # Errors
/// [`Error::Database`].
pub async fn of(session: &mut Session, person: ActorId) -> Result<Option<SecondFactor>, Error> {
    let found = fetch_optional!(
        session,
        (Vec<u8>, Option<Moment>, i64),
        "SELECT sealed, confirmed_at, last_step FROM second_factor WHERE person_id = $1",
        person.uuid(),
    )?;
    Ok(found.map(|(sealed, confirmed_at, last_step)| SecondFactor {
        sealed,
        confirmed_at: confirmed_at.map(|Moment(at)| at),
        last_step,
    }))
}

/// Writes a new one, in the place of one that was never confirmed; `false` where a confirmed one
/// stands there.
///
/// # Errors
/// [`Error::Database`].
pub async fn begin(work: &mut UnitOfWork, person: ActorId, sealed: &[u8]) -> Result<bool, Error> {
    let now = Moment(work.now());
    let touched = execute!(
        work.session(),
        "INSERT INTO second_factor (person_id, sealed, made_at, last_step) VALUES ($1, $2, $3, -1) \
         ON CONFLICT (person_id) DO UPDATE SET sealed = excluded.sealed, made_at = excluded.made_at, \
         last_step = -1 WHERE second_factor.confirmed_at IS NULL",
        person.uuid(),
        sealed,
        now,
    )?;
    Ok(touched == 1)
}

/// Takes the code of `step`, and confirms with the first one; `false` where a code of this step or
/// a later one was taken before, by whichever node.
///
/// # Errors
/// [`Error::Database`].
pub async fn take(work: &mut UnitOfWork, person: ActorId, step: i64) -> Result<bool, Error> {
    let now = Moment(work.now());
    let touched = execute!(
        work.session(),
        "UPDATE second_factor SET last_step = $2, confirmed_at = COALESCE(confirmed_at, $3) \
         WHERE person_id = $1 AND last_step < $2",
        person.uuid(),
        step,
        now,
    )?;
    Ok(touched == 1)
}

/// Removes the second factor of an account and its recovery codes; `false` where there was none.
///
/// # Errors
/// [`Error::Database`].
pub async fn remove(work: &mut UnitOfWork, person: ActorId) -> Result<bool, Error> {
    let session = work.session();
    execute!(session, "DELETE FROM recovery_code WHERE person_id = $1", person.uuid())?;
    let touched =
        execute!(session, "DELETE FROM second_factor WHERE person_id = $1", person.uuid())?;
    Ok(touched == 1)
}

/// Gives an account these recovery codes in the place of all it had.
///
/// # Errors
/// [`Error::Database`].
pub async fn set_recovery_codes(
    work: &mut UnitOfWork,
    person: ActorId,
    codes: &[Digest],
) -> Result<(), Error> {
    let session = work.session();
    execute!(session, "DELETE FROM recovery_code WHERE person_id = $1", person.uuid())?;
    for code in codes {
        execute!(
            session,
            "INSERT INTO recovery_code (person_id, hash) VALUES ($1, $2)",
            person.uuid(),
            convert::bytes(code),
        )?;
    }
    Ok(())
}

/// Uses up a recovery code; `false` where it is none, or was used before.
///
/// # Errors
/// [`Error::Database`].
pub async fn use_recovery_code(
    work: &mut UnitOfWork,
    person: ActorId,
    code: &Digest,
) -> Result<bool, Error> {
    let now = Moment(work.now());
    let touched = execute!(
        work.session(),
        "UPDATE recovery_code SET used_at = $3 WHERE person_id = $1 AND hash = $2 AND used_at IS NULL",
        person.uuid(),
        convert::bytes(code),
        now,
    )?;
    Ok(touched == 1)
}

/// How many recovery codes an account has left.
///
/// # Errors
/// [`Error::Database`].
pub async fn recovery_codes_left(session: &mut Session, person: ActorId) -> Result<u32, Error> {
    let found = fetch_optional!(
        session,
        (i64,),
        "SELECT COUNT(*) FROM recovery_code WHERE person_id = $1 AND used_at IS NULL",
        person.uuid(),
    )?;
    convert::number("recovery_code", found.map_or(0, |(left,)| left))
}
