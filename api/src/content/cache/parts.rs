//! What an answer is made of, and when each of it last changed.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use jiff::Timestamp;
use schema::parts::{ALL, Extent, HUB, PartKey, each_changed};
pub(crate) use schema::parts::{Part, Place};
use store::log::StoredEvent;

/// Parts that are remembered; beyond that everything made before counts as changed.
const MOST: usize = 500_000;

/// What one answer is made of, gathered while it is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct MadeOf {
    /// The newest event in the snapshot that it was read from; `None` while nothing was read.
    pub(crate) sequence: Option<u64>,
    /// From when on it says something else though nothing happened; `None` where nothing in it
    /// depends on the time.
    pub(crate) ends_at: Option<Timestamp>,
    parts: HashSet<PartKey>,
    /// Tags of those that have a name.
    named: Vec<Cow<'static, str>>,
}

impl MadeOf {
    /// Adds a part.
    pub(crate) fn note(&mut self, part: Part<'_>) {
        let is_new = self.parts.insert(part.key());
        if is_new && matches!(part, Part::List(..) | Part::Everything) {
            self.named.push(part.tag());
        }
    }

    /// What a cache in front of the hub is to drop it by. Where that would be more than `most`,
    /// [`ALL`] stands for all of it: it is dropped with every event that changes a part.
    pub(crate) fn tags(&self, most: usize) -> Vec<Cow<'static, str>> {
        let mut tags = vec![Cow::Borrowed(HUB)];
        if self.parts.len() >= most {
            tags.push(Cow::Borrowed(ALL));
            return tags;
        }
        let numbered = self.parts.iter().filter(|key| !key.is_of_a_list());
        tags.extend(self.named.iter().cloned());
        tags.extend(numbered.map(|key| Cow::Owned(key.tag())));
        // The same on every node.
        tags[1..].sort_unstable();
        tags.dedup();
        tags
    }

    /// Notes that the answer says something else from `moment` on.
    pub(crate) fn ends(&mut self, moment: Timestamp) {
        self.ends_at = Some(self.ends_at.map_or(moment, |before| before.min(moment)));
    }
}

/// When parts last changed, as far as the log was read.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The newest event that is counted in.
    read: u64,
    /// What was made of an older state may have changed in any way.
    floor: u64,
    changed: HashMap<PartKey, u64>,
}

impl Changes {
    /// The newest event that is counted in.
    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    /// Forgets everything: what was made before event `sequence` has changed.
    pub(super) fn restart(&mut self, sequence: u64) {
        self.read = sequence;
        self.floor = sequence;
        self.changed.clear();
    }

    /// Counts an event in.
    pub(super) fn count(&mut self, event: &StoredEvent) {
        let sequence = event.event.sequence;
        self.read = sequence;
        let extent = each_changed(event.document, &event.event.subject, |part| {
            self.changed.insert(part.key(), sequence);
        });
        if extent == Extent::House || self.changed.len() > MOST {
            self.restart(sequence);
        }
    }

    /// Whether `part`, or where there is none the house, was the same at two positions of the log.
    pub(crate) fn is_same(&self, part: Option<Part<'_>>, one: u64, other: u64) -> bool {
        let (first, last) = (one.min(other), one.max(other));
        first == last
            || self.read >= last
                && self.floor <= first
                && part.is_none_or(|part| {
                    self.changed.get(&part.key()).is_none_or(|changed| *changed <= first)
                })
    }

    /// Whether nothing that an answer is made of has changed since it was made.
    pub(super) fn none_of(&self, made_of: &MadeOf) -> bool {
        let Some(sequence) = made_of.sequence.filter(|sequence| *sequence >= self.floor) else {
            return false;
        };
        made_of.parts.iter().all(|part| self.changed.get(part).is_none_or(|at| *at <= sequence))
    }
}
