//! Rows as lines of JSON and back: an array per row, bytes in base64, everything else as JSON
//! has it. Nothing is rounded: integers have 64 bits, texts keep every character.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{
    Deserializer as _,
    de::{Error as _, IgnoredAny, SeqAccess, Visitor},
};
use sqlx::{
    Database, Encode, Postgres, Row as _, Sqlite, Type, postgres::PgRow, query::Query,
    sqlite::SqliteRow,
};
use uuid::Uuid;

use super::catalogue::{Column, Kind, Neutral, StoredColumn, quoted};
use crate::moment::Moment;

/// A value in one of the types that both databases have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row as it stands in an archive, in the order of the header's columns.
pub(super) type Row = Vec<Value>;

/// The statement that reads a whole table.
pub(super) fn select(table: &str, columns: &[StoredColumn]) -> String {
    let list: Vec<String> = columns
        .iter()
        .map(|column| match column.kind {
            Kind::Json => format!("CAST({} AS TEXT)", quoted(&column.name)),
            _ => quoted(&column.name),
        })
        .collect();
    format!("SELECT {} FROM {}", list.join(", "), quoted(table))
}

/// Reads a row of SQLite.
pub(super) fn of_sqlite(row: &SqliteRow, columns: &[StoredColumn]) -> sqlx::Result<Row> {
    let value = |(index, column): (usize, &StoredColumn)| {
        Ok(match column.kind.neutral() {
            Neutral::Integer => row.try_get::<Option<i64>, _>(index)?.map(Value::Integer),
            Neutral::Text => row.try_get::<Option<String>, _>(index)?.map(Value::Text),
            Neutral::Bytes => row.try_get::<Option<Vec<u8>>, _>(index)?.map(Value::Bytes),
        }
        .unwrap_or(Value::Null))
    };
    columns.iter().enumerate().map(value).collect()
}

/// Reads a row of PostgreSQL.
pub(super) fn of_postgres(row: &PgRow, columns: &[StoredColumn]) -> sqlx::Result<Row> {
    let value = |(index, column): (usize, &StoredColumn)| {
        Ok(match column.kind {
            Kind::Integer => row.try_get::<Option<i64>, _>(index)?.map(Value::Integer),
            Kind::Text | Kind::Json => row.try_get::<Option<String>, _>(index)?.map(Value::Text),
            Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(index)?.map(Value::Bytes),
            Kind::Id => row
                .try_get::<Option<Uuid>, _>(index)?
                .map(|id| Value::Bytes(id.as_bytes().to_vec())),
            Kind::Time => row
                .try_get::<Option<Moment>, _>(index)?
                .map(|Moment(at)| Value::Integer(at.as_microsecond())),
            Kind::Flag => {
                row.try_get::<Option<bool>, _>(index)?.map(|flag| Value::Integer(i64::from(flag)))
            }
        }
        .unwrap_or(Value::Null))
    };
    columns.iter().enumerate().map(value).collect()
}

/// Adds a row as a line.
pub(super) fn write_line(row: &Row, line: &mut Vec<u8>) -> serde_json::Result<()> {
    for (index, value) in row.iter().enumerate() {
        line.push(if index == 0 { b'[' } else { b',' });
        match value {
            Value::Null => line.extend_from_slice(b"null"),
            Value::Integer(number) => line.extend_from_slice(number.to_string().as_bytes()),
            Value::Text(text) => serde_json::to_writer(&mut *line, text)?,
            Value::Bytes(bytes) => {
                line.push(b'"');
                line.extend_from_slice(STANDARD.encode(bytes).as_bytes());
                line.push(b'"');
            }
        }
    }
    line.extend_from_slice(b"]\n");
    Ok(())
}

/// Reads a line without its end; says what is wrong with it. No more is kept of a line than
/// the columns have room for.
pub(super) fn read_line(line: &[u8], columns: &[Column]) -> Result<Row, String> {
    let mut reader = serde_json::Deserializer::from_slice(line);
    let row = reader.deserialize_seq(LineOf(columns)).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(row)
}

struct LineOf<'c>(&'c [Column]);

impl<'de> Visitor<'de> for LineOf<'_> {
    type Value = Row;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} values", self.0.len())
    }

    fn visit_seq<Seq: SeqAccess<'de>>(self, mut values: Seq) -> Result<Row, Seq::Error> {
        let mut row = Row::with_capacity(self.0.len());
        for column in self.0 {
            let value = match column.kind {
                Neutral::Integer => {
                    values.next_element()?.map(|it: Option<_>| it.map(Value::Integer))
                }
                Neutral::Text => values.next_element()?.map(|it: Option<_>| it.map(Value::Text)),
                Neutral::Bytes => values
                    .next_element()?
                    .map(|it: Option<String>| it.map(|text| STANDARD.decode(text)).transpose())
                    .transpose()
                    .map_err(Seq::Error::custom)?
                    .map(|it| it.map(Value::Bytes)),
            };
            let value = value.ok_or_else(|| Seq::Error::invalid_length(row.len(), &self))?;
            row.push(value.unwrap_or(Value::Null));
        }
        match values.next_element::<IgnoredAny>()? {
            None => Ok(row),
            Some(_) => Err(Seq::Error::invalid_length(row.len() + 1, &self)),
        }
    }
}

/// The statement that inserts `rows` rows of the columns `kinds`, in the order of an archive.
pub(super) fn insert(table: &str, columns: &[&StoredColumn], rows: usize) -> String {
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let mut sql = format!("INSERT INTO {} ({}) VALUES ", quoted(table), names.join(", "));
    let mut place = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for (index, column) in columns.iter().enumerate() {
            place += 1;
            let separator = if index == 0 { "" } else { ", " };
            match column.kind {
                Kind::Json => sql.push_str(&format!("{separator}CAST(${place} AS JSONB)")),
                _ => sql.push_str(&format!("{separator}${place}")),
            }
        }
        sql.push(')');
    }
    sql
}

type Statement<Db> = Query<'static, Db, <Db as Database>::Arguments>;

/// Binds a value to a statement of SQLite.
pub(super) fn bind_sqlite(query: Statement<Sqlite>, value: Value, kind: Kind) -> Statement<Sqlite> {
    bind_neutral(query, value, kind.neutral())
}

/// Binds a value to a statement of PostgreSQL; says what makes it no value of that kind.
pub(super) fn bind_postgres(
    query: Statement<Postgres>,
    value: Value,
    kind: Kind,
) -> Result<Statement<Postgres>, String> {
    Ok(match (kind, value) {
        (Kind::Id, Value::Null) => query.bind(None::<Uuid>),
        (Kind::Id, Value::Bytes(bytes)) => {
            query.bind(Uuid::from_slice(&bytes).map_err(|error| error.to_string())?)
        }
        (Kind::Time, Value::Null) => query.bind(None::<Moment>),
        (Kind::Time, Value::Integer(at)) => {
            let at = Timestamp::from_microsecond(at).map_err(|error| error.to_string())?;
            query.bind(Moment(at))
        }
        (Kind::Flag, Value::Null) => query.bind(None::<bool>),
        (Kind::Flag, Value::Integer(flag @ (0 | 1))) => query.bind(flag == 1),
        (Kind::Flag, Value::Integer(number)) => return Err(format!("{number} is no flag")),
        (kind, value) => bind_neutral(query, value, kind.neutral()),
    })
}

fn bind_neutral<Db: Database>(query: Statement<Db>, value: Value, kind: Neutral) -> Statement<Db>
where
    for<'q> Option<i64>: Encode<'q, Db> + Type<Db>,
    for<'q> Option<String>: Encode<'q, Db> + Type<Db>,
    for<'q> Option<Vec<u8>>: Encode<'q, Db> + Type<Db>,
{
    match (kind, value) {
        (_, Value::Integer(number)) => query.bind(Some(number)),
        (_, Value::Text(text)) => query.bind(Some(text)),
        (_, Value::Bytes(bytes)) => query.bind(Some(bytes)),
        (Neutral::Integer, Value::Null) => query.bind(None::<i64>),
        (Neutral::Text, Value::Null) => query.bind(None::<String>),
        (Neutral::Bytes, Value::Null) => query.bind(None::<Vec<u8>>),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn columns() -> Vec<Column> {
        [("number", Neutral::Integer), ("text", Neutral::Text), ("bytes", Neutral::Bytes)]
            .map(|(name, kind)| Column { name: name.into(), kind })
            .into()
    }

    fn nullable(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
        prop_oneof![1 => Just(Value::Null), 4 => value]
    }

    proptest! {
        #[test]
        fn a_row_comes_back_as_it_was(
            number in nullable(any::<i64>().prop_map(Value::Integer)),
            text in nullable(any::<String>().prop_map(Value::Text)),
            bytes in nullable(any::<Vec<u8>>().prop_map(Value::Bytes)),
        ) {
            let row = vec![number, text, bytes];
            let mut line = Vec::new();
            write_line(&row, &mut line).expect("it is written");

            prop_assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
            let line = line.strip_suffix(b"\n").expect("a line");
            prop_assert_eq!(read_line(line, &columns()), Ok(row));
        }
    }

    #[test]
    fn a_line_that_is_not_the_tables_is_refused() {
        for line in [
            "",
            "{}",
            "[]",
            "[1]",
            "[1,\"a\"]",
            "[1,\"a\",\"AA==\",1]",
            "[\"1\",\"a\",\"AA==\"]",
            "[1.5,\"a\",\"AA==\"]",
            "[1,2,\"AA==\"]",
            "[1,\"a\",\"%\"]",
            "[1,\"a\",7]",
            "[9223372036854775808,\"a\",\"AA==\"]",
            "[1,\"a\",\"AA==\"] x",
        ] {
            assert!(read_line(line.as_bytes(), &columns()).is_err(), "{line}");
        }
    }
}
