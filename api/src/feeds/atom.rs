//! Atom 1.0 (RFC 4287), with tombstones (RFC 6721) for what left.

use super::model::{Departed, Entry, Feed};
use crate::xml::Xml;

/// The feed as `application/atom+xml`.
pub(crate) fn write(feed: &Feed) -> Vec<u8> {
    let mut xml = Xml::new();
    xml.open(
        "feed",
        &[
            ("xmlns", "http://www.w3.org/2005/Atom"),
            ("xmlns:at", "http://purl.org/atompub/tombstones/1.0"),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
            ("xml:lang", feed.locale.as_str()),
        ],
    );
    xml.text("id", &[], &feed.id);
    xml.text("title", &[], &feed.title);
    if !feed.subtitle.is_empty() {
        xml.text("subtitle", &[], &feed.subtitle);
    }
    xml.text("updated", &[], &feed.updated.to_string());
    author(&mut xml, &feed.author);
    let link = |xml: &mut Xml, relation, media, address: &str| {
        xml.empty("link", &[("rel", relation), ("type", media), ("href", address)]);
    };
    link(&mut xml, "self", "application/atom+xml", &feed.address_as("atom"));
    link(&mut xml, "alternate", "text/html", &feed.home);
    link(&mut xml, "alternate", "application/rss+xml", &feed.address_as("rss"));
    link(&mut xml, "alternate", "application/feed+json", &feed.address_as("json"));
    xml.text("generator", &[("version", env!("CARGO_PKG_VERSION"))], "Gongbao");
    for departed in &feed.departed {
        tombstone(&mut xml, feed, departed);
    }
    for one in &feed.entries {
        entry(&mut xml, one);
    }
    xml.close("feed");
    xml.into_bytes()
}

fn entry(xml: &mut Xml, entry: &Entry) {
    xml.open("entry", &[]);
    xml.text("id", &[], &entry.id);
    xml.text("title", &[], &entry.title);
    xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &entry.address)]);
    xml.text("published", &[], &entry.published.to_string());
    xml.text("updated", &[], &entry.updated.to_string());
    author(xml, &entry.author);
    if let Some(source) = &entry.source {
        xml.text("dc:source", &[], &source.name);
        if let Some(url) = &source.url {
            xml.empty("link", &[("rel", "via"), ("href", url)]);
        }
    }
    for category in &entry.categories {
        xml.empty(
            "category",
            &[("term", &category.term), ("scheme", &category.scheme), ("label", &category.label)],
        );
    }
    for file in &entry.files {
        xml.empty(
            "link",
            &[
                ("rel", "enclosure"),
                ("type", &file.media_type),
                ("length", &file.size.to_string()),
                ("title", &file.name),
                ("href", &file.url),
            ],
        );
    }
    if !entry.summary.is_empty() {
        xml.text("summary", &[], &entry.summary);
    }
    if let Some(html) = &entry.html {
        xml.text("content", &[("type", "html")], html);
    }
    xml.close("entry");
}

fn author(xml: &mut Xml, name: &str) {
    xml.open("author", &[]);
    xml.text("name", &[], name);
    xml.close("author");
}

fn tombstone(xml: &mut Xml, feed: &Feed, departed: &Departed) {
    let when = departed.at.to_string();
    let attributes = [("ref", departed.id.as_str()), ("when", when.as_str())];
    match &departed.explanation {
        Some(explanation) => {
            xml.open("at:deleted-entry", &attributes);
            xml.text("at:comment", &[], explanation.for_locale(feed.locale.as_str()));
            xml.close("at:deleted-entry");
        }
        None => xml.empty("at:deleted-entry", &attributes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::model::tests::{full, moment};

    #[test]
    fn another_parser_reads_back_what_was_meant() {
        let feed = full();

        let read = feed_rs::parser::parse(write(&feed).as_slice()).expect("it is read");

        assert_eq!(read.feed_type, feed_rs::model::FeedType::Atom);
        assert_eq!(read.id, feed.id);
        assert_eq!(read.title.expect("a title").content, feed.title);
        assert_eq!(read.entries.len(), 2);
        let (entry, meant) = (&read.entries[0], &feed.entries[0]);
        assert_eq!(entry.id, meant.id);
        assert_eq!(
            entry.title.as_ref().expect("a title").content,
            "关于“]]>” <b>&amp;</b> 的通知 😀"
        );
        let content = entry.content.as_ref().expect("a text");
        assert_eq!(
            (content.body.as_ref(), content.content_type.essence().to_string()),
            (meant.html.as_ref(), "text/html".to_owned())
        );
        let published = entry.published.expect("a time").timestamp_micros();
        assert_eq!(published, moment("2020-05-06T07:08:09Z").as_microsecond());
        let updated = entry.updated.expect("a time").timestamp_micros();
        assert_eq!(updated, meant.updated.as_microsecond());
        assert_eq!(entry.authors[0].name.as_deref(), Some(meant.author.as_str()));
        let labels: Vec<_> = entry.categories.iter().filter_map(|c| c.label.as_deref()).collect();
        assert_eq!(labels, ["财政", "文章"]);
        let enclosures: Vec<_> = entry
            .links
            .iter()
            .filter(|link| link.rel.as_deref() == Some("enclosure"))
            .map(|link| (link.href.as_str(), link.length))
            .collect();
        let meant: Vec<_> = meant.files.iter().map(|f| (f.url.as_str(), Some(f.size))).collect();
        assert_eq!(enclosures, meant);
    }

    #[test]
    fn a_tombstone_carries_an_id_and_perhaps_a_reason_and_nothing_else() {
        let feed = full();

        let text = String::from_utf8(write(&feed)).expect("UTF-8");

        let told = format!(
            "<at:deleted-entry ref=\"{}\" when=\"2026-03-01T01:00:00Z\">\n\
             <at:comment>内容有误 &lt;更正中&gt;</at:comment>\n</at:deleted-entry>\n",
            feed.departed[0].id
        );
        assert!(text.contains(&told), "{text}");
        let untold = format!(
            "<at:deleted-entry ref=\"{}\" when=\"2026-02-01T01:00:00Z\"/>\n",
            feed.departed[1].id
        );
        assert!(text.contains(&untold), "{text}");
    }

    #[test]
    fn the_same_feed_is_the_same_bytes() {
        assert_eq!(write(&full()), write(&full()));
    }
}
