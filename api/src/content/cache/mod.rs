//! Answers of the content API that were given before, kept while they are still right.
//!
//! An answer is found by the bytes of its question, before anything is parsed, and is given only
//! while nothing that it is made of has changed: not by a time to live, but by the log. Whoever
//! looks first counts in the events since, so an answer is never older than the newest event
//! that this process knows of ([`Store::log_growth`]); what this process commits it knows before
//! the commit is acknowledged.
//!
//! The answer is made from one snapshot, and the position of the log in that same snapshot is
//! what its age is counted from: a node, a replica or a request that lags behind can keep an old
//! answer, but nobody will be given it.
//!
//! Only what the public may read is kept here.

mod heads;
pub(super) mod packed;
pub(super) mod parts;

use std::sync::{
    Arc, OnceLock, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use metrics::counter;
use schema::digest::Digest;
use store::{Error, Store, log};
use tokio::sync::{Mutex, watch};

use self::{
    heads::Heads,
    packed::{Coding, Packed},
    parts::{Changes, MadeOf},
};

/// Questions longer than this are answered anew each time.
pub(super) const LONGEST_QUESTION: usize = 32 << 10;
/// Events that are counted in one by one; further behind, everything is forgotten.
const MOST_BEHIND: u64 = 10_000;
/// Events read at once.
const PAGE: u32 = 1_000;
/// What the book-keeping of one answer takes, about.
const OVERHEAD: usize = 512;

/// Name of the counter of answers, by whether they were there.
pub(crate) const LOOKUPS: &str = "gongbao_content_cache_total";

/// An answer as it goes out.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    /// Statements that it took.
    pub(super) statements: u64,
    /// What it is made of, where it can be kept.
    pub(super) made_of: Option<MadeOf>,
    /// What is said of it beside its bytes.
    pub(super) marks: Marks,
    tag: OnceLock<Option<HeaderValue>>,
    packed: Packed,
    heads: Heads,
}

/// What is said of an answer beside its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// It tells what it costs, and its head what is left: it never leaves by the same head twice.
    pub(super) tells_cost: bool,
    /// In how many seconds a budget has something left.
    pub(super) retry_after: Option<u32>,
    /// What it says may be wrong in a moment: nobody else must keep it.
    pub(super) is_passing: bool,
}

impl Page {
    pub(super) fn new(status: StatusCode, body: Bytes) -> Self {
        Self {
            status,
            body,
            statements: 0,
            made_of: None,
            marks: Marks::default(),
            tag: OnceLock::new(),
            packed: Packed::default(),
            heads: Heads::default(),
        }
    }

    /// Its bytes as `coding` makes them, where it is kept and that is worth it.
    pub(super) fn packed(&self, coding: Coding) -> Option<Bytes> {
        self.made_of.as_ref().and_then(|_| self.packed.of(&self.body, coding))
    }

    /// The same, with what it took and what it is made of.
    pub(super) fn of(self, statements: u64, made_of: Option<MadeOf>) -> Self {
        Self { statements, made_of, ..self }
    }

    /// The digest of its bytes as a strong tag.
    pub(super) fn tag(&self) -> Option<&HeaderValue> {
        let tag = || HeaderValue::from_str(&format!("\"{}\"", Digest::of(&self.body).hex())).ok();
        self.tag.get_or_init(tag).as_ref()
    }
}

/// The answers of one process. Cheap to clone.
#[derive(Clone)]
pub struct ResponseCache(Arc<Inner>);

struct Inner {
    pages: moka::future::Cache<Box<[u8]>, Arc<Page>>,
    store: Store,
    /// The newest event that this process knows of.
    known: watch::Receiver<u64>,
    changes: RwLock<Changes>,
    /// The newest event that is counted in, and one more; 0 before the log was first looked at.
    read: AtomicU64,
    reading: Mutex<()>,
}

impl ResponseCache {
    /// A cache of the answers read from `store`, of at most `bytes`.
    pub fn new(store: Store, bytes: u64) -> Self {
        let pages = moka::future::Cache::<Box<[u8]>, Arc<Page>>::builder()
            .max_capacity(bytes)
            .weigher(|question, page| {
                // The short forms together are about as long as half the answer.
                let bytes = question.len() + page.body.len() * 3 / 2 + OVERHEAD;
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .build();
        Self(Arc::new(Inner {
            pages,
            known: store.log_growth(),
            store,
            changes: RwLock::default(),
            read: AtomicU64::new(0),
            reading: Mutex::default(),
        }))
    }

    /// The answer to `question`, if it is kept and known to be right without asking the database.
    pub(super) async fn kept(&self, question: &[u8]) -> Option<Arc<Page>> {
        let known = *self.0.known.borrow();
        if self.0.read.load(Ordering::Acquire) <= known {
            return None;
        }
        let page = self.0.pages.get(question).await.filter(|page| self.is_current(page))?;
        counter!(LOOKUPS, "answer" => "kept").increment(1);
        Some(page)
    }

    /// The answer to `question`, the one kept or the one that `make` makes, and whether it was
    /// there. Who asks the same while it is being made waits for it.
    pub(super) async fn answer<Make>(
        &self,
        question: Vec<u8>,
        make: impl Fn() -> Make,
    ) -> (Arc<Page>, bool)
    where
        Make: Future<Output = Page>,
    {
        if question.len() > LONGEST_QUESTION || self.catch_up().await.is_err() {
            // Without the log nothing is known to be right; the database says the rest.
            return (Arc::new(make().await), false);
        }
        if let Some(page) = self.0.pages.get(question.as_slice()).await {
            if self.is_current(&page) {
                counter!(LOOKUPS, "answer" => "kept").increment(1);
                return (page, true);
            }
            self.0.pages.invalidate(question.as_slice()).await;
        }
        counter!(LOOKUPS, "answer" => "made").increment(1);
        let mut own = None;
        let made = async {
            let page = Arc::new(make().await);
            own = Some(Arc::clone(&page));
            page.made_of.is_some().then_some(page)
        };
        let kept = self.0.pages.optionally_get_with(question.into_boxed_slice(), made).await;
        match (own, kept) {
            (Some(own), _) => (own, false),
            // Somebody else's may have been begun before the newest event.
            (None, Some(kept)) if self.is_current(&kept) => (kept, true),
            _ => (Arc::new(make().await), false),
        }
    }

    fn is_current(&self, page: &Page) -> bool {
        let changes = self.0.changes.read().unwrap_or_else(PoisonError::into_inner);
        page.made_of.as_ref().is_some_and(|made_of| changes.none_of(made_of))
    }

    /// Counts in what happened since somebody last looked.
    async fn catch_up(&self) -> Result<(), Error> {
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
        }
    }

    fn count(&self, count: impl FnOnce(&mut Changes)) {
        let mut changes = self.0.changes.write().unwrap_or_else(PoisonError::into_inner);
        count(&mut changes);
        self.0.read.store(changes.read() + 1, Ordering::Release);
    }
}
