//! People and services with an account on this hub.
//!
//! An account is never deleted, because log and audit name it; it is disabled, and everything
//! it could do ends with that.

use jiff::Timestamp;
use schema::{
    access::{Granted, Login, PersonKind},
    ids::ActorId,
    permission::{Action, Touched, may},
    standing::{Employment, Standing},
    viewer::Viewer,
};
use uuid::Uuid;

use super::grants;
use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// Somebody, or a program, with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The id that stands in log and audit.
    pub id: ActorId,
    /// The name of the account.
    pub login: Login,
    /// What people call it.
    pub name: String,
    /// Somebody or a program.
    pub kind: PersonKind,
    /// What it was granted.
    pub grants: Vec<Granted>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// On what terms it can be used.
    pub standing: Standing,
}

impl Person {
    /// Whether `viewer` may know of this account: it is the viewer's own, or the viewer
    /// administers the hub or a place where it was granted something.
    pub fn is_seen_by(&self, viewer: &Viewer) -> bool {
        let Viewer::Known(actor) = viewer else { return false };
        let administers = |touched: &Touched| may(actor, Action::Administer, touched);
        actor.id == self.id
            || administers(&Touched::default())
            || self.grants.iter().any(|granted| administers(&granted.touched()))
    }
}

row! {
    struct Row {
        id: Uuid,
        login: String,
        name: String,
        kind: String,
        created_at: Moment,
        employment: Option<String>,
        contract_ends_on: Option<String>,
        disabled_at: Option<Moment>,
    }
}

impl Row {
    fn into_person(self, grants: Vec<Granted>) -> Result<Person, Error> {
        Ok(Person {
            id: self.id.into(),
            login: convert::text("person.login", &self.login)?,
            name: self.name,
            kind: PersonKind::parse(&self.kind)
                .ok_or_else(|| Error::corrupt("person.kind", &self.kind))?,
            grants,
            created_at: self.created_at.0,
            standing: standing(self.employment, self.contract_ends_on, self.disabled_at)?,
        })
    }
}

macro_rules! people {
    ($rest:literal) => {
        concat!(
            "SELECT id, login, name, kind, created_at, employment, contract_ends_on, disabled_at FROM person ",
            $rest
        )
    };
}

/// The account of this name, within a unit of work.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn by_login(work: &mut UnitOfWork, login: &Login) -> Result<Option<Person>, Error> {
    let session = work.session();
    let row = fetch_optional!(session, Row, people!("WHERE login = $1"), login.as_str())?;
    with_grants(session, row).await
}

/// The account of this id, within a unit of work.
///
/// # Errors
/// As [`by_login`].
pub async fn of_work(work: &mut UnitOfWork, id: ActorId) -> Result<Option<Person>, Error> {
    let session = work.session();
    let row = fetch_optional!(session, Row, people!("WHERE id = $1"), id.uuid())?;
    with_grants(session, row).await
}

/// The account of this name, for who presents its password: before that nobody is known who could
/// be asked whether they may know of it.
///
/// # Errors
/// As [`by_login`].
pub async fn who_signs_in(session: &mut Session, login: &Login) -> Result<Option<Person>, Error> {
    let row = fetch_optional!(session, Row, people!("WHERE login = $1"), login.as_str())?;
    with_grants(session, row).await
}

/// The account of this name, if `viewer` may know of it.
///
/// # Errors
/// As [`by_login`].
pub async fn person(
    session: &mut Session,
    viewer: &Viewer,
    login: &Login,
) -> Result<Option<Person>, Error> {
    let row = fetch_optional!(session, Row, people!("WHERE login = $1"), login.as_str())?;
    let person = with_grants(session, row).await?;
    Ok(person.filter(|person| person.is_seen_by(viewer)))
}

async fn with_grants(session: &mut Session, row: Option<Row>) -> Result<Option<Person>, Error> {
    let Some(row) = row else { return Ok(None) };
    let grants = grants::of(session, row.id).await?;
    row.into_person(grants).map(Some)
}

/// A page of at most `limit` accounts in the order of their names, after `after`; those that
/// `viewer` may not know of are left out. With the name to go on from, where there are more.
///
/// # Errors
/// As [`by_login`].
pub async fn page(
    session: &mut Session,
    viewer: &Viewer,
    after: Option<&Login>,
    limit: u32,
) -> Result<(Vec<Person>, Option<Login>), Error> {
    let after = after.map_or("", Login::as_str);
    let rows = fetch_all!(
        session,
        Row,
        people!("WHERE login > $1 ORDER BY login LIMIT $2"),
        after,
        i64::from(limit),
    )?;
    let grants = fetch_all!(
        session,
        grants::Row,
        "SELECT g.holder_id, g.role, g.scope, g.scope_id, s.authority_id FROM role_grant g \
         LEFT JOIN site s ON s.id = g.scope_id WHERE g.holder_id IN \
         (SELECT p.id FROM person p WHERE p.login > $1 ORDER BY p.login LIMIT $2) \
         ORDER BY g.scope, g.scope_id, g.role",
        after,
        i64::from(limit),
    )?;
    let mut held = grants::by_holder(grants)?;
    let more = rows.len() == limit as usize;
    let mut people = Vec::with_capacity(rows.len());
    for row in rows {
        let grants = held.remove(&row.id).unwrap_or_default();
        people.push(row.into_person(grants)?);
    }
    let next = people.last().filter(|_| more).map(|person| person.login.clone());
    people.retain(|person| person.is_seen_by(viewer));
    Ok((people, next))
}

/// What people call the account `id`, to say who did something; `None` for the command line
/// and for what never had an account. Whoever may know of an act may know who did it.
///
/// # Errors
/// [`Error::Database`].
pub async fn name(session: &mut Session, id: ActorId) -> Result<Option<String>, Error> {
    let found =
        fetch_optional!(session, (String,), "SELECT name FROM person WHERE id = $1", id.uuid())?;
    Ok(found.map(|(name,)| name))
}

/// Writes a new account, without what it is granted.
///
/// # Errors
/// [`Error::Database`], a unique violation where the login is taken.
pub async fn insert(work: &mut UnitOfWork, person: &Person) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO person (id, login, name, kind, created_at, employment, contract_ends_on) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        person.id.uuid(),
        person.login.as_str(),
        person.name.as_str(),
        person.kind.as_str(),
        Moment(person.created_at),
        person.standing.employment.map(Employment::as_str),
        person.standing.contract_ends_on.map(|day| day.to_string()),
    )?;
    Ok(())
}

/// Writes what people call an account and its terms, but for when it was disabled.
///
/// # Errors
/// [`Error::Database`].
pub async fn update(work: &mut UnitOfWork, person: &Person) -> Result<(), Error> {
    execute!(
        work.session(),
        "UPDATE person SET name = $2, employment = $3, contract_ends_on = $4 WHERE id = $1",
        person.id.uuid(),
        person.name.as_str(),
        person.standing.employment.map(Employment::as_str),
        person.standing.contract_ends_on.map(|day| day.to_string()),
    )?;
    Ok(())
}

/// Disables an account from now on.
///
/// # Errors
/// [`Error::Database`].
pub async fn disable(work: &mut UnitOfWork, id: ActorId) -> Result<(), Error> {
    let now = Moment(work.now());
    execute!(
        work.session(),
        "UPDATE person SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL",
        id.uuid(),
        now,
    )?;
    Ok(())
}

/// Lets an account that was disabled be used again.
///
/// # Errors
/// [`Error::Database`].
pub async fn enable(work: &mut UnitOfWork, id: ActorId) -> Result<(), Error> {
    execute!(work.session(), "UPDATE person SET disabled_at = NULL WHERE id = $1", id.uuid())?;
    Ok(())
}

/// The terms of an account, as its row says them.
pub(super) fn standing(
    employment: Option<String>,
    contract_ends_on: Option<String>,
    disabled_at: Option<Moment>,
) -> Result<Standing, Error> {
    let employment = employment.map(|word| {
        Employment::parse(&word).ok_or_else(|| Error::corrupt("person.employment", &word))
    });
    let day = contract_ends_on.map(|day| convert::text("person.contract_ends_on", &day));
    Ok(Standing {
        employment: employment.transpose()?,
        contract_ends_on: day.transpose()?,
        disabled_at: disabled_at.map(|Moment(at)| at),
    })
}
