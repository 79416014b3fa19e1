//! Release sets: drafts that become public in one transaction or not at all.
//!
//! A set names the edition of each draft that was looked at. Every one of them passes the gate as
//! if it were published alone; if one stands in the way nothing is published, and all that stand
//! in the way are named at once. What is linked to goes first, so that a policy is public when
//! its interpretation passes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schema::{
    content_type::ReverseLink,
    digest::Digest,
    due::{DueKind, Order},
    edition::Content,
    gate::{Shut, Way},
    ids::{DocumentId, ReleaseSetId, SiteId},
    message::Bilingual,
    permission::{Action, Touched, may},
    viewer::Viewer,
};
use serde_json::json;
use store::{
    UnitOfWork, checking,
    documents::{self, Document},
    due_times::DueTime,
    editions,
    release_sets::{self, Item, ReleaseSet, SetState},
    trees,
};

use super::{insert, moment, void_open};
use crate::{
    Desk, Error, Refusal,
    documents::{Outcome, Publish, Target, authorise, lock, publish, text_of},
    plans,
    refusal::Held,
};

/// Characters of a name, at the most.
const NAME: usize = 100;
/// Documents in a set, at the most: they are locked and published together.
const MOST: usize = 50;

/// A set that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSet {
    /// The site whose editors put it together.
    pub site: SiteId,
    /// What people call it.
    pub name: String,
}

/// A draft that is to be in a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InSet {
    /// The document.
    pub target: Target,
    /// Digest of the text that was looked at.
    pub approved: Digest,
}

/// Begins a set.
///
/// # Errors
/// A name that is missing or too long; missing permission to publish on the site.
pub async fn create_set(work: &mut UnitOfWork, new: &NewSet) -> Result<ReleaseSet, Error> {
    permit(work, new.site, Action::Publish, || Refusal::NotPermitted(Action::Publish)).await?;
    let name = new.name.trim();
    if !(1..=NAME).contains(&name.chars().count()) {
        return Err(Refusal::Words { field: "name", most: NAME }.into());
    }
    let set = ReleaseSet {
        id: work.new_id(),
        site: new.site,
        name: name.to_owned(),
        state: SetState::Open,
        created_at: work.now(),
        created_by: work.actor().id,
        closed_at: None,
        closed_by: None,
    };
    release_sets::insert(work, &set).await?;
    audit(work, "releaseSet.create", set.id, json!({ "name": set.name })).await?;
    Ok(set)
}

/// Puts a draft into a set, or the text that it has become by now. A schedule of the set is void.
///
/// # Errors
/// [`Refusal::SetClosed`]; [`Refusal::NoDraft`]; a digest that differs; a set that is full; missing
/// permission to publish, on the site of the set or where the document stands.
pub async fn add_to_set(
    work: &mut UnitOfWork,
    id: ReleaseSetId,
    wanted: InSet,
) -> Result<(ReleaseSet, Vec<DueTime>), Error> {
    let (document, _) = lock(work, wanted.target).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Publish, &touched, Some(&document))?;
    let set = open(work, id).await?;
    let edition = document.draft.ok_or(Refusal::NoDraft)?;
    if text_of(&editions::of_work(work, edition).await?)?.digest != wanted.approved {
        return Err(Refusal::Gate(Shut::DigestDiffers).into());
    }
    let items = release_sets::items(work.session(), id).await?;
    if items.len() >= MOST && items.iter().all(|item| item.document != document.id) {
        return Err(Refusal::SetFull(MOST).into());
    }
    release_sets::put(work, id, document.id, edition).await?;
    audit(work, "releaseSet.add", id, json!({ "document": document.id, "edition": edition }))
        .await?;
    let void = void_open(work, id.uuid(), &[DueKind::ReleaseSet]).await?;
    Ok((set, void))
}

/// Takes a document out of a set. A schedule of the set is void.
///
/// # Errors
/// [`Refusal::SetClosed`]; a document that is not in it; missing permission on the site of the set.
pub async fn remove_from_set(
    work: &mut UnitOfWork,
    id: ReleaseSetId,
    document: DocumentId,
) -> Result<(ReleaseSet, Vec<DueTime>), Error> {
    let set = open(work, id).await?;
    if !release_sets::take_out(work, id, document).await? {
        return Err(Refusal::not_found("document", document).into());
    }
    audit(work, "releaseSet.remove", id, json!({ "document": document })).await?;
    let void = void_open(work, id.uuid(), &[DueKind::ReleaseSet]).await?;
    Ok((set, void))
}

/// Gives a set up; its drafts stay as they are.
///
/// # Errors
/// [`Refusal::SetClosed`]; missing permission on the site of the set.
pub async fn dissolve_set(work: &mut UnitOfWork, id: ReleaseSetId) -> Result<ReleaseSet, Error> {
    open(work, id).await?;
    release_sets::close(work, id, SetState::Dissolved).await?;
    audit(work, "releaseSet.dissolve", id, json!({})).await?;
    void_open(work, id.uuid(), &[DueKind::ReleaseSet]).await?;
    closed(work, id).await
}

/// Schedules the publication of a set as it is put together now.
///
/// # Errors
/// [`Refusal::SetClosed`], [`Refusal::SetEmpty`], [`Refusal::AlreadyScheduled`], a moment that is
/// over or too far off, an embargo of one of its documents that ends later, missing permission.
pub async fn schedule_set(
    desk: &Desk,
    work: &mut UnitOfWork,
    id: ReleaseSetId,
    at: Timestamp,
) -> Result<DueTime, Error> {
    let set = open(work, id).await?;
    let at = moment(work, at)?;
    let items = release_sets::items(work.session(), set.id).await?;
    if items.is_empty() {
        return Err(Refusal::SetEmpty.into());
    }
    let mut held = Vec::new();
    for (place, item) in items.iter().enumerate() {
        match can_be_scheduled(desk, work, item, at).await {
            Ok(()) => {}
            Err(Error::Refused(refusal)) => held.push(Held::of(place, item.document, *refusal)),
            Err(error) => return Err(error),
        }
    }
    if !held.is_empty() {
        return Err(Refusal::SetHeld(held).into());
    }
    insert(work, id.uuid(), at, Order::ReleaseSet).await
}

/// Refuses an item that could not be published at `at` as it is now; signs the last step of its
/// review where that is all that is missing.
async fn can_be_scheduled(
    desk: &Desk,
    work: &mut UnitOfWork,
    item: &Item,
    at: Timestamp,
) -> Result<(), Error> {
    let document = still(work, item).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Publish, &touched, Some(&document))?;
    super::under_embargo(work, document.id, at).await?;
    crate::reviews::sign_last(desk, work, document.id, item.edition).await
}

/// Publishes a set: everything in it, or nothing.
///
/// # Errors
/// [`Refusal::SetClosed`], [`Refusal::SetEmpty`], missing permission on its site, and
/// [`Refusal::SetHeld`] with everything that stands in the way.
pub async fn publish_set(
    desk: &Desk,
    work: &mut UnitOfWork,
    id: ReleaseSetId,
) -> Result<(ReleaseSet, Vec<Outcome>), Error> {
    publish_by(desk, work, id, Way::Editor).await
}

/// The same, by this way.
pub(super) async fn publish_by(
    desk: &Desk,
    work: &mut UnitOfWork,
    id: ReleaseSetId,
    way: Way,
) -> Result<(ReleaseSet, Vec<Outcome>), Error> {
    open(work, id).await?;
    let items = release_sets::items(work.session(), id).await?;
    if items.is_empty() {
        return Err(Refusal::SetEmpty.into());
    }
    // In one order, so that two sets with common documents do not wait for each other.
    let ids: BTreeSet<DocumentId> = items.iter().map(|item| item.document).collect();
    for document in ids {
        documents::lock(work, document).await?;
    }
    let mut held = Vec::new();
    let mut drafts = Vec::new();
    for (place, item) in items.iter().enumerate() {
        match draft(work, item).await {
            Ok((document, content)) => {
                drafts.push(Draft { place, item: *item, document, content });
            }
            Err(Error::Refused(refusal)) => held.push(Held::of(place, item.document, *refusal)),
            Err(error) => return Err(error),
        }
    }
    for draft in &drafts {
        for missing in counterparts_missing(desk, work, draft, &drafts).await? {
            let refusal = Refusal::CounterpartNotInSet(missing);
            held.push(Held::of(draft.place, draft.item.document, refusal));
        }
    }
    let mut outcomes = Vec::new();
    for draft in in_order(drafts) {
        let point = work.savepoint().await?;
        match publish_one(desk, work, &draft.item, way).await {
            Ok(outcome) => {
                work.keep(point).await?;
                outcomes.push(outcome);
            }
            Err(Error::Refused(refusal)) => {
                work.take_back_to(point).await?;
                held.push(Held::of(draft.place, draft.item.document, *refusal));
            }
            Err(error) => return Err(error),
        }
    }
    if !held.is_empty() {
        held.sort_by_key(|one| one.place);
        return Err(Refusal::SetHeld(held).into());
    }
    release_sets::close(work, id, SetState::Published).await?;
    audit(work, "releaseSet.publish", id, json!({ "documents": outcomes.len() })).await?;
    void_open(work, id.uuid(), &[DueKind::ReleaseSet]).await?;
    Ok((closed(work, id).await?, outcomes))
}

/// A draft of a set, with what it says.
struct Draft {
    place: usize,
    item: Item,
    document: Document,
    content: Content,
}

async fn draft(work: &mut UnitOfWork, item: &Item) -> Result<(Document, Content), Error> {
    let document = still(work, item).await?;
    let edition = editions::of_work(work, item.edition).await?;
    let content = editions::content_of_work(work, text_of(&edition)?.content_digest).await?;
    Ok((document, content))
}

/// The document of an item, whose draft is still what was looked at.
async fn still(work: &mut UnitOfWork, item: &Item) -> Result<Document, Error> {
    let not_found = || Refusal::not_found("document", item.document);
    let document = documents::lock(work, item.document).await?.ok_or_else(not_found)?;
    match document.draft {
        None => Err(Refusal::NoDraft.into()),
        Some(draft) if draft != item.edition => Err(Refusal::Gate(Shut::DigestDiffers).into()),
        Some(_) => Ok(document),
    }
}

async fn publish_one(
    desk: &Desk,
    work: &mut UnitOfWork,
    item: &Item,
    way: Way,
) -> Result<Outcome, Error> {
    let digest = text_of(&editions::of_work(work, item.edition).await?)?.digest;
    let request = Publish {
        target: Target { document: item.document, version: None },
        way,
        forced: None,
        approved: Some(digest),
        plan: plans::digest_of(work, item.document, item.edition).await?,
        original: None,
        old_text: None,
    };
    publish(desk, work, request).await
}

/// The labels of types that `draft` is published together with, of which nothing in the set or
/// among what is public links to it. Which types these are the types themselves say.
async fn counterparts_missing(
    desk: &Desk,
    work: &mut UnitOfWork,
    draft: &Draft,
    drafts: &[Draft],
) -> Result<Vec<Bilingual>, Error> {
    let content = draft.document.content;
    let mut missing = Vec::new();
    let links = desk.types.reverse_links(&draft.document.r#type);
    for ReverseLink { source, field, label, .. } in links.iter().filter(|link| link.together) {
        let links = |other: &Draft| {
            let to = other.content.links.get(field);
            other.document.r#type == *source && to.is_some_and(|to| to.contains(&content))
        };
        if drafts.iter().any(links)
            || checking::is_linked_by(work.session(), &Viewer::Public, content, source, field)
                .await?
        {
            continue;
        }
        missing.push(label.clone());
    }
    Ok(missing)
}

/// What is linked to before what links to it; where links go round, in the order in which it was
/// added.
fn in_order(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut left: BTreeMap<usize, Draft> =
        drafts.into_iter().map(|draft| (draft.place, draft)).collect();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |draft: &Draft| {
            let own = draft.document.content;
            draft.content.links.values().flatten().any(|target| {
                *target != own && left.values().any(|other| other.document.content == *target)
            })
        };
        let free = left.iter().find(|(_, draft)| !waits(draft)).map(|(place, _)| *place);
        let Some(place) = free.or_else(|| left.keys().next().copied()) else { break };
        ordered.extend(left.remove(&place));
    }
    ordered
}

/// The set, locked, if it is open and the actor may publish on its site.
async fn open(work: &mut UnitOfWork, id: ReleaseSetId) -> Result<ReleaseSet, Error> {
    permitted(work, id, Action::Publish).await?;
    let set = release_sets::lock(work, id).await?;
    let set = set.ok_or_else(|| Refusal::not_found("releaseSet", id))?;
    match set.state {
        SetState::Open => Ok(set),
        state => Err(Refusal::SetClosed(state).into()),
    }
}

/// The set, if the actor may do `action` on its site; who may not even read drafts there is told
/// that there is no such set.
pub(super) async fn permitted(
    work: &mut UnitOfWork,
    id: ReleaseSetId,
    action: Action,
) -> Result<ReleaseSet, Error> {
    let not_found = || Refusal::not_found("releaseSet", id);
    let set = release_sets::release_set(work.session(), id).await?.ok_or_else(not_found)?;
    permit(work, set.site, action, not_found).await?;
    Ok(set)
}

async fn permit(
    work: &mut UnitOfWork,
    site: SiteId,
    action: Action,
    not_found: impl Fn() -> Refusal,
) -> Result<(), Error> {
    let site = trees::site(work.session(), site).await?.ok_or_else(&not_found)?;
    let touched =
        Touched { authority: Some(site.authority), sites: vec![site.id], ..Touched::default() };
    match may(work.actor(), action, &touched) {
        true => Ok(()),
        false if may(work.actor(), Action::ReadDrafts, &touched) => {
            Err(Refusal::NotPermitted(action).into())
        }
        false => Err(not_found().into()),
    }
}

async fn closed(work: &mut UnitOfWork, id: ReleaseSetId) -> Result<ReleaseSet, Error> {
    let set = release_sets::release_set(work.session(), id).await?;
    Ok(set.ok_or_else(|| Refusal::not_found("releaseSet", id))?)
}

async fn audit(
    work: &mut UnitOfWork,
    action: &str,
    id: ReleaseSetId,
    details: serde_json::Value,
) -> Result<(), Error> {
    let subject = format!("releaseSet:{id}");
    Ok(store::audit::record(work, action, &subject, &details).await?)
}
