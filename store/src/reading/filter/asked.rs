//! How each condition of a filter is asked of the indexes, row by row.

use jiff::Timestamp;
use schema::{ids::SiteId, names::FieldName};

use super::{Bound, Filter, Linked, Test, near};
use crate::{
    Engine,
    dialect::{Ids, Keys},
    listing::HUB,
    moment::Moment,
    statement::Statement,
};

/// Where a filter is asked: the row `l` that the list is read from.
#[derive(Clone, Copy)]
pub(in crate::reading) struct Asked<'query> {
    /// Whether the list has a type, so that field names mean something.
    pub(in crate::reading) has_type: bool,
    /// The single-valued field whose key is `l.key`.
    pub(in crate::reading) driven_by: Option<&'query FieldName>,
    /// Whether only the first rows that pass are wanted. Then PostgreSQL is kept from turning a
    /// condition into a join of all that the list holds, which it would have to sort.
    pub(in crate::reading) by_row: bool,
    /// The columns of the row.
    pub(in crate::reading) names: Names,
}

/// What the columns of the row are called that a condition is asked of.
#[derive(Clone, Copy)]
pub(in crate::reading) struct Names {
    document: &'static str,
    sort_at: &'static str,
    locale: &'static str,
    is_linked: bool,
}

impl Names {
    /// The row that the list is read from.
    pub(in crate::reading) const LISTED: Self = Self {
        document: "l.document_id",
        sort_at: "l.sort_at",
        locale: "l.locale",
        is_linked: false,
    };
    /// The hub's listing of a linked document.
    const LINKED: Self = Self {
        document: "t.document_id",
        sort_at: "t.sort_at",
        locale: "t.locale",
        is_linked: true,
    };
}

impl Asked<'_> {
    /// Closes a condition's sub-select.
    const fn close(self) -> &'static str {
        if self.by_row { " LIMIT 1 OFFSET 0)" } else { ")" }
    }
}

impl Filter {
    /// Writes the condition on the row asked of.
    pub(in crate::reading) fn push(&self, asked: Asked<'_>, statement: &mut Statement) {
        let row = asked.names;
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
                push_between(row.sort_at, *from, *to, statement);
            }
            Self::PublishedBetween { from, to } => {
                statement
                    .push("EXISTS (SELECT 1 FROM document d WHERE d.id = ")
                    .push(row.document)
                    .push(" AND ");
                push_between("d.published_at", *from, *to, statement);
                statement.push(asked.close());
            }
            Self::OriginallyPublishedBetween { from, to } => {
                statement
                    .push("EXISTS (SELECT 1 FROM document d WHERE d.id = ")
                    .push(row.document)
                    .push(" AND d.originally_published_at IS NOT NULL AND ");
                push_between("d.originally_published_at", *from, *to, statement);
                statement.push(asked.close());
            }
            Self::PublicAt { at, site } => push_public(*at, *site, asked, statement),
            Self::Contents(contents) => {
                statement
                    .push("EXISTS (SELECT 1 FROM document d WHERE d.id = ")
                    .push(row.document)
                    .push(" AND d.content_id ")
                    .is_one_of(contents.iter().map(|content| content.uuid()).collect::<Ids>())
                    .push(asked.close());
            }
            Self::Column(column) => {
                statement
                    .push("EXISTS (SELECT 1 FROM listing c WHERE c.scope_id = ")
                    .bind(column.uuid())
                    .push(" AND c.document_id = ")
                    .push(row.document)
                    .push(asked.close());
            }
            Self::Columns(columns) => {
                statement
                    .push("EXISTS (SELECT 1 FROM listing c WHERE c.scope_id ")
                    .is_one_of(columns.iter().map(|column| column.uuid()).collect::<Ids>())
                    .push(" AND c.document_id = ")
                    .push(row.document)
                    .push(asked.close());
            }
            Self::Linked(_) if row.is_linked => {
                statement.push("(1 = 0)");
            }
            Self::Linked(linked) => push_linked(linked, asked, statement),
        }
    }
}

fn push_public(at: Timestamp, site: Option<SiteId>, asked: Asked<'_>, statement: &mut Statement) {
    let row = asked.names;
    // Nothing is listed under a later time than that of its publication.
    statement.push("(").push(row.sort_at).push(" <= ").bind(Moment(at));
    statement
        .push(" AND (SELECT g.visibility FROM publication_log g WHERE g.document_id = ")
        .push(row.document)
        .push(" AND g.site IS NULL AND g.at <= ")
        .bind(Moment(at))
        .push(" ORDER BY g.sequence DESC LIMIT 1) = 'live'");
    statement
        .push(" AND NOT EXISTS (SELECT 1 FROM publication p WHERE p.document_id = ")
        .push(row.document)
        .push(" AND p.old_text = 'error' AND p.published_at > ")
        .bind(Moment(at))
        .push(asked.close());
    if let Some(site) = site {
        statement
            .push(" AND EXISTS (SELECT 1 FROM placement p WHERE p.document_id = ")
            .push(row.document)
            .push(" AND p.site_id = ")
            .bind(site.uuid())
            .push(" AND (p.own OR p.first_published_at <= ")
            .bind(Moment(at))
            .push(")")
            .push(asked.close());
    }
    statement.push(")");
}

fn push_linked(linked: &Linked, asked: Asked<'_>, statement: &mut Statement) {
    let row = asked.names;
    // From the listed document over its links to the hub's listing at their other ends.
    statement
        .push(if linked.forwards {
            "EXISTS (SELECT 1 FROM link k CROSS JOIN document o CROSS JOIN listing t WHERE k.document_id = "
        } else {
            "EXISTS (SELECT 1 FROM document q CROSS JOIN link k CROSS JOIN document o CROSS JOIN listing t \
             WHERE q.id = "
        })
        .push(row.document)
        .push(if linked.forwards {
            " AND o.content_id = k.target_content_id"
        } else {
            " AND k.target_content_id = q.content_id AND o.id = k.document_id"
        })
        .push(" AND k.field = ")
        .bind(linked.field.as_str())
        .push(" AND t.document_id = o.id AND t.scope_id = ")
        .bind(HUB)
        .push(" AND t.type = ")
        .bind(linked.r#type.as_str())
        .push(" AND (t.locale = ")
        .push(row.locale)
        .push(
            " OR (o.main_locale AND NOT EXISTS (SELECT 1 FROM document d WHERE d.content_id = o.content_id \
             AND d.visibility = 'live' AND d.locale = ",
        )
        .push(row.locale)
        .push("))) AND ");
    let there = Asked { has_type: true, driven_by: None, names: Names::LINKED, ..asked };
    linked.filter.push(there, statement);
    statement.push(asked.close());
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
        .push("EXISTS (SELECT 1 FROM field_value f WHERE f.document_id = ")
        .push(asked.names.document)
        .push(" AND f.scope_id = ")
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
pub(in crate::reading) fn push_test(key: &'static str, test: &Test, statement: &mut Statement) {
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
        Test::Contains(part) => {
            match statement.engine() {
                Engine::Sqlite => statement.push("instr(").push(key).push(", ").bind(part.clone()),
                Engine::Postgres => {
                    statement.push("position(").bind(part.clone()).push(" IN ").push(key)
                }
            };
            statement.push(") > 0");
        }
        Test::Near(circle) => near::push(key, circle, statement),
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
