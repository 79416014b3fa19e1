//! Answers that are late, for those who may see the drafts they are about.

use jiff::Timestamp;
use schema::{
    edition::Card,
    ids::{ContentId, CosignatureId},
    names::{Locale, TypeName},
    permission::Action,
    viewer::Viewer,
};
use uuid::Uuid;

use super::{Cosignature, Row};
use crate::{Error, Session, convert, limits, moment::Moment, scopes::Scopes};

/// A body whose answer is late, with the text it was asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Late {
    /// Which body, and since when.
    pub cosignature: Cosignature,
    /// The content of the document.
    pub content_id: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Its type.
    pub r#type: TypeName,
    /// The short fields of the text.
    pub card: Option<Card>,
}

row! {
    struct AboutRow {
        content_id: Uuid,
        locale: String,
        type_name: String,
        card: Option<String>,
    }
}

struct LateRow(Row, AboutRow);

impl<'row, R: sqlx::Row> sqlx::FromRow<'row, R> for LateRow
where
    Row: sqlx::FromRow<'row, R>,
    AboutRow: sqlx::FromRow<'row, R>,
{
    fn from_row(row: &'row R) -> sqlx::Result<Self> {
        Ok(Self(sqlx::FromRow::from_row(row)?, sqlx::FromRow::from_row(row)?))
    }
}

macro_rules! late {
    () => {
        concat!(
            "SELECT c.id, c.review_id, c.document_id, c.round, c.body_id, a.particulars, a.key, c.edition_id, \
             c.asked_at, c.asked_by, c.by_rule, c.silence, c.overruled_by, c.due_at, c.state, c.answered_at, \
             c.answered_by, d.content_id, d.locale, d.type AS type_name, v.card FROM cosignature c \
             JOIN authority a ON a.id = c.body_id JOIN document d ON d.id = c.document_id \
             JOIN edition e ON e.id = c.edition_id LEFT JOIN derived v ON v.content_digest = e.content_digest \
             WHERE c.state = 'asked' AND c.due_at < $6 AND (c.due_at, c.id) > ($1, $2) AND ",
            not_hidden!(),
            " AND ",
            within!("$3"),
            " ORDER BY c.due_at, c.id LIMIT $8"
        )
    };
}

/// At most `limit` bodies whose answer is late at `now`, of texts whose drafts `viewer` may see, the
/// latest first, after the one that was due `after` that moment and has that id.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn late(
    session: &mut Session,
    viewer: &Viewer,
    now: Timestamp,
    after: Option<(Timestamp, CosignatureId)>,
    limit: u32,
) -> Result<Vec<Late>, Error> {
    let scopes = Scopes::of(viewer, Action::ReadDrafts);
    if scopes.is_nowhere() {
        return Ok(Vec::new());
    }
    let hidden = limits::hidden_from(session, viewer).await?;
    let (at, id) = after.map_or((Timestamp::UNIX_EPOCH, Uuid::nil()), |(at, id)| (at, id.uuid()));
    let rows = fetch_all!(
        session,
        LateRow,
        with_scopes!(session, "$4", "$5", "$7", late!()),
        Moment(at),
        id,
        scopes.everything,
        scopes.authorities.as_str(),
        scopes.sites.as_str(),
        Moment(now),
        hidden.as_str(),
        i64::from(limit),
    )?;
    let late = |LateRow(row, about): LateRow| {
        Ok(Late {
            cosignature: row.into_cosignature()?,
            content_id: about.content_id.into(),
            locale: convert::text("document.locale", &about.locale)?,
            r#type: convert::text("document.type", &about.type_name)?,
            card: about
                .card
                .map(|card| serde_json::from_str(&card))
                .transpose()
                .map_err(|error| Error::corrupt("derived.card", error))?,
        })
    };
    rows.into_iter().map(late).collect()
}
