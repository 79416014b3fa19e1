//! Content types: the content model as data.
//!
//! A content type is a TOML file (`schema/types/*.toml`, or a folder of the operator's own):
//! fields with labels in Chinese and English, limits, roles, what is filterable and how it maps
//! to page tags and schema.org. Everything downstream (validation, the content API, search,
//! feeds, channels) is made from these values; no program text names a content type.
//!
//! Reading a folder is the caller's; this module turns texts into a [`TypeRegistry`], naming
//! every mistake with file and line.

mod changes;
mod embedded;
mod field_file;
mod kind;
mod kind_changes;
mod kind_file;
mod path_template;
mod property_path;
mod registry;
pub mod reserved;
mod type_file;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use changes::{Severity, TypeChange};
pub use embedded::EMBEDDED_FILES;
pub use kind::{
    Choice, DECIMAL_SCALE, FieldKind, GROUP_DEPTH, GROUP_ITEMS, JSON_BYTES, LIST_ITEMS,
    LONG_TEXT_CHARACTERS, Many, Pattern, RICH_TEXT_BYTES, Reverse, SHORT_TEXT_CHARACTERS,
};
pub use path_template::{BadTemplate, PathParts, PathTemplate};
pub use property_path::{BadProperty, PropertyPath};
pub use registry::{ReverseLink, TypeRegistry};

pub use crate::toml_table::FileMistake;
use crate::{
    canonical::{NotCanonical, to_canonical},
    message::Bilingual,
    names::{FieldName, TypeName},
};

/// A content type as its file defines it.
///
/// The JSON form is what the store keeps of the definition that was in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContentType {
    /// Its name in content, addresses and queries.
    pub name: TypeName,
    /// Name of its list in the content API, `jobOpenings`.
    pub plural: FieldName,
    /// Counts definitions, from 1; every edition names the version it was checked under.
    pub version: u32,
    /// What people read.
    pub label: Bilingual,
    /// When to choose this type.
    pub help: Option<Bilingual>,
    /// JSON-LD `@type` on schema.org.
    pub schema_org: String,
    /// Page tags that are filled from fields, besides those every page has.
    pub page_tags: BTreeMap<PageTag, FieldName>,
    /// The field that is the title: a required, single short text.
    pub title: FieldName,
    /// The field that is the summary.
    pub summary: Option<FieldName>,
    /// The field that is the main text, a rich text.
    pub body: Option<FieldName>,
    /// The field that is the picture, a single image file.
    pub cover: Option<FieldName>,
    /// The address of a document where site and editor give none.
    pub path: PathTemplate,
    /// What becomes of the old text when a correction is published.
    pub old_texts: OldTexts,
    /// Its fields, in the order an editor meets them.
    pub fields: Vec<Field>,
}

/// One field of a content type, or of the items of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    /// Its name in content and queries.
    pub name: FieldName,
    /// What people read.
    pub label: Bilingual,
    /// What an editor should know.
    pub help: Option<Bilingual>,
    /// What it holds.
    pub kind: FieldKind,
    /// Must be filled at publication (never asked of a draft).
    pub required: bool,
    /// May differ between the locales of one content. The fields of a group follow the group.
    pub localised: bool,
    /// Queries may filter by it; each value has an index row.
    pub filterable: bool,
    /// Lists may be ordered by it; its value has an index row.
    pub sortable: bool,
    /// Full-text search looks into it.
    pub searchable: bool,
    /// Nobody else may hold the same value. Never together with `localised`.
    pub unique: Option<Unique>,
    /// Why it should no longer be filled, and what to use in its place.
    pub deprecated: Option<Bilingual>,
    /// What it fills in JSON-LD: a property of the type's schema.org type, or of the group's.
    pub schema_org: Option<PropertyPath>,
}

/// Among whose contents a value is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unique {
    /// Those placed on one site.
    Site,
    /// Those owned by one authority.
    Authority,
}

/// What the public may still see of an edition after a newer one was published. Whoever
/// publishes a correction can decide otherwise for that one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OldTexts {
    /// The old text was right in its time and stays readable: legal texts.
    Amended,
    /// The old text was wrong and closes; date and note stay.
    #[default]
    Error,
}

/// A page tag (网页标签) that a field can fill. The others (`ArticleTitle`, `PubDate`, `Url`,
/// those of site and column) are known for every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PageTag {
    /// 来源, where the edition itself names no source.
    ContentSource,
    /// 关键词.
    Keywords,
    /// 作者.
    Author,
    /// 摘要; without a mapping the summary.
    Description,
    /// 图片; without a mapping the cover.
    Image,
}

impl PageTag {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::ContentSource, Self::Keywords, Self::Author, Self::Description, Self::Image];

    /// Its name in `<meta name=…>`, with capitals as the national guideline writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ContentSource => "ContentSource",
            Self::Keywords => "Keywords",
            Self::Author => "Author",
            Self::Description => "Description",
            Self::Image => "Image",
        }
    }
}

impl ContentType {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.as_str() == name)
    }

    /// The name of its GraphQL type, `JobOpening`.
    pub fn graphql_name(&self) -> String {
        reserved::graphql_type_name(self.name.as_str())
    }

    /// The title in checked fields; a draft may have none.
    pub fn title_of<'a>(&self, fields: &'a Map<String, Value>) -> Option<&'a str> {
        fields.get(self.title.as_str())?.as_str()
    }

    /// The summary in checked fields.
    pub fn summary_of<'a>(&self, fields: &'a Map<String, Value>) -> Option<&'a str> {
        fields.get(self.summary.as_ref()?.as_str())?.as_str()
    }

    /// The main text in checked fields, cleaned HTML.
    pub fn body_of<'a>(&self, fields: &'a Map<String, Value>) -> Option<&'a str> {
        fields.get(self.body.as_ref()?.as_str())?.as_str()
    }

    /// The cover in checked fields: `{digest, name, mediaType, size, …}`.
    pub fn cover_of<'a>(&self, fields: &'a Map<String, Value>) -> Option<&'a Map<String, Value>> {
        fields.get(self.cover.as_ref()?.as_str())?.as_object()
    }

    /// Whether page tags or structured data take anything from the long fields
    /// ([`FieldKind::is_brief`]), which then have to be read with the document.
    pub fn head_takes_long_fields(&self) -> bool {
        let is_tag = |field: &Field| self.page_tags.values().any(|name| *name == field.name);
        let is_taken = |field: &&Field| field.schema_org.is_some() || is_tag(field);
        self.fields.iter().filter(is_taken).any(|field| !field.kind.is_brief())
    }

    /// The definition as canonical JSON, to be kept beside the editions checked under it.
    ///
    /// # Errors
    /// None that a definition made by a [`TypeRegistry`] can cause.
    pub fn to_canonical_json(&self) -> Result<String, NotCanonical> {
        to_canonical(self)
    }

    /// Reads what [`Self::to_canonical_json`] wrote. Rules between fields are not checked
    /// again: they held when the definition was in force, and may have become stricter since.
    ///
    /// # Errors
    /// When `json` is not a definition.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}

#[cfg(test)]
mod tests;
