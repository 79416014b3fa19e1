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
/// union to them, and PostgreSQL, before it has counted its tables for the first time, every
/// column of every placement.
macro_rules! scopes {
    ($before:literal, $columns:literal, $after:literal) => {
        concat!(
            $before,
            "WITH mine (placement_id, site_id, document_id, type, locale, sort_at) AS ( \
             SELECT p.id, p.site_id, d.id, d.type, d.locale, COALESCE(d.originally_published_at, \
             CASE WHEN p.own THEN d.first_published_at ELSE p.first_published_at END) \
             FROM document d JOIN placement p ON p.document_id = d.id AND p.visibility = 'live' \
             WHERE d.visibility = 'live' AND d.id = $2) \
             SELECT scope_id, document_id, type, locale, MIN(sort_at) AS sort_at FROM ( \
             SELECT site_id AS scope_id, document_id, type, locale, sort_at FROM mine \
             UNION ALL SELECT $1, document_id, type, locale, sort_at FROM mine \
             UNION ALL SELECT a.ancestor_id, m.document_id, m.type, m.locale, m.sort_at FROM mine m ",
            $columns,
            " JOIN column_ancestor a ON a.column_id = pc.column_id) scoped \
             GROUP BY scope_id, document_id, type, locale",
            $after,
        )
    };
}

/// [`scopes`] in the words of an engine, between two texts.
macro_rules! scopes_of {
    ($engine:expr, $before:literal, $after:literal) => {
        match $engine {
            Engine::Sqlite => scopes!(
                $before,
                "JOIN placement_column pc ON pc.placement_id = m.placement_id",
                $after
            ),
            Engine::Postgres => scopes!(
                $before,
                "CROSS JOIN LATERAL (SELECT c.column_id FROM placement_column c \
                 WHERE c.placement_id = m.placement_id OFFSET 0) pc",
                $after
            ),
        }
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
    let session = work.session();
    execute!(
        session,
        scopes_of!(
            session.engine(),
            "INSERT INTO listing (scope_id, document_id, type, locale, sort_at) ",
            ""
        ),
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
        scopes_of!(session.engine(), "SELECT scope_id, sort_at FROM (", ") AS expected"),
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
    use crate::{Store, filled};

    /// The plan that a connection to PostgreSQL makes of `sql` once and for all, where `rows` came
    /// in and the database has not counted its tables yet: an import begins like that.
    fn plan_before_counting(rows: &str, parameters: &str, sql: &str, check: impl FnOnce(&str)) {
        let engine = test_harness::Engine::Postgres;
        test_harness::run(engine, test_harness::empty_database, async |database: TestDatabase| {
            let store = Store::open(database.url()).await.expect("a store");
            let mut session = store.maintenance().await.expect("a connection");
            filled::run(&mut session, rows.to_owned()).await;
            filled::run(&mut session, format!("PREPARE probed ({parameters}) AS {sql}")).await;
            let nothing = parameters.split(',').map(|_| "NULL").collect::<Vec<_>>().join(", ");
            let explain = sqlx::query(AssertSqlSafe(format!("EXPLAIN EXECUTE probed ({nothing})")));
            let crate::session::Connection::Postgres(connection) = session.connection() else {
                unreachable!("it was opened there")
            };
            let plan = explain.fetch_all(connection).await.expect("a plan");
            let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
            check(&plan.join("\n"));
        });
    }

    #[test]
    fn values_are_written_without_a_look_at_all_placements() {
        let sql = insert_values(Engine::Postgres);
        plan_before_counting("SELECT 1", "UUID, UUID, TEXT", sql, |plan| {
            assert!(plan.contains("placement"), "{plan}");
            assert!(!plan.contains("Seq Scan on placement"), "{plan}");
        });
    }

    #[test]
    fn places_are_written_without_a_look_at_the_columns_of_all_others() {
        // Without what they refer to: only how many they are matters.
        const PLACED: &str = "DO $$ BEGIN \
            PERFORM set_config('session_replication_role', 'replica', true); \
            INSERT INTO placement \
                SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), true, '/' || n, \
                    'live', NULL, now(), now() FROM generate_series(1, 400000) n; \
            INSERT INTO placement_column SELECT id, 0, site_id FROM placement LIMIT 20000; END $$";
        let sql = scopes_of!(Engine::Postgres, "", "");
        plan_before_counting(PLACED, "UUID, UUID", sql, |plan| {
            assert!(plan.contains("placement_column"), "{plan}");
            assert!(!plan.contains("Seq Scan on placement"), "{plan}");
        });
    }
}
