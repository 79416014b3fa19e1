//! Embargoes: before which moment nobody publishes a draft, by whatever way.

use jiff::Timestamp;
use schema::{
    due::FURTHEST, message::Fault, parameters::to_microseconds, permission::Action,
    visibility::Visibility,
};
use serde_json::json;
use store::{
    UnitOfWork,
    documents::{self, Document},
    embargoes::{self, Embargo},
};

use crate::{
    Error, Refusal,
    documents::{Target, audit, authorise, commitment_to, lock},
};

/// Characters of a reason, at the most.
const REASON: usize = 500;

/// Says before which moment nobody publishes a draft of the document. It stays with the document
/// through every edit, until it is over, lifted, or set anew.
///
/// # Errors
/// A moment that is over or too far off, a reason that is missing or too long, a document that was
/// recalled, missing permission to publish.
pub async fn set_embargo(
    work: &mut UnitOfWork,
    target: Target,
    not_before: Timestamp,
    reason: &str,
) -> Result<(Document, Embargo), Error> {
    let document = permitted(work, target).await?;
    let not_before = to_microseconds(not_before);
    let reason = reason.trim();
    if !(1..=REASON).contains(&reason.chars().count()) {
        return Err(Refusal::Words { field: "reason", most: REASON }.into());
    }
    let ahead = not_before.duration_since(work.now());
    if !ahead.is_positive() || ahead > FURTHEST {
        return Err(Refusal::Invalid(vec![Fault::new(
            "notBefore",
            "out_of_range",
            "解禁时间应在将来三年之内",
            "give a time that is to come, within three years",
        )])
        .into());
    }
    embargoes::set(work, document.id, not_before, reason).await?;
    let details = json!({ "notBefore": not_before, "reason": reason });
    let commitment = commitment_to(work, document.draft).await?;
    audit(work, "embargo.set", &document, commitment, details).await?;
    let embargo = Embargo {
        not_before,
        reason: reason.to_owned(),
        set_at: work.now(),
        set_by: work.actor().id,
    };
    Ok((document, embargo))
}

/// Lifts the embargo of a document. Nothing that was signed is void by that. Where there is none
/// nothing is done.
///
/// # Errors
/// Missing permission to publish.
pub async fn lift_embargo(work: &mut UnitOfWork, target: Target) -> Result<Document, Error> {
    let document = permitted(work, target).await?;
    if embargoes::lift(work, document.id).await? {
        let commitment = commitment_to(work, document.draft).await?;
        audit(work, "embargo.lift", &document, commitment, json!({})).await?;
    }
    Ok(document)
}

async fn permitted(work: &mut UnitOfWork, target: Target) -> Result<Document, Error> {
    let (document, _) = lock(work, target).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Publish, &touched, Some(&document))?;
    match document.visibility {
        state @ (Visibility::Recalled | Visibility::Erased) => Err(Refusal::NotFrom(state).into()),
        _ => Ok(document),
    }
}
