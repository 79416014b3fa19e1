//! Sketches of live texts ([`schema::likeness`]), by which what is nearly the same is found.

use std::collections::BTreeSet;

use schema::{
    ids::{ContentId, DocumentId},
    likeness::Likeness,
    names::Locale,
    viewer::Viewer,
};
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, newborn::Rows};

/// Writes the sketch of a live document, over the one it had; `None` where its text is too short.
///
/// # Errors
/// [`Error::Database`].
pub async fn write(
    work: &mut UnitOfWork,
    document: DocumentId,
    likeness: Option<Likeness>,
) -> Result<(), Error> {
    clear(work, document).await?;
    let Some(Likeness([a, b, c, d, e, f])) = likeness else { return Ok(()) };
    work.newborn().gets(document, Rows::Likeness);
    execute!(
        work.session(),
        "INSERT INTO likeness (document_id, band, value) VALUES \
         ($1, 0, $2), ($1, 1, $3), ($1, 2, $4), ($1, 3, $5), ($1, 4, $6), ($1, 5, $7)",
        document.uuid(),
        a,
        b,
        c,
        d,
        e,
        f,
    )?;
    Ok(())
}

/// Takes the sketch of a document away.
///
/// # Errors
/// [`Error::Database`].
pub async fn clear(work: &mut UnitOfWork, document: DocumentId) -> Result<(), Error> {
    if work.newborn().can_have(document, Rows::Likeness) {
        let sql = "DELETE FROM likeness WHERE document_id = $1";
        execute!(work.session(), sql, document.uuid())?;
    }
    Ok(())
}

/// A live document that may be nearly the same as a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// Its content.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// What it says, in plain text.
    pub text: String,
}

/// Live documents in `locale`, of other contents than `content`, that share a number with
/// `likeness`: at most `limit` of those of each number.
///
/// # Errors
/// [`Error::Database`].
pub async fn near(
    session: &mut Session,
    _: &Viewer,
    (content, locale): (ContentId, &Locale),
    likeness: Likeness,
    limit: u32,
) -> Result<Vec<Near>, Error> {
    let mut documents = BTreeSet::new();
    for (band, value) in (0_i64..).zip(likeness.0) {
        let found = fetch_all!(
            session,
            (Uuid,),
            "SELECT document_id FROM likeness WHERE value = $1 AND band = $2 \
             ORDER BY document_id DESC LIMIT $3",
            value,
            band,
            i64::from(limit),
        )?;
        documents.extend(found.into_iter().map(|(id,)| id));
    }
    let mut near = Vec::new();
    // The newest first: what was published last is what a second one would be a second of.
    for document in documents.into_iter().rev() {
        if near.len() >= limit as usize {
            break;
        }
        let found = fetch_optional!(
            session,
            (Uuid, String),
            "SELECT d.content_id, t.plain_text FROM document d JOIN edition e ON e.id = d.live_edition_id \
             JOIN derived t ON t.content_digest = e.content_digest \
             WHERE d.id = $1 AND d.visibility = 'live' AND d.locale = $2 AND d.content_id <> $3",
            document,
            locale.as_str(),
            content.uuid(),
        )?;
        near.extend(found.map(|(content, text)| Near {
            content: content.into(),
            locale: locale.clone(),
            text,
        }));
    }
    Ok(near)
}
