//! Preview links: showing a draft to somebody without an account, for a while.
//!
//! A link is made by those who write the draft. It shows that draft, those of the same content in
//! other languages, and those that they link to; never more than its maker may see at the moment
//! of asking, and nothing once the document is published, the link is revoked or its time is over
//! (docs/decisions/preview.md).

mod files;
mod open;

use jiff::{SignedDuration, Timestamp};
use schema::{
    ids::{DocumentId, PreviewLinkId},
    message::Fault,
    permission::{Action, Touched, may},
    preview::{LinkState, MOST_AT_ONCE, MOST_HOURS, Terms, USUAL_HOURS},
};
use serde_json::json;
use store::{
    UnitOfWork,
    access::{
        people,
        previews::{self, PreviewLink},
    },
    audit,
    documents::{self, Document},
};
use zeroize::Zeroizing;

pub use files::{FileTickets, admit_to_file};
pub use open::{Opened, open, reading_drafts};

use crate::{
    Error, Refusal,
    access::{PreviewSecret, name_fault},
    documents::commitment_to,
};

/// A link that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPreviewLink {
    /// The document whose draft it is to show.
    pub document: DocumentId,
    /// What it is for.
    pub label: String,
    /// How long it is to be good.
    pub until: Until,
}

/// How long a link is to be good: 30 days at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// As long as links usually are: 3 days.
    Usual,
    /// For so many hours.
    Hours(i64),
    /// Until then.
    Moment(Timestamp),
}

/// A link that was made. The secret is to be had here and never again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedPreviewLink {
    /// The link.
    pub link: PreviewLink,
    /// What its holder presents.
    pub secret: PreviewSecret,
}

/// Makes a link to the draft of a document.
///
/// # Errors
/// A document that does not exist, has no draft, or may not be written by the actor; an actor
/// without an account, whose rights could not be looked up later; [`Refusal::Invalid`] for a
/// label, a time, or too many links at once.
pub async fn create_preview_link(
    work: &mut UnitOfWork,
    new: NewPreviewLink,
) -> Result<IssuedPreviewLink, Error> {
    let (document, _) = writable(work, new.document, &[Action::Draft]).await?;
    if document.draft.is_none() {
        return Err(Refusal::NoDraft.into());
    }
    let maker = work.actor().id;
    if people::of_work(work, maker).await?.is_none() {
        return Err(Refusal::not_found("person", maker).into());
    }
    let now = work.now();
    let mut faults: Vec<Fault> = name_fault("label", &new.label).into_iter().collect();
    let expires_at = match ends(now, new.until) {
        Ok(expires_at) => expires_at,
        Err(fault) => {
            faults.push(fault);
            now
        }
    };
    let is_good = |link: &PreviewLink| {
        let state = link.terms.state(now, document.last_edition, document.visibility);
        state == LinkState::Good
    };
    let links = previews::of_document(work.session(), document.id).await?;
    if links.into_iter().filter(is_good).count() >= MOST_AT_ONCE {
        faults.push(Fault::new(
            "document",
            "too_many",
            format!("有效的预览链接已达 {MOST_AT_ONCE} 个，请先撤销不用的"),
            format!("{MOST_AT_ONCE} links to it are good already: revoke those that are not used"),
        ));
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults).into());
    }
    let secret = PreviewSecret::new(&Zeroizing::new(work.new_salt()));
    let link = PreviewLink {
        id: work.new_id(),
        document: document.id,
        label: new.label.trim().to_owned(),
        hint: secret.hint(),
        terms: Terms { edition: document.last_edition, expires_at, revoked_at: None },
        created_at: now,
        created_by: maker,
        revoked_by: None,
    };
    let grants = work.actor().grants.clone();
    previews::insert(work, &link, secret.hash(), &grants).await?;
    note(work, "preview.create", &link, json!({ "link": link.id, "expiresAt": expires_at }))
        .await?;
    Ok(IssuedPreviewLink { link, secret })
}

/// Revokes a link. Doing it again changes nothing: who takes a leaked link back must never hear
/// that it failed because somebody else was quicker.
///
/// # Errors
/// A link that does not exist, or that the actor neither made nor may revoke: that may those who
/// write the document or administer where it stands.
pub async fn revoke_preview_link(
    work: &mut UnitOfWork,
    id: PreviewLinkId,
) -> Result<PreviewLink, Error> {
    let not_found = || Refusal::not_found("previewLink", id);
    let shown = previews::by_id(work.session(), id).await?.ok_or_else(not_found)?;
    let mut link = shown.link;
    if link.created_by != work.actor().id {
        writable(work, link.document, &[Action::Draft, Action::Administer]).await.map_err(
            |error| match error {
                Error::Refused(refusal) if matches!(*refusal, Refusal::NotFound { .. }) => {
                    not_found().into()
                }
                other => other,
            },
        )?;
    }
    if link.terms.revoked_at.is_none() {
        previews::revoke(work, id).await?;
        link.terms.revoked_at = Some(work.now());
        link.revoked_by = Some(work.actor().id);
        note(work, "preview.revoke", &link, json!({ "link": link.id })).await?;
    }
    Ok(link)
}

/// The document, locked, if the actor may do one of `actions` to it. Who may not even read its
/// drafts is told that there is no such document.
async fn writable(
    work: &mut UnitOfWork,
    id: DocumentId,
    actions: &[Action],
) -> Result<(Document, Touched), Error> {
    let not_found = || Refusal::not_found("document", id);
    let document = documents::lock(work, id).await?.ok_or_else(not_found)?;
    let touched = documents::touched(work.session(), &document).await?;
    let actor = work.actor();
    if actions.iter().any(|action| may(actor, *action, &touched)) {
        return Ok((document, touched));
    }
    match actions.first() {
        Some(action) if may(actor, Action::ReadDrafts, &touched) => {
            Err(Refusal::NotPermitted(*action).into())
        }
        _ => Err(not_found().into()),
    }
}

/// When a link made `now` ends.
fn ends(now: Timestamp, until: Until) -> Result<Timestamp, Fault> {
    let within = |path: &str| {
        Fault::new(
            path,
            "out_of_range",
            format!("应在 1 至 {MOST_HOURS} 小时之内"),
            format!("give a time that lies 1 to {MOST_HOURS} hours ahead"),
        )
    };
    let after = |hours| now.checked_add(SignedDuration::from_hours(hours));
    match until {
        Until::Usual => after(USUAL_HOURS).map_err(|_| within("hours")),
        Until::Hours(hours @ 1..=MOST_HOURS) => after(hours).map_err(|_| within("hours")),
        Until::Hours(_) => Err(within("hours")),
        Until::Moment(at) => {
            let latest = after(MOST_HOURS).map_err(|_| within("expiresAt"))?;
            if now < at && at <= latest { Ok(at) } else { Err(within("expiresAt")) }
        }
    }
}

/// Notes an act on a link in the audit of its document: without the label, which may repeat words
/// of the text.
async fn note(
    work: &mut UnitOfWork,
    action: &str,
    link: &PreviewLink,
    details: serde_json::Value,
) -> Result<(), Error> {
    let Some(document) = documents::lock(work, link.document).await? else {
        let subject = format!("document:{}", link.document);
        return Ok(audit::record(work, action, &subject, &details).await?);
    };
    let commitment = commitment_to(work, document.draft).await?;
    crate::documents::audit(work, action, &document, commitment, details).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_ends_within_thirty_days() {
        let now = Timestamp::from_second(1_000_000).expect("a moment");
        let in_hours = |hours: i64| now + SignedDuration::from_hours(hours);

        assert_eq!(ends(now, Until::Usual), Ok(in_hours(72)));
        assert_eq!(ends(now, Until::Hours(1)), Ok(in_hours(1)));
        assert_eq!(ends(now, Until::Moment(in_hours(720))), Ok(in_hours(720)));
        for wrong in [
            Until::Hours(0),
            Until::Hours(-1),
            Until::Hours(721),
            Until::Moment(now),
            Until::Moment(in_hours(721)),
        ] {
            assert_eq!(ends(now, wrong).map_err(|fault| fault.code), Err("out_of_range"));
        }
    }
}
