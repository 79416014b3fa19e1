//! What a team would write by hand for three pages of one portal, as a measure: a static
//! async-graphql schema over one table made for it, one prepared statement a request, nothing
//! else. A process of its own, on a copy of the same news in the same engine.
//!
//! SQLite is read in two ways: through the driver that the hub uses, which hands every statement
//! to a thread of its own, and in place, on the thread that asks. The difference is what those
//! hand-overs cost.

use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use async_graphql::{
    Context, EmptyMutation, EmptySubscription, InputObject, Object, Request, Response, Schema,
    SimpleObject,
};
use axum::{Json, Router, extract::State, routing::post};
use sqlx::{PgPool, SqlitePool, postgres::PgPoolOptions, sqlite::SqlitePoolOptions};

use test_harness::Engine;

use crate::hub::Stored;

/// Makes this program the minimal server.
pub(crate) const ARGUMENT: &str = "--minimal-server";
/// The same, reading SQLite on the thread that asks.
pub(crate) const IN_PLACE: &str = "--minimal-server-in-place";

/// Bytes of the file that are mapped, as many as by the hub: all of it.
const MAPPED: i64 = 1 << 40;

/// The table and its index. Paths are found by the constraint that makes them unique.
const CREATE: [&str; 2] = [
    "CREATE TABLE bench_item (number BIGINT PRIMARY KEY, column_path TEXT NOT NULL, \
     column_name TEXT NOT NULL, path TEXT NOT NULL UNIQUE, title TEXT NOT NULL, summary TEXT NOT NULL, \
     author TEXT, published_at TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX bench_item_column ON bench_item (column_path, number)",
];
/// Fills it with what the hub shows, newest last.
const FROM: &str = " FROM placement p JOIN document d ON d.id = p.document_id \
    JOIN edition e ON e.id = d.live_edition_id JOIN content c ON c.digest = e.content_digest \
    JOIN derived v ON v.content_digest = c.digest \
    JOIN placement_column pc ON pc.placement_id = p.id JOIN site_column s ON s.id = pc.column_id \
    JOIN listing l ON l.document_id = d.id AND l.scope_id = p.site_id";
const FILL: [(Engine, &str); 2] = [
    (
        Engine::Sqlite,
        "SELECT row_number() OVER (ORDER BY l.sort_at, l.document_id), s.path, \
         json_extract(s.particulars, '$.name.zh'), p.path, json_extract(c.body, '$.fields.title'), \
         v.summary, json_extract(c.body, '$.fields.author'), \
         strftime('%Y-%m-%dT%H:%M:%fZ', p.published_at / 1000000, 'unixepoch'), \
         json_extract(c.body, '$.fields.body')",
    ),
    (
        Engine::Postgres,
        "SELECT row_number() OVER (ORDER BY l.sort_at, l.document_id), s.path, \
         CAST(s.particulars AS jsonb)->'name'->>'zh', p.path, CAST(c.body AS jsonb)->'fields'->>'title', \
         v.summary, CAST(c.body AS jsonb)->'fields'->>'author', \
         to_char(p.published_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), CAST(c.body AS jsonb)->'fields'->>'body'",
    ),
];

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
    InPlace(Arc<InPlace>),
}

/// Connections that are used on the thread that asks: as many as ask at once.
struct InPlace {
    url: String,
    idle: Mutex<Vec<rusqlite::Connection>>,
}

impl InPlace {
    fn fetch<R: Columns>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> async_graphql::Result<Vec<R>> {
        let idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let path = self.url.strip_prefix("sqlite://").unwrap_or(&self.url);
                let opened = rusqlite::Connection::open(path)?;
                opened.pragma_update(None, "cache_size", -65536)?;
                opened.pragma_update(None, "mmap_size", MAPPED)?;
                opened
            }
        };
        let rows = connection
            .prepare_cached(sql)?
            .query_map(parameters, |row| R::read(row))?
            .collect::<Result<Vec<_>, _>>()?;
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(connection);
        Ok(rows)
    }
}

/// What is read off a row in place.
trait Columns: Sized {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self>;
}

/// Number, name of the column, path, title, summary, author, time of publication.
type Row = (i64, String, String, String, String, Option<String>, String);
/// The same with the body.
type Whole = (i64, String, String, String, String, Option<String>, String, String);

impl Columns for Row {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let get = |column| row.get(column);
        Ok((row.get(0)?, get(1)?, get(2)?, get(3)?, get(4)?, row.get(5)?, get(6)?))
    }
}

impl Columns for Whole {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let (number, column, path, title, summary, author, at) = Row::read(row)?;
        Ok((number, column, path, title, summary, author, at, row.get(7)?))
    }
}

macro_rules! fetch {
    ($pool:expr, $row:ty, $sql:expr $(, $bind:expr)*) => {
        match $pool {
            Pool::Sqlite(pool) => {
                sqlx::query_as::<_, $row>($sql) $(.bind($bind))* .fetch_all(pool).await?
            }
            Pool::Postgres(pool) => {
                sqlx::query_as::<_, $row>($sql) $(.bind($bind))* .fetch_all(pool).await?
            }
            Pool::InPlace(pool) => pool.fetch::<$row>($sql, ($($bind,)*))?,
        }
    };
}

struct Query;

#[Object]
impl Query {
    async fn news_items(
        &self,
        context: &Context<'_>,
        #[graphql(name = "site")] _site: String,
        column: Option<String>,
        first: i64,
        after: Option<String>,
        filter: Option<Filter>,
    ) -> async_graphql::Result<Page> {
        let after: i64 = after.map_or(Ok(i64::MAX), |after| after.parse())?;
        let pool = context.data::<Pool>()?;
        let rows = match (column, filter) {
            (Some(column), Some(Filter { title: Text { starts_with } })) => fetch!(
                pool,
                Row,
                "SELECT number, column_name, path, title, summary, author, published_at FROM bench_item \
                 WHERE column_path = $1 AND number < $2 AND substr(title, 1, length($3)) = $3 \
                 ORDER BY number DESC LIMIT $4",
                &column,
                after,
                &starts_with,
                first
            ),
            (Some(column), None) => fetch!(
                pool,
                Row,
                "SELECT number, column_name, path, title, summary, author, published_at FROM bench_item \
                 WHERE column_path = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
                &column,
                after,
                first
            ),
            (None, _) => fetch!(
                pool,
                Row,
                "SELECT number, column_name, path, title, summary, author, published_at FROM bench_item \
                 WHERE number < $1 ORDER BY number DESC LIMIT $2",
                after,
                first
            ),
        };
        let end_cursor = rows.last().map(|(number, ..)| number.to_string());
        let nodes = rows.into_iter().map(|row| News::of(row, None)).collect();
        Ok(Page { nodes, page_info: PageInfo { end_cursor } })
    }

    async fn document(
        &self,
        context: &Context<'_>,
        #[graphql(name = "site")] _site: String,
        path: String,
    ) -> async_graphql::Result<Option<News>> {
        let rows = fetch!(
            context.data::<Pool>()?,
            Whole,
            "SELECT number, column_name, path, title, summary, author, published_at, body FROM bench_item \
             WHERE path = $1",
            &path
        );
        Ok(rows.into_iter().next().map(
            |(number, column, path, title, summary, author, at, body)| {
                News::of((number, column, path, title, summary, author, at), Some(body))
            },
        ))
    }
}

#[derive(InputObject)]
struct Filter {
    title: Text,
}

#[derive(InputObject)]
struct Text {
    starts_with: String,
}

#[derive(SimpleObject)]
struct Page {
    nodes: Vec<News>,
    page_info: PageInfo,
}

#[derive(SimpleObject)]
struct PageInfo {
    end_cursor: Option<String>,
}

#[derive(SimpleObject)]
struct News {
    title: String,
    summary: String,
    path: String,
    published_at: String,
    author: Option<String>,
    columns: Vec<Column>,
    body: Option<Body>,
}

#[derive(SimpleObject)]
struct Column {
    name: Name,
}

#[derive(SimpleObject)]
struct Name {
    zh: String,
}

#[derive(SimpleObject)]
struct Body {
    html: String,
}

impl News {
    fn of(row: Row, body: Option<String>) -> Self {
        let (_, column_name, path, title, summary, author, published_at) = row;
        let columns = vec![Column { name: Name { zh: column_name } }];
        let body = body.map(|html| Body { html });
        Self { title, summary, path, published_at, author, columns, body }
    }
}

type Api = Schema<Query, EmptyMutation, EmptySubscription>;

async fn pool(url: &str) -> Result<Pool> {
    Ok(match url.starts_with("sqlite:") {
        true => {
            let options: sqlx::sqlite::SqliteConnectOptions = url.parse()?;
            let options =
                options.pragma("cache_size", "-65536").pragma("mmap_size", MAPPED.to_string());
            Pool::Sqlite(
                SqlitePoolOptions::new()
                    .max_connections(8)
                    .test_before_acquire(false)
                    .connect_with(options)
                    .await?,
            )
        }
        false => Pool::Postgres(
            PgPoolOptions::new()
                .max_connections(16)
                .test_before_acquire(false)
                .connect(url)
                .await?,
        ),
    })
}

/// Serves the table of a database until it is killed.
pub(crate) async fn serve(argument: &str, url: &str) -> Result<()> {
    let pool = match argument == IN_PLACE {
        true => Pool::InPlace(Arc::new(InPlace { url: url.to_owned(), idle: Mutex::default() })),
        false => pool(url).await?,
    };
    let api = Schema::build(Query, EmptyMutation, EmptySubscription).data(pool).finish();
    let answer = |State(api): State<Api>, Json(request): Json<Request>| async move {
        Json::<Response>(api.execute(request).await)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let router = Router::new().route("/graphql", post(answer)).with_state(api);
    Ok(axum::serve(listener, router).await?)
}

/// Makes and fills the table in the database of `hub`.
pub(crate) async fn fill(hub: &Stored) -> Result<()> {
    for statement in CREATE {
        hub.execute(statement).await?;
    }
    let (_, select) = FILL.into_iter().find(|(engine, _)| *engine == hub.engine).context("SQL")?;
    hub.execute(&format!("INSERT INTO bench_item {select}{FROM}")).await?;
    hub.execute("ANALYZE").await
}
