//! A site of another authority places a document by an act of its own: no copy, its own
//! columns, path, publish time and withdrawal. It follows the owner's corrections and recalls.

use schema::{
    digest::Digest,
    edition::{Importance, PlacedAt},
    gate::{self, Way},
    names::SiteKey,
    permission::{Action, Touched},
    tree::Site,
    visibility::{EventKind, Notice, Removal, Visibility},
};
use serde_json::json;
use store::{
    UnitOfWork,
    documents::Document,
    editions, listing,
    placements::{self, Placement},
    routes,
};

use super::{
    Target, WantedPlacement, audit, authorise, claims, content_type, event, last_commitment, lock,
    place::{self, Found},
    record,
    take_back::check_notice,
};
use crate::{Desk, Error, Refusal};

/// A placement on a site of another authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceElsewhere {
    /// The document.
    pub target: Target,
    /// Where it is to stand.
    pub placement: WantedPlacement,
    /// Digest of the live edition that was looked at.
    pub approved: Option<Digest>,
}

/// Places a live document on a site of another authority, or moves it there, or lifts its
/// withdrawal there. `None` when it stands there so already.
///
/// # Errors
/// [`Refusal::NotFrom`] for a document that is not live, [`Refusal::ForeignSite`] for a site of
/// the owner itself, a path that is taken, a shut gate.
pub async fn place_elsewhere(
    desk: &Desk,
    work: &mut UnitOfWork,
    request: PlaceElsewhere,
) -> Result<Option<EventKind>, Error> {
    let (document, _) = lock(work, request.target).await?;
    let site = place::site(work, &request.placement.site).await?;
    let touched = touched_by(&site);
    authorise(work, Action::Publish, &touched, None)?;
    if document.visibility != Visibility::Live {
        return Err(Refusal::NotFrom(document.visibility).into());
    }
    if site.authority == document.authority {
        return Err(Refusal::ForeignSite(site.key).into());
    }
    let Some(live) = document.live else {
        return Err(Refusal::NotFrom(document.visibility).into());
    };
    let text = editions::of_work(work, live).await?.text;
    let text = text.ok_or(Refusal::NotFrom(document.visibility))?;
    gate::pass(gate::Candidate {
        way: Way::Place,
        actor: work.actor(),
        touched: &touched,
        digest: text.digest,
        approved: request.approved,
        plan: None,
        claims_original_time: false,
        missing: None,
        now: work.now(),
        not_before: None,
    })
    .map_err(Refusal::Gate)?;

    let content_type = content_type(desk, &document.r#type)?;
    let existing = placements::of_document(work.session(), document.id).await?;
    let found =
        place::find_on(work, &document, content_type, &site, &request.placement, &existing).await?;
    let old = existing.iter().find(|placement| placement.site == site.id);
    let left = positions_on(work, &document, &site.key).await?;
    let kind = match old {
        Some(old) if old.visibility == Visibility::Live => {
            if left.first() == Some(&found.said) {
                return Ok(None);
            }
            EventKind::Move
        }
        _ => EventKind::Publish,
    };
    claim_path(work, &document, &found).await?;
    placements::write(work, document.id, &found.placed, old.map(|old| old.id), false).await?;
    relist(desk, work, &document).await?;
    finish(work, &document, &site, kind, Visibility::Live, left, text.commitment()).await?;
    Ok(Some(kind))
}

/// Withdraws a document on one site of another authority.
///
/// # Errors
/// A site where it does not stand, [`Refusal::Invalid`] without an explanation, missing
/// permission.
pub async fn withdraw_elsewhere(
    desk: &Desk,
    work: &mut UnitOfWork,
    target: Target,
    site: &SiteKey,
    notice: Notice,
) -> Result<(), Error> {
    check_notice(&notice, true, false)?;
    unplace(desk, work, target, site, EventKind::Withdraw, Visibility::Withdrawn, notice).await
}

/// Takes a document away from one site of another authority.
///
/// # Errors
/// As [`withdraw_elsewhere`]; [`Refusal::Invalid`] for a redirect that leads nowhere.
pub async fn remove_elsewhere(
    desk: &Desk,
    work: &mut UnitOfWork,
    target: Target,
    site: &SiteKey,
    removal: Removal,
    notice: Notice,
) -> Result<(), Error> {
    check_notice(&notice, false, removal == Removal::Redirect)?;
    unplace(desk, work, target, site, EventKind::Remove, removal.visibility(), notice).await
}

async fn unplace(
    desk: &Desk,
    work: &mut UnitOfWork,
    target: Target,
    site: &SiteKey,
    kind: EventKind,
    visibility: Visibility,
    notice: Notice,
) -> Result<(), Error> {
    let (document, _) = lock(work, target).await?;
    let site = place::site(work, site).await?;
    authorise(work, Action::TakeBack, &touched_by(&site), None)?;
    let existing = placements::of_document(work.session(), document.id).await?;
    let placement = existing
        .iter()
        .find(|placement: &&Placement| placement.site == site.id && !placement.own)
        .ok_or_else(|| Refusal::not_found("document", document.id))?;
    if placement.visibility == visibility && placement.notice.as_ref() == Some(&notice) {
        return Ok(());
    }
    if kind == EventKind::Withdraw
        && !matches!(placement.visibility, Visibility::Live | Visibility::Withdrawn)
    {
        return Err(Refusal::NotFrom(placement.visibility).into());
    }
    let left = match document.visibility {
        Visibility::Live => positions_on(work, &document, &site.key).await?,
        _ => Vec::new(),
    };
    let commitment = last_commitment(work, &document).await?;
    placements::set_visibility(work, placement.id, visibility, Some(&notice)).await?;
    relist(desk, work, &document).await?;
    finish(work, &document, &site, kind, visibility, left, commitment).await
}

fn touched_by(site: &Site) -> Touched {
    Touched { authority: Some(site.authority), sites: vec![site.id], ..Touched::default() }
}

async fn claim_path(
    work: &mut UnitOfWork,
    document: &Document,
    found: &Found,
) -> Result<(), Error> {
    let Found { said, placed } = found;
    match routes::make_current(work, placed.site, &placed.path, document.id, None).await? {
        Some(by) => {
            let (site, path) = (said.site.clone(), said.path.clone());
            let by = claims::nameable(work, by).await?;
            Err(Refusal::PathTaken { site, path, by }.into())
        }
        None => Ok(()),
    }
}

async fn positions_on(
    work: &mut UnitOfWork,
    document: &Document,
    site: &SiteKey,
) -> Result<Vec<PlacedAt>, Error> {
    let positions = placements::positions(work.session(), document.id).await?;
    Ok(positions.into_iter().filter(|position| position.site == *site).collect())
}

async fn relist(desk: &Desk, work: &mut UnitOfWork, document: &Document) -> Result<(), Error> {
    let (Some(live), Visibility::Live) = (document.live, document.visibility) else {
        return Ok(());
    };
    let Some(text) = editions::of_work(work, live).await?.text else { return Ok(()) };
    let content = editions::content_of_work(work, text.content_digest).await?;
    let content_type = content_type(desk, &document.r#type)?;
    Ok(listing::write(work, document.id, content_type, &content).await?)
}

async fn finish(
    work: &mut UnitOfWork,
    document: &Document,
    site: &Site,
    kind: EventKind,
    visibility: Visibility,
    left: Vec<PlacedAt>,
    commitment: Digest,
) -> Result<(), Error> {
    let mut event = event(document, kind, Importance::Major, commitment);
    event.of.site = Some(site.key.clone());
    event.of.visibility = visibility;
    event.of.left = left;
    event.of.entered = match document.visibility {
        Visibility::Live => positions_on(work, document, &site.key).await?,
        _ => Vec::new(),
    };
    record(work, event);
    let details = json!({ "site": site.key, "visibility": visibility });
    let action = format!("placement.{}", kind.as_str());
    audit(work, &action, document, Some(commitment), details).await
}
