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
    hits::{self, Beside},
};
use crate::{
    Error, Session,
    dialect::Ids,
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
    /// Of no more hits than this the scores are read off their entries, where there is another way:
    /// [`LOOKED_AT`](super::LOOKED_AT) in the program. It decides what it costs and nothing else.
    pub looked_at: u32,
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
    let mut statement = counted(session, query, Beside::Entry);
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
    let mut statement = counted(session, query, Beside::Entry);
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
    let mut statement = Statement::new(session.engine());
    hits::push_ranked(&mut statement, query);
    statement.push(
        " SELECT c.total, b.number, b.document_id, b.score FROM counted c LEFT JOIN best b ON 1 = 1",
    );
    statement
}

pub(super) fn tally_statement(session: &Session, query: &SearchQuery) -> Statement {
    let mut statement = counted(session, query, Beside::Nothing);
    spread::push_tally(&mut statement);
    statement
}

/// The beginning of a statement that counts hits.
fn counted(session: &Session, query: &SearchQuery, beside: Beside) -> Statement {
    let mut statement = Statement::new(session.engine());
    hits::push_counted(&mut statement, query, beside);
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
