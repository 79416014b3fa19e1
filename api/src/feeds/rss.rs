//! RSS 2.0, for readers that know nothing newer. It has no word for what left.

use jiff::Timestamp;

use super::model::{Entry, Feed};
use crate::{http_date::http_date, xml::Xml};

/// The feed as `application/rss+xml`.
pub(crate) fn write(feed: &Feed) -> Vec<u8> {
    let mut xml = Xml::new();
    xml.open(
        "rss",
        &[
            ("version", "2.0"),
            ("xmlns:atom", "http://www.w3.org/2005/Atom"),
            ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ],
    );
    xml.open("channel", &[]);
    xml.text("title", &[], &feed.title);
    xml.text("link", &[], &feed.home);
    let address = feed.address_as("rss");
    xml.empty("atom:link", &[("rel", "self"), ("type", "application/rss+xml"), ("href", &address)]);
    // Required, even where there is nothing more to say.
    let description = if feed.subtitle.is_empty() { &feed.title } else { &feed.subtitle };
    xml.text("description", &[], description);
    xml.text("language", &[], feed.locale.as_str());
    xml.text("lastBuildDate", &[], &date(feed.updated));
    xml.text("generator", &[], concat!("Gongbao ", env!("CARGO_PKG_VERSION")));
    for entry in &feed.entries {
        item(&mut xml, entry);
    }
    xml.close("channel");
    xml.close("rss");
    xml.into_bytes()
}

fn item(xml: &mut Xml, entry: &Entry) {
    xml.open("item", &[]);
    xml.text("guid", &[("isPermaLink", "false")], &entry.id);
    xml.text("title", &[], &entry.title);
    xml.text("link", &[], &entry.address);
    xml.text("pubDate", &[], &date(entry.published));
    // RSS's own author is a mail address.
    xml.text("dc:creator", &[], &entry.author);
    if let Some(source) = &entry.source {
        // RSS's own source is a feed.
        xml.text("dc:source", &[], &source.name);
    }
    for category in &entry.categories {
        xml.text("category", &[("domain", &category.scheme)], &category.label);
    }
    // One at most is what readers take: the first attachment, else the cover.
    let file = entry.files.iter().find(|file| !file.is_cover).or(entry.files.first());
    if let Some(file) = file {
        let size = file.size.to_string();
        xml.empty(
            "enclosure",
            &[("url", &file.url), ("length", &size), ("type", &file.media_type)],
        );
    }
    xml.text("description", &[], &entry.summary);
    if let Some(html) = &entry.html {
        xml.text("content:encoded", &[], html);
    }
    xml.close("item");
}

/// RFC 822 with a year of four digits.
fn date(at: Timestamp) -> String {
    http_date(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::model::tests::full;

    #[test]
    fn another_parser_reads_back_what_was_meant() {
        let feed = full();

        let read = feed_rs::parser::parse(write(&feed).as_slice()).expect("it is read");

        assert_eq!(read.feed_type, feed_rs::model::FeedType::RSS2);
        assert_eq!(read.title.expect("a title").content, feed.title);
        assert_eq!(read.language.as_deref(), Some("zh-cn"));
        let (entry, meant) = (&read.entries[0], &feed.entries[0]);
        assert_eq!(entry.id, meant.id);
        assert_eq!(
            entry.title.as_ref().expect("a title").content,
            "关于“]]>” <b>&amp;</b> 的通知 😀"
        );
        let body = entry.content.as_ref().and_then(|content| content.body.as_ref());
        assert_eq!(body, meant.html.as_ref());
        let published = entry.published.expect("a time").timestamp();
        assert_eq!(published, meant.published.as_second());
        assert_eq!(entry.authors[0].name.as_deref(), Some(meant.author.as_str()));
    }

    #[test]
    fn one_file_goes_along_the_attachment_before_the_cover() {
        let mut feed = full();
        let enclosures = |feed: &Feed| {
            let text = String::from_utf8(write(feed)).expect("UTF-8");
            text.lines()
                .filter(|line| line.starts_with("<enclosure"))
                .map(String::from)
                .collect::<Vec<_>>()
        };

        assert_eq!(
            enclosures(&feed),
            [
                "<enclosure url=\"https://www.lanqiao.gov.cn/assets/11/b.pdf\" length=\"1234\" type=\"application/pdf\"/>"
            ]
        );
        feed.entries[0].files.truncate(1);
        assert!(enclosures(&feed)[0].contains("a.png"));
    }
}
