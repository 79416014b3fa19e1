//! What an answer is made of, and when each of it last changed.
//!
//! A part is kept as its hash alone. Two parts that share one cost an answer its place in the
//! cache now and then, and never let a stale one live.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher as _},
    iter::successors,
};

use schema::{
    edition::PlacedAt,
    ids::{ContentId, DocumentId},
    log::{DocumentEvent, Subject},
    names::{ColumnPath, DocumentPath, SiteKey, TypeName},
};
use store::log::StoredEvent;

/// Parts that are remembered; beyond that everything made before counts as changed.
const MOST: usize = 500_000;

/// Something that an answer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part<'a> {
    /// A document: its text and state, its history, where it stands.
    Document(DocumentId),
    /// What a link to a content leads to, and its languages.
    Content(ContentId),
    /// What is listed at a place, of one type or of all.
    List(Place<'a>, Option<&'a TypeName>),
    /// What stands at a path of a site.
    Path(&'a SiteKey, &'a DocumentPath),
    /// All that ever happens.
    Everything,
}

/// Where documents are listed, with all that lies below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place<'a> {
    /// On any site.
    Hub,
    /// On one site.
    Site(&'a SiteKey),
    /// In a column of a site.
    Column(&'a SiteKey, &'a ColumnPath),
}

impl Part<'_> {
    fn key(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

/// What one answer is made of, gathered while it is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct MadeOf {
    /// The newest event in the snapshot that it was read from; `None` while nothing was read.
    pub(crate) sequence: Option<u64>,
    parts: HashSet<u64>,
}

impl MadeOf {
    /// Adds a part.
    pub(crate) fn note(&mut self, part: Part<'_>) {
        self.parts.insert(part.key());
    }
}

/// When parts last changed, as far as the log was read.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The newest event that is counted in.
    read: u64,
    /// What was made of an older state may have changed in any way.
    floor: u64,
    changed: HashMap<u64, u64>,
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

    /// Counts an event in. The house is part of every answer and is seldom changed: everything
    /// counts as changed with it.
    pub(super) fn count(&mut self, event: &StoredEvent) {
        let sequence = event.event.sequence;
        match &event.event.subject {
            Subject::Arrangement(_) => self.restart(sequence),
            Subject::Document(of) if self.changed.len() < MOST => {
                self.read = sequence;
                self.change(Part::Everything);
                self.change(Part::Content(of.content));
                if let Some(document) = event.document {
                    self.change(Part::Document(document));
                }
                self.change_places(of);
            }
            Subject::Document(_) => self.restart(sequence),
        }
    }

    fn change_places(&mut self, of: &DocumentEvent) {
        self.change_lists(Place::Hub, &of.r#type);
        for PlacedAt { site, columns, path } in of.left.iter().chain(&of.entered) {
            self.change(Part::Path(site, path));
            self.change_lists(Place::Site(site), &of.r#type);
            for column in columns {
                for above in successors(Some(column.clone()), ColumnPath::parent) {
                    self.change_lists(Place::Column(site, &above), &of.r#type);
                }
            }
        }
    }

    fn change_lists(&mut self, place: Place<'_>, of: &TypeName) {
        self.change(Part::List(place, None));
        self.change(Part::List(place, Some(of)));
    }

    fn change(&mut self, part: Part<'_>) {
        self.changed.insert(part.key(), self.read);
    }

    /// Whether nothing that an answer is made of has changed since it was made.
    pub(super) fn none_of(&self, made_of: &MadeOf) -> bool {
        let Some(sequence) = made_of.sequence.filter(|sequence| *sequence >= self.floor) else {
            return false;
        };
        made_of.parts.iter().all(|part| self.changed.get(part).is_none_or(|at| *at <= sequence))
    }
}
