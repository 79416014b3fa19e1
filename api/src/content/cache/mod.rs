//! Answers of the content API that were given before, kept while they are still right.
//!
//! An answer is found by the bytes of its question, before anything is parsed, and is given only
//! while nothing that it is made of has changed: not by a time to live, but by the log. Whoever
//! looks first counts in the events since, so an answer is never older than the newest event
//! that this process knows of ([`Store::log_growth`]); what this process commits it knows before
//! the commit is acknowledged. What says something else from some moment on, though nothing
//! happens then, carries that moment and is given until then.
//!
//! The answer is made from one snapshot, and the position of the log in that same snapshot is
//! what its age is counted from: a node, a replica or a request that lags behind can keep an old
//! answer, but nobody will be given it.
//!
//! Only what the public may read is kept here.

pub(crate) mod follower;
mod heads;
pub(super) mod packed;
pub(super) mod parts;

use std::sync::{Arc, LazyLock, OnceLock};

use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use jiff::Timestamp;
use metrics::{Counter, counter};
use schema::{digest::Digest, parameters::Clock};
use store::Store;

use crate::{
    caching::{MOST_TAGS, Tags},
    operations::metrics::measurements,
};

use self::{
    follower::Follower,
    heads::Heads,
    packed::{Coding, Packed},
    parts::MadeOf,
};

/// Questions longer than this are answered anew each time.
pub(super) const LONGEST_QUESTION: usize = 32 << 10;
/// What the book-keeping of one answer takes with its heads, about.
const OVERHEAD: usize = 1_024;

/// Name of the counter of answers, by whether they were there.
pub(crate) const LOOKUPS: &str = "gongbao_content_cache_total";
/// Name of the counter of answers that were made and not kept, by the reason.
pub(crate) const UNKEPT: &str = "gongbao_content_cache_unkept_total";

/// Answers that were kept.
static COUNTED: LazyLock<Counter> = LazyLock::new(|| {
    measurements();
    counter!(LOOKUPS, "answer" => "kept")
});

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
    digest: OnceLock<String>,
    tags: [OnceLock<Option<HeaderValue>>; 4],
    cache_tags: OnceLock<Tags>,
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
    /// Why it cannot be kept, in a word.
    pub(super) unkept: Option<&'static str>,
}

impl Page {
    pub(super) fn new(status: StatusCode, body: Bytes) -> Self {
        Self {
            status,
            body,
            statements: 0,
            made_of: None,
            marks: Marks::default(),
            digest: OnceLock::new(),
            tags: Default::default(),
            cache_tags: OnceLock::new(),
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

    /// From when on it says something else, where that is known: nobody may be told to keep it
    /// for longer.
    pub(super) fn ends_at(&self) -> Option<Timestamp> {
        self.made_of.as_ref()?.ends_at
    }

    /// The digest of its bytes as a strong tag of the form in `coding`: two forms of one answer
    /// are different bytes, so each has a tag of its own (RFC 9110, section 8.8.3.3).
    pub(super) fn tag(&self, coding: Option<Coding>) -> Option<&HeaderValue> {
        let digest = self.digest.get_or_init(|| Digest::of(&self.body).hex());
        let (ending, tag) = match coding {
            None => (String::new(), &self.tags[0]),
            Some(coding) => (format!("-{}", coding.word()), &self.tags[1 + coding.place()]),
        };
        let text = || HeaderValue::from_str(&format!("\"{digest}{ending}\"")).ok();
        tag.get_or_init(text).as_ref()
    }

    /// The tag among `known`, an `If-None-Match`, that is of this answer, in whatever form it was
    /// given. A compressing layer may have made it weak on its way out.
    pub(super) fn known(&self, known: &str) -> Option<&HeaderValue> {
        let mut forms = [None].into_iter().chain(Coding::ALL.map(Some));
        let known = || known.split(',').map(|known| known.trim().trim_start_matches("W/"));
        forms.find_map(|form| {
            let tag = self.tag(form)?;
            known().any(|known| known.as_bytes() == tag.as_bytes()).then_some(tag)
        })
    }

    /// What caches outside are told to drop it by, where it is known what it is made of.
    pub(super) fn cache_tags(&self) -> Option<&Tags> {
        let made_of = self.made_of.as_ref()?;
        Some(self.cache_tags.get_or_init(|| Tags::of(&made_of.tags(MOST_TAGS))))
    }
}

/// The answers of one process. Cheap to clone.
#[derive(Clone)]
pub struct ResponseCache(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    pages: moka::future::Cache<Box<[u8]>, Arc<Page>>,
    follower: Follower,
}

impl ResponseCache {
    /// A cache of the answers read from `store`, of at most `bytes`; `clock` says when those end
    /// that depend on the time.
    pub fn new(store: Store, clock: Arc<dyn Clock>, bytes: u64) -> Self {
        Self::following(Follower::new(store), clock, bytes)
    }

    /// The same, where `follower` says what has changed.
    pub(crate) fn following(follower: Follower, clock: Arc<dyn Clock>, bytes: u64) -> Self {
        let pages = moka::future::Cache::<Box<[u8]>, Arc<Page>>::builder()
            .max_capacity(bytes)
            .weigher(|question, page| {
                // The short forms together are about as long as half the answer.
                let bytes = question.len() + page.body.len() * 3 / 2 + OVERHEAD;
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .build();
        Self(Arc::new(Inner { clock, pages, follower }))
    }

    /// The answer to `question`, if it is kept and known to be right without asking the database.
    pub(super) async fn kept(&self, question: &[u8]) -> Option<Arc<Page>> {
        self.0.follower.position()?;
        let page = self.0.pages.get(question).await.filter(|page| self.is_current(page))?;
        COUNTED.increment(1);
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
        let is_long = question.len() > LONGEST_QUESTION;
        if is_long || self.0.follower.catch_up().await.is_err() {
            // Without the log nothing is known to be right; the database says the rest.
            count_unkept(if is_long { "long" } else { "log" });
            return (Arc::new(make().await), false);
        }
        if let Some(page) = self.0.pages.get(question.as_slice()).await {
            if self.is_current(&page) {
                COUNTED.increment(1);
                return (page, true);
            }
            self.0.pages.invalidate(question.as_slice()).await;
        }
        counter!(LOOKUPS, "answer" => "made").increment(1);
        let mut own = None;
        let made = async {
            let page = Arc::new(make().await);
            own = Some(Arc::clone(&page));
            if page.made_of.is_none() {
                count_unkept(page.marks.unkept.unwrap_or("unknown"));
            }
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

    /// How many answers are kept, and their bytes, about.
    pub(crate) async fn size(&self) -> (u64, u64) {
        self.0.pages.run_pending_tasks().await;
        (self.0.pages.entry_count(), self.0.pages.weighted_size())
    }

    fn is_current(&self, page: &Page) -> bool {
        let changes = self.0.follower.changes();
        let is_unchanged = page.made_of.as_ref().is_some_and(|made_of| changes.none_of(made_of));
        drop(changes);
        // Most answers do not depend on the time: for them it is not asked.
        is_unchanged && page.ends_at().is_none_or(|ends_at| self.0.clock.now() < ends_at)
    }
}

fn count_unkept(why: &'static str) {
    counter!(UNKEPT, "why" => why).increment(1);
}
