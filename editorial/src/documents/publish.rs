//! Publication: the draft becomes the live edition, and the translations follow.

use schema::{content_type::OldTexts, digest::Digest, gate::Way};
use store::{UnitOfWork, documents::Document, editions, embargoes, publications::OriginalTime};

use super::{
    Target, claims, content_type, follow,
    live::{self, Candidate, Outcome},
    lock,
    readings::Readings,
};
use crate::{Desk, Error, Refusal, schedules};

/// What is to be published, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// The document whose draft it is.
    pub target: Target,
    /// The way it came.
    pub way: Way,
    /// Why it is to be published before its review is complete; somebody else confirms it
    /// afterwards.
    pub forced: Option<String>,
    /// Digest of the text that was looked at.
    pub approved: Option<Digest>,
    /// Digest of the publication plan that was looked at.
    pub plan: Option<Digest>,
    /// A claim that it was public elsewhere before.
    pub original: Option<OriginalTime>,
    /// What becomes of the text it supersedes; `None` for what the type says.
    pub old_text: Option<OldTexts>,
}

/// Publishes the draft of a document.
///
/// # Errors
/// [`Refusal::NoDraft`], [`Refusal::Stale`], [`Refusal::Invalid`] with everything that is
/// missing or does not fit the type as it is now, [`Refusal::Gate`] when the gate stays shut,
/// [`Refusal::PathTaken`], and [`Refusal::NotFrom`] for what was recalled.
pub async fn publish(
    desk: &Desk,
    work: &mut UnitOfWork,
    request: Publish,
) -> Result<Outcome, Error> {
    let (mut document, mut siblings) = lock(work, request.target).await?;
    let content_type = content_type(desk, &document.r#type)?;
    let draft = document.draft.ok_or(Refusal::NoDraft)?;
    let draft = editions::of_work(work, draft).await?;
    let text = live::text_of(&draft)?;
    let content = editions::content_of_work(work, text.content_digest).await?;
    let Readings { entry, likeness, .. } = Readings::of(content_type, &content.fields);
    let candidate = Candidate {
        way: request.way,
        forced: request.forced,
        approved: request.approved,
        plan: request.plan,
        original: request.original,
        old_text: request.old_text,
        draft,
        entry,
        likeness,
        content: content.clone(),
        checked: None,
    };
    let outcome = live::make_live(desk, work, &mut document, content_type, candidate).await?;
    // What was due at its own time was closed before it came here.
    schedules::void_draft(work, document.id).await?;
    if matches!(outcome, Outcome::Published(_)) {
        // The gate let it pass, so it is over.
        embargoes::lift(work, document.id).await?;
    }
    if document.main_locale && matches!(outcome, Outcome::Published(_)) {
        follow::translations(desk, work, content_type, &content, &mut siblings).await?;
    }
    let all: Vec<Document> = siblings.into_iter().chain([document.clone()]).collect();
    claims::release(desk, work, document.content, &all).await?;
    Ok(outcome)
}
