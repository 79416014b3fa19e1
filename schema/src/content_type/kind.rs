//! What a field can hold. Each kind carries its own limits, so a limit cannot stand where it
//! means nothing, and every kind has an upper bound even when its file names none.

use std::{fmt, sync::Arc};

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Field;
use crate::{
    decimal::Decimal,
    message::Bilingual,
    names::{FieldName, TypeName},
};

/// Characters of a short text when its field names no limit.
pub const SHORT_TEXT_CHARACTERS: u32 = 500;
/// Characters of a long text when its field names no limit.
pub const LONG_TEXT_CHARACTERS: u32 = 20_000;
/// Bytes of cleaned HTML of a rich text when its field names no limit.
pub const RICH_TEXT_BYTES: u32 = 2_000_000;
/// Bytes of canonical JSON of a `json` field when it names no limit.
pub const JSON_BYTES: u32 = 65_536;
/// Values of a list when its field names no limit.
pub const LIST_ITEMS: u32 = 200;
/// Items of a group when it names no limit.
pub const GROUP_ITEMS: u32 = 500;
/// Digits after the point when a decimal names no scale, and the most it can name.
pub const DECIMAL_SCALE: u32 = 18;
/// How deep groups may lie in groups.
pub const GROUP_DEPTH: usize = 3;

/// What a field holds, with the limits of that kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum FieldKind {
    /// One line of text.
    ShortText {
        /// Fewest characters, binding at publication.
        min_length: u32,
        /// Most characters.
        max_length: u32,
        /// What the whole text must look like.
        pattern: Option<Pattern>,
        /// A list of such texts.
        many: Option<Many>,
    },
    /// Plain text of several lines.
    LongText {
        /// Fewest characters, binding at publication.
        min_length: u32,
        /// Most characters.
        max_length: u32,
    },
    /// Cleaned HTML.
    RichText {
        /// Most bytes of the cleaned HTML (UTF-8).
        max_length: u32,
    },
    /// A whole number within ±(2^53−1).
    Integer {
        /// Smallest value.
        minimum: Option<i64>,
        /// Largest value.
        maximum: Option<i64>,
    },
    /// An exact decimal number, kept as a string.
    Decimal {
        /// Most digits after the point.
        scale: u32,
        /// Smallest value.
        minimum: Option<Decimal>,
        /// Largest value.
        maximum: Option<Decimal>,
    },
    /// Yes or no.
    Boolean,
    /// A calendar day.
    Date {
        /// Earliest day.
        minimum: Option<Date>,
        /// Latest day.
        maximum: Option<Date>,
    },
    /// A moment, kept in UTC to the microsecond.
    DateTime,
    /// One of a fixed list, or several.
    Choice {
        /// What can be chosen, in the order shown.
        choices: Vec<Choice>,
        /// What the choices are called in the content API where several types have them,
        /// `Openness`; else they are called after type and field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Several may be chosen.
        many: Option<Many>,
    },
    /// An administrative division: 6 digits (GB/T 2260), 9 with the township, 12 with the village.
    RegionCode {
        /// A list of codes.
        many: Option<Many>,
    },
    /// The number an official document carries (发文字号).
    DocumentNumber,
    /// An address, with or without coordinates.
    Place,
    /// A telephone number as it is dialled.
    Telephone {
        /// A list of numbers.
        many: Option<Many>,
    },
    /// An absolute http or https address.
    Url {
        /// A list of addresses.
        many: Option<Many>,
    },
    /// Another piece of content.
    Link {
        /// The types it may be; empty for any.
        to: Vec<TypeName>,
        /// The name under which the other side shows this one.
        reverse: Option<Reverse>,
        /// A list of contents, in order.
        many: Option<Many>,
    },
    /// A file of the hub, with its name and description.
    File {
        /// Media types taken, `image/*` or `application/pdf`; empty for any.
        media: Vec<String>,
        /// A list of files, in order.
        many: Option<Many>,
    },
    /// A list of items that each hold the same fields.
    Group {
        /// The fields of an item.
        fields: Vec<Field>,
        /// How many items.
        items: Many,
    },
    /// Any JSON that has a canonical form.
    Json {
        /// Most bytes of its canonical form.
        max_length: u32,
    },
}

/// How many values a list may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Many {
    /// Fewest values, binding at publication and only when there are any.
    pub min_items: u32,
    /// Most values.
    pub max_items: u32,
}

/// One of the values of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored and queried: a letter, then letters and digits, at most 40.
    pub value: String,
    /// What people read.
    pub label: Bilingual,
    /// The member of a schema.org enumeration that it is in JSON-LD, `InForce`; without one the
    /// label stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_org: Option<String>,
}

/// The other direction of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reverse {
    /// Its name on the type linked to.
    pub name: FieldName,
    /// What people read there.
    pub label: Bilingual,
    /// Whether what is linked to should have one: [`checks`](crate::checks) then look for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expected: bool,
    /// Whether a release set publishes what is linked to only together with what links to it,
    /// unless something public links to it already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub together: bool,
}

/// A regular expression that must match a whole text.
///
/// Matching takes time linear in the text, whatever the expression.
#[derive(Clone)]
pub struct Pattern {
    source: Box<str>,
    whole: Arc<regex::Regex>,
}

impl Pattern {
    /// Compiles `source`.
    ///
    /// # Errors
    /// What is wrong with the expression, or that it compiles to more than a megabyte.
    pub fn new(source: &str) -> Result<Self, regex::Error> {
        // Alone first: `a)(b` must not become valid by what is put around it.
        regex::Regex::new(source)?;
        let whole =
            regex::RegexBuilder::new(&format!(r"\A(?:{source})\z")).size_limit(1 << 20).build()?;
        Ok(Self { source: source.into(), whole: Arc::new(whole) })
    }

    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        self.whole.is_match(text)
    }

    /// The expression as its author wrote it, without anchors.
    pub fn as_str(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.source, formatter)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&source).map_err(serde::de::Error::custom)
    }
}

impl FieldKind {
    /// The name of the kind in type files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ShortText { .. } => "short_text",
            Self::LongText { .. } => "long_text",
            Self::RichText { .. } => "rich_text",
            Self::Integer { .. } => "integer",
            Self::Decimal { .. } => "decimal",
            Self::Boolean => "boolean",
            Self::Date { .. } => "date",
            Self::DateTime => "date_time",
            Self::Choice { .. } => "choice",
            Self::RegionCode { .. } => "region_code",
            Self::DocumentNumber => "document_number",
            Self::Place => "place",
            Self::Telephone { .. } => "telephone",
            Self::Url { .. } => "url",
            Self::Link { .. } => "link",
            Self::File { .. } => "file",
            Self::Group { .. } => "group",
            Self::Json { .. } => "json",
        }
    }

    /// How many values it holds when it is a list of single values; a group is not.
    pub const fn many(&self) -> Option<Many> {
        match self {
            Self::ShortText { many, .. }
            | Self::Choice { many, .. }
            | Self::RegionCode { many }
            | Self::Telephone { many }
            | Self::Url { many }
            | Self::Link { many, .. }
            | Self::File { many, .. } => *many,
            _ => None,
        }
    }

    /// Whether its values are short enough to travel with every item of a list. The others
    /// (long and rich texts, groups, JSON) are read only where they are asked for.
    pub const fn is_brief(&self) -> bool {
        !matches!(
            self,
            Self::LongText { .. } | Self::RichText { .. } | Self::Group { .. } | Self::Json { .. }
        )
    }

    /// Whether its value is a JSON array: a list of single values, or a group.
    pub const fn is_list(&self) -> bool {
        self.many().is_some() || matches!(self, Self::Group { .. })
    }

    /// Whether a query may filter by it.
    pub const fn can_filter(&self) -> bool {
        matches!(
            self,
            Self::ShortText { .. }
                | Self::Integer { .. }
                | Self::Decimal { .. }
                | Self::Boolean
                | Self::Date { .. }
                | Self::DateTime
                | Self::Choice { .. }
                | Self::RegionCode { .. }
                | Self::DocumentNumber
                | Self::Place
                | Self::Link { .. }
        )
    }

    /// Whether a list may be ordered by it: single values with an order that means something.
    pub const fn can_sort(&self) -> bool {
        let ordered = matches!(
            self,
            Self::ShortText { .. }
                | Self::Integer { .. }
                | Self::Decimal { .. }
                | Self::Date { .. }
                | Self::DateTime
                | Self::DocumentNumber
        );
        ordered && self.many().is_none()
    }

    /// Whether full-text search may look into it.
    pub const fn can_search(&self) -> bool {
        matches!(
            self,
            Self::ShortText { .. }
                | Self::LongText { .. }
                | Self::RichText { .. }
                | Self::DocumentNumber
                | Self::Place
        )
    }

    /// Whether its value can be demanded to be unique.
    pub const fn can_be_unique(&self) -> bool {
        matches!(
            self,
            Self::ShortText { many: None, .. } | Self::Integer { .. } | Self::DocumentNumber
        )
    }
}
