//! `/manage/uploads`: the tus protocol, version 1.0.0, with creation, creation with upload,
//! checksum, expiration and termination.

use std::io;

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::post,
};
use editorial::files::{
    MOST_BYTES,
    uploads::{self, Checksum},
};
use futures_util::TryStreamExt as _;
use schema::{ids::UploadId, message::Bilingual};
use tokio_util::io::StreamReader;

use super::{
    At,
    headers::{
        ALGORITHMS, EXTENSIONS, MOST, OFFSET, OVERRIDE, RESUMABLE, VERSION, VERSIONS, bad,
        checksum, has_bytes, new_upload, offset, say, say_all,
    },
    path, tell,
};
use crate::{AppState, Problem, manage::graphql::Asker};

const SPOKEN: &str = "creation,creation-with-upload,checksum,expiration,termination";

type Id = Result<Path<UploadId>, PathRejection>;

pub(super) fn routes() -> Router<AppState> {
    let one = post(instead).patch(append).head(state_of).get(tell).delete(cancel).options(offer);
    Router::new()
        .route("/manage/uploads", post(create).options(offer))
        .route("/manage/uploads/{id}", one)
        .layer(middleware::from_fn(speaks_tus))
}

/// Whoever changes something speaks the version that is spoken here, and every answer says it.
async fn speaks_tus(request: Request, next: Next) -> Response {
    let is_free = matches!(*request.method(), Method::OPTIONS | Method::GET);
    let spoken = request.headers().get(RESUMABLE).map(HeaderValue::as_bytes);
    let mut response = if is_free || spoken == Some(VERSION.as_bytes()) {
        next.run(request).await
    } else {
        let mut refused = Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "tus_version",
            Bilingual::new(
                "此处使用 tus 协议 1.0.0 版：请带上标头 Tus-Resumable: 1.0.0",
                "this speaks version 1.0.0 of the tus protocol: send the header Tus-Resumable: 1.0.0",
            ),
        )
        .into_response();
        refused.headers_mut().insert(VERSIONS, HeaderValue::from_static(VERSION));
        refused
    };
    response.headers_mut().insert(RESUMABLE, HeaderValue::from_static(VERSION));
    response
}

/// `OPTIONS`: what is spoken here.
async fn offer() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(VERSIONS, HeaderValue::from_static(VERSION));
    headers.insert(EXTENSIONS, HeaderValue::from_static(SPOKEN));
    headers.insert(MOST, HeaderValue::from(MOST_BYTES));
    if let Ok(names) = HeaderValue::from_str(&Checksum::NAMES.join(",")) {
        headers.insert(ALGORITHMS, names);
    }
    response
}

/// `POST /manage/uploads`: begins one, with the first bytes where the body has some.
async fn create(
    State(state): State<AppState>,
    asker: Asker,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let at = At::new(&state, asker);
    let (new, sum) = (new_upload(&headers)?, checksum(&headers)?);
    let begun = uploads::begin(&at.desk, &state.files, &at.actor, new).await;
    let (mut upload, taken) = at.heard(begun)?;
    let brings = has_bytes(&headers) && taken.is_none();
    if brings {
        upload = write(&at, upload.id, 0, sum, body).await?;
    }
    let mut response = StatusCode::CREATED.into_response();
    let said = response.headers_mut();
    say(said, &upload);
    if !brings && upload.length > 0 {
        said.remove(OFFSET);
    }
    if let Ok(location) = HeaderValue::from_str(&format!("/manage/uploads/{}", upload.id)) {
        said.insert(header::LOCATION, location);
    }
    Ok(response)
}

/// `HEAD`: how far it is.
async fn state_of(
    State(state): State<AppState>,
    asker: Asker,
    id: Id,
) -> Result<Response, Problem> {
    let at = At::new(&state, asker);
    let (upload, _) = at.heard(uploads::find(&at.desk, &at.actor, path(id)?).await)?;
    if upload.direct.is_some() {
        return Err(Problem::not_found());
    }
    let mut response = StatusCode::OK.into_response();
    say_all(response.headers_mut(), &upload);
    Ok(response)
}

/// `PATCH`: the next bytes.
async fn append(
    State(state): State<AppState>,
    asker: Asker,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let at = At::new(&state, asker);
    if !has_bytes(&headers) {
        return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let (offset, sum) = (offset(&headers)?, checksum(&headers)?);
    let upload = write(&at, path(id)?, offset, sum, body).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    say(response.headers_mut(), &upload);
    Ok(response)
}

async fn write(
    at: &At,
    id: UploadId,
    offset: u64,
    sum: Option<Checksum>,
    body: Body,
) -> Result<store::uploads::Upload, Problem> {
    let mut bytes = StreamReader::new(body.into_data_stream().map_err(io::Error::other));
    let (desk, files) = (&at.desk, &at.state.files);
    let written = uploads::append(desk, files, &at.actor, id, offset, sum, &mut bytes).await;
    at.heard(written).map(|(upload, _)| upload)
}

/// `DELETE`: gives it up.
async fn cancel(State(state): State<AppState>, asker: Asker, id: Id) -> Result<Response, Problem> {
    let at = At::new(&state, asker);
    at.heard(uploads::cancel(&at.desk, &state.files, &at.actor, path(id)?).await)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST`, for those who can send no other: the method is in `X-HTTP-Method-Override`.
async fn instead(
    state: State<AppState>,
    asker: Asker,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    match headers.get(OVERRIDE).map(HeaderValue::as_bytes) {
        Some(b"PATCH") => append(state, asker, id, headers, body).await,
        Some(b"DELETE") => cancel(state, asker, id).await,
        _ => Err(bad(
            "method_override",
            "请使用 PATCH，或以标头 X-HTTP-Method-Override 给出 PATCH 或 DELETE",
            "use PATCH, or say PATCH or DELETE in the header X-HTTP-Method-Override",
        )),
    }
}
