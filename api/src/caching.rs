//! What an answer tells the caches outside: how long it may be kept, and by what it is dropped.
//!
//! `Cache-Control` is for everybody. `CDN-Cache-Control` (RFC 9213) is for shared caches alone,
//! `s-maxage` for those that do not know it. The tags of an answer ([`schema::parts`]) stand in
//! three headers, since every kind of cache reads another one: `Surrogate-Key` (Varnish, Fastly),
//! `Cache-Tag` (most CDNs) and `Cache-Groups` (RFC 9875).
//!
//! Header values are made once: those of the lifetimes when the server starts, those of the tags
//! when an answer is first given to somebody who may keep it.

use std::{borrow::Cow, fmt::Write as _};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use schema::parts::{ALL, HUB, LONGEST_TAG};

/// How long the public's answers may be kept outside, and whether they carry tags.
///
/// What a cache keeps it may show until that ends, or until it is purged: everything longer than
/// a minute belongs with a purge target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachingSettings {
    /// Seconds for which anybody may keep an answer of the content API to a GET; with 0 it is
    /// asked for again each time.
    pub answers: u32,
    /// Seconds for which anybody may keep feeds, sitemaps and files.
    pub files: u32,
    /// Seconds for which shared caches may keep all of these; with 0 they keep them as long as
    /// anybody.
    pub shared: u32,
    /// Seconds for which what is older may be given once more while it is fetched anew.
    pub stale: u32,
    /// Seconds for which what is older may be given while the hub does not answer.
    pub stale_if_error: u32,
    /// Whether answers say by which tags they are dropped.
    pub tags: bool,
}

impl Default for CachingSettings {
    fn default() -> Self {
        Self { answers: 0, files: 60, shared: 0, stale: 0, stale_if_error: 0, tags: true }
    }
}

/// What is said of answers to those who may keep them.
#[derive(Clone, Debug)]
pub(crate) struct Caching {
    pub(crate) answers: Lifetime,
    pub(crate) files: Lifetime,
    tags: bool,
}

/// How long an answer may be kept.
#[derive(Clone, Debug)]
pub(crate) struct Lifetime {
    for_all: HeaderValue,
    for_shared: Option<HeaderValue>,
}

/// By what an answer is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tags {
    surrogate_key: HeaderValue,
    cache_tag: HeaderValue,
    cache_groups: HeaderValue,
}

const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");
const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");
const CACHE_GROUPS: HeaderName = HeaderName::from_static("cache-groups");

/// Tags of one answer: a list of fifty with its documents has room.
pub(crate) const MOST_TAGS: usize = 64;
/// Bytes of a header of tags. Three of them and the rest of a head go into 4 KiB, which is what
/// nginx gives a head unless it is told otherwise.
const MOST_BYTES: usize = 1_024;

impl Default for Caching {
    fn default() -> Self {
        Self::new(&CachingSettings::default())
    }
}

impl Caching {
    pub(crate) fn new(settings: &CachingSettings) -> Self {
        Self {
            answers: Lifetime::new(settings.answers, settings),
            files: Lifetime::new(settings.files, settings),
            tags: settings.tags,
        }
    }

    /// Says how long what `headers` belong to may be kept, and by what it is dropped.
    pub(crate) fn put(&self, lifetime: &Lifetime, tags: Option<&Tags>, headers: &mut HeaderMap) {
        headers.insert(header::CACHE_CONTROL, lifetime.for_all.clone());
        if let Some(shared) = &lifetime.for_shared {
            headers.insert(CDN_CACHE_CONTROL, shared.clone());
        }
        self.put_tags(tags, headers);
    }

    /// The same for what is kept by nobody without asking each time.
    pub(crate) fn put_tags(&self, tags: Option<&Tags>, headers: &mut HeaderMap) {
        if let Some(tags) = tags.filter(|_| self.tags) {
            headers.insert(SURROGATE_KEY, tags.surrogate_key.clone());
            headers.insert(CACHE_TAG, tags.cache_tag.clone());
            headers.insert(CACHE_GROUPS, tags.cache_groups.clone());
        }
    }
}

impl Lifetime {
    fn new(seconds: u32, settings: &CachingSettings) -> Self {
        let CachingSettings { shared, stale, stale_if_error, .. } = *settings;
        let mut late = String::new();
        for (name, seconds) in [("while-revalidate", stale), ("if-error", stale_if_error)] {
            if seconds > 0 {
                let _ = write!(late, ", stale-{name}={seconds}");
            }
        }
        let mut for_all = match (seconds, shared) {
            (0, 0) => "public, no-cache".to_owned(),
            (seconds, 0) => format!("public, max-age={seconds}"),
            (seconds, shared) => format!("public, max-age={seconds}, s-maxage={shared}"),
        };
        // Browsers that have to ask each time are not told to show something old meanwhile.
        let is_late = seconds > 0 && !late.is_empty();
        match (seconds, shared) {
            (0, 0) => {}
            _ if is_late => for_all.push_str(&late),
            _ => for_all.push_str(", must-revalidate"),
        }
        let for_shared = (shared > 0).then(|| format!("public, max-age={shared}{late}"));
        Self { for_all: value(&for_all), for_shared: for_shared.as_deref().map(value) }
    }
}

impl Tags {
    /// The tags of an answer that is made of `tags`; beyond what a head holds [`ALL`] stands for
    /// them.
    pub(crate) fn of(tags: &[Cow<'static, str>]) -> Self {
        let bytes: usize = tags.iter().map(|tag| tag.len() + r#""", "#.len()).sum();
        if tags.len() > MOST_TAGS || bytes > MOST_BYTES {
            return Self::of(&[Cow::Borrowed(HUB), Cow::Borrowed(ALL)]);
        }
        debug_assert!(tags.iter().all(|tag| tag.len() <= LONGEST_TAG));
        let quoted: Vec<_> = tags.iter().map(|tag| format!("\"{tag}\"")).collect();
        Self {
            surrogate_key: value(&tags.join(" ")),
            cache_tag: value(&tags.join(",")),
            cache_groups: value(&quoted.join(", ")),
        }
    }
}

/// Tags and lifetimes are letters, digits and a few signs.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("no-store"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(settings: &CachingSettings, lifetime: fn(&Caching) -> &Lifetime) -> [String; 2] {
        let caching = Caching::new(settings);
        let mut headers = HeaderMap::new();
        caching.put(lifetime(&caching), None, &mut headers);
        [header::CACHE_CONTROL, CDN_CACHE_CONTROL].map(|name| {
            headers.get(name).map_or(String::new(), |value| value.to_str().expect("text").into())
        })
    }

    #[test]
    fn nothing_said_is_kept_no_longer_than_what_can_be_taken_back() {
        let settings = CachingSettings::default();

        assert_eq!(said(&settings, |all| &all.answers), ["public, no-cache", ""]);
        let files = said(&settings, |all| &all.files);
        assert_eq!(files, ["public, max-age=60, must-revalidate", ""]);
    }

    #[test]
    fn shared_caches_are_told_apart_from_browsers() {
        let settings = CachingSettings {
            shared: 3_600,
            stale: 60,
            stale_if_error: 86_400,
            ..CachingSettings::default()
        };
        let shared = "public, max-age=3600, stale-while-revalidate=60, stale-if-error=86400";

        let [for_all, for_shared] = said(&settings, |all| &all.answers);
        assert_eq!(for_all, "public, max-age=0, s-maxage=3600, must-revalidate");
        assert_eq!(for_shared, shared);
        let [for_all, for_shared] = said(&settings, |all| &all.files);
        assert_eq!(
            for_all,
            "public, max-age=60, s-maxage=3600, stale-while-revalidate=60, stale-if-error=86400"
        );
        assert_eq!(for_shared, shared);
    }

    #[test]
    fn tags_stand_in_three_headers_and_none_where_they_are_switched_off() {
        let tags = Tags::of(&[HUB.into(), "site-lanqiao".into()]);
        let mut headers = HeaderMap::new();

        Caching::default().put_tags(Some(&tags), &mut headers);

        assert_eq!(headers[SURROGATE_KEY], "hub site-lanqiao");
        assert_eq!(headers[CACHE_TAG], "hub,site-lanqiao");
        assert_eq!(headers[CACHE_GROUPS], "\"hub\", \"site-lanqiao\"");
        let silent = CachingSettings { tags: false, ..CachingSettings::default() };
        let mut headers = HeaderMap::new();
        Caching::new(&silent).put_tags(Some(&tags), &mut headers);
        assert!(headers.is_empty());
    }

    #[test]
    fn more_than_a_head_holds_is_one_tag_that_every_event_drops() {
        let coarse = Tags::of(&[HUB.into(), ALL.into()]);
        let many = |number: usize, length: usize| -> Tags {
            let tags: Vec<_> = (0..number).map(|one| format!("{one:0length$}").into()).collect();
            Tags::of(&tags)
        };

        assert_eq!(many(MOST_TAGS + 1, 2), coarse);
        assert_eq!(many(MOST_TAGS, 30), coarse);
        assert_ne!(many(56, 14), coarse, "fifty documents and what they stand in");
    }
}
