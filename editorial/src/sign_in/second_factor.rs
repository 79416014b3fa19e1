//! The second factor: setting one up, showing it, and what helps when the telephone is lost.

use schema::{access::Login, digest::Digest, ids::ActorId, parameters::Entropy, sign_in::Owed};
use serde_json::json;
use store::{
    UnitOfWork,
    access::{people::Person, second_factors},
    audit,
    vault::Sealed,
};

use super::{
    Begun, SignIn, SignInRefusal, SignedIn, authenticate,
    failures::{self, Tried},
    session,
    totp::{Secret, base32},
};
use crate::{
    Desk, Error,
    access::{SessionSecret, find, permit_to_let_in},
};

/// Recovery codes that somebody has.
const CODES: usize = 10;
/// Bytes of a recovery code.
const BYTES: usize = 10;
/// Letters of a recovery code.
const LETTERS: usize = 16;

/// A second factor that is being set up.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The secret as people type it.
    pub secret: String,
    /// The same as an authenticator reads it from a picture.
    pub uri: String,
}

/// Recovery codes, to be had here and never again, and the session's new secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The codes.
    pub codes: Vec<String>,
    /// The session as it is now.
    pub begun: Begun,
}

/// Begins to set up a second factor, or begins anew with one that was not confirmed.
///
/// # Errors
/// [`SignInRefusal::HasSecondFactor`].
pub async fn begin_second_factor(
    desk: &Desk,
    sign_in: &SignIn,
    signed_in: &SignedIn,
) -> Result<Enrolment, Error> {
    may_change(signed_in)?;
    let id = signed_in.actor.id;
    let secret = Secret::random(&*desk.entropy);
    let sealed = sign_in.key.seal(&*desk.entropy, &whom(id), secret.bytes());
    crate::work!(desk, &signed_in.actor, work => {
        match second_factors::begin(work, id, &sealed).await? {
            true => Ok(()),
            false => Err(SignInRefusal::HasSecondFactor.into()),
        }
    })?;
    let (secret, login) = (secret.base32(), &signed_in.login);
    let uri = format!("otpauth://totp/Gongbao:{login}?secret={secret}&issuer=Gongbao");
    Ok(Enrolment { secret, uri })
}

/// Confirms a second factor with a first code: from now on it is asked for.
///
/// # Errors
/// [`SignInRefusal::WrongCode`], [`SignInRefusal::Wait`]; [`SignInRefusal::NoSecondFactor`],
/// [`SignInRefusal::HasSecondFactor`].
pub async fn confirm_second_factor(
    desk: &Desk,
    sign_in: &SignIn,
    signed_in: &SignedIn,
    code: &str,
) -> Result<Recovery, Error> {
    may_change(signed_in)?;
    let id = signed_in.actor.id;
    if stored(desk, id).await?.confirmed_at.is_some() {
        return Err(SignInRefusal::HasSecondFactor.into());
    }
    let tried = failures::count(desk, signed_in.login.as_str()).await?;
    let Some(step) = step(desk, sign_in, id, code).await? else {
        return wrong(desk, tried, id).await;
    };
    let codes = new_codes(&*desk.entropy);
    let taken = crate::work!(desk, &signed_in.actor, work => {
        if !second_factors::take(work, id, step).await? {
            return Ok(None);
        }
        tried.forgive(work).await?;
        second_factors::set_recovery_codes(work, id, &hashes(id, &codes)).await?;
        note(work, "secondFactor.set", id).await?;
        session::renew(work, signed_in.session, true).await.map(Some)
    })?;
    match taken.0 {
        Some(secret) => Ok(Recovery { codes, begun: begun(desk, sign_in, secret).await? }),
        None => wrong(desk, tried, id).await,
    }
}

/// Shows the second factor: a code of the authenticator, or a recovery code, which is used up.
///
/// # Errors
/// [`SignInRefusal::WrongCode`], [`SignInRefusal::Wait`], [`SignInRefusal::NoSecondFactor`].
pub async fn show_second_factor(
    desk: &Desk,
    sign_in: &SignIn,
    signed_in: &SignedIn,
    code: &str,
) -> Result<Begun, Error> {
    let typed = Typed::read(desk, sign_in, signed_in, code).await?;
    let (secret, _) = crate::work!(desk, &signed_in.actor, work => {
        match typed.take(work).await? {
            true => session::renew(work, signed_in.session, true).await.map(Some),
            false => Ok(None),
        }
    })?;
    match secret {
        Some(secret) => begun(desk, sign_in, secret).await,
        None => wrong(desk, typed.tried, typed.person).await,
    }
}

/// Makes new recovery codes in the place of those there were, for who shows the second factor.
///
/// # Errors
/// As [`show_second_factor`].
pub async fn renew_recovery_codes(
    desk: &Desk,
    sign_in: &SignIn,
    signed_in: &SignedIn,
    code: &str,
) -> Result<Vec<String>, Error> {
    may_change(signed_in)?;
    let id = signed_in.actor.id;
    let typed = Typed::read(desk, sign_in, signed_in, code).await?;
    let codes = new_codes(&*desk.entropy);
    let hashes = hashes(id, &codes);
    let (done, _) = crate::work!(desk, &signed_in.actor, work => {
        let is_good = typed.take(work).await?;
        if is_good {
            second_factors::set_recovery_codes(work, id, &hashes).await?;
            note(work, "recoveryCodes.renew", id).await?;
        }
        Ok(is_good)
    })?;
    if done { Ok(codes) } else { wrong(desk, typed.tried, id).await }
}

/// Removes one's own second factor, for who shows it and does not need one.
///
/// # Errors
/// [`SignInRefusal::SecondFactorRequired`]; as [`show_second_factor`].
pub async fn remove_second_factor(
    desk: &Desk,
    sign_in: &SignIn,
    signed_in: &SignedIn,
    code: &str,
) -> Result<(), Error> {
    may_change(signed_in)?;
    if sign_in.rules.second_factor.is_required_of(&signed_in.actor.grants) {
        return Err(SignInRefusal::SecondFactorRequired.into());
    }
    let id = signed_in.actor.id;
    let typed = Typed::read(desk, sign_in, signed_in, code).await?;
    let (done, _) = crate::work!(desk, &signed_in.actor, work => {
        let is_good = typed.take(work).await?;
        if is_good {
            second_factors::remove(work, id).await?;
            note(work, "secondFactor.remove", id).await?;
        }
        Ok(is_good)
    })?;
    if done { Ok(()) } else { wrong(desk, typed.tried, id).await }
}

/// Removes the second factor of somebody who lost it, and ends their sessions. Doing it again
/// changes nothing.
///
/// # Errors
/// An account that does not exist; missing permission to administer it and all it holds; one's own.
pub async fn reset_second_factor(work: &mut UnitOfWork, login: &Login) -> Result<Person, Error> {
    let person = find(work, login).await?;
    permit_to_let_in(work, &person.grants)?;
    if person.id == work.actor().id {
        return Err(SignInRefusal::SecondFactorRequired.into());
    }
    if second_factors::remove(work, person.id).await? {
        note(work, "secondFactor.reset", person.id).await?;
        session::ended(work, &person, None).await?;
    }
    Ok(person)
}

/// A code that was typed, as far as it could be one.
struct Typed {
    person: ActorId,
    tried: Tried,
    /// The step of the authenticator whose code it is.
    step: Option<i64>,
    /// What is kept of the recovery code that it may be.
    recovery: Option<Digest>,
}

impl Typed {
    async fn read(
        desk: &Desk,
        sign_in: &SignIn,
        signed_in: &SignedIn,
        code: &str,
    ) -> Result<Self, Error> {
        let person = signed_in.actor.id;
        if stored(desk, person).await?.confirmed_at.is_none() {
            return Err(SignInRefusal::NoSecondFactor.into());
        }
        let tried = failures::count(desk, signed_in.login.as_str()).await?;
        let step = step(desk, sign_in, person, code).await?;
        let recovery = spelled(code).map(|code| recovery_hash(person, &code));
        Ok(Self { person, tried, step, recovery })
    }

    /// Uses the code up, in the unit of work of what it is shown for; `false` for one that is no
    /// code, or was used before.
    async fn take(&self, work: &mut UnitOfWork) -> Result<bool, Error> {
        let is_good = match (self.step, &self.recovery) {
            (Some(step), _) => second_factors::take(work, self.person, step).await?,
            (None, Some(code)) => {
                let used = second_factors::use_recovery_code(work, self.person, code).await?;
                if used {
                    note(work, "recoveryCode.use", self.person).await?;
                }
                used
            }
            (None, None) => false,
        };
        if is_good {
            self.tried.forgive(work).await?;
        }
        Ok(is_good)
    }
}

async fn wrong<T>(desk: &Desk, tried: Tried, id: ActorId) -> Result<T, Error> {
    tried.failed(desk, Some(id), "code", None).await?;
    Err(SignInRefusal::WrongCode.into())
}

async fn begun(desk: &Desk, sign_in: &SignIn, secret: SessionSecret) -> Result<Begun, Error> {
    let known = authenticate(desk, sign_in, secret.reveal()).await?;
    let owed = known.ok_or(SignInRefusal::Over)?.owed;
    Ok(Begun { secret, owed })
}

/// Refuses who has a second factor and has not shown it, or a password that is not their own.
fn may_change(signed_in: &SignedIn) -> Result<(), Error> {
    match signed_in.owed {
        Owed::Nothing | Owed::SetUpSecondFactor => Ok(()),
        Owed::SecondFactor | Owed::NewPassword => Err(SignInRefusal::Over.into()),
    }
}

async fn stored(desk: &Desk, person: ActorId) -> Result<second_factors::SecondFactor, Error> {
    let mut session = desk.store.reader().await?;
    let stored = second_factors::of(&mut session, person).await?;
    Ok(stored.ok_or(SignInRefusal::NoSecondFactor)?)
}

/// The step whose code was typed.
async fn step(
    desk: &Desk,
    sign_in: &SignIn,
    person: ActorId,
    code: &str,
) -> Result<Option<i64>, Error> {
    let sealed = stored(desk, person).await?.sealed;
    let bytes = sign_in.key.open(&whom(person), &sealed).map_err(|error| unreadable(&error))?;
    Ok(Secret::of(bytes).step_of(code, desk.clock.now()))
}

fn unreadable(error: &Sealed) -> store::Error {
    store::Error::Corrupt { what: "second_factor.sealed", why: error.to_string() }
}

/// What a sealed secret is bound to.
fn whom(person: ActorId) -> Vec<u8> {
    [&b"second factor "[..], person.uuid().as_bytes()].concat()
}

fn new_codes(entropy: &dyn Entropy) -> Vec<String> {
    let code = |_| base32(&*session::random::<BYTES>(entropy)).to_lowercase();
    let parted = |code: String| {
        let (first, last) = code.split_at(LETTERS / 2);
        format!("{first}-{last}")
    };
    (0..CODES).map(code).map(parted).collect()
}

fn hashes(person: ActorId, codes: &[String]) -> Vec<Digest> {
    codes.iter().filter_map(|code| spelled(code)).map(|code| recovery_hash(person, &code)).collect()
}

/// A recovery code as it is kept, whatever its writer put between its letters.
fn spelled(code: &str) -> Option<String> {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    (letters.len() == LETTERS).then(|| letters.to_lowercase())
}

fn recovery_hash(person: ActorId, code: &str) -> Digest {
    Digest::of_parts(&[b"gongbao recovery code", person.uuid().as_bytes(), code.as_bytes()])
}

async fn note(work: &mut UnitOfWork, action: &str, id: ActorId) -> Result<(), Error> {
    Ok(audit::record(work, action, &format!("person:{id}"), &json!({})).await?)
}
