//! Looking at contents: what [`schema::checks`] find in a draft, in a live edition, or in everything
//! that is public.
//!
//! Whoever may see a draft may know what is found in it. What follows from it is not decided here:
//! [`reviews`](crate::reviews) count the errors of what is submitted.

mod around;
mod run;

use schema::{
    checks::{Finding, Severity, Subject},
    edition::Content,
    ids::{ContentId, DocumentId, EditionId},
    names::{Locale, TypeName},
    permission::Actor,
    viewer::Viewer,
};
use store::{
    Session,
    documents::{self, Document},
    editions::Text,
    past,
};

use self::around::Hub;
pub use self::run::{Counts, Report, Wanted, live};
use crate::{Desk, Error};

/// A text that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The document.
    pub document: DocumentId,
    /// Its content.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Its type.
    pub r#type: TypeName,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// Whether it is the draft, not what the public reads.
    pub is_draft: bool,
    /// What was found, by field and place.
    pub findings: Vec<Finding>,
}

/// What checks find in the draft of a document, or in its live edition where it has no draft.
/// `None` where there is neither, where its type is not in force any more, and for those who may
/// not see its drafts.
///
/// # Errors
/// [`Error::Store`].
pub async fn findings(
    desk: &Desk,
    actor: &Actor,
    content: ContentId,
    locale: &Locale,
) -> Result<Option<Examined>, Error> {
    let viewer = Viewer::Known(actor.clone());
    let mut session = desk.store.reader().await?;
    let found = documents::in_locale(&mut session, &viewer, content, locale).await?;
    let Some(document) = found else { return Ok(None) };
    let touched = documents::touched(&mut session, &document).await?;
    if !viewer.sees_drafts_of(content, &touched) {
        return Ok(None);
    }
    let draft = past::draft(&mut session, &viewer, &document).await?;
    let is_draft = draft.is_some();
    let reading = match draft {
        Some(draft) => Some(draft),
        None => past::live(&mut session, &viewer, &document).await?,
    };
    let Some(reading) = reading else { return Ok(None) };
    let hub = Hub::read(&mut session).await?;
    let named = Named { document: document.id, content, is_draft };
    examine(desk, &mut session, &hub, named, &reading).await
}

/// How much checks find in a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) errors: u32,
    pub(crate) warnings: u32,
}

/// How much checks find now in the draft `edition`, which says `content`.
pub(crate) async fn count(
    desk: &Desk,
    session: &mut Session,
    document: &Document,
    edition: EditionId,
    (text, content): (&Text, &Content),
) -> Result<Found, Error> {
    let hub = Hub::read(session).await?;
    let named = Named { document: document.id, content: document.content, is_draft: true };
    let draft = past::Reading {
        edition,
        number: None,
        content_digest: text.content_digest,
        digest: text.digest,
        place: text.place.clone(),
        content: content.clone(),
    };
    let examined = examine(desk, session, &hub, named, &draft).await?;
    let findings = examined.map(|examined| examined.findings).unwrap_or_default();
    let of = |severity| {
        let those = findings.iter().filter(|finding| finding.severity == severity);
        u32::try_from(those.count()).unwrap_or(u32::MAX)
    };
    Ok(Found { errors: of(Severity::Error), warnings: of(Severity::Warning) })
}

/// Which text is looked at.
#[derive(Clone, Copy)]
struct Named {
    document: DocumentId,
    content: ContentId,
    is_draft: bool,
}

/// Looks at one text; `None` where its type is not in force any more.
async fn examine(
    desk: &Desk,
    session: &mut Session,
    hub: &Hub,
    named: Named,
    reading: &past::Reading,
) -> Result<Option<Examined>, Error> {
    let content: &Content = &reading.content;
    let Some(content_type) = desk.types.get(&content.r#type) else { return Ok(None) };
    let subject = Subject::new(&desk.types, content_type, content);
    let around = around::Text { subject: &subject, named, reading };
    // It asks for much: on the stack of whoever waits for it, it would be large.
    let surroundings = Box::pin(around::gather(desk, session, hub, &around)).await?;
    Ok(Some(Examined {
        document: named.document,
        content: named.content,
        locale: content.locale.clone(),
        r#type: content.r#type.clone(),
        title: content_type.title_of(&content.fields).map(str::to_owned),
        is_draft: named.is_draft,
        findings: desk.checks.look(&subject, &surroundings),
    }))
}
