//! Creating and changing sites (站点): their names and languages, footer, origins, paths, and
//! what the home page shows.

use schema::{
    content_type::TypeRegistry,
    ids::{AuthorityId, SiteId},
    log::{ArrangedChange, ArrangedThing},
    message::Fault,
    names::SiteKey,
    tree::{Site, SiteParticulars},
};
use serde_json::json;
use store::{UnitOfWork, trees};

use super::{Trace, concerns, leave, permit_hub, permit_site, still, taken, valid};
use crate::{Desk, Error, Refusal};

/// Adds a site of `authority`.
///
/// # Errors
/// Refused without the permission for the hub; with [`Refusal::Invalid`] particulars; where
/// the key is taken, or authority or parent are not there.
pub async fn create_site(
    desk: &Desk,
    work: &mut UnitOfWork,
    key: &SiteKey,
    authority: AuthorityId,
    parent: Option<SiteId>,
    particulars: SiteParticulars,
) -> Result<Site, Error> {
    permit_hub(work)?;
    valid(faults(&desk.types, &particulars))?;
    if trees::site_by_key(work.session(), key).await?.is_some() {
        return Err(Refusal::Exists { what: "site", name: key.to_string() }.into());
    }
    if trees::authority(work.session(), authority).await?.is_none() {
        return Err(Refusal::not_found("authority", authority).into());
    }
    if let Some(parent) = parent {
        site(work, parent).await?;
    }
    let site =
        Site { id: work.new_id(), key: key.clone(), authority, parent, particulars, version: 1 };
    trees::insert_site(work, &site).await.map_err(taken("site", key))?;
    trace(work, &site, ArrangedChange::Created, "site.create").await?;
    Ok(site)
}

/// Gives a site another parent or other particulars; `seen` is the version that the change
/// was made to. Its key and its authority stay: documents and addresses hang on them.
///
/// # Errors
/// Refused without the permission for the site, and for the hub where the parent changes;
/// [`Refusal::Invalid`]; [`Refusal::Stale`]; [`Refusal::Cycle`] for a parent that stands
/// below it.
pub async fn change_site(
    desk: &Desk,
    work: &mut UnitOfWork,
    id: SiteId,
    seen: i64,
    parent: Option<SiteId>,
    particulars: SiteParticulars,
) -> Result<Site, Error> {
    let before = site(work, id).await?;
    permit_site(work, &before)?;
    if before.parent != parent {
        permit_hub(work)?;
    }
    valid(faults(&desk.types, &particulars))?;
    still(work, &subject(&before.key), seen, before.version).await?;
    if before.parent == parent && before.particulars == particulars {
        return Ok(before);
    }
    if let Some(above) = parent.filter(|_| parent != before.parent) {
        trees::lock_parents(work).await?;
        let above = site(work, above).await?;
        if trees::site_is_within(work.session(), above.id, id).await? {
            return Err(Refusal::Cycle(before.key.to_string()).into());
        }
    }
    write(work, Site { parent, particulars, ..before }).await
}

/// Writes a site that was checked, and says so.
pub(super) async fn write(work: &mut UnitOfWork, wanted: Site) -> Result<Site, Error> {
    let after = trees::update_site(work, &wanted).await?;
    trace(work, &after, ArrangedChange::Changed, "site.change").await?;
    Ok(after)
}

pub(super) async fn site(work: &mut UnitOfWork, id: SiteId) -> Result<Site, Error> {
    trees::site(work.session(), id).await?.ok_or_else(|| Refusal::not_found("site", id).into())
}

fn faults(types: &TypeRegistry, particulars: &SiteParticulars) -> Vec<Fault> {
    let unknown = particulars.paths.keys().filter(|name| types.get(name).is_none()).map(|name| {
        Fault::new(
            format!("paths.{name}"),
            "unknown_type",
            format!("没有内容类型 {name}，请用 gongbao schema types 查看"),
            format!("there is no content type {name}; gongbao schema types lists them"),
        )
    });
    particulars.faults().into_iter().chain(unknown).collect()
}

fn subject(key: &SiteKey) -> String {
    format!("site:{key}")
}

async fn trace(
    work: &mut UnitOfWork,
    site: &Site,
    change: ArrangedChange,
    action: &str,
) -> Result<(), Error> {
    let trace = Trace {
        what: ArrangedThing::Site,
        change,
        key: site.key.to_string(),
        becomes: None,
        action,
        subject: &subject(&site.key),
        concerns: concerns(site),
        details: json!({
            "authority": site.authority, "parent": site.parent, "particulars": site.particulars,
        }),
    };
    leave(work, trace).await
}
