//! Editions: what one immutable text of a document consists of, and its two digests.
//!
//! `content` is the text itself, the same wherever it stands; reposts compare its digest.
//! `place` is where the owner puts it and how the change is announced. Approvals bind to the
//! digest over both. Everything inside is portable: codes, paths and content ids, no row ids.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    canonical::{NotCanonical, canonical_digest, to_canonical},
    content_type::ContentType,
    digest::Digest,
    ids::ContentId,
    message::{Bilingual, Fault},
    names::{ColumnPath, DocumentPath, FieldName, Locale, SiteKey, TypeName},
};

/// The text of an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Content {
    /// Its content type.
    pub r#type: TypeName,
    /// The version of the type it was checked under.
    pub type_version: u32,
    /// Its language.
    pub locale: Locale,
    /// Checked field values, links excepted.
    pub fields: Map<String, Value>,
    /// Links by field, in the author's order.
    pub links: BTreeMap<FieldName, Vec<ContentId>>,
    /// Every file the fields use.
    pub files: BTreeSet<Digest>,
    /// Where the text comes from, as shown to readers (来源).
    pub source: Option<Source>,
    /// For reposts: the site whose text this is.
    pub origin: Option<Origin>,
}

/// Who a text is credited to (来源).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// The name shown.
    pub name: String,
    /// Where it was first to be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The site a reposted text was taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Origin {
    /// Site code (网站标识码) or host of the origin.
    pub site: String,
    /// The address of the text there.
    pub url: String,
    /// When the origin published it.
    pub published_at: Timestamp,
}

/// Where the owner places an edition, and how the change is announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Place {
    /// One per site, the first is the home of the document.
    pub placements: Vec<PlacedAt>,
    /// What changed, for the public history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_note: Option<Bilingual>,
    /// Whether readers are told of the change.
    pub importance: Importance,
}

/// One site of a [`Place`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlacedAt {
    /// The site.
    pub site: SiteKey,
    /// Its columns there, the main one first.
    pub columns: Vec<ColumnPath>,
    /// Its path there.
    pub path: DocumentPath,
}

/// How much a change matters to readers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Importance {
    /// Moves the public "updated" time; readers are told.
    #[default]
    Major,
    /// A slip of the pen.
    Minor,
}

impl Content {
    /// The canonical bytes, which are what the store keeps.
    ///
    /// # Errors
    /// [`NotCanonical`] when a field holds a float or a too large integer; checked input
    /// never does.
    pub fn to_canonical(&self) -> Result<String, NotCanonical> {
        to_canonical(self)
    }

    /// Reads back canonical bytes.
    ///
    /// # Errors
    /// When `text` is not the JSON of a content.
    pub fn from_canonical(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// What lists show of a text: everything but its long fields. Derived, and small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Card {
    /// Values of the brief fields ([`FieldKind::is_brief`](crate::content_type::FieldKind::is_brief)).
    pub fields: Map<String, Value>,
    /// Links by field.
    pub links: BTreeMap<FieldName, Vec<ContentId>>,
    /// Who the text is credited to.
    pub source: Option<Source>,
    /// Whose text it is.
    pub origin: Option<Origin>,
}

impl Card {
    /// What lists show of `content`.
    pub fn of(content_type: &ContentType, content: &Content) -> Self {
        let is_brief = |name: &str| content_type.field(name).is_some_and(|f| f.kind.is_brief());
        Self {
            fields: content
                .fields
                .iter()
                .filter(|(name, _)| is_brief(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            links: content.links.clone(),
            source: content.source.clone(),
            origin: content.origin.clone(),
        }
    }
}

impl Place {
    /// The placement on `site`.
    pub fn on(&self, site: &SiteKey) -> Option<&PlacedAt> {
        self.placements.iter().find(|placed| placed.site == *site)
    }
}

/// Everything that is wrong with what stands beside the fields of a text.
pub fn credit_faults(
    source: Option<&Source>,
    origin: Option<&Origin>,
    change_note: Option<&Bilingual>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut text = |path: &str, text: &str, limit: usize| {
        let length = text.chars().count();
        let is_plain = !text.chars().any(|c| c.is_control() && c != '\n');
        if text.trim().is_empty() || length > limit || !is_plain {
            faults.push(Fault::new(
                path,
                "length",
                format!("应为 1 至 {limit} 个字，且不含控制字符"),
                format!("give 1 to {limit} characters, none of them a control character"),
            ));
        }
    };
    if let Some(source) = source {
        text("source.name", &source.name, 200);
    }
    if let Some(origin) = origin {
        text("origin.site", &origin.site, 253);
    }
    if let Some(note) = change_note {
        text("changeNote.zh", &note.zh, 1_000);
        text("changeNote.en", &note.en, 1_000);
    }
    let addresses = [
        ("source.url", source.and_then(|source| source.url.as_deref())),
        ("origin.url", origin.map(|origin| origin.url.as_str())),
    ];
    for (path, address) in addresses {
        if address.is_some_and(|address| !is_web_address(address)) {
            faults.push(Fault::new(
                path,
                "not_a_url",
                "应为 http(s) 网址",
                "give an http(s) address",
            ));
        }
    }
    faults
}

/// Whether `address` is an absolute http(s) address without a user name, of at most 2,000
/// bytes.
pub fn is_web_address(address: &str) -> bool {
    address.len() <= 2_000
        && url::Url::parse(address).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
        })
        && !address.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// The digest an approval binds to: over content digest and place.
///
/// # Errors
/// As [`Content::to_canonical`].
pub fn edition_digest(content: Digest, place: &Place) -> Result<Digest, NotCanonical> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Whole<'a> {
        content_digest: Digest,
        place: &'a Place,
    }
    canonical_digest(&Whole { content_digest: content, place })
}

/// The commitment that stands in the log instead of the digest: SHA-256(salt ‖ digest).
///
/// The salt lies with the edition. When an edition is erased the salt goes with it, and the
/// commitment says nothing any more about the text.
pub fn commitment(salt: &[u8; 32], digest: Digest) -> Digest {
    Digest::of_parts(&[salt, digest.as_bytes()])
}
