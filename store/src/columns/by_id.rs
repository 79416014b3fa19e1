//! Columns for many who name them, or their sites, at once.

use std::collections::HashMap;

use schema::{
    ids::{ColumnId, SiteId},
    tree::Column,
};

use super::{Row, in_tree_order};
use crate::{Error, Session, dialect::Ids};

/// The columns of `ids`, closed ones with them.
///
/// # Errors
/// As [`column`](super::column).
pub async fn columns_by_id(
    session: &mut Session,
    ids: &[ColumnId],
) -> Result<HashMap<ColumnId, Column>, Error> {
    let sql = dialect!(session,
        sqlite: columns!("WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: columns!("WHERE id = ANY($1)"),
    );
    let wanted = ids.iter().map(|id| id.uuid()).collect::<Ids>();
    fetch_all!(session, Row, sql, &wanted)?
        .into_iter()
        .map(|row| row.into_column().map(|column| (column.id, column)))
        .collect()
}

/// The open columns of each of `sites`, in tree order.
///
/// # Errors
/// As [`column`](super::column).
pub async fn of_sites(
    session: &mut Session,
    sites: &[SiteId],
) -> Result<HashMap<SiteId, Vec<Column>>, Error> {
    let sql = dialect!(session,
        sqlite: columns!("WHERE NOT closed AND site_id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: columns!("WHERE NOT closed AND site_id = ANY($1)"),
    );
    let wanted = sites.iter().map(|id| id.uuid()).collect::<Ids>();
    let mut trees: HashMap<SiteId, Vec<Column>> = HashMap::new();
    for row in fetch_all!(session, Row, sql, &wanted)? {
        let column = row.into_column()?;
        trees.entry(column.site).or_default().push(column);
    }
    Ok(trees.into_iter().map(|(site, columns)| (site, in_tree_order(columns))).collect())
}
