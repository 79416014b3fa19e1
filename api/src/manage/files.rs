//! `POST /manage/files`: a file passes the door and can then be used by drafts.
//!
//! The body is the file, nothing around it. What it is is decided by its bytes, never by what its
//! sender says; its name, `?name=`, tells apart what looks alike. Sending the same file again
//! changes nothing, so this needs no idempotency key.

use std::{io, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use editorial::{
    Desk, Error,
    files::{self, MOST_AT_ONCE, TakenIn},
};
use futures_util::TryStreamExt as _;
use schema::{media::Media, permission::Actor};
use serde::Serialize;
use store::{
    files::{FileError, FileSource},
    kept::KeptFile,
};
use tokio_util::io::StreamReader;

use super::graphql::Asker;
use crate::{
    AppState, Problem,
    authentication::Authentication,
    http::bounds::{Bounds, bounded},
};

/// Until a file must have arrived and be stored.
const TIME: Duration = Duration::from_secs(15 * 60);

/// The upload route.
pub(super) fn routes(state: &AppState, authentication: &Authentication) -> Router {
    let routes = Router::new().route("/manage/files", post(store_file)).with_state(state.clone());
    let routes = authentication.around(routes);
    let body = usize::try_from(MOST_AT_ONCE).unwrap_or(usize::MAX);
    bounded(routes, Bounds { body, time: TIME }, &state.places)
}

/// What is known of a file that was stored.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stored {
    digest: String,
    size: u64,
    media_type: &'static str,
    /// Points of a picture, as it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
}

impl Stored {
    /// The same of a file that was stored before.
    pub(super) fn of_kept(file: &KeptFile) -> Self {
        let (width, height) = file.points.unzip();
        let media = file.media_type.as_deref().and_then(Media::of);
        let media_type = media.map_or("application/octet-stream", |media| media.name);
        Self { digest: file.digest.to_string(), size: file.size, media_type, width, height }
    }
}

impl From<&TakenIn> for Stored {
    fn from(file: &TakenIn) -> Self {
        let (width, height) = file.points.unzip();
        let (digest, media_type) = (file.digest.to_string(), file.media.name);
        Self { digest, size: file.size, media_type, width, height }
    }
}

async fn store_file(
    State(state): State<AppState>,
    RawQuery(address): RawQuery,
    asker: Asker,
    body: Body,
) -> Result<Response, Problem> {
    let Asker { actor, origin } = asker;
    if let Err(Error::Refused(refusal)) = files::may_store(&actor) {
        state.trail.refused(&actor, &origin, "storeFile", refusal.code());
        return Err(Problem::from(*refusal));
    }
    let name = name(address.as_deref());
    let bytes = body.into_data_stream().map_err(io::Error::other);
    let body = FileSource::reader(StreamReader::new(bytes));
    let taken = files::take_in(&*state.files, body, name.as_deref(), MOST_AT_ONCE);
    let taken = taken.await.map_err(cut)?;
    let desk = Desk { origin, ..state.desk.clone() };
    note(&state, &desk, &actor, &taken).await?;
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, headers, Json(Stored::from(&taken))).into_response())
}

/// Writes down a file that was taken in, and sees that it is still there.
async fn note(
    state: &AppState,
    desk: &Desk,
    actor: &Actor,
    taken: &TakenIn,
) -> Result<(), Problem> {
    editorial::work!(desk, actor, work => {
        files::note(work, taken).await?;
        files::tell_the_audit(work, taken).await
    })?;
    Ok(files::is_kept(&*state.files, taken).await?)
}

/// What the file is called, where its sender says so.
fn name(address: Option<&str>) -> Option<String> {
    let mut parameters = url::form_urlencoded::parse(address?.as_bytes());
    let name = parameters.find_map(|(name, value)| (name == "name").then(|| value.into_owned()));
    name.filter(|name| !name.is_empty())
}

/// A body that the server cut off for its length broke off for the file store.
pub(super) fn cut(error: Error) -> Problem {
    let too_long = matches!(&error, Error::Store(store::Error::File(FileError::Source(source))) if {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(source);
        let mut found = false;
        while let Some(error) = cause {
            found |= error.to_string().contains("length limit exceeded");
            cause = error.source();
        }
        found
    });
    if too_long { Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE) } else { error.into() }
}
