//! The dispatcher: claims lanes fairly between targets, makes one call per lane at a time, and
//! records what came of it.
//!
//! ```text
//!   claim (transaction: fence + 1, lease, intent) ─▶ call (no transaction) ─▶ record
//!                                                    │                         │ fence still
//!                                 aborted long before the lease ends           │ mine? apply
//! ```

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use editorial::Desk;
use jiff::{SignedDuration, Timestamp};
use schema::delivery::Class;
use store::{
    Error,
    deliveries::{
        claims::{self, Claimed, Permit},
        journal::{self, Report},
        lanes::Due,
        targets::{Health, Target},
    },
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

use crate::{
    allowance::{self, Places},
    channels::{Channels, Parcel},
    facts,
    schedule::Jitter,
    verdict::{Outcome, verdict},
};

/// Calls under way at once without recalls, and recalls.
const NORMAL: usize = 48;
const URGENT: usize = 16;
/// When a call is given up. The client's own time-outs are shorter or equal.
const CALL: Duration = Duration::from_secs(30);
/// How long a lane is leased: three times a call, so that a call is over well before it ends
/// even where the record is slow.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(90);
/// How often the record of a result that met another transaction is done again.
const TRIES: u32 = 20;
/// How long it is tried to record a result while the database is away: together with the call
/// it is less than the lease.
const RECORD: Duration = Duration::from_secs(50);
/// Between such tries, at first and at the most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Claims and delivers.
pub struct Dispatcher {
    desk: Desk,
    channels: Arc<Channels>,
    normal: Arc<Semaphore>,
    urgent: Arc<Semaphore>,
    /// Where the round begins, so that no target is always first.
    turn: AtomicUsize,
}

/// What one pass came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Lanes that were claimed.
    pub claimed: usize,
    /// When something will be due that was not.
    pub next: Option<Timestamp>,
}

impl Dispatcher {
    /// A dispatcher with all its places free.
    pub fn new(desk: Desk, channels: Arc<Channels>) -> Self {
        Self {
            desk,
            channels,
            normal: Arc::new(Semaphore::new(NORMAL)),
            urgent: Arc::new(Semaphore::new(URGENT)),
            turn: AtomicUsize::new(0),
        }
    }

    /// Claims what is due and may be sent now, and spawns its calls onto `calls`. Every target
    /// gets a share before any gets a second one.
    ///
    /// # Errors
    /// Whatever the store says; what was claimed before is under way.
    pub async fn pass(self: &Arc<Self>, calls: &mut JoinSet<()>) -> Result<Pass, Error> {
        let mut session = self.desk.store.reader().await?;
        let due = claims::due(&mut session).await?;
        drop(session);
        let now = self.desk.clock.now();
        let mut ready: Vec<Due> = due.iter().filter(|one| is_ready(one, now)).copied().collect();
        let next = due.iter().filter_map(|one| next_at(one, now)).min();
        let mut pass = Pass { claimed: 0, next };
        if ready.is_empty() {
            return Ok(pass);
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % ready.len();
        ready.rotate_left(turn);
        while !ready.is_empty() {
            let share = self.share(ready.len());
            let mut unsated = Vec::new();
            for one in ready {
                let claimed = self.claim(&one, share, calls).await?;
                pass.claimed += claimed;
                // One that took its whole share may have more.
                if claimed > 0 && claimed >= share.free.normal.min(share.free.urgent) as usize {
                    unsated.push(one);
                }
            }
            ready = unsated;
        }
        Ok(pass)
    }

    /// What one of `targets` may take of the free places in one round.
    fn share(&self, targets: usize) -> Places {
        let part = |free: usize| match free {
            0 => 0,
            free => u32::try_from((free / targets.max(1)).max(1)).unwrap_or(u32::MAX),
        };
        Places {
            free: Permit {
                normal: part(self.normal.available_permits()),
                urgent: part(self.urgent.available_permits()),
            },
            lease: LEASE,
        }
    }

    async fn claim(
        self: &Arc<Self>,
        due: &Due,
        places: Places,
        calls: &mut JoinSet<()>,
    ) -> Result<usize, Error> {
        let places = Places {
            free: Permit {
                normal: places.free.normal.min(free(&self.normal)),
                urgent: places.free.urgent.min(free(&self.urgent)),
            },
            ..places
        };
        let now = self.desk.clock.now();
        let recall = due.urgent.is_some_and(|at| at <= now);
        if places.free.normal == 0 && !(recall && places.free.urgent > 0) {
            return Ok(0);
        }
        let entropy = &*self.desk.entropy;
        let claimed =
            claims::claim(&self.desk.store, due.target, &places, now, LEASE, entropy).await;
        let (target, claimed) = match claimed {
            Ok(Some(claimed)) => claimed,
            // Another node is at it, or was: there will be another pass.
            Ok(None) | Err(Error::Again) => return Ok(0),
            Err(error) => return Err(error),
        };
        let target = Arc::new(target);
        let count = claimed.len();
        for one in claimed {
            let places = if one.owed.is_recall() { &self.urgent } else { &self.normal };
            let place = Arc::clone(places).try_acquire_owned().ok();
            let (dispatcher, target) = (Arc::clone(self), Arc::clone(&target));
            calls.spawn(async move { dispatcher.deliver(&target, one, place).await });
        }
        Ok(count)
    }

    /// Makes the call of one claim and records what came of it.
    async fn deliver(
        &self,
        target: &Target,
        claimed: Claimed,
        place: Option<OwnedSemaphorePermit>,
    ) {
        let began = Instant::now();
        let outcome = self.call(target, &claimed).await;
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let now = self.desk.clock.now();
        let mut random = [0; 4];
        self.desk.entropy.fill(&mut random);
        let repeats = self.repeats_safely(target);
        let (verdict, stop) =
            verdict(&claimed, &outcome, repeats, now, Jitter::from_random(random));
        let report = Report {
            status: outcome.status,
            answer: outcome.answer,
            milliseconds,
            stop,
            ..Report::of(&claimed, outcome.class, verdict)
        };
        let health = |health: &Health| allowance::after(health, outcome.class, outcome.hint, now);
        let health: Option<&(dyn Fn(&Health) -> Health + Send + Sync)> =
            allowance::changes(&target.health, outcome.class).then_some(&health);
        self.record(target, &report, now, health).await;
        drop(place);
    }

    async fn call(&self, target: &Target, claimed: &Claimed) -> Outcome {
        if claimed.last == Some(Class::Unknown) && !self.repeats_safely(target) {
            let why =
                "the outcome of the last call is not known, and a second one might do it twice";
            return Outcome::without_answer(Class::Unknown, why);
        }
        let parcel = Parcel {
            id: facts::message_id(claimed.document, claimed.sequence),
            body: Bytes::from(claimed.body.clone()),
            at: self.desk.clock.now(),
        };
        match tokio::time::timeout(CALL, self.channels.send(target, parcel)).await {
            Ok(outcome) => outcome,
            Err(_) => Outcome::without_answer(Class::Unknown, "no answer in time"),
        }
    }

    fn repeats_safely(&self, target: &Target) -> bool {
        self.channels.get(&target.channel).is_some_and(|channel| channel.repeats_safely())
    }

    /// While the database is away, or its disk is full, it is tried again. A result that cannot
    /// be recorded is not lost: the intent stands, and when the lease ends the outcome counts as
    /// unknown; but the lane stands still until then, and its place at the target is taken.
    async fn record(
        &self,
        target: &Target,
        report: &Report,
        now: Timestamp,
        health: Option<&(dyn Fn(&Health) -> Health + Send + Sync)>,
    ) {
        let until = Instant::now() + RECORD;
        let (mut tries, mut pause) = (TRIES, PAUSE.0);
        while tries > 0 {
            let by = (now, &*self.desk.entropy);
            match journal::record(&self.desk.store, report, by, health).await {
                Ok(applied) => {
                    tracing::debug!(
                        target_key = target.key,
                        document = %report.document,
                        class = report.class.as_str(),
                        status = report.status,
                        milliseconds = report.milliseconds,
                        applied,
                        "delivery attempt"
                    );
                    return;
                }
                Err(Error::Again) => tries -= 1,
                Err(error)
                    if (error.is_unavailable() || error.is_full()) && Instant::now() < until =>
                {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE.1);
                }
                Err(error) => {
                    tracing::error!(target_key = target.key, %error, "a result was not recorded");
                    return;
                }
            }
        }
        tracing::error!(target_key = target.key, "a result was not recorded: too much at once");
    }
}

fn free(places: &Semaphore) -> u32 {
    u32::try_from(places.available_permits()).unwrap_or(u32::MAX)
}

fn is_ready(due: &Due, now: Timestamp) -> bool {
    due.urgent.is_some_and(|at| at <= now)
        || due.normal.is_some_and(|at| allowance::not_before(&due.health, at) <= now)
}

/// When it will be ready, if it is not.
fn next_at(due: &Due, now: Timestamp) -> Option<Timestamp> {
    let normal = due.normal.map(|at| allowance::not_before(&due.health, at));
    [due.urgent, normal].into_iter().flatten().filter(|at| *at > now).min()
}
