//! What left a list lately, so that readers who hold a copy learn that it is no longer to be
//! shown.

use jiff::Timestamp;
use schema::{
    ids::{ContentId, SiteId},
    message::Bilingual,
    names::Locale,
    viewer::Viewer,
    visibility::{Notice, Visibility, at_placement},
};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    ListScope,
    sight::{Sight, public_sight},
};
use crate::{Error, Session, convert, moment::Moment, statement::Statement};

/// A content that was shown in a list, in one language, and was withdrawn, removed or
/// recalled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Which.
    pub content: ContentId,
    /// When it was last taken back.
    pub at: Timestamp,
    /// What the public may know of it; `None` where it is as if it had never been.
    pub told: Option<Told>,
}

/// What the public is told of something that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Withdrawn, gone, redirect, recalled or erased.
    pub visibility: Visibility,
    /// Why.
    pub explanation: Option<Bilingual>,
}

row! {
    struct Row {
        at: Moment,
        content_id: Uuid,
        visibility: String,
        notice: Option<Json<Notice>>,
        placed_visibility: String,
        placed_notice: Option<Json<Notice>>,
    }
}

/// What left `scope` of `site` in `locale` and is not listed there again, the last first, at
/// most `limit` of them, among the last 500 withdrawals, removals and recalls of the hub: the
/// cost is bounded however long the log is. Whoever needs every one of them reads
/// [`changes`](super::changes()).
///
/// A withdrawal that shows its text counts: the text is no longer listed. A document counts for
/// the column it stood in last.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn departures(
    session: &mut Session,
    _: &Viewer,
    site: SiteId,
    scope: ListScope,
    locale: &Locale,
    limit: usize,
) -> Result<Vec<Departure>, Error> {
    let rows = statement(session, site, scope, locale).fetch_all::<Row>(session).await?;
    let mut departures: Vec<Departure> = Vec::new();
    for row in rows {
        let content = ContentId::from(row.content_id);
        if departures.len() == limit {
            break;
        }
        // A later event of the same content says what holds now.
        if !departures.iter().any(|known| known.content == content) {
            let at = row.at.0;
            departures.push(Departure { content, at, told: row.told()? });
        }
    }
    Ok(departures)
}

impl Row {
    fn told(self) -> Result<Option<Told>, Error> {
        let document = convert::visibility(&self.visibility)?;
        let visibility = at_placement(document, convert::visibility(&self.placed_visibility)?);
        let notice = if document == Visibility::Live { self.placed_notice } else { self.notice };
        let notice = notice.map(|Json(notice)| notice);
        Ok(match public_sight(visibility, notice.as_ref()) {
            Sight::Nothing => None,
            Sight::Text | Sight::Notice => {
                Some(Told { visibility, explanation: notice.and_then(|notice| notice.explanation) })
            }
        })
    }
}

/// The kinds stand in the index `publication_log_departure` word for word.
pub(super) fn statement(
    session: &Session,
    site: SiteId,
    scope: ListScope,
    locale: &Locale,
) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push(
            "SELECT e.at, d.content_id, d.visibility, d.notice, \
             p.visibility AS placed_visibility, p.notice AS placed_notice \
             FROM (SELECT sequence, at, document_id FROM publication_log \
             WHERE kind IN ('withdraw', 'remove', 'recall') ORDER BY at DESC, sequence DESC LIMIT 500) e \
             JOIN document d ON d.id = e.document_id \
             JOIN placement p ON p.document_id = d.id AND p.site_id = ",
        )
        .bind(site.uuid())
        .push(" WHERE d.locale = ")
        .bind(locale.as_str());
    if let ListScope::Column(column) = scope {
        statement
            .push(
                " AND EXISTS (SELECT 1 FROM placement_column pc JOIN column_ancestor a ON a.column_id = pc.column_id \
                 WHERE pc.placement_id = p.id AND a.ancestor_id = ",
            )
            .bind(column.uuid())
            .push(")");
    }
    let listed = match scope {
        ListScope::Hub | ListScope::Site(_) => site.uuid(),
        ListScope::Column(column) => column.uuid(),
    };
    statement
        .push(
            " AND NOT EXISTS (SELECT 1 FROM document o JOIN listing l ON l.document_id = o.id \
             WHERE o.content_id = d.content_id AND o.locale = d.locale AND l.scope_id = ",
        )
        .bind(listed)
        .push(") ORDER BY e.sequence DESC");
    statement
}
