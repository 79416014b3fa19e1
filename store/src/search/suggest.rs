//! Suggesting while a reader types: titles that hold what was typed, and document numbers that
//! begin with it.
//!
//! Asked with every key, so its cost has a bound, however large the hub: first the newest
//! [`NEWEST`] of the place are looked through, which answers whatever is common; only where that
//! is not enough the index is asked, for at most [`FROM_INDEX`] documents.

use std::collections::{BTreeSet, HashSet};

use schema::{
    ids::DocumentId,
    names::{Locale, TypeName},
    search::Typed,
    viewer::Viewer,
};
use uuid::Uuid;

use super::matching::{fts5_of_typed, tsquery_of_typed};
use crate::{Engine, Error, Session, reading::ListScope, statement::Statement};

/// Documents of the place that are looked through, the newest.
pub const NEWEST: u32 = 1_000;
/// Documents that are taken from the index, on SQLite the newest.
pub const FROM_INDEX: u32 = 5_000;
/// The same as they are written: PostgreSQL plans for the rows that it can see, and for a value to
/// come it would have reason to read everything.
const NEWEST_WRITTEN: &str = "1000";
const FROM_INDEX_WRITTEN: &str = "5000";
/// Of those that fit, so many are looked at for distinct titles.
const FITTING: u32 = 200;

/// A question for suggestions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestionQuery {
    /// What was typed.
    pub typed: Typed,
    /// Where.
    pub scope: ListScope,
    /// Of one type only.
    pub r#type: Option<TypeName>,
    /// In one language only.
    pub locale: Option<Locale>,
    /// At most so many.
    pub limit: u32,
}

/// How well a suggestion fits, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Its title holds what was typed.
    Holds,
    /// Its title begins with it.
    Begins,
    /// A document number of it begins with it.
    Number,
}

/// A document that is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggested {
    /// The document.
    pub document: DocumentId,
    /// How well it fits.
    pub fit: Fit,
}

/// Suggestions, the best first, the newest among equals; no title twice. `viewer` changes
/// nothing: what is live is public. One statement, or two.
///
/// # Errors
/// [`Error::Database`].
pub async fn suggest(
    session: &mut Session,
    _: &Viewer,
    query: &SuggestionQuery,
) -> Result<Vec<Suggested>, Error> {
    type Row = (i64, Option<i64>, Option<Uuid>, Option<String>, Option<i64>);
    let rows = newest_statement(session, query).fetch_all::<Row>(session).await?;
    let looked_through = rows.first().map_or(0, |(count, ..)| *count);
    let found = rows
        .into_iter()
        .filter_map(|(_, number, document, title, fit)| Some((number?, document?, title?, fit?)));
    let mut fitting = Fitting::default();
    fitting.extend(found);
    if fitting.titles() < query.limit as usize && looked_through >= i64::from(NEWEST) {
        let statement = index_statement(session, query);
        fitting.extend(statement.fetch_all::<(i64, Uuid, String, i64)>(session).await?);
    }
    Ok(fitting.best(query.limit as usize))
}

/// What fits, by fit and time.
#[derive(Default)]
struct Fitting(BTreeSet<(Fit, i64, Uuid, String)>);

impl Fitting {
    fn extend(&mut self, rows: impl IntoIterator<Item = (i64, Uuid, String, i64)>) {
        self.0.extend(rows.into_iter().map(|(number, document, title, fit)| {
            let fit = match fit {
                3 => Fit::Number,
                2 => Fit::Begins,
                _ => Fit::Holds,
            };
            (fit, number, document, title)
        }));
    }

    fn titles(&self) -> usize {
        self.0.iter().map(|(.., title)| title).collect::<HashSet<_>>().len()
    }

    fn best(self, limit: usize) -> Vec<Suggested> {
        let mut seen = HashSet::new();
        let best = self.0.into_iter().rev().filter(|(.., title)| seen.insert(title.clone()));
        best.take(limit)
            .map(|(fit, _, document, _)| Suggested { document: document.into(), fit })
            .collect()
    }
}

/// Those that fit of the newest of the place, and how many were looked through.
pub(super) fn newest_statement(session: &Session, query: &SuggestionQuery) -> Statement {
    let mut statement = Statement::new(session.engine());
    let entries = match (session.engine(), &query.locale, &query.r#type) {
        // Places stand in the order of their entries, so that these are read one after the other.
        (Engine::Sqlite, Some(locale), None) => {
            statement
                .push(
                    "WITH newest AS MATERIALIZED (SELECT p.number FROM search_place p \
                     WHERE p.shelf = (SELECT id FROM search_shelf WHERE scope_id = ",
                )
                .bind(query.scope.id())
                .push(" AND locale = ")
                .bind(locale.as_str())
                .push(") ORDER BY p.number DESC");
            "search_entry e WHERE e.number = l.number AND "
        }
        _ => {
            statement
                .push(
                    "WITH newest AS MATERIALIZED (SELECT l.document_id FROM listing l \
                     WHERE l.scope_id = ",
                )
                .bind(query.scope.id());
            push_narrowed(&mut statement, query);
            statement.push(" ORDER BY l.sort_at DESC, l.document_id DESC");
            match session.engine() {
                Engine::Sqlite => "search_entry e WHERE e.document_id = l.document_id AND ",
                // Row by row: else all entries might be read for these.
                Engine::Postgres => {
                    "LATERAL (SELECT n.number, n.document_id, n.title, n.words FROM search_entry n \
                     WHERE n.document_id = l.document_id OFFSET 0) e WHERE "
                }
            }
        }
    };
    statement.push(" LIMIT ").push(NEWEST_WRITTEN).push(
        ") SELECT t.total, p.number, p.document_id, p.title, p.fit \
         FROM (SELECT COUNT(*) AS total FROM newest) t LEFT JOIN (SELECT ",
    );
    push_fitting(&mut statement, query);
    statement.push(" FROM newest l CROSS JOIN ").push(entries);
    push_fits(&mut statement, query);
    push_best(&mut statement);
    statement.push(") p ON 1 = 1");
    statement
}

/// Those that fit of what the index gives.
pub(super) fn index_statement(session: &Session, query: &SuggestionQuery) -> Statement {
    let mut statement = Statement::new(session.engine());
    match session.engine() {
        Engine::Sqlite => {
            statement.push("SELECT ");
            push_fitting(&mut statement, query);
            statement
                .push(" FROM (SELECT s.rowid AS number FROM search_text s WHERE s.search_text MATCH ")
                .bind(&*fts5_of_typed(&query.typed))
                .push(" ORDER BY s.rowid DESC LIMIT ")
                .push(FROM_INDEX_WRITTEN)
                .push(") s CROSS JOIN search_entry e CROSS JOIN listing l WHERE e.number = s.number AND ");
        }
        // In the order of the newest all that the index gives would have to be read. Apart from
        // the limit, so that the planner does not take it for reason to do without the index; the
        // rows are read as they are asked for all the same.
        Engine::Postgres => {
            statement
                .push(
                    "WITH held AS MATERIALIZED (SELECT n.number, n.document_id, n.title, n.words \
                     FROM search_entry n WHERE n.tokens @@ CAST(",
                )
                .bind(&*tsquery_of_typed(&query.typed))
                .push(" AS TSQUERY)) SELECT ");
            push_fitting(&mut statement, query);
            statement
                .push(" FROM (SELECT * FROM held LIMIT ")
                .push(FROM_INDEX_WRITTEN)
                .push(") e CROSS JOIN listing l WHERE ");
        }
    }
    push_fits(&mut statement, query);
    statement.push(" AND l.document_id = e.document_id AND l.scope_id = ").bind(query.scope.id());
    push_narrowed(&mut statement, query);
    push_best(&mut statement);
    statement
}

/// Writes the conditions on type and language.
fn push_narrowed(statement: &mut Statement, query: &SuggestionQuery) {
    if let Some(of_type) = &query.r#type {
        statement.push(" AND l.type = ").bind(of_type.as_str());
    }
    if let Some(locale) = &query.locale {
        statement.push(" AND l.locale = ").bind(locale.as_str());
    }
}

fn push_fitting(statement: &mut Statement, query: &SuggestionQuery) {
    statement.push("e.number, e.document_id, e.title, CAST(CASE ");
    if let Some(number) = query.typed.number() {
        statement.push("WHEN ");
        push_place(statement, "e.words", &format!(" {number}"));
        statement.push(" > 0 THEN 3 ");
    }
    statement.push("WHEN ");
    push_place(statement, "e.title", &query.typed.beginning());
    statement.push(" = 1 THEN 2 ELSE 1 END AS BIGINT) AS fit");
}

fn push_fits(statement: &mut Statement, query: &SuggestionQuery) {
    statement.push("(");
    push_place(statement, "e.title", query.typed.pattern());
    if let Some(number) = query.typed.number() {
        statement.push(" > 0 OR ");
        push_place(statement, "e.words", &format!(" {number}"));
    }
    statement.push(" > 0)");
}

/// Writes where in a column a text stands, from 1; 0 where it does not.
fn push_place(statement: &mut Statement, column: &'static str, text: &str) {
    statement.push(match statement.engine() {
        Engine::Sqlite => "instr(",
        Engine::Postgres => "strpos(",
    });
    statement.push(column).push(", ").bind(text).push(")");
}

fn push_best(statement: &mut Statement) {
    statement.push(" ORDER BY fit DESC, e.number DESC LIMIT ").bind(i64::from(FITTING));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_written_as_they_are() {
        assert_eq!(NEWEST_WRITTEN.parse(), Ok(NEWEST));
        assert_eq!(FROM_INDEX_WRITTEN.parse(), Ok(FROM_INDEX));
    }
}
