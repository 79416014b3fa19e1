//! Authorities and sites for many who name them at once.

use std::collections::HashMap;

use schema::{
    ids::{AuthorityId, SiteId},
    tree::{Authority, Site},
};

use super::{AuthorityRow, SiteRow};
use crate::{Error, Session, dialect::Ids};

/// The authorities of `ids`.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn authorities_by_id(
    session: &mut Session,
    ids: &[AuthorityId],
) -> Result<HashMap<AuthorityId, Authority>, Error> {
    let sql = dialect!(session,
        sqlite: authority_columns!("WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: authority_columns!("WHERE id = ANY($1)"),
    );
    let wanted = ids.iter().map(|id| id.uuid()).collect::<Ids>();
    fetch_all!(session, AuthorityRow, sql, &wanted)?
        .into_iter()
        .map(|row| row.into_authority().map(|authority| (authority.id, authority)))
        .collect()
}

/// The sites of `ids`.
///
/// # Errors
/// As [`authorities_by_id`].
pub async fn sites_by_id(
    session: &mut Session,
    ids: &[SiteId],
) -> Result<HashMap<SiteId, Site>, Error> {
    let sql = dialect!(session,
        sqlite: site_columns!("WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: site_columns!("WHERE id = ANY($1)"),
    );
    let wanted = ids.iter().map(|id| id.uuid()).collect::<Ids>();
    fetch_all!(session, SiteRow, sql, &wanted)?
        .into_iter()
        .map(|row| row.into_site().map(|site| (site.id, site)))
        .collect()
}
