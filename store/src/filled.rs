//! Writing many rows at once and measuring them, for tests of the plans that a large hub gets.

use crate::{Engine, Session};

/// Runs a statement of rows.
pub(crate) async fn run(session: &mut Session, sql: String) {
    let sql = sqlx::AssertSqlSafe(sql);
    let done = on!(session, connection => sqlx::query(sql).execute(connection).await.map(|_| ()));
    done.expect("the rows are written");
}

/// Lets the database look at what it holds.
pub(crate) async fn measure(session: &mut Session) {
    let sql = match session.engine() {
        Engine::Sqlite => "ANALYZE",
        Engine::Postgres => "VACUUM ANALYZE",
    };
    run(session, sql.into()).await;
}
