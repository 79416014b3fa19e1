//! Acts on documents: draft, publish, withdraw, remove, recall, erase, place elsewhere.

mod bring_in;
mod claims;
mod draft;
mod elsewhere;
mod erase;
mod follow;
mod limit;
mod live;
pub(crate) mod place;
mod publish;
mod readings;
mod take_back;

use schema::{
    content_type::ContentType,
    digest::Digest,
    edition::Importance,
    ids::{DocumentId, EditionId},
    log::DocumentEvent,
    names::TypeName,
    permission::{Action, Touched, may},
    visibility::EventKind,
};
use store::{
    UnitOfWork,
    audit::About,
    documents::{self, Document},
    editions,
    log::{NewDocumentEvent, NewEvent},
    publications,
};

pub use bring_in::{
    AsRecorded, BroughtIn, CheckedText, Incoming, IncomingDocument, IncomingPublication,
    UnknownDocument, bring_in,
};
pub use draft::{
    DraftText, NewDocument, SavedDraft, create, discard_draft, draft_from_edition, save_draft,
};
pub use elsewhere::{PlaceElsewhere, place_elsewhere, remove_elsewhere, withdraw_elsewhere};
pub use erase::{confirm_erasure, order_erasure};
pub use limit::{LimitTo, Limited, lift_draft_limit, limit_drafts, limited};
pub use live::{Outcome, Published};
pub(crate) use live::{says_something_new, text_of};
pub use place::WantedPlacement;
pub use publish::{Publish, publish};
pub(crate) use take_back::check_notice;
pub use take_back::{Recalled, recall, remove, withdraw};

use crate::{Desk, Error, Refusal};

/// Which document an act is on, and which version of it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The document.
    pub document: DocumentId,
    /// Its version when it was read; `None` to act on whatever it is now.
    pub version: Option<i64>,
}

/// The type `name`, or a refusal.
pub(crate) fn content_type<'desk>(
    desk: &'desk Desk,
    name: &TypeName,
) -> Result<&'desk ContentType, Error> {
    desk.types.get(name).ok_or_else(|| Refusal::not_found("type", name).into())
}

/// Locks the target, with every document of its content, and checks its version. The target
/// comes first.
pub(crate) async fn lock(
    work: &mut UnitOfWork,
    target: Target,
) -> Result<(Document, Vec<Document>), Error> {
    let not_found = || Refusal::not_found("document", target.document);
    let found = documents::lock(work, target.document).await?.ok_or_else(not_found)?;
    let mut all = documents::lock_content(work, found.content).await?;
    let place = all.iter().position(|document| document.id == target.document);
    let document = all.remove(place.ok_or_else(not_found)?);
    match target.version {
        Some(expected) if expected != document.version => Err(Refusal::Stale {
            expected,
            actual: document.version,
            changed_by: document.changed_by,
            changed_at: document.changed_at,
        }
        .into()),
        _ => Ok((document, all)),
    }
}

/// Refuses unless the actor may do `action` to what is touched. Who may not even read its
/// drafts is told that there is no such document.
pub(crate) fn authorise(
    work: &UnitOfWork,
    action: Action,
    touched: &Touched,
    document: Option<&Document>,
) -> Result<(), Error> {
    if may(work.actor(), action, touched) {
        return Ok(());
    }
    match document {
        Some(document) if !may(work.actor(), Action::ReadDrafts, touched) => {
            Err(Refusal::not_found("document", document.id).into())
        }
        _ => Err(Refusal::NotPermitted(action).into()),
    }
}

/// Commitment to the edition that the public saw last.
async fn last_commitment(work: &mut UnitOfWork, document: &Document) -> Result<Digest, Error> {
    let publications = publications::of_work(work, document.id).await?;
    let last = publications
        .last()
        .ok_or(store::Error::Corrupt { what: "document", why: "it was never published".into() })?;
    let text = editions::of_work(work, last.edition).await?.text;
    Ok(text.map_or_else(store::log::genesis, |text| text.commitment()))
}

/// An event of `document` as it is now, for the whole of it.
fn event(
    document: &Document,
    kind: EventKind,
    importance: Importance,
    commitment: Digest,
) -> NewDocumentEvent {
    NewDocumentEvent {
        kind,
        document: document.id,
        of: DocumentEvent {
            content: document.content,
            locale: document.locale.clone(),
            r#type: document.r#type.clone(),
            edition: document.last_edition,
            importance,
            visibility: document.visibility,
            site: None,
            left: Vec::new(),
            entered: Vec::new(),
            commitment,
        },
    }
}

fn record(work: &mut UnitOfWork, event: NewDocumentEvent) {
    work.record(NewEvent::Document(Box::new(event)));
}

/// What an edition is committed to, where it is not erased.
pub(crate) async fn commitment_to(
    work: &mut UnitOfWork,
    edition: Option<EditionId>,
) -> Result<Option<Digest>, Error> {
    match edition {
        Some(edition) => Ok(editions::commitment_to(work.session(), edition).await?),
        None => Ok(None),
    }
}

/// Notes an act on a document in the audit, and on which edition it was done.
pub(crate) async fn audit(
    work: &mut UnitOfWork,
    action: &str,
    document: &Document,
    commitment: Option<Digest>,
    details: serde_json::Value,
) -> Result<(), Error> {
    let subject = format!("document:{}", document.id);
    let touched = documents::touched(work.session(), document).await?;
    let about = About { concerns: (&touched).into(), commitment };
    Ok(store::audit::record_about(work, action, &subject, about, &details).await?)
}
