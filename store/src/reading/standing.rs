//! Where documents stand: the placements the public sees, for many documents at once.

use std::collections::HashMap;

use schema::{
    ids::{DocumentId, SiteId},
    visibility::{Notice, Visibility},
};
use sqlx::types::Json;
use uuid::Uuid;

use super::ItemPlacement;
use crate::{Error, Session, convert, dialect::Ids, moment::Moment, statement::Statement};

row! {
    struct Row {
        id: Uuid,
        document_id: Uuid,
        own: bool,
        site_id: Uuid,
        path: String,
        visibility: String,
        notice: Option<Json<Notice>>,
        published_at: Moment,
    }
}

/// Where each of `documents` is shown, or stands with a notice, the owner's own placements
/// first. Placements from which it was removed without a trace are left out.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn placements_of(
    session: &mut Session,
    documents: &[DocumentId],
) -> Result<HashMap<DocumentId, Vec<ItemPlacement>>, Error> {
    let statement = statement(session, documents);
    let mut found: HashMap<DocumentId, Vec<ItemPlacement>> = HashMap::new();
    let mut rows = statement.fetch_all::<Row>(session).await?;
    rows.sort_unstable_by_key(|row| (!row.own, row.id));
    for row in rows {
        let visibility = convert::visibility(&row.visibility)?;
        if visibility == Visibility::Vanished {
            continue;
        }
        found.entry(row.document_id.into()).or_default().push(ItemPlacement {
            site: SiteId::from(row.site_id),
            path: convert::text("placement.path", &row.path)?,
            published_at: row.published_at.0,
            visibility,
            notice: row.notice.map(|Json(notice)| notice),
        });
    }
    Ok(found)
}

pub(super) fn statement(session: &Session, documents: &[DocumentId]) -> Statement {
    let wanted = documents.iter().map(|id| id.uuid()).collect::<Ids>();
    let mut statement = Statement::new(session.engine());
    statement
        .push(
            "SELECT p.id, p.document_id, p.own, p.site_id, p.path, p.visibility, p.notice, p.published_at FROM ",
        )
        .rows_of(wanted)
        .push(" CROSS JOIN placement p WHERE p.document_id = wanted.id");
    statement
}
