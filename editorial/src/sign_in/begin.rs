//! From account and password to a session.

use jiff::Timestamp;
use schema::{
    access::{Login, PersonKind},
    sign_in::{Owed, TEMPORARY_FOR},
};
use serde_json::json;
use store::{
    UnitOfWork,
    access::{
        passwords,
        people::{self, Person},
        second_factors,
        sessions::{self, SignInSession},
    },
    audit,
};
use zeroize::Zeroizing;

use super::{
    Device, Password, SignIn, SignInRefusal, actor_of,
    failures::{self, Tried},
};
use crate::{Desk, Error, access::SessionSecret};

/// Sessions that one person may have open; a further one ends the oldest.
const OPEN: usize = 20;

/// A session that began. The secret is to be had here and never again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// What the browser presents.
    pub secret: SessionSecret,
    /// What the session owes before it acts for its person.
    pub owed: Owed,
}

/// Begins a session for whoever knows the password of the account `login`.
///
/// # Errors
/// [`SignInRefusal::Wrong`] for an account that does not exist, cannot be used now or has another
/// password; [`SignInRefusal::Wait`]; [`Error::Store`].
pub async fn begin(
    desk: &Desk,
    sign_in: &SignIn,
    login: &str,
    password: &Password,
    device: &Device,
) -> Result<Begun, Error> {
    let login = login.trim();
    let tried = failures::count(desk, login).await?;
    let person = who(desk, login).await?;
    let kept = person.as_ref().and_then(|(_, kept)| kept.clone());
    let is_right = sign_in.is_right(password, kept).await?;
    let Some((person, _)) = person.filter(|_| is_right) else {
        let known = named(desk, login).await?.map(|person| person.id);
        tried.failed(desk, known, "password", device.address.as_deref()).await?;
        return Err(SignInRefusal::Wrong.into());
    };
    let actor = actor_of(&person);
    let (begun, _) = crate::work!(desk, &actor, work => {
        open(work, sign_in, &person, device, tried).await
    })?;
    Ok(begun)
}

/// The account of this name with what is kept of its password, if it can be used now.
async fn who(desk: &Desk, login: &str) -> Result<Option<(Person, Option<String>)>, Error> {
    let now = desk.clock.now();
    let Some(person) = named(desk, login).await? else { return Ok(None) };
    let mut session = desk.store.reader().await?;
    let kept = passwords::of(&mut session, person.id).await?;
    let in_time = |kept: &passwords::Password| {
        !kept.temporary || now.duration_since(kept.set_at) < TEMPORARY_FOR
    };
    let kept = kept
        .filter(|kept| person.standing.acts_at(now) && in_time(kept))
        .filter(|_| person.kind == PersonKind::Person)
        .map(|kept| kept.hash);
    Ok(Some((person, kept)))
}

async fn named(desk: &Desk, login: &str) -> Result<Option<Person>, Error> {
    let Ok(login) = login.parse::<Login>() else { return Ok(None) };
    let mut session = desk.store.reader().await?;
    Ok(people::who_signs_in(&mut session, &login).await?)
}

async fn open(
    work: &mut UnitOfWork,
    sign_in: &SignIn,
    person: &Person,
    device: &Device,
    tried: Tried,
) -> Result<Begun, Error> {
    let now = work.now();
    let open = sessions::open_of(work.session(), person.id, Timestamp::UNIX_EPOCH).await?;
    for oldest in open.iter().skip(OPEN - 1) {
        sessions::end(work, oldest.id).await?;
    }
    let session = SignInSession {
        id: work.new_id(),
        person: person.id,
        began_at: now,
        seen_at: now,
        showed_second_factor: false,
        address: device.address.clone(),
        agent: device.agent.clone(),
        ended_at: None,
    };
    let secret = SessionSecret::new(&Zeroizing::new(work.new_salt()));
    sessions::insert(work, &session, &secret.hash()).await?;
    let factor = second_factors::of(work.session(), person.id).await?;
    let kept = passwords::of(work.session(), person.id).await?.ok_or(SignInRefusal::Wrong)?;
    let shown = schema::sign_in::Shown {
        has_second_factor: factor.is_some_and(|factor| factor.confirmed_at.is_some()),
        showed_second_factor: false,
        password_is_temporary: kept.temporary,
        password_set_at: kept.set_at,
    };
    let owed = sign_in.rules.owed(&shown, &work.actor().grants, now);
    // A password alone does not make up for failures with the second factor.
    match owed {
        Owed::SecondFactor => tried.take_back(work).await?,
        _ => tried.forgive(work).await?,
    }
    let details = json!({ "session": session.id, "address": device.address, "owed": owed });
    audit::record(work, "session.begin", &format!("person:{}", person.id), &details).await?;
    Ok(Begun { secret, owed })
}
