//! Absolute addresses, as they stand in feeds and sitemaps.
//!
//! Pages are on the site's own host. What the hub serves itself (feeds, files) is reached
//! under the hub's public address where the operator named one, else under the site's host,
//! whose front end then hands `/sites/` and `/assets/` on to the hub.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schema::{
    digest::Digest,
    names::{ColumnPath, DocumentPath, Locale},
    tree::Site,
};

/// All of a name in a path is encoded but what RFC 3986 calls unreserved, so an address is
/// plain ASCII: some search engines count bytes, some readers trip over anything else.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PATH: &AsciiSet = &NAME.remove(b'/');

/// The addresses of one site.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pages: String,
    hub: String,
}

impl Addresses {
    /// Those of `site`, with the hub under `public_url` (an origin, perhaps with a path), or
    /// on the site's own host.
    pub(crate) fn of(site: &Site, public_url: Option<&str>) -> Self {
        let pages = format!("https://{}", site.particulars.domain);
        let hub =
            public_url.map_or_else(|| pages.clone(), |url| url.trim_end_matches('/').to_owned());
        Self { pages, hub }
    }

    /// The home page.
    pub(crate) fn home(&self) -> String {
        format!("{}/", self.pages)
    }

    /// The home page in one of the languages of `site`: by convention under the language where it
    /// is not the main one, as the paths of documents are.
    pub(crate) fn home_in(&self, site: &Site, locale: &Locale) -> String {
        format!("{}{}/", self.pages, language(site, locale))
    }

    /// The page of a column in one of the languages of `site`: by convention at its path.
    pub(crate) fn column_in(&self, site: &Site, path: &ColumnPath, locale: &Locale) -> String {
        format!("{}{}/{path}", self.pages, language(site, locale))
    }

    /// The page of a document.
    pub(crate) fn page(&self, path: &DocumentPath) -> String {
        self.on_site(path)
    }

    /// A path on the site's own host; `path` starts with a slash.
    pub(crate) fn on_site(&self, path: &impl Display) -> String {
        let path = path.to_string();
        format!("{}{}", self.pages, utf8_percent_encode(&path, PATH))
    }

    /// A path that the hub serves, already spelled as an address; it starts with a slash.
    pub(crate) fn on_hub(&self, path: &str) -> String {
        format!("{}{path}", self.hub)
    }

    /// A file of the hub.
    pub(crate) fn file(&self, digest: &Digest, name: &str) -> String {
        format!("{}/assets/{}/{}", self.hub, digest.hex(), utf8_percent_encode(name, NAME))
    }
}

/// What paths of a site start with in a language: nothing in the main one.
fn language(site: &Site, locale: &Locale) -> String {
    match site.particulars.locales.first() {
        Some(main) if main != locale => format!("/{}", locale.as_str().to_lowercase()),
        _ => String::new(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use schema::{message::Bilingual, tree::SiteParticulars};
    use uuid::Uuid;

    use super::*;

    /// A site of tests, in Chinese and English.
    pub(crate) fn site() -> Site {
        Site {
            id: Uuid::from_u128(1).into(),
            key: "lanqiao".parse().expect("a key"),
            authority: Uuid::from_u128(2).into(),
            parent: None,
            particulars: SiteParticulars {
                name: Bilingual::new("蓝桥市人民政府", "Lanqiao"),
                domain: "www.lanqiao.gov.cn".into(),
                site_code: None,
                locales: ["zh-CN", "en"].map(|tag| tag.parse().expect("a locale")).into(),
                footer: Default::default(),
                paths: Default::default(),
                origins: Vec::new(),
                home: Default::default(),
            },
            version: 1,
        }
    }

    #[test]
    fn every_address_is_absolute_and_ascii() {
        let path: DocumentPath = "/policy/2026/兰桥通知.html".parse().expect("a path");
        let file = Digest::of(b"file");
        let on_site = Addresses::of(&site(), None);
        let on_hub = Addresses::of(&site(), Some("https://api.gov.cn/hub/"));

        let page =
            "https://www.lanqiao.gov.cn/policy/2026/%E5%85%B0%E6%A1%A5%E9%80%9A%E7%9F%A5.html";
        assert_eq!(on_site.page(&path), page);
        assert_eq!(on_hub.page(&path), page);
        let expected = format!("/assets/{}/%E8%A1%A8%20%22%2F..%2F1%3F.pdf", file.hex());
        let (here, there) = ("https://www.lanqiao.gov.cn", "https://api.gov.cn/hub");
        assert_eq!(on_site.file(&file, "表 \"/../1?.pdf"), format!("{here}{expected}"));
        assert_eq!(on_hub.file(&file, "表 \"/../1?.pdf"), format!("{there}{expected}"));
    }

    #[test]
    fn other_languages_than_the_main_one_stand_under_their_tag() {
        let (site, path) = (site(), "policy/finance".parse().expect("a column path"));
        let addresses = Addresses::of(&site, None);
        let [main, other] = ["zh-CN", "en"].map(|tag| tag.parse().expect("a locale"));

        assert_eq!(addresses.home_in(&site, &main), addresses.home());
        assert_eq!(addresses.home_in(&site, &other), "https://www.lanqiao.gov.cn/en/");
        let column = "https://www.lanqiao.gov.cn/policy/finance";
        assert_eq!(addresses.column_in(&site, &path, &main), column);
        let column = "https://www.lanqiao.gov.cn/en/policy/finance";
        assert_eq!(addresses.column_in(&site, &path, &other), column);
    }
}
