//! What lists and filters read: one row per live document and place it shows in, and one per
//! filterable or sortable value. Written with each publication, rebuilt by `gongbao reindex`.

use jiff::Timestamp;
use schema::{
    content_type::ContentType, edition::Content, ids::DocumentId, names::FieldName,
    validation::index_values,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Engine, Error, Session, UnitOfWork, convert, moment::Moment, newborn::Rows};

/// The scope of lists over the whole hub; sites and columns are scopes by their own ids.
pub const HUB: Uuid = Uuid::nil();

/// Every scope the live document $2 shows in, with the one time that orders lists: the original
/// time where there is one, else the first publication there. It begins with the placements of
/// the document, whatever the size of the hub: SQLite would read every placement to join a
/// union to them.
macro_rules! scopes {
    () => {
        "WITH mine (placement_id, site_id, document_id, type, locale, sort_at) AS ( \
         SELECT p.id, p.site_id, d.id, d.type, d.locale, COALESCE(d.originally_published_at, \
         CASE WHEN p.own THEN d.first_published_at ELSE p.first_published_at END) \
         FROM document d JOIN placement p ON p.document_id = d.id AND p.visibility = 'live' \
         WHERE d.visibility = 'live' AND d.id = $2) \
         SELECT scope_id, document_id, type, locale, MIN(sort_at) AS sort_at FROM ( \
         SELECT site_id AS scope_id, document_id, type, locale, sort_at FROM mine \
         UNION ALL SELECT $1, document_id, type, locale, sort_at FROM mine \
         UNION ALL SELECT a.ancestor_id, m.document_id, m.type, m.locale, m.sort_at FROM mine m \
         JOIN placement_column pc ON pc.placement_id = m.placement_id \
         JOIN column_ancestor a ON a.column_id = pc.column_id) scoped \
         GROUP BY scope_id, document_id, type, locale"
    };
}

/// Writes the rows of one document from its placements, and its values from `content`; takes
/// them all away when it is not live.
///
/// # Errors
/// [`Error::Database`].
pub async fn write(
    work: &mut UnitOfWork,
    document: DocumentId,
    content_type: &ContentType,
    content: &Content,
) -> Result<(), Error> {
    clear(work, document).await?;
    work.newborn().gets(document, Rows::Lists);
    execute!(
        work.session(),
        concat!("INSERT INTO listing (scope_id, document_id, type, locale, sort_at) ", scopes!()),
        HUB,
        document.uuid(),
    )?;
    write_values(work.session(), document, content_type, content).await
}

/// Takes the rows of one document away.
///
/// # Errors
/// [`Error::Database`].
pub async fn clear(work: &mut UnitOfWork, document: DocumentId) -> Result<(), Error> {
    if !work.newborn().can_have(document, Rows::Lists) {
        return Ok(());
    }
    execute!(work.session(), "DELETE FROM listing WHERE document_id = $1", document.uuid())?;
    execute!(work.session(), "DELETE FROM field_value WHERE document_id = $1", document.uuid())?;
    Ok(())
}

/// All values in one statement, as a JSON list of field and key: an import writes thousands.
macro_rules! insert_values {
    ($field:literal, $key:literal, $unpacked:literal) => {
        concat!(
            "INSERT INTO field_value (scope_id, type, field, locale, key, sort_at, document_id) ",
            "SELECT l.scope_id, l.type, ",
            $field,
            ", l.locale, ",
            $key,
            ", l.sort_at, l.document_id FROM listing l CROSS JOIN ",
            $unpacked,
            // Asked by the document itself, for PostgreSQL may answer a question by row of `l` out
            // of a table of all placements, which it makes for every statement anew.
            " WHERE l.document_id = $1 AND (l.scope_id = $2 OR l.scope_id IN \
             (SELECT p.site_id FROM placement p WHERE p.document_id = $1)) ON CONFLICT DO NOTHING",
        )
    };
}

const fn insert_values(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => {
            insert_values!("v.value ->> 0", "unhex(v.value ->> 1)", "json_each($3) v")
        }
        Engine::Postgres => insert_values!(
            "v.value ->> 0",
            "decode(v.value ->> 1, 'hex')",
            "json_array_elements(CAST($3 AS json)) AS v (value)"
        ),
    }
}

async fn write_values(
    session: &mut Session,
    document: DocumentId,
    content_type: &ContentType,
    content: &Content,
) -> Result<(), Error> {
    let values: Vec<_> = keys(content_type, content)
        .into_iter()
        .map(|(field, key)| json!([field, convert::hex(&key)]))
        .collect();
    if values.is_empty() {
        return Ok(());
    }
    let sql = insert_values(session.engine());
    execute!(session, sql, document.uuid(), HUB, Value::from(values).to_string())?;
    Ok(())
}

/// The values of `content` in its indexes. A sortable field without a value has the empty
/// key, so that ordering by it loses no document.
fn keys(content_type: &ContentType, content: &Content) -> Vec<(FieldName, Vec<u8>)> {
    let values = index_values(content_type, &content.fields, &content.links);
    let absent = content_type
        .fields
        .iter()
        .filter(|field| field.sortable && !values.iter().any(|value| value.field == field.name))
        .map(|field| (field.name.clone(), Vec::new()))
        .collect::<Vec<_>>();
    values.into_iter().map(|value| (value.field, value.key)).chain(absent).collect()
}

/// What lists say of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Scopes it shows in, with the time that orders it there.
    pub scopes: Vec<(Uuid, Timestamp)>,
    /// Its values, by field.
    pub values: Vec<(FieldName, Vec<u8>)>,
}

/// What lists say of `document` now.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_document(session: &mut Session, document: DocumentId) -> Result<Listed, Error> {
    let scopes = fetch_all!(
        session,
        (Uuid, Moment),
        "SELECT scope_id, sort_at FROM listing WHERE document_id = $1",
        document.uuid(),
    )?;
    let values = fetch_all!(
        session,
        (String, Vec<u8>),
        "SELECT field, key FROM field_value WHERE document_id = $1 AND scope_id = $2",
        document.uuid(),
        HUB,
    )?
    .into_iter()
    .map(|(field, key)| Ok((convert::text("field_value.field", &field)?, key)))
    .collect::<Result<Vec<_>, Error>>()?;
    Ok(listed(scopes, values))
}

/// What lists should say of the live `document` with `content`.
pub(crate) async fn expected(
    session: &mut Session,
    document: DocumentId,
    content_type: &ContentType,
    content: &Content,
) -> Result<Listed, Error> {
    let scopes = fetch_all!(
        session,
        (Uuid, Moment),
        concat!("SELECT scope_id, sort_at FROM (", scopes!(), ") AS expected"),
        HUB,
        document.uuid(),
    )?;
    let values = if scopes.is_empty() { Vec::new() } else { keys(content_type, content) };
    Ok(listed(scopes, values))
}

fn listed(scopes: Vec<(Uuid, Moment)>, mut values: Vec<(FieldName, Vec<u8>)>) -> Listed {
    let mut scopes: Vec<_> = scopes.into_iter().map(|(scope, Moment(at))| (scope, at)).collect();
    scopes.sort_unstable();
    values.sort_unstable();
    Listed { scopes, values }
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Row as _};
    use test_harness::TestDatabase;

    use super::{Engine, insert_values};
    use crate::Store;

    /// An import begins on empty tables, and a connection keeps the plan that it made there.
    #[test]
    fn values_are_written_without_a_look_at_all_placements() {
        let engine = test_harness::Engine::Postgres;
        test_harness::run(engine, test_harness::empty_database, async |database: TestDatabase| {
            let store = Store::open(database.url()).await.expect("a store");
            let mut session = store.reader().await.expect("a reader");
            let sql = insert_values(Engine::Postgres);

            let prepare = format!("PREPARE probed (UUID, UUID, TEXT) AS {sql}");
            crate::filled::run(&mut session, prepare).await;
            let explain = "EXPLAIN EXECUTE probed (NULL, NULL, NULL)";
            let explain = sqlx::query(AssertSqlSafe(explain));
            let crate::session::Connection::Postgres(connection) = session.connection() else {
                unreachable!("it was opened there")
            };
            let plan = explain.fetch_all(connection).await.expect("a plan");

            let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
            let plan = plan.join("\n");
            assert!(plan.contains("placement"), "{plan}");
            assert!(!plan.contains("Seq Scan on placement"), "{plan}");
        });
    }
}
