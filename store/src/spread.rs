//! How many documents there are of each type, year, column and choice: of the hits of a search and
//! of the documents of a list alike, which a statement calls
//! `hit (document_id, type, sort_at)`.

use std::collections::HashMap;

use schema::{
    ids::ColumnId,
    names::{FieldName, TypeName},
};
use uuid::Uuid;

use crate::{
    Engine, Error, Session, convert, listing::HUB, reading::ListScope, statement::Statement,
};

/// Documents that are counted by type, year, column or choice, the newest of all.
pub const COUNTED: u32 = 20_000;

/// Columns that are told of, those with the most documents.
const COLUMNS: i64 = 200;

/// How many documents there are of each type and year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By type, the most first.
    pub types: Vec<(TypeName, u64)>,
    /// By the year of listing, Beijing time, the newest first.
    pub years: Vec<(i32, u64)>,
}

impl Tally {
    /// How many documents were counted.
    pub fn total(&self) -> u64 {
        self.types.iter().map(|(_, count)| count).sum()
    }
}

/// How many documents there are with each value of a field, by the key of the value.
pub type Values = HashMap<FieldName, HashMap<Vec<u8>, u64>>;

/// Writes the count by type and year.
pub(crate) fn push_tally(statement: &mut Statement) {
    let year = match statement.engine() {
        Engine::Sqlite => {
            "CAST(strftime('%Y', h.sort_at / 1000000 + 28800, 'unixepoch') AS INTEGER)"
        }
        Engine::Postgres => {
            "CAST(EXTRACT(YEAR FROM h.sort_at AT TIME ZONE INTERVAL '8 hours') AS BIGINT)"
        }
    };
    statement.push(" SELECT h.type, ").push(year);
    statement.push(" AS year, COUNT(*) FROM hit h GROUP BY 1, 2");
}

/// Counts by type and year.
pub(crate) async fn tally(session: &mut Session, statement: Statement) -> Result<Tally, Error> {
    let rows = statement.fetch_all::<(String, i64, i64)>(session).await?;
    let (mut types, mut years) = (HashMap::new(), HashMap::new());
    for (of_type, year, count) in rows {
        let of_type: TypeName = convert::text("listing.type", &of_type)?;
        *types.entry(of_type).or_default() += count.unsigned_abs();
        *years.entry(i32::try_from(year).unwrap_or_default()).or_default() += count.unsigned_abs();
    }
    let mut tally =
        Tally { types: types.into_iter().collect(), years: years.into_iter().collect() };
    tally.types.sort_unstable_by(|(a, of_a), (b, of_b)| (of_b, a).cmp(&(of_a, b)));
    tally.years.sort_unstable_by_key(|(year, _)| std::cmp::Reverse(*year));
    Ok(tally)
}

/// Writes the count by column, each with all below it, of the columns of `scope`.
pub(crate) fn push_columns(statement: &mut Statement, scope: ListScope) {
    statement.push(
        " SELECT c.scope_id, COUNT(*) AS documents FROM hit h CROSS JOIN listing c \
         CROSS JOIN site_column s WHERE c.document_id = h.document_id AND s.id = c.scope_id",
    );
    match scope {
        ListScope::Hub => {}
        ListScope::Site(site) => {
            statement.push(" AND s.site_id = ").bind(site.uuid());
        }
        ListScope::Column(column) => {
            statement
                .push(
                    " AND EXISTS (SELECT 1 FROM column_ancestor a WHERE a.column_id = s.id \
                     AND a.ancestor_id = ",
                )
                .bind(column.uuid())
                .push(")");
        }
    }
    statement.push(" GROUP BY c.scope_id ORDER BY documents DESC, c.scope_id LIMIT ").bind(COLUMNS);
}

/// Counts by column, the most first.
pub(crate) async fn columns(
    session: &mut Session,
    statement: Statement,
) -> Result<Vec<(ColumnId, u64)>, Error> {
    let rows = statement.fetch_all::<(Uuid, i64)>(session).await?;
    Ok(rows.into_iter().map(|(column, count)| (column.into(), count.unsigned_abs())).collect())
}

/// Writes the count by the values of `fields`.
pub(crate) fn push_values(statement: &mut Statement, fields: &[FieldName]) {
    statement
        .push(
            " SELECT f.field, f.key, COUNT(*) FROM hit h CROSS JOIN field_value f \
             WHERE f.document_id = h.document_id AND f.scope_id = ",
        )
        .bind(HUB)
        .push(" AND f.key > ")
        .bind(Vec::<u8>::new());
    for (at, field) in fields.iter().enumerate() {
        statement.push(if at == 0 { " AND (f.field = " } else { " OR f.field = " });
        statement.bind(field.as_str());
    }
    statement
        .push(if fields.is_empty() { " AND 1 = 0" } else { ")" })
        .push(" GROUP BY f.field, f.key");
}

/// Counts by the values of fields.
pub(crate) async fn values(session: &mut Session, statement: Statement) -> Result<Values, Error> {
    let mut values = Values::new();
    for (field, key, count) in statement.fetch_all::<(String, Vec<u8>, i64)>(session).await? {
        let field = convert::text("field_value.field", &field)?;
        values.entry(field).or_default().insert(key, count.unsigned_abs());
    }
    Ok(values)
}
