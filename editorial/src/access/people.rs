//! Making accounts, disabling them, granting roles to them.

use schema::{
    access::{Granted, Login, PersonKind},
    ids::ActorId,
    permission::Grant,
};
use serde_json::{Value, json};
use store::{
    UnitOfWork,
    access::{self, people, people::Person},
    audit,
};

use super::{granted, name_fault, permit, permit_all, permit_grant};
use crate::{Error, Refusal};

/// An account that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// The name of the account.
    pub login: Login,
    /// What people call it.
    pub name: String,
    /// Somebody or a program.
    pub kind: PersonKind,
    /// What it is granted at once.
    pub grants: Vec<Grant>,
}

/// Makes an account.
///
/// # Errors
/// [`Refusal::Exists`] for a login that is taken; [`Refusal::Invalid`] for the name; missing
/// permission to administer each scope granted, or the hub where nothing is;
/// [`Refusal::MoreThanHeld`].
pub async fn create_person(work: &mut UnitOfWork, new: NewPerson) -> Result<Person, Error> {
    let mut grants: Vec<Granted> = Vec::with_capacity(new.grants.len());
    for grant in new.grants {
        let granted = granted(work, grant).await?;
        permit_grant(work, &granted)?;
        if !grants.contains(&granted) {
            grants.push(granted);
        }
    }
    if grants.is_empty() {
        permit(work, &schema::permission::Touched::default())?;
    }
    if let Some(fault) = name_fault("name", &new.name) {
        return Err(Refusal::Invalid(vec![fault]).into());
    }
    let taken = || Refusal::Exists { what: "person", name: new.login.to_string() };
    if people::by_login(work, &new.login).await?.is_some() {
        return Err(taken().into());
    }
    let person = Person {
        id: work.new_id(),
        login: new.login.clone(),
        name: new.name.trim().to_owned(),
        kind: new.kind,
        grants,
        created_at: work.now(),
        disabled_at: None,
    };
    people::insert(work, &person).await.map_err(|error| match error.is_unique_violation() {
        true => Error::from(taken()),
        false => error.into(),
    })?;
    for held in &person.grants {
        access::grant(work, person.id.uuid(), held.grant).await?;
    }
    let grants: Vec<Grant> = person.grants.iter().map(|held| held.grant).collect();
    let details = json!({ "login": person.login, "kind": person.kind, "grants": grants });
    note(work, "person.create", person.id, details).await?;
    Ok(person)
}

/// Disables an account, and with it all its tokens. Doing it again changes nothing.
///
/// # Errors
/// An account that does not exist; missing permission to administer all it was granted.
pub async fn disable_person(work: &mut UnitOfWork, login: &Login) -> Result<Person, Error> {
    let mut person = find(work, login).await?;
    permit_all(work, &person.grants)?;
    if person.disabled_at.is_none() {
        people::disable(work, person.id).await?;
        person.disabled_at = Some(work.now());
        note(work, "person.disable", person.id, json!({ "login": person.login })).await?;
    }
    Ok(person)
}

/// Grants an account a role. Granting again changes nothing.
///
/// # Errors
/// An account, authority or site that does not exist; missing permission to administer the
/// scope; [`Refusal::MoreThanHeld`].
pub async fn grant_role(
    work: &mut UnitOfWork,
    login: &Login,
    grant: Grant,
) -> Result<Person, Error> {
    let granted = granted(work, grant).await?;
    permit_grant(work, &granted)?;
    let mut person = find(work, login).await?;
    if access::grant(work, person.id.uuid(), grant).await? {
        person.grants.push(granted);
        let details = json!({ "login": person.login, "grant": grant });
        note(work, "person.grant", person.id, details).await?;
    }
    Ok(person)
}

/// Takes a role from an account, at once also from what its tokens may do. Taking what is not
/// held changes nothing.
///
/// # Errors
/// As [`grant_role`].
pub async fn revoke_role(
    work: &mut UnitOfWork,
    login: &Login,
    grant: Grant,
) -> Result<Person, Error> {
    let granted = granted(work, grant).await?;
    permit_grant(work, &granted)?;
    let mut person = find(work, login).await?;
    if access::revoke(work, person.id.uuid(), grant).await? {
        person.grants.retain(|held| held.grant != grant);
        let details = json!({ "login": person.login, "grant": grant });
        note(work, "person.revoke", person.id, details).await?;
    }
    Ok(person)
}

pub(super) async fn find(work: &mut UnitOfWork, login: &Login) -> Result<Person, Error> {
    people::by_login(work, login).await?.ok_or_else(|| Refusal::not_found("person", login).into())
}

async fn note(
    work: &mut UnitOfWork,
    action: &str,
    id: ActorId,
    details: Value,
) -> Result<(), Error> {
    Ok(audit::record(work, action, &format!("person:{id}"), &details).await?)
}
