//! How the documents of a list spread over types, years, columns and choices. The newest
//! [`COUNTED`](crate::spread::COUNTED) are counted and no more.

use schema::{ids::ColumnId, names::FieldName, viewer::Viewer};

use super::{list::ListQuery, page};
use crate::{
    Error, Session,
    spread::{self, COUNTED, Tally, Values},
    statement::Statement,
};

/// How the documents of a list, whatever its page, spread over types and years. One statement,
/// like each of the others here.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn tally(session: &mut Session, _: &Viewer, query: &ListQuery) -> Result<Tally, Error> {
    if page::is_empty(query) {
        return Ok(Tally::default());
    }
    let statement = statement(session, query, spread::push_tally);
    spread::tally(session, statement).await
}

/// How they spread over the columns of the list's site, or of the hub, each with all below it.
/// The most first.
///
/// # Errors
/// As [`tally`].
pub async fn column_counts(
    session: &mut Session,
    _: &Viewer,
    query: &ListQuery,
) -> Result<Vec<(ColumnId, u64)>, Error> {
    if page::is_empty(query) {
        return Ok(Vec::new());
    }
    let statement =
        statement(session, query, |statement| spread::push_columns(statement, query.scope));
    spread::columns(session, statement).await
}

/// How they spread over the values of filterable `fields`.
///
/// # Errors
/// As [`tally`].
pub async fn value_counts(
    session: &mut Session,
    _: &Viewer,
    query: &ListQuery,
    fields: &[FieldName],
) -> Result<Values, Error> {
    if page::is_empty(query) || fields.is_empty() {
        return Ok(Values::new());
    }
    let statement = statement(session, query, |statement| spread::push_values(statement, fields));
    spread::values(session, statement).await
}

pub(super) fn statement(
    session: &Session,
    query: &ListQuery,
    count: impl FnOnce(&mut Statement),
) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement.push("WITH hit AS MATERIALIZED (");
    page::push_newest(&mut statement, query, COUNTED);
    statement.push(")");
    count(&mut statement);
    statement
}
