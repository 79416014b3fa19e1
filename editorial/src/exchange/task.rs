//! What one stage of an import hands to the next: a request, the place where texts go, and a
//! record that was made ready to be taken in.

use std::path::PathBuf;

use schema::{
    digest::Digest,
    edition::Source,
    mending::Dropped,
    message::Bilingual,
    names::{AuthorityKey, ColumnPath, DocumentPath, Locale, SiteKey, TypeName},
};
use store::{imports::RecordKey, publications::OriginalTime};

use super::{Limits, Position, attachments::LocalFile, format::Line, mapping::PublicationPart};
use crate::documents::CheckedText;

/// What is to be imported, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// File or folder.
    pub path: PathBuf,
    /// The site; not needed for an export of Gongbao, nor are the next two.
    pub site: Option<SiteKey>,
    /// The column, where the mapping names none.
    pub column: Option<ColumnPath>,
    /// The content type.
    pub r#type: Option<TypeName>,
    /// Whether texts are published, not left as drafts.
    pub publishes: bool,
    /// Name and text of a mapping file.
    pub mapping: Option<(String, String)>,
    /// The largest that is taken in.
    pub limits: Limits,
}

/// Where texts of a foreign file go.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub(super) site: SiteKey,
    pub(super) authority: AuthorityKey,
    pub(super) column: ColumnPath,
    pub(super) locale: Locale,
    pub(super) publishes: bool,
    pub(super) publication: PublicationPart,
}

/// A record on its way in.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) at: Position,
    pub(super) key: RecordKey,
    /// Of the record as it was read.
    pub(super) digest: Digest,
    pub(super) bytes: u64,
    pub(super) files: Vec<LocalFile>,
    pub(super) dropped: Vec<Dropped>,
    pub(super) what: What,
}

/// What a record is.
#[derive(Debug)]
pub(super) enum What {
    /// A text from a foreign file.
    Text(Box<Text>),
    /// A line of an export of Gongbao.
    Recorded(Box<Recorded>),
}

/// What a record says, ready to be taken in.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) checked: CheckedText,
    pub(super) locale: Option<Locale>,
    pub(super) column: Option<ColumnPath>,
    pub(super) path: Option<DocumentPath>,
    pub(super) slug: Option<String>,
    pub(super) source: Option<Source>,
    pub(super) original: Option<OriginalTime>,
    pub(super) change_note: Option<Bilingual>,
}

/// A line that can be believed.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) line: Line,
    /// Its text, where it has one.
    pub(super) text: Option<CheckedText>,
}
