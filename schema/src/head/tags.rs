//! The `<meta>` of a head: page tags, Open Graph, Twitter card.
//!
//! Page tags come in three groups (of the site, of the column, of the content), and are spelled
//! as 《政府网站发展指引》 (国办发〔2017〕47号) spells them. Those it requires are printed even where
//! nothing is known, so that whoever inspects the page sees the gap; the head says which.

use jiff::Timestamp;

use super::{Attribute, Picture, Place, Tag, Text, one_line};
use crate::{content_type::PageTag, parameters::BEIJING};

/// Collects the tags of one page.
#[derive(Debug, Default)]
pub(super) struct Tags {
    pub(super) list: Vec<Tag>,
    pub(super) missing: Vec<&'static str>,
}

impl Tags {
    fn add(&mut self, attribute: Attribute, name: &'static str, content: &str) {
        self.list.push(Tag { attribute, name, content: one_line(content) });
    }

    /// A page tag that the guideline requires.
    fn required(&mut self, name: &'static str, content: Option<&str>) {
        let content = content.unwrap_or_default();
        if content.is_empty() {
            self.missing.push(name);
        }
        self.add(Attribute::Name, name, content);
    }

    fn named(&mut self, name: &'static str, content: Option<impl AsRef<str>>) {
        if let Some(content) = content {
            self.add(Attribute::Name, name, content.as_ref());
        }
    }

    fn property(&mut self, name: &'static str, content: Option<impl AsRef<str>>) {
        if let Some(content) = content {
            self.add(Attribute::Property, name, content.as_ref());
        }
    }

    /// The group of the site, which every page has.
    pub(super) fn site(&mut self, place: &Place<'_>) {
        let particulars = &place.site.particulars;
        self.required("SiteName", Some(place.site_name()));
        self.required("SiteDomain", Some(particulars.domain.as_str()));
        self.required("SiteIDCode", particulars.site_code.as_deref());
    }

    /// The group of the column, which pages of columns and of documents have.
    pub(super) fn column(&mut self, place: &Place<'_>) {
        let column = place.column().map(|column| &column.particulars);
        self.required("ColumnName", place.column_name());
        self.required("ColumnDescription", place.column_description());
        let keywords = column.map(|column| column.keywords.join(","));
        self.required("ColumnKeywords", keywords.as_deref());
        self.required("ColumnType", column.map(|column| column.class.as_str()));
    }

    /// The group of the content.
    pub(super) fn document(
        &mut self,
        place: &Place<'_>,
        text: &Text<'_>,
        description: Option<&str>,
        picture: Option<&Picture>,
    ) {
        let owner = || place.publisher_name().map(str::to_owned);
        self.required("ArticleTitle", Some(&text.title()));
        self.required("PubDate", text.published_at.map(minute).as_deref());
        self.required("ContentSource", text.credit().or_else(owner).as_deref());
        self.named("Keywords", text.tagged_words(PageTag::Keywords));
        self.named("Author", text.tagged_words(PageTag::Author));
        self.named("Description", description);
        self.named("Image", picture.map(|picture| picture.address.as_str()));
        self.named("Url", place.address.as_deref());
    }

    /// Open Graph and the Twitter card, which share most of their words.
    pub(super) fn open_graph(
        &mut self,
        place: &Place<'_>,
        kind: &'static str,
        title: &str,
        description: Option<&str>,
        picture: Option<&Picture>,
    ) {
        let image = picture.map(|picture| picture.address.as_str());
        self.property("og:title", Some(title));
        self.property("og:type", Some(kind));
        self.property("og:url", place.canonical.as_deref());
        self.property("og:image", image);
        self.property("og:image:alt", picture.and_then(|picture| picture.alt.as_deref()));
        self.property("og:description", description);
        self.property("og:site_name", Some(place.site_name()));
        self.property("og:locale", Some(open_graph_locale(place.locale.as_str())));
        for other in place.alternates.iter().filter(|other| other.locale != *place.locale) {
            let locale = open_graph_locale(other.locale.as_str());
            self.property("og:locale:alternate", Some(locale));
        }
        let card = if picture.is_some() { "summary_large_image" } else { "summary" };
        self.named("twitter:card", Some(card));
        self.named("twitter:title", Some(title));
        self.named("twitter:description", description);
        self.named("twitter:image", image);
    }

    /// When a document was published and last changed.
    pub(super) fn article_times(&mut self, text: &Text<'_>) {
        let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
        self.property("article:published_time", moment(text.published_at));
        self.property("article:modified_time", moment(text.updated_at));
    }

    /// What search engines read. HTML compares names of tags without regard to case: the page
    /// tag `Description` is the description already.
    pub(super) fn for_search_engines(
        &mut self,
        description: Option<&str>,
        robots: Option<&'static str>,
    ) {
        if !self.list.iter().any(|tag| tag.name == "Description") {
            self.named("description", description);
        }
        self.named("robots", robots);
    }
}

/// As `PubDate` is written: the minute on the wall in Beijing.
fn minute(at: Timestamp) -> String {
    BEIJING.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A language as Open Graph writes it: `zh_CN` for `zh-CN`, and also for `zh-Hans-CN`.
fn open_graph_locale(tag: &str) -> String {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    match parts.find(|part| part.len() == 2) {
        Some(region) => format!("{language}_{}", region.to_ascii_uppercase()),
        None => language.to_owned(),
    }
}
