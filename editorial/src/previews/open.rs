//! From what somebody presents to what they are shown.

use jiff::{SignedDuration, Timestamp};
use schema::{
    access::narrowed,
    ids::PreviewLinkId,
    permission::{Action, Actor},
    preview::{FILE_HOURS, LinkState},
    viewer::{Covers, Preview, Viewer},
};
use store::{
    Session,
    access::previews::{self, Shown},
};

use super::FileTickets;
use crate::{
    Desk, Error,
    access::{Authenticated, PreviewSecret, TokenSecret},
};

/// A preview that is being looked at.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Who looks.
    pub viewer: Viewer,
    /// What lets a browser fetch the files of the drafts.
    pub files: FileTickets,
    /// The link that was presented, and how people tell it from others, where one was.
    pub link: Option<(PreviewLinkId, String)>,
}

/// What the link `presented` shows; `None` when it is no link of this hub, or one that is good no
/// more. Which of these it is nobody is told.
///
/// # Errors
/// [`Error::Store`].
pub async fn open(desk: &Desk, presented: &str) -> Result<Option<Opened>, Error> {
    let Some(secret) = PreviewSecret::parse(presented) else { return Ok(None) };
    let mut session = desk.store.reader().await?;
    let Some(shown) = previews::shown(&mut session, secret.hash()).await? else {
        return Ok(None);
    };
    let Some(viewer) = viewer(&mut session, &shown, desk.clock.now()).await? else {
        return Ok(None);
    };
    let link = Some((shown.link.id, shown.link.hint.clone()));
    Ok(Some(Opened { viewer, files: FileTickets::of_link(&shown), link }))
}

/// Who looks through a link, if it is good: somebody with what its maker was granted when it was
/// made, as far as that still holds.
pub(super) async fn viewer(
    session: &mut Session,
    shown: &Shown,
    now: Timestamp,
) -> Result<Option<Viewer>, Error> {
    if shown.state(now) != LinkState::Good || !shown.maker_standing.acts_at(now) {
        return Ok(None);
    }
    let link = &shown.link;
    let with = Actor {
        id: link.created_by,
        name: format!("{} ({})", shown.maker_name, link.hint),
        grants: narrowed(&shown.grants, &shown.maker_standing.holds(&shown.maker_grants)),
    };
    let covers = Covers::Contents(previews::covered(session, shown.content).await?);
    Ok(Some(Viewer::Preview(Box::new(Preview { with, covers }))))
}

/// The same for somebody known who presented a token and asks to read drafts in the place of what
/// the public reads; `None` for those who may read none anywhere.
pub fn reading_drafts(desk: &Desk, known: &Authenticated, secret: &TokenSecret) -> Option<Opened> {
    let viewer = all(known.actor.clone())?;
    let now = desk.clock.now();
    let until = now.saturating_add(SignedDuration::from_hours(FILE_HOURS)).unwrap_or(now);
    let files = FileTickets::of_token(known.token, secret.hash(), until);
    Some(Opened { viewer, files, link: None })
}

/// Somebody known who reads drafts in the place of what the public reads.
pub(super) fn all(actor: Actor) -> Option<Viewer> {
    let reads = actor.grants.iter().any(|grant| grant.role.carries(Action::ReadDrafts));
    reads.then(|| Viewer::Preview(Box::new(Preview { with: actor, covers: Covers::All })))
}
