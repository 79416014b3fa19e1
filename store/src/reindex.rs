//! Rebuilding what is derived: lists, values, links, plain texts, search. One document at a time, in
//! the caller's unit of work, so that it runs beside a working hub.

use schema::{
    content_type::TypeRegistry, derived::Derived, ids::DocumentId, likeness::Likeness,
    search::Entry, visibility::Visibility,
};
use uuid::Uuid;

use crate::{
    Error, UnitOfWork,
    documents::{self, Document},
    editions, likeness, links, listing, search,
};

/// Up to `limit` ids of documents after `after`, in order: what there is to rebuild. With
/// `of_type` those of one type.
///
/// # Errors
/// [`Error::Database`].
pub async fn page(
    work: &mut UnitOfWork,
    of_type: Option<&str>,
    after: Option<DocumentId>,
    limit: u32,
) -> Result<Vec<DocumentId>, Error> {
    Ok(fetch_all!(
        work.session(),
        (Uuid,),
        "SELECT id FROM document WHERE id > $1 AND (CAST($2 AS TEXT) IS NULL OR type = $2) \
         ORDER BY id LIMIT $3",
        after.map_or(Uuid::nil(), DocumentId::uuid),
        of_type,
        i64::from(limit),
    )?
    .into_iter()
    .map(|(id,)| id.into())
    .collect())
}

/// Rebuilds everything derived of one document.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] when its text cannot be read.
pub async fn document(
    work: &mut UnitOfWork,
    types: &TypeRegistry,
    id: DocumentId,
) -> Result<(), Error> {
    let Some(document) = documents::lock(work, id).await? else { return Ok(()) };
    rebuild_texts(work, types, &document).await?;
    let shown = match (document.visibility, document.live) {
        (Visibility::Live, Some(live)) => editions::of_work(work, live).await?.text,
        _ => None,
    };
    let content_type = types.get(&document.r#type);
    match (shown, content_type) {
        (Some(text), Some(content_type)) => {
            let content = editions::content_of_work(work, text.content_digest).await?;
            listing::write(work, id, content_type, &content).await?;
            links::write(work, id, Some(&content)).await?;
            let derived = Derived::of(content_type, &content.fields);
            let entry = Entry::of(content_type, &content.fields, &derived);
            search::write(work, &document, &entry, &content.files).await?;
            likeness::write(work, id, Likeness::of(&derived.plain_text)).await?;
        }
        _ => {
            listing::clear(work, id).await?;
            links::write(work, id, None).await?;
            search::clear(work, id).await?;
            likeness::clear(work, id).await?;
        }
    }
    search::done(work, id).await
}

async fn rebuild_texts(
    work: &mut UnitOfWork,
    types: &TypeRegistry,
    document: &Document,
) -> Result<(), Error> {
    let Some(content_type) = types.get(&document.r#type) else { return Ok(()) };
    let digests = fetch_all!(
        work.session(),
        (Vec<u8>,),
        "SELECT DISTINCT content_digest FROM edition WHERE document_id = $1 AND content_digest IS NOT NULL",
        document.id.uuid(),
    )?;
    for (digest,) in digests {
        execute!(
            work.session(),
            "DELETE FROM derived WHERE content_digest = $1",
            digest.as_slice(),
        )?;
        let digest = crate::convert::digest("edition.content_digest", &digest)?;
        let content = editions::content_of_work(work, digest).await?;
        let derived = Derived::of(content_type, &content.fields);
        editions::keep_derived(work.session(), digest, content_type, &content, &derived).await?;
    }
    Ok(())
}
