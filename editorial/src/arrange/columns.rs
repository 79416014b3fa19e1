//! Creating and changing columns (栏目). What moves documents along is in
//! [`rearrange`](super::rearrange).

use schema::{
    ids::{ColumnId, SiteId},
    log::{ArrangedChange, ArrangedThing},
    names::ColumnPath,
    tree::{Column, ColumnParticulars, Site},
};
use serde_json::json;
use store::{UnitOfWork, columns, trees};

use super::{Trace, concerns, leave, permit_site, sites, still, taken, valid};
use crate::{Error, Refusal};

/// Adds a column at `path`, below the column that has the path without its last segment; at
/// `position` among its siblings, or after the last of them.
///
/// # Errors
/// Refused without the permission for the site; with [`Refusal::Invalid`] particulars; where
/// the path is taken or the column above is not there.
pub async fn create_column(
    work: &mut UnitOfWork,
    site: SiteId,
    path: &ColumnPath,
    position: Option<i64>,
    particulars: ColumnParticulars,
) -> Result<Column, Error> {
    let site = sites::site(work, site).await?;
    permit_site(work, &site)?;
    valid(particulars.faults())?;
    trees::lock_columns(work, site.id).await?;
    let parent = match path.parent() {
        None => None,
        Some(above) => Some(at(work, &site, &above).await?.id),
    };
    vacant(work, &site, path).await?;
    let position = match position {
        Some(position) => position,
        None => columns::next_position(work.session(), site.id, parent).await?,
    };
    let column = Column {
        id: work.new_id(),
        site: site.id,
        parent,
        path: path.clone(),
        position,
        closed: false,
        successor: None,
        particulars,
        version: 1,
    };
    columns::insert(work, &column).await.map_err(taken("column", key(&site, path)))?;
    trace(work, &site, &column, ArrangedChange::Created, "column.create").await?;
    Ok(column)
}

/// Gives a column other particulars or another place among its siblings; `seen` is the
/// version that the change was made to.
///
/// # Errors
/// As [`create_column`]; [`Refusal::Stale`]; [`Refusal::ColumnClosed`].
pub async fn change_column(
    work: &mut UnitOfWork,
    column: ColumnId,
    seen: i64,
    position: i64,
    particulars: ColumnParticulars,
) -> Result<Column, Error> {
    let (site, before) = open(work, column, seen).await?;
    valid(particulars.faults())?;
    if before.position == position && before.particulars == particulars {
        return Ok(before);
    }
    let after = columns::update(work, &Column { position, particulars, ..before }).await?;
    trace(work, &site, &after, ArrangedChange::Changed, "column.change").await?;
    Ok(after)
}

/// An open column that the actor may change, at version `seen`, with its site; the columns of
/// the site stay as they are until the work ends.
pub(super) async fn open(
    work: &mut UnitOfWork,
    id: ColumnId,
    seen: i64,
) -> Result<(Site, Column), Error> {
    let site = column(work, id).await?.site;
    let site = sites::site(work, site).await?;
    permit_site(work, &site)?;
    trees::lock_columns(work, site.id).await?;
    // Read again: only now does it stand still.
    let column = column(work, id).await?;
    if column.closed {
        return Err(Refusal::ColumnClosed(site.key, column.path).into());
    }
    still(work, &subject(id), seen, column.version).await?;
    Ok((site, column))
}

pub(super) async fn column(work: &mut UnitOfWork, id: ColumnId) -> Result<Column, Error> {
    columns::column(work.session(), id)
        .await?
        .ok_or_else(|| Refusal::not_found("column", id).into())
}

async fn at(work: &mut UnitOfWork, site: &Site, path: &ColumnPath) -> Result<Column, Error> {
    columns::by_path(work.session(), site.id, path)
        .await?
        .ok_or_else(|| Refusal::not_found("column", key(site, path)).into())
}

/// Refuses a path that an open column has.
pub(super) async fn vacant(
    work: &mut UnitOfWork,
    site: &Site,
    path: &ColumnPath,
) -> Result<(), Error> {
    match columns::by_path(work.session(), site.id, path).await? {
        Some(_) => Err(Refusal::Exists { what: "column", name: key(site, path) }.into()),
        None => Ok(()),
    }
}

/// How the log names a column.
pub(super) fn key(site: &Site, path: &ColumnPath) -> String {
    format!("{}:{path}", site.key)
}

/// How the audit names a column: its path may change, its id does not.
pub(super) fn subject(id: ColumnId) -> String {
    format!("column:{id}")
}

async fn trace(
    work: &mut UnitOfWork,
    site: &Site,
    column: &Column,
    change: ArrangedChange,
    action: &str,
) -> Result<(), Error> {
    let trace = Trace {
        what: ArrangedThing::Column,
        change,
        key: key(site, &column.path),
        becomes: None,
        action,
        subject: &subject(column.id),
        concerns: concerns(site),
        details: json!({
            "column": key(site, &column.path),
            "position": column.position,
            "particulars": column.particulars,
        }),
    };
    leave(work, trace).await
}
