//! Feeds of sites and columns: Atom, RSS, JSON Feed, and OPML over all of them.
//!
//! A feed is made from live documents alone, always as the public sees them, whoever asks; what
//! was taken back lately stands in it as an id without a title. docs/feeds.md tells the teams
//! that read them what to rely on.

mod absolute;
mod atom;
mod json;
mod model;
mod opml;
mod read;
mod rss;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use schema::{
    names::ColumnPath,
    parts::{HUB, Part, Place},
    tree::{Column, Site},
};
use store::{Session, columns};

use crate::{
    AppState, Problem,
    addresses::Addresses,
    caching::Tags,
    freshness::{Made, Remembered},
    site::{self, InLanguage, Served},
};
use read::Wanted;

pub(crate) use read::{feed_path, locale_query};

/// What type names are terms of.
const TYPE_SCHEME: &str = "urn:gongbao:type";

/// The formats of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Atom,
    Rss,
    Json,
}

impl Format {
    /// By the last segment of an address.
    fn of(file: &str) -> Option<Self> {
        match file {
            "feed.atom" => Some(Self::Atom),
            "feed.rss" => Some(Self::Rss),
            "feed.json" => Some(Self::Json),
            _ => None,
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Json => "json",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }

    fn write(self, feed: &model::Feed) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Atom => Ok(atom::write(feed)),
            Self::Rss => Ok(rss::write(feed)),
            Self::Json => json::write(feed).map_err(Problem::fault),
        }
    }
}

pub(crate) fn routes(state: AppState) -> Router {
    let of_site = |format| {
        get(
            async move |State(served),
                        Path(key): Path<String>,
                        Query(query),
                        headers: HeaderMap| {
                site_feed(&served, &key, &query, format, &headers).await
            },
        )
    };
    // HEAD comes with GET. The router knows no patterns within a segment.
    Router::new()
        .route("/sites/{site}/feed.atom", of_site(Format::Atom))
        .route("/sites/{site}/feed.rss", of_site(Format::Rss))
        .route("/sites/{site}/feed.json", of_site(Format::Json))
        .route("/sites/{site}/columns/{*feed}", get(column_feed))
        .route("/sites/{site}/opml", get(subscriptions))
        .with_state(Served { remembered: Remembered::new(Arc::clone(&state.caching)), state })
}

/// `GET /sites/{site}/feed.{atom,rss,json}?locale=`
async fn site_feed(
    served: &Served,
    key: &str,
    query: &InLanguage,
    format: Format,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let memory = format!("{key}/feed.{}{query}", format.ending());
    let (mut session, answer) = served.begin(memory, headers).await?;
    if let Some(known) = answer.at_once() {
        return known;
    }
    let site = site::by_key(&mut session, key).await?;
    answer.with(make(served, &mut session, &site, None, query, format).await?)
}

/// `GET /sites/{site}/columns/{path…}/feed.{atom,rss,json}?locale=`
async fn column_feed(
    State(served): State<Served>,
    Path((key, feed)): Path<(String, String)>,
    Query(query): Query<InLanguage>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (path, file) = feed.rsplit_once('/').ok_or_else(Problem::not_found)?;
    let format = Format::of(file).ok_or_else(Problem::not_found)?;
    let path: ColumnPath = path.parse().map_err(|_| Problem::not_found())?;
    let (mut session, answer) =
        served.begin(format!("{key}/columns/{feed}{query}"), &headers).await?;
    if let Some(known) = answer.at_once() {
        return known;
    }
    let site = site::by_key(&mut session, &key).await?;
    if let Some(column) = columns::by_path(&mut session, site.id, &path).await? {
        let made = make(&served, &mut session, &site, Some(&column), &query, format).await?;
        return answer.with(made);
    }
    let column =
        columns::former(&mut session, site.id, &path).await?.ok_or_else(Problem::not_found)?;
    // Subscribers of a column that was renamed, moved, merged or closed follow it.
    let language = locale_query(&site, &query.of(&site)?);
    let address = format!("{}.{}{language}", feed_path(&site, Some(&column)), format.ending());
    let mut headers = HeaderMap::new();
    headers.insert(header::LOCATION, HeaderValue::from_str(&address).map_err(Problem::fault)?);
    // The house alone says where it leads.
    let caching = &served.state.caching;
    caching.put(&caching.files, Some(&Tags::of(&[HUB.into()])), &mut headers);
    Ok((StatusCode::MOVED_PERMANENTLY, headers).into_response())
}

async fn make(
    served: &Served,
    session: &mut Session,
    site: &Site,
    column: Option<&Column>,
    query: &InLanguage,
    format: Format,
) -> Result<Made, Problem> {
    let wanted = Wanted {
        site,
        column,
        locale: &query.of(site)?,
        addresses: &Addresses::of(site, served.state.settings.public_url.as_deref()),
    };
    let feed = read::feed(session, &served.state.desk.types, &wanted).await?;
    Ok(Made {
        media_type: format.media_type(),
        bytes: format.write(&feed)?,
        tags: {
            let place = match column {
                Some(column) => Place::Column(&site.key, &column.path),
                None => Place::Site(&site.key),
            };
            Tags::of(&[HUB.into(), Part::List(place, None).tag()])
        },
        is_compressed: false,
    })
}

/// `GET /sites/{site}/opml?locale=`
async fn subscriptions(
    State(served): State<Served>,
    Path(key): Path<String>,
    Query(query): Query<InLanguage>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (mut session, answer) = served.begin(format!("{key}/opml{query}"), &headers).await?;
    if let Some(known) = answer.at_once() {
        return known;
    }
    let site = site::by_key(&mut session, &key).await?;
    let wanted = Wanted {
        site: &site,
        column: None,
        locale: &query.of(&site)?,
        addresses: &Addresses::of(&site, served.state.settings.public_url.as_deref()),
    };
    let subscriptions = read::subscriptions(&mut session, &wanted).await?;
    answer.with(Made {
        media_type: "text/x-opml; charset=utf-8",
        bytes: opml::write(&subscriptions),
        tags: Tags::of(&[HUB.into()]),
        is_compressed: false,
    })
}
