//! Sessions while they last: who acts with one, where somebody is signed in, and the end.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use schema::{
    access::Login,
    digest::Digest,
    ids::SessionId,
    parameters::Entropy,
    permission::Actor,
    sign_in::{FORGOTTEN_AFTER, Owed, Rules},
};
use serde_json::json;
use store::{
    Session, UnitOfWork,
    access::{
        people::Person,
        sessions::{self, Shown, SignInSession},
        sign_in_failures,
    },
    audit,
};
use zeroize::Zeroizing;

use super::{SignIn, SignInRefusal, failures::stranger};
use crate::{
    Desk, Error, Refusal,
    access::{SessionSecret, find, permit_to_let_in},
};

/// Somebody with a session that is good now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who acts, once nothing is owed any more.
    pub actor: Actor,
    /// Their account.
    pub login: Login,
    /// The session.
    pub session: SessionId,
    /// What is owed before it acts for its person.
    pub owed: Owed,
    /// What a form carries to show that a page of ours made it: nobody has it who has not the
    /// session's secret.
    pub form_token: String,
    /// When the session ends if it is not used again.
    pub good_until: Timestamp,
    /// The minute in which it was used, where that is not noted yet: for [`note_use`].
    pub unnoted: Option<Timestamp>,
}

/// Who `presented` belongs to; `None` when it is no session of this hub, or one that is over, or of
/// an account that cannot be used any more. Which of these it is nobody is told.
///
/// # Errors
/// [`Error::Store`].
pub async fn authenticate(
    desk: &Desk,
    sign_in: &SignIn,
    presented: &str,
) -> Result<Option<SignedIn>, Error> {
    let Some(secret) = SessionSecret::parse(presented) else { return Ok(None) };
    let mut session = desk.store.reader().await?;
    let shown = sessions::shown(&mut session, &secret.hash()).await?;
    Ok(shown.and_then(|shown| known(&sign_in.rules, shown, &secret, desk.clock.now())))
}

fn known(rules: &Rules, shown: Shown, secret: &SessionSecret, now: Timestamp) -> Option<SignedIn> {
    let Shown { session, login, name, grants, standing, facts } = shown;
    let good_until = rules.good_until(session.began_at, session.seen_at);
    if session.ended_at.is_some() || !standing.acts_at(now) || now >= good_until {
        return None;
    }
    let grants: Vec<_> = standing.holds(&grants).into_iter().map(|granted| granted.grant).collect();
    let owed = rules.owed(&facts?, &grants, now);
    let minute = now.as_second().div_euclid(60) * 60;
    let minute = Timestamp::from_second(minute).unwrap_or(now);
    Some(SignedIn {
        actor: Actor { id: session.person, name, grants },
        login,
        session: session.id,
        owed,
        form_token: form_token(secret),
        good_until,
        unnoted: (session.seen_at < minute).then_some(minute),
    })
}

fn form_token(secret: &SessionSecret) -> String {
    let digest = Digest::of_parts(&[b"gongbao form", secret.reveal().as_bytes()]);
    URL_SAFE_NO_PAD.encode(digest.as_bytes())
}

/// Notes the use of a session, once a minute: that is what keeps it from ending for being idle.
///
/// # Errors
/// [`Error::Store`].
pub async fn note_use(desk: &Desk, signed_in: &SignedIn) -> Result<(), Error> {
    let Some(minute) = signed_in.unnoted else { return Ok(()) };
    let session = signed_in.session;
    crate::work!(desk, &stranger(), work => Ok(sessions::seen(work, session, minute).await?))?;
    Ok(())
}

/// Another secret for a session that has come to mean more.
pub(super) async fn renew(
    work: &mut UnitOfWork,
    session: SessionId,
    showed_second_factor: bool,
) -> Result<SessionSecret, Error> {
    let known = sessions::of_work(work, session).await?;
    let known = known.filter(|known| known.ended_at.is_none()).ok_or(SignInRefusal::Over)?;
    let secret = SessionSecret::new(&Zeroizing::new(work.new_salt()));
    let showed = known.showed_second_factor || showed_second_factor;
    sessions::renew(work, session, &secret.hash(), showed).await?;
    Ok(secret)
}

/// Where somebody is signed in, the newest first. The caller has been shown the account.
///
/// # Errors
/// [`store::Error::Database`].
pub async fn open_sessions(
    session: &mut Session,
    rules: &Rules,
    person: &Person,
    now: Timestamp,
) -> Result<Vec<SignInSession>, store::Error> {
    let open = sessions::open_of(session, person.id, Timestamp::UNIX_EPOCH).await?;
    let is_good = |one: &SignInSession| now < rules.good_until(one.began_at, one.seen_at);
    Ok(open.into_iter().filter(is_good).collect())
}

/// Ends one's own session, at one's own wish. Doing it again changes nothing.
///
/// # Errors
/// [`Error::Store`].
pub async fn end(desk: &Desk, signed_in: &SignedIn) -> Result<(), Error> {
    crate::work!(desk, &signed_in.actor, work => end_one(work, signed_in.session).await)?;
    Ok(())
}

/// Ends the session `id`. Doing it again changes nothing.
///
/// # Errors
/// A session that does not exist; missing permission to administer its person and all they hold,
/// unless it is one's own.
pub async fn end_one(work: &mut UnitOfWork, id: SessionId) -> Result<SignInSession, Error> {
    let not_found = || Refusal::not_found("session", id);
    let mut session = sessions::of_work(work, id).await?.ok_or_else(not_found)?;
    if session.person != work.actor().id {
        let person = store::access::people::of_work(work, session.person).await?;
        permit_to_let_in(work, &person.ok_or_else(not_found)?.grants)?;
    }
    if sessions::end(work, id).await? {
        session.ended_at = Some(work.now());
        let details = json!({ "session": id });
        let subject = format!("person:{}", session.person);
        audit::record(work, "session.end", &subject, &details).await?;
    }
    Ok(session)
}

/// Ends every session of an account, but for `kept`.
///
/// # Errors
/// As [`end_one`].
pub async fn end_all(
    work: &mut UnitOfWork,
    login: &Login,
    kept: Option<SessionId>,
) -> Result<u64, Error> {
    let person = find(work, login).await?;
    if person.id != work.actor().id {
        permit_to_let_in(work, &person.grants)?;
    }
    ended(work, &person, kept).await
}

/// Ends every session of a person but `kept`, and says so.
pub(super) async fn ended(
    work: &mut UnitOfWork,
    person: &Person,
    kept: Option<SessionId>,
) -> Result<u64, Error> {
    let ended = sessions::end_all(work, person.id, kept).await?;
    if ended > 0 {
        let details = json!({ "sessions": ended });
        let subject = format!("person:{}", person.id);
        audit::record(work, "session.endAll", &subject, &details).await?;
    }
    Ok(ended)
}

/// Forgets sessions that are long over, and failures that count no more.
///
/// # Errors
/// [`Error::Store`].
pub async fn tidy(desk: &Desk, rules: &Rules) -> Result<u64, Error> {
    let longest = SignedDuration::from_hours(2 * i64::from(rules.longest_hours).max(12));
    let (forgotten, _) = crate::work!(desk, &stranger(), work => {
        let before = |age| work.now().checked_sub(age).unwrap_or(Timestamp::UNIX_EPOCH);
        let (sessions, failures) = (before(longest), before(FORGOTTEN_AFTER));
        let forgotten = sessions::forget_before(work, sessions).await?;
        Ok(forgotten + sign_in_failures::forget_before(work, failures).await?)
    })?;
    Ok(forgotten)
}

/// Random bytes for somebody to type or keep.
pub(super) fn random<const BYTES: usize>(entropy: &dyn Entropy) -> Zeroizing<[u8; BYTES]> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    entropy.fill(&mut *bytes);
    bytes
}
