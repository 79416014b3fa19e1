//! What tables there are, asked of the database: a table that a later migration adds is in the
//! next backup without anybody remembering it.
//!
//! Both databases are brought to the three types that SQLite keeps (migrations/README.md says
//! how each column is kept in either): what PostgreSQL knows beyond that, it knows again when
//! rows come back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Engine, Error, Session};

/// Tables that are no part of what a hub holds.
///
/// `_sqlx_migrations`: of the database, made when it is; the archive has its number.
/// `sign_in_session`, `sign_in_failure`: nobody is signed in to a hub that was restored, or kept
/// waiting by it.
/// `upload`, `upload_piece`: a file that has not arrived is sent again.
pub(super) const EXCLUDED: [&str; 5] =
    ["_sqlx_migrations", "sign_in_session", "sign_in_failure", "upload", "upload_piece"];
/// How the names of the tables of the search index begin. It is derived, and each database keeps
/// it in a way of its own: a restored hub builds it anew.
const SEARCH: &str = "search_";

/// Every table with its columns, by name.
pub(super) type Catalogue = BTreeMap<String, Vec<StoredColumn>>;

/// How both databases can hold a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Neutral {
    /// Numbers; flags as 0 and 1; times as microseconds since 1970.
    Integer,
    /// Texts, and JSON as text.
    Text,
    /// Digests, keys, bodies; ids as 16 bytes.
    Bytes,
}

/// How this database holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Text,
    Bytes,
    Id,
    Time,
    Flag,
    Json,
}

impl Kind {
    pub(super) const fn neutral(self) -> Neutral {
        match self {
            Self::Integer | Self::Time | Self::Flag => Neutral::Integer,
            Self::Text | Self::Json => Neutral::Text,
            Self::Bytes | Self::Id => Neutral::Bytes,
        }
    }

    fn of(engine: Engine, declared: &str) -> Option<Self> {
        Some(match (engine, declared) {
            (Engine::Sqlite, "INTEGER") | (Engine::Postgres, "bigint") => Self::Integer,
            (Engine::Sqlite, "TEXT") | (Engine::Postgres, "text") => Self::Text,
            (Engine::Sqlite, "BLOB") | (Engine::Postgres, "bytea") => Self::Bytes,
            (Engine::Postgres, "uuid") => Self::Id,
            (Engine::Postgres, "timestamp with time zone") => Self::Time,
            (Engine::Postgres, "boolean") => Self::Flag,
            (Engine::Postgres, "jsonb") => Self::Json,
            _ => return None,
        })
    }
}

/// A column of this database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredColumn {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A column as an archive names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Neutral,
}

impl From<&StoredColumn> for Column {
    fn from(column: &StoredColumn) -> Self {
        Self { name: column.name.clone(), kind: column.kind.neutral() }
    }
}

/// The tables of the database behind `session`.
pub(super) async fn read(session: &mut Session) -> Result<Catalogue, Error> {
    let sql = dialect!(session,
        sqlite: "SELECT t.name, c.name, c.type FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid",
        postgres: "SELECT CAST(t.table_name AS TEXT), CAST(c.column_name AS TEXT), CAST(c.data_type AS TEXT) \
                   FROM information_schema.tables t \
                   JOIN information_schema.columns c USING (table_schema, table_name) \
                   WHERE t.table_schema = current_schema() AND t.table_type = 'BASE TABLE' \
                   ORDER BY t.table_name, c.ordinal_position",
    );
    let rows = fetch_all!(session, (String, String, String), sql)?;
    let mut catalogue = Catalogue::new();
    for (table, name, declared) in rows {
        if EXCLUDED.contains(&table.as_str()) || table.starts_with(SEARCH) {
            continue;
        }
        let kind = Kind::of(session.engine(), &declared).ok_or_else(|| {
            Error::corrupt("table", format_args!("{table}.{name} is of the type {declared}"))
        })?;
        catalogue.entry(table).or_default().push(StoredColumn { name, kind });
    }
    Ok(catalogue)
}

/// A name of the catalogue as it stands in a statement. It never comes from an archive.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
