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
    Desk, Error, Refusal,
    files::{self, MOST_BYTES, TakenIn},
};
use futures_util::TryStreamExt as _;
use schema::permission::{Action, Actor};
use serde::Serialize;
use serde_json::json;
use store::{
    audit,
    files::{FileError, FileSource},
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
    let body = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
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
    if !drafts_somewhere(&actor) {
        let refusal = Refusal::NotPermitted(Action::Draft);
        state.trail.refused(&actor, &origin, "storeFile", refusal.code());
        return Err(Error::from(refusal).into());
    }
    let name = name(address.as_deref());
    let bytes = body.into_data_stream().map_err(io::Error::other);
    let body = FileSource::reader(StreamReader::new(bytes));
    let taken = files::take_in(&*state.files, body, name.as_deref(), MOST_BYTES);
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
        // Without the digest: the audit outlives an erasure.
        Ok(audit::record(work, "file.store", "file", &json!({ "size": taken.size })).await?)
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
fn cut(error: Error) -> Problem {
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

/// Files belong to drafts: who may draft nowhere has no use for one.
fn drafts_somewhere(actor: &Actor) -> bool {
    let drafts = |role: schema::permission::Role| {
        role.carries(Action::Draft) || role.carries(Action::Import)
    };
    actor.grants.iter().any(|grant| drafts(grant.role))
}
