//! The hits of a question as SQL: which texts hold what was asked and are listed where it was
//! asked, the newest first and no more than are ranked.
//!
//! | | SQLite | PostgreSQL |
//! | --- | --- | --- |
//! | order | the index gives hits by their numbers, the newest first | all hits, then sorted; of common words only those of the newest texts |
//! | place | `search_place`, whose rows are as narrow as they can be and in the same order | `listing` |
//! | score | see [`ranking`]: of many hits hardly any is looked at | read off the entry of every hit |
//!
//! So on SQLite one of many hits costs one look into a narrow table.

use schema::search::Question;

use super::{
    SearchQuery,
    matching::{Holds, fts5, tsquery},
    ranking,
};
use crate::{Engine, moment::Moment, statement::Statement};

/// What of a hit is looked at beside its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Nothing,
    /// Its entry, for the document.
    Entry,
}

/// Texts of which PostgreSQL is asked how many hold a question, the newest, and as many of them as
/// make it a common one.
const SAMPLE: &str = "64";
const COMMON: &str = "4";

/// Of which texts PostgreSQL gives the hits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    All,
    /// Those from `edge` on; none where there is no edge.
    TheNewest,
}

/// Writes `WITH` and the newest hits, as `hit (number, type, sort_at)`, and with their entry as
/// `hit (number, document_id, type, sort_at)`.
pub(super) fn push_counted(statement: &mut Statement, query: &SearchQuery, beside: Beside) {
    match statement.engine() {
        Engine::Sqlite => {
            statement.push("WITH hit AS MATERIALIZED (SELECT p.number, p.type, p.sort_at");
            if beside == Beside::Entry {
                statement.push(", e.document_id");
            }
            push_found(statement, query, &fts5(&query.question), beside);
            push_newest(statement, query);
        }
        Engine::Postgres => push_looked_at(statement, query, false),
    }
}

/// Writes `WITH` and the best hits behind the cursor, as `best (number, document_id, score)`, and
/// how many hits there are, as `counted (total)`.
pub(super) fn push_ranked(statement: &mut Statement, query: &SearchQuery) {
    match statement.engine() {
        Engine::Sqlite => {
            statement.push("WITH hit AS MATERIALIZED (SELECT p.number");
            push_found(statement, query, &fts5(&query.question), Beside::Nothing);
            push_newest(statement, query);
            statement.push(", counted AS (SELECT COUNT(*) AS total FROM hit), ");
            ranking::push_best(statement, query);
        }
        Engine::Postgres => {
            push_looked_at(statement, query, true);
            statement.push(", counted AS (SELECT COUNT(*) AS total FROM hit), ");
            statement.push("best AS (SELECT number, document_id, score FROM hit");
            if let Some(after) = query.after {
                statement.push(" WHERE (score, number) < (").bind(i64::from(after.score));
                statement.push(", ").bind(after.number).push(")");
            }
            statement.push(" ORDER BY score DESC, number DESC");
            push_limit(statement, query);
            statement.push(")");
        }
    }
}

/// Writes from where and by which conditions SQLite takes what answers `asked`: its tokens as `s`,
/// its place as `p`, its entry as `e`.
pub(super) fn push_found(
    statement: &mut Statement,
    query: &SearchQuery,
    asked: &str,
    beside: Beside,
) {
    statement.push(" FROM search_text s CROSS JOIN search_place p");
    if beside == Beside::Entry {
        statement.push(" CROSS JOIN search_entry e");
    }
    statement.push(" WHERE s.search_text MATCH ").bind(asked);
    // One place, or one of a few in a list without a language.
    statement
        .push(match query.locale {
            Some(_) => " AND p.shelf = (SELECT id FROM search_shelf WHERE scope_id = ",
            None => " AND p.shelf IN (SELECT id FROM search_shelf WHERE scope_id = ",
        })
        .bind(query.scope.id());
    if let Some(locale) = &query.locale {
        statement.push(" AND locale = ").bind(locale.as_str());
    }
    statement.push(") AND p.number = s.rowid");
    push_narrowed(statement, query, ["p.type", "p.sort_at"]);
    if beside == Beside::Entry {
        statement.push(" AND e.number = s.rowid");
    }
}

fn push_newest(statement: &mut Statement, query: &SearchQuery) {
    statement.push(" ORDER BY s.rowid DESC LIMIT ").bind(i64::from(query.ranked)).push(")");
}

/// Writes the hits as PostgreSQL finds them: the index gives all of them; they are put in order,
/// and looked at until there are enough.
///
/// Of a word that is in every sixteenth text, or more, there may be hundreds of thousands. So the
/// newest texts are asked first, of which as many as are ranked should hold it; where they are too
/// few after all, all are asked.
fn push_looked_at(statement: &mut Statement, query: &SearchQuery, with_score: bool) {
    let ranked = i64::from(query.ranked);
    let asked = tsquery(&query.question);
    statement
        .push("WITH sample AS MATERIALIZED (SELECT COUNT(*) AS held FROM (SELECT tokens FROM search_entry ORDER BY number DESC LIMIT ")
        .push(SAMPLE)
        .push(") n WHERE n.tokens @@ CAST(")
        .bind(&*asked)
        .push(" AS TSQUERY)), edge AS MATERIALIZED (SELECT (SELECT number FROM search_entry ORDER BY number DESC OFFSET ")
        .bind(ranked)
        // A quarter more than the sample promises, and no division by nothing.
        .push(" * ")
        .push(SAMPLE)
        .push(" * 5 / (4 * GREATEST((SELECT held FROM sample), 1)) LIMIT 1) AS number FROM sample WHERE held >= ")
        .push(COMMON)
        .push("), recent AS MATERIALIZED (");
    push_placed(statement, query, &asked, with_score, Of::TheNewest);
    statement.bind(ranked);
    statement
        .push(
            "), hit AS MATERIALIZED (SELECT * FROM recent WHERE (SELECT COUNT(*) FROM recent) >= ",
        )
        .bind(ranked);
    statement.push(" UNION ALL SELECT * FROM (");
    push_placed(statement, query, &asked, with_score, Of::All);
    statement.push("CASE WHEN (SELECT COUNT(*) FROM recent) >= ").bind(ranked);
    statement.push(" THEN 0 ELSE ").bind(ranked).push(" END) AS every)");
}

/// Writes the hits of the place up to their limit, which is to follow.
fn push_placed(
    statement: &mut Statement,
    query: &SearchQuery,
    asked: &str,
    with_score: bool,
    of: Of,
) {
    statement.push("SELECT e.number, e.document_id, l.type, l.sort_at");
    if with_score {
        statement.push(", ");
        push_score(statement, &query.question);
        statement.push(" AS score");
    }
    statement
        .push(
            " FROM (SELECT * FROM (SELECT n.number, n.document_id, n.title, n.words FROM search_entry n \
             WHERE n.tokens @@ CAST(",
        )
        .bind(asked)
        .push(" AS TSQUERY)");
    if of == Of::TheNewest {
        // Between two ends, by which the planner takes them for few and asks both indexes at once.
        statement.push(" AND n.number BETWEEN (SELECT number FROM edge) AND 9223372036854775807");
    }
    Holds::TEXT.push_exact(statement, &query.question);
    statement
        .push(
            " OFFSET 0) n ORDER BY n.number DESC OFFSET 0) e CROSS JOIN LATERAL \
             (SELECT l.type, l.sort_at FROM listing l WHERE l.document_id = e.document_id \
             AND l.scope_id = ",
        )
        .bind(query.scope.id());
    if let Some(locale) = &query.locale {
        statement.push(" AND l.locale = ").bind(locale.as_str());
    }
    push_narrowed(statement, query, ["l.type", "l.sort_at"]);
    statement.push(" LIMIT 1 OFFSET 0) l ORDER BY e.number DESC LIMIT ");
}

/// Writes the conditions on type and time.
fn push_narrowed(
    statement: &mut Statement,
    query: &SearchQuery,
    [of_type, sort_at]: [&'static str; 2],
) {
    if let Some(wanted) = &query.r#type {
        statement.push(" AND ").push(of_type).push(" = ").bind(wanted.as_str());
    }
    for (sign, moment) in [(" >= ", query.from), (" < ", query.to)] {
        if let Some(moment) = moment {
            statement.push(" AND ").push(sort_at).push(sign).bind(Moment(moment));
        }
    }
}

/// Writes the limit of a page, and one row more.
pub(super) fn push_limit(statement: &mut Statement, query: &SearchQuery) {
    statement.push(" LIMIT ").bind(i64::from(query.limit) + 1);
}

/// Writes the score of the entry `e`: see [`Hit`](super::Hit).
pub(super) fn push_score(statement: &mut Statement, question: &Question) {
    statement.push("CAST(CASE ");
    if let Some(reference) = question.reference() {
        statement.push("WHEN ");
        Holds::WORDS.push_reference(statement, reference);
        statement.push(" THEN 5 ");
    }
    statement.push("WHEN ");
    Holds::WORDS.push_terms(statement, question);
    statement.push(" THEN 4 WHEN ");
    Holds::TITLE.push_terms(statement, question);
    statement.push(" THEN 3 WHEN ");
    Holds::TITLE.push_some(statement, question);
    statement.push(" THEN 2 ELSE 1 END AS BIGINT)");
}
