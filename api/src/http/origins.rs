//! Which browser origins may call (CORS): those the sites name.
//!
//! The content API answers for the whole hub, so a path that names a site is open to that
//! site's origins, and every other one to those of all sites. Nothing here takes cookies: an
//! origin decides whether a page may read what anybody may read.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::{HeaderName, HeaderValue, Method, header, request::Parts};
use store::{Store, trees};
use tokio::sync::Mutex;

use crate::authentication::previews::PREVIEW;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long what the sites say is kept: a change shows on every node within this time.
const KEPT: Duration = Duration::from_secs(10);
/// How long a browser may keep the answer to a preflight.
const PREFLIGHT: Duration = Duration::from_secs(600);

/// The allowed origins of every site. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    store: Store,
    known: Arc<Mutex<Option<Known>>>,
}

/// What the sites said, and when.
type Known = (Instant, Arc<Allowed>);

#[derive(Debug, Default)]
struct Allowed {
    by_site: HashMap<String, HashSet<String>>,
}

impl Allowed {
    fn allows(&self, origin: &str, path: &str) -> bool {
        let site = path.strip_prefix("/sites/").map(|rest| rest.split('/').next().unwrap_or(rest));
        match site {
            Some(site) => self.by_site.get(site).is_some_and(|origins| origins.contains(origin)),
            None => self.by_site.values().any(|origins| origins.contains(origin)),
        }
    }
}

impl Origins {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, known: Arc::default() }
    }

    /// Whether pages of `origin` may call `path`.
    pub(crate) async fn allow(&self, origin: &HeaderValue, path: &str) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        match self.current().await {
            Ok(allowed) => allowed.allows(origin, path),
            Err(error) => {
                tracing::warn!(%error, "the allowed origins cannot be read");
                false
            }
        }
    }

    async fn current(&self) -> Result<Arc<Allowed>, store::Error> {
        let mut known = self.known.lock().await;
        if let Some((at, allowed)) = &*known
            && at.elapsed() < KEPT
        {
            return Ok(Arc::clone(allowed));
        }
        let sites = trees::sites(&mut self.store.reader().await?).await?;
        let by_site = sites
            .into_iter()
            .map(|site| (site.key.to_string(), site.particulars.origins.into_iter().collect()));
        let allowed = Arc::new(Allowed { by_site: by_site.collect() });
        *known = Some((Instant::now(), Arc::clone(&allowed)));
        Ok(allowed)
    }
}

/// CORS for routes that anybody may read.
pub(crate) fn cross_origin(origins: &Origins) -> CorsLayer {
    let origins = origins.clone();
    let allow = AllowOrigin::async_predicate(move |origin: HeaderValue, parts: &Parts| {
        let path = parts.uri.path().to_owned();
        async move { origins.allow(&origin, &path).await }
    });
    CorsLayer::new()
        .allow_origin(allow)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers([
            header::ACCEPT_LANGUAGE,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            header::RANGE,
            HeaderName::from_static("last-event-id"),
            PREVIEW,
        ])
        .expose_headers([
            header::ACCEPT_RANGES,
            header::CONTENT_RANGE,
            header::ETAG,
            header::LOCATION,
            header::RETRY_AFTER,
            HeaderName::from_static("ratelimit"),
            HeaderName::from_static("ratelimit-policy"),
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(PREFLIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_site_is_not_open_to_the_origins_of_another() {
        let origins =
            |origins: &[&str]| origins.iter().map(|origin| (*origin).to_owned()).collect();
        let allowed = Allowed {
            by_site: HashMap::from([
                ("nanhe".to_owned(), origins(&["https://www.nanhe.gov.cn"])),
                ("lanqiao".to_owned(), origins(&["https://www.lanqiao.gov.cn"])),
            ]),
        };

        assert!(allowed.allows("https://www.nanhe.gov.cn", "/graphql"));
        assert!(allowed.allows("https://www.nanhe.gov.cn", "/sites/nanhe/feed.atom"));
        assert!(!allowed.allows("https://www.lanqiao.gov.cn", "/sites/nanhe/feed.atom"));
        assert!(!allowed.allows("https://evil.example", "/graphql"));
        assert!(!allowed.allows("null", "/graphql"));
    }
}
