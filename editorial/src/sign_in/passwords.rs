//! Setting passwords: one's own, and for somebody who has none or forgot it.
//!
//! An administrator never chooses a password: the hub makes one that is good for three days and
//! for nothing but choosing another.

use schema::{
    access::{Login, PersonKind},
    ids::ActorId,
    permission::Actor,
    sign_in::password,
};
use serde_json::json;
use store::{
    access::{passwords, people::Person},
    audit,
};

use super::{
    Begun, Password, SignIn, SignInRefusal, SignedIn, authenticate, failures, session, totp::base32,
};
use crate::{
    Desk, Error, Refusal,
    access::{find, permit_to_let_in},
};

/// Letters of a part of a password that was made.
const PART: usize = 4;

/// A password that was made for somebody. It is to be had here and never again.
#[derive(Clone, Debug)]
pub struct GivenPassword {
    /// For whom.
    pub person: Person,
    /// The password.
    pub password: Password,
}

/// Makes a password for an account, in the place of the one it has, and ends all its sessions.
///
/// # Errors
/// An account that does not exist; [`SignInRefusal::NotForPrograms`]; missing permission to
/// administer it and all it holds.
pub async fn give_password(
    desk: &Desk,
    sign_in: &SignIn,
    actor: &Actor,
    login: &Login,
) -> Result<GivenPassword, Error> {
    let password = made(&base32(&*session::random::<10>(&*desk.entropy)));
    let hash = sign_in.hash(&*desk.entropy, &password).await?;
    let (person, _) = crate::work!(desk, actor, work => {
        let person = find(work, login).await?;
        permit_to_let_in(work, &person.grants)?;
        if person.kind != PersonKind::Person {
            return Err(SignInRefusal::NotForPrograms.into());
        }
        passwords::set(work, person.id, &hash, true).await?;
        let subject = format!("person:{}", person.id);
        audit::record(work, "password.give", &subject, &json!({ "login": login })).await?;
        session::ended(work, &person, None).await?;
        Ok(person)
    })?;
    Ok(GivenPassword { person, password })
}

fn made(letters: &str) -> Password {
    let letters: Vec<char> = letters.to_lowercase().chars().collect();
    let parts: Vec<String> = letters.chunks(PART).map(|part| part.iter().collect()).collect();
    Password::typed(&parts.join("-"))
}

/// Changes one's own password, which ends one's sessions on other devices and gives this one
/// another secret.
///
/// # Errors
/// [`SignInRefusal::WrongPassword`], [`SignInRefusal::Wait`], [`SignInRefusal::UsedBefore`];
/// [`Refusal::Invalid`] for a password that does not do; [`Refusal::NotPermitted`] before the second
/// factor was shown.
pub async fn change_password(
    desk: &Desk,
    sign_in: &SignIn,
    signed_in: &SignedIn,
    current: &Password,
    wanted: &Password,
) -> Result<Begun, Error> {
    let (id, login) = (signed_in.actor.id, &signed_in.login);
    if signed_in.owed == schema::sign_in::Owed::SecondFactor {
        return Err(SignInRefusal::Over.into());
    }
    let faults =
        password::faults("password", wanted.reveal(), &[login.as_str(), &signed_in.actor.name]);
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults).into());
    }
    let tried = failures::count(desk, login.as_str()).await?;
    let kept = kept(desk, id).await?;
    let now = kept.first().cloned();
    if !sign_in.is_right(current, now).await? {
        tried.failed(desk, Some(id), "password", None).await?;
        return Err(SignInRefusal::WrongPassword.into());
    }
    for earlier in kept {
        if sign_in.is_right(wanted, Some(earlier)).await? {
            crate::work!(desk, &signed_in.actor, work => tried.forgive(work).await)?;
            return Err(SignInRefusal::UsedBefore.into());
        }
    }
    let hash = sign_in.hash(&*desk.entropy, wanted).await?;
    let (secret, _) = crate::work!(desk, &signed_in.actor, work => {
        tried.forgive(work).await?;
        let person = find(work, login).await?;
        passwords::set(work, id, &hash, false).await?;
        let subject = format!("person:{id}");
        audit::record(work, "password.change", &subject, &json!({ "login": login })).await?;
        session::ended(work, &person, Some(signed_in.session)).await?;
        session::renew(work, signed_in.session, false).await
    })?;
    let owed = authenticate(desk, sign_in, secret.reveal()).await?;
    let owed = owed.ok_or(SignInRefusal::Over)?.owed;
    Ok(Begun { secret, owed })
}

/// What is kept of the password in force and of the last ones before it.
async fn kept(desk: &Desk, person: ActorId) -> Result<Vec<String>, Error> {
    let mut session = desk.store.reader().await?;
    let mut kept = Vec::new();
    if let Some(now) = passwords::of(&mut session, person).await? {
        kept.push(now.hash);
        kept.extend(passwords::earlier(&mut session, person).await?);
    }
    Ok(kept)
}
