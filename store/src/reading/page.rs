//! The inside of a list's statement: which index the list is read from, in which order, between
//! which places.
//!
//! The row is always called `l`, whichever table it comes from:
//!
//! | list | read from |
//! | --- | --- |
//! | in the order of a field | `field_value` of the field, in key order |
//! | one equal field, default order, of a site or the hub | `field_value` of that key |
//! | of named contents, default order | their documents, sorted: they are as few as the names |
//! | any other | `listing` of the scope, in time order |
//!
//! A column has no rows in `field_value`. In the order of a field its site's are read, and each
//! looked up in the column; otherwise the column's listing is read, which is the shorter.

use schema::{ids::ContentId, names::FieldName};
use uuid::Uuid;

use super::{
    cursor::Cursor,
    filter::{Asked, Filter, Test},
    list::{Direction, ListQuery, ListScope, Order},
};
use crate::{dialect::Ids, listing::HUB, moment::Moment, statement::Statement};

/// What the list is read from.
enum Driver<'query> {
    Listing,
    Key { field: &'query FieldName, key: &'query [u8] },
    Order { field: &'query FieldName },
    Contents(&'query [ContentId]),
}

impl<'query> Driver<'query> {
    /// The index for `query`, and which of its conditions that index answers.
    fn of(query: &'query ListQuery) -> (Self, Option<&'query Filter>) {
        if let Order::Field { field, .. } = &query.order {
            return (Self::Order { field }, None);
        }
        let conditions = query.filter.conjuncts();
        let named = conditions.iter().find_map(|condition| match condition {
            Filter::Contents(contents) => Some((Self::Contents(contents), Some(condition))),
            _ => None,
        });
        let is_column = matches!(query.scope, ListScope::Column(_));
        let by_key = conditions.iter().find_map(|condition| match condition {
            Filter::Field { field, test: Test::Equals(key) } => {
                Some((Self::Key { field, key }, Some(condition)))
            }
            _ => None,
        });
        let by_key =
            by_key.filter(|_| !is_column && query.r#type.is_some() && query.locale.is_some());
        named.or(by_key).unwrap_or((Self::Listing, None))
    }
}

/// Whether nothing can be in the list, so that there is nothing to ask.
pub(super) fn is_empty(query: &ListQuery) -> bool {
    let by_field = matches!(query.order, Order::Field { .. });
    by_field && query.r#type.is_none()
}

/// Writes the selection of at most `limit` rows `(document_id, sort_at, key)`.
///
/// The limit stands twice: as a parameter, and as the next larger of a few written numbers, by
/// which PostgreSQL knows, planning once for all values, that few rows will be joined.
pub(super) fn push(statement: &mut Statement, query: &ListQuery, limit: u32) {
    let (driver, answered) = Driver::of(query);
    let has_key = matches!(driver, Driver::Order { .. });
    statement.push("SELECT document_id, sort_at, key FROM (SELECT l.document_id, l.sort_at, ");
    statement.push(if has_key { "l.key" } else { "NULL AS key" });
    push_source(statement, query, &driver, answered, true);

    let backwards = (query.order.direction() == Direction::Descending) != query.from_end;
    let (after, before) = match query.order.direction() {
        Direction::Ascending => (" > ", " < "),
        Direction::Descending => (" < ", " > "),
    };
    for (sign, cursor) in [(after, &query.after), (before, &query.before)] {
        if let Some(cursor) = cursor {
            push_place(statement, has_key, sign, cursor);
        }
    }
    statement.push(match (has_key, backwards) {
        (true, true) => " ORDER BY l.key DESC, l.sort_at DESC, l.document_id DESC",
        (true, false) => " ORDER BY l.key, l.sort_at, l.document_id",
        (false, true) => " ORDER BY l.sort_at DESC, l.document_id DESC",
        (false, false) => " ORDER BY l.sort_at, l.document_id",
    });
    statement.push(" LIMIT ").bind(i64::from(limit)).push(match limit {
        ..=21 => ") AS bounded LIMIT 21",
        22..=101 => ") AS bounded LIMIT 101",
        102..=1_001 => ") AS bounded LIMIT 1001",
        _ => ") AS bounded LIMIT 10001",
    });
}

/// Writes the statement that counts the list.
pub(super) fn push_count(statement: &mut Statement, query: &ListQuery) {
    let (driver, answered) = Driver::of(query);
    statement.push("SELECT COUNT(*)");
    push_source(statement, query, &driver, answered, false);
}

/// Writes `FROM` and every condition but the place of the page.
fn push_source(
    statement: &mut Statement,
    query: &ListQuery,
    driver: &Driver<'_>,
    answered: Option<&Filter>,
    by_row: bool,
) {
    match driver {
        Driver::Listing => {
            statement.push(" FROM listing l WHERE l.scope_id = ").bind(scope(query));
        }
        Driver::Key { field, key } => {
            statement.push(" FROM field_value l WHERE l.scope_id = ").bind(scope(query));
            statement.push(" AND l.field = ").bind(field.as_str());
            statement.push(" AND l.key = ").bind(key.to_vec());
        }
        Driver::Order { field } => {
            statement.push(" FROM field_value l WHERE l.scope_id = ");
            match query.scope {
                ListScope::Column(column) => {
                    statement
                        .push("(SELECT site_id FROM site_column WHERE id = ")
                        .bind(column.uuid())
                        .push(") AND ");
                    let asked = Asked { has_type: true, driven_by: None, by_row };
                    Filter::Column(column).push(asked, statement);
                }
                _ => {
                    statement.bind(scope(query));
                }
            }
            statement.push(" AND l.field = ").bind(field.as_str());
        }
        Driver::Contents(contents) => {
            let ids = contents.iter().map(|content| content.uuid()).collect::<Ids>();
            statement
                .push(" FROM ")
                .rows_of(ids)
                .push(
                    " CROSS JOIN document n CROSS JOIN listing l \
                     WHERE n.content_id = wanted.id AND l.document_id = n.id AND l.scope_id = ",
                )
                .bind(scope(query));
        }
    }
    if let Some(name) = &query.r#type {
        statement.push(" AND l.type = ").bind(name.as_str());
    }
    if let Some(locale) = &query.locale {
        statement.push(" AND l.locale = ").bind(locale.as_str());
    }
    let driven_by = match driver {
        Driver::Order { field } => Some(*field),
        _ => None,
    };
    let asked = Asked { has_type: query.r#type.is_some(), driven_by, by_row };
    for condition in query.filter.conjuncts() {
        if !answered.is_some_and(|answered| std::ptr::eq(answered, condition)) {
            statement.push(" AND ");
            condition.push(asked, statement);
        }
    }
}

fn push_place(statement: &mut Statement, has_key: bool, sign: &'static str, cursor: &Cursor) {
    statement.push(if has_key {
        " AND (l.key, l.sort_at, l.document_id)"
    } else {
        " AND (l.sort_at, l.document_id)"
    });
    statement.push(sign).push("(");
    if has_key {
        statement.bind(cursor.key.clone()).push(", ");
    }
    statement.bind(Moment(cursor.sort_at)).push(", ").bind(cursor.document.uuid()).push(")");
}

fn scope(query: &ListQuery) -> Uuid {
    match query.scope {
        ListScope::Hub => HUB,
        ListScope::Site(site) => site.uuid(),
        ListScope::Column(column) => column.uuid(),
    }
}
