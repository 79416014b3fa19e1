//! A text becomes what the public reads: the gate, the decision, and everything that readers
//! see of it (places, lists, links, the event), in the caller's unit of work.
//!
//! Whether that is a publication, a correction, a move or nothing follows from what was live.

use schema::{
    content_type::{ContentType, OldTexts},
    digest::Digest,
    edition::{Content, Importance},
    gate::{self, Way},
    likeness::Likeness,
    plan::Occasion,
    search::Entry,
    validation::{self, Checked, Stage},
    visibility::{Act, Decision, Difference, EventKind, Visibility, decide},
};
use serde_json::json;
use store::{
    UnitOfWork,
    documents::{self, Document},
    editions::{self, Edition, Text},
    embargoes, likeness, links, listing, placements,
    publications::{self, OriginalTime, Publication},
    routes, search,
};

use super::{
    audit, authorise, claims, event,
    place::{self, Found},
    record,
};
use crate::{
    Desk, Error, Refusal,
    plans::{self, Planned},
    reviews,
};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is live.
    Published(Published),
    /// The draft said what was live already; it is gone, and nothing else happened.
    NothingChanged(Document),
}

/// A publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The document, as it is now.
    pub document: Document,
    /// Number of the edition.
    pub number: u32,
    /// Whether it was a publication, a correction or a move.
    pub kind: EventKind,
}

/// A draft on its way to be live.
pub(super) struct Candidate {
    pub(super) way: Way,
    /// Why it is published before its review is complete.
    pub(super) forced: Option<String>,
    pub(super) approved: Option<Digest>,
    pub(super) plan: Option<Digest>,
    pub(super) original: Option<OriginalTime>,
    pub(super) old_text: Option<OldTexts>,
    pub(super) draft: Edition,
    pub(super) content: Content,
    /// What search keeps of it.
    pub(super) entry: Entry,
    /// By what nearly the same is found.
    pub(super) likeness: Option<Likeness>,
    /// Where it stands, and that it fits its type, where that was found out already.
    pub(super) checked: Option<Vec<Found>>,
}

/// Passes the gate, decides, and writes. `document` is locked, and its draft is the
/// candidate's.
pub(super) async fn make_live(
    desk: &Desk,
    work: &mut UnitOfWork,
    document: &mut Document,
    content_type: &ContentType,
    candidate: Candidate,
) -> Result<Outcome, Error> {
    let text = text_of(&candidate.draft)?.clone();
    let found = match &candidate.checked {
        Some(found) => found.clone(),
        None => place::find(work, document, content_type, &place::wanted(&text.place)).await?,
    };
    let mut touched = place::touched(document, &found);
    touched.sites.extend(place::own_sites(work, document.id).await?);
    // What a translation follows is public: no draft of it is looked into.
    if candidate.way != Way::Follow {
        touched.limit = documents::touched(work.session(), document).await?.limit;
    }
    authorise(work, schema::permission::Action::ReadDrafts, &touched, Some(document))?;
    let reviewed = reviews::Candidate {
        edition: candidate.draft.id,
        says: (&text, &candidate.content),
        found: &found,
        way: candidate.way,
        forced: candidate.forced.as_deref(),
    };
    let entry = reviews::entry(desk, work, document, reviewed).await?;
    let planned = Box::pin(plan(work, document, &candidate, &text, &found)).await?;
    let embargo = embargoes::of_document(work.session(), document.id).await?;
    gate::pass(gate::Candidate {
        way: candidate.way,
        actor: work.actor(),
        touched: &touched,
        digest: text.digest,
        approved: candidate.approved,
        plan: (!planned.plan.is_empty()).then_some((planned.digest, candidate.plan)),
        claims_original_time: candidate.original.is_some(),
        missing: entry.missing.as_ref(),
        now: work.now(),
        not_before: embargo.map(|embargo| embargo.not_before),
    })
    .map_err(Refusal::Gate)?;
    if candidate.checked.is_none() {
        let input = Checked::of(&candidate.content).to_input(content_type);
        validation::check(content_type, &input, Stage::Publication).map_err(Refusal::Invalid)?;
    }

    let difference = difference(work, document, &text, &found).await?;
    let kind = match decide(Act::Publish, document.visibility, difference) {
        Decision::Event(kind, _) => kind,
        Decision::NotFrom(state) => return Err(Refusal::NotFrom(state).into()),
        Decision::NothingChanges => {
            entry.nothing_changed(work, document).await?;
            return nothing_changed(work, document).await;
        }
    };
    write(work, document, content_type, &candidate, &text, &found, kind).await?;
    entry.published(desk, work, document).await?;
    plans::settle(work, candidate.draft.id, planned.plan).await?;
    Ok(Outcome::Published(Published {
        document: document.clone(),
        number: document.last_edition,
        kind,
    }))
}

/// To which targets it goes with this publication.
async fn plan(
    work: &mut UnitOfWork,
    document: &Document,
    candidate: &Candidate,
    text: &Text,
    found: &[Found],
) -> Result<Planned, Error> {
    let columns: Vec<_> = found
        .iter()
        .flat_map(|found| {
            let site = found.placed.site;
            found.placed.columns.iter().map(move |column| (site, *column))
        })
        .collect();
    let occasion = match candidate.way {
        Way::Import => Occasion::Imported,
        Way::Editor | Way::Schedule | Way::Place | Way::Follow => Occasion::Written,
    };
    let of = plans::Text {
        r#type: &document.r#type,
        locale: &document.locale,
        positions: &text.place.placements,
    };
    plans::entering(work, document, candidate.draft.id, of, (&columns, occasion)).await
}

/// How the draft stands to what readers find now. Places are compared as they are, not as the
/// live edition calls them: columns may have been renamed since.
async fn difference(
    work: &mut UnitOfWork,
    document: &Document,
    draft: &Text,
    found: &[Found],
) -> Result<Difference, Error> {
    let live = match document.live {
        Some(live) => editions::of_work(work, live).await?.text,
        None => None,
    };
    let mut now = placements::own_positions(work, document.id).await?;
    let mut then: Vec<_> = found.iter().map(|found| found.said.clone()).collect();
    now.sort_unstable();
    then.sort_unstable();
    Ok(Difference {
        text: live.is_none_or(|live| live.content_digest != draft.content_digest),
        positions: now != then,
    })
}

/// Whether publishing this draft, as it is and stands now, would change anything for readers.
pub(crate) async fn says_something_new(
    desk: &Desk,
    work: &mut UnitOfWork,
    document: &Document,
    draft: &Text,
) -> Result<bool, Error> {
    let content_type = super::content_type(desk, &document.r#type)?;
    let found = place::find(work, document, content_type, &place::wanted(&draft.place)).await?;
    let difference = difference(work, document, draft, &found).await?;
    let decision = decide(Act::Publish, document.visibility, difference);
    Ok(!matches!(decision, Decision::NothingChanges))
}

async fn nothing_changed(work: &mut UnitOfWork, document: &mut Document) -> Result<Outcome, Error> {
    document.draft = None;
    document.draft_follows = None;
    routes::release_reserved(work, document.id).await?;
    documents::update(work, document).await?;
    Ok(Outcome::NothingChanged(document.clone()))
}

async fn write(
    work: &mut UnitOfWork,
    document: &mut Document,
    content_type: &ContentType,
    candidate: &Candidate,
    text: &Text,
    found: &[Found],
    kind: EventKind,
) -> Result<(), Error> {
    let was_live = document.visibility == Visibility::Live;
    let left = if was_live {
        placements::positions(work.session(), document.id).await?
    } else {
        Vec::new()
    };
    let importance = match kind {
        EventKind::Publish => Importance::Major,
        _ => text.place.importance,
    };
    settle_paths(work, document, found).await?;
    let placed: Vec<_> = found.iter().map(|found| found.placed.clone()).collect();
    placements::write_own(work, document.id, &placed).await?;

    let now = work.now();
    document.live = Some(candidate.draft.id);
    document.draft = None;
    document.live_follows = document.draft_follows.take();
    document.last_edition += 1;
    document.visibility = Visibility::Live;
    document.notice = None;
    document.first_published_at.get_or_insert(now);
    document.published_at = Some(now);
    if importance == Importance::Major {
        document.major_at = Some(now);
    }
    if let Some(original) = &candidate.original {
        document.originally_published_at.get_or_insert(original.at);
    }
    documents::update(work, document).await?;
    let publication = Publication {
        number: document.last_edition,
        edition: candidate.draft.id,
        published_at: now,
        original: candidate.original.clone(),
        importance,
        old_text: candidate.old_text.unwrap_or(content_type.old_texts),
    };
    publications::insert(work, document.id, &publication).await?;
    listing::write(work, document.id, content_type, &candidate.content).await?;
    links::write(work, document.id, Some(&candidate.content)).await?;
    search::write(work, document, &candidate.entry, &candidate.content.files).await?;
    likeness::write(work, document.id, candidate.likeness).await?;

    let mut event = event(document, kind, importance, text.commitment());
    event.of.left = left;
    event.of.entered = placements::positions(work.session(), document.id).await?;
    record(work, event);
    let original = candidate.original.as_ref();
    let details = json!({
        "edition": document.last_edition,
        "way": candidate.way,
        "originallyPublishedAt": original.map(|original| original.at),
        "originalTimeSource": original.map(|original| &original.source),
    });
    let action = format!("document.{}", kind.as_str());
    audit(work, &action, document, Some(text.commitment()), details).await
}

/// Makes each path the current one there, and leaves the sites it stands on no longer.
async fn settle_paths(
    work: &mut UnitOfWork,
    document: &Document,
    found: &[Found],
) -> Result<(), Error> {
    for Found { said, placed } in found {
        let holder =
            routes::make_current(work, placed.site, &placed.path, document.id, document.takes_over)
                .await?;
        if let Some(by) = holder {
            let (site, path) = (said.site.clone(), said.path.clone());
            let by = claims::nameable(work, by).await?;
            return Err(Refusal::PathTaken { site, path, by }.into());
        }
    }
    for site in place::own_sites(work, document.id).await? {
        if !found.iter().any(|found| found.placed.site == site) {
            routes::leave(work, site, document.id).await?;
        }
    }
    Ok(routes::release_reserved(work, document.id).await?)
}

/// The text of an edition that was not erased.
pub(crate) fn text_of(edition: &Edition) -> Result<&Text, Error> {
    let empty = || store::Error::Corrupt { what: "draft", why: "it is empty".into() };
    Ok(edition.text.as_ref().ok_or_else(empty)?)
}
