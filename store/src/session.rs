//! One code base for two databases: a session is a connection or a transaction of either, and
//! `on!` runs the same statement on whichever it is.
//!
//! Both accept `$1` placeholders, `RETURNING`, `ON CONFLICT`; rows of both decode into the
//! same Rust types. Statements that must differ stand side by side in [`dialect!`].

use sqlx::{Postgres, Sqlite, SqliteConnection, Transaction, postgres::PgConnection};

use crate::{Error, open::Engine, readers::Reader};

/// A connection or a transaction of either database.
pub struct Session {
    inner: Inner,
    statements: u64,
}

pub(crate) enum Inner {
    SqliteConnection(Reader<Sqlite>),
    SqliteTransaction(Transaction<'static, Sqlite>),
    PostgresConnection(Reader<Postgres>),
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
            Inner::SqliteConnection(reader) => {
                reader.begin();
                Connection::Sqlite(reader)
            }
            Inner::SqliteTransaction(transaction) => Connection::Sqlite(transaction),
            Inner::PostgresConnection(reader) => {
                reader.begin();
                Connection::Postgres(reader)
            }
            Inner::PostgresTransaction(transaction) => Connection::Postgres(transaction),
        }
    }

    /// Notes how the statement ended that [`connection`](Self::connection) was asked for: a
    /// connection of which that is not known, or which failed, is looked at before it is used
    /// again.
    pub(crate) fn ended<T>(&mut self, result: sqlx::Result<T>) -> Result<T, Error> {
        if result.is_ok() {
            match &mut self.inner {
                Inner::SqliteConnection(reader) => reader.settle(),
                Inner::PostgresConnection(reader) => reader.settle(),
                Inner::SqliteTransaction(_) | Inner::PostgresTransaction(_) => {}
            }
        }
        result.map_err(Error::from)
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
        let result = on!($session, connection => sqlx::query(sql)
            $(.bind($bind))*
            .execute(connection)
            .await
            .map(|done| done.rows_affected()));
        $session.ended(result)
    }};
}

/// Fetches at most one row, as the tuple or row type given.
macro_rules! fetch_optional {
    ($session:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        let result = on!($session, connection => sqlx::query_as::<_, $row>(sql)
            $(.bind($bind))*
            .fetch_optional(connection)
            .await);
        $session.ended(result)
    }};
}

/// Fetches all rows, as the tuple or row type given.
macro_rules! fetch_all {
    ($session:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        let result = on!($session, connection => sqlx::query_as::<_, $row>(sql)
            $(.bind($bind))*
            .fetch_all(connection)
            .await);
        $session.ended(result)
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
