//! One document of the sample, as its file says it.

use std::{borrow::Borrow, fmt};

use schema::{
    edition::Source,
    names::{AuthorityKey, ColumnPath, DocumentPath, Locale, SiteKey, TypeName},
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The name of a document within the sample; it never reaches a hub.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct SampleKey(Box<str>);

/// A document in one language.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleDocument {
    /// Its name within the sample.
    pub key: SampleKey,
    /// Its content type.
    pub r#type: TypeName,
    /// Its language.
    pub locale: Locale,
    /// Who owns it.
    pub authority: AuthorityKey,
    /// What it is a translation of. It then leaves out the fields that are the same in every
    /// language.
    pub translation_of: Option<SampleKey>,
    /// Where it stands, on sites of its authority.
    #[serde(rename = "placement")]
    pub placements: Vec<SamplePlacement>,
    /// Who it is credited to.
    pub source: Option<Source>,
    /// Its fields with references in them; [`Sample::input`](super::Sample::input) resolves
    /// them.
    pub(super) fields: Map<String, Value>,
}

/// Where a document stands on one site.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplePlacement {
    /// The site.
    pub site: SiteKey,
    /// Its columns there, the main one first.
    pub columns: Vec<ColumnPath>,
    /// Its path; `None` to have one made by the site's template.
    pub path: Option<DocumentPath>,
    /// The readable part of a path made by a template.
    pub slug: Option<String>,
}

impl SampleKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SampleKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Borrow<str> for SampleKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}
