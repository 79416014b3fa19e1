//! `/manage/direct-uploads`: a file is sent to the object store by addresses that the hub signs,
//! and then taken in.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use editorial::files::uploads::{self, Addresses, NewUpload};
use schema::ids::UploadId;
use serde::{Deserialize, Serialize};

use super::{At, Stored, headers::bad, path};
use crate::{AppState, Problem, manage::graphql::Asker};

/// Bytes of what is said of a file.
const ASKED: usize = 4 * 1024;

type Id = Result<Path<UploadId>, PathRejection>;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/manage/direct-uploads", post(begin))
        .route("/manage/direct-uploads/{id}", post(again))
        .route("/manage/direct-uploads/{id}/complete", post(complete))
        .layer(DefaultBodyLimit::max(ASKED))
}

/// What a sender says of a file that is to come.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    name: Option<String>,
    length: u64,
}

/// Where the parts are sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    id: String,
    length: u64,
    part_size: u64,
    /// Seconds for which the addresses are good.
    valid: u64,
    expires_at: String,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    number: u32,
    length: u64,
    url: String,
}

impl From<Addresses> for Signed {
    fn from(addresses: Addresses) -> Self {
        let Addresses { upload, part_size, parts, valid } = addresses;
        let part = |part: store::files::SignedPart| Part {
            number: part.number,
            length: part.length,
            url: part.address,
        };
        Self {
            id: upload.id.to_string(),
            length: upload.length,
            part_size,
            valid: valid.as_secs(),
            expires_at: upload.expires_at.to_string(),
            parts: parts.into_iter().map(part).collect(),
        }
    }
}

/// `POST /manage/direct-uploads`
async fn begin(
    State(state): State<AppState>,
    asker: Asker,
    body: Bytes,
) -> Result<Response, Problem> {
    let at = At::new(&state, asker);
    let Asked { name, length } = serde_json::from_slice(&body).map_err(|_| {
        bad(
            "bad_json",
            "请求体应为 {\"length\": 字节数, \"name\": 文件名（可不写）}",
            "the body is {\"length\": bytes, \"name\": what it is called, where it is called something}",
        )
    })?;
    let name = name.filter(|name| !name.is_empty());
    let new = NewUpload { name, metadata: None, length };
    let begun = uploads::begin_direct(&at.desk, &state.files, &at.actor, new).await;
    Ok(signed(StatusCode::CREATED, at.heard(begun)?))
}

/// `POST /manage/direct-uploads/{id}`: addresses for what is missing, when the first are over.
async fn again(State(state): State<AppState>, asker: Asker, id: Id) -> Result<Response, Problem> {
    let at = At::new(&state, asker);
    let addresses = uploads::addresses(&at.desk, &state.files, &at.actor, path(id)?).await;
    Ok(signed(StatusCode::OK, at.heard(addresses)?))
}

/// `POST /manage/direct-uploads/{id}/complete`: all parts are there.
async fn complete(
    State(state): State<AppState>,
    asker: Asker,
    id: Id,
) -> Result<Response, Problem> {
    let at = At::new(&state, asker);
    let taken = uploads::complete(&at.desk, &state.files, &at.actor, path(id)?).await;
    let stored = Json(Stored::from(&at.heard(taken)?));
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], stored).into_response())
}

fn signed(status: StatusCode, addresses: Addresses) -> Response {
    // An address is a permission.
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (status, headers, Json(Signed::from(addresses))).into_response()
}
