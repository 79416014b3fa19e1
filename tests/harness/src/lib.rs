//! Databases for tests, one fresh one per test, on both engines of the product.
//!
//! SQLite needs nothing. PostgreSQL is used wherever its server programs are found: the first
//! test process starts a private cluster on a free port of loopback, the others join it, and a
//! watchdog removes it when the last of them is gone, however it went. Nothing here knows the
//! product's own store, so that the store's tests can use it.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `GONGBAO_TEST_POSTGRES=required` | fail, instead of skipping, where PostgreSQL is missing |
//! | `GONGBAO_TEST_POSTGRES_BIN` | folder of `initdb`, `pg_ctl`, `postgres`; else they are searched |

mod admin;
mod cluster;
mod database;
mod object_store;
mod plan;
mod programs;
mod story;
mod watchdog;

#[cfg(test)]
mod tests;

pub use database::{TestDatabase, database, database_from_template, empty_database};
pub use object_store::{ACCESS_KEY, BUCKET, Behaviour, ObjectStore, SECRET_KEY};
pub use plan::sqlite_plan;
pub use programs::find as postgres_programs;
pub use story::run;

/// A database engine of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The embedded one: always there.
    Sqlite,
    /// The server: there when its programs are installed.
    Postgres,
}
