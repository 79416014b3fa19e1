//! What is open, with what it is about, for the lists of those who may see its drafts.

use jiff::Timestamp;
use schema::{
    edition::Card,
    ids::{ContentId, DueTimeId},
    names::{Locale, TypeName},
    permission::Action,
    viewer::Viewer,
};
use uuid::Uuid;

use super::{DueTime, Row};
use crate::{Error, Session, convert, limits, moment::Moment, scopes::Scopes};

/// One that is open, with what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What is due.
    pub due: DueTime,
    /// What it is about.
    pub about: About,
}

/// What a due time is about, as a list shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum About {
    /// A document.
    Document {
        /// Its content.
        content: ContentId,
        /// Its language.
        locale: Locale,
        /// Its type.
        r#type: TypeName,
        /// The short fields of the draft, or of the live edition.
        card: Option<Card>,
    },
    /// A release set, by its name.
    ReleaseSet(String),
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// When the last one is due.
    pub at: Timestamp,
    /// Its id.
    pub id: DueTimeId,
}

row! {
    struct AboutRow {
        content_id: Option<Uuid>,
        locale: Option<String>,
        type_name: Option<String>,
        card: Option<String>,
        set_name: Option<String>,
    }
}

struct ListedRow(Row, AboutRow);

impl<'row, R: sqlx::Row> sqlx::FromRow<'row, R> for ListedRow
where
    Row: sqlx::FromRow<'row, R>,
    AboutRow: sqlx::FromRow<'row, R>,
{
    fn from_row(row: &'row R) -> sqlx::Result<Self> {
        Ok(Self(sqlx::FromRow::from_row(row)?, sqlx::FromRow::from_row(row)?))
    }
}

impl ListedRow {
    fn into_listed(self) -> Result<Listed, Error> {
        let Self(row, about) = self;
        let about = match (about.content_id, about.locale, about.type_name, about.set_name) {
            (Some(content), Some(locale), Some(type_name), _) => About::Document {
                content: content.into(),
                locale: convert::text("document.locale", &locale)?,
                r#type: convert::text("document.type", &type_name)?,
                card: about
                    .card
                    .map(|card| serde_json::from_str(&card))
                    .transpose()
                    .map_err(|error| Error::corrupt("derived.card", error))?,
            },
            (_, _, _, Some(name)) => About::ReleaseSet(name),
            _ => return Err(Error::corrupt("due_time.subject_id", "it is neither")),
        };
        Ok(Listed { due: row.into_due()?, about })
    }
}

macro_rules! listed {
    () => {
        concat!(
            "SELECT t.id, t.kind, t.subject_id, t.at, t.asked_at, t.asked_by, t.payload, t.state, t.attempts, \
             t.next_at, t.refusal, t.closed_at, t.closed_by, d.content_id, d.locale, d.type AS type_name, c.card, \
             r.name AS set_name FROM due_time t \
             LEFT JOIN document d ON d.id = t.subject_id \
             LEFT JOIN edition e ON e.id = COALESCE(d.draft_edition_id, d.live_edition_id) \
             LEFT JOIN derived c ON c.content_digest = e.content_digest \
             LEFT JOIN release_set r ON r.id = t.subject_id LEFT JOIN site s ON s.id = r.site_id \
             WHERE t.closed_at IS NULL AND (t.at, t.id) > ($1, $2) AND ((d.id IS NOT NULL AND ",
            not_hidden!(),
            " AND ",
            within!("$3"),
            ") OR (r.id IS NOT NULL AND ($3 OR s.authority_id IN (SELECT id FROM of_authority) \
             OR s.id IN (SELECT id FROM of_site)))) \
             AND (t.state = 'refused' OR t.at < $6) ORDER BY t.at, t.id LIMIT $7"
        )
    };
}

/// At most `limit` that are open, whose drafts `viewer` may see, in the order of their times after
/// `after`; those that are refused, and those that are due before `before`.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn page(
    session: &mut Session,
    viewer: &Viewer,
    before: Timestamp,
    after: Option<Position>,
    limit: u32,
) -> Result<Vec<Listed>, Error> {
    let scopes = Scopes::of(viewer, Action::ReadDrafts);
    if scopes.is_nowhere() {
        return Ok(Vec::new());
    }
    let hidden = limits::hidden_from(session, viewer).await?;
    let (at, id) =
        after.map_or((Timestamp::UNIX_EPOCH, Uuid::nil()), |after| (after.at, after.id.uuid()));
    let rows = fetch_all!(
        session,
        ListedRow,
        with_scopes!(session, "$4", "$5", "$8", listed!()),
        Moment(at),
        id,
        scopes.everything,
        scopes.authorities.as_str(),
        scopes.sites.as_str(),
        Moment(before),
        i64::from(limit),
        hidden.as_str(),
    )?;
    rows.into_iter().map(ListedRow::into_listed).collect()
}
