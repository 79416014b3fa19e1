//! What is known of a page before its head is made. Addresses come from whoever knows them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::one_line;
use crate::{
    content_type::{ContentType, PageTag},
    digest::Digest,
    edition::{Origin, Source},
    message::Bilingual,
    names::{FieldName, Locale},
    tree::{Authority, Column, Site},
};

/// Where a page stands, and in which language.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// Its site.
    pub site: &'a Site,
    /// Its language.
    pub locale: &'a Locale,
    /// Address of the home page of the site in that language.
    pub home: String,
    /// Who answers for the page: the owner of the document, or of the site.
    pub publisher: Option<&'a Authority>,
    /// The columns from the top of the tree down to the page's own, with their addresses.
    pub columns: Vec<(&'a Column, String)>,
    /// Address of the page; `None` before it has one.
    pub address: Option<String>,
    /// The address that search engines are to show: of a repost the origin's.
    pub canonical: Option<String>,
    /// The languages of the page with its own, the main one first.
    pub alternates: Vec<Alternate>,
    /// Feeds of what stands on the page.
    pub feeds: Vec<Feed>,
}

/// The page in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternate {
    /// The language.
    pub locale: Locale,
    /// Its address.
    pub address: String,
}

/// A feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// What people call it.
    pub title: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its address.
    pub address: String,
}

/// A document as a page shows it.
#[derive(Clone)]
pub struct Text<'a> {
    /// Its content type.
    pub content_type: &'a ContentType,
    /// Values of its fields: the brief ones, or all of them where the type demands
    /// ([`ContentType::head_takes_long_fields`]).
    pub fields: &'a Map<String, Value>,
    /// The documents its links lead to and that may be read, by field.
    pub links: BTreeMap<FieldName, Vec<Linked>>,
    /// Its summary, or the start of its text.
    pub summary: &'a str,
    /// Who it is credited to.
    pub source: Option<&'a Source>,
    /// Of a repost: whose text it is.
    pub origin: Option<&'a Origin>,
    /// Number of the edition; `None` for a draft.
    pub edition: Option<u32>,
    /// When it was first published: elsewhere where that is known, else here.
    pub published_at: Option<Timestamp>,
    /// When it last changed in a way readers are told of.
    pub updated_at: Option<Timestamp>,
    /// What robots must not do.
    pub robots: Option<&'static str>,
    /// The address of a file of the hub, by digest and name.
    pub file: &'a (dyn Fn(&Digest, &str) -> String + Sync),
}

/// A document that is linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Its title.
    pub title: String,
    /// The address of its page.
    pub address: String,
}

/// A picture to show beside the title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its address.
    pub address: String,
    /// What it shows, in words.
    pub alt: Option<String>,
}

impl Place<'_> {
    /// A text in the language of the page.
    pub(super) fn word<'text>(&self, text: &'text Bilingual) -> &'text str {
        text.for_locale(self.locale.as_str())
    }

    pub(super) fn site_name(&self) -> &str {
        self.word(&self.site.particulars.name)
    }

    pub(super) fn column(&self) -> Option<&Column> {
        self.columns.last().map(|(column, _)| *column)
    }

    pub(super) fn column_name(&self) -> Option<&str> {
        self.column().map(|column| self.word(&column.particulars.name))
    }

    pub(super) fn column_description(&self) -> Option<&str> {
        let description = self.column()?.particulars.description.as_ref()?;
        Some(self.word(description))
    }

    pub(super) fn publisher_name(&self) -> Option<&str> {
        self.publisher.map(|authority| self.word(&authority.particulars.name))
    }
}

impl Text<'_> {
    /// The title, in one line.
    pub(super) fn title(&self) -> String {
        one_line(self.content_type.title_of(self.fields).unwrap_or_default())
    }

    /// The field that fills a page tag, as far as it has a value.
    pub(super) fn tagged(&self, tag: PageTag) -> Option<&Value> {
        self.fields.get(self.content_type.page_tags.get(&tag)?.as_str())
    }

    /// The texts of the field that fills a page tag, joined.
    pub(super) fn tagged_words(&self, tag: PageTag) -> Option<String> {
        let words: Vec<String> = match self.tagged(tag)? {
            Value::Array(values) => values.iter().filter_map(Value::as_str).map(one_line).collect(),
            value => value.as_str().map(one_line).into_iter().collect(),
        };
        Some(words.join(",")).filter(|words| !words.is_empty())
    }

    pub(super) fn description(&self) -> &str {
        self.tagged(PageTag::Description).and_then(Value::as_str).unwrap_or(self.summary)
    }

    /// Who the text comes from (来源): what the edition says, else the field of the type, else
    /// the site it was taken from.
    pub(super) fn credit(&self) -> Option<String> {
        let said = self.source.map(|source| one_line(&source.name));
        let origin = || self.origin.map(|origin| origin.site.clone());
        said.or_else(|| self.tagged_words(PageTag::ContentSource)).or_else(origin)
    }

    pub(super) fn picture(&self) -> Option<Picture> {
        let cover = || self.content_type.cover_of(self.fields);
        let tagged = self.tagged(PageTag::Image).map(|value| match value {
            Value::Array(files) => files.first().and_then(Value::as_object),
            file => file.as_object(),
        });
        let file = match tagged {
            Some(file) => file?,
            None => cover()?,
        };
        let alt = file.get("alt").and_then(Value::as_str).map(one_line);
        Some(Picture { address: self.file_address(file)?, alt })
    }

    /// The address of a file as fields hold it.
    pub(super) fn file_address(&self, file: &Map<String, Value>) -> Option<String> {
        let digest: Digest = file.get("digest")?.as_str()?.parse().ok()?;
        Some((self.file)(&digest, file.get("name")?.as_str()?))
    }
}
