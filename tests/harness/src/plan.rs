//! How SQLite would run a statement.

use std::path::Path;

use anyhow::Result;
use sqlx::{Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};

/// The steps by which SQLite would run `statement` on the database in `file`.
///
/// # Errors
/// When the file is no database, or the statement none of its.
pub async fn sqlite_plan(file: &Path, statement: &str) -> Result<Vec<String>> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    // Parameters without a value are null, which changes no plan.
    let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::raw_sql(sql).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(rows.iter().map(|row| row.try_get("detail")).collect::<Result<_, _>>()?)
}
