//! Documents by the addresses that readers and front ends hold: a path of a site, or a content
//! and a language.

use schema::{
    ids::{ContentId, SiteId},
    names::{DocumentPath, Locale},
    viewer::Viewer,
};
use sqlx::{FromRow, Row as _, postgres::PgRow, sqlite::SqliteRow};

use super::{
    by_id::{answer, of_contents},
    item::{Answer, Closed, Item, Row, select},
    sight::{Sight, sights},
};
use crate::{Error, Session, statement::Statement};

/// What stands at a path of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtPath {
    /// A text.
    Here(Box<Item>),
    /// A text that stands elsewhere now: where its `placement` says, on the same site if it is
    /// still shown there, else on its home site.
    Moved(Box<Item>),
    /// A notice in place of a text: the document's, or what was ordered for this site alone.
    Closed(Box<Closed>),
}

/// What stands, or stood, at `path` of `site`; `None` for what was never there, is only a
/// draft's wish, or left no trace.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn at_path(
    session: &mut Session,
    viewer: &Viewer,
    site: SiteId,
    path: &DocumentPath,
) -> Result<Option<AtPath>, Error> {
    let mut found = statement(session, site, path).fetch_all(session).await?;
    let Some(Routed { row, is_former }) = found.pop() else { return Ok(None) };
    // A document that left the site is seen where it is at home.
    let row = if is_former && !row.is_on_site() { row } else { row.at_site() };
    let sight = sights(session, viewer, std::slice::from_ref(&row)).await?;
    Ok(match answer(row, sight.first().copied().unwrap_or(Sight::Nothing))? {
        Some(Answer::Shown(item)) if is_former => Some(AtPath::Moved(item)),
        Some(Answer::Shown(item)) => Some(AtPath::Here(item)),
        Some(Answer::Closed(closed)) => Some(AtPath::Closed(closed)),
        None => None,
    })
}

pub(super) fn statement(session: &Session, site: SiteId, path: &DocumentPath) -> Statement {
    let mut statement = Statement::new(session.engine());
    select(&mut statement, Some(site), ", page.state", |page| {
        page.push("SELECT document_id, state FROM route WHERE state <> 'reserved' AND site_id = ")
            .bind(site.uuid())
            .push(" AND path = ")
            .bind(path.as_str());
    });
    statement
}

struct Routed {
    row: Row,
    is_former: bool,
}

macro_rules! read_routed {
    ($($database_row:ty),+) => {$(
        impl FromRow<'_, $database_row> for Routed {
            fn from_row(row: &$database_row) -> sqlx::Result<Self> {
                let is_former = row.try_get::<&str, _>("state")? == "former";
                Ok(Self { row: Row::from_row(row)?, is_former })
            }
        }
    )+};
}

read_routed!(SqliteRow, PgRow);

/// The document of `content` in `locale`; where the viewer may know of none, the one in the main
/// language of the content, whose own locale then says so. One that took the content over from
/// a recalled one comes before it.
///
/// # Errors
/// As [`at_path`].
pub async fn at_content(
    session: &mut Session,
    viewer: &Viewer,
    content: ContentId,
    locale: &Locale,
    site: Option<SiteId>,
) -> Result<Option<Answer>, Error> {
    let rows = of_contents(session, &[content], site).await?;
    let sights = sights(session, viewer, &rows).await?;
    let best = rows
        .into_iter()
        .zip(sights)
        .filter(|(row, sight)| {
            *sight != Sight::Nothing && (row.locale() == locale.as_str() || row.is_main_locale())
        })
        .min_by_key(|(row, _)| {
            let other_language = row.locale() != locale.as_str();
            (row.is_terminal(), other_language, std::cmp::Reverse(super::sight::Subject::id(row)))
        });
    best.map_or(Ok(None), |(row, sight)| answer(row, sight))
}
