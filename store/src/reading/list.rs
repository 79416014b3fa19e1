//! Lists of live documents: a scope, a filter, an order, and a page of it by keyset.
//!
//! By index, at any depth for the price of the first page: a scope or a scope and type in
//! default order, one equal field of a site or the hub in default order, one sortable field's
//! order, a condition that few documents pass. Further conditions are tried row by row on the way;
//! further terms of an order sort what is equal in the first. Lists by field name their locale:
//! without one they cost a sort.

use schema::{
    ids::{ColumnId, SiteId},
    names::{Locale, TypeName},
    viewer::Viewer,
};
use sqlx::{FromRow, Row as _, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    cursor::Cursor,
    filter::Filter,
    item::{Item, Row, select},
    order::{Order, Place},
    page,
    sight::{Sight, Subject, sights},
};
use crate::{Error, Session, listing::HUB, moment::Moment, statement::Statement};

/// The longest page; a query for more gets this much, with `has_more`.
pub const MAX_PAGE: u32 = 10_000;

/// Where documents are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListScope {
    /// On any site of the hub.
    Hub,
    /// On one site.
    Site(SiteId),
    /// In one column or one below it.
    Column(ColumnId),
}

impl ListScope {
    /// What rows of lists name it by.
    pub(crate) fn id(self) -> Uuid {
        match self {
            Self::Hub => HUB,
            Self::Site(site) => site.uuid(),
            Self::Column(column) => column.uuid(),
        }
    }
}

/// A question for a page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// Where.
    pub scope: ListScope,
    /// Of one type only.
    pub r#type: Option<TypeName>,
    /// In one language only.
    pub locale: Option<Locale>,
    /// Which.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// Behind this place only. A cursor of another order is not to be given:
    /// [`Cursor::parse`] refuses it.
    pub after: Option<Cursor>,
    /// Before this place only.
    pub before: Option<Cursor>,
    /// At most so many, up to [`MAX_PAGE`].
    pub limit: u32,
    /// The last of them (Relay's `last`), still in the list's order, instead of the first.
    pub from_end: bool,
}

impl ListQuery {
    /// The newest of a scope, twenty of them.
    pub fn newest(scope: ListScope) -> Self {
        Self {
            scope,
            r#type: None,
            locale: None,
            filter: Filter::default(),
            order: Order::default(),
            after: None,
            before: None,
            limit: 20,
            from_end: false,
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The documents, in the list's order.
    pub items: Vec<Item>,
    /// The place of each.
    pub cursors: Vec<Cursor>,
    /// Whether there are more: behind the page, or before it when it was taken from the end.
    pub has_more: bool,
}

/// A page of a list of live documents. `viewer` changes nothing: what is live is public.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn list(
    session: &mut Session,
    viewer: &Viewer,
    query: &ListQuery,
) -> Result<Page, Error> {
    if is_empty(query) {
        return Ok(Page::default());
    }
    let rows = statement(session, query).fetch_all::<Listed>(session).await?;
    let rows = rows.into_iter().map(|listed| (listed.place, listed.row)).collect();
    let (rows, has_more) = arranged(rows, query);
    let (places, rows): (Vec<Place>, Vec<Row>) = rows.into_iter().unzip();
    let sights = sights(session, viewer, &rows).await?;
    let mut page = Page { has_more, ..Page::default() };
    for ((row, place), sight) in rows.into_iter().zip(places).zip(sights) {
        if sight == Sight::Text {
            page.items.push(row.into_item()?);
            page.cursors.push(Cursor::new(&query.order, place));
        }
    }
    Ok(page)
}

/// Whether there is nothing to ask for.
pub(super) fn is_empty(query: &ListQuery) -> bool {
    query.limit == 0 || page::is_empty(query)
}

/// The rows of a page in the order of the list, without the one row more that was read, and
/// whether there was one.
pub(super) fn arranged<Row>(
    mut rows: Vec<(Place, Row)>,
    query: &ListQuery,
) -> (Vec<(Place, Row)>, bool) {
    let limit = query.limit.min(MAX_PAGE) as usize;
    for (place, _) in &mut rows {
        place.keys = query.order.keys(std::mem::take(&mut place.keys));
    }
    // The database hands the page over in any order it likes: see `item::select`.
    rows.sort_unstable_by(|(one, _), (other, _)| query.order.compare(one, other));
    let has_more = rows.len() > limit;
    if has_more && query.from_end {
        rows.remove(0);
    }
    rows.truncate(limit);
    (rows, has_more)
}

/// How many documents the list has, whatever its page. The cost grows with the number.
///
/// # Errors
/// As [`list`].
pub async fn count(session: &mut Session, _: &Viewer, query: &ListQuery) -> Result<u64, Error> {
    if page::is_empty(query) {
        return Ok(0);
    }
    let mut statement = Statement::new(session.engine());
    page::push_count(&mut statement, query);
    let rows = statement.fetch_all::<(i64,)>(session).await?;
    Ok(rows.first().map_or(0, |(count,)| count.unsigned_abs()))
}

/// The statement that reads a page and one row more.
pub(super) fn statement(session: &Session, query: &ListQuery) -> Statement {
    let site = match query.scope {
        ListScope::Site(site) => Some(site),
        ListScope::Hub | ListScope::Column(_) => None,
    };
    let mut statement = Statement::new(session.engine());
    select(&mut statement, site, ", page.sort_at, page.key, page.key2, page.key3", |statement| {
        page::push(statement, query, query.limit.min(MAX_PAGE) + 1);
    });
    statement
}

struct Listed {
    row: Row,
    place: Place,
}

macro_rules! read_listed {
    ($($database_row:ty),+) => {$(
        impl FromRow<'_, $database_row> for Listed {
            fn from_row(listed: &$database_row) -> sqlx::Result<Self> {
                let key = |column| {
                    listed.try_get::<Option<Vec<u8>>, _>(column).map(Option::unwrap_or_default)
                };
                let row = Row::from_row(listed)?;
                let place = Place {
                    keys: vec![key("key")?, key("key2")?, key("key3")?],
                    sort_at: listed.try_get::<Moment, _>("sort_at")?.0,
                    document: Subject::id(&row),
                };
                Ok(Self { row, place })
            }
        }
    )+};
}

read_listed!(SqliteRow, PgRow);
