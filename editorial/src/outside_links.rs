//! Links that lead out of the hub: whether anything is there still.
//!
//! Addresses are noted when a text with them is saved, and when everything public is looked
//! through; they are opened beside all other work, never while a text is saved or reviewed, and the
//! [checks](crate::checks) tell what came of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use schema::{
    checks::{Address, Subject, opened},
    content_type::ContentType,
    edition::Content,
};
use store::{UnitOfWork, outside_links as stored};
use tokio::task::{JoinError, JoinSet};

use crate::{Desk, Error, ports::Web};

/// Addresses of one text that are noted.
const MOST: usize = 300;
/// Addresses that are opened in one round.
const ROUND: u32 = 200;
/// Hosts that are asked at once; of one host one address after another.
const HOSTS: usize = 16;
/// Between two calls to one host.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a round holds what it took. What it does not come to is taken again then.
const LEASE: SignedDuration = SignedDuration::from_mins(30);
/// When what failed is opened again.
const AGAIN: SignedDuration = SignedDuration::from_hours(6);
/// Addresses that no text was seen with for so long are forgotten.
const FORGET: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Notes where a text leads to outside the hub.
pub(crate) async fn note(
    desk: &Desk,
    work: &mut UnitOfWork,
    content_type: &ContentType,
    content: &Content,
) -> Result<(), Error> {
    if desk.outside_links.is_none() {
        return Ok(());
    }
    let subject = Subject::new(&desk.types, content_type, content);
    Ok(stored::note(work, &addresses(&subject)).await?)
}

/// The addresses a text leads to, as they are opened.
pub(crate) fn addresses(subject: &Subject<'_>) -> Vec<String> {
    let found: BTreeSet<String> = subject.hrefs().into_iter().filter_map(opened).collect();
    found.into_iter().take(MOST).collect()
}

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Addresses that were opened.
    pub tried: usize,
    /// Those of them that failed.
    pub failed: usize,
}

/// Opens the addresses that are due.
///
/// # Errors
/// [`Error::Store`].
pub async fn open_due(desk: &Desk, web: Arc<dyn Web>) -> Result<Opened, Error> {
    let Some(days) = desk.outside_links else { return Ok(Opened::default()) };
    let now = desk.clock.now();
    let usual = SignedDuration::from_hours(i64::from(days) * 24);
    let mut hosts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for url in stored::take(&desk.store, now, LEASE, ROUND).await? {
        let host = Address::of(&url).and_then(|address| address.host);
        hosts.entry(host.unwrap_or_default()).or_default().push(url);
    }
    let mut opened = Opened::default();
    let mut calls: JoinSet<Result<Opened, Error>> = JoinSet::new();
    for urls in hosts.into_values() {
        if calls.len() >= HOSTS {
            add(&mut opened, calls.join_next().await)?;
        }
        let (desk, web) = (desk.clone(), Arc::clone(&web));
        calls.spawn(async move { of_host(&desk, &*web, &urls, usual).await });
    }
    while let Some(done) = calls.join_next().await {
        add(&mut opened, Some(done))?;
    }
    let before = now.saturating_sub(FORGET).unwrap_or(Timestamp::MIN);
    stored::forget(&desk.store, before).await?;
    Ok(opened)
}

/// Adds what came of one host. What it did not come to is taken again when the lease is over.
fn add(
    opened: &mut Opened,
    done: Option<Result<Result<Opened, Error>, JoinError>>,
) -> Result<(), Error> {
    let Some(Ok(of_host)) = done else { return Ok(()) };
    let of_host = of_host?;
    opened.tried += of_host.tried;
    opened.failed += of_host.failed;
    Ok(())
}

async fn of_host(
    desk: &Desk,
    web: &dyn Web,
    urls: &[String],
    usual: SignedDuration,
) -> Result<Opened, Error> {
    let mut opened = Opened::default();
    for (place, url) in urls.iter().enumerate() {
        if place > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let status = web.status(url).await;
        let now = desk.clock.now();
        let failed = !answers(status);
        let next = now.saturating_add(if failed { AGAIN } else { usual }).unwrap_or(Timestamp::MAX);
        stored::record(&desk.store, url, (status, failed), (now, next)).await?;
        opened.tried += 1;
        opened.failed += usize::from(failed);
    }
    Ok(opened)
}

/// Whether something is there. Who asks for a password, or does not like a program that asks, is
/// there.
const fn answers(status: Option<u16>) -> bool {
    match status {
        None | Some(404 | 410) => false,
        Some(status) => status < 500,
    }
}
