//! Following the log: when each part last changed, as far as this process knows of it.
//!
//! Whoever looks first counts in the events since somebody last looked, so nobody goes by an
//! older state than the newest event that this process knows of ([`Store::log_growth`]). What it
//! commits itself it knows before the commit is acknowledged.

use std::sync::{
    Arc, PoisonError, RwLock, RwLockReadGuard,
    atomic::{AtomicU64, Ordering},
};

use editorial::ports::SystemClock;
use metrics::histogram;
use schema::parameters::Clock as _;
use store::{Error, Store, log};
use tokio::sync::{Mutex, watch};

use super::parts::Changes;

/// Events that are counted in one by one; further behind, everything is forgotten.
const MOST_BEHIND: u64 = 10_000;
/// Events read at once.
const PAGE: u32 = 1_000;

/// Name of the histogram of the time from the commit of an event to when it was counted in here.
pub(crate) const LAG: &str = "gongbao_content_cache_lag_seconds";

/// What changed when, for one process. Cheap to clone.
#[derive(Clone)]
pub struct Follower(Arc<Inner>);

struct Inner {
    store: Store,
    /// The newest event that this process knows of.
    known: watch::Receiver<u64>,
    changes: RwLock<Changes>,
    /// The newest event that is counted in, and one more; 0 before the log was first looked at.
    read: AtomicU64,
    reading: Mutex<()>,
}

impl Follower {
    /// Follows the log of `store`.
    pub fn new(store: Store) -> Self {
        Self(Arc::new(Inner {
            known: store.log_growth(),
            store,
            changes: RwLock::default(),
            read: AtomicU64::new(0),
            reading: Mutex::default(),
        }))
    }

    /// The newest event that is counted in, where that is the newest one known of.
    pub(crate) fn position(&self) -> Option<u64> {
        let known = *self.0.known.borrow();
        self.0.read.load(Ordering::Acquire).checked_sub(1).filter(|read| *read >= known)
    }

    /// When parts last changed.
    pub(crate) fn changes(&self) -> RwLockReadGuard<'_, Changes> {
        self.0.changes.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts events in as they become known, for as long as it is asked to: whoever asks finds
    /// the work done, and the time it took is measured. Nothing depends on it.
    pub(crate) async fn keep_up(&self) {
        let mut known = self.0.known.clone();
        loop {
            // Without the database there is nothing to give either.
            let _ = self.catch_up().await;
            if known.changed().await.is_err() {
                return;
            }
        }
    }

    /// Counts in what happened since somebody last looked.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) async fn catch_up(&self) -> Result<(), Error> {
        let known = *self.0.known.borrow();
        if self.0.read.load(Ordering::Acquire) > known {
            return Ok(());
        }
        let _reading = self.0.reading.lock().await;
        let read = self.0.read.load(Ordering::Acquire);
        if read > known {
            return Ok(());
        }
        let mut session = self.0.store.reader().await?;
        let mut after = match read.checked_sub(1) {
            Some(read) if known - read <= MOST_BEHIND => read,
            _ => {
                let head = log::head(&mut session).await?.sequence;
                self.count(|changes| changes.restart(head));
                return Ok(());
            }
        };
        loop {
            let events = log::after(&mut session, after, PAGE).await?;
            let Some(last) = events.last() else { return Ok(()) };
            after = last.event.sequence;
            self.count(|changes| events.iter().for_each(|event| changes.count(event)));
            // By the machine's clock, as the times of events are on a running hub.
            let now = SystemClock.now();
            for event in &events {
                histogram!(LAG).record(now.duration_since(event.event.at).as_secs_f64().max(0.0));
            }
        }
    }

    fn count(&self, count: impl FnOnce(&mut Changes)) {
        let mut changes = self.0.changes.write().unwrap_or_else(PoisonError::into_inner);
        count(&mut changes);
        self.0.read.store(changes.read() + 1, Ordering::Release);
    }
}
