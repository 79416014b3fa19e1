//! The export of a site: one JSON object a line. The first line says what this is, then come
//! the documents, each with its editions in order, its state, its draft; the last line counts
//! them, so that a file that breaks off is seen.
//!
//! Everything in it is portable: keys, paths, content ids, digests. A document's id on the hub
//! it comes from serves as its name within the export and nowhere else.

use jiff::Timestamp;
use schema::{
    content_type::OldTexts,
    digest::Digest,
    edition::{Content, Importance, Place, PlacedAt},
    ids::{ContentId, DocumentId},
    names::{AuthorityKey, Locale, SiteKey},
    visibility::{Notice, Visibility},
};
use serde::{Deserialize, Serialize};

/// What the first line says under `format`.
pub(super) const FORMAT: &str = "gongbao-export";
/// The version of the format that is written, and the latest that is read.
pub(super) const VERSION: u32 = 1;
/// Name of the file of records within a folder.
pub const RECORDS: &str = "export.jsonl";
/// Name of the folder of files, by the digits of their digests.
pub const FILES: &str = "files";
/// Name of the file that `gongbao site apply` takes.
pub const TREE: &str = "tree.toml";

/// The first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Header {
    pub(super) format: String,
    pub(super) version: u32,
    pub(super) site: SiteKey,
    /// Number of the last event of the log that is in the export.
    pub(super) log_head: u64,
}

/// A line after the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "camelCase")]
pub(super) enum Line {
    /// A text that was published.
    Edition(Box<EditionLine>),
    /// A text that was not.
    Draft(Box<DraftLine>),
    /// What the public sees of a document that is not simply live.
    State(StateLine),
    /// A document that was recalled or erased. Its text does not leave the hub.
    Recalled(StateLine),
    /// A placement of the document of another authority on the site, listed there now.
    Adopted(AdoptedLine),
    /// The last line.
    End(EndLine),
}

/// Which document a line is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named {
    pub(super) document: DocumentId,
    pub(super) content_id: ContentId,
    pub(super) locale: Locale,
}

/// A text with its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextLine {
    pub(super) authority: AuthorityKey,
    /// The recalled document it takes over from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) takes_over: Option<DocumentId>,
    pub(super) content: Content,
    pub(super) content_digest: Digest,
    pub(super) place: Place,
    /// Over content and place.
    pub(super) digest: Digest,
    /// Where it stands now, where columns have other names than `place` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stands: Option<Vec<PlacedAt>>,
    /// Translations: the main edition that it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) follows: Option<u32>,
}

/// A text that was published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EditionLine {
    #[serde(flatten)]
    pub(super) of: Named,
    pub(super) number: u32,
    pub(super) published_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) originally_published_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) original_time_source: Option<String>,
    pub(super) importance: Importance,
    /// What it said of the text it superseded.
    pub(super) old_text: OldTexts,
    /// Whether the document was not live when it was published.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) after_break: bool,
    #[serde(flatten)]
    pub(super) text: TextLine,
}

/// A text that was not published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DraftLine {
    #[serde(flatten)]
    pub(super) of: Named,
    #[serde(flatten)]
    pub(super) text: TextLine,
}

/// What the public sees of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StateLine {
    #[serde(flatten)]
    pub(super) of: Named,
    pub(super) visibility: Visibility,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) notice: Option<Notice>,
}

/// A placement by another authority.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdoptedLine {
    #[serde(flatten)]
    pub(super) of: Named,
    pub(super) placement: PlacedAt,
}

/// What the export holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndLine {
    /// Documents, the recalled ones included.
    pub documents: u64,
    /// Texts that were published.
    pub editions: u64,
    /// Texts that were not.
    pub drafts: u64,
    /// Files.
    pub files: u64,
}
