//! The texts of files, which documents that use them are found by: derived, like all of search, and
//! kept once per file.

use schema::{digest::Digest, ids::DocumentId};
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, convert};

/// Keeps the text of a file, as `reader`, a version of whoever reads, read it off.
///
/// # Errors
/// [`Error::Database`].
pub async fn keep_text(
    work: &mut UnitOfWork,
    file: &Digest,
    reader: u32,
    text: &str,
) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO search_file_text (file_digest, reader, text) \
         SELECT digest, $2, $3 FROM file WHERE digest = $1 \
         ON CONFLICT (file_digest) DO UPDATE SET reader = excluded.reader, text = excluded.text",
        convert::bytes(file),
        i64::from(reader),
        text,
    )?;
    Ok(())
}

/// The text of a file; `None` while it was not read.
///
/// # Errors
/// [`Error::Database`].
pub async fn text_of(session: &mut Session, file: &Digest) -> Result<Option<String>, Error> {
    let text = fetch_optional!(
        session,
        (String,),
        "SELECT text FROM search_file_text WHERE file_digest = $1",
        convert::bytes(file),
    )?;
    Ok(text.map(|(text,)| text))
}

/// Up to `limit` files after `after`, by their digests, that no `reader` of this version has read,
/// with what they are.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a digest that is none.
pub async fn unread(
    session: &mut Session,
    reader: u32,
    after: Option<Digest>,
    limit: u32,
) -> Result<Vec<(Digest, String)>, Error> {
    let after = after.map(|digest| convert::bytes(&digest).to_vec()).unwrap_or_default();
    let rows = fetch_all!(
        session,
        (Vec<u8>, String),
        "SELECT f.digest, f.media_type FROM file f \
         LEFT JOIN search_file_text t ON t.file_digest = f.digest \
         WHERE f.digest > $1 AND (f.media_type LIKE 'application/%' OR f.media_type LIKE 'text/%') AND (t.reader IS NULL OR t.reader < $2) \
         ORDER BY f.digest LIMIT $3",
        after,
        i64::from(reader),
        i64::from(limit),
    )?;
    rows.into_iter()
        .map(|(digest, media)| Ok((convert::digest("file.digest", &digest)?, media)))
        .collect()
}

/// The live documents whose texts use a file.
///
/// # Errors
/// [`Error::Database`].
pub async fn found_by(work: &mut UnitOfWork, file: &Digest) -> Result<Vec<DocumentId>, Error> {
    let rows = fetch_all!(
        work.session(),
        (Uuid,),
        "SELECT d.id FROM content_file u JOIN edition e ON e.content_digest = u.content_digest \
         JOIN document d ON d.id = e.document_id AND d.live_edition_id = e.id \
         WHERE u.file_digest = $1 AND d.visibility = 'live' ORDER BY d.id",
        convert::bytes(file),
    )?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// Lets every file be read again.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_readings(work: &mut UnitOfWork) -> Result<(), Error> {
    execute!(work.session(), "UPDATE search_file_text SET reader = 0")?;
    Ok(())
}
