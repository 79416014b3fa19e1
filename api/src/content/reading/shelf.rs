//! What documents and the house say, kept at hand while it is right, so that an answer that is
//! made anew asks the database only which documents it shows.
//!
//! Everything at hand carries the position of the log at which it was read, and is taken only if
//! the log says that it has not changed between that position and the one the answer is made at.
//! Only what the public may read is kept here.

use std::{mem, sync::Arc};

use metrics::counter;
use schema::{
    edition::Content,
    ids::{AuthorityId, ColumnId, DocumentId, SiteId},
    names::{ColumnPath, SiteKey},
    tree::{Authority, Column, Site},
};

use super::{Facts, Reader};
use crate::content::cache::{follower::Follower, parts::Part};

/// Name of the counter of answers that were made, by whether all they say of documents was at
/// hand.
pub(crate) const MADE: &str = "gongbao_content_made_total";
/// What the book-keeping of one thing takes, about.
const OVERHEAD: usize = 256;

/// What is at hand in one process. Cheap to clone.
#[derive(Clone)]
pub struct Shelf(Arc<Inner>);

impl std::fmt::Debug for Shelf {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shelf").finish_non_exhaustive()
    }
}

struct Inner {
    follower: Follower,
    kept: moka::sync::Cache<Key, Kept>,
}

/// What names a thing at hand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A document in brief, as it is shown on a site or at home.
    Item(DocumentId, Option<SiteId>),
    /// The same where it stands at a path of the site.
    Here(DocumentId, SiteId),
    Text(DocumentId),
    ColumnsOf(DocumentId),
    Authority(AuthorityId),
    Site(SiteId),
    SiteKey(SiteKey),
    Column(ColumnId),
    ColumnAt(SiteId, ColumnPath),
    Tree(SiteId),
}

/// A thing at hand: also that there is none.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Item(Option<Arc<Facts>>),
    Text(Option<Arc<Content>>),
    ColumnsOf(Vec<(SiteId, ColumnId)>),
    Authority(Option<Arc<Authority>>),
    Site(Option<Arc<Site>>),
    Column(Option<Arc<Column>>),
    Tree(Vec<Arc<Column>>),
}

#[derive(Clone)]
struct Kept {
    /// The position of the log that it was read at.
    at: u64,
    value: Value,
}

impl Key {
    /// What changes it; `None` for what changes with the house alone.
    const fn part(&self) -> Option<Part<'static>> {
        match self {
            Self::Item(id, _) | Self::Here(id, _) | Self::Text(id) | Self::ColumnsOf(id) => {
                Some(Part::Document(*id))
            }
            _ => None,
        }
    }
}

impl Value {
    /// About how many bytes it takes.
    fn bytes(&self) -> usize {
        match self {
            // Its card holds short fields and links, the rest is fixed.
            Self::Item(Some(facts)) => mem::size_of::<Facts>() + 2 * facts.summary.len() + 1_024,
            Self::Text(Some(content)) => content.fields.values().map(bytes_of).sum(),
            Self::ColumnsOf(columns) => mem::size_of_val(&columns[..]),
            Self::Tree(tree) => tree.len() * 1_024,
            Self::Site(Some(_)) => 4_096,
            Self::Column(Some(_)) | Self::Authority(Some(_)) => 1_024,
            _ => 0,
        }
    }
}

fn bytes_of(value: &serde_json::Value) -> usize {
    use serde_json::Value as Json;
    mem::size_of::<Json>()
        + match value {
            Json::String(text) => text.len(),
            Json::Array(values) => values.iter().map(bytes_of).sum(),
            Json::Object(values) => values.iter().map(|(key, it)| key.len() + bytes_of(it)).sum(),
            _ => 0,
        }
}

impl Shelf {
    /// A shelf for `bytes`; `follower` says what has changed.
    pub fn new(follower: Follower, bytes: u64) -> Self {
        let kept = moka::sync::Cache::<Key, Kept>::builder()
            .max_capacity(bytes)
            .weigher(|_, kept| u32::try_from(kept.value.bytes() + OVERHEAD).unwrap_or(u32::MAX))
            .build();
        Self(Arc::new(Inner { follower, kept }))
    }

    /// The newest position of the log that this process knows of, where it has counted in all
    /// that happened up to there.
    pub(crate) async fn position(&self) -> Option<u64> {
        self.0.follower.catch_up().await.ok()?;
        self.0.follower.position()
    }

    /// What `key` names, as it is at the position `at`.
    fn get(&self, key: &Key, at: u64) -> Option<Value> {
        let kept = self.0.kept.get(key)?;
        let changes = self.0.follower.changes();
        changes.is_same(key.part(), kept.at, at).then_some(kept.value)
    }

    fn put(&self, key: Key, at: u64, value: Value) {
        self.0.kept.insert(key, Kept { at, value });
    }
}

impl Reader {
    /// The same reader over what is at hand, at the newest position known of; `None` where there
    /// is nothing at hand for who asks.
    pub(crate) async fn at_hand(&self) -> Option<Self> {
        let position = self.shelf()?.position().await?;
        Some(self.of_what_is_at_hand(position))
    }

    /// Counts an answer that was made.
    pub(crate) fn count_made(at_hand: bool) {
        counter!(MADE, "from" => if at_hand { "shelf" } else { "database" }).increment(1);
    }

    /// Whether anything is kept at hand for who asks.
    pub(super) fn has_shelf(&self) -> bool {
        self.shelf().is_some()
    }

    fn shelf(&self) -> Option<&Shelf> {
        let is_public = self.viewer == schema::viewer::Viewer::Public;
        self.model.shelf.as_ref().filter(|_| is_public)
    }

    /// What `key` names, where it is at hand.
    pub(super) fn shelved(&self, key: &Key) -> Option<Value> {
        self.shelf()?.get(key, self.position()?)
    }

    /// Keeps at hand what was just read.
    pub(super) fn shelve(&self, key: Key, value: impl FnOnce() -> Value) {
        if let (Some(shelf), Some(at), false) = (self.shelf(), self.position(), self.is_at_hand()) {
            shelf.put(key, at, value());
        }
    }

    /// Those of `ids` that are not at hand; `take` gets the others.
    pub(super) fn not_at_hand<Id: Copy>(
        &mut self,
        ids: Vec<Id>,
        key: impl Fn(Id) -> Key,
        take: impl Fn(&mut Self, Id, Value),
    ) -> Vec<Id> {
        if self.shelf().is_none() {
            return ids;
        }
        let mut left = Vec::new();
        for id in ids {
            match self.shelved(&key(id)) {
                Some(value) => take(self, id, value),
                None => left.push(id),
            }
        }
        left
    }
}
