//! Tokens: what programs show to be known. The store holds the SHA-256 of the secret, so that
//! nobody who reads the database can act with what stands there.

use jiff::Timestamp;
use schema::{
    access::Granted,
    digest::Digest,
    ids::{ActorId, TokenId},
    standing::Standing,
};
use uuid::Uuid;

use super::{grants, people::standing};
use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// The account it acts for.
    pub owner: ActorId,
    /// What it is for.
    pub name: String,
    /// The first letters of the secret, to tell tokens apart.
    pub hint: String,
    /// What it was granted; it can do no more than its owner, whatever stands here.
    pub grants: Vec<Granted>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: ActorId,
    /// When it stops being good.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
}

/// A token that somebody shows, with all that decides what it is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The token.
    pub token: Token,
    /// What people call its owner.
    pub owner_name: String,
    /// What its owner was granted.
    pub owner_grants: Vec<Granted>,
    /// On what terms its owner has an account.
    pub owner_standing: Standing,
}

row! {
    struct Row {
        id: Uuid,
        owner_id: Uuid,
        name: String,
        hint: String,
        created_at: Moment,
        created_by: Uuid,
        expires_at: Option<Moment>,
        revoked_at: Option<Moment>,
        last_used_at: Option<Moment>,
        owner_name: String,
        employment: Option<String>,
        contract_ends_on: Option<String>,
        disabled_at: Option<Moment>,
    }
}

impl Row {
    fn into_token(self, grants: Vec<Granted>) -> Token {
        let time = |moment: Option<Moment>| moment.map(|Moment(at)| at);
        Token {
            id: self.id.into(),
            owner: self.owner_id.into(),
            name: self.name,
            hint: self.hint,
            grants,
            created_at: self.created_at.0,
            created_by: self.created_by.into(),
            expires_at: time(self.expires_at),
            revoked_at: time(self.revoked_at),
            last_used_at: time(self.last_used_at),
        }
    }
}

macro_rules! tokens {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.owner_id, t.name, t.hint, t.created_at, t.created_by, t.expires_at, t.revoked_at, \
             t.last_used_at, p.name AS owner_name, p.employment, p.contract_ends_on, p.disabled_at \
             FROM api_token t JOIN person p ON p.id = t.owner_id ",
            $rest
        )
    };
}

/// The token whose secret hashes to `hash`, whatever has become of it. The index is asked for
/// the hash, so how long the answer takes says nothing about the secret.
///
/// # Errors
/// [`Error::Database`].
pub async fn shown(session: &mut Session, hash: Digest) -> Result<Option<Shown>, Error> {
    let found = fetch_optional!(session, Row, tokens!("WHERE t.hash = $1"), convert::bytes(&hash))?;
    match found {
        Some(row) => with_grants(session, row).await.map(Some),
        None => Ok(None),
    }
}

/// The token `id`, whatever has become of it, and what is kept of its secret.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_id(session: &mut Session, id: TokenId) -> Result<Option<(Shown, Digest)>, Error> {
    let sql = "SELECT hash FROM api_token WHERE id = $1";
    let Some((hash,)) = fetch_optional!(session, (Vec<u8>,), sql, id.uuid())? else {
        return Ok(None);
    };
    let hash = convert::digest("api_token.hash", &hash)?;
    Ok(shown(session, hash).await?.map(|shown| (shown, hash)))
}

async fn with_grants(session: &mut Session, mut row: Row) -> Result<Shown, Error> {
    let rows = fetch_all!(
        session,
        grants::Row,
        "SELECT g.holder_id, g.role, g.scope, g.scope_id, s.authority_id FROM role_grant g \
         LEFT JOIN site s ON s.id = g.scope_id WHERE g.holder_id IN ($1, $2)",
        row.id,
        row.owner_id,
    )?;
    let mut held = grants::by_holder(rows)?;
    Ok(Shown {
        owner_name: row.owner_name.clone(),
        owner_grants: held.remove(&row.owner_id).unwrap_or_default(),
        owner_standing: standing(
            row.employment.take(),
            row.contract_ends_on.take(),
            row.disabled_at,
        )?,
        token: {
            let grants = held.remove(&row.id).unwrap_or_default();
            row.into_token(grants)
        },
    })
}

/// The token `id`, within a unit of work.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_work(work: &mut UnitOfWork, id: TokenId) -> Result<Option<Token>, Error> {
    let session = work.session();
    let Some(row) = fetch_optional!(session, Row, tokens!("WHERE t.id = $1"), id.uuid())? else {
        return Ok(None);
    };
    let grants = grants::of(session, row.id).await?;
    Ok(Some(row.into_token(grants)))
}

/// The tokens of one account, newest first. The caller has been shown the account, which is
/// what decides who may see them.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_person(session: &mut Session, owner: ActorId) -> Result<Vec<Token>, Error> {
    let rows = fetch_all!(
        session,
        Row,
        tokens!("WHERE t.owner_id = $1 ORDER BY t.id DESC"),
        owner.uuid()
    )?;
    let grants = fetch_all!(
        session,
        grants::Row,
        "SELECT g.holder_id, g.role, g.scope, g.scope_id, s.authority_id FROM role_grant g \
         LEFT JOIN site s ON s.id = g.scope_id WHERE g.holder_id IN \
         (SELECT t.id FROM api_token t WHERE t.owner_id = $1) ORDER BY g.scope, g.scope_id, g.role",
        owner.uuid(),
    )?;
    let mut held = grants::by_holder(grants)?;
    let grants_of = |row: Row| {
        let grants = held.remove(&row.id).unwrap_or_default();
        row.into_token(grants)
    };
    Ok(rows.into_iter().map(grants_of).collect())
}

/// Writes a new token, without what it is granted.
///
/// # Errors
/// [`Error::Database`].
pub async fn insert(work: &mut UnitOfWork, token: &Token, hash: Digest) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO api_token (id, owner_id, name, hint, hash, created_at, created_by, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        token.id.uuid(),
        token.owner.uuid(),
        token.name.as_str(),
        token.hint.as_str(),
        convert::bytes(&hash),
        Moment(token.created_at),
        token.created_by.uuid(),
        token.expires_at.map(Moment),
    )?;
    Ok(())
}

/// Revokes a token from now on.
///
/// # Errors
/// [`Error::Database`].
pub async fn revoke(work: &mut UnitOfWork, id: TokenId) -> Result<(), Error> {
    let now = Moment(work.now());
    execute!(
        work.session(),
        "UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        id.uuid(),
        now,
    )?;
    Ok(())
}

/// Notes that a token was used in the hour that began at `hour`.
///
/// # Errors
/// [`Error::Database`].
pub async fn used(work: &mut UnitOfWork, id: TokenId, hour: Timestamp) -> Result<(), Error> {
    execute!(
        work.session(),
        "UPDATE api_token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
        id.uuid(),
        Moment(hour),
    )?;
    Ok(())
}
