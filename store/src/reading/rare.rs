//! Conditions that few documents pass: they are read off the values, instead of walking down the
//! list until enough have passed, which in a long list may be all of it.
//!
//! Whether they are few is found out in the statement itself: the values that pass are read by
//! index, and no more than [`FEW`] of them. A page then has two parts of which one is empty:
//!
//! | as many pass | the page is |
//! | --- | --- |
//! | up to [`FEW`] | these, looked up in the list and sorted |
//! | more | the first of the list that pass, as if this were not there |

use schema::names::FieldName;

use super::{
    filter::{Filter, Test, push_test},
    list::{ListQuery, ListScope},
};
use crate::{Engine, listing::HUB, statement::Statement};

/// Values that are read to find out whether they are few, without the one more: some 20 µs, and a
/// walk of some ten milliseconds where one in two thousand of a million passes.
const FEW: &str = "500";
const ONE_MORE: &str = "501";

/// A condition on the values of one field that an index answers.
pub(super) struct Rare<'query> {
    /// The condition, one of those that must all hold.
    pub(super) condition: &'query Filter,
    field: &'query FieldName,
    test: &'query Test,
}

impl<'query> Rare<'query> {
    /// What few documents may pass of the conditions of `query`, but for those on the field
    /// `driven_by` and `answered`, which the index answers that the list is read from.
    pub(super) fn of(
        query: &'query ListQuery,
        driven_by: Option<&FieldName>,
        answered: Option<&Filter>,
    ) -> Option<Self> {
        // Values are kept by type and language.
        if query.r#type.is_none() || query.locale.is_none() {
            return None;
        }
        let by_index = |condition: &'query Filter| match condition {
            Filter::Field { field, test } if driven_by != Some(field) => {
                let rank = match test {
                    Test::Equals(_) => 0,
                    Test::In(_) => 1,
                    Test::StartsWith(_) => 2,
                    Test::Between(..) => 3,
                    Test::Contains(_) | Test::Near(_) | Test::IsNull(_) => return None,
                };
                Some((rank, Self { condition, field, test }))
            }
            _ => None,
        };
        let conditions = query.filter.conjuncts().iter();
        let open = conditions.filter(|it| !answered.is_some_and(|known| std::ptr::eq(known, *it)));
        open.filter_map(by_index).min_by_key(|(rank, _)| *rank).map(|(_, rare)| rare)
    }

    /// Writes `WITH` and the documents with values that pass, as `few (document_id)`, and how many
    /// these are, as `counted (total)`.
    pub(super) fn push(&self, statement: &mut Statement, query: &ListQuery) {
        // Mostly they are many and only counted: SQLite would keep them in a table for that.
        statement
            .push(match statement.engine() {
                Engine::Sqlite => "WITH few AS NOT MATERIALIZED",
                Engine::Postgres => "WITH few AS MATERIALIZED",
            })
            .push(" (SELECT f.document_id FROM field_value f WHERE f.scope_id = ");
        match query.scope {
            ListScope::Hub => statement.bind(HUB),
            ListScope::Site(site) => statement.bind(site.uuid()),
            // A column has no values of its own.
            ListScope::Column(column) => statement
                .push("(SELECT site_id FROM site_column WHERE id = ")
                .bind(column.uuid())
                .push(")"),
        };
        let names = [
            (" AND f.type = ", query.r#type.as_ref().map(|name| name.as_str())),
            (" AND f.field = ", Some(self.field.as_str())),
            (" AND f.locale = ", query.locale.as_ref().map(|locale| locale.as_str())),
        ];
        for (column, name) in names {
            statement.push(column).bind(name.unwrap_or_default());
        }
        statement.push(" AND ");
        push_test("f.key", self.test, statement);
        statement
            .push(" LIMIT ")
            .push(ONE_MORE)
            .push("), counted AS MATERIALIZED (SELECT COUNT(*) AS total FROM few) ");
    }

    /// Writes a limit of `limit` where they are few, or where they are not, and else of none: a
    /// part of the page that has none is not looked for.
    pub(super) fn push_limit(statement: &mut Statement, few: bool, limit: u32) {
        statement
            .push("CASE WHEN (SELECT total FROM counted) ")
            .push(if few { "<= " } else { "> " })
            .push(FEW)
            .push(" THEN ")
            .bind(i64::from(limit))
            .push(" ELSE 0 END");
    }
}
