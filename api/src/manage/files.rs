//! `POST /manage/files`: a file goes into the file store and can then be used by drafts.
//!
//! The body is the file, nothing around it, and goes to the store as it arrives. What it is is
//! decided by its first bytes, never by what its sender says. Sending the same file again
//! changes nothing, so this needs no idempotency key.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use editorial::{Desk, Error, Refusal};
use futures_util::TryStreamExt as _;
use schema::permission::{Action, Actor};
use serde::Serialize;
use serde_json::json;
use store::{
    audit, editions,
    files::{FileSource, StoredFile},
};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::io::StreamReader;

use super::graphql::Asker;
use crate::{
    AppState, Problem,
    authentication::Authentication,
    http::bounds::{Bounds, bounded},
};

/// Bytes of one file.
const SIZE: usize = 512 << 20;
/// Until a file must have arrived and be stored.
const TIME: Duration = Duration::from_secs(15 * 60);
/// Bytes by which a file is recognised.
const HEAD: usize = 8 << 10;

/// The upload route.
pub(super) fn routes(state: &AppState, authentication: &Authentication) -> Router {
    let routes = Router::new().route("/manage/files", post(store_file)).with_state(state.clone());
    let routes = authentication.around(routes);
    bounded(routes, Bounds { body: SIZE, time: TIME }, &state.places)
}

/// What is known of a file that was stored.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    digest: String,
    size: u64,
    media_type: String,
}

async fn store_file(
    State(state): State<AppState>,
    asker: Asker,
    body: Body,
) -> Result<Response, Problem> {
    let Asker { actor, origin } = asker;
    if !drafts_somewhere(&actor) {
        let refusal = Refusal::NotPermitted(Action::Draft);
        state.trail.refused(&actor, &origin, "storeFile", refusal.code());
        return Err(Error::from(refusal).into());
    }
    let desk = Desk { origin, ..state.desk.clone() };
    let head = Head::default();
    let bytes = body.into_data_stream().map_err(io::Error::other);
    let body = Watched { body: StreamReader::new(bytes), head: head.clone() };
    let limit = u64::try_from(SIZE).unwrap_or(u64::MAX);
    let StoredFile { digest, size } =
        state.files.put(FileSource::reader(body), limit).await.map_err(cut)?;
    editorial::work!(&desk, &actor, work => {
        editions::file_stored(work, digest, size).await?;
        // Without the digest: the audit outlives an erasure.
        Ok(audit::record(work, "file.store", "file", &json!({ "size": size })).await?)
    })?;
    let stored = Stored { digest: digest.to_string(), size, media_type: head.media_type() };
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, headers, Json(stored)).into_response())
}

/// A body that the server cut off for its length broke off for the file store.
fn cut(error: store::files::FileError) -> Problem {
    let too_long = matches!(&error, store::files::FileError::Source(source) if {
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

/// The first bytes of a file.
#[derive(Clone, Debug, Default)]
struct Head(Arc<Mutex<Vec<u8>>>);

impl Head {
    fn note(&self, bytes: &[u8]) {
        let mut head = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = HEAD.saturating_sub(head.len());
        head.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn media_type(&self) -> String {
        let head = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kind) = infer::get(&head) {
            return kind.mime_type().to_owned();
        }
        let is_text = match std::str::from_utf8(&head) {
            Ok(_) => true,
            // A character that the end of the head cuts is no fault of the text.
            Err(error) => error.error_len().is_none() && head.len() == HEAD,
        };
        let is_plain = is_text && !head.contains(&0);
        if is_plain { "text/plain".to_owned() } else { "application/octet-stream".to_owned() }
    }
}

/// A body whose first bytes are noted as they pass.
struct Watched<R> {
    body: R,
    head: Head,
}

impl<R: AsyncRead + Unpin> AsyncRead for Watched<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.body).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = polled {
            self.head.note(&buffer.filled()[before..]);
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        let of = |parts: &[&[u8]]| {
            let head = Head::default();
            parts.iter().for_each(|part| head.note(part));
            head.media_type()
        };

        assert_eq!(of(&[b"%PD", b"F-1.7\n"]), "application/pdf");
        assert_eq!(of(&["关于印发".as_bytes()]), "text/plain");
        assert_eq!(of(&[&[0, 1, 2]]), "application/octet-stream");
        assert_eq!(of(&[&[0xff, 0xfe, 0x41]]), "application/octet-stream");
        let long = "公".repeat(HEAD);
        assert_eq!(of(&[long.as_bytes()]), "text/plain", "cut within a character");
        assert_eq!(of(&[b"<script>alert(1)</script>"]), "text/html");
    }
}
