//! What a page of a portal prints in its head: the page tags (网页标签) that the national
//! guideline on government websites demands, what search engines and share cards read, and
//! structured data of schema.org. Pure functions from what is known of a page to a [`Head`].
//!
//! | part | does |
//! | --- | --- |
//! | [`Place`], [`Text`] | what is known: where a page stands, and the document on it |
//! | `tags` | page tags, Open Graph and Twitter card |
//! | `structured` | the JSON-LD graph: page, document, breadcrumbs, site |
//! | `properties` | values of fields as properties of schema.org, as the content type says |
//! | `markup` | the same as HTML, escaped |
//!
//! Which field fills what is told by the content type alone; no content type is named here.

mod markup;
mod page;
mod properties;
mod structured;
mod tags;

use serde_json::Value;

pub use page::{Alternate, Feed, Linked, Picture, Place, Text};

use crate::message::Bilingual;

/// Everything a page prints in its head, charset and viewport aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// For `<title>`.
    pub title: String,
    /// What the page is about, in one line.
    pub description: Option<String>,
    /// The address that search engines are to show.
    pub canonical: Option<String>,
    /// What robots must not do; `None` leaves them free.
    pub robots: Option<&'static str>,
    /// Every `<meta>`, `description` and `robots` among them.
    pub tags: Vec<Tag>,
    /// Every `<link>`, the canonical one among them.
    pub links: Vec<Link>,
    /// The graph of schema.org; `None` for what has no address.
    pub json_ld: Option<Value>,
    /// Page tags that the rule requires and for which nothing is known: they are printed empty.
    pub missing: Vec<&'static str>,
}

/// One `<meta>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Which attribute carries its name.
    pub attribute: Attribute,
    /// Its name, in the spelling of those who read it.
    pub name: &'static str,
    /// Its content, in one line, not escaped.
    pub content: String,
}

/// The attribute of a `<meta>` that carries its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// HTML's own.
    Name,
    /// RDFa's, which Open Graph uses.
    Property,
}

impl Attribute {
    /// As HTML spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Property => "property",
        }
    }
}

/// One `<link>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// What it leads to: `canonical` or `alternate`.
    pub rel: &'static str,
    /// The address, not escaped.
    pub href: String,
    /// The language there, or `x-default`.
    pub hreflang: Option<String>,
    /// The media type there.
    pub r#type: Option<&'static str>,
    /// What people call it.
    pub title: Option<String>,
}

impl Head {
    /// The head as HTML, a line per element.
    pub fn html(&self) -> String {
        markup::html(self)
    }
}

/// The head of a site's home page.
pub fn of_site(place: &Place<'_>) -> Head {
    let name = place.site_name();
    let mut tags = tags::Tags::default();
    tags.site(place);
    tags.open_graph(place, "website", name, None, None);
    let json_ld = Some(structured::of_site(place));
    finish(place, &[name], None, None, tags, json_ld)
}

/// The head of the page of a column: the last of `place`'s.
pub fn of_column(place: &Place<'_>) -> Head {
    let name = place.column_name().unwrap_or_default();
    let description = place.column_description().map(one_line);
    let mut tags = tags::Tags::default();
    tags.site(place);
    tags.column(place);
    tags.open_graph(place, "website", name, description.as_deref(), None);
    let json_ld = structured::of_column(place, description.as_deref());
    finish(place, &[name, place.site_name()], description, None, tags, json_ld)
}

/// The head of the page of a document.
pub fn of_document(place: &Place<'_>, text: &Text<'_>) -> Head {
    let title = text.title();
    let description = Some(one_line(text.description())).filter(|text| !text.is_empty());
    let picture = text.picture();
    let mut tags = tags::Tags::default();
    tags.site(place);
    tags.column(place);
    tags.document(place, text, description.as_deref(), picture.as_ref());
    tags.open_graph(place, "article", &title, description.as_deref(), picture.as_ref());
    tags.article_times(text);
    let json_ld = structured::of_document(place, text, description.as_deref(), picture.as_ref());
    let parts = [Some(title.as_str()), place.column_name(), Some(place.site_name())];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    finish(place, &parts, description, text.robots, tags, json_ld)
}

/// The head of a page that stands in place of a text: `heading` and `explanation` tell what
/// became of it, nothing tells what it was.
pub fn of_notice(place: &Place<'_>, heading: &Bilingual, explanation: Option<&Bilingual>) -> Head {
    let language = place.locale.as_str();
    let heading = heading.for_locale(language);
    let description = explanation.map(|text| one_line(text.for_locale(language)));
    let mut tags = tags::Tags::default();
    tags.site(place);
    finish(place, &[heading, place.site_name()], description, Some("noindex"), tags, None)
}

/// What every head has in the same way.
fn finish(
    place: &Place<'_>,
    title: &[&str],
    description: Option<String>,
    robots: Option<&'static str>,
    mut tags: tags::Tags,
    json_ld: Option<Value>,
) -> Head {
    tags.for_search_engines(description.as_deref(), robots);
    // The custom of Chinese portals, and of everybody else.
    let joint = if place.locale.as_str().starts_with("zh") { "_" } else { " - " };
    Head {
        title: one_line(&title.join(joint)),
        description,
        canonical: place.canonical.clone(),
        robots,
        links: links(place),
        json_ld,
        missing: tags.missing,
        tags: tags.list,
    }
}

fn links(place: &Place<'_>) -> Vec<Link> {
    let mut links = Vec::new();
    if let Some(href) = place.canonical.clone() {
        links.push(Link { rel: "canonical", href, ..Link::default() });
    }
    // A page in one language has no alternates: itself is none.
    if place.alternates.len() > 1 {
        let default = place.alternates.first().map(|main| ("x-default".to_owned(), main));
        let named = place.alternates.iter().map(|other| (other.locale.to_string(), other));
        links.extend(named.chain(default).map(|(hreflang, other)| Link {
            rel: "alternate",
            href: other.address.clone(),
            hreflang: Some(hreflang),
            ..Link::default()
        }));
    }
    links.extend(place.feeds.iter().map(|feed| Link {
        rel: "alternate",
        href: feed.address.clone(),
        r#type: Some(feed.media_type),
        title: Some(one_line(&feed.title)),
        ..Link::default()
    }));
    links
}

/// A text in one line, its white space folded: an attribute has no lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
