//! Mapping files: how the records of a source become documents of a type.
//!
//! ```toml
//! source = "regulations"              # with key and version the identity of a record
//!
//! [identity]
//! key = "series"
//! version = "version"
//!
//! [fields]                            # one line per field of the type
//! title = "title"                     # a place in the record
//! genre = { path = "kind", map = { "行政法规" = "administrativeRegulation" } }
//! writtenOn = { first = ["history[0].date", "version"] }
//! validity = { constant = "effective" }
//!
//! [body]
//! path = "body"
//! format = "markdown"                 # html, text, or mended with `steps`
//!
//! [publication]
//! original_date = "version"
//! ```
//!
//! A value is a place (`history[0].date`), a template (`{title}（{version}）`), or a table with
//! one of `path`, `template`, `constant`, `first`, and what shapes it: `capture`, `split`,
//! `map` with `otherwise`, `date`.

mod expression;
mod path;
mod read;
mod table;

use std::fmt;

use regex::Regex;
use schema::{
    content_type::{ContentType, OldTexts},
    edition::Importance,
    mending::Step,
    message::Bilingual,
    names::{FieldName, Locale},
};

pub use expression::{Expression, Part, Source};
pub use path::{NotAPath, RecordPath};
pub use read::read;

use super::Reason;

/// How records become documents.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Name of the collection; part of every record's identity.
    pub source: String,
    /// Names the thing within the collection.
    pub key: Expression,
    /// Names the version of the thing; versions are published in ascending order.
    pub version: Option<Expression>,
    /// Values by field.
    pub fields: Vec<(FieldName, Expression)>,
    /// The main text.
    pub body: Body,
    /// What the document is besides its fields.
    pub document: DocumentPart,
    /// How it is published.
    pub publication: PublicationPart,
    /// For folders: a JSON file that lists what there is to say of each text.
    pub index: Option<String>,
}

/// How the main text is read.
#[derive(Clone, Debug)]
pub struct Body {
    /// Where it stands.
    pub text: Expression,
    /// How it is written; seen from the file's name when absent, else HTML.
    pub format: Option<BodyFormat>,
    /// How an extract is mended.
    pub steps: Vec<Step>,
}

/// How a main text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// CommonMark with tables.
    Markdown,
    /// HTML.
    Html,
    /// Plain text, a paragraph a line.
    Text,
    /// An extract of a printed page, mended by steps.
    Mended,
}

/// What a document is besides its fields.
#[derive(Clone, Debug, Default)]
pub struct DocumentPart {
    /// Its language; the site's main one when absent.
    pub locale: Option<Expression>,
    /// Its path; by the site's template when absent.
    pub path: Option<Expression>,
    /// The readable part of a path made by the template.
    pub slug: Option<Expression>,
    /// Its column, where that depends on the record.
    pub column: Option<Expression>,
    /// Who the text is credited to.
    pub source_name: Option<Expression>,
    /// Where it was first to be read.
    pub source_url: Option<Expression>,
}

/// How a document is published.
#[derive(Clone, Debug, Default)]
pub struct PublicationPart {
    /// When it was first public elsewhere: a day, or a moment with its offset.
    pub original_date: Option<Expression>,
    /// What becomes of a text that a later version supersedes.
    pub old_text: Option<OldTexts>,
    /// What the public history says of a later version.
    pub change_note: Option<(Expression, Expression)>,
    /// Whether readers are told of a later version.
    pub importance: Importance,
}

/// One mistake in a mapping file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingError {
    /// The file's name as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub reason: Bilingual,
}

impl fmt::Display for MappingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

impl Mapping {
    /// What is taken without a mapping file: members named as the type's fields, identity by
    /// `id` or `key`, of a folder by the file's path.
    pub fn plain(content_type: &ContentType, source: String) -> Self {
        let member = |name: &str| Expression::at(name);
        let first = |names: &[&str]| {
            Expression::plain(Source::First(names.iter().filter_map(|name| member(name)).collect()))
        };
        let body = content_type.body.as_ref().map_or("body", |name| name.as_str());
        let fields = content_type.fields.iter().filter(|field| field.name.as_str() != body);
        Self {
            source,
            key: first(&["id", "key", "file"]),
            version: member("version"),
            fields: fields
                .filter_map(|field| Some((field.name.clone(), member(field.name.as_str())?)))
                .collect(),
            body: Body { text: first(&[body, "body"]), format: None, steps: Vec::new() },
            document: DocumentPart {
                locale: member("locale"),
                path: member("path"),
                slug: member("slug"),
                ..DocumentPart::default()
            },
            publication: PublicationPart {
                original_date: member("originallyPublishedAt"),
                ..PublicationPart::default()
            },
            index: None,
        }
    }

    /// The refusal of a record that no key can be found in.
    pub(super) fn without_key(&self) -> Reason {
        Reason::new(
            "no_identity",
            "记录中找不到标识：请在记录中写明 id 或 key，或用 --mapping 指定映射文件，并在其 [identity] 中写明 key",
            "nothing names this record: give it an id or a key, or give a --mapping whose [identity] says the key",
        )
    }

    /// A language that is no language.
    pub(super) fn bad_locale(text: &str) -> Reason {
        Reason::new(
            "not_a_locale",
            format!("“{text}”不是语言代码，应写作 zh-CN、en 等"),
            format!("{text:?} is not a language tag such as zh-CN or en"),
        )
    }

    /// Reads a language.
    pub(super) fn locale(text: &str) -> Result<Locale, Reason> {
        text.trim().parse().map_err(|_| Self::bad_locale(text))
    }
}

/// Bytes a compiled expression may take, so that a mapping cannot ask for gigabytes.
fn compiled(text: &str) -> Option<Regex> {
    regex::RegexBuilder::new(text).size_limit(1 << 20).build().ok()
}

#[cfg(test)]
mod tests;
