//! The sites above a site and below it: what is passed down the tree of sites is found by them.

use std::collections::HashMap;

use schema::{
    ids::SiteId,
    names::SiteKey,
    tree::{Site, SiteParticulars},
};
use sqlx::types::Json;
use uuid::Uuid;

use super::SiteRow;
use crate::{Error, Session, convert, dialect::Ids};

/// No tree of sites is deeper; what would be is no tree.
const DEEPEST: i64 = 32;

row! {
    struct Above {
        below: Uuid,
        id: Uuid,
        key: String,
        authority_id: Uuid,
        parent_id: Option<Uuid>,
        particulars: Json<SiteParticulars>,
        version: i64,
    }
}

macro_rules! lines {
    ($is_one_of:literal) => {
        concat!(
            "WITH RECURSIVE up (below, id, depth) AS ( \
               SELECT s.id, s.id, 0 FROM site s WHERE s.id ",
            $is_one_of,
            " UNION ALL SELECT up.below, s.parent_id, up.depth + 1 FROM up JOIN site s ON s.id = up.id \
               WHERE s.parent_id IS NOT NULL AND up.depth < $2) \
             SELECT up.below, s.id, s.key, s.authority_id, s.parent_id, s.particulars, s.version \
             FROM up JOIN site s ON s.id = up.id ORDER BY up.below, up.depth"
        )
    };
}

/// Each of `sites` with everything above it, itself first. One statement.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn sites_above(
    session: &mut Session,
    sites: &[SiteId],
) -> Result<HashMap<SiteId, Vec<Site>>, Error> {
    let sql = dialect!(session,
        sqlite: lines!("IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: lines!("= ANY($1)"),
    );
    let wanted = sites.iter().map(|id| id.uuid()).collect::<Ids>();
    let mut lines: HashMap<SiteId, Vec<Site>> = HashMap::new();
    for row in fetch_all!(session, Above, sql, &wanted, DEEPEST)? {
        let Above { below, id, key, authority_id, parent_id, particulars, version } = row;
        let site = SiteRow { id, key, authority_id, parent_id, particulars, version };
        lines.entry(below.into()).or_default().push(site.into_site()?);
    }
    Ok(lines)
}

/// The site of `key` and all below it, by their keys, in no order.
///
/// # Errors
/// As [`sites_above`].
pub async fn sites_below(session: &mut Session, key: &SiteKey) -> Result<Vec<SiteKey>, Error> {
    let found = fetch_all!(
        session,
        (String,),
        "WITH RECURSIVE down (id, key, depth) AS ( \
           SELECT id, key, 0 FROM site WHERE key = $1 \
           UNION ALL SELECT s.id, s.key, down.depth + 1 FROM down JOIN site s ON s.parent_id = down.id \
           WHERE down.depth < $2) \
         SELECT key FROM down",
        key.as_str(),
        DEEPEST,
    )?;
    found.into_iter().map(|(key,)| convert::text("site.key", &key)).collect()
}
