//! Links of live editions, kept apart from their texts so that both directions are read by
//! index.

use std::collections::BTreeMap;

use schema::{
    edition::Content,
    ids::{ContentId, DocumentId},
    names::FieldName,
};

use crate::{Error, Session, UnitOfWork, convert, newborn::Rows};

/// Makes the links of `document` be those of `content`; `None` takes them away.
///
/// # Errors
/// [`Error::Database`].
pub async fn write(
    work: &mut UnitOfWork,
    document: DocumentId,
    content: Option<&Content>,
) -> Result<(), Error> {
    if work.newborn().can_have(document, Rows::Links) {
        execute!(work.session(), "DELETE FROM link WHERE document_id = $1", document.uuid())?;
    }
    work.newborn().gets(document, Rows::Links);
    let links = content.into_iter().flat_map(|content| &content.links);
    for (field, targets) in links {
        for (position, target) in (0_i64..).zip(targets) {
            execute!(
                work.session(),
                "INSERT INTO link (document_id, field, position, target_content_id) VALUES ($1, $2, $3, $4)",
                document.uuid(),
                field.as_str(),
                position,
                target.uuid(),
            )?;
        }
    }
    Ok(())
}

/// The live documents that link to `target`, with the field they do it by. They are live, so
/// anybody may know of them.
///
/// # Errors
/// [`Error::Database`].
pub async fn to(
    session: &mut Session,
    target: ContentId,
) -> Result<Vec<(DocumentId, FieldName)>, Error> {
    fetch_all!(
        session,
        (uuid::Uuid, String),
        "SELECT l.document_id, l.field FROM link l JOIN document d ON d.id = l.document_id \
         WHERE l.target_content_id = $1 AND d.visibility = 'live' ORDER BY l.field, l.document_id",
        target.uuid(),
    )?
    .into_iter()
    .map(|(document, field)| Ok((document.into(), convert::text("link.field", &field)?)))
    .collect()
}

/// The indexed links of `document`, by field.
pub(crate) async fn of_document(
    session: &mut Session,
    document: DocumentId,
) -> Result<BTreeMap<FieldName, Vec<ContentId>>, Error> {
    let rows = fetch_all!(
        session,
        (String, uuid::Uuid),
        "SELECT field, target_content_id FROM link WHERE document_id = $1 ORDER BY field, position",
        document.uuid(),
    )?;
    let mut links: BTreeMap<FieldName, Vec<ContentId>> = BTreeMap::new();
    for (field, target) in rows {
        links.entry(convert::text("link.field", &field)?).or_default().push(target.into());
    }
    Ok(links)
}
