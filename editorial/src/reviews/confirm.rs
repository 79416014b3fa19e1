//! Confirming afterwards what was published in an emergency or by force.

use schema::review::ActKind;
use serde_json::json;
use store::{
    UnitOfWork, documents,
    reviews::{
        cases::{self, NewAct},
        debts,
    },
};

use super::remark;
use crate::{
    Error, Refusal,
    documents::{Target, audit, authorise, commitment_to, lock},
};

/// Confirms the oldest publication of a document that is still to be confirmed.
///
/// # Errors
/// [`Refusal::NothingOwed`], missing permission for the role that confirms, and
/// [`Refusal::OwnPublication`] for whoever published.
pub async fn confirm(
    work: &mut UnitOfWork,
    target: Target,
    remarks: Option<&str>,
) -> Result<store::reviews::Debt, Error> {
    let remarks = remark("note", remarks)?;
    let (document, _) = lock(work, target).await?;
    // It is public what is confirmed.
    let touched = documents::touched(work.session(), &document).await?.unlimited();
    authorise(work, schema::permission::Action::ReadDrafts, &touched, Some(&document))?;
    let mut debt =
        debts::open(work, document.id).await?.into_iter().next().ok_or(Refusal::NothingOwed)?;
    let action = debt.confirms.reviews().unwrap_or(schema::permission::Action::Publish);
    authorise(work, action, &touched, Some(&document))?;
    if debt.published_by == work.actor().id {
        return Err(Refusal::OwnPublication.into());
    }
    let review = cases::of_work(work, debt.review).await?;
    let act = NewAct { note: remarks.as_deref(), ..NewAct::plain(ActKind::Confirmed) };
    cases::note(work, &review, act).await?;
    debt.confirmed_at = Some(debts::confirm(work, debt.review).await?);
    debt.confirmed_by = Some(work.actor().id);
    let details = json!({ "review": debt.review, "kind": debt.kind });
    let commitment = commitment_to(work, Some(review.edition)).await?;
    audit(work, "review.confirmed", &document, commitment, details).await?;
    Ok(debt)
}
