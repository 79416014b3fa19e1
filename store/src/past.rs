//! What was public, and who may still read it.
//!
//! For the public the past answers only for documents that are live now, or withdrawn with
//! their text shown, and only for texts that no later publication called an error. Those who
//! may read the past see everything that was not erased.

use jiff::Timestamp;
use schema::{
    digest::Digest,
    edition::{Content, Place},
    ids::{DocumentId, EditionId},
    log::Subject,
    viewer::Viewer,
    visibility::{Visibility, old_text_is_readable, text_is_readable},
};

use crate::{
    Error, Session,
    documents::{self, Document},
    editions, log,
    publications::{self, Publication},
};

/// One line of a document's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The publication.
    pub publication: Publication,
    /// How it was placed and announced; `None` when the viewer may not know, or it was erased.
    pub place: Option<Place>,
    /// Digest of the text, where the viewer may read it.
    pub content_digest: Option<Digest>,
}

impl HistoryEntry {
    /// Whether the viewer who asked may read this text.
    pub fn is_readable(&self) -> bool {
        self.content_digest.is_some()
    }
}

/// What an edition says to a viewer who may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The edition.
    pub edition: EditionId,
    /// Its number; `None` for a draft.
    pub number: Option<u32>,
    /// Digest of its content.
    pub content_digest: Digest,
    /// Digest over content and place.
    pub digest: Digest,
    /// Where its owner places it.
    pub place: Place,
    /// The text.
    pub content: Content,
}

/// Every publication of `document`, in order, as far as `viewer` may know. The public learns
/// date and note of a text that was called an error, and nothing of a document that is not
/// there.
///
/// # Errors
/// [`Error::Database`].
pub async fn history(
    session: &mut Session,
    viewer: &Viewer,
    document: &Document,
) -> Result<Vec<HistoryEntry>, Error> {
    let touched = documents::touched(session, document).await?;
    let sees_past = viewer.sees_past(&touched);
    let notice = document.notice.as_ref();
    if !sees_past && !text_is_readable(document.visibility, notice) {
        return Ok(Vec::new());
    }
    let publications = publications::of_document(session, document.id).await?;
    let mut entries = Vec::with_capacity(publications.len());
    for (index, publication) in publications.iter().enumerate() {
        let said_since = publications[index + 1..].iter().map(|later| later.old_text);
        let readable = sees_past || old_text_is_readable(document.visibility, notice, said_since);
        let text = editions::edition(session, publication.edition).await?.and_then(|e| e.text);
        entries.push(HistoryEntry {
            publication: publication.clone(),
            content_digest: text.as_ref().filter(|_| readable).map(|text| text.content_digest),
            place: text.map(|text| text.place),
        });
    }
    Ok(entries)
}

/// The edition the public sees of `document` now, if `viewer` may read it.
///
/// # Errors
/// [`Error::Database`].
pub async fn live(
    session: &mut Session,
    viewer: &Viewer,
    document: &Document,
) -> Result<Option<Reading>, Error> {
    if !text_is_readable(document.visibility, document.notice.as_ref()) {
        let touched = documents::touched(session, document).await?;
        if !viewer.sees_past(&touched) {
            return Ok(None);
        }
    }
    match document.live {
        Some(edition) => reading(session, edition, Some(document.last_edition)).await,
        None => Ok(None),
    }
}

/// What `edition` said, which was a draft of `document` and may not be one any more, if `viewer`
/// may read its drafts; `None` for an edition of another document, and for what was erased.
///
/// # Errors
/// [`Error::Database`].
pub async fn worked_on(
    session: &mut Session,
    viewer: &Viewer,
    document: &Document,
    edition: EditionId,
) -> Result<Option<Content>, Error> {
    let touched = documents::touched(session, document).await?;
    if !viewer.sees_drafts_of(document.content, &touched) {
        return Ok(None);
    }
    let found = editions::edition(session, edition).await?;
    match found.filter(|found| found.document == document.id).and_then(|found| found.text) {
        Some(text) => editions::content(session, text.content_digest).await.map(Some),
        None => Ok(None),
    }
}

/// The draft of `document`, if `viewer` may read it.
///
/// # Errors
/// [`Error::Database`].
pub async fn draft(
    session: &mut Session,
    viewer: &Viewer,
    document: &Document,
) -> Result<Option<Reading>, Error> {
    let touched = documents::touched(session, document).await?;
    match document.draft.filter(|_| viewer.sees_drafts_of(document.content, &touched)) {
        Some(edition) => reading(session, edition, None).await,
        None => Ok(None),
    }
}

/// Edition `number` of `document`, if `viewer` may read it.
///
/// # Errors
/// [`Error::Database`].
pub async fn numbered(
    session: &mut Session,
    viewer: &Viewer,
    document: &Document,
    number: u32,
) -> Result<Option<Reading>, Error> {
    let entries = history(session, viewer, document).await?;
    let entry = entries.iter().find(|entry| entry.publication.number == number);
    match entry.filter(|entry| entry.is_readable()) {
        Some(entry) => reading(session, entry.publication.edition, Some(number)).await,
        None => Ok(None),
    }
}

/// The text of one line of a history, as far as the viewer who got that line may read it: for
/// those who read a whole history.
///
/// # Errors
/// [`Error::Database`].
pub async fn entry(session: &mut Session, entry: &HistoryEntry) -> Result<Option<Reading>, Error> {
    if !entry.is_readable() {
        return Ok(None);
    }
    reading(session, entry.publication.edition, Some(entry.publication.number)).await
}

/// What was public of `document` at `moment`, by the hub's own time, if `viewer` may read it.
///
/// # Errors
/// [`Error::Database`].
pub async fn as_of(
    session: &mut Session,
    viewer: &Viewer,
    document: &Document,
    moment: Timestamp,
) -> Result<Option<Reading>, Error> {
    if !was_readable(session, document.id, moment).await? {
        return Ok(None);
    }
    let entries = history(session, viewer, document).await?;
    let entry = entries.iter().rev().find(|entry| entry.publication.published_at <= moment);
    match entry.filter(|entry| entry.is_readable()) {
        Some(entry) => {
            reading(session, entry.publication.edition, Some(entry.publication.number)).await
        }
        None => Ok(None),
    }
}

async fn was_readable(
    session: &mut Session,
    document: DocumentId,
    moment: Timestamp,
) -> Result<bool, Error> {
    let events = log::of_document(session, document).await?;
    let last = events.iter().rev().filter(|stored| stored.event.at <= moment).find_map(|stored| {
        match &stored.event.subject {
            Subject::Document(event) if event.site.is_none() => Some(event.visibility),
            _ => None,
        }
    });
    Ok(matches!(last, Some(Visibility::Live | Visibility::Withdrawn)))
}

async fn reading(
    session: &mut Session,
    edition: EditionId,
    number: Option<u32>,
) -> Result<Option<Reading>, Error> {
    let Some(text) = editions::edition(session, edition).await?.and_then(|found| found.text) else {
        return Ok(None);
    };
    Ok(Some(Reading {
        edition,
        number,
        content_digest: text.content_digest,
        digest: text.digest,
        content: editions::content(session, text.content_digest).await?,
        place: text.place,
    }))
}
