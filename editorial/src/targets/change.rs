//! Changing a target: where it is, what it selects, how it is served.
//!
//! What follows from another selection is an event of the log (`arrange`, with the target's
//! id): a receiver that is told to drop its copy is told so under a number that is higher than
//! all before, and the log shows why. Fan-out looks through all documents when it comes to it.
//! Another address keeps every receipt: it is the same system, which moved. A system that holds
//! nothing yet is a target of its own.

use schema::{
    delivery::{ColumnOf, Declaration, Form, Limits, Purge, Reach, Selector, TargetParticulars},
    log::{ArrangedChange, ArrangedThing, Arrangement},
    names::{Locale, SiteKey, TypeName},
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::{
    UnitOfWork,
    deliveries::targets::{self, Target},
    log::NewEvent,
};

use super::{authorise, limit_faults, own, permit_reach, record, selected, touched};
use crate::{Error, Refusal, arrange::still, ports::Channels};

/// What is to be different. What is not said stays as it is.
#[derive(Clone, Debug, Default)]
pub struct TargetChange {
    /// Its name.
    pub key: String,
    /// The version that was looked at; without it, whatever it is now.
    pub version: Option<i64>,
    /// Where it is from now on. It holds what it held.
    pub address: Option<String>,
    /// All that stands on these sites; an empty list is no condition.
    pub sites: Option<Vec<SiteKey>>,
    /// All that stands in these columns or below them; likewise.
    pub columns: Option<Vec<ColumnOf>>,
    /// Only these types; likewise.
    pub types: Option<Vec<TypeName>>,
    /// Only these languages; likewise.
    pub locales: Option<Vec<Locale>>,
    /// What of a document's history, for what happens from now on.
    pub declaration: Option<Declaration>,
    /// How much of a text, for what is not owed yet.
    pub form: Option<Form>,
    /// Calls under way at once.
    pub concurrency: Option<u32>,
    /// Calls a minute.
    pub per_minute: Option<u32>,
    /// Characters of a title that it takes; 0 for every length.
    pub title_characters: Option<u32>,
    /// Characters of a body; likewise.
    pub text_characters: Option<u32>,
    /// Private ranges that may be dialled: this and what follows needs the right to operate.
    pub ranges: Option<Vec<String>>,
    /// Whether plain http may be spoken.
    pub http: Option<bool>,
    /// Ports that may be dialled.
    pub ports: Option<Vec<u16>>,
    /// How it is told what to drop.
    pub purge: Option<Purge>,
    /// Whether it is owed what is live already, is selected, and was not sent or was taken away
    /// from it. Otherwise only what happens from now on.
    pub backfill: bool,
}

impl TargetChange {
    /// The particulars of `target` after it.
    fn applied(&self, target: &Target) -> TargetParticulars {
        fn or<T: Clone>(new: Option<&T>, old: &T) -> T {
            new.unwrap_or(old).clone()
        }
        let any = |new: Option<u32>, old: Option<u32>| match new {
            Some(0) => None,
            new => new.or(old),
        };
        let old = &target.particulars;
        TargetParticulars {
            selector: Selector {
                sites: or(self.sites.as_ref(), &old.selector.sites),
                columns: or(self.columns.as_ref(), &old.selector.columns),
                types: or(self.types.as_ref(), &old.selector.types),
                locales: or(self.locales.as_ref(), &old.selector.locales),
            },
            declaration: self.declaration.unwrap_or(old.declaration),
            form: self.form.unwrap_or(old.form),
            limits: Limits {
                concurrency: self.concurrency.unwrap_or(old.limits.concurrency),
                per_minute: self.per_minute.unwrap_or(old.limits.per_minute),
                title_characters: any(self.title_characters, old.limits.title_characters),
                text_characters: any(self.text_characters, old.limits.text_characters),
            },
            reach: Reach {
                ranges: or(self.ranges.as_ref(), &old.reach.ranges),
                http: self.http.unwrap_or(old.reach.http),
                ports: or(self.ports.as_ref(), &old.reach.ports),
            },
            purge: self.purge.clone().or_else(|| old.purge.clone()),
        }
    }
}

/// Changes a target. What has left its selection is owed as absent; what has entered it is owed
/// only with `backfill`, and else from its next event on. What was owed before the change goes
/// out as it was. A change that changes nothing leaves no trace.
///
/// # Errors
/// [`Refusal::Stale`] where it was changed since; [`Refusal::Invalid`] with everything that is
/// wrong; a target, site or column that does not exist; missing permission: for limits to
/// operate or arrange, for everything else to arrange, before and after, and for reach, or an
/// address within it, to operate the hub.
pub async fn change(
    channels: &dyn Channels,
    work: &mut UnitOfWork,
    change: &TargetChange,
) -> Result<Target, Error> {
    let old = own(work, &change.key).await?;
    if let Some(seen) = change.version {
        still(work, &targets::subject(&old.key), seen, old.version).await?;
    }
    let address = change.address.clone().unwrap_or_else(|| old.address.clone());
    let new = Target { address, particulars: change.applied(&old), ..old.clone() };
    if (&new.address, &new.particulars) == (&old.address, &old.particulars) && !change.backfill {
        return Ok(old);
    }
    permit(work, &old, &new, change.backfill).await?;
    let mut faults = limit_faults(new.particulars.limits);
    faults.extend(channels.faults(&new.channel, &new.address, &new.particulars));
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults).into());
    }
    let new = targets::update(work, &new).await?;
    if change.backfill {
        targets::ask_for_backfill(work, new.id).await?;
    }
    if change.backfill || new.particulars.selector != old.particulars.selector {
        work.record(NewEvent::Arrangement(Arrangement {
            what: ArrangedThing::Target,
            key: new.id.to_string(),
            change: ArrangedChange::Changed,
            becomes: None,
        }));
    }
    record(work, "target.change", &new, differences(&old, &new, change.backfill)).await?;
    Ok(new)
}

async fn permit(
    work: &mut UnitOfWork,
    old: &Target,
    new: &Target,
    backfill: bool,
) -> Result<(), Error> {
    let (before, after) = (&old.particulars, &new.particulars);
    let moves = new.address != old.address;
    let only_limits = !moves
        && !backfill
        && *after == TargetParticulars { limits: after.limits, ..before.clone() };
    if !only_limits {
        let sites = touched(work.session(), old).await?.sites;
        authorise(work, old.authority, sites)?;
    }
    if after.selector != before.selector {
        let sites = selected(work.session(), &after.selector).await?;
        authorise(work, new.authority, sites)?;
    }
    // Within what an operator opened once, nobody else points somewhere new.
    if after.reach != Reach::default() && (moves || after.reach != before.reach) {
        permit_reach(work)?;
    }
    Ok(())
}

/// What the audit keeps: from what to what.
fn differences(old: &Target, new: &Target, backfill: bool) -> Value {
    fn note<T: PartialEq + Serialize>(told: &mut Map<String, Value>, name: &str, old: &T, new: &T) {
        if old != new {
            told.insert(name.into(), json!({ "from": old, "to": new }));
        }
    }
    let mut told = Map::new();
    let (before, after) = (&old.particulars, &new.particulars);
    if old.address != new.address {
        let to = without_query(&new.address);
        told.insert("address".into(), json!({ "from": without_query(&old.address), "to": to }));
    }
    note(&mut told, "selector", &before.selector, &after.selector);
    note(&mut told, "declaration", &before.declaration, &after.declaration);
    note(&mut told, "form", &before.form, &after.form);
    note(&mut told, "limits", &before.limits, &after.limits);
    note(&mut told, "reach", &before.reach, &after.reach);
    note(&mut told, "purge", &before.purge, &after.purge);
    if backfill {
        told.insert("backfill".into(), json!(true));
    }
    Value::Object(told)
}

/// An address as the audit keeps it: what stands behind the question mark may be a password.
fn without_query(address: &str) -> String {
    match address.split_once('?') {
        Some((before, _)) => format!("{before}?…"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_without_what_may_be_a_password() {
        assert_eq!(without_query("https://a.example/in"), "https://a.example/in");
        assert_eq!(without_query("https://a.example/in?key=1?2"), "https://a.example/in?…");
    }
}
