//! How an import goes: what became of each record, told once that is committed, and what it
//! all came to.

use std::io;

use schema::{
    ids::{ContentId, DocumentId},
    mending::Dropped,
};
use serde::Serialize;
use store::imports::RecordKey;

use super::{Position, Reason};

/// How an import goes.
#[derive(Debug)]
pub enum Event<'a> {
    /// So many records there are.
    Total(u64),
    /// One of them was dealt with; what it became is committed.
    Record(&'a Report),
}

/// What an import came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Records read.
    pub records: u64,
    /// Live, or live once and superseded.
    pub published: u64,
    /// Drafts.
    pub drafted: u64,
    /// Acts repeated here.
    pub done: u64,
    /// Here already.
    pub unchanged: u64,
    /// Left out for a reason that needs nobody.
    pub skipped: u64,
    /// Wrong.
    pub rejected: u64,
}

/// Hears how an import goes; an error ends it.
pub(super) type Tell<'a> = dyn FnMut(Event<'_>) -> io::Result<()> + Send + 'a;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// It is live, or was and is superseded.
    Published,
    /// It is a draft.
    Drafted,
    /// What happened to a document was done here too.
    Done,
    /// It was here already.
    Unchanged,
    /// There is a reason why it is not taken in, and nobody has to do anything.
    Skipped,
    /// It is wrong; somebody has to do something.
    Rejected,
}

/// What became of one record, told after the commit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Where it stands.
    #[serde(flatten)]
    pub at: Position,
    /// What became of it.
    pub status: Status,
    /// Its key, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its version, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
    /// Its content id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<ContentId>,
    /// Number of the edition it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edition: Option<u32>,
    /// Why it was skipped or rejected.
    #[serde(flatten)]
    pub reason: Option<Reason>,
    /// Lines that mending left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<Dropped>,
}

impl Report {
    pub(super) fn rejected(at: Position, key: Option<&RecordKey>, reason: Reason) -> Self {
        Self { reason: Some(reason), ..Self::of(at, key, Status::Rejected) }
    }

    pub(super) fn of(at: Position, key: Option<&RecordKey>, status: Status) -> Self {
        Self {
            at,
            status,
            key: key.map(|key| key.key.clone()),
            version: key.map(|key| key.version.clone()).filter(|version| !version.is_empty()),
            document: None,
            content: None,
            edition: None,
            reason: None,
            dropped: Vec::new(),
        }
    }
}

/// What was done with one record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Done {
    pub(super) status: Status,
    pub(super) document: Option<DocumentId>,
    pub(super) content: Option<ContentId>,
    pub(super) edition: Option<u32>,
    pub(super) reason: Option<Reason>,
}

impl Done {
    pub(super) const fn of(status: Status, document: Option<DocumentId>) -> Self {
        Self { status, document, content: None, edition: None, reason: None }
    }

    pub(super) const fn because(status: Status, reason: Reason) -> Self {
        Self { status, document: None, content: None, edition: None, reason: Some(reason) }
    }

    /// As it is told.
    pub(super) fn report(self, at: Position, key: &RecordKey, dropped: Vec<Dropped>) -> Report {
        let Self { status, document, content, edition, reason } = self;
        let told = Report::of(at, Some(key), status);
        Report { document, content, edition, reason, dropped, ..told }
    }
}
