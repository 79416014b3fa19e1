//! What checks of contents read: which documents are public, and what stands around a text. All of
//! it is told of live documents, so anybody may know it.

use std::collections::HashMap;

use jiff::Timestamp;
use schema::{
    digest::Digest,
    ids::{AuthorityId, ContentId, DocumentId, EditionId, SiteId},
    names::{DocumentPath, FieldName, Locale, TypeName},
    viewer::Viewer,
    visibility::Visibility,
};
use uuid::Uuid;

use crate::{Error, Session, convert, listing::HUB, moment::Moment, statement::Statement};

/// The live documents of a site (or the hub) and a type (or all), by id, after `after`: at most
/// `limit` of them.
///
/// # Errors
/// [`Error::Database`].
pub async fn live(
    session: &mut Session,
    _: &Viewer,
    site: Option<SiteId>,
    r#type: Option<&TypeName>,
    after: Option<DocumentId>,
    limit: u32,
) -> Result<Vec<DocumentId>, Error> {
    let found = fetch_all!(
        session,
        (Uuid,),
        "SELECT document_id FROM listing WHERE scope_id = $1 AND document_id > $2 \
         AND (CAST($3 AS TEXT) IS NULL OR type = $3) ORDER BY document_id LIMIT $4",
        site.map_or(HUB, SiteId::uuid),
        after.map_or(Uuid::nil(), DocumentId::uuid),
        r#type.map(TypeName::as_str),
        i64::from(limit),
    )?;
    Ok(found.into_iter().map(|(id,)| id.into()).collect())
}

/// How many there are of [`live`].
///
/// # Errors
/// [`Error::Database`].
pub async fn count_live(
    session: &mut Session,
    _: &Viewer,
    site: Option<SiteId>,
    r#type: Option<&TypeName>,
) -> Result<u64, Error> {
    let found = fetch_optional!(
        session,
        (i64,),
        "SELECT COUNT(*) FROM listing WHERE scope_id = $1 AND (CAST($2 AS TEXT) IS NULL OR type = $2)",
        site.map_or(HUB, SiteId::uuid),
        r#type.map(TypeName::as_str),
    )?;
    Ok(found.map_or(0, |(count,)| u64::try_from(count).unwrap_or_default()))
}

/// Which of `contents` are on the hub, and whether readers find them in any language.
///
/// # Errors
/// [`Error::Database`].
pub async fn are_live(
    session: &mut Session,
    _: &Viewer,
    contents: &[ContentId],
) -> Result<HashMap<ContentId, bool>, Error> {
    let mut found: HashMap<ContentId, bool> = HashMap::new();
    if contents.is_empty() {
        return Ok(found);
    }
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT d.content_id, d.visibility FROM ")
        .rows_of(contents.iter().map(|content| content.uuid()).collect())
        .push(
            " CROSS JOIN document d WHERE d.content_id = wanted.id AND NOT (d.visibility = 'unpublished' \
             AND EXISTS (SELECT 1 FROM draft_limit m WHERE m.content_id = d.content_id))",
        );
    for (content, visibility) in statement.fetch_all::<(Uuid, String)>(session).await? {
        let is_live = convert::visibility(&visibility)? == Visibility::Live;
        *found.entry(content.into()).or_default() |= is_live;
    }
    Ok(found)
}

/// Whether readers find a document at `path` of `site`, there or where it moved to; `None` where no
/// document ever stood, or a limited draft is to.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_live_at(
    session: &mut Session,
    _: &Viewer,
    site: SiteId,
    path: &DocumentPath,
) -> Result<Option<bool>, Error> {
    let found = fetch_optional!(
        session,
        (String, Option<String>),
        "SELECT d.visibility, p.visibility FROM route r JOIN document d ON d.id = r.document_id \
         LEFT JOIN placement p ON p.document_id = r.document_id AND p.site_id = r.site_id \
         WHERE r.site_id = $1 AND r.path = $2 AND NOT (r.state = 'reserved' \
             AND EXISTS (SELECT 1 FROM draft_limit m WHERE m.content_id = d.content_id))",
        site.uuid(),
        path.as_str(),
    )?;
    let Some((document, placement)) = found else { return Ok(None) };
    let is_live = |word: &str| Ok::<_, Error>(convert::visibility(word)? == Visibility::Live);
    let stands = placement.as_deref().map_or(Ok(true), is_live)?;
    Ok(Some(is_live(&document)? && stands))
}

/// Who owns a document, and when it was first published. Whoever asks may look at its text.
///
/// # Errors
/// [`Error::Database`].
pub async fn standing(
    session: &mut Session,
    document: DocumentId,
) -> Result<Option<(AuthorityId, Option<Timestamp>)>, Error> {
    let found = fetch_optional!(
        session,
        (Uuid, Option<Moment>),
        "SELECT authority_id, first_published_at FROM document WHERE id = $1",
        document.uuid(),
    )?;
    Ok(found.map(|(authority, at)| (authority.into(), at.map(|Moment(at)| at))))
}

/// The edition of a document that the public reads. Whoever asks may look at its draft.
///
/// # Errors
/// [`Error::Database`].
pub async fn live_edition(
    session: &mut Session,
    document: DocumentId,
) -> Result<Option<EditionId>, Error> {
    let found = fetch_optional!(
        session,
        (Option<Uuid>,),
        "SELECT live_edition_id FROM document WHERE id = $1",
        document.uuid(),
    )?;
    Ok(found.and_then(|(id,)| id).map(Into::into))
}

/// Whether any live document of `type` links to `target` by `field`.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_linked_by(
    session: &mut Session,
    _: &Viewer,
    target: ContentId,
    r#type: &TypeName,
    field: &FieldName,
) -> Result<bool, Error> {
    let found = fetch_optional!(
        session,
        (Uuid,),
        "SELECT l.document_id FROM link l JOIN document d ON d.id = l.document_id \
         WHERE l.target_content_id = $1 AND l.field = $2 AND d.type = $3 AND d.visibility = 'live' LIMIT 1",
        target.uuid(),
        field.as_str(),
        r#type.as_str(),
    )?;
    Ok(found.is_some())
}

/// Other contents of which the public reads exactly this text, at most `limit`.
///
/// # Errors
/// [`Error::Database`].
pub async fn same_text(
    session: &mut Session,
    _: &Viewer,
    content: ContentId,
    digest: Digest,
    limit: u32,
) -> Result<Vec<ContentId>, Error> {
    let found = fetch_all!(
        session,
        (Uuid,),
        "SELECT DISTINCT d.content_id FROM edition e JOIN document d ON d.id = e.document_id \
         AND d.live_edition_id = e.id WHERE e.content_digest = $1 AND d.visibility = 'live' \
         AND d.content_id <> $2 ORDER BY d.content_id LIMIT $3",
        convert::bytes(&digest),
        content.uuid(),
        i64::from(limit),
    )?;
    Ok(found.into_iter().map(|(id,)| id.into()).collect())
}

/// A value of a filterable field, by its [key](schema::validation::IndexValue).
#[derive(Clone, Copy, Debug)]
pub struct Valued<'value> {
    /// The type.
    pub r#type: &'value TypeName,
    /// The field.
    pub field: &'value FieldName,
    /// The language.
    pub locale: &'value Locale,
    /// The key of the value.
    pub key: &'value [u8],
}

/// Other contents that are live with the same value, the newest first, at most `limit`. Nothing
/// where the field is not filterable.
///
/// # Errors
/// [`Error::Database`].
pub async fn same_value(
    session: &mut Session,
    _: &Viewer,
    content: ContentId,
    value: Valued<'_>,
    limit: u32,
) -> Result<Vec<ContentId>, Error> {
    let found = fetch_all!(
        session,
        (Uuid,),
        "SELECT d.content_id FROM field_value v JOIN document d ON d.id = v.document_id \
         WHERE v.scope_id = $1 AND v.type = $2 AND v.field = $3 AND v.locale = $4 AND v.key = $5 \
         AND d.content_id <> $6 ORDER BY v.sort_at DESC, v.document_id DESC LIMIT $7",
        HUB,
        value.r#type.as_str(),
        value.field.as_str(),
        value.locale.as_str(),
        value.key,
        content.uuid(),
        i64::from(limit),
    )?;
    Ok(found.into_iter().map(|(id,)| id.into()).collect())
}
