//! `/assets/{digest}/{name}`: files, exactly while an edition that the caller may read uses
//! them.
//!
//! The digest names the bytes, so they never change; whether they may be had does, and the
//! answer's freshness follows that (docs/decisions/freshness-of-files.md). The name in the
//! address is for people: what the file is called and what it is comes from the edition, so
//! that nobody can make a page out of a picture by asking for it under another name.

mod conditions;
mod presentation;
mod range;

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::TryStreamExt as _;
use schema::{digest::Digest, viewer::Viewer};
use store::{
    assets::{self, Asset},
    files::FileStream,
};

use crate::{AppState, Problem};
pub(crate) use conditions::is_known;
use range::Wanted;

/// Fresh for a minute, then asked for again: a file that was recalled is out of every obedient
/// cache a minute later.
const PUBLIC: &str = "public, max-age=60, must-revalidate";
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
    method: axum::http::Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // One spelling of each address: anything else is as unknown as a digest of nothing.
    let digest = Digest::from_hex(&digest).map_err(|_| Problem::not_found())?;
    let viewer = viewer.map_or(Viewer::Public, |Extension(viewer)| viewer);
    let found = {
        let mut session = state.desk.store.reader().await?;
        assets::find(&mut session, &viewer, &state.desk.types, &digest).await?
    };
    let asset = found.ok_or_else(Problem::not_found)?;

    let tag = format!("\"{}\"", digest.hex());
    let mut answer = shared_headers(&asset, &tag)?;
    if conditions::is_known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    let whole = 0..asset.size;
    let (status, part) = match range::wanted(&headers, &tag, asset.size) {
        Wanted::Whole => (StatusCode::OK, whole),
        Wanted::Part(part) => {
            let shown = format!("bytes {}-{}/{}", part.start, part.end - 1, asset.size);
            answer.insert(header::CONTENT_RANGE, value(&shown)?);
            (StatusCode::PARTIAL_CONTENT, part)
        }
        Wanted::Nothing => {
            let mut refusal = Problem::of_status(StatusCode::RANGE_NOT_SATISFIABLE).into_response();
            let shown = format!("bytes */{}", asset.size);
            refusal.headers_mut().insert(header::CONTENT_RANGE, value(&shown)?);
            return Ok(refusal);
        }
    };
    let look = match &asset.declared {
        Some(declared) => presentation::declared(declared),
        None => presentation::undeclared(&first_bytes(&state, &digest, asset.size).await?, &digest),
    };
    for (name, text) in look.headers() {
        answer.insert(name, value(&text)?);
    }
    answer.insert(header::CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    let body = match method {
        axum::http::Method::HEAD => Body::empty(),
        _ if part.is_empty() => Body::empty(),
        _ if status == StatusCode::OK => stream(state.files.get(&digest).await?),
        _ => stream(state.files.get_range(&digest, part).await?),
    };
    Ok((status, answer, body).into_response())
}

/// What stands in 200, 206 and 304 alike.
fn shared_headers(asset: &Asset, tag: &str) -> Result<HeaderMap, Problem> {
    let freshness = if asset.public { PUBLIC } else { PRIVATE };
    let mut headers = HeaderMap::from_iter([
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (header::CACHE_CONTROL, HeaderValue::from_static(freshness)),
        // A page of any origin may show it; whether a script may read it, CORS decides.
        (CROSS_ORIGIN, HeaderValue::from_static("cross-origin")),
    ]);
    headers.insert(header::ETAG, value(tag)?);
    headers.append(header::VARY, HeaderValue::from_static("authorization"));
    if asset.public {
        // What a cache in front is told to drop when the file is taken back.
        headers.insert(CACHE_TAG, value(&format!("asset-{}", tag.trim_matches('"')))?);
    }
    Ok(headers)
}

const CROSS_ORIGIN: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");

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
