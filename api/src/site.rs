//! What every address below `/sites/{site}` begins with: the site, and a language of it.

use std::fmt;

use axum::http::HeaderMap;
use schema::{
    message::Bilingual,
    names::{Locale, SiteKey},
    tree::Site,
};
use serde::Deserialize;
use store::{Session, trees};

use crate::{
    AppState, Problem,
    freshness::{Answer, Remembered},
};

/// What documents of a site are served with.
#[derive(Clone)]
pub(crate) struct Served {
    pub(crate) state: AppState,
    pub(crate) remembered: Remembered,
}

impl Served {
    /// Starts an answer ([`Remembered::begin`]).
    pub(crate) async fn begin<'a>(
        &'a self,
        key: String,
        asked: &'a HeaderMap,
    ) -> Result<(Session, Answer<'a>), Problem> {
        self.remembered.begin(&self.state.desk.store, key, asked).await
    }
}

/// `?locale=`: a language of the site, its main one without it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct InLanguage {
    locale: Option<String>,
}

impl InLanguage {
    /// The language meant.
    ///
    /// # Errors
    /// A problem that names the languages of the site, for any other.
    pub(crate) fn of(&self, site: &Site) -> Result<Locale, Problem> {
        let locales = &site.particulars.locales;
        let named = locales.iter().find(|locale| match &self.locale {
            Some(wanted) => locale.as_str() == wanted,
            None => true,
        });
        named.cloned().ok_or_else(|| {
            let all = locales.iter().map(Locale::as_str).collect::<Vec<_>>().join(", ");
            Problem::not_found().detail(Bilingual::new(
                format!("该站点的语言为：{all}"),
                format!("the languages of this site are: {all}"),
            ))
        })
    }
}

/// As it stood in the address.
impl fmt::Display for InLanguage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.locale {
            Some(locale) => write!(formatter, "?locale={locale}"),
            None => Ok(()),
        }
    }
}

/// The site of this key.
///
/// # Errors
/// Not found.
pub(crate) async fn by_key(session: &mut Session, key: &str) -> Result<Site, Problem> {
    let key: SiteKey = key.parse().map_err(|_| Problem::not_found())?;
    trees::site_by_key(session, &key).await?.ok_or_else(Problem::not_found)
}

/// The site whose domain is `host`, with or without the port.
///
/// # Errors
/// Not found.
pub(crate) async fn by_host(session: &mut Session, host: &str) -> Result<Site, Problem> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let sites = trees::sites(session).await?;
    let mut found = sites.into_iter().filter(|site| {
        let domain = &site.particulars.domain;
        domain.eq_ignore_ascii_case(host) || domain.eq_ignore_ascii_case(name)
    });
    found.next().ok_or_else(Problem::not_found)
}
