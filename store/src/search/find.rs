//! Finding: hits of a place in the order of their score, the newest first among equals.
//!
//! However many texts answer, the newest [`RANKED`] are looked at and no more, and the answer
//! says so.

use std::collections::HashMap;

use jiff::Timestamp;
use schema::{
    ids::{ColumnId, DocumentId},
    names::{FieldName, Locale, TypeName},
    search::Question,
    viewer::Viewer,
};
use uuid::Uuid;

use super::{
    SearchCursor,
    matching::{Holds, fts5, tsquery},
};
use crate::{
    Engine, Error, Session,
    dialect::Ids,
    listing::HUB,
    moment::Moment,
    reading::ListScope,
    spread::{self, Tally, Values},
    statement::Statement,
};

/// Hits that are ranked and counted, the newest of all.
pub const RANKED: u32 = 20_000;

/// A question for a page of hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// What was asked.
    pub question: Question,
    /// Where.
    pub scope: ListScope,
    /// Of one type only.
    pub r#type: Option<TypeName>,
    /// In one language only.
    pub locale: Option<Locale>,
    /// Listed no earlier than this.
    pub from: Option<Timestamp>,
    /// Listed earlier than this.
    pub to: Option<Timestamp>,
    /// Behind this place only.
    pub after: Option<SearchCursor>,
    /// At most so many.
    pub limit: u32,
    /// Hits to look at, [`RANKED`] in the program.
    pub ranked: u32,
}

/// A document that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The document.
    pub document: DocumentId,
    /// 5: its number is the one asked for; 4: its title has every term as words of the
    /// dictionary; 3: its title holds every term; 2: one of them; 1: its text alone does.
    pub score: u8,
    /// Its place.
    pub cursor: SearchCursor,
}

/// A page of hits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The hits, best first.
    pub hits: Vec<Hit>,
    /// How many there are in all, of those that were looked at.
    pub total: u64,
    /// Whether there may be more than were looked at, all of them older.
    pub is_limited: bool,
    /// Whether there are more behind the page.
    pub has_more: bool,
}

/// A page of hits. `viewer` changes nothing: what is live is public. One statement.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(session: &mut Session, _: &Viewer, query: &SearchQuery) -> Result<Found, Error> {
    let statement = page_statement(session, query);
    let rows =
        statement.fetch_all::<(i64, Option<i64>, Option<Uuid>, Option<i64>)>(session).await?;
    let total = rows.first().map_or(0, |(total, ..)| total.unsigned_abs());
    let mut hits = Vec::with_capacity(rows.len());
    for (_, number, document, score) in rows {
        if let (Some(number), Some(document), Some(score)) = (number, document, score) {
            let score = u8::try_from(score).unwrap_or_default();
            let cursor = SearchCursor { score, number };
            hits.push(Hit { document: document.into(), score, cursor });
        }
    }
    hits.sort_unstable_by_key(|hit| std::cmp::Reverse(hit.cursor));
    let has_more = hits.len() > query.limit as usize;
    hits.truncate(query.limit as usize);
    Ok(Found { hits, total, is_limited: total >= u64::from(query.ranked), has_more })
}

/// How the hits of a question, whatever its page, spread over types and years. One statement,
/// like each of the two below.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn tally(session: &mut Session, _: &Viewer, query: &SearchQuery) -> Result<Tally, Error> {
    let statement = tally_statement(session, query);
    spread::tally(session, statement).await
}

/// How they spread over the columns of the place that is searched, each with all below it. The
/// most first.
///
/// # Errors
/// As [`tally`].
pub async fn column_counts(
    session: &mut Session,
    _: &Viewer,
    query: &SearchQuery,
) -> Result<Vec<(ColumnId, u64)>, Error> {
    let mut statement = with_hits(session, query);
    spread::push_columns(&mut statement, query.scope);
    spread::columns(session, statement).await
}

/// How they spread over the values of filterable `fields`.
///
/// # Errors
/// As [`tally`].
pub async fn value_counts(
    session: &mut Session,
    _: &Viewer,
    query: &SearchQuery,
    fields: &[FieldName],
) -> Result<Values, Error> {
    let mut statement = with_hits(session, query);
    spread::push_values(&mut statement, fields);
    spread::values(session, statement).await
}

/// The main texts of live documents without their markup, to show where they answer. One
/// statement.
///
/// # Errors
/// [`Error::Database`].
pub async fn plain_texts(
    session: &mut Session,
    _: &Viewer,
    documents: &[DocumentId],
) -> Result<HashMap<DocumentId, String>, Error> {
    let statement = texts_statement(session, documents);
    let rows = statement.fetch_all::<(Uuid, String)>(session).await?;
    Ok(rows.into_iter().map(|(id, text)| (id.into(), text)).collect())
}

pub(super) fn page_statement(session: &Session, query: &SearchQuery) -> Statement {
    let mut statement = with_hits(session, query);
    statement.push(
        " SELECT t.total, p.number, p.document_id, p.score FROM (SELECT COUNT(*) AS total FROM hit) t \
         LEFT JOIN (SELECT h.number, h.document_id, h.score FROM hit h",
    );
    if let Some(after) = query.after {
        statement.push(" WHERE (h.score, h.number) < (").bind(i64::from(after.score));
        statement.push(", ").bind(after.number).push(")");
    }
    statement
        .push(" ORDER BY h.score DESC, h.number DESC LIMIT ")
        .bind(i64::from(query.limit) + 1)
        .push(") p ON 1 = 1");
    statement
}

pub(super) fn tally_statement(session: &Session, query: &SearchQuery) -> Statement {
    let mut statement = with_hits(session, query);
    spread::push_tally(&mut statement);
    statement
}

pub(super) fn texts_statement(session: &Session, documents: &[DocumentId]) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT d.id, v.plain_text FROM ")
        .rows_of(documents.iter().map(|document| document.uuid()).collect::<Ids>())
        .push(
            " CROSS JOIN document d CROSS JOIN edition e CROSS JOIN derived v \
             WHERE d.id = wanted.id AND d.visibility = 'live' AND e.id = d.live_edition_id \
             AND v.content_digest = e.content_digest",
        );
    statement
}

/// The newest hits, each with its score, as `hit (number, document_id, type, sort_at, score)`.
fn with_hits(session: &Session, query: &SearchQuery) -> Statement {
    let engine = session.engine();
    let mut statement = Statement::new(engine);
    statement
        .push("WITH hit AS MATERIALIZED (SELECT e.number, e.document_id, l.type, l.sort_at, CAST(");
    push_score(&mut statement, query);
    statement.push(" AS BIGINT) AS score FROM ");
    match engine {
        // The index gives its hits in the order of their numbers, and no more than are wanted.
        Engine::Sqlite => {
            statement
                .push(
                    "search_text s CROSS JOIN search_entry e CROSS JOIN listing l \
                     WHERE s.search_text MATCH ",
                )
                .bind(&*fts5(&query.question))
                .push(" AND e.number = s.rowid");
            push_place(&mut statement, query);
            statement.push(" ORDER BY s.rowid DESC LIMIT ");
        }
        // The index gives all hits; they are put in order, and looked at until there are enough.
        Engine::Postgres => {
            statement
                .push(
                    "(SELECT n.number, n.document_id, n.title, n.words FROM search_entry n \
                     WHERE n.tokens @@ CAST(",
                )
                .bind(&*tsquery(&query.question))
                .push(" AS TSQUERY)");
            let text = Holds { function: "strpos(", column: "n.text", as_words: false };
            text.push_exact(&mut statement, &query.question);
            statement.push(
                " ORDER BY n.number DESC OFFSET 0) e CROSS JOIN LATERAL \
                 (SELECT l.type, l.sort_at FROM listing l WHERE 1 = 1",
            );
            push_place(&mut statement, query);
            statement.push(" LIMIT 1 OFFSET 0) l ORDER BY e.number DESC LIMIT ");
        }
    }
    statement.bind(i64::from(query.ranked)).push(")");
    statement
}

/// Writes that the document of `e` is listed, as `l`, where it is searched.
fn push_place(statement: &mut Statement, query: &SearchQuery) {
    statement.push(" AND l.document_id = e.document_id AND l.scope_id = ").bind(
        match query.scope {
            ListScope::Hub => HUB,
            ListScope::Site(site) => site.uuid(),
            ListScope::Column(column) => column.uuid(),
        },
    );
    if let Some(of_type) = &query.r#type {
        statement.push(" AND l.type = ").bind(of_type.as_str());
    }
    if let Some(locale) = &query.locale {
        statement.push(" AND l.locale = ").bind(locale.as_str());
    }
    for (sign, moment) in [(" >= ", query.from), (" < ", query.to)] {
        if let Some(moment) = moment {
            statement.push(" AND l.sort_at").push(sign).bind(Moment(moment));
        }
    }
}

fn push_score(statement: &mut Statement, query: &SearchQuery) {
    let function = match statement.engine() {
        Engine::Sqlite => "instr(",
        Engine::Postgres => "strpos(",
    };
    let words = Holds { function, column: "e.words", as_words: true };
    let title = Holds { function, column: "e.title", as_words: false };
    statement.push("CASE ");
    if let Some(reference) = query.question.reference() {
        statement.push("WHEN ");
        words.push_reference(statement, reference);
        statement.push(" THEN 5 ");
    }
    statement.push("WHEN ");
    words.push_terms(statement, &query.question);
    statement.push(" THEN 4 WHEN ");
    title.push_terms(statement, &query.question);
    statement.push(" THEN 3 WHEN ");
    title.push_some(statement, &query.question);
    statement.push(" THEN 2 ELSE 1 END");
}
