//! Making accounts, changing their terms, disabling them, granting roles to them.

use jiff::civil::Date;
use schema::{
    access::{Granted, Login, PersonKind},
    ids::ActorId,
    permission::{Action, Grant},
    standing::{Employment, Standing},
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
    /// On what terms.
    pub terms: Terms,
    /// What it is granted at once.
    pub grants: Vec<Grant>,
}

/// On what terms somebody has an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// How somebody is employed; `None` for a program.
    pub employment: Option<Employment>,
    /// The last day of the contract, with which access ends.
    pub contract_ends_on: Option<Date>,
}

impl Terms {
    /// Those of an account of which nothing else is said: permanent staff, or a program.
    pub fn usual(kind: PersonKind) -> Self {
        let employment = (kind == PersonKind::Person).then_some(Employment::Permanent);
        Self { employment, contract_ends_on: None }
    }
}

/// What of an account is to be changed; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonChange {
    /// What people call it.
    pub name: Option<String>,
    /// Its terms, all of them.
    pub terms: Option<Terms>,
}

/// Makes an account.
///
/// # Errors
/// [`Refusal::Exists`] for a login that is taken; [`Refusal::Invalid`] for the name or the terms;
/// missing permission to administer each scope granted, or the hub where nothing is;
/// [`Refusal::MoreThanHeld`]; [`Refusal::NotForEmployment`].
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
    let standing = Standing {
        employment: new.terms.employment,
        contract_ends_on: new.terms.contract_ends_on,
        disabled_at: None,
    };
    check(&new.name, new.kind, &standing)?;
    fits(&standing, &grants)?;
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
        standing,
    };
    people::insert(work, &person).await.map_err(|error| match error.is_unique_violation() {
        true => Error::from(taken()),
        false => error.into(),
    })?;
    for held in &person.grants {
        access::grant(work, person.id.uuid(), held.grant).await?;
    }
    let grants: Vec<Grant> = person.grants.iter().map(|held| held.grant).collect();
    let details = json!({
        "login": person.login, "kind": person.kind, "grants": grants,
        "employment": standing.employment, "contractEndsOn": standing.contract_ends_on,
    });
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
    if person.standing.disabled_at.is_none() {
        people::disable(work, person.id).await?;
        person.standing.disabled_at = Some(work.now());
        note(work, "person.disable", person.id, json!({ "login": person.login })).await?;
    }
    Ok(person)
}

/// Lets an account that was disabled be used again, with what it was granted and with its tokens
/// that were not revoked. Doing it again changes nothing.
///
/// # Errors
/// As [`disable_person`].
pub async fn enable_person(work: &mut UnitOfWork, login: &Login) -> Result<Person, Error> {
    let mut person = find(work, login).await?;
    permit_all(work, &person.grants)?;
    if person.standing.disabled_at.take().is_some() {
        people::enable(work, person.id).await?;
        note(work, "person.enable", person.id, json!({ "login": person.login })).await?;
    }
    Ok(person)
}

/// Changes what people call an account and its terms. A change to what is so already changes
/// nothing.
///
/// # Errors
/// An account that does not exist; missing permission to administer all it was granted, and for
/// anybody to change the terms of their own; [`Refusal::Invalid`];
/// [`Refusal::NotForEmployment`] where it holds a role that somebody employed so may not hold: take
/// that role first.
pub async fn change_person(
    work: &mut UnitOfWork,
    login: &Login,
    change: PersonChange,
) -> Result<Person, Error> {
    let before = find(work, login).await?;
    permit_all(work, &before.grants)?;
    let mut person = before.clone();
    if let Some(name) = change.name {
        person.name = name.trim().to_owned();
    }
    if let Some(Terms { employment, contract_ends_on }) = change.terms {
        person.standing = Standing { employment, contract_ends_on, ..person.standing };
    }
    // Nobody lengthens their own contract.
    if person.standing != before.standing && person.id == work.actor().id {
        return Err(Refusal::NotPermitted(Action::Administer).into());
    }
    check(&person.name, person.kind, &person.standing)?;
    fits(&person.standing, &person.grants)?;
    if person != before {
        people::update(work, &person).await?;
        let terms = |person: &Person| {
            json!({
                "name": person.name, "employment": person.standing.employment,
                "contractEndsOn": person.standing.contract_ends_on,
            })
        };
        let details =
            json!({ "login": person.login, "before": terms(&before), "after": terms(&person) });
        note(work, "person.change", person.id, details).await?;
    }
    Ok(person)
}

/// Refuses a name or terms that cannot be.
fn check(name: &str, kind: PersonKind, standing: &Standing) -> Result<(), Error> {
    let mut faults = standing.faults(kind);
    faults.extend(name_fault("name", name));
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults).into()) }
}

/// Refuses roles that may not be held on these terms.
fn fits(standing: &Standing, grants: &[Granted]) -> Result<(), Error> {
    match grants.iter().find(|granted| !standing.may_hold(granted.grant.role)) {
        Some(granted) => Err(Refusal::NotForEmployment(granted.grant.role).into()),
        None => Ok(()),
    }
}

/// Grants an account a role. Granting again changes nothing.
///
/// # Errors
/// An account, authority or site that does not exist; missing permission to administer the
/// scope; [`Refusal::MoreThanHeld`]; [`Refusal::NotForEmployment`].
pub async fn grant_role(
    work: &mut UnitOfWork,
    login: &Login,
    grant: Grant,
) -> Result<Person, Error> {
    let granted = granted(work, grant).await?;
    permit_grant(work, &granted)?;
    let mut person = find(work, login).await?;
    fits(&person.standing, &[granted])?;
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

pub(crate) async fn find(work: &mut UnitOfWork, login: &Login) -> Result<Person, Error> {
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
