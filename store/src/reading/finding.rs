//! Finding without reading: which documents stand in a list or at a path, and at which position
//! of the log that is so. For readers who have at hand what those documents say at that position,
//! and who would otherwise read the same rows again with every list.

use schema::{
    ids::{DocumentId, SiteId},
    names::DocumentPath,
};
use sqlx::{FromRow, Row as _, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    cursor::Cursor,
    list::{ListQuery, MAX_PAGE, arranged},
    order::Place,
    page,
};
use crate::{Error, Session, moment::Moment, statement::Statement};

/// What was found, and the number of the newest event of the log when it was: both in one
/// statement, so no event lies between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<Found> {
    /// Number of the newest event; 0 where the log is empty.
    pub position: u64,
    /// What was found.
    pub found: Found,
}

/// The documents of a page, without what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundPage {
    /// They, in the list's order.
    pub documents: Vec<DocumentId>,
    /// The place of each.
    pub cursors: Vec<Cursor>,
    /// Whether there are more: behind the page, or before it when it was taken from the end.
    pub has_more: bool,
}

/// The documents of a page of a list of live documents.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn find_page(session: &mut Session, query: &ListQuery) -> Result<At<FoundPage>, Error> {
    let rows = page_statement(session, query).fetch_all::<Listed>(session).await?;
    let position = rows.first().map_or(0, |row| row.position);
    let places = rows.into_iter().filter_map(|row| Some((row.place?, ()))).collect();
    let (places, has_more) = arranged(places, query);
    let documents = places.iter().map(|(place, ())| place.document).collect();
    let cursors = places.into_iter().map(|(place, ())| Cursor::new(&query.order, place)).collect();
    Ok(At { position, found: FoundPage { documents, cursors, has_more } })
}

/// The document that stands at `path` of `site`. One that stood there, or of which only a draft
/// is to stand there, is not found.
///
/// # Errors
/// As [`find_page`].
pub async fn find_at_path(
    session: &mut Session,
    site: SiteId,
    path: &DocumentPath,
) -> Result<At<Option<DocumentId>>, Error> {
    let rows = path_statement(session, site, path).fetch_all::<(i64, Option<Uuid>)>(session);
    let found = rows.await?.pop();
    let (position, document) = found.unwrap_or_default();
    Ok(At { position: position.unsigned_abs(), found: document.map(Into::into) })
}

/// What every statement here begins with: the position, and one row even where nothing is found.
const FROM_HEAD: &str = " FROM log_head h LEFT JOIN (";
const TO_HEAD: &str = ") page ON h.id = h.id WHERE h.id = 1";

pub(super) fn page_statement(session: &Session, query: &ListQuery) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT h.sequence, page.document_id, page.sort_at, page.key, page.key2, page.key3")
        .push(FROM_HEAD);
    page::push(&mut statement, query, query.limit.min(MAX_PAGE) + 1);
    statement.push(TO_HEAD);
    statement
}

pub(super) fn path_statement(session: &Session, site: SiteId, path: &DocumentPath) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT h.sequence, page.document_id")
        .push(FROM_HEAD)
        .push("SELECT document_id FROM route WHERE state = 'current' AND site_id = ")
        .bind(site.uuid())
        .push(" AND path = ")
        .bind(path.as_str())
        .push(TO_HEAD);
    statement
}

struct Listed {
    position: u64,
    place: Option<Place>,
}

macro_rules! read_listed {
    ($($database_row:ty),+) => {$(
        impl FromRow<'_, $database_row> for Listed {
            fn from_row(row: &$database_row) -> sqlx::Result<Self> {
                let position: i64 = row.try_get(0)?;
                let place = match row.try_get::<Option<Uuid>, _>(1)? {
                    None => None,
                    Some(document) => {
                        let key = |column: usize| {
                            row.try_get::<Option<Vec<u8>>, _>(column).map(Option::unwrap_or_default)
                        };
                        Some(Place {
                            keys: vec![key(3)?, key(4)?, key(5)?],
                            sort_at: row.try_get::<Moment, _>(2)?.0,
                            document: document.into(),
                        })
                    }
                };
                Ok(Self { position: position.unsigned_abs(), place })
            }
        }
    )+};
}

read_listed!(SqliteRow, PgRow);
