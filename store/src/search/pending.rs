//! Documents whose entries are still to be written: after an upgrade, a restore, or a change of
//! what is searched.

use std::collections::BTreeSet;

use schema::{
    edition::Content,
    ids::{DocumentId, EditionId},
    names::TypeName,
    search::Entry,
    visibility::Visibility,
};
use uuid::Uuid;

use super::write::{clear, write};
use crate::{Error, Session, UnitOfWork, convert, documents};

/// Lets every live document wait: what a restored hub starts with.
pub(crate) const ALL_WAIT: &str = "INSERT INTO search_pending (document_id) SELECT id FROM document WHERE visibility = 'live' \
     ON CONFLICT DO NOTHING";

/// Whether every live document has its entry, so that searches find everything.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_complete(session: &mut Session) -> Result<bool, Error> {
    let waiting =
        fetch_optional!(session, (Uuid,), "SELECT document_id FROM search_pending LIMIT 1")?;
    Ok(waiting.is_none())
}

/// Lets the live documents of a type wait: other fields of them are searched from now on.
///
/// # Errors
/// [`Error::Database`].
pub async fn wait_for(work: &mut UnitOfWork, of_type: &str) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO search_pending (document_id) SELECT id FROM document \
         WHERE visibility = 'live' AND type = $1 ON CONFLICT DO NOTHING",
        of_type,
    )?;
    Ok(())
}

/// A document that waits, as it was when it was looked at.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// It.
    pub document: DocumentId,
    /// Its type.
    pub r#type: TypeName,
    /// The edition that is live, and its text; `None` where nothing is to be found any more.
    pub live: Option<(EditionId, Content)>,
}

row! {
    struct Row {
        document_id: Uuid,
        type_name: String,
        live_edition_id: Option<Uuid>,
        body: Option<String>,
    }
}

/// Up to `limit` documents after `after` that wait, by their ids.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a text that cannot be read.
pub async fn waiting(
    session: &mut Session,
    after: Option<DocumentId>,
    limit: u32,
) -> Result<Vec<Waiting>, Error> {
    let rows = fetch_all!(
        session,
        Row,
        "SELECT p.document_id, d.type AS type_name, d.live_edition_id, c.body \
         FROM (SELECT document_id FROM search_pending WHERE document_id > $1 \
               ORDER BY document_id LIMIT $2) p \
         JOIN document d ON d.id = p.document_id \
         LEFT JOIN edition e ON e.id = d.live_edition_id AND d.visibility = 'live' \
         LEFT JOIN content c ON c.digest = e.content_digest \
         ORDER BY p.document_id",
        after.map_or(Uuid::nil(), DocumentId::uuid),
        i64::from(limit),
    )?;
    let waiting = |row: Row| {
        let content = row.body.map(|body| Content::from_canonical(&body)).transpose();
        let content = content.map_err(|error| Error::corrupt("content", error))?;
        Ok(Waiting {
            document: row.document_id.into(),
            r#type: convert::text("document.type", &row.type_name)?,
            live: row.live_edition_id.map(Into::into).zip(content),
        })
    };
    rows.into_iter().map(waiting).collect()
}

/// Writes what was made of a document that waited, and lets it wait no longer. One that was
/// published meanwhile goes on waiting.
///
/// # Errors
/// [`Error::Database`].
pub async fn write_waiting(
    work: &mut UnitOfWork,
    waiting: &Waiting,
    entry: Option<&Entry>,
) -> Result<(), Error> {
    let Some(document) = documents::lock(work, waiting.document).await? else {
        return done(work, waiting.document).await;
    };
    let live = document.live.filter(|_| document.visibility == Visibility::Live);
    if live != waiting.live.as_ref().map(|(edition, _)| *edition) {
        return Ok(());
    }
    match entry {
        Some(entry) => {
            let files = waiting.live.as_ref().map(|(_, content)| &content.files);
            write(work, &document, entry, files.unwrap_or(&BTreeSet::new())).await?;
        }
        None => clear(work, document.id).await?,
    }
    done(work, document.id).await
}

/// A document waits no longer.
pub(crate) async fn done(work: &mut UnitOfWork, document: DocumentId) -> Result<(), Error> {
    execute!(work.session(), "DELETE FROM search_pending WHERE document_id = $1", document.uuid(),)?;
    Ok(())
}
