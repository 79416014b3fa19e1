//! OPML 2.0: the feeds of all columns of a site in one file, for readers that subscribe to many
//! at once.

use crate::xml::Xml;

/// The feeds of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscriptions {
    pub(crate) title: String,
    pub(crate) outlines: Vec<Outline>,
}

/// One feed, and those below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) title: String,
    pub(crate) feed: String,
    pub(crate) page: String,
    pub(crate) language: String,
    pub(crate) below: Vec<Outline>,
}

/// The list as `text/x-opml`.
pub(crate) fn write(subscriptions: &Subscriptions) -> Vec<u8> {
    let mut xml = Xml::new();
    xml.open("opml", &[("version", "2.0")]);
    xml.open("head", &[]);
    xml.text("title", &[], &subscriptions.title);
    xml.close("head");
    xml.open("body", &[]);
    write_outlines(&mut xml, &subscriptions.outlines);
    xml.close("body");
    xml.close("opml");
    xml.into_bytes()
}

fn write_outlines(xml: &mut Xml, outlines: &[Outline]) {
    for outline in outlines {
        // "rss" is what OPML calls every feed; readers look into it to see what it is.
        let attributes = [
            ("type", "rss"),
            ("text", outline.title.as_str()),
            ("title", outline.title.as_str()),
            ("language", outline.language.as_str()),
            ("xmlUrl", outline.feed.as_str()),
            ("htmlUrl", outline.page.as_str()),
        ];
        if outline.below.is_empty() {
            xml.empty("outline", &attributes);
        } else {
            xml.open("outline", &attributes);
            write_outlines(xml, &outline.below);
            xml.close("outline");
        }
    }
}

#[cfg(test)]
mod tests {
    use quick_xml::{Reader, XmlVersion, events::Event};

    use super::*;

    #[test]
    fn columns_stand_below_each_other_as_on_the_site() {
        let outline = |title: &str, below| Outline {
            title: title.into(),
            feed: "https://www.lanqiao.gov.cn/feed.atom?a&b".into(),
            page: "https://www.lanqiao.gov.cn/".into(),
            language: "zh-CN".into(),
            below,
        };
        let subscriptions = Subscriptions {
            title: "蓝桥 & <全部>".into(),
            outlines: vec![
                outline("政策\"文件\"", vec![outline("财政", vec![])]),
                outline("要闻", vec![]),
            ],
        };

        let written = String::from_utf8(write(&subscriptions)).expect("UTF-8");

        let mut reader = Reader::from_str(&written);
        let (mut depth, mut seen) = (0, Vec::new());
        loop {
            let event = reader.read_event().expect("well-formed");
            let is_open = matches!(event, Event::Start(_));
            match event {
                Event::Start(start) | Event::Empty(start) => {
                    let text = start.try_get_attribute("text").expect("attributes");
                    if let Some(text) = text {
                        seen.push((
                            depth,
                            text.normalized_value(XmlVersion::Implicit1_0)
                                .expect("a value")
                                .into_owned(),
                        ));
                    }
                    depth += usize::from(is_open);
                }
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        let expected = [(2, "政策\"文件\""), (3, "财政"), (2, "要闻")];
        assert_eq!(seen, expected.map(|(depth, title)| (depth, title.to_owned())));
    }
}
