//! Arranging the house: authorities, sites and columns, and the notices of sites.
//!
//! Every act checks the permission, then the values, then what stands in the way; it leaves
//! an `arrange` event and an audit row. An act that changes nothing leaves neither.

pub mod authorities;
pub mod columns;
pub mod manifest;
pub mod notices;
pub mod rearrange;
pub mod sites;

use schema::{
    audit::Concerns,
    log::{ArrangedChange, ArrangedThing, Arrangement},
    message::Fault,
    permission::{Action, Touched, may},
    tree::Site,
};
use serde_json::Value;
use store::{
    UnitOfWork,
    audit::{self, About},
    log::NewEvent,
    trees,
};

use crate::{Error, Refusal};

fn permit(work: &UnitOfWork, action: Action, touched: &Touched) -> Result<(), Error> {
    if may(work.actor(), action, touched) {
        Ok(())
    } else {
        Err(Refusal::NotPermitted(action).into())
    }
}

/// Changing a site and its columns belongs to those who arrange that site.
fn permit_site(work: &UnitOfWork, site: &Site) -> Result<(), Error> {
    let touched =
        Touched { authority: Some(site.authority), sites: vec![site.id], ..Touched::default() };
    permit(work, Action::Arrange, &touched)
}

/// Authorities, and which sites there are, belong to the hub as a whole.
fn permit_hub(work: &UnitOfWork) -> Result<(), Error> {
    permit(work, Action::ArrangeAuthorities, &Touched::default())
}

fn valid(faults: Vec<Fault>) -> Result<(), Error> {
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults).into()) }
}

/// Refuses a change that was made to version `seen` of something that is at `now`.
pub(crate) async fn still(
    work: &mut UnitOfWork,
    subject: &str,
    seen: i64,
    now: i64,
) -> Result<(), Error> {
    if seen == now {
        return Ok(());
    }
    // Every change leaves its audit row; after a clean-up of old rows the time is unknown,
    // and the latest it can have been is now.
    let last = trees::last_change(work.session(), subject).await?;
    let (changed_by, changed_at) = last.unwrap_or((work.actor().id, work.now()));
    Err(Refusal::Stale { expected: seen, actual: now, changed_by, changed_at }.into())
}

/// Somebody took the key between our look and our write.
fn taken(what: &'static str, name: impl ToString) -> impl FnOnce(store::Error) -> Error {
    move |error| {
        if error.is_unique_violation() {
            Refusal::Exists { what, name: name.to_string() }.into()
        } else {
            error.into()
        }
    }
}

/// What an act leaves behind itself.
struct Trace<'a> {
    what: ArrangedThing,
    change: ArrangedChange,
    key: String,
    becomes: Option<String>,
    /// In the audit: `column.rename`, and whom or what it was done to.
    action: &'a str,
    subject: &'a str,
    /// Whom it concerns.
    concerns: Concerns,
    details: Value,
}

async fn leave(work: &mut UnitOfWork, trace: Trace<'_>) -> Result<(), Error> {
    let Trace { what, change, key, becomes, action, subject, concerns, details } = trace;
    let becomes = becomes.filter(|becomes| *becomes != key);
    work.record(NewEvent::Arrangement(Arrangement { what, key, change, becomes }));
    let about = About { concerns, commitment: None };
    Ok(audit::record_about(work, action, subject, about, &details).await?)
}

/// What is done to a site, a column or a notice of it concerns the site.
fn concerns(site: &Site) -> Concerns {
    Concerns { authority: Some(site.authority), site: Some(site.id) }
}
