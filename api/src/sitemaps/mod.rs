//! Sitemaps and robots.txt of a site, for search engines.
//!
//! A sitemap may only name pages of its own host, at or below its own folder. So its parts name
//! each other at the root of the site's host (`https://www…/sitemaps/…`), and the portal hands
//! `/sitemap.xml`, `/sitemaps/` and `/robots.txt` on to the hub: to `/sites/{site}/…`, or as
//! they are, since the hub knows a site by its host.
//!
//! A part is made whole in memory: its length is bounded ([`shard`]), and only so its tag can
//! say that these are the very bytes.

mod shard;
mod write;

use std::{fmt, io::Write as _, sync::Arc};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::Response,
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use schema::{
    ids::ContentId,
    names::Locale,
    parts::{HUB, Part, Place as Listed},
    tree::Site,
    viewer::Viewer,
};
use store::{
    Session,
    reading::sitemap::{self, Place, SitePage},
};

use crate::{
    AppState, Problem,
    addresses::Addresses,
    caching::Tags,
    freshness::{Made, Remembered},
    site::{self, Served},
};
use shard::{Cutter, Shard, documents_in_part};
use write::{Page, Writer};

/// Which site is meant.
#[derive(Clone, Debug)]
enum Which {
    /// The one of `/sites/{key}`.
    Key(String),
    /// The one whose host was asked.
    Host(String),
}

impl fmt::Display for Which {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(formatter, "{key}"),
            Self::Host(host) => write!(formatter, "//{host}"),
        }
    }
}

impl Which {
    fn asked(headers: &HeaderMap) -> Result<Self, Problem> {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        host.map(|host| Self::Host(host.to_ascii_lowercase())).ok_or_else(Problem::not_found)
    }

    async fn find(&self, session: &mut Session) -> Result<Site, Problem> {
        match self {
            Self::Key(key) => site::by_key(session, key).await,
            Self::Host(host) => site::by_host(session, host).await,
        }
    }
}

/// What a part is asked for as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Xml,
    Gzip,
    Text,
}

impl Format {
    /// The format and the rest of a file's name.
    fn of(file: &str) -> Option<(Self, &str)> {
        [(Self::Gzip, ".xml.gz"), (Self::Xml, ".xml"), (Self::Text, ".txt")]
            .into_iter()
            .find_map(|(format, ending)| Some((format, file.strip_suffix(ending)?)))
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Xml => "application/xml; charset=utf-8",
            Self::Gzip => "application/gzip",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

pub(crate) fn routes(state: AppState) -> Router {
    // HEAD comes with GET.
    Router::new()
        .route("/sites/{site}/sitemap.xml", get(index_of_site))
        .route("/sites/{site}/sitemaps/{file}", get(part_of_site))
        .route("/sites/{site}/robots.txt", get(robots_of_site))
        .route("/sitemap.xml", get(index_of_host))
        .route("/sitemaps/{file}", get(part_of_host))
        .route("/robots.txt", get(robots_of_host))
        .with_state(Served { remembered: Remembered::new(Arc::clone(&state.caching)), state })
}

/// `GET /sites/{site}/sitemap.xml`
async fn index_of_site(
    State(served): State<Served>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    index(&served, &Which::Key(key), &headers).await
}

/// `GET /sitemap.xml` on the host of a site
async fn index_of_host(
    State(served): State<Served>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    index(&served, &Which::asked(&headers)?, &headers).await
}

/// `GET /sites/{site}/sitemaps/{shard}.{xml,xml.gz,txt}`
async fn part_of_site(
    State(served): State<Served>,
    Path((key, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    part(&served, &Which::Key(key), &file, &headers).await
}

/// `GET /sitemaps/{shard}.{xml,xml.gz,txt}` on the host of a site
async fn part_of_host(
    State(served): State<Served>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    part(&served, &Which::asked(&headers)?, &file, &headers).await
}

/// `GET /sites/{site}/robots.txt`
async fn robots_of_site(
    State(served): State<Served>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    robots(&served, &Which::Key(key), &headers).await
}

/// `GET /robots.txt` on the host of a site
async fn robots_of_host(
    State(served): State<Served>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    robots(&served, &Which::asked(&headers)?, &headers).await
}

async fn index(served: &Served, which: &Which, headers: &HeaderMap) -> Result<Response, Problem> {
    let (mut session, answer) = served.begin(format!("{which}/sitemap.xml"), headers).await?;
    if let Some(known) = answer.at_once() {
        return known;
    }
    let site = which.find(&mut session).await?;
    let addresses = Addresses::of(&site, None);
    let locales = &site.particulars.locales;
    let mut shards = Vec::new();
    for locale in locales {
        let mut cutter = Cutter::new(locale.clone(), documents_in_part(locales.len()));
        let mut after = Place::first();
        loop {
            let stamps =
                sitemap::stamps(&mut session, &Viewer::Public, site.id, locale, after).await?;
            stamps.iter().for_each(|stamp| cutter.take(stamp));
            match stamps.last() {
                Some(last) => after = last.place,
                None => break,
            }
        }
        shards.extend(cutter.into_shards());
    }
    let bytes = write::index(&shards, |changed| {
        addresses.on_site(&format_args!("/sitemaps/{}.xml", changed.shard))
    });
    answer.with(made(&site, Format::Xml, bytes))
}

async fn part(
    served: &Served,
    which: &Which,
    file: &str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let (format, name) = Format::of(file).ok_or_else(Problem::not_found)?;
    let shard: Shard = name.parse().map_err(|_| Problem::not_found())?;
    let (mut session, answer) = served.begin(format!("{which}/sitemaps/{file}"), headers).await?;
    if let Some(known) = answer.at_once() {
        return known;
    }
    let site = which.find(&mut session).await?;
    let bytes = write_part(&mut session, &site, &shard, format).await?;
    answer.with(made(&site, format, bytes.ok_or_else(Problem::not_found)?))
}

/// `None` where nothing stands in the shard.
async fn write_part(
    session: &mut Session,
    site: &Site,
    shard: &Shard,
    format: Format,
) -> Result<Option<Vec<u8>>, Problem> {
    let locales = &site.particulars.locales;
    let Some((from, until)) = shard.bounds().filter(|_| locales.contains(&shard.locale)) else {
        return Ok(None);
    };
    let most = documents_in_part(locales.len());
    let start = Place::before(from);
    let mut after = match (shard.part - 1).checked_mul(most) {
        Some(0) => start,
        Some(skip) => {
            // Behind the last document of the part before.
            let viewer = &Viewer::Public;
            let last = sitemap::place_behind(
                session,
                viewer,
                site.id,
                &shard.locale,
                start,
                until,
                skip - 1,
            );
            let Some(place) = last.await? else { return Ok(None) };
            place
        }
        None => return Ok(None),
    };
    let mut writer = match format {
        Format::Text => Writer::text(),
        Format::Xml | Format::Gzip => Writer::xml(locales.len() > 1),
    };
    let mut left = most as usize;
    while left > 0 {
        let viewer = &Viewer::Public;
        let mut pages =
            sitemap::site_pages(session, viewer, site.id, &shard.locale, after, until).await?;
        pages.truncate(left);
        let Some(last) = pages.last() else { break };
        after = last.stamp.place;
        left -= pages.len();
        write_pages(session, site, &pages, format, &mut writer).await?;
    }
    if left == most as usize {
        return Ok(None);
    }
    let bytes = writer.into_bytes();
    Ok(Some(match format {
        Format::Gzip => gzip(&bytes).map_err(Problem::fault)?,
        Format::Xml | Format::Text => bytes,
    }))
}

async fn write_pages(
    session: &mut Session,
    site: &Site,
    pages: &[SitePage],
    format: Format,
    writer: &mut Writer,
) -> Result<(), Problem> {
    let addresses = Addresses::of(site, None);
    let locales = &site.particulars.locales;
    let contents: Vec<ContentId> = match format {
        Format::Xml | Format::Gzip if locales.len() > 1 => {
            pages.iter().map(|page| page.content).collect()
        }
        _ => Vec::new(),
    };
    let translated =
        sitemap::translated_pages(session, &Viewer::Public, site.id, &contents).await?;
    for page in pages {
        let all = translated.get(&page.content).filter(|all| all.len() > 1);
        let translations: Vec<(Locale, String)> = all
            .into_iter()
            .flatten()
            .filter(|(locale, _)| locales.contains(locale))
            .map(|(locale, path)| (locale.clone(), addresses.page(path)))
            .collect();
        let page = Page {
            address: addresses.page(&page.path),
            changed_at: page.stamp.changed_at,
            translations,
        };
        writer.page(&page, locales.first());
    }
    Ok(())
}

/// The same bytes for the same input: no name, no time in the header.
fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

async fn robots(served: &Served, which: &Which, headers: &HeaderMap) -> Result<Response, Problem> {
    let (mut session, answer) = served.begin(format!("{which}/robots.txt"), headers).await?;
    if let Some(known) = answer.at_once() {
        return known;
    }
    let site = which.find(&mut session).await?;
    let sitemap = Addresses::of(&site, None).on_site(&"/sitemap.xml");
    let text = format!("User-agent: *\nDisallow:\n\nSitemap: {sitemap}\n");
    answer.with(made(&site, Format::Text, text.into_bytes()))
}

fn made(site: &Site, format: Format, bytes: Vec<u8>) -> Made {
    Made {
        media_type: format.media_type(),
        bytes,
        tags: Tags::of(&[HUB.into(), Part::List(Listed::Site(&site.key), None).tag()]),
        is_compressed: format == Format::Gzip,
    }
}
