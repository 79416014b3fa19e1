//! Rows of the publication log, and the hash chain that binds them.
//!
//! A row hashes the row before it, so that no row can be changed, taken out or slipped in
//! without every later hash changing. The edition's digest, which could give a text away,
//! enters the chain only as a salted commitment; the salt lies with the edition and is
//! destroyed with it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    canonical::{NotCanonical, canonical_digest},
    digest::Digest,
    edition::{Importance, PlacedAt},
    ids::{ActorId, ContentId, NoticeId},
    names::{Locale, SiteKey, TypeName},
    visibility::{EventKind, Visibility},
};

/// One row of the publication log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number: without gaps, in commit order, from 1.
    pub sequence: u64,
    /// When it happened, by the hub's clock; never earlier than the row before.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// Who did it.
    pub actor: ActorId,
    /// To what.
    pub subject: Subject,
    /// Hash of this row.
    pub hash: Digest,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A document.
    Document(DocumentEvent),
    /// A column, site, type, authority, target or notice.
    Arrangement(Arrangement),
}

/// What happened to a document: what it left and what it entered, so that a reader of the
/// log needs no other state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentEvent {
    /// The document's name across sites.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Its type.
    pub r#type: TypeName,
    /// Number of the edition that the public sees, or last saw.
    pub edition: u32,
    /// Whether readers are told.
    pub importance: Importance,
    /// What the public sees from now on.
    pub visibility: Visibility,
    /// The one site it concerns, where a site of another authority acts on its own placement.
    pub site: Option<SiteKey>,
    /// Where it stood before.
    pub left: Vec<PlacedAt>,
    /// Where it stands now.
    pub entered: Vec<PlacedAt>,
    /// Commitment to the edition's digest: SHA-256(salt ‖ digest).
    pub commitment: Digest,
}

/// A change of the house itself, not of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Arrangement {
    /// `authority`, `site`, `column`, `type`, `target` or `notice`.
    pub what: ArrangedThing,
    /// Its key; for a column `site:path`, as it was before; for a target its id, for the log is
    /// public and who is delivered to is not; for a notice `site:id`.
    pub key: String,
    /// What was done: `created`, `changed`, `moved`, `merged`, `closed`.
    pub change: ArrangedChange,
    /// The key afterwards, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub becomes: Option<String>,
}

impl Arrangement {
    /// The notice that was arranged, and the site it stands on, where it was one.
    pub fn notice(&self) -> Option<(SiteKey, NoticeId)> {
        let (site, id) = self.key.split_once(':').filter(|_| self.what == ArrangedThing::Notice)?;
        Some((site.parse().ok()?, id.parse().ok()?))
    }
}

/// What can be arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ArrangedThing {
    /// A body of government.
    Authority,
    /// A website.
    Site,
    /// A column.
    Column,
    /// A content type.
    Type,
    /// What a target is given (投放对象). What it is told to drop because of it carries the
    /// number of this event.
    Target,
    /// A notice of a site (站点公告). When it begins and ends makes no event of its own: it says
    /// so itself.
    Notice,
}

/// What was done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ArrangedChange {
    /// It is new.
    Created,
    /// Its particulars changed.
    Changed,
    /// It has another path or parent.
    Moved,
    /// Its documents went into another one.
    Merged,
    /// It takes no documents any more; of a notice, it was ended.
    Closed,
}

/// The hash of a row that follows a row hashed `previous` (the digest of nothing before the
/// first).
///
/// # Errors
/// [`NotCanonical`] never happens for rows that were built by this crate.
pub fn row_hash(
    previous: Digest,
    sequence: u64,
    at: Timestamp,
    kind: EventKind,
    actor: ActorId,
    subject: &Subject,
) -> Result<Digest, NotCanonical> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Row<'a> {
        previous: Digest,
        sequence: u64,
        at: i64,
        kind: EventKind,
        actor: ActorId,
        #[serde(skip_serializing_if = "Option::is_none")]
        document: Option<DocumentRow<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        arrangement: Option<&'a Arrangement>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct DocumentRow<'a> {
        content: ContentId,
        locale: &'a Locale,
        r#type: &'a TypeName,
        edition: u32,
        importance: Importance,
        visibility: Visibility,
        site: Option<&'a SiteKey>,
        left: &'a [PlacedAt],
        entered: &'a [PlacedAt],
        commitment: Digest,
    }

    let (document, arrangement) = match subject {
        Subject::Document(event) => (
            Some(DocumentRow {
                content: event.content,
                locale: &event.locale,
                r#type: &event.r#type,
                edition: event.edition,
                importance: event.importance,
                visibility: event.visibility,
                site: event.site.as_ref(),
                left: &event.left,
                entered: &event.entered,
                commitment: event.commitment,
            }),
            None,
        ),
        Subject::Arrangement(arrangement) => (None, Some(arrangement)),
    };
    let at = at.as_microsecond();
    canonical_digest(&Row { previous, sequence, at, kind, actor, document, arrangement })
}
