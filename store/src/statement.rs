//! Statements put together from the shape of a question: the one place where the text of a
//! statement is not written out whole.
//!
//! A [`Statement`] takes text only as `&'static str`, so no datum can ever enter it, and the
//! same shape of question always gives the same text, which the databases prepare once.

use sqlx::{
    AssertSqlSafe, Database, Encode, FromRow, Postgres, Sqlite, Type, postgres::PgRow,
    query::QueryAs, sqlite::SqliteRow,
};
use uuid::Uuid;

use crate::{
    Engine, Error, Session,
    dialect::{self, Ids, Keys},
    moment::Moment,
};

/// A statement and what is bound to it.
pub(crate) struct Statement {
    engine: Engine,
    sql: String,
    values: Vec<Value>,
}

/// What can be bound.
pub(crate) enum Value {
    Id(Uuid),
    Text(Box<str>),
    Key(Vec<u8>),
    Moment(Moment),
    Number(i64),
    Ids(Ids),
    Keys(Keys),
}

macro_rules! value {
    ($($from:ty => $variant:ident,)+) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

value! {
    Uuid => Id,
    &str => Text,
    Vec<u8> => Key,
    Moment => Moment,
    i64 => Number,
    Ids => Ids,
    Keys => Keys,
}

impl Statement {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, sql: String::with_capacity(2_048), values: Vec::with_capacity(16) }
    }

    pub(crate) const fn engine(&self) -> Engine {
        self.engine
    }

    /// Adds text.
    pub(crate) fn push(&mut self, sql: &'static str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a placeholder with its value.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.sql.push('$');
        self.sql.push_str(&self.values.len().to_string());
        self
    }

    /// Adds the test whether what was written last is in a list.
    pub(crate) fn is_one_of(&mut self, list: impl Into<Value>) -> &mut Self {
        let (before, after) = dialect::is_one_of(self.engine);
        self.push(before).bind(list).push(after)
    }

    /// Adds `ids` as rows `wanted (id)`.
    pub(crate) fn rows_of(&mut self, ids: Ids) -> &mut Self {
        let (before, after) = dialect::rows_of(self.engine);
        self.push(before).bind(ids).push(after)
    }

    /// Runs it; gives all rows.
    pub(crate) async fn fetch_all<Row>(self, session: &mut Session) -> Result<Vec<Row>, Error>
    where
        Row: for<'row> FromRow<'row, SqliteRow> + for<'row> FromRow<'row, PgRow> + Send + Unpin,
    {
        let Self { sql, values, .. } = self;
        let sql = AssertSqlSafe(sql);
        let result = match session.connection() {
            crate::session::Connection::Sqlite(connection) => {
                let query = bind_all::<Sqlite, Row>(sqlx::query_as(sql), values);
                query.fetch_all(connection).await
            }
            crate::session::Connection::Postgres(connection) => {
                let query = bind_all::<Postgres, Row>(sqlx::query_as(sql), values);
                query.fetch_all(connection).await
            }
        };
        session.ended(result)
    }

    /// How the database runs it once it is prepared for all values, one step a line.
    #[cfg(test)]
    pub(crate) async fn plan(self, session: &mut Session) -> Result<Vec<String>, Error> {
        match session.connection() {
            crate::session::Connection::Sqlite(connection) => {
                let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", self.sql));
                let rows = sqlx::query(sql).fetch_all(connection).await?;
                Ok(rows.iter().map(|row| sqlx::Row::get(row, "detail")).collect())
            }
            crate::session::Connection::Postgres(connection) => {
                let types: Vec<_> = self.values.iter().map(Value::postgres_type).collect();
                let values: Vec<_> =
                    types.iter().map(|name| format!("CAST(NULL AS {name})")).collect();
                let prepare = format!("PREPARE probed ({}) AS {}", types.join(", "), self.sql);
                let explain = format!("EXPLAIN EXECUTE probed ({})", values.join(", "));
                sqlx::query(AssertSqlSafe(prepare)).execute(&mut *connection).await?;
                let rows = sqlx::query(AssertSqlSafe(explain)).fetch_all(&mut *connection).await?;
                sqlx::query("DEALLOCATE probed").execute(&mut *connection).await?;
                Ok(rows.iter().map(|row| sqlx::Row::get(row, 0)).collect())
            }
        }
    }
}

#[cfg(test)]
impl Value {
    const fn postgres_type(&self) -> &'static str {
        match self {
            Self::Id(_) => "UUID",
            Self::Text(_) => "TEXT",
            Self::Key(_) => "BYTEA",
            Self::Moment(_) => "TIMESTAMPTZ",
            Self::Number(_) => "BIGINT",
            Self::Ids(_) => "UUID[]",
            Self::Keys(_) => "BYTEA[]",
        }
    }
}

fn bind_all<Db, Row>(
    mut query: QueryAs<'static, Db, Row, Db::Arguments>,
    values: Vec<Value>,
) -> QueryAs<'static, Db, Row, Db::Arguments>
where
    Db: Database,
    Uuid: Encode<'static, Db> + Type<Db>,
    Box<str>: Encode<'static, Db> + Type<Db>,
    Vec<u8>: Encode<'static, Db> + Type<Db>,
    Moment: Encode<'static, Db> + Type<Db>,
    i64: Encode<'static, Db> + Type<Db>,
    Ids: Encode<'static, Db> + Type<Db>,
    Keys: Encode<'static, Db> + Type<Db>,
{
    for value in values {
        query = match value {
            Value::Id(id) => query.bind(id),
            Value::Text(text) => query.bind(text),
            Value::Key(key) => query.bind(key),
            Value::Moment(moment) => query.bind(moment),
            Value::Number(number) => query.bind(number),
            Value::Ids(ids) => query.bind(ids),
            Value::Keys(keys) => query.bind(keys),
        };
    }
    query
}
