//! What may be known of targets: how each does, what it holds, what was done to it; and the one
//! harmless call that tells whether it can be reached.

use schema::{
    ids::DocumentId,
    permission::{Action, Actor, Touched, may},
    viewer::Viewer,
};
use store::{
    Session,
    audit::{self, Record},
    deliveries::{
        status::{self, Counts, DeliveryStatus, Standing},
        targets::{self, Target},
    },
};
use uuid::Uuid;

use super::{tends, touched};
use crate::{
    Desk, Error, Refusal,
    ports::{ChannelTest, Channels, Shown},
};

/// Deliveries that [`show`] lists at most.
const STUCK: u32 = 50;

/// Every target that `actor` may see.
///
/// # Errors
/// [`Error::Store`].
pub async fn list(desk: &Desk, actor: &Actor) -> Result<Vec<(Target, Counts)>, Error> {
    let mut session = desk.store.snapshot().await?;
    let mut seen = Vec::new();
    for target in targets::all(&mut session).await? {
        let touched = touched(&mut session, &target).await?;
        if sees(actor, &touched) {
            let counts = status::counts(&mut session, target.id, desk.clock.now()).await?;
            seen.push((target, counts));
        }
    }
    Ok(seen)
}

/// One target: how it does, and what waits for a person.
///
/// # Errors
/// [`Refusal::NotFound`] for one that does not exist or that `actor` may not see.
pub async fn show(
    desk: &Desk,
    actor: &Actor,
    key: &str,
) -> Result<(Target, Counts, Vec<(DocumentId, DeliveryStatus)>), Error> {
    let mut session = desk.store.snapshot().await?;
    let target = visible(&mut session, actor, key).await?;
    let counts = status::counts(&mut session, target.id, desk.clock.now()).await?;
    let stuck = status::stuck(&mut session, target.id, STUCK).await?;
    Ok((target, counts, stuck))
}

/// One target.
///
/// # Errors
/// As [`show`].
pub async fn find(desk: &Desk, actor: &Actor, key: &str) -> Result<Target, Error> {
    let mut session = desk.store.reader().await?;
    visible(&mut session, actor, key).await
}

/// How a target does.
///
/// # Errors
/// As [`show`].
pub async fn counts(desk: &Desk, actor: &Actor, key: &str) -> Result<Counts, Error> {
    let mut session = desk.store.snapshot().await?;
    let target = visible(&mut session, actor, key).await?;
    Ok(status::counts(&mut session, target.id, desk.clock.now()).await?)
}

/// What waits for a person at a target, the oldest first, at most `limit`.
///
/// # Errors
/// As [`show`].
pub async fn stuck(
    desk: &Desk,
    actor: &Actor,
    key: &str,
    limit: u32,
) -> Result<Vec<(DocumentId, DeliveryStatus)>, Error> {
    let mut session = desk.store.snapshot().await?;
    let target = visible(&mut session, actor, key).await?;
    Ok(status::stuck(&mut session, target.id, limit).await?)
}

/// What of a target's secrets anybody may see. Nothing where they cannot be opened.
///
/// # Errors
/// As [`show`].
pub async fn public(
    desk: &Desk,
    channels: &dyn Channels,
    actor: &Actor,
    key: &str,
) -> Result<Vec<Shown>, Error> {
    let target = find(desk, actor, key).await?;
    Ok(channels.public(&target).unwrap_or_default())
}

/// What was done to a target, by people and by the engine: at most `limit` rows older than row
/// `before`, the newest first; none for those who may not know of it.
///
/// # Errors
/// [`Error::Store`].
pub async fn history(
    desk: &Desk,
    actor: &Actor,
    key: &str,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Record>, Error> {
    let mut session = desk.store.snapshot().await?;
    let Some(target) = targets::by_key(&mut session, key).await? else { return Ok(Vec::new()) };
    let touched = touched(&mut session, &target).await?;
    let viewer = Viewer::Known(actor.clone());
    let subject = targets::subject(key);
    Ok(audit::of_workings(&mut session, &viewer, &touched, &subject, before, limit).await?)
}

/// Makes one harmless call to a target and says what came of it.
///
/// # Errors
/// As [`show`]; [`Refusal::NotPermitted`] for those who may only look.
pub async fn test(
    desk: &Desk,
    channels: &dyn Channels,
    actor: &Actor,
    key: &str,
) -> Result<ChannelTest, Error> {
    // The session is given back before the call.
    let target = {
        let mut session = desk.store.reader().await?;
        let target = visible(&mut session, actor, key).await?;
        if !tends(actor, &touched(&mut session, &target).await?) {
            return Err(Refusal::NotPermitted(Action::Operate).into());
        }
        target
    };
    Ok(channels.test(&target, desk.clock.now()).await)
}

/// How it stands with a document at every target.
///
/// # Errors
/// [`Refusal::NotPermitted`] without the right to operate, or to read drafts of the document.
pub async fn standing(
    desk: &Desk,
    actor: &Actor,
    document: DocumentId,
) -> Result<Vec<Standing>, Error> {
    let mut session = desk.store.snapshot().await?;
    let viewer = Viewer::Known(actor.clone());
    let found = store::documents::document(&mut session, &viewer, document)
        .await?
        .ok_or_else(|| Refusal::not_found("document", document))?;
    let touched = store::documents::touched(&mut session, &found).await?;
    if !may(actor, Action::ReadDrafts, &touched) && !may(actor, Action::Operate, &touched) {
        return Err(Refusal::NotPermitted(Action::Operate).into());
    }
    Ok(status::of_document(&mut session, document).await?)
}

async fn visible(session: &mut Session, actor: &Actor, key: &str) -> Result<Target, Error> {
    let not_found = || Refusal::not_found("target", key);
    let target = targets::by_key(session, key).await?.ok_or_else(not_found)?;
    let touched = touched(session, &target).await?;
    if sees(actor, &touched) { Ok(target) } else { Err(not_found().into()) }
}

fn sees(actor: &Actor, touched: &Touched) -> bool {
    Viewer::Known(actor.clone()).sees_workings(touched)
}
