//! Sessions: who is signed in, on which device, and whether they still are. As of a token, the
//! store holds the SHA-256 of the secret.

use jiff::Timestamp;
use schema::{
    access::{Granted, Login},
    digest::Digest,
    ids::{ActorId, SessionId},
    sign_in,
    standing::Standing,
};
use uuid::Uuid;

use super::{grants, people::standing};
use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// Somebody signed in on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub person: ActorId,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// Whether the second factor was shown in it.
    pub showed_second_factor: bool,
    /// Where it began.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// A session that somebody shows, with all that decides what it is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The session.
    pub session: SignInSession,
    /// The account of its person.
    pub login: Login,
    /// What people call its person.
    pub name: String,
    /// What its person was granted.
    pub grants: Vec<Granted>,
    /// On what terms its person has an account.
    pub standing: Standing,
    /// What decides what it owes; `None` where the account has no password any more.
    pub facts: Option<sign_in::Shown>,
}

row! {
    struct Row {
        id: Uuid,
        person_id: Uuid,
        began_at: Moment,
        seen_at: Moment,
        showed_second_factor: bool,
        address: Option<String>,
        agent: Option<String>,
        ended_at: Option<Moment>,
    }
}

impl From<Row> for SignInSession {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            person: row.person_id.into(),
            began_at: row.began_at.0,
            seen_at: row.seen_at.0,
            showed_second_factor: row.showed_second_factor,
            address: row.address,
            agent: row.agent,
            ended_at: row.ended_at.map(|Moment(at)| at),
        }
    }
}

row! {
    struct Owner {
        login: String,
        name: String,
        employment: Option<String>,
        contract_ends_on: Option<String>,
        disabled_at: Option<Moment>,
        set_at: Option<Moment>,
        temporary: Option<bool>,
        confirmed_at: Option<Moment>,
    }
}

macro_rules! sessions {
    ($rest:literal) => {
        concat!(
            "SELECT id, person_id, began_at, seen_at, showed_second_factor, address, agent, ended_at \
             FROM sign_in_session ",
            $rest
        )
    };
}

/// The session whose secret hashes to `hash`, whatever has become of it.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn shown(session: &mut Session, hash: &Digest) -> Result<Option<Shown>, Error> {
    let sql = sessions!("WHERE hash = $1");
    let Some(row) = fetch_optional!(session, Row, sql, convert::bytes(hash))? else {
        return Ok(None);
    };
    let owner = fetch_optional!(
        session,
        Owner,
        "SELECT p.login, p.name, p.employment, p.contract_ends_on, p.disabled_at, \
         w.set_at, w.temporary, f.confirmed_at FROM person p \
         LEFT JOIN password w ON w.person_id = p.id \
         LEFT JOIN second_factor f ON f.person_id = p.id WHERE p.id = $1",
        row.person_id,
    )?;
    let Some(owner) = owner else { return Ok(None) };
    let grants = grants::of(session, row.person_id).await?;
    let one = SignInSession::from(row);
    let facts =
        owner.set_at.zip(owner.temporary).map(|(Moment(set_at), temporary)| sign_in::Shown {
            has_second_factor: owner.confirmed_at.is_some(),
            showed_second_factor: one.showed_second_factor,
            password_is_temporary: temporary,
            password_set_at: set_at,
        });
    Ok(Some(Shown {
        session: one,
        login: convert::text("person.login", &owner.login)?,
        name: owner.name,
        grants,
        standing: standing(owner.employment, owner.contract_ends_on, owner.disabled_at)?,
        facts,
    }))
}

/// The session `id`, within a unit of work.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_work(work: &mut UnitOfWork, id: SessionId) -> Result<Option<SignInSession>, Error> {
    let sql = sessions!("WHERE id = $1");
    Ok(fetch_optional!(work.session(), Row, sql, id.uuid())?.map(Into::into))
}

/// The sessions of an account that were not ended and seen since `since`, the newest first. The
/// caller has been shown the account.
///
/// # Errors
/// [`Error::Database`].
pub async fn open_of(
    session: &mut Session,
    person: ActorId,
    since: Timestamp,
) -> Result<Vec<SignInSession>, Error> {
    let rows = fetch_all!(
        session,
        Row,
        sessions!("WHERE person_id = $1 AND ended_at IS NULL AND seen_at >= $2 ORDER BY id DESC"),
        person.uuid(),
        Moment(since),
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Writes a new session.
///
/// # Errors
/// [`Error::Database`].
pub async fn insert(
    work: &mut UnitOfWork,
    session: &SignInSession,
    hash: &Digest,
) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO sign_in_session \
         (id, person_id, hash, began_at, seen_at, showed_second_factor, address, agent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        session.id.uuid(),
        session.person.uuid(),
        convert::bytes(hash),
        Moment(session.began_at),
        Moment(session.seen_at),
        session.showed_second_factor,
        session.address.as_deref(),
        session.agent.as_deref(),
    )?;
    Ok(())
}

/// Gives a session another secret, with what it has come to mean.
///
/// # Errors
/// [`Error::Database`].
pub async fn renew(
    work: &mut UnitOfWork,
    id: SessionId,
    hash: &Digest,
    showed_second_factor: bool,
) -> Result<(), Error> {
    let now = Moment(work.now());
    execute!(
        work.session(),
        "UPDATE sign_in_session SET hash = $2, showed_second_factor = $3, seen_at = $4 \
         WHERE id = $1 AND ended_at IS NULL",
        id.uuid(),
        convert::bytes(hash),
        showed_second_factor,
        now,
    )?;
    Ok(())
}

/// Notes that a session was used at `minute`.
///
/// # Errors
/// [`Error::Database`].
pub async fn seen(work: &mut UnitOfWork, id: SessionId, minute: Timestamp) -> Result<(), Error> {
    execute!(
        work.session(),
        "UPDATE sign_in_session SET seen_at = $2 WHERE id = $1 AND seen_at < $2",
        id.uuid(),
        Moment(minute),
    )?;
    Ok(())
}

/// Ends a session; `false` where it was ended before.
///
/// # Errors
/// [`Error::Database`].
pub async fn end(work: &mut UnitOfWork, id: SessionId) -> Result<bool, Error> {
    let now = Moment(work.now());
    let touched = execute!(
        work.session(),
        "UPDATE sign_in_session SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
        id.uuid(),
        now,
    )?;
    Ok(touched == 1)
}

/// Ends every session of an account but `kept`; gives how many were open.
///
/// # Errors
/// [`Error::Database`].
pub async fn end_all(
    work: &mut UnitOfWork,
    person: ActorId,
    kept: Option<SessionId>,
) -> Result<u64, Error> {
    let now = Moment(work.now());
    execute!(
        work.session(),
        "UPDATE sign_in_session SET ended_at = $3 \
         WHERE person_id = $1 AND id <> $2 AND ended_at IS NULL",
        person.uuid(),
        kept.map_or(Uuid::nil(), SessionId::uuid),
        now,
    )
}

/// Forgets sessions that were last seen before `before`: none of them can be good.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_before(work: &mut UnitOfWork, before: Timestamp) -> Result<u64, Error> {
    execute!(work.session(), "DELETE FROM sign_in_session WHERE seen_at < $1", Moment(before))
}
