//! JSON Feed 1.1. What it has no word for stands in the extension `_gongbao`: the content id
//! and type of an item, and what left.

use serde::Serialize;

use super::model::{Entry, Feed};

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    language: &'a str,
    authors: [Author<'a>; 1],
    items: Vec<Item<'a>>,
    _gongbao: OfFeed<'a>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_url: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'a str>,
    /// One of the two is required.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    authors: [Author<'a>; 1],
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    _gongbao: OfItem<'a>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'a str,
    title: &'a str,
    size_in_bytes: u64,
}

#[derive(Serialize)]
struct OfFeed<'a> {
    about: &'static str,
    id: &'a str,
    deleted: Vec<Deleted<'a>>,
}

#[derive(Serialize)]
struct Deleted<'a> {
    id: &'a str,
    when: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'a str>,
}

#[derive(Serialize)]
struct OfItem<'a> {
    content_id: &'a str,
    r#type: &'a str,
    columns: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

/// The feed as `application/feed+json`.
///
/// # Errors
/// None that a feed can cause.
pub(crate) fn write(feed: &Feed) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Document {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: &feed.home,
        feed_url: feed.address_as("json"),
        description: &feed.subtitle,
        language: feed.locale.as_str(),
        authors: [Author { name: &feed.author }],
        items: feed.entries.iter().map(item).collect(),
        _gongbao: OfFeed {
            about: "docs/feeds.md",
            id: &feed.id,
            deleted: feed
                .departed
                .iter()
                .map(|departed| Deleted {
                    id: &departed.id,
                    when: departed.at.to_string(),
                    state: departed.state,
                    explanation: departed
                        .explanation
                        .as_ref()
                        .map(|explanation| explanation.for_locale(feed.locale.as_str())),
                })
                .collect(),
        },
    })
}

fn item(entry: &Entry) -> Item<'_> {
    let text = if entry.summary.is_empty() { &entry.title } else { &entry.summary };
    let is_column = |scheme: &str| scheme != super::TYPE_SCHEME;
    Item {
        id: &entry.id,
        url: &entry.address,
        external_url: entry.source.as_ref().and_then(|source| source.url.as_deref()),
        title: &entry.title,
        content_html: entry.html.as_deref(),
        content_text: entry.html.is_none().then_some(text),
        summary: &entry.summary,
        image: entry.files.iter().find(|file| file.is_cover).map(|file| file.url.as_str()),
        date_published: entry.published.to_string(),
        date_modified: entry.updated.to_string(),
        authors: [Author { name: &entry.author }],
        tags: entry.categories.iter().map(|category| category.label.as_str()).collect(),
        attachments: entry
            .files
            .iter()
            .filter(|file| !file.is_cover)
            .map(|file| Attachment {
                url: &file.url,
                mime_type: &file.media_type,
                title: &file.name,
                size_in_bytes: file.size,
            })
            .collect(),
        _gongbao: OfItem {
            content_id: &entry.content_id,
            r#type: &entry.r#type,
            columns: entry
                .categories
                .iter()
                .filter(|category| is_column(&category.scheme))
                .map(|category| category.term.as_str())
                .collect(),
            source: entry.source.as_ref().map(|source| source.name.as_str()),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::feeds::model::tests::full;

    #[test]
    fn another_parser_reads_back_what_was_meant() {
        let feed = full();
        let bytes = write(&feed).expect("it is written");

        let read = feed_rs::parser::parse(bytes.as_slice()).expect("it is read");

        assert_eq!(read.feed_type, feed_rs::model::FeedType::JSON);
        assert_eq!(read.title.expect("a title").content, feed.title);
        let (entry, meant) = (&read.entries[0], &feed.entries[0]);
        assert_eq!(entry.id, meant.id);
        assert_eq!(entry.title.as_ref().expect("a title").content, meant.title);
        let body = entry.content.as_ref().and_then(|content| content.body.as_ref());
        assert_eq!(body, meant.html.as_ref());
        let published = entry.published.expect("a time").timestamp();
        assert_eq!(published, meant.published.as_second());
    }

    #[test]
    fn every_item_has_a_text_and_what_left_has_an_id_alone() {
        let feed = full();
        let read: Value =
            serde_json::from_slice(&write(&feed).expect("it is written")).expect("JSON");

        for item in read["items"].as_array().expect("items") {
            assert!(item["content_html"].is_string() != item["content_text"].is_string());
        }
        assert_eq!(read["items"][0]["image"], feed.entries[0].files[0].url);
        assert_eq!(read["items"][0]["attachments"][0]["size_in_bytes"], 1_234);
        assert_eq!(read["items"][0]["_gongbao"]["columns"][0], "policy/finance");
        let deleted = &read["_gongbao"]["deleted"];
        assert_eq!(deleted[0]["state"], "withdrawn");
        assert_eq!(deleted[0]["explanation"], "内容有误 <更正中>");
        assert_eq!(deleted[1].as_object().expect("an object").len(), 2);
    }
}
