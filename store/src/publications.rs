//! Publications: which edition became public under which number, and when.

use jiff::Timestamp;
use schema::{
    content_type::OldTexts,
    edition::Importance,
    ids::{DocumentId, EditionId},
};
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// One publication of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Number of the edition, from 1.
    pub number: u32,
    /// The edition.
    pub edition: EditionId,
    /// When the hub published it.
    pub published_at: Timestamp,
    /// When it was published elsewhere before, and who says so.
    pub original: Option<OriginalTime>,
    /// Whether readers were told.
    pub importance: Importance,
    /// What it said of the text it superseded.
    pub old_text: OldTexts,
}

/// A claim that a text was public elsewhere before: never the hub's own time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalTime {
    /// When.
    pub at: Timestamp,
    /// Where the claim comes from: `import:<source>`, `origin:<site>`, `person`.
    pub source: String,
}

/// Writes a publication of `document`.
///
/// # Errors
/// [`Error::Database`].
pub async fn insert(
    work: &mut UnitOfWork,
    document: DocumentId,
    publication: &Publication,
) -> Result<(), Error> {
    let original = publication.original.as_ref();
    execute!(
        work.session(),
        "INSERT INTO publication (document_id, number, edition_id, published_at, originally_published_at, \
         original_time_source, major, old_text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        document.uuid(),
        i64::from(publication.number),
        publication.edition.uuid(),
        Moment(publication.published_at),
        original.map(|original| Moment(original.at)),
        original.map(|original| original.source.as_str()),
        publication.importance == Importance::Major,
        match publication.old_text {
            OldTexts::Amended => "amended",
            OldTexts::Error => "error",
        },
    )?;
    Ok(())
}

/// Every publication of `document`, in order. What of them a reader may see is decided in
/// [`past`](crate::past).
pub(crate) async fn of_document(
    session: &mut Session,
    document: DocumentId,
) -> Result<Vec<Publication>, Error> {
    let rows = fetch_all!(
        session,
        (i64, Uuid, Moment, Option<Moment>, Option<String>, bool, String),
        "SELECT number, edition_id, published_at, originally_published_at, original_time_source, major, old_text \
         FROM publication WHERE document_id = $1 ORDER BY number",
        document.uuid(),
    )?;
    rows.into_iter()
        .map(|(number, edition, published_at, original, source, major, old_text)| {
            Ok(Publication {
                number: convert::number("publication.number", number)?,
                edition: edition.into(),
                published_at: published_at.0,
                original: original
                    .map(|Moment(at)| OriginalTime { at, source: source.unwrap_or_default() }),
                importance: if major { Importance::Major } else { Importance::Minor },
                old_text: match old_text.as_str() {
                    "amended" => OldTexts::Amended,
                    "error" => OldTexts::Error,
                    word => return Err(Error::corrupt("publication.old_text", word)),
                },
            })
        })
        .collect()
}

/// The publications of `document`, within a unit of work.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_work(
    work: &mut UnitOfWork,
    document: DocumentId,
) -> Result<Vec<Publication>, Error> {
    of_document(work.session(), document).await
}
