//! Those who listen to the same: what they are told is made once, for all of them.
//!
//! One task follows the log from where it was when the first of them came, and puts what it
//! makes into a ring from which everybody takes. Who resumes further back is told in chunks,
//! which are shared too as long as nothing has happened since they were made.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicIsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_graphql::ServerError;
use bytes::Bytes;
use tokio::{
    sync::{Notify, broadcast},
    time::{sleep, timeout},
};

use super::{
    Live,
    operation::{Operation, Untold},
    selection::Selection,
};

/// Batches that the ring holds: who is further behind has missed some.
const RING: usize = 16;
/// Batches that may lie in the ring untaken before those who take them are waited for.
const AHEAD: usize = RING / 2;
/// How long they are waited for: one who is stuck delays the others by no more.
const WAIT: Duration = Duration::from_millis(250);
/// Events told at once, and looked at once.
const MOST_TOLD: usize = 64;
const MOST_LOOKED: u64 = 1_024;
/// Bytes that a batch is to have, about.
const BATCH_BYTES: usize = 256 << 10;
/// Chunks kept for those who resume.
const CHUNKS: usize = 64;
/// How long until what did not work is tried again.
const AGAIN: Duration = Duration::from_millis(500);
/// How often what is no fault of the database is tried again.
const TRIES: u32 = 5;

/// What a stretch of the log comes to for a group.
#[derive(Debug)]
pub(super) struct Batch {
    /// The events that are told, by their numbers, as GraphQL answers in JSON.
    pub(super) events: Vec<(u64, Bytes)>,
    /// The newest event looked at.
    pub(super) upto: u64,
    /// How long after the commit of the newest event this was made.
    pub(super) lag: Duration,
    /// When that was.
    pub(super) made: Instant,
    untaken: AtomicIsize,
    taken: Notify,
}

impl Batch {
    /// Notes that one listener took it out of the ring.
    pub(super) fn take(&self) {
        if self.untaken.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.taken.notify_one();
        }
    }

    async fn taken_by_most(&self) {
        if self.untaken.load(Ordering::Acquire) > 0 {
            let _ = timeout(WAIT, self.taken.notified()).await;
        }
    }
}

/// What a listener finds in the ring.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// Events.
    Batch(Arc<Batch>),
    /// There will be no more: why.
    Over(Arc<[ServerError]>),
}

/// Those who listen to the same.
pub(super) struct Group {
    operation: Operation,
    selection: Selection,
    ring: broadcast::Sender<Told>,
    /// The newest event that was looked at and, if it is told, lies in the ring.
    position: Mutex<u64>,
    chunks: tokio::sync::Mutex<Chunks>,
}

/// What was made for those who resume.
#[derive(Default)]
struct Chunks {
    /// The newest event when these were made: they are as good as made now until there is
    /// another.
    known: u64,
    by_start: HashMap<u64, Arc<Batch>>,
}

impl Group {
    pub(super) fn new(operation: Operation, selection: Selection, position: u64) -> Self {
        Self {
            operation,
            selection,
            ring: broadcast::Sender::new(RING),
            position: Mutex::new(position),
            chunks: tokio::sync::Mutex::default(),
        }
    }

    /// From now on: what lies behind the event of this number comes through the ring.
    pub(super) fn join(&self) -> (broadcast::Receiver<Told>, u64) {
        let position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        (self.ring.subscribe(), *position)
    }

    /// Follows the log for as long as it is let.
    pub(super) async fn follow(self: Arc<Self>, live: Live) {
        let mut growth = live.feed().growth();
        let (_, mut position) = self.join();
        let mut size = MOST_TOLD;
        let mut untaken = VecDeque::new();
        let mut tries = 0;
        loop {
            let known = live.feed().known();
            match self.make(&live, position, size).await {
                Ok(None) if position >= known => {
                    if growth.wait_for(|known| *known > position).await.is_err() {
                        return;
                    }
                }
                // What the database cannot tell now it tells later; nothing may be left out.
                Ok(None) | Err(Untold::Away) => sleep(AGAIN).await,
                Err(Untold::Failed(_)) if tries < TRIES => {
                    tries += 1;
                    size = (size / 4).max(1);
                    sleep(AGAIN).await;
                }
                Err(Untold::Failed(errors) | Untold::Refused(errors)) => {
                    let _ = self.ring.send(Told::Over(errors.into()));
                    live.forget(&self);
                    return;
                }
                Ok(Some(batch)) => {
                    tries = 0;
                    size = fitting(&batch, size);
                    position = batch.upto;
                    let batch = Arc::new(batch);
                    self.put(&batch);
                    if !batch.events.is_empty() {
                        untaken.push_back(batch);
                    }
                    while untaken.len() > AHEAD {
                        if let Some(batch) = untaken.pop_front() {
                            batch.taken_by_most().await;
                        }
                    }
                }
            }
        }
    }

    /// Puts a batch into the ring, unless there is nothing in it to tell.
    fn put(&self, batch: &Arc<Batch>) {
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        *position = batch.upto;
        if !batch.events.is_empty() {
            let listeners = isize::try_from(self.ring.receiver_count()).unwrap_or(isize::MAX);
            // One in twenty may be stuck without anybody waiting for it.
            batch.untaken.store(listeners - listeners / 20, Ordering::Release);
            let _ = self.ring.send(Told::Batch(Arc::clone(batch)));
        }
    }

    /// What comes after event `after`, for somebody who resumes there; `None` at the end of the
    /// log.
    pub(super) async fn chunk(
        &self,
        live: &Live,
        after: u64,
    ) -> Result<Option<Arc<Batch>>, Untold> {
        let mut chunks = self.chunks.lock().await;
        let known = live.feed().known();
        if chunks.known != known || chunks.by_start.len() >= CHUNKS {
            *chunks = Chunks { known, by_start: HashMap::new() };
        }
        if let Some(chunk) = chunks.by_start.get(&after) {
            return Ok(Some(Arc::clone(chunk)));
        }
        let made = match self.make(live, after, MOST_TOLD).await {
            // Perhaps it was too much at once.
            Err(Untold::Failed(_)) => self.make(live, after, 1).await?,
            made => made?,
        };
        let Some(chunk) = made.map(Arc::new) else { return Ok(None) };
        chunks.by_start.insert(after, Arc::clone(&chunk));
        Ok(Some(chunk))
    }

    /// Makes what the events after number `after` come to, telling `size` of them at most.
    async fn make(&self, live: &Live, after: u64, size: usize) -> Result<Option<Batch>, Untold> {
        // Stretches end at the same events for all, wherever they begin.
        let looked = MOST_LOOKED - after % MOST_LOOKED;
        let looked = usize::try_from(looked).unwrap_or(usize::MAX);
        let events = live.feed().after(after, looked).await.map_err(|error| {
            tracing::warn!(%error, "the log cannot be followed now");
            Untold::Away
        })?;
        let Some(mut upto) = events.last().map(|last| last.sequence()) else { return Ok(None) };
        let mut taken: Vec<_> = events.iter().filter(|seen| self.selection.takes(seen)).collect();
        if taken.len() > size {
            upto = taken[size].sequence() - 1;
            taken.truncate(size);
        }
        let newest = taken.last().map(|seen| seen.stored.event.at);
        let numbers: Vec<u64> = taken.iter().map(|seen| seen.sequence()).collect();
        let stored = taken.into_iter().map(|seen| seen.stored.clone()).collect::<Vec<_>>();
        let told = match stored.is_empty() {
            true => Vec::new(),
            false => live.tell(&self.operation, stored).await?,
        };
        let lag = newest.map_or(Duration::ZERO, |at| live.since(at));
        Ok(Some(Batch {
            events: numbers.into_iter().zip(told).collect(),
            upto,
            lag,
            made: Instant::now(),
            untaken: AtomicIsize::new(0),
            taken: Notify::new(),
        }))
    }
}

/// How many events the next batch is to tell, after one of this size.
fn fitting(batch: &Batch, size: usize) -> usize {
    let bytes: usize = batch.events.iter().map(|(_, told)| told.len()).sum();
    match bytes {
        0 => size,
        bytes => (BATCH_BYTES * batch.events.len() / bytes).clamp(1, MOST_TOLD),
    }
}
