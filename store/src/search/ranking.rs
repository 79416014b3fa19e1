//! The best of the hits on SQLite, without looking at all of them.
//!
//! | hits | their scores |
//! | --- | --- |
//! | few | are read off their entries |
//! | more | are asked of the index, the best first, until the page is full |
//!
//! Either way gives the same page: see [`Hit`](super::Hit) for what a score says.

use super::{
    SearchQuery,
    hits::{Beside, push_found, push_limit, push_score},
    matching::fts5_by_score,
};
use crate::statement::Statement;

/// Hits whose scores are read off their entries, a microsecond each: a question to the index costs
/// as much as some thousands.
pub const LOOKED_AT: u32 = 2_000;

/// Writes `best (number, document_id, score)`, the best behind the cursor, of `hit` and `counted`.
pub(super) fn push_best(statement: &mut Statement, query: &SearchQuery) {
    statement.push("best AS (SELECT b.number, n.document_id, b.score FROM (SELECT * FROM (");
    push_looked_at(statement, query);
    // The parts of a union are run in turn, and those behind are not run when the page is full.
    for (score, asked) in fts5_by_score(&query.question) {
        if !is_behind(query, score) {
            continue;
        }
        push_part(statement, score);
        match score {
            2 => {
                // What a title holds some of is a hit only where the text holds the rest. The sign
                // keeps SQLite from asking the index once for every hit.
                statement.push(" FROM search_text s WHERE s.search_text MATCH ").bind(&*asked);
                statement.push(" AND +s.rowid IN (SELECT number FROM hit)");
            }
            _ => push_found(statement, query, &asked, Beside::Nothing),
        }
        // Of what is older than all that is ranked nothing is asked: without a hit, of nothing.
        statement
            .push(" AND s.rowid >= COALESCE((SELECT MIN(number) FROM hit), 9223372036854775807)");
        push_end(statement, query, score);
    }
    push_limit(statement, query);
    statement.push(") b CROSS JOIN search_entry n WHERE n.number = b.number)");
}

/// The best of few hits.
fn push_looked_at(statement: &mut Statement, query: &SearchQuery) {
    statement.push("SELECT number, score FROM (SELECT e.number, ");
    push_score(statement, &query.question);
    statement.push(" AS score FROM hit h CROSS JOIN search_entry e WHERE e.number = h.number)");
    if let Some(after) = query.after {
        statement.push(" WHERE (score, number) < (").bind(i64::from(after.score));
        statement.push(", ").bind(after.number).push(")");
    }
    statement.push(" ORDER BY score DESC, number DESC");
    push_limit_of(statement, query, " <= ");
    statement.push(")");
}

fn is_behind(query: &SearchQuery, score: u8) -> bool {
    query.after.is_none_or(|after| score <= after.score)
}

/// Writes the beginning of what has a score.
fn push_part(statement: &mut Statement, score: u8) {
    statement.push(" UNION ALL SELECT * FROM (SELECT s.rowid AS number, CAST(");
    statement.bind(i64::from(score)).push(" AS BIGINT) AS score");
}

/// Writes its end: where it goes on, its order, its limit.
fn push_end(statement: &mut Statement, query: &SearchQuery, score: u8) {
    if let Some(after) = query.after.filter(|after| after.score == score) {
        statement.push(" AND s.rowid < ").bind(after.number);
    }
    statement.push(" ORDER BY s.rowid DESC");
    push_limit_of(statement, query, " > ");
    statement.push(")");
}

/// Writes the limit of a page where so many hits are looked at, and else that nothing is wanted.
fn push_limit_of(statement: &mut Statement, query: &SearchQuery, sign: &'static str) {
    statement.push(" LIMIT CASE WHEN (SELECT total FROM counted)").push(sign);
    statement.bind(i64::from(query.looked_at)).push(" THEN ");
    statement.bind(i64::from(query.limit) + 1).push(" ELSE 0 END");
}
