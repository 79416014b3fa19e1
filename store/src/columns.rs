//! Columns of a site: reading the tree, adding to it, changing one of its nodes.
//!
//! A column's path is its parent's path and one more segment; `column_ancestor` holds every
//! column with itself and everything above it. What moves documents along lies in
//! [`rearrange`].

pub mod rearrange;

use std::collections::HashMap;

use schema::{
    ids::{ColumnId, SiteId},
    names::ColumnPath,
    tree::{Column, ColumnParticulars},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, convert, moment::Moment, trees::one};

row! {
    struct Row {
        id: Uuid,
        site_id: Uuid,
        parent_id: Option<Uuid>,
        path: String,
        position: i64,
        closed: bool,
        successor_id: Option<Uuid>,
        particulars: Json<ColumnParticulars>,
        version: i64,
    }
}

impl Row {
    fn into_column(self) -> Result<Column, Error> {
        Ok(Column {
            id: self.id.into(),
            site: self.site_id.into(),
            parent: self.parent_id.map(ColumnId::from),
            path: convert::text("site_column.path", &self.path)?,
            position: self.position,
            closed: self.closed,
            successor: self.successor_id.map(ColumnId::from),
            particulars: self.particulars.0,
            version: self.version,
        })
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, site_id, parent_id, path, position, closed, successor_id, particulars, version \
             FROM site_column ",
            $rest
        )
    };
}

// After the macro it uses.
mod by_id;

pub use by_id::{columns_by_id, of_sites};

/// The column of this id, closed or not.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn column(session: &mut Session, id: ColumnId) -> Result<Option<Column>, Error> {
    fetch_optional!(session, Row, columns!("WHERE id = $1"), id.uuid())?
        .map(Row::into_column)
        .transpose()
}

/// The open column at `path`.
///
/// # Errors
/// As [`column()`].
pub async fn by_path(
    session: &mut Session,
    site: SiteId,
    path: &ColumnPath,
) -> Result<Option<Column>, Error> {
    fetch_optional!(
        session,
        Row,
        columns!("WHERE site_id = $1 AND path = $2 AND NOT closed"),
        site.uuid(),
        path.as_str(),
    )?
    .map(Row::into_column)
    .transpose()
}

/// The open column that an old `path` leads to now, through the successors of closed ones.
///
/// # Errors
/// As [`column()`].
pub async fn former(
    session: &mut Session,
    site: SiteId,
    path: &ColumnPath,
) -> Result<Option<Column>, Error> {
    fetch_optional!(
        session,
        Row,
        concat!(
            "WITH RECURSIVE heir (id) AS ( \
                 SELECT column_id FROM column_former_path WHERE site_id = $1 AND path = $2 \
                 UNION SELECT site_column.successor_id FROM site_column JOIN heir ON site_column.id = heir.id \
                 WHERE site_column.closed AND site_column.successor_id IS NOT NULL) ",
            columns!("WHERE id IN (SELECT id FROM heir) AND NOT closed")
        ),
        site.uuid(),
        path.as_str(),
    )?
    .map(Row::into_column)
    .transpose()
}

/// The columns of a site in tree order: every column before those below it, siblings by
/// position and then path.
///
/// # Errors
/// As [`column()`].
pub async fn of_site(
    session: &mut Session,
    site: SiteId,
    include_closed: bool,
) -> Result<Vec<Column>, Error> {
    let rows = fetch_all!(
        session,
        Row,
        columns!("WHERE site_id = $1 AND ($2 OR NOT closed)"),
        site.uuid(),
        include_closed,
    )?;
    let columns = rows.into_iter().map(Row::into_column).collect::<Result<_, _>>()?;
    Ok(in_tree_order(columns))
}

fn in_tree_order(columns: Vec<Column>) -> Vec<Column> {
    let mut below: HashMap<Option<ColumnId>, Vec<Column>> = HashMap::new();
    for column in columns {
        below.entry(column.parent).or_default().push(column);
    }
    for siblings in below.values_mut() {
        // Last first: they are taken from the end.
        siblings
            .sort_by(|one, other| (other.position, &other.path).cmp(&(one.position, &one.path)));
    }
    let mut waiting = below.remove(&None).unwrap_or_default();
    let mut ordered = Vec::new();
    while let Some(column) = waiting.pop() {
        waiting.extend(below.remove(&Some(column.id)).unwrap_or_default());
        ordered.push(column);
    }
    ordered
}

/// The column itself and everything above it, nearest first.
///
/// # Errors
/// [`Error::Database`].
pub async fn with_ancestors(
    session: &mut Session,
    column: ColumnId,
) -> Result<Vec<ColumnId>, Error> {
    let found = fetch_all!(
        session,
        (Uuid,),
        "SELECT ancestor_id FROM column_ancestor WHERE column_id = $1 ORDER BY depth",
        column.uuid(),
    )?;
    Ok(found.into_iter().map(|(id,)| id.into()).collect())
}

/// The open columns at and below `column`, the column itself first.
///
/// # Errors
/// As [`column()`].
pub async fn with_descendants(
    session: &mut Session,
    column: ColumnId,
) -> Result<Vec<Column>, Error> {
    fetch_all!(
        session,
        Row,
        "SELECT c.id, c.site_id, c.parent_id, c.path, c.position, c.closed, c.successor_id, \
                c.particulars, c.version \
         FROM column_ancestor a JOIN site_column c ON c.id = a.column_id \
         WHERE a.ancestor_id = $1 AND NOT c.closed ORDER BY a.depth, c.position, c.id",
        column.uuid(),
    )?
    .into_iter()
    .map(Row::into_column)
    .collect()
}

/// The position after the last open column below `parent`, or at the top of `site`.
///
/// # Errors
/// [`Error::Database`].
pub async fn next_position(
    session: &mut Session,
    site: SiteId,
    parent: Option<ColumnId>,
) -> Result<i64, Error> {
    let last = fetch_optional!(
        session,
        (Option<i64>,),
        "SELECT max(position) FROM site_column \
         WHERE site_id = $1 AND NOT closed AND (parent_id = $2 OR ($2 IS NULL AND parent_id IS NULL))",
        site.uuid(),
        parent.map(ColumnId::uuid),
    )?;
    Ok(last.and_then(|(position,)| position).map_or(0, |position| position + 1))
}

/// Whether a document stands in this very column, whatever the public sees of it: what is
/// withdrawn or gone may come back to where it stood.
///
/// # Errors
/// [`Error::Database`].
pub async fn holds_documents(session: &mut Session, column: ColumnId) -> Result<bool, Error> {
    let found = fetch_optional!(
        session,
        (Uuid,),
        "SELECT placement_id FROM placement_column WHERE column_id = $1 LIMIT 1",
        column.uuid(),
    )?;
    Ok(found.is_some())
}

/// Adds a column below its parent. Its path is no longer anybody's former path.
///
/// # Errors
/// [`Error::Database`], a unique violation where an open column has the path.
pub async fn insert(work: &mut UnitOfWork, column: &Column) -> Result<(), Error> {
    let now = Moment(work.now());
    let session = work.session();
    execute!(
        session,
        "INSERT INTO site_column (id, site_id, parent_id, path, position, closed, successor_id, \
                                  particulars, version, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        column.id.uuid(),
        column.site.uuid(),
        column.parent.map(ColumnId::uuid),
        column.path.as_str(),
        column.position,
        column.closed,
        column.successor.map(ColumnId::uuid),
        Json(&column.particulars),
        column.version,
        now,
    )?;
    execute!(
        session,
        "INSERT INTO column_ancestor (column_id, ancestor_id, depth) VALUES ($1, $1, 0)",
        column.id.uuid(),
    )?;
    if let Some(parent) = column.parent {
        execute!(
            session,
            "INSERT INTO column_ancestor (column_id, ancestor_id, depth) \
             SELECT $1, ancestor_id, depth + 1 FROM column_ancestor WHERE column_id = $2",
            column.id.uuid(),
            parent.uuid(),
        )?;
    }
    execute!(
        session,
        "DELETE FROM column_former_path WHERE site_id = $1 AND path = $2",
        column.site.uuid(),
        column.path.as_str(),
    )?;
    Ok(())
}

/// Writes position and particulars of `column` and counts its version up, where it still has
/// the version that `column` carries.
///
/// # Errors
/// [`Error::Again`] when another unit of work changed it since it was read.
pub async fn update(work: &mut UnitOfWork, column: &Column) -> Result<Column, Error> {
    let touched = execute!(
        work.session(),
        "UPDATE site_column SET position = $1, particulars = $2, version = version + 1 \
         WHERE id = $3 AND version = $4",
        column.position,
        Json(&column.particulars),
        column.id.uuid(),
        column.version,
    )?;
    one(touched)?;
    Ok(Column { version: column.version + 1, ..column.clone() })
}
