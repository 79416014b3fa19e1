//! Uploads that can be interrupted: `/manage/uploads` speaks the tus protocol (version 1.0.0, as
//! <https://tus.io/protocols/resumable-upload> has it), `/manage/direct-uploads` signs addresses to
//! which the parts of a file are sent straight to the object store.
//!
//! Either way the file passes the same door at its end as one that is sent at once, and whoever
//! sent it asks `GET /manage/uploads/{id}` what became of it.

mod direct;
mod headers;
mod tus;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use editorial::{
    Desk, Error, Refusal,
    files::{MOST_BYTES, uploads},
};
use schema::{ids::UploadId, permission::Actor};
use serde::Serialize;
use store::{kept::KeptFile, uploads::Upload};

use super::{
    files::{Stored, cut},
    graphql::Asker,
};
use crate::{
    AppState, Problem,
    authentication::Authentication,
    http::bounds::{Bounds, bounded},
};

/// Until a body must have arrived: clients send all of a file at once where they can.
const TIME: Duration = Duration::from_secs(6 * 60 * 60);

/// The routes of uploads.
pub(super) fn routes(state: &AppState, authentication: &Authentication) -> Router {
    let routes = tus::routes().merge(direct::routes()).with_state(state.clone());
    let routes = authentication.around(routes);
    let body = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
    bounded(routes, Bounds { body, time: TIME }, &state.places)
}

/// What is known of an upload.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    length: u64,
    offset: u64,
    expires_at: String,
    /// What was stored, once it has arrived and passed the door.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Stored>,
}

/// `GET /manage/uploads/{id}`: how far it is, and what it became.
async fn tell(
    State(state): State<AppState>,
    asker: Asker,
    id: Result<Path<UploadId>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    let at = At::new(&state, asker);
    let (upload, file) = at.heard(uploads::find(&at.desk, &at.actor, path(id)?).await)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(told(upload, file))).into_response())
}

fn told(upload: Upload, file: Option<KeptFile>) -> Told {
    Told {
        id: upload.id.to_string(),
        name: upload.name,
        length: upload.length,
        offset: upload.received,
        expires_at: upload.expires_at.to_string(),
        file: file.map(|file| Stored::of_kept(&file)),
    }
}

/// What an id that is none leads to: nothing, like one that is somebody else's.
fn path(
    id: Result<Path<UploadId>, axum::extract::rejection::PathRejection>,
) -> Result<UploadId, Problem> {
    id.map(|Path(id)| id).map_err(|_| Problem::not_found())
}

/// Whoever asks, at their desk.
struct At {
    state: AppState,
    desk: Desk,
    actor: Actor,
}

impl At {
    fn new(state: &AppState, asker: Asker) -> Self {
        let Asker { actor, origin } = asker;
        let desk = Desk { origin: Arc::clone(&origin), ..state.desk.clone() };
        Self { state: state.clone(), desk, actor }
    }

    /// An outcome as a caller hears it; what was not permitted, the audit hears too.
    fn heard<T>(&self, outcome: Result<T, Error>) -> Result<T, Problem> {
        if let Err(Error::Refused(refusal)) = &outcome
            && matches!(**refusal, Refusal::NotPermitted(_))
        {
            self.state.trail.refused(&self.actor, &self.desk.origin, "storeFile", refusal.code());
        }
        outcome.map_err(cut)
    }
}
