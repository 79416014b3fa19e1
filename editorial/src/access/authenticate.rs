//! From what a program presents to who acts.

use jiff::Timestamp;
use schema::{access::narrowed, ids::TokenId, permission::Actor};
use store::access::tokens::{self, Shown};

use super::TokenSecret;
use crate::{Desk, Error};

/// Somebody who presented a token that is good now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Who acts: the owner, so that two tokens of one person are one person, with no more
    /// than both the token and the owner were granted. The name says which token it was.
    pub actor: Actor,
    /// The token.
    pub token: TokenId,
    /// The hour in which it was used, where that is not noted yet: for [`note_use`].
    pub unnoted: Option<Timestamp>,
}

/// Who `presented` belongs to; `None` when it is no token of this hub, or one that expired,
/// was revoked, or belongs to an account that is disabled or whose contract is over. Which of these it is nobody is told.
///
/// # Errors
/// [`Error::Store`].
pub async fn authenticate(desk: &Desk, presented: &str) -> Result<Option<Authenticated>, Error> {
    let Some(secret) = TokenSecret::parse(presented) else { return Ok(None) };
    let mut session = desk.store.reader().await?;
    let shown = tokens::shown(&mut session, secret.hash()).await?;
    let now = desk.clock.now();
    Ok(shown.filter(|shown| is_good(shown, now)).map(|shown| known(&shown, now)))
}

/// Whether a token is good now, and its owner.
pub(crate) fn is_good(shown: &Shown, now: Timestamp) -> bool {
    shown.token.revoked_at.is_none()
        && shown.owner_standing.acts_at(now)
        && shown.token.expires_at.is_none_or(|at| now < at)
}

/// Who acts with a token.
pub(crate) fn actor(shown: &Shown) -> Actor {
    let token = &shown.token;
    Actor {
        id: token.owner,
        name: format!("{} ({})", shown.owner_name, token.name),
        grants: narrowed(&token.grants, &shown.owner_standing.holds(&shown.owner_grants)),
    }
}

fn known(shown: &Shown, now: Timestamp) -> Authenticated {
    let token = &shown.token;
    let hour = now.as_second().div_euclid(3_600) * 3_600;
    let hour = Timestamp::from_second(hour).unwrap_or(now);
    Authenticated {
        actor: actor(shown),
        token: token.id,
        unnoted: token.last_used_at.is_none_or(|last| last < hour).then_some(hour),
    }
}

/// Notes the use of a token, once an hour. It changes nothing else, so a failure here is no
/// reason to turn its holder away.
///
/// # Errors
/// [`Error::Store`].
pub async fn note_use(desk: &Desk, authenticated: &Authenticated) -> Result<(), Error> {
    let Some(hour) = authenticated.unnoted else { return Ok(()) };
    let token = authenticated.token;
    crate::work!(desk, &authenticated.actor, work => Ok(tokens::used(work, token, hour).await?))?;
    Ok(())
}
