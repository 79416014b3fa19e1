//! The log as all listeners of a process read it: once.
//!
//! The newest events lie in a window that whoever is first to need one fills for all the others.
//! There is no task that reads ahead and none that could lag behind. Who resumes further back
//! than the window reads for itself, a few at a time over all listeners, so that a crowd that
//! comes back never takes the connections that readers wait for.

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use schema::{
    edition::PlacedAt,
    ids::DocumentId,
    log::{Arrangement, Subject},
    names::SiteKey,
};
use store::{
    Error, Session, Store,
    log::{self, StoredEvent},
    trees,
};
use tokio::sync::{Mutex, Semaphore, watch};

use super::selection::Seen;

/// Events in the window.
const WINDOW: usize = 2_048;
/// Events read at once.
const PAGE: u32 = 256;
/// Those who read behind the window at once.
const BEHIND: usize = 2;

/// The log of one process.
pub(super) struct Feed {
    store: Store,
    growth: watch::Receiver<u64>,
    /// The newest event that somebody found in the log, where nobody was told of it.
    found: AtomicU64,
    window: Mutex<Window>,
    behind: Semaphore,
}

/// The newest events, without gaps.
#[derive(Default)]
struct Window {
    /// The event before the first one here.
    before: u64,
    events: VecDeque<Arc<Seen>>,
}

impl Window {
    fn newest(&self) -> u64 {
        self.before + self.events.len() as u64
    }

    fn after(&self, after: u64, limit: usize) -> Vec<Arc<Seen>> {
        let passed = usize::try_from(after - self.before).unwrap_or(usize::MAX);
        self.events.iter().skip(passed).take(limit).cloned().collect()
    }

    fn push(&mut self, seen: Vec<Seen>) {
        self.events.extend(seen.into_iter().map(Arc::new));
        while self.events.len() > WINDOW {
            self.events.pop_front();
            self.before += 1;
        }
    }
}

impl Feed {
    pub(super) fn new(store: Store) -> Self {
        Self {
            growth: store.log_growth(),
            store,
            found: AtomicU64::new(0),
            window: Mutex::default(),
            behind: Semaphore::new(BEHIND),
        }
    }

    /// Changes when the log grows.
    pub(super) fn growth(&self) -> watch::Receiver<u64> {
        self.growth.clone()
    }

    /// Number of the newest event that this process knows of.
    pub(super) fn known(&self) -> u64 {
        self.found.load(Ordering::Acquire).max(*self.growth.borrow())
    }

    /// Number of the newest event that is committed.
    pub(super) async fn head(&self) -> Result<u64, Error> {
        let head = log::head(&mut self.store.reader().await?).await?.sequence;
        self.found.fetch_max(head, Ordering::AcqRel);
        // Who subscribes from now on and then reads must not be given what was kept before.
        self.store.log_was_seen_at(head);
        Ok(head)
    }

    /// At most `limit` events after number `after`, in order and without gaps, up to the newest
    /// that this process knows of.
    pub(super) async fn after(&self, after: u64, limit: usize) -> Result<Vec<Arc<Seen>>, Error> {
        let known = self.known();
        if after >= known {
            return Ok(Vec::new());
        }
        let mut window = self.window.lock().await;
        // Nobody listened for a long time, or never before: nobody needs what lies between.
        if window.newest() + (WINDOW as u64) < known {
            *window = Window { before: known - (WINDOW as u64) / 2, events: VecDeque::new() };
        }
        if after < window.before {
            drop(window);
            return self.behind(after, limit).await;
        }
        while window.newest() <= after || window.newest() < known.min(after + limit as u64) {
            let events = self.read(window.newest(), PAGE).await?;
            if events.is_empty() {
                break;
            }
            window.push(events);
        }
        // A page may have pushed out what was asked for.
        if after < window.before {
            drop(window);
            return self.behind(after, limit).await;
        }
        Ok(window.after(after, limit))
    }

    async fn behind(&self, after: u64, limit: usize) -> Result<Vec<Arc<Seen>>, Error> {
        // Nobody closes it.
        let _place = self.behind.acquire().await;
        let limit = u32::try_from(limit).unwrap_or(PAGE).min(PAGE);
        Ok(self.read(after, limit).await?.into_iter().map(Arc::new).collect())
    }

    async fn read(&self, after: u64, limit: u32) -> Result<Vec<Seen>, Error> {
        let mut session = self.store.reader().await?;
        let mut seen = Vec::new();
        for stored in log::after(&mut session, after, limit).await? {
            let stood = match (&stored.event.subject, stored.document) {
                (Subject::Document(of), Some(document))
                    if of.left.is_empty() && of.entered.is_empty() =>
                {
                    stood_before(&mut session, document, stored.event.sequence).await?
                }
                _ => Vec::new(),
            };
            let reaches = match &stored.event.subject {
                Subject::Arrangement(of) => reached(&mut session, of).await?,
                Subject::Document(_) => HashSet::new(),
            };
            seen.push(Seen { stored, stood, reaches });
        }
        Ok(seen)
    }
}

/// The sites that show a notice, as the tree of sites is now: when it becomes another one,
/// everybody is told.
async fn reached(session: &mut Session, of: &Arrangement) -> Result<HashSet<SiteKey>, Error> {
    match of.notice() {
        Some((site, _)) => Ok(trees::sites_below(session, &site).await?.into_iter().collect()),
        None => Ok(HashSet::new()),
    }
}

/// Where `document` stood before event `sequence`, as its newest event tells that says it.
async fn stood_before(
    session: &mut Session,
    document: DocumentId,
    sequence: u64,
) -> Result<Vec<PlacedAt>, Error> {
    let events = log::of_document(session, document).await?;
    let places = |stored: &StoredEvent| match &stored.event.subject {
        Subject::Document(of) if stored.event.sequence < sequence => {
            let places: Vec<PlacedAt> = of.left.iter().chain(&of.entered).cloned().collect();
            (!places.is_empty()).then_some(places)
        }
        _ => None,
    };
    Ok(events.iter().rev().find_map(places).unwrap_or_default())
}
