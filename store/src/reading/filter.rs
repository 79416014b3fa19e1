//! What a list is narrowed down by, and how each test is asked of the indexes.

use jiff::Timestamp;
use schema::{
    ids::{ColumnId, ContentId},
    names::FieldName,
};

use crate::{
    dialect::{Ids, Keys},
    listing::HUB,
    moment::Moment,
    statement::Statement,
};

/// A condition on the documents of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Every one of these; all documents when there is none.
    All(Vec<Filter>),
    /// At least one of these; no document when there is none.
    Any(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A filterable or sortable field of the listed type. A field with several values passes
    /// when one of them does. In a list without a type no document passes.
    Field {
        /// The field.
        field: FieldName,
        /// The test.
        test: Test,
    },
    /// The time that orders the list, by its index: the original time where there is one, else
    /// the first publication in the scope. From the first moment on, before the second.
    ListedBetween {
        /// No earlier than this.
        from: Option<Timestamp>,
        /// Earlier than this.
        to: Option<Timestamp>,
    },
    /// When the hub published the edition that is live.
    PublishedBetween {
        /// No earlier than this.
        from: Option<Timestamp>,
        /// Earlier than this.
        to: Option<Timestamp>,
    },
    /// When it was published elsewhere before; what has no such time does not pass.
    OriginallyPublishedBetween {
        /// No earlier than this.
        from: Option<Timestamp>,
        /// Earlier than this.
        to: Option<Timestamp>,
    },
    /// One of these contents.
    Contents(Vec<ContentId>),
    /// Shown in this column or one below it.
    Column(ColumnId),
}

impl Default for Filter {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

/// A test of the values of a field, by their keys
/// ([`key_for`](schema::validation::key_for)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Equal to this.
    Equals(Vec<u8>),
    /// Equal to one of these.
    In(Vec<Vec<u8>>),
    /// Between these; open where a bound is missing.
    Between(Option<Bound>, Option<Bound>),
    /// A text that starts with this.
    StartsWith(Vec<u8>),
    /// Whether there is no value.
    IsNull(bool),
}

/// An end of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The key at the end.
    pub key: Vec<u8>,
    /// Whether the end itself is within.
    pub inclusive: bool,
}

impl Filter {
    /// Its conditions that must all hold, one level deep.
    pub(super) fn conjuncts(&self) -> &[Self] {
        match self {
            Self::All(filters) => filters,
            single => std::slice::from_ref(single),
        }
    }
}

/// Where a filter is asked: the row `l` that the list is read from.
#[derive(Clone, Copy)]
pub(super) struct Asked<'query> {
    /// Whether the list has a type, so that field names mean something.
    pub(super) has_type: bool,
    /// The single-valued field whose key is `l.key`.
    pub(super) driven_by: Option<&'query FieldName>,
    /// Whether only the first rows that pass are wanted. Then PostgreSQL is kept from turning a
    /// condition into a join of all that the list holds, which it would have to sort.
    pub(super) by_row: bool,
}

impl Asked<'_> {
    /// Closes a condition's sub-select.
    const fn close(self) -> &'static str {
        if self.by_row { " LIMIT 1 OFFSET 0)" } else { ")" }
    }
}

impl Filter {
    /// Writes the condition on `l`.
    pub(super) fn push(&self, asked: Asked<'_>, statement: &mut Statement) {
        match self {
            Self::All(filters) => push_joined(filters, " AND ", "(1 = 1)", asked, statement),
            Self::Any(filters) => push_joined(filters, " OR ", "(1 = 0)", asked, statement),
            Self::Not(filter) => {
                statement.push("NOT ");
                filter.push(asked, statement);
            }
            Self::Field { .. } if !asked.has_type => {
                statement.push("(1 = 0)");
            }
            Self::Field { field, test } => push_field(field, test, asked, statement),
            Self::ListedBetween { from, to } => {
                push_between("l.sort_at", *from, *to, statement);
            }
            Self::PublishedBetween { from, to } => {
                statement.push("EXISTS (SELECT 1 FROM document d WHERE d.id = l.document_id AND ");
                push_between("d.published_at", *from, *to, statement);
                statement.push(asked.close());
            }
            Self::OriginallyPublishedBetween { from, to } => {
                statement.push(
                    "EXISTS (SELECT 1 FROM document d WHERE d.id = l.document_id \
                     AND d.originally_published_at IS NOT NULL AND ",
                );
                push_between("d.originally_published_at", *from, *to, statement);
                statement.push(asked.close());
            }
            Self::Contents(contents) => {
                statement
                    .push("EXISTS (SELECT 1 FROM document d WHERE d.id = l.document_id AND d.content_id ")
                    .is_one_of(contents.iter().map(|content| content.uuid()).collect::<Ids>())
                    .push(asked.close());
            }
            Self::Column(column) => {
                statement
                    .push("EXISTS (SELECT 1 FROM listing c WHERE c.scope_id = ")
                    .bind(column.uuid())
                    .push(" AND c.document_id = l.document_id")
                    .push(asked.close());
            }
        }
    }
}

fn push_joined(
    filters: &[Filter],
    word: &'static str,
    none: &'static str,
    asked: Asked<'_>,
    statement: &mut Statement,
) {
    if filters.is_empty() {
        statement.push(none);
        return;
    }
    for (index, filter) in filters.iter().enumerate() {
        statement.push(if index == 0 { "(" } else { word });
        filter.push(asked, statement);
    }
    statement.push(")");
}

fn push_between(
    time: &'static str,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    statement: &mut Statement,
) {
    statement.push("(1 = 1");
    if let Some(from) = from {
        statement.push(" AND ").push(time).push(" >= ").bind(Moment(from));
    }
    if let Some(to) = to {
        statement.push(" AND ").push(time).push(" < ").bind(Moment(to));
    }
    statement.push(")");
}

fn push_field(field: &FieldName, test: &Test, asked: Asked<'_>, statement: &mut Statement) {
    if asked.driven_by == Some(field) {
        statement.push("(");
        push_test("l.key", test, statement);
        statement.push(")");
        return;
    }
    if matches!(test, Test::IsNull(true)) {
        statement.push("NOT ");
    }
    statement
        .push("EXISTS (SELECT 1 FROM field_value f WHERE f.document_id = l.document_id AND f.scope_id = ")
        .bind(HUB)
        .push(" AND f.field = ")
        .bind(field.as_str())
        .push(" AND ");
    match test {
        Test::IsNull(_) => push_test("f.key", &Test::IsNull(false), statement),
        test => push_test("f.key", test, statement),
    }
    statement.push(asked.close());
}

/// Every test but that for nothing passes over the empty key, which stands for no value.
fn push_test(key: &'static str, test: &Test, statement: &mut Statement) {
    match test {
        Test::Equals(wanted) => {
            statement.push(key).push(" = ").bind(wanted.clone());
        }
        Test::In(wanted) => {
            statement.push(key).push(" ").is_one_of(Keys(wanted.clone()));
        }
        Test::Between(lower, upper) => {
            push_lower(key, lower.as_ref(), statement);
            if let Some(upper) = upper {
                let sign = if upper.inclusive { " <= " } else { " < " };
                statement.push(" AND ").push(key).push(sign).bind(upper.key.clone());
            }
        }
        Test::StartsWith(start) => {
            let lower = Bound { key: start.clone(), inclusive: !start.is_empty() };
            push_lower(key, Some(&lower), statement);
            if let Some(end) = after_all_that_start_with(start) {
                statement.push(" AND ").push(key).push(" < ").bind(end);
            }
        }
        Test::IsNull(is_null) => {
            statement.push(key).push(if *is_null { " = " } else { " > " }).bind(Vec::<u8>::new());
        }
    }
}

fn push_lower(key: &'static str, bound: Option<&Bound>, statement: &mut Statement) {
    let (sign, lower) = match bound {
        Some(bound) if bound.inclusive && !bound.key.is_empty() => (" >= ", bound.key.clone()),
        Some(bound) => (" > ", bound.key.clone()),
        None => (" > ", Vec::new()),
    };
    statement.push(key).push(sign).bind(lower);
}

/// The first key after every key that starts with `start`; `None` when there is none.
fn after_all_that_start_with(start: &[u8]) -> Option<Vec<u8>> {
    let last = start.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut end = start[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_start_lies_behind_all_that_start_so() {
        assert_eq!(after_all_that_start_with(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(after_all_that_start_with(&[1, 255, 255]), Some(vec![2]));
        assert_eq!(after_all_that_start_with(&[255]), None);
        assert_eq!(after_all_that_start_with(&[]), None);
    }
}
