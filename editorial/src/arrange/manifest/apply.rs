//! Making a hub's tree what a manifest says.

use std::collections::BTreeMap;

use schema::{
    ids::{AuthorityId, SiteId},
    message::Fault,
    names::SiteKey,
    tree::Site,
};
use store::{UnitOfWork, columns, trees};

use super::{Applied, AuthorityEntry, ColumnEntry, Manifest, ReviewEntry, SiteEntry};
use crate::{
    Desk, Error, Refusal,
    arrange::{authorities, columns as column_acts, sites},
    placed_rules, reviews,
};

/// Creates what `manifest` names and is not there, changes what is different, and leaves the
/// rest alone: applied twice, the second time changes nothing.
///
/// # Errors
/// The first entry that is refused, as a [`Refusal::Invalid`] whose faults start with the
/// entry's name; [`Refusal::NotPermitted`] as it is.
pub async fn apply(
    desk: &Desk,
    work: &mut UnitOfWork,
    manifest: &Manifest,
) -> Result<Applied, Error> {
    let mut applied = Applied::default();
    let authorities = &manifest.authorities;
    for entry in above_first(authorities, |entry| (&entry.key, entry.parent.as_ref()))
        .map_err(|entry| named(&entry.name(), Refusal::Cycle(entry.key.to_string()).into()))?
    {
        let outcome = apply_authority(work, entry).await;
        applied.note(entry.name(), outcome)?;
    }
    for entry in above_first(&manifest.sites, |entry| (&entry.key, entry.parent.as_ref()))
        .map_err(|entry| named(&entry.name(), Refusal::Cycle(entry.key.to_string()).into()))?
    {
        let outcome = apply_site(desk, work, entry).await;
        applied.note(entry.name(), outcome)?;
    }
    for entry in &manifest.sites {
        let site = site_of(work, &entry.key).await?;
        let mut columns: Vec<_> = entry.columns.iter().collect();
        // Stable: the file's order is the order of siblings.
        columns.sort_by_key(|column| column.path.as_str().matches('/').count());
        for column in columns {
            let outcome = apply_column(work, &site, column).await;
            applied.note(column.name_on(&entry.key), outcome)?;
        }
    }
    for entry in &manifest.reviews {
        let outcome = apply_review(desk, work, entry).await;
        applied.note(entry.name(), outcome)?;
    }
    Ok(applied)
}

async fn apply_review(
    desk: &Desk,
    work: &mut UnitOfWork,
    entry: &ReviewEntry,
) -> Result<Outcome, Error> {
    let place = entry.place();
    let before = placed_rules::rule(desk, work, &place).await?;
    let rule = entry.over(before.as_ref().map(|before| &before.rule));
    let version = before.as_ref().map_or(0, |before| before.version);
    let after =
        reviews::rules::set_rule(desk, work, &place, before.map(|before| before.version), rule);
    let after = after.await?.version;
    Ok(if version == 0 { Outcome::Created } else { Outcome::between(version, after) })
}

#[derive(Clone, Copy)]
enum Outcome {
    Created,
    Changed,
    Unchanged,
}

impl Outcome {
    fn between(before: i64, after: i64) -> Self {
        if before == after { Self::Unchanged } else { Self::Changed }
    }
}

impl Applied {
    fn note(&mut self, entry: String, outcome: Result<Outcome, Error>) -> Result<(), Error> {
        match outcome {
            Ok(Outcome::Created) => self.created.push(entry),
            Ok(Outcome::Changed) => self.changed.push(entry),
            Ok(Outcome::Unchanged) => self.unchanged.push(entry),
            Err(error) => return Err(named(&entry, error)),
        }
        Ok(())
    }
}

/// The same refusal, with the entry it is about.
fn named(entry: &str, error: Error) -> Error {
    let Error::Refused(refusal) = error else {
        return error;
    };
    match *refusal {
        Refusal::NotPermitted(_) => Error::Refused(refusal),
        Refusal::Invalid(faults) => {
            let inside = |fault: Fault| Fault { path: format!("{entry}: {}", fault.path), ..fault };
            Refusal::Invalid(faults.into_iter().map(inside).collect()).into()
        }
        other => {
            let (code, message) = (other.code(), other.message());
            Refusal::Invalid(vec![Fault { path: entry.to_owned(), code, message }]).into()
        }
    }
}

/// Entries in an order in which each follows its parent, as far as that stands among them;
/// or an entry that stands in a circle or below one.
fn above_first<'e, Entry, Key: Ord + 'e>(
    entries: &'e [Entry],
    names: impl Fn(&'e Entry) -> (&'e Key, Option<&'e Key>),
) -> Result<Vec<&'e Entry>, &'e Entry> {
    let parents: BTreeMap<_, _> = entries.iter().map(&names).collect();
    let mut ordered = Vec::new();
    for entry in entries {
        let mut depth = 0;
        let mut above = names(entry).1;
        while let Some(parent) = above {
            depth += 1;
            // No chain without a circle is longer than there are entries.
            if depth > entries.len() {
                return Err(entry);
            }
            above = parents.get(parent).copied().flatten();
        }
        ordered.push((depth, entry));
    }
    ordered.sort_by_key(|(depth, _)| *depth);
    Ok(ordered.into_iter().map(|(_, entry)| entry).collect())
}

async fn apply_authority(work: &mut UnitOfWork, entry: &AuthorityEntry) -> Result<Outcome, Error> {
    let named = match &entry.parent {
        None => None,
        Some(key) => Some(
            trees::authority_by_key(work.session(), key)
                .await?
                .ok_or_else(|| Refusal::not_found("authority", key))?
                .id,
        ),
    };
    let Some(before) = trees::authority_by_key(work.session(), &entry.key).await? else {
        let particulars = entry.over(None);
        authorities::create_authority(work, &entry.key, named, particulars).await?;
        return Ok(Outcome::Created);
    };
    let parent: Option<AuthorityId> = named.or(before.parent);
    let wanted = entry.over(Some(&before.particulars));
    let after =
        authorities::change_authority(work, before.id, before.version, parent, wanted).await?;
    Ok(Outcome::between(before.version, after.version))
}

async fn apply_site(
    desk: &Desk,
    work: &mut UnitOfWork,
    entry: &SiteEntry,
) -> Result<Outcome, Error> {
    let authority = trees::authority_by_key(work.session(), &entry.authority)
        .await?
        .ok_or_else(|| Refusal::not_found("authority", &entry.authority))?;
    let named = match &entry.parent {
        None => None,
        Some(key) => Some(site_of(work, key).await?.id),
    };
    let Some(before) = trees::site_by_key(work.session(), &entry.key).await? else {
        let particulars = entry.over(None);
        sites::create_site(desk, work, &entry.key, authority.id, named, particulars).await?;
        return Ok(Outcome::Created);
    };
    if before.authority != authority.id {
        return Err(Refusal::Invalid(vec![Fault::new(
            "authority",
            "fixed",
            "站点的主管机构不能更改；如机构已调整，请另建站点并迁移内容",
            "a site stays with its authority: create another site and move the content there",
        )])
        .into());
    }
    let parent: Option<SiteId> = named.or(before.parent);
    let wanted = entry.over(Some(&before.particulars));
    let after = sites::change_site(desk, work, before.id, before.version, parent, wanted).await?;
    Ok(Outcome::between(before.version, after.version))
}

async fn apply_column(
    work: &mut UnitOfWork,
    site: &Site,
    entry: &ColumnEntry,
) -> Result<Outcome, Error> {
    if let Some(before) = columns::by_path(work.session(), site.id, &entry.path).await? {
        let position = entry.position.unwrap_or(before.position);
        let wanted = entry.over(Some(&before.particulars));
        let after =
            column_acts::change_column(work, before.id, before.version, position, wanted).await?;
        return Ok(Outcome::between(before.version, after.version));
    }
    // A column that was renamed on the running site must not come back beside itself.
    if let Some(now) = columns::former(work.session(), site.id, &entry.path).await? {
        return Err(Refusal::Invalid(vec![Fault::new(
            "path",
            "former_path",
            format!("该栏目现在的路径是 {}，请在清单中改用", now.path),
            format!("this column is now at {}: write that into the manifest", now.path),
        )])
        .into());
    }
    let particulars = entry.over(None);
    column_acts::create_column(work, site.id, &entry.path, entry.position, particulars).await?;
    Ok(Outcome::Created)
}

async fn site_of(work: &mut UnitOfWork, key: &SiteKey) -> Result<Site, Error> {
    trees::site_by_key(work.session(), key)
        .await?
        .ok_or_else(|| Refusal::not_found("site", key).into())
}
