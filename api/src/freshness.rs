//! Documents that are made on demand and asked for again and again: feeds, sitemaps. Whoever
//! has the newest one already is told so, nearly for free.
//!
//! The tag of such a document is the digest of its bytes, so it is the same on every node and
//! after every restart, and changes exactly when the document does. Everything a document is
//! made from stands in the log; while the log has not moved since it was last made, its tag is
//! known without making it again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use schema::digest::Digest;
use store::{
    Session, Store,
    log::{self, Head},
};

use crate::{
    Problem,
    caching::{Caching, Tags},
    http::AsIs,
    http_date::{http_date, parse_http_date},
};

/// How many documents' tags are remembered; beyond that all are forgotten, and made once more.
const MOST: usize = 20_000;

/// A document as it was made.
#[derive(Debug)]
pub(crate) struct Made {
    /// Its media type.
    pub(crate) media_type: &'static str,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// What a cache in front drops it by.
    pub(crate) tags: Tags,
    /// Whether it is compressed already.
    pub(crate) is_compressed: bool,
}

/// What is remembered of the documents made last. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remembered {
    known: Arc<Mutex<HashMap<String, Known>>>,
    caching: Arc<Caching>,
}

#[derive(Clone, Debug)]
struct Known {
    /// Position of the log it was made at.
    position: u64,
    tag: Digest,
    /// Time of the log when these bytes were first seen. Renaming a column changes a feed as
    /// much as a publication does, so times of documents would not do.
    modified: Timestamp,
    tags: Tags,
}

impl Remembered {
    /// Nothing yet; how long documents may be kept outside is as `caching` says.
    pub(crate) fn new(caching: Arc<Caching>) -> Self {
        Self { known: Arc::default(), caching }
    }

    /// Starts an answer to `asked` with the document that `key` stands for, and gives one state
    /// of the store to make it from.
    pub(crate) async fn begin<'a>(
        &'a self,
        store: &Store,
        key: String,
        asked: &'a HeaderMap,
    ) -> Result<(Session, Answer<'a>), Problem> {
        let mut session = store.snapshot().await?;
        let head = log::head(&mut session).await?;
        let before = self.get(&key);
        Ok((session, Answer { remembered: self, asked, key, head, before }))
    }

    fn get(&self, key: &str) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn put(&self, key: String, known: Known) {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(&key) {
            all.clear();
        }
        all.insert(key, known);
    }
}

/// An answer under way.
pub(crate) struct Answer<'a> {
    remembered: &'a Remembered,
    asked: &'a HeaderMap,
    key: String,
    head: Head,
    before: Option<Known>,
}

impl Answer<'_> {
    /// The answer, where the document need not be made to give it.
    pub(crate) fn at_once(&self) -> Option<Result<Response, Problem>> {
        let known = self.before.as_ref()?;
        let is_newest = known.position == self.head.sequence;
        (is_newest && known.is_current(self.asked)).then(|| self.not_modified(known))
    }

    /// The answer with the document, or that the caller has it.
    pub(crate) fn with(self, made: Made) -> Result<Response, Problem> {
        let tag = Digest::of(&made.bytes);
        let modified = match &self.before {
            Some(known) if known.tag == tag => known.modified,
            _ => self.head.at,
        };
        let position = self.head.sequence;
        let known = Known { position, tag, modified, tags: made.tags };
        if known.is_current(self.asked) {
            let answer = self.not_modified(&known);
            self.remembered.put(self.key.clone(), known);
            return answer;
        }
        let mut headers = self.headers(&known)?;
        self.remembered.put(self.key, known);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(made.media_type));
        let mut response = (StatusCode::OK, headers, made.bytes).into_response();
        if made.is_compressed {
            response.extensions_mut().insert(AsIs);
        }
        Ok(response)
    }

    /// What stands in 200 and 304 alike.
    fn headers(&self, known: &Known) -> Result<HeaderMap, Problem> {
        let value = |text: &str| HeaderValue::from_str(text).map_err(Problem::fault);
        let mut headers = HeaderMap::from_iter([
            (header::ETAG, value(&known.tag())?),
            (header::LAST_MODIFIED, value(&http_date(known.modified))?),
            (CROSS_ORIGIN, HeaderValue::from_static("cross-origin")),
        ]);
        let caching = &self.remembered.caching;
        caching.put(&caching.files, Some(&known.tags), &mut headers);
        Ok(headers)
    }

    fn not_modified(&self, known: &Known) -> Result<Response, Problem> {
        Ok((StatusCode::NOT_MODIFIED, self.headers(known)?).into_response())
    }
}

impl Known {
    fn tag(&self) -> String {
        format!("\"{}\"", self.tag.hex())
    }

    /// Whether the caller has it: by tag where one is given, else by time (RFC 9110, section
    /// 13.2.2).
    fn is_current(&self, asked: &HeaderMap) -> bool {
        if asked.contains_key(header::IF_NONE_MATCH) {
            return crate::assets::is_known(asked, &self.tag());
        }
        let since = asked.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
        since
            .and_then(parse_http_date)
            .is_some_and(|since| self.modified.as_second() <= since.as_second())
    }
}

const CROSS_ORIGIN: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
            position: 7,
            tag: Digest::of(b"feed"),
            modified: "2026-03-02T01:00:05.5Z".parse().expect("a moment"),
            tags: Tags::of(&["site-lanqiao".into()]),
        }
    }

    fn asked(headers: &[(HeaderName, &str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, text)| (name.clone(), HeaderValue::from_str(text).expect("a header")))
            .collect()
    }

    #[test]
    fn a_tag_decides_before_a_time_does() {
        let known = known();
        let newest = "Mon, 02 Mar 2026 01:00:05 GMT";
        for (headers, is_current) in [
            (vec![], false),
            (vec![(header::IF_NONE_MATCH, known.tag())], true),
            (vec![(header::IF_NONE_MATCH, format!("W/{}", known.tag()))], true),
            (vec![(header::IF_NONE_MATCH, "\"other\"".into())], false),
            (vec![(header::IF_MODIFIED_SINCE, newest.into())], true),
            (vec![(header::IF_MODIFIED_SINCE, "Mon, 02 Mar 2026 01:00:04 GMT".into())], false),
            (vec![(header::IF_MODIFIED_SINCE, "lately".into())], false),
            (
                vec![
                    (header::IF_NONE_MATCH, "\"other\"".into()),
                    (header::IF_MODIFIED_SINCE, newest.into()),
                ],
                false,
            ),
        ] {
            let headers: Vec<_> = headers.iter().map(|(n, t)| (n.clone(), t.as_str())).collect();
            assert_eq!(known.is_current(&asked(&headers)), is_current, "{headers:?}");
        }
    }

    #[test]
    fn memory_is_bounded_and_a_known_document_does_not_push_out_the_rest() {
        let remembered = Remembered::default();
        for number in 0..MOST {
            remembered.put(number.to_string(), known());
        }
        remembered.put("0".into(), known());
        assert!(remembered.get("1").is_some());
        remembered.put("one more".into(), known());
        assert!(remembered.get("1").is_none() && remembered.get("one more").is_some());
    }
}
