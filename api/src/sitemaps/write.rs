//! Sitemaps as they are written (sitemaps.org 0.9; Google's `xhtml:link` for translations).
//!
//! Only what engines use is written: `priority` and `changefreq` are guesses that they ignore.
//! `lastmod` is the last change readers were told of, with time and zone, and nothing else ever
//! moves it: engines believe it only while it is true.

use jiff::Timestamp;
use schema::names::Locale;

use super::shard::Changed;
use crate::xml::Xml;

const NAMESPACE: (&str, &str) = ("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9");
const XHTML: (&str, &str) = ("xmlns:xhtml", "http://www.w3.org/1999/xhtml");

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) address: String,
    pub(super) changed_at: Timestamp,
    /// The same in every language, itself included; empty where it has no other.
    pub(super) translations: Vec<(Locale, String)>,
}

/// The index of a site's shards; `address_of` says where each lies.
pub(super) fn index(shards: &[Changed], address_of: impl Fn(&Changed) -> String) -> Vec<u8> {
    let mut xml = Xml::new();
    xml.open("sitemapindex", &[NAMESPACE]);
    for changed in shards {
        xml.open("sitemap", &[]);
        xml.text("loc", &[], &address_of(changed));
        xml.text("lastmod", &[], &moment(changed.at));
        xml.close("sitemap");
    }
    xml.close("sitemapindex");
    xml.into_bytes()
}

/// A shard under way.
pub(super) enum Writer {
    Xml(Xml),
    /// One address a line, for engines that take nothing else.
    Text(String),
}

impl Writer {
    /// XML. The namespace for translations stands only where a site has several languages: some
    /// engines take none but the sitemap's own.
    pub(super) fn xml(is_translated: bool) -> Self {
        let mut xml = Xml::new();
        match is_translated {
            true => xml.open("urlset", &[NAMESPACE, XHTML]),
            false => xml.open("urlset", &[NAMESPACE]),
        }
        Self::Xml(xml)
    }

    pub(super) fn text() -> Self {
        Self::Text(String::new())
    }

    /// Adds `page`; `main` is the language for readers of all others.
    pub(super) fn page(&mut self, page: &Page, main: Option<&Locale>) {
        match self {
            Self::Text(text) => {
                text.push_str(&page.address);
                text.push('\n');
            }
            Self::Xml(xml) => {
                xml.open("url", &[]);
                xml.text("loc", &[], &page.address);
                xml.text("lastmod", &[], &moment(page.changed_at));
                let alternate = |xml: &mut Xml, language, address: &str| {
                    xml.empty(
                        "xhtml:link",
                        &[("rel", "alternate"), ("hreflang", language), ("href", address)],
                    );
                };
                for (locale, address) in &page.translations {
                    alternate(xml, locale.as_str(), address);
                }
                let default = page.translations.iter().find(|(locale, _)| Some(locale) == main);
                if let Some((_, address)) = default {
                    alternate(xml, "x-default", address);
                }
                xml.close("url");
            }
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Xml(mut xml) => {
                xml.close("urlset");
                xml.into_bytes()
            }
        }
    }
}

/// W3C date and time, to the second.
fn moment(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::shard::documents_in_part;
    use super::*;

    fn locale(tag: &str) -> Locale {
        tag.parse().expect("a locale")
    }

    fn page(address: &str, translations: &[(&str, &str)]) -> Page {
        Page {
            address: address.into(),
            changed_at: "2026-03-02T01:00:05.25Z".parse().expect("a moment"),
            translations: translations
                .iter()
                .map(|(tag, address)| (locale(tag), (*address).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn a_page_names_itself_its_time_and_its_translations() {
        let mut writer = Writer::xml(true);
        let both = [("en", "https://a.example/en/1"), ("zh-CN", "https://a.example/1?a&b")];
        writer.page(&page("https://a.example/1?a&b", &both), Some(&locale("zh-CN")));
        writer.page(&page("https://a.example/2", &[]), Some(&locale("zh-CN")));

        let written = String::from_utf8(writer.into_bytes()).expect("UTF-8");

        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
<url>
<loc>https://a.example/1?a&amp;b</loc>
<lastmod>2026-03-02T01:00:05Z</lastmod>
<xhtml:link rel="alternate" hreflang="en" href="https://a.example/en/1"/>
<xhtml:link rel="alternate" hreflang="zh-CN" href="https://a.example/1?a&amp;b"/>
<xhtml:link rel="alternate" hreflang="x-default" href="https://a.example/1?a&amp;b"/>
</url>
<url>
<loc>https://a.example/2</loc>
<lastmod>2026-03-02T01:00:05Z</lastmod>
</url>
</urlset>
"#;
        assert_eq!(written, expected);
    }

    #[test]
    fn the_longest_addresses_fit_into_a_part_of_50_megabytes() {
        // A path of 400 bytes, nine for each three once encoded, on the longest host.
        let address = format!("https://{}/{}", "h".repeat(253), "%E5%85%B0".repeat(133));
        for languages in [1_usize, 2, 3, 8, 20] {
            let translations: Vec<(Locale, String)> = match languages {
                1 => Vec::new(),
                _ => vec![(locale("zh-Hant-HK"), address.clone()); languages],
            };
            let page = Page { translations, ..page(&address, &[]) };
            let mut writer = Writer::xml(languages > 1);
            writer.page(&page, Some(&locale("zh-Hant-HK")));
            let bytes = writer.into_bytes().len();

            let whole = bytes * documents_in_part(languages) as usize;
            assert!(whole < 50 << 20, "{languages} languages: {whole} bytes");
        }
    }
}
