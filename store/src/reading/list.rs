//! Lists of live documents: a scope, a filter, an order, and a page of it by keyset.
//!
//! By index, at any depth for the price of the first page: a scope or a scope and type in
//! default order, one equal field of a site or the hub in default order, one sortable field's
//! order. Further conditions are tried row by row on the way. Lists by field name their locale:
//! without one they cost a sort.

use schema::{
    ids::{ColumnId, SiteId},
    names::{FieldName, Locale, TypeName},
    viewer::Viewer,
};
use sqlx::{FromRow, Row as _, postgres::PgRow, sqlite::SqliteRow};

use super::{
    cursor::Cursor,
    filter::Filter,
    item::{Item, Row, select},
    page,
    sight::{Sight, sights},
};
use crate::{Error, Session, moment::Moment, statement::Statement};

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

/// Which way an order runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest, or oldest, first.
    Ascending,
    /// Largest, or newest, first.
    Descending,
}

/// What a list is ordered by. Ties are broken in the same direction, by the list's time and
/// the document's id, so an order is total.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The list's time: the original time where there is one, else the first publication in the
    /// scope.
    Published(Direction),
    /// A sortable field of the listed type; documents without a value come before all others
    /// in ascending order. A list without a type has none.
    Field {
        /// The field.
        field: FieldName,
        /// Which way.
        direction: Direction,
    },
}

impl Default for Order {
    fn default() -> Self {
        Self::Published(Direction::Descending)
    }
}

impl Order {
    pub(super) const fn direction(&self) -> Direction {
        match self {
            Self::Published(direction) | Self::Field { direction, .. } => *direction,
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
    let limit = query.limit.min(MAX_PAGE) as usize;
    if limit == 0 || page::is_empty(query) {
        return Ok(Page::default());
    }
    let mut rows = statement(session, query).fetch_all::<Listed>(session).await?;
    // The database hands the page over in any order it likes: see `item::select`.
    rows.sort_unstable_by(|a, b| a.place().cmp(&b.place()));
    if query.order.direction() == Direction::Descending {
        rows.reverse();
    }
    let has_more = rows.len() > limit;
    if has_more && query.from_end {
        rows.remove(0);
    }
    rows.truncate(limit);

    let (rows, places): (Vec<Row>, Vec<_>) =
        rows.into_iter().map(|listed| (listed.row, (listed.key, listed.sort_at))).unzip();
    let sights = sights(session, viewer, &rows).await?;
    let mut page = Page { has_more, ..Page::default() };
    for ((row, (key, sort_at)), sight) in rows.into_iter().zip(places).zip(sights) {
        if sight == Sight::Text {
            let item = row.into_item()?;
            page.cursors.push(Cursor::new(&query.order, key, sort_at.0, item.id));
            page.items.push(item);
        }
    }
    Ok(page)
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
    select(&mut statement, site, ", page.sort_at, page.key", |statement| {
        page::push(statement, query, query.limit.min(MAX_PAGE) + 1);
    });
    statement
}

struct Listed {
    row: Row,
    key: Vec<u8>,
    sort_at: Moment,
}

impl Listed {
    fn place(&self) -> (&[u8], Moment, schema::ids::DocumentId) {
        (&self.key, self.sort_at, super::sight::Subject::id(&self.row))
    }
}

macro_rules! read_listed {
    ($($database_row:ty),+) => {$(
        impl FromRow<'_, $database_row> for Listed {
            fn from_row(row: &$database_row) -> sqlx::Result<Self> {
                Ok(Self {
                    key: row.try_get::<Option<Vec<u8>>, _>("key")?.unwrap_or_default(),
                    sort_at: row.try_get("sort_at")?,
                    row: Row::from_row(row)?,
                })
            }
        }
    )+};
}

read_listed!(SqliteRow, PgRow);
