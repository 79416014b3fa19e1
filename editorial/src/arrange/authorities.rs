//! Creating and changing authorities (机构).

use schema::{
    ids::AuthorityId,
    log::{ArrangedChange, ArrangedThing},
    names::AuthorityKey,
    tree::{Authority, AuthorityParticulars},
};
use serde_json::json;
use store::{UnitOfWork, trees};

use super::{Concerns, Trace, leave, permit_hub, still, taken, valid};
use crate::{Error, Refusal};

/// Adds an authority.
///
/// # Errors
/// Refused without the permission for the hub; with [`Refusal::Invalid`] particulars;
/// where the key is taken or the parent is not there.
pub async fn create_authority(
    work: &mut UnitOfWork,
    key: &AuthorityKey,
    parent: Option<AuthorityId>,
    particulars: AuthorityParticulars,
) -> Result<Authority, Error> {
    permit_hub(work)?;
    valid(particulars.faults())?;
    if trees::authority_by_key(work.session(), key).await?.is_some() {
        return Err(Refusal::Exists { what: "authority", name: key.to_string() }.into());
    }
    if let Some(parent) = parent {
        self::authority(work, parent).await?;
    }
    let authority =
        Authority { id: work.new_id(), key: key.clone(), parent, particulars, version: 1 };
    trees::insert_authority(work, &authority).await.map_err(taken("authority", key))?;
    trace(work, &authority, ArrangedChange::Created, "authority.create").await?;
    Ok(authority)
}

/// Gives an authority another parent or other particulars; `seen` is the version that the
/// change was made to.
///
/// # Errors
/// As [`create_authority`]; [`Refusal::Stale`]; [`Refusal::Cycle`] for a parent that stands
/// below it.
pub async fn change_authority(
    work: &mut UnitOfWork,
    id: AuthorityId,
    seen: i64,
    parent: Option<AuthorityId>,
    particulars: AuthorityParticulars,
) -> Result<Authority, Error> {
    permit_hub(work)?;
    valid(particulars.faults())?;
    let before = authority(work, id).await?;
    still(work, &subject(&before.key), seen, before.version).await?;
    if before.parent == parent && before.particulars == particulars {
        return Ok(before);
    }
    if let Some(above) = parent.filter(|_| parent != before.parent) {
        trees::lock_parents(work).await?;
        let above = authority(work, above).await?;
        if trees::authority_is_within(work.session(), above.id, id).await? {
            return Err(Refusal::Cycle(before.key.to_string()).into());
        }
    }
    let wanted = Authority { parent, particulars, ..before };
    let after = trees::update_authority(work, &wanted).await?;
    trace(work, &after, ArrangedChange::Changed, "authority.change").await?;
    Ok(after)
}

async fn authority(work: &mut UnitOfWork, id: AuthorityId) -> Result<Authority, Error> {
    trees::authority(work.session(), id)
        .await?
        .ok_or_else(|| Refusal::not_found("authority", id).into())
}

fn subject(key: &AuthorityKey) -> String {
    format!("authority:{key}")
}

async fn trace(
    work: &mut UnitOfWork,
    authority: &Authority,
    change: ArrangedChange,
    action: &str,
) -> Result<(), Error> {
    let trace = Trace {
        what: ArrangedThing::Authority,
        change,
        key: authority.key.to_string(),
        becomes: None,
        action,
        subject: &subject(&authority.key),
        concerns: Concerns { authority: Some(authority.id), site: None },
        details: json!({ "parent": authority.parent, "particulars": authority.particulars }),
    };
    leave(work, trace).await
}
