//! What requests leave in the audit beside what they change: texts that are not public were read,
//! something was refused.
//!
//! A request hands over what it has to say and goes on; one task writes it, many rows at a time.
//! Reading is told once an hour for each account, document and edition; refusals so often that
//! they are seen, and not so often that a stranger could fill the disk with them.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use editorial::{
    Desk,
    trail::{self, Noted, What},
};
use jiff::Timestamp;
use schema::{
    ids::{ActorId, DocumentId, EditionId},
    origin::Origin,
    permission::Actor,
};
use serde_json::{Value, json};
use store::audit::STRANGER;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::http::neighbourhood;

/// What waits to be written. Beyond that a row is lost, and the log of the server says so.
const WAITING: usize = 4_096;
/// Rows that are written together.
const TOGETHER: usize = 200;
/// Readings that are remembered, so that they are told once. Beyond that all are forgotten: telling
/// one twice does no harm.
const REMEMBERED: usize = 100_000;
/// Rows an hour that the holders of one link cause, from wherever they open it.
const OF_LINK: u32 = 100;
/// Refusals of one account, or of one address, that are told in an hour.
const OF_ONE: u32 = 20;
/// Refusals of everybody nobody knows that are told in an hour.
const OF_STRANGERS: u32 = 500;

/// Where requests leave what they have to say. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Trail {
    desk: Desk,
    waiting: mpsc::Sender<Waiting>,
    told: Arc<Mutex<Told>>,
}

enum Waiting {
    Noted(Box<Noted>),
    /// Whoever waits for everything before to be written.
    Settled(oneshot::Sender<()>),
}

/// What was told in this hour.
#[derive(Default)]
struct Told {
    hour: i64,
    read: HashSet<Reading>,
    /// How often, and how often more than was told.
    counts: HashMap<Cause, (u32, u32)>,
}

/// One text that somebody read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Reading {
    /// The account, or the link.
    who: Uuid,
    /// From where, with a link.
    from: Option<IpAddr>,
    document: DocumentId,
    edition: Option<EditionId>,
    version: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Cause {
    Account(ActorId),
    Address(Option<IpAddr>),
    Link(Uuid),
    Strangers,
}

/// Sees which drafts a request reads, and tells it.
#[derive(Clone)]
pub(crate) struct Witness {
    trail: Trail,
    actor: (ActorId, String),
    origin: Arc<Origin>,
    /// The link that was presented, by whom nobody knows.
    link: Option<Uuid>,
}

impl fmt::Debug for Witness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Witness").field("actor", &self.actor).finish_non_exhaustive()
    }
}

impl Trail {
    /// A trail that is written through `desk` for as long as anybody holds it.
    pub(crate) fn new(desk: Desk) -> Self {
        let (waiting, coming) = mpsc::channel(WAITING);
        // Without a runtime nobody is answered, either: routes are only listed.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(write(desk.clone(), coming));
        }
        Self { desk, waiting, told: Arc::default() }
    }

    /// Who reads as `actor`.
    pub(crate) fn witness(&self, actor: &Actor, origin: Arc<Origin>) -> Witness {
        Witness { trail: self.clone(), actor: (actor.id, actor.name.clone()), origin, link: None }
    }

    /// Who reads with a link, of whom nothing else is known.
    pub(crate) fn witness_of_link(&self, link: Uuid, hint: &str, origin: Arc<Origin>) -> Witness {
        let actor = (STRANGER.0.into(), format!("preview link {hint}"));
        Witness { trail: self.clone(), actor, origin, link: Some(link) }
    }

    /// Somebody known was refused what they are not permitted: `field` of a request, for the
    /// reason `code`.
    pub(crate) fn refused(&self, actor: &Actor, origin: &Origin, field: &str, code: &str) {
        let details = json!({ "field": field, "code": code });
        let who = (actor.id, actor.name.clone());
        self.refusal("act.refused", &[(Cause::Account(actor.id), OF_ONE)], who, origin, details);
    }

    /// Nobody known presented what is not good.
    pub(crate) fn sign_in_refused(&self, origin: &Origin) {
        let address = origin.address.map(neighbourhood);
        let bounds = [(Cause::Address(address), OF_ONE), (Cause::Strangers, OF_STRANGERS)];
        let who = (STRANGER.0.into(), STRANGER.1.to_owned());
        self.refusal("signIn.refused", &bounds, who, origin, json!({}));
    }

    fn refusal(
        &self,
        action: &'static str,
        bounds: &[(Cause, u32)],
        actor: (ActorId, String),
        origin: &Origin,
        mut details: Value,
    ) {
        let at = self.desk.clock.now();
        let Some(untold) = self.told(at, |told| told.count(bounds)) else { return };
        if untold > 0 {
            details["untold"] = json!(untold);
        }
        let what = What::Refused { action, details };
        self.note(Noted { at, actor, origin: origin.clone(), what });
    }

    fn told<T>(&self, at: Timestamp, ask: impl FnOnce(&mut Told) -> T) -> T {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.begin(at.as_second().div_euclid(3_600));
        ask(&mut told)
    }

    fn note(&self, noted: Noted) {
        if self.waiting.try_send(Waiting::Noted(Box::new(noted))).is_err() {
            tracing::error!("a row of the audit was lost: more wait than can be written");
        }
    }

    /// Done when everything that was noted before is written.
    pub(crate) async fn settled(&self) {
        let (done, settled) = oneshot::channel();
        if self.waiting.send(Waiting::Settled(done)).await.is_ok() {
            let _ = settled.await;
        }
    }
}

impl Witness {
    /// The text of `document` was read that is its `edition`, or whatever its draft is at
    /// `version`.
    pub(crate) fn saw(&self, document: DocumentId, edition: Option<EditionId>, version: i64) {
        let at = self.trail.desk.clock.now();
        let is_new = self.trail.told(at, |told| {
            let from = self.link.and(self.origin.address).map(neighbourhood);
            let who = self.link.unwrap_or(self.actor.0.uuid());
            told.is_new(Reading { who, from, document, edition, version })
                && self
                    .link
                    .is_none_or(|link| told.count(&[(Cause::Link(link), OF_LINK)]).is_some())
        });
        if is_new {
            let action = if self.link.is_some() { "preview.open" } else { "document.read" };
            let what = What::Read { document, edition, action };
            let origin = Origin::clone(&self.origin);
            self.trail.note(Noted { at, actor: self.actor.clone(), origin, what });
        }
    }
}

impl Told {
    /// Forgets what was told in another hour than this.
    fn begin(&mut self, hour: i64) {
        if self.hour != hour {
            self.hour = hour;
            self.read.clear();
            // What was not told is told with the next.
            self.counts.retain(|_, (_, untold)| *untold > 0);
            self.counts.values_mut().for_each(|(told, _)| *told = 0);
        }
        if self.read.len() >= REMEMBERED {
            self.read.clear();
        }
        if self.counts.len() >= REMEMBERED {
            self.counts.retain(|cause, _| *cause == Cause::Strangers);
        }
    }

    fn is_new(&mut self, reading: Reading) -> bool {
        self.read.insert(reading)
    }

    /// Whether one more is told, and how many were not since the last; `None` where it is not.
    fn count(&mut self, bounds: &[(Cause, u32)]) -> Option<u32> {
        let is_told = bounds
            .iter()
            .all(|(cause, most)| self.counts.get(cause).is_none_or(|(told, _)| told < most));
        let mut before = 0;
        for (place, (cause, _)) in bounds.iter().enumerate() {
            let (told, untold) = self.counts.entry(*cause).or_default();
            if is_told {
                *told += 1;
                if place == 0 {
                    before = std::mem::take(untold);
                }
            } else if place == 0 {
                *untold = untold.saturating_add(1);
            }
        }
        is_told.then_some(before)
    }
}

async fn write(desk: Desk, mut coming: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::new();
    while coming.recv_many(&mut waiting, TOGETHER).await > 0 {
        let mut noted = Vec::new();
        let mut settled = Vec::new();
        for one in waiting.drain(..) {
            match one {
                Waiting::Noted(one) => noted.push(*one),
                Waiting::Settled(done) => settled.push(done),
            }
        }
        if !noted.is_empty()
            && let Err(error) = trail::write(&desk, &noted).await
        {
            tracing::error!(%error, rows = noted.len(), "rows of the audit were not written");
        }
        for done in settled {
            let _ = done.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Cause {
        Cause::Address(Some([192, 0, 2, last].into()))
    }

    #[test]
    fn a_stranger_is_told_of_until_it_is_enough_and_counted_after_that() {
        let mut told = Told::default();
        told.begin(1);

        for _ in 0..OF_ONE {
            assert_eq!(told.count(&[(address(7), OF_ONE)]), Some(0));
        }
        for _ in 0..5 {
            assert_eq!(told.count(&[(address(7), OF_ONE)]), None);
        }
        assert_eq!(told.count(&[(address(8), OF_ONE)]), Some(0), "another address");

        told.begin(2);
        assert_eq!(told.count(&[(address(7), OF_ONE)]), Some(5), "and five more before");
        assert_eq!(told.count(&[(address(7), OF_ONE)]), Some(0));
    }

    #[test]
    fn many_addresses_are_no_way_around_the_bound() {
        let mut told = Told::default();
        told.begin(1);
        let tell = |told: &mut Told, last| {
            told.count(&[(address(last), OF_ONE), (Cause::Strangers, OF_STRANGERS)])
        };

        let rows =
            (0..=u8::MAX).cycle().take(5_000).filter(|last| tell(&mut told, *last).is_some());

        assert_eq!(rows.count(), OF_STRANGERS as usize);
    }

    #[test]
    fn a_text_that_is_read_again_in_the_same_hour_is_told_once() {
        let mut told = Told::default();
        told.begin(1);
        let document = Uuid::nil().into();
        let read = Reading { who: Uuid::nil(), from: None, document, edition: None, version: 1 };

        assert!(told.is_new(read));
        assert!(!told.is_new(read));
        assert!(told.is_new(Reading { version: 2, ..read }), "it was changed");
        told.begin(2);
        assert!(told.is_new(read));
    }
}
