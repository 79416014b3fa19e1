//! One code base for two databases: a session is a connection or a transaction of either, and
//! `on!` runs the same statement on whichever it is.
//!
//! Both accept `$1` placeholders, `RETURNING`, `ON CONFLICT`; rows of both decode into the
//! same Rust types. Statements that must differ stand side by side in [`dialect!`].

use sqlx::{
    Postgres, Sqlite, SqliteConnection, Transaction, pool::PoolConnection, postgres::PgConnection,
};

use crate::open::Engine;

/// A connection or a transaction of either database.
pub struct Session {
    inner: Inner,
    statements: u64,
}

pub(crate) enum Inner {
    SqliteConnection(PoolConnection<Sqlite>),
    SqliteTransaction(Transaction<'static, Sqlite>),
    PostgresConnection(PoolConnection<Postgres>),
    PostgresTransaction(Transaction<'static, Postgres>),
}

/// What a statement runs on.
pub(crate) enum Connection<'session> {
    Sqlite(&'session mut SqliteConnection),
    Postgres(&'session mut PgConnection),
}

impl Session {
    pub(crate) const fn new(inner: Inner) -> Self {
        Self { inner, statements: 0 }
    }

    /// How many statements have been sent through it: what tests assert and metrics report.
    pub const fn statements(&self) -> u64 {
        self.statements
    }

    pub(crate) fn connection(&mut self) -> Connection<'_> {
        self.statements += 1;
        match &mut self.inner {
            Inner::SqliteConnection(connection) => Connection::Sqlite(connection),
            Inner::SqliteTransaction(transaction) => Connection::Sqlite(transaction),
            Inner::PostgresConnection(connection) => Connection::Postgres(connection),
            Inner::PostgresTransaction(transaction) => Connection::Postgres(transaction),
        }
    }

    /// Which database it belongs to.
    pub fn engine(&self) -> Engine {
        match &self.inner {
            Inner::SqliteConnection(_) | Inner::SqliteTransaction(_) => Engine::Sqlite,
            Inner::PostgresConnection(_) | Inner::PostgresTransaction(_) => Engine::Postgres,
        }
    }

    pub(crate) async fn commit(self) -> sqlx::Result<()> {
        match self.inner {
            Inner::SqliteTransaction(transaction) => transaction.commit().await,
            Inner::PostgresTransaction(transaction) => transaction.commit().await,
            Inner::SqliteConnection(_) | Inner::PostgresConnection(_) => Ok(()),
        }
    }
}

/// Runs `$body` with `$connection` bound to the session's connection, whichever it is.
macro_rules! on {
    ($session:expr, $connection:ident => $body:expr) => {
        match $session.connection() {
            $crate::session::Connection::Sqlite($connection) => $body,
            $crate::session::Connection::Postgres($connection) => $body,
        }
    };
}

/// The text of a statement that the two databases spell differently.
macro_rules! dialect {
    ($session:expr, sqlite: $sqlite:expr, postgres: $postgres:expr $(,)?) => {
        match $session.engine() {
            $crate::Engine::Sqlite => $sqlite,
            $crate::Engine::Postgres => $postgres,
        }
    };
}

/// Executes a statement; gives the number of rows it touched.
macro_rules! execute {
    ($session:expr, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        on!($session, connection => sqlx::query(sql)
            $(.bind($bind))*
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))
        .map_err($crate::Error::from)
    }};
}

/// Fetches at most one row, as the tuple or row type given.
macro_rules! fetch_optional {
    ($session:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        on!($session, connection => sqlx::query_as::<_, $row>(sql)
            $(.bind($bind))*
            .fetch_optional(connection)
            .await)
        .map_err($crate::Error::from)
    }};
}

/// Fetches all rows, as the tuple or row type given.
macro_rules! fetch_all {
    ($session:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        on!($session, connection => sqlx::query_as::<_, $row>(sql)
            $(.bind($bind))*
            .fetch_all(connection)
            .await)
        .map_err($crate::Error::from)
    }};
}

/// A struct read by column name from rows of both databases.
macro_rules! row {
    ($(#[$meta:meta])* struct $name:ident { $($field:ident: $type:ty,)+ }) => {
        $(#[$meta])*
        struct $name { $($field: $type,)+ }

        impl<'row> sqlx::FromRow<'row, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &'row sqlx::sqlite::SqliteRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?,)+ })
            }
        }

        impl<'row> sqlx::FromRow<'row, sqlx::postgres::PgRow> for $name {
            fn from_row(row: &'row sqlx::postgres::PgRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?,)+ })
            }
        }
    };
}
