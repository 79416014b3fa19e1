//! The newest documents of several columns or sites at once, as home pages show them: one
//! statement however many places are asked for, each of them read from its own end of the index.

use std::collections::HashMap;

use jiff::Timestamp;
use schema::{
    ids::DocumentId,
    names::{Locale, TypeName},
};
use uuid::Uuid;

use crate::{Engine, Error, Session, dialect::Ids, moment::Moment, statement::Statement};

/// The newest `limit` live documents of each of `scopes` (ids of sites or columns) in `locale`,
/// of one type or of all, newest first, each with the time that orders it there.
///
/// # Errors
/// [`Error::Database`].
pub async fn first_pages(
    session: &mut Session,
    scopes: &[Uuid],
    r#type: Option<&TypeName>,
    locale: &Locale,
    limit: u32,
) -> Result<HashMap<Uuid, Vec<(DocumentId, Timestamp)>>, Error> {
    let statement = pages_statement(session, scopes, r#type, locale, limit);
    let mut rows = statement.fetch_all::<(Uuid, Uuid, Moment)>(session).await?;
    rows.sort_by_key(|(_, document, at)| std::cmp::Reverse((*at, *document)));
    let mut pages: HashMap<Uuid, Vec<(DocumentId, Timestamp)>> = HashMap::new();
    for (scope, document, Moment(at)) in rows {
        pages.entry(scope).or_default().push((document.into(), at));
    }
    Ok(pages)
}

pub(super) fn pages_statement(
    session: &Session,
    scopes: &[Uuid],
    r#type: Option<&TypeName>,
    locale: &Locale,
    limit: u32,
) -> Statement {
    let engine = session.engine();
    let wanted = scopes.iter().copied().collect::<Ids>();
    let mut statement = Statement::new(engine);
    statement.push("SELECT wanted.id, l.document_id, l.sort_at FROM ").rows_of(wanted);
    // A page per place is a subquery that knows its place: PostgreSQL joins it sideways, SQLite
    // takes it as the list of ids to look up.
    match engine {
        Engine::Postgres => {
            statement.push(" CROSS JOIN LATERAL (SELECT document_id, sort_at FROM listing WHERE scope_id = wanted.id AND locale = ");
            page(&mut statement, r#type, locale, limit);
            statement.push(") l");
        }
        Engine::Sqlite => {
            statement.push(
                " CROSS JOIN listing l WHERE l.scope_id = wanted.id AND l.document_id IN \
                (SELECT document_id FROM listing WHERE scope_id = wanted.id AND locale = ",
            );
            page(&mut statement, r#type, locale, limit);
            statement.push(")");
        }
    }
    statement
}

fn page(statement: &mut Statement, r#type: Option<&TypeName>, locale: &Locale, limit: u32) {
    statement.bind(locale.as_str());
    if let Some(r#type) = r#type {
        statement.push(" AND type = ").bind(r#type.as_str());
    }
    statement.push(" ORDER BY sort_at DESC, document_id DESC LIMIT ").bind(i64::from(limit));
}

/// How many live documents each of `scopes` shows in `locale`, of one type or of all.
///
/// # Errors
/// [`Error::Database`].
pub async fn counts(
    session: &mut Session,
    scopes: &[Uuid],
    r#type: Option<&TypeName>,
    locale: &Locale,
) -> Result<HashMap<Uuid, u64>, Error> {
    let wanted = scopes.iter().copied().collect::<Ids>();
    let mut statement = Statement::new(session.engine());
    statement.push("SELECT scope_id, count(*) FROM listing WHERE scope_id ").is_one_of(wanted);
    statement.push(" AND locale = ").bind(locale.as_str());
    if let Some(r#type) = r#type {
        statement.push(" AND type = ").bind(r#type.as_str());
    }
    statement.push(" GROUP BY scope_id");
    statement
        .fetch_all::<(Uuid, i64)>(session)
        .await?
        .into_iter()
        .map(|(scope, count)| {
            let count = u64::try_from(count).map_err(|error| Error::corrupt("count", error))?;
            Ok((scope, count))
        })
        .collect()
}
