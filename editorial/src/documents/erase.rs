//! Erasure of what was recalled: ordered by one person, confirmed by another.

use schema::{
    edition::Importance,
    ids::ErasureId,
    message::Fault,
    permission::Action,
    visibility::{Act, Decision, Difference, decide},
};
use serde_json::json;
use store::{
    UnitOfWork,
    documents::{self, Document},
    erasures, unique,
};

use super::{Target, audit, authorise, event, last_commitment, lock, record};
use crate::{Desk, Error, Refusal};

const REASON: usize = 500;

/// Orders the erasure of a recalled document. `reason` names the legal ground and stays on
/// record: it must not repeat the text.
///
/// # Errors
/// [`Refusal::NotFrom`] for a document that was not recalled, [`Refusal::Exists`] when an
/// order is open, missing permission.
pub async fn order_erasure(
    _: &Desk,
    work: &mut UnitOfWork,
    target: Target,
    reason: &str,
) -> Result<ErasureId, Error> {
    let (document, _) = lock(work, target).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Erase, &touched, Some(&document))?;
    decide_erasure(&document)?;
    let length = reason.trim().chars().count();
    if length == 0 || length > REASON {
        return Err(Refusal::Invalid(vec![Fault::new(
            "reason",
            "length",
            format!("请写明依据，1 至 {REASON} 个字，勿重复原文"),
            format!(
                "name the legal ground in 1 to {REASON} characters, without repeating the text"
            ),
        )])
        .into());
    }
    if erasures::is_ordered(work, document.id).await? {
        return Err(Refusal::Exists { what: "erasure", name: document.id.to_string() }.into());
    }
    let id = erasures::order(work, document.id, reason.trim()).await?;
    let commitment = last_commitment(work, &document).await?;
    let details = json!({ "erasure": id });
    audit(work, "document.order_erasure", &document, Some(commitment), details).await?;
    Ok(id)
}

/// Confirms an order: the text is destroyed when the work commits. Afterwards the caller runs
/// [`store::erasures::purge`], which deletes its files and the last traces in the database.
///
/// # Errors
/// [`Refusal::SamePerson`], an order that does not exist or was carried out, missing
/// permission.
pub async fn confirm_erasure(
    _: &Desk,
    work: &mut UnitOfWork,
    id: ErasureId,
) -> Result<Document, Error> {
    let not_found = || Refusal::not_found("erasure", id);
    let erasure = erasures::find(work, id).await?.ok_or_else(not_found)?;
    let target = Target { document: erasure.document, version: None };
    let (mut document, _) = lock(work, target).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Erase, &touched, Some(&document))?;
    if erasure.confirmed_by.is_some() {
        return Err(not_found().into());
    }
    if erasure.ordered_by == work.actor().id {
        return Err(Refusal::SamePerson.into());
    }
    let (kind, visibility) = decide_erasure(&document)?;
    let commitment = last_commitment(work, &document).await?;
    document.visibility = visibility;
    document.draft = None;
    document.live = None;
    documents::update(work, &mut document).await?;
    erasures::carry_out(work, &erasure).await?;
    unique::release_others(work, document.content, &[]).await?;
    record(work, event(&document, kind, Importance::Major, commitment));
    let details = json!({ "erasure": id });
    audit(work, "document.erase", &document, Some(commitment), details).await?;
    Ok(document)
}

fn decide_erasure(
    document: &Document,
) -> Result<(schema::visibility::EventKind, schema::visibility::Visibility), Error> {
    let nothing = Difference { text: false, positions: false };
    match decide(Act::Erase, document.visibility, nothing) {
        Decision::Event(kind, visibility) => Ok((kind, visibility)),
        Decision::NotFrom(state) => Err(Refusal::NotFrom(state).into()),
        Decision::NothingChanges => Err(Refusal::NotFrom(document.visibility).into()),
    }
}
