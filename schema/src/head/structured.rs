//! The graph of schema.org on a page: the page, what it is about, the way to it from the home
//! page, and the site.
//!
//! Properties of works (times, language, publisher) are for things that schema.org counts among
//! its creative works. A thing that is none, such as an event or a service, has them on its page
//! instead, so whatever type a content type names, nothing false is said of it.

use serde_json::{Value, json};

use super::{
    Picture, Place, Text,
    properties::{self, Node},
};
use crate::{content_type::PageTag, tree::Authority};

/// Types of schema.org that are pages: such a document is the page itself.
const PAGES: [&str; 11] = [
    "AboutPage",
    "CollectionPage",
    "ContactPage",
    "FAQPage",
    "ImageGallery",
    "ItemPage",
    "MediaGallery",
    "ProfilePage",
    "QAPage",
    "VideoGallery",
    "WebPage",
];

/// Other types of schema.org that are creative works, as far as governments publish such.
const WORKS: [&str; 49] = [
    "AdvertiserContentArticle",
    "AnalysisNewsArticle",
    "Article",
    "AskPublicNewsArticle",
    "Atlas",
    "AudioObject",
    "BackgroundNewsArticle",
    "Blog",
    "BlogPosting",
    "Book",
    "Chapter",
    "ClaimReview",
    "Collection",
    "Conversation",
    "Course",
    "CreativeWork",
    "CreativeWorkSeries",
    "DataCatalog",
    "DataFeed",
    "Dataset",
    "DigitalDocument",
    "DiscussionForumPosting",
    "EducationalOccupationalCredential",
    "Guide",
    "HowTo",
    "ImageObject",
    "LearningResource",
    "Legislation",
    "LegislationObject",
    "LiveBlogPosting",
    "Map",
    "MediaObject",
    "MediaReview",
    "NewsArticle",
    "NoteDigitalDocument",
    "OpinionNewsArticle",
    "PresentationDigitalDocument",
    "PublicationIssue",
    "Question",
    "Report",
    "ReportageNewsArticle",
    "Review",
    "ReviewNewsArticle",
    "ScholarlyArticle",
    "SocialMediaPosting",
    "SpecialAnnouncement",
    "TechArticle",
    "TextDigitalDocument",
    "VideoObject",
];

/// The graph of a home page.
pub(super) fn of_site(place: &Place<'_>) -> Value {
    let mut site = web_site(place);
    site.fill("inLanguage", Some(place.locale.as_str()));
    site.fill("publisher", publisher(place));
    graph(vec![site])
}

/// The graph of the page of a column.
pub(super) fn of_column(place: &Place<'_>, description: Option<&str>) -> Option<Value> {
    let address = place.address.as_deref()?;
    let mut page = page(place, "CollectionPage", address);
    page.fill("name", place.column_name());
    page.fill("description", description);
    page.fill("inLanguage", Some(place.locale.as_str()));
    page.fill("publisher", publisher(place));
    Some(graph(vec![page, breadcrumbs(place, address, None), web_site(place)]))
}

/// The graph of the page of a document.
pub(super) fn of_document(
    place: &Place<'_>,
    text: &Text<'_>,
    description: Option<&str>,
    picture: Option<&Picture>,
) -> Option<Value> {
    let address = place.address.as_deref()?;
    let title = text.title();
    let r#type = text.content_type.schema_org.as_str();
    let is_page = PAGES.contains(&r#type);
    let mut content = if is_page { page(place, r#type, address) } else { Node::new(r#type) };
    properties::fill(&mut content, place, text);
    content.fill("name", Some(title.as_str()));
    content.fill("description", description);
    content.fill("url", Some(address));
    content.fill("image", picture.map(|picture| picture.address.as_str()));
    if is_page || WORKS.contains(&r#type) {
        content.fill("headline", Some(title.as_str()));
        content.fill("author", author(place, text));
        content.fill("keywords", text.tagged_words(PageTag::Keywords));
        content.fill("version", text.edition);
        published(&mut content, place, text);
    }
    let mut nodes = Vec::with_capacity(4);
    if !is_page {
        let id = format!("{address}#content");
        content.fill("@id", Some(id.as_str()));
        content.fill("mainEntityOfPage", Some(Node::reference(address)));
        let mut page = page(place, "WebPage", address);
        page.fill("name", Some(title.as_str()));
        page.fill("description", description);
        page.fill("mainEntity", Some(Node::reference(&id)));
        published(&mut page, place, text);
        nodes.push(page);
    }
    nodes.push(content);
    nodes.push(breadcrumbs(place, address, Some(&title)));
    nodes.push(web_site(place));
    Some(graph(nodes))
}

fn graph(nodes: Vec<Node>) -> Value {
    let nodes: Vec<Value> = nodes.into_iter().map(Node::into_json).collect();
    json!({ "@context": "https://schema.org", "@graph": nodes })
}

fn web_site_id(place: &Place<'_>) -> String {
    format!("{}#website", place.home)
}

fn web_site(place: &Place<'_>) -> Node {
    Node::new("WebSite")
        .with("@id", web_site_id(place))
        .with("name", place.site_name())
        .with("url", place.home.as_str())
}

fn page(place: &Place<'_>, r#type: &str, address: &str) -> Node {
    let breadcrumb = format!("{address}#breadcrumb");
    Node::new(r#type)
        .with("@id", address)
        .with("url", address)
        .with("isPartOf", Node::reference(&web_site_id(place)))
        .with("breadcrumb", Node::reference(&breadcrumb))
}

/// What every work says of its publication.
fn published(node: &mut Node, place: &Place<'_>, text: &Text<'_>) {
    node.fill("inLanguage", Some(place.locale.as_str()));
    node.fill("datePublished", text.published_at.map(|at| at.to_string()));
    node.fill("dateModified", text.updated_at.map(|at| at.to_string()));
    node.fill("publisher", publisher(place));
    if let Some(origin) = text.origin {
        node.push("isBasedOn", origin.url.as_str());
    }
}

fn publisher(place: &Place<'_>) -> Option<Node> {
    let organisation = |authority: &Authority| {
        let particulars = &authority.particulars;
        let mut node =
            Node::new("GovernmentOrganization").with("name", place.word(&particulars.name));
        node.fill("identifier", particulars.credit_code.as_deref());
        node
    };
    place.publisher.map(organisation)
}

/// Who wrote it where no field tells: whoever it is credited to, else its publisher.
fn author(place: &Place<'_>, text: &Text<'_>) -> Option<Node> {
    let credited = text.credit().map(|name| Node::new("Organization").with("name", name));
    credited.or_else(|| publisher(place))
}

/// The way from the home page through the columns to the page called `last`.
fn breadcrumbs(place: &Place<'_>, address: &str, last: Option<&str>) -> Node {
    let home = (place.site_name(), place.home.as_str());
    let columns = place
        .columns
        .iter()
        .map(|(column, address)| (place.word(&column.particulars.name), address.as_str()));
    let mut list = Node::new("BreadcrumbList").with("@id", format!("{address}#breadcrumb"));
    let steps = [home].into_iter().chain(columns).chain(last.map(|title| (title, address)));
    for (position, (name, address)) in (1_u32..).zip(steps) {
        let item = Node::new("ListItem")
            .with("position", position)
            .with("name", name)
            .with("item", address);
        list.push("itemListElement", item);
    }
    list
}
