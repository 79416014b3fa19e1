//! What is around documents: who links to them, and the columns they stand in.

use std::collections::HashMap;

use schema::{
    ids::{ColumnId, ContentId, DocumentId, SiteId},
    names::{FieldName, Locale, TypeName},
    viewer::Viewer,
};
use uuid::Uuid;

use crate::{Error, Session, listing::HUB, statement::Statement};

/// The live documents of `type` whose `field` links to each of `targets`, the newest `limit` of
/// each by the hub's list order: those in `locale`, and those in the main language of contents
/// that are not live in `locale`.
///
/// It reads every link to each target. To page through many, list the type with a filter on the
/// field.
///
/// # Errors
/// [`Error::Database`].
pub async fn linking(
    session: &mut Session,
    _: &Viewer,
    targets: &[ContentId],
    r#type: &TypeName,
    field: &FieldName,
    locale: &Locale,
    limit: u32,
) -> Result<HashMap<ContentId, Vec<DocumentId>>, Error> {
    let mut linking: HashMap<ContentId, Vec<DocumentId>> = HashMap::new();
    if targets.is_empty() {
        return Ok(linking);
    }
    let statement = linking_statement(session, targets, r#type, field, locale, limit);
    for (target, document) in statement.fetch_all::<(Uuid, Uuid)>(session).await? {
        linking.entry(target.into()).or_default().push(document.into());
    }
    Ok(linking)
}

pub(super) fn linking_statement(
    session: &Session,
    targets: &[ContentId],
    r#type: &TypeName,
    field: &FieldName,
    locale: &Locale,
    limit: u32,
) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push(
            "SELECT target_content_id, document_id FROM (SELECT k.target_content_id, k.document_id, ROW_NUMBER() \
             OVER (PARTITION BY k.target_content_id ORDER BY h.sort_at DESC, h.document_id DESC) AS place FROM ",
        )
        .rows_of(targets.iter().map(|target| target.uuid()).collect())
        .push(
            " CROSS JOIN link k CROSS JOIN listing h WHERE k.target_content_id = wanted.id \
             AND h.document_id = k.document_id AND k.field = ",
        )
        .bind(field.as_str())
        .push(" AND h.scope_id = ")
        .bind(HUB)
        .push(" AND h.type = ")
        .bind(r#type.as_str())
        .push(" AND (h.locale = ")
        .bind(locale.as_str())
        .push(
            " OR EXISTS (SELECT 1 FROM document d WHERE d.id = h.document_id AND d.main_locale \
             AND NOT EXISTS (SELECT 1 FROM document o WHERE o.content_id = d.content_id \
             AND o.visibility = 'live' AND o.locale = ",
        )
        .bind(locale.as_str())
        .push(")))) AS ranked WHERE place <= ")
        .bind(i64::from(limit))
        .push(" ORDER BY target_content_id, place");
    statement
}

/// The columns in which each of `documents` is shown: those of its live placements, its owner's
/// first, in the order of the placement; of one site only if `site` is given. They are facts of
/// what was published: ask for documents that the reader was shown.
///
/// # Errors
/// [`Error::Database`].
pub async fn columns_of(
    session: &mut Session,
    documents: &[DocumentId],
    site: Option<SiteId>,
) -> Result<HashMap<DocumentId, Vec<(SiteId, ColumnId)>>, Error> {
    let mut columns: HashMap<DocumentId, Vec<(SiteId, ColumnId)>> = HashMap::new();
    if documents.is_empty() {
        return Ok(columns);
    }
    let mut rows = columns_statement(session, documents, site)
        .fetch_all::<(Uuid, bool, Uuid, i64, Uuid, Uuid)>(session)
        .await?;
    rows.sort_unstable_by_key(|(_, own, placement, position, ..)| (!own, *placement, *position));
    for (document, _, _, _, site, column) in rows {
        columns.entry(document.into()).or_default().push((site.into(), column.into()));
    }
    Ok(columns)
}

pub(super) fn columns_statement(
    session: &Session,
    documents: &[DocumentId],
    site: Option<SiteId>,
) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT p.document_id, p.own, p.id, pc.position, p.site_id, pc.column_id FROM ")
        .rows_of(documents.iter().map(|document| document.uuid()).collect())
        .push(
            " CROSS JOIN placement p CROSS JOIN placement_column pc WHERE p.document_id = wanted.id \
             AND p.visibility = 'live' AND pc.placement_id = p.id",
        );
    if let Some(site) = site {
        statement.push(" AND p.site_id = ").bind(site.uuid());
    }
    statement
}
