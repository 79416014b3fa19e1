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
//! | of places in a circle, default order, of a site or the hub | `field_value` of their latitudes, sorted |
//! | of places in a circle, the nearest first | the same, sorted by their distance |
//! | any other | `listing` of the scope, in time order |
//!
//! A condition that an index answers and that few documents pass is read off its values instead: see
//! [`rare`](super::rare).
//!
//! A column has no rows in `field_value`. In the order of a field or a distance its site's are
//! read, and each looked up in the column; otherwise the column's listing is read, which is the
//! shorter.
//!
//! The first term of an order is read off the index. The key of every further one is looked up
//! with the row, as `k2` and `k3`: a sortable field has exactly one.

use schema::{ids::ContentId, names::FieldName, position::Circle};

use super::{
    cursor::Cursor,
    filter::{Asked, Filter, Names, Test, near},
    list::{ListQuery, ListScope},
    order::{By, Direction, MAX_TERMS, Order, distance_of},
    rare::Rare,
};
use crate::{Engine, dialect::Ids, listing::HUB, moment::Moment, statement::Statement};

/// What the list is read from.
enum Driver<'query> {
    Listing,
    Key {
        field: &'query FieldName,
        key: &'query [u8],
    },
    Order {
        field: &'query FieldName,
    },
    Near {
        field: &'query FieldName,
        circle: &'query Circle,
    },
    Contents(&'query [ContentId]),
    /// What a condition passes that few do.
    Few,
}

impl<'query> Driver<'query> {
    /// The index for `query`, and which of its conditions that index answers.
    fn of(query: &'query ListQuery) -> (Self, Option<&'query Filter>) {
        let conditions = query.filter.conjuncts();
        match query.order.terms().first() {
            Some(By::Field { field, .. }) => return (Self::Order { field }, None),
            Some(By::Distance { field, circle }) => {
                let is_it = |condition: &&Filter| {
                    let near = (field, circle);
                    matches!(condition, Filter::Field { field, test: Test::Near(circle) } if (field, circle) == near)
                };
                let answered = conditions.iter().find(is_it);
                return (Self::Near { field, circle }, answered);
            }
            _ => {}
        }
        let named = conditions.iter().find_map(|condition| match condition {
            Filter::Contents(contents) => Some((Self::Contents(contents), Some(condition))),
            _ => None,
        });
        let is_column = matches!(query.scope, ListScope::Column(_));
        let by_key = conditions.iter().find_map(|condition| match condition {
            Filter::Field { field, test: Test::Equals(key) } => {
                Some((Self::Key { field, key }, Some(condition)))
            }
            Filter::Field { field, test: Test::Near(circle) } => {
                Some((Self::Near { field, circle }, Some(condition)))
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
    query.r#type.is_none() && query.order.fields().next().is_some()
}

/// The rows that hold the keys of further fields of an order, by the number of the field: what
/// joins one, and what says of it whose it is, of which scope and of which field.
const JOINED: [(&str, [&str; 3]); MAX_TERMS] = [
    (
        " CROSS JOIN field_value k1",
        [" AND k1.document_id = l.document_id", " AND k1.scope_id = ", " AND k1.field = "],
    ),
    (
        " CROSS JOIN field_value k2",
        [" AND k2.document_id = l.document_id", " AND k2.scope_id = ", " AND k2.field = "],
    ),
    (
        " CROSS JOIN field_value k3",
        [" AND k3.document_id = l.document_id", " AND k3.scope_id = ", " AND k3.field = "],
    ),
];
/// The keys of those rows.
const KEYS: [&str; MAX_TERMS] = ["k1.key", "k2.key", "k3.key"];
/// What these keys are called outside.
const NAMES: [&str; MAX_TERMS] = [" AS key", " AS key2", " AS key3"];

/// A column that a page is in the order of.
#[derive(Clone, Copy)]
struct Sorted<'query> {
    column: &'static str,
    direction: Direction,
    /// The field whose key it is, and its number, where its row has to be joined.
    joined: Option<(usize, &'query FieldName)>,
    part: Part,
}

/// Which part of a cursor a column is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Key(usize),
    Distance(usize),
    SortAt,
    Document,
}

/// The columns of an order, the last of which is different for every row.
fn sorted<'query>(query: &'query ListQuery, driver: &Driver<'_>) -> Vec<Sorted<'query>> {
    let mut columns = Vec::new();
    let mut number = 0;
    for (at, term) in query.order.terms().iter().enumerate() {
        let direction = term.direction();
        columns.push(match term {
            By::Published(_) => {
                Sorted { column: "l.sort_at", direction, joined: None, part: Part::SortAt }
            }
            By::Distance { .. } => {
                number += 1;
                let part = Part::Distance(number - 1);
                Sorted { column: "l.distance", direction, joined: None, part }
            }
            By::Field { field, .. } => {
                let is_driven = at == 0 && matches!(driver, Driver::Order { .. });
                let column = if is_driven { "l.key" } else { KEYS[number] };
                let joined = (!is_driven).then_some((number, field));
                number += 1;
                Sorted { column, direction, joined, part: Part::Key(number - 1) }
            }
        });
    }
    let direction = query.order.direction();
    for (column, part) in [("l.sort_at", Part::SortAt), ("l.document_id", Part::Document)] {
        if columns.iter().all(|known| known.part != part) {
            columns.push(Sorted { column, direction, joined: None, part });
        }
    }
    columns
}

/// Writes the selection of at most `limit` rows `(document_id, sort_at, key, key2, key3)`.
///
/// The limit stands twice: as a parameter, and as the next larger of a few written numbers, by
/// which PostgreSQL knows, planning once for all values, that few rows will be joined.
pub(super) fn push(statement: &mut Statement, query: &ListQuery, limit: u32) {
    let (driver, answered) = Driver::of(query);
    let rare = match &driver {
        Driver::Listing | Driver::Key { .. } => Rare::of(query, None, answered),
        Driver::Order { field } => Rare::of(query, Some(field), answered),
        // They are few already, or sorted anyway.
        Driver::Near { .. } | Driver::Contents(_) | Driver::Few => None,
    };
    let Some(rare) = rare else {
        push_from(statement, query, (&driver, answered), limit, |statement| {
            statement.bind(i64::from(limit));
        });
        return;
    };
    rare.push(statement, query);
    statement.push("SELECT * FROM (");
    push_from(statement, query, (&Driver::Few, Some(rare.condition)), limit, |statement| {
        Rare::push_limit(statement, true, limit);
    });
    statement.push(") AS rare UNION ALL SELECT * FROM (");
    push_from(statement, query, (&driver, answered), limit, |statement| {
        Rare::push_limit(statement, false, limit);
    });
    statement.push(") AS common");
}

/// Writes the selection from one driver.
fn push_from(
    statement: &mut Statement,
    query: &ListQuery,
    (driver, answered): (&Driver<'_>, Option<&Filter>),
    limit: u32,
    push_limit: impl FnOnce(&mut Statement),
) {
    let columns = sorted(query, driver);
    statement
        .push("SELECT document_id, sort_at, key, key2, key3 FROM (SELECT l.document_id, l.sort_at");
    for (number, name) in NAMES.into_iter().enumerate() {
        let key = columns.iter().find_map(|column| match column.part {
            Part::Key(at) => (at == number).then_some(column.column),
            Part::Distance(at) => (at == number).then_some("l.key"),
            Part::SortAt | Part::Document => None,
        });
        statement.push(", ").push(key.unwrap_or("NULL")).push(name);
    }
    push_source(statement, query, driver, answered, &columns, true);

    for (is_after, cursor) in [(true, &query.after), (false, &query.before)] {
        if let Some(cursor) = cursor {
            push_place(statement, &columns, is_after, cursor);
        }
    }
    for (at, column) in columns.iter().enumerate() {
        let descends = (column.direction == Direction::Descending) != query.from_end;
        statement.push(if at == 0 { " ORDER BY " } else { ", " });
        statement.push(column.column).push(if descends { " DESC" } else { "" });
    }
    push_limit(statement.push(" LIMIT "));
    statement.push(match limit {
        ..=21 => ") AS bounded LIMIT 21",
        22..=101 => ") AS bounded LIMIT 101",
        102..=1_001 => ") AS bounded LIMIT 1001",
        _ => ") AS bounded LIMIT 10001",
    });
}

/// Writes the selection of the newest documents of the list, whatever its order and page, as
/// rows `(document_id, type, sort_at)`.
pub(super) fn push_newest(statement: &mut Statement, query: &ListQuery, limit: u32) {
    let query = ListQuery { order: Order::default(), ..query.clone() };
    let (driver, answered) = Driver::of(&query);
    statement.push("SELECT l.document_id, l.type, l.sort_at");
    push_source(statement, &query, &driver, answered, &[], true);
    statement.push(" ORDER BY l.sort_at DESC, l.document_id DESC LIMIT ").bind(i64::from(limit));
}

/// Writes the statement that counts the list.
pub(super) fn push_count(statement: &mut Statement, query: &ListQuery) {
    let (driver, answered) = Driver::of(query);
    let columns = sorted(query, &driver);
    statement.push("SELECT COUNT(*)");
    push_source(statement, query, &driver, answered, &columns, false);
}

/// Writes `FROM` and every condition but the place of the page.
fn push_source(
    statement: &mut Statement,
    query: &ListQuery,
    driver: &Driver<'_>,
    answered: Option<&Filter>,
    columns: &[Sorted<'_>],
    by_row: bool,
) {
    let joined: Vec<_> = columns.iter().filter_map(|column| column.joined).collect();
    match driver {
        Driver::Listing => statement.push(" FROM listing l"),
        Driver::Near { circle, .. }
            if columns.iter().any(|column| matches!(column.part, Part::Distance(_))) =>
        {
            statement
                .push(" FROM (SELECT scope_id, document_id, type, locale, sort_at, field, key, ");
            near::push_line("key", circle, statement);
            statement.push(" AS distance FROM field_value) l")
        }
        Driver::Key { .. } | Driver::Order { .. } | Driver::Near { .. } => {
            statement.push(" FROM field_value l")
        }
        Driver::Contents(contents) => {
            let ids = contents.iter().map(|content| content.uuid()).collect::<Ids>();
            statement
                .push(" FROM ")
                .rows_of(ids)
                .push(" CROSS JOIN document n CROSS JOIN listing l")
        }
        // A field of several values may pass with more than one.
        Driver::Few => {
            statement.push(" FROM (SELECT DISTINCT document_id FROM few) w CROSS JOIN ");
            match statement.engine() {
                Engine::Sqlite => statement.push("listing l"),
                // Else it would walk down the list and look each row up among the few.
                Engine::Postgres => statement
                    .push("LATERAL (SELECT * FROM listing r WHERE r.document_id = w.document_id AND r.scope_id = ")
                    .bind(query.scope.id())
                    .push(" OFFSET 0) l"),
            }
        }
    };
    for (number, _) in &joined {
        statement.push(JOINED[*number].0);
    }
    statement.push(" WHERE l.scope_id = ");
    match (driver, query.scope) {
        (Driver::Order { .. } | Driver::Near { .. }, ListScope::Column(column)) => {
            statement
                .push("(SELECT site_id FROM site_column WHERE id = ")
                .bind(column.uuid())
                .push(") AND ");
            let asked = Asked { has_type: true, driven_by: None, by_row, names: Names::LISTED };
            Filter::Column(column).push(asked, statement);
        }
        _ => {
            statement.bind(query.scope.id());
        }
    }
    match driver {
        Driver::Listing => {}
        Driver::Key { field, key } => {
            statement.push(" AND l.field = ").bind(field.as_str());
            statement.push(" AND l.key = ").bind(key.to_vec());
        }
        Driver::Order { field } => {
            statement.push(" AND l.field = ").bind(field.as_str());
        }
        Driver::Near { field, circle } => {
            statement.push(" AND l.field = ").bind(field.as_str()).push(" AND ");
            near::push("l.key", circle, statement);
        }
        Driver::Contents(_) => {
            statement.push(" AND n.content_id = wanted.id AND l.document_id = n.id");
        }
        Driver::Few => {
            statement.push(" AND l.document_id = w.document_id");
        }
    }
    for (number, field) in joined {
        let [document, scope, name] = JOINED[number].1;
        statement.push(document).push(scope).bind(HUB).push(name).bind(field.as_str());
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
    let has_type = query.r#type.is_some();
    let asked = Asked { has_type, driven_by, by_row, names: Names::LISTED };
    for condition in query.filter.conjuncts() {
        if !answered.is_some_and(|answered| std::ptr::eq(answered, condition)) {
            statement.push(" AND ");
            condition.push(asked, statement);
        }
    }
}

/// Writes that rows stand behind, or before, the place of `cursor`.
fn push_place(statement: &mut Statement, columns: &[Sorted<'_>], is_after: bool, cursor: &Cursor) {
    let is_greater = |column: &Sorted<'_>| (column.direction == Direction::Ascending) == is_after;
    let Some(first) = columns.first() else { return };
    if columns.iter().all(|column| column.direction == first.direction) {
        // One comparison of rows, which the index answers.
        for (at, column) in columns.iter().enumerate() {
            statement.push(if at == 0 { " AND (" } else { ", " }).push(column.column);
        }
        statement.push(if is_greater(first) { ") > (" } else { ") < (" });
        for (at, column) in columns.iter().enumerate() {
            push_part(statement.push(if at == 0 { "" } else { ", " }), column.part, cursor);
        }
        statement.push(")");
        return;
    }
    // Where the index begins, and then which column decides.
    statement.push(" AND ").push(first.column);
    push_part(statement.push(if is_greater(first) { " >= " } else { " <= " }), first.part, cursor);
    for (at, column) in columns.iter().enumerate() {
        statement.push(if at == 0 { " AND (" } else { "(" }).push(column.column);
        let sign = if is_greater(column) { " > " } else { " < " };
        push_part(statement.push(sign), column.part, cursor);
        if at + 1 < columns.len() {
            statement.push(" OR (").push(column.column);
            push_part(statement.push(" = "), column.part, cursor);
            statement.push(" AND ");
        }
    }
    for _ in 1..columns.len() {
        statement.push("))");
    }
    statement.push(")");
}

fn push_part(statement: &mut Statement, part: Part, cursor: &Cursor) {
    match part {
        Part::Key(number) => {
            statement.bind(cursor.place.keys.get(number).cloned().unwrap_or_default())
        }
        Part::Distance(number) => {
            let key = cursor.place.keys.get(number).map_or(&[][..], Vec::as_slice);
            statement.bind(distance_of(key))
        }
        Part::SortAt => statement.bind(Moment(cursor.place.sort_at)),
        Part::Document => statement.bind(cursor.place.document.uuid()),
    };
}
