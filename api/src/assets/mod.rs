//! `/assets/{digest}/{name}?w=&h=&format=`: files and their renditions, exactly while an edition
//! that the caller may read uses the file. That is asked first, every time, of both alike.
//!
//! The digest names the bytes, so they never change; whether they may be had does, and the
//! answer's freshness follows that (docs/decisions/freshness-of-files.md). The name in the
//! address is for people: what the file is called and what it is comes from the edition, so
//! that nobody can make a page out of a picture by asking for it under another name.

mod conditions;
mod presentation;
mod range;
mod rendition;

use std::ops::Range;

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use editorial::previews;
use futures_util::TryStreamExt as _;
use schema::{
    digest::Digest,
    parts::{HUB, Part},
    viewer::Viewer,
};
use store::{
    assets::{self, Asset},
    files::FileStream,
};

use crate::{AppState, Problem, caching::Tags, content::http::NO_ROBOTS};
pub(crate) use conditions::is_known;
use presentation::Presentation;
use range::Wanted;
pub(crate) use rendition::Renderer;

/// What only some may see is kept nowhere.
const PRIVATE: &str = "private, no-store";

pub(crate) fn routes(state: AppState) -> Router {
    // HEAD comes with GET.
    Router::new().route("/assets/{digest}/{name}", get(asset)).with_state(state)
}

/// `GET /assets/{digest}/{name}`
async fn asset(
    State(state): State<AppState>,
    viewer: Option<Extension<Viewer>>,
    Path((digest, _name)): Path<(String, String)>,
    RawQuery(address): RawQuery,
    method: axum::http::Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // One spelling of each address: anything else is as unknown as a digest of nothing.
    let digest = Digest::from_hex(&digest).map_err(|_| Problem::not_found())?;
    let asked = rendition::asked(address.as_deref())?;
    let mut viewer = viewer.map_or(Viewer::Public, |Extension(viewer)| viewer);
    let mut found = find(&state, &viewer, &digest).await?;
    if found.is_none()
        && let Some(ticket) = ticket(address.as_deref())
        && let Some(admitted) = previews::admit_to_file(&state.desk, &ticket, &digest).await?
    {
        viewer = admitted;
        found = find(&state, &viewer, &digest).await?;
    }
    let Some(asset) = found else { return replaced(&state, &digest, address.as_deref()).await };
    match asked {
        None => original(&state, &asset, &method, &headers).await,
        Some(asked) => {
            let made = rendition::Made::new(&asset, &asked)?;
            let tag = format!("\"{}-{}\"", digest.hex(), made.name());
            let shared = shared_headers(&state, &asset, &tag)?;
            if conditions::is_known(&headers, &tag) {
                return Ok((StatusCode::NOT_MODIFIED, shared).into_response());
            }
            let bytes = made.bytes(&state, &viewer, &asset).await?;
            let size = bytes.len() as u64;
            let look = made.presentation();
            let (status, answer, part) = match answer(shared, &headers, &tag, size, look)? {
                Answer::Refused(refusal) => return Ok(refusal),
                Answer::Given(status, answer, part) => (status, answer, part),
            };
            let body = match method {
                axum::http::Method::HEAD => Body::empty(),
                _ => Body::from(bytes.slice(part.start as usize..part.end as usize)),
            };
            Ok((status, answer, body).into_response())
        }
    }
}

/// Leads from a file that was called an error to the one that took its place, where there is one.
async fn replaced(
    state: &AppState,
    digest: &Digest,
    address: Option<&str>,
) -> Result<Response, Problem> {
    let mut session = state.desk.store.reader().await?;
    let found = assets::replacement(&mut session, &state.desk.types, digest).await?;
    drop(session);
    let (document, file) = found.ok_or_else(Problem::not_found)?;
    // It may have been withdrawn since.
    find(state, &Viewer::Public, &file.digest).await?.ok_or_else(Problem::not_found)?;
    let mut location =
        format!("/assets/{}/{}", file.digest.hex(), presentation::escaped(&file.name));
    let mut parameters = url::form_urlencoded::Serializer::new(String::new());
    for (name, given) in url::form_urlencoded::parse(address.unwrap_or_default().as_bytes()) {
        if matches!(&*name, "w" | "h" | "format") {
            parameters.append_pair(&name, &given);
        }
    }
    let parameters = parameters.finish();
    if !parameters.is_empty() {
        location = format!("{location}?{parameters}");
    }
    let mut headers = HeaderMap::from_iter([(header::LOCATION, value(&location)?)]);
    let tags = Tags::of(&[HUB.into(), Part::Document(document).tag()]);
    state.caching.put(&state.caching.files, Some(&tags), &mut headers);
    Ok((StatusCode::PERMANENT_REDIRECT, headers).into_response())
}

/// The file as it lies in the store.
async fn original(
    state: &AppState,
    asset: &Asset,
    method: &axum::http::Method,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let (digest, size) = (asset.file.digest, asset.file.size);
    let tag = format!("\"{}\"", digest.hex());
    let shared = shared_headers(state, asset, &tag)?;
    if conditions::is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, shared).into_response());
    }
    let look = match presentation::of(asset) {
        Some(look) => look,
        None => presentation::undeclared(&first_bytes(state, &digest, size).await?, &digest),
    };
    let (status, answer, part) = match answer(shared, headers, &tag, size, look)? {
        Answer::Refused(refusal) => return Ok(refusal),
        Answer::Given(status, answer, part) => (status, answer, part),
    };
    let body = match *method {
        axum::http::Method::HEAD => Body::empty(),
        _ if part.is_empty() => Body::empty(),
        _ if status == StatusCode::OK => stream(state.files.get(&digest).await?),
        _ => stream(state.files.get_range(&digest, part).await?),
    };
    Ok((status, answer, body).into_response())
}

/// What is answered to a question for a part of something, or all of it.
enum Answer {
    /// Nothing lies there.
    Refused(Response),
    Given(StatusCode, HeaderMap, Range<u64>),
}

/// The head of an answer with bytes.
fn answer(
    mut answer: HeaderMap,
    headers: &HeaderMap,
    tag: &str,
    size: u64,
    look: Presentation,
) -> Result<Answer, Problem> {
    let (status, part) = match range::wanted(headers, tag, size) {
        Wanted::Whole => (StatusCode::OK, 0..size),
        Wanted::Part(part) => {
            let shown = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            answer.insert(header::CONTENT_RANGE, value(&shown)?);
            (StatusCode::PARTIAL_CONTENT, part)
        }
        Wanted::Nothing => {
            let mut refusal = Problem::of_status(StatusCode::RANGE_NOT_SATISFIABLE).into_response();
            let shown = format!("bytes */{size}");
            refusal.headers_mut().insert(header::CONTENT_RANGE, value(&shown)?);
            return Ok(Answer::Refused(refusal));
        }
    };
    for (name, text) in look.headers() {
        answer.insert(name, value(&text)?);
    }
    answer.insert(header::CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    Ok(Answer::Given(status, answer, part))
}

/// The file, if `viewer` may have it.
async fn find(
    state: &AppState,
    viewer: &Viewer,
    digest: &Digest,
) -> Result<Option<Asset>, Problem> {
    let mut session = state.desk.store.reader().await?;
    Ok(assets::find(&mut session, viewer, &state.desk.types, digest).await?)
}

/// What admits to a file of a draft, in the address that a preview printed.
fn ticket(address: Option<&str>) -> Option<String> {
    let mut parameters = url::form_urlencoded::parse(address?.as_bytes());
    parameters.find_map(|(name, value)| (name == "preview").then(|| value.into_owned()))
}

/// What stands in 200, 206 and 304 alike.
fn shared_headers(state: &AppState, asset: &Asset, tag: &str) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::from_iter([
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        // A page of any origin may show it; whether a script may read it, CORS decides.
        (CROSS_ORIGIN, HeaderValue::from_static("cross-origin")),
    ]);
    headers.insert(header::ETAG, value(tag)?);
    headers.append(header::VARY, HeaderValue::from_static("authorization"));
    if asset.public {
        // What happens to the document that lets anybody have it may take it back.
        let short = asset.file.digest.hex().chars().take(ASSET_DIGITS).collect::<String>();
        let document = Part::Document(asset.document).tag();
        let tags = Tags::of(&[HUB.into(), document, format!("asset-{short}").into()]);
        state.caching.put(&state.caching.files, Some(&tags), &mut headers);
    } else {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(PRIVATE));
        headers.insert(NO_ROBOTS, HeaderValue::from_static("noindex, nofollow"));
    }
    Ok(headers)
}

/// Digits of a digest in a tag, which is as long then as a tag may be.
const ASSET_DIGITS: usize = 26;
const CROSS_ORIGIN: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

fn value(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(text).map_err(Problem::fault)
}

async fn first_bytes(state: &AppState, digest: &Digest, size: u64) -> Result<Vec<u8>, Problem> {
    if size == 0 {
        return Ok(Vec::new());
    }
    let start = state.files.get_range(digest, 0..presentation::TELLING).await?;
    Ok(start.read_to_end().await?)
}

/// The bytes as they come. A damaged file breaks off before its end: the caller sees that it
/// is not whole, and the log why.
fn stream(file: FileStream) -> Body {
    let span = tracing::Span::current();
    Body::from_stream(file.into_stream().inspect_err(move |error| {
        span.in_scope(|| tracing::error!(%error, "a file broke off"));
    }))
}
