//! Renditions over HTTP: what may be asked for, and how often one is made.
//!
//! A rendition is made once and kept beside the original. Sides come from a short list and few
//! are made at once, with few more waiting, so that nobody keeps the hub busy with pictures.

use std::time::Duration;

use axum::http::StatusCode;
use bytes::Bytes;
use editorial::files::{self, Format, SIDES, Wanted};
use schema::{media::Media, message::Bilingual, viewer::Viewer};
use store::{
    assets::Asset,
    files::{FileError, RenditionName},
    kept,
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::presentation::{self, Presentation};
use crate::{AppState, Problem};

/// Renditions that may wait to be made; further ones are refused with 503.
const WAITING: usize = 64;
/// How long one may wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who makes renditions, shared by all requests.
#[derive(Debug)]
pub(crate) struct Renderer {
    waiting: Semaphore,
    at_work: Semaphore,
}

impl Renderer {
    /// One that makes as many at once as pictures are decoded at once.
    pub(crate) fn new() -> Self {
        Self { waiting: Semaphore::new(WAITING), at_work: Semaphore::new(files::at_once()) }
    }
}

/// What an address asks for beside the file.
pub(super) struct Asked {
    width: Option<u32>,
    height: Option<u32>,
    format: Option<Format>,
}

/// What the query of an address asks for; `None` for the original.
pub(super) fn asked(address: Option<&str>) -> Result<Option<Asked>, Problem> {
    let mut asked = Asked { width: None, height: None, format: None };
    let mut is_asked = false;
    for (name, given) in url::form_urlencoded::parse(address.unwrap_or_default().as_bytes()) {
        match &*name {
            "w" => asked.width = Some(side(&given)?),
            "h" => asked.height = Some(side(&given)?),
            "format" => {
                let format = Format::ALL.into_iter().find(|format| format.name() == given);
                asked.format = Some(format.ok_or_else(unknown)?);
            }
            _ => continue,
        }
        is_asked = true;
    }
    Ok(is_asked.then_some(asked))
}

fn side(given: &str) -> Result<u32, Problem> {
    SIDES.into_iter().find(|side| side.to_string() == given).ok_or_else(unknown)
}

fn unknown() -> Problem {
    let sides = SIDES.map(|side| side.to_string()).join(", ");
    let formats = Format::ALL.map(Format::name).join(", ");
    Problem::new(
        StatusCode::BAD_REQUEST,
        "rendition_unknown",
        Bilingual::new(
            format!("w 和 h 应为 {sides} 之一，format 应为 {formats} 之一"),
            format!("w and h are one of {sides}, format is one of {formats}"),
        ),
    )
}

/// A rendition that can be made of a file.
pub(super) struct Made {
    media: &'static Media,
    wanted: Wanted,
    name: RenditionName,
    file_name: String,
}

impl Made {
    /// What `asked` means of `asset`.
    pub(super) fn new(asset: &Asset, asked: &Asked) -> Result<Self, Problem> {
        let media = asset.file.media_type.as_deref().and_then(Media::of);
        let media = media.filter(|media| media.is_picture()).ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "not_a_picture",
                Bilingual::new(
                    "只有图片可按尺寸和格式给出，请去掉 w、h、format",
                    "only pictures come in sizes and formats: leave out w, h and format",
                ),
            )
        })?;
        let focal_point = asset.declared.as_ref().and_then(|declared| declared.focal_point);
        let format = asked.format.unwrap_or_else(|| Format::of(media));
        let wanted = Wanted { width: asked.width, height: asked.height, format, focal_point };
        let name = RenditionName::new(&wanted.name()).ok_or_else(Problem::not_found)?;
        let called = presentation::name(asset);
        let stem = called.rsplit_once('.').map_or(called.as_str(), |(stem, _)| stem);
        let file_name = format!("{stem}.{}", format.name());
        Ok(Self { media, wanted, name, file_name })
    }

    /// What it is called beside the original.
    pub(super) fn name(&self) -> &str {
        self.name.as_str()
    }

    pub(super) fn presentation(&self) -> Presentation {
        Presentation::new(self.wanted.format.media_type(), &self.file_name)
    }

    /// The rendition that is kept, or made now.
    pub(super) async fn bytes(
        &self,
        state: &AppState,
        viewer: &Viewer,
        asset: &Asset,
    ) -> Result<Bytes, Problem> {
        if let Some(kept) = self.kept(state, asset).await? {
            return Ok(kept);
        }
        let busy = || Problem::of_status(StatusCode::SERVICE_UNAVAILABLE).retry_after(5);
        let _waiting = state.renderer.waiting.try_acquire().map_err(|_| busy())?;
        let _at_work =
            timeout(PATIENCE, state.renderer.at_work.acquire()).await.map_err(|_| busy())?;
        // Whoever was before us in the line may have made it.
        if let Some(kept) = self.kept(state, asset).await? {
            return Ok(kept);
        }
        let original = state.files.get(&asset.file.digest).await?.read_to_end().await?;
        let (media, wanted) = (self.media, self.wanted);
        let made = spawn_blocking(move || files::render(media, &original, &wanted))
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let made = Bytes::from(made.map_err(|refusal| {
            tracing::error!(
                code = refusal.code(),
                "a picture that passed the door does not decode"
            );
            Problem::from(FileError::Damaged(asset.file.digest))
        })?);
        if let Err(error) = self.keep(state, asset, &made).await {
            tracing::warn!(%error, "a rendition is not kept");
        }
        // Meanwhile it may have been taken back.
        match super::find(state, viewer, &asset.file.digest).await? {
            Some(_) => Ok(made),
            None => {
                self.forget_the_destroyed(state, asset).await?;
                Err(Problem::not_found())
            }
        }
    }

    async fn kept(&self, state: &AppState, asset: &Asset) -> Result<Option<Bytes>, Problem> {
        match state.files.rendition(&asset.file.digest, &self.name).await? {
            Some(kept) => Ok(Some(kept.read_to_end().await?.into())),
            None => Ok(None),
        }
    }

    async fn keep(&self, state: &AppState, asset: &Asset, made: &Bytes) -> Result<(), FileError> {
        state.files.put_rendition(&asset.file.digest, &self.name, made.clone()).await
    }

    /// A file that was destroyed while its rendition was made leaves none.
    async fn forget_the_destroyed(&self, state: &AppState, asset: &Asset) -> Result<(), Problem> {
        let digest = asset.file.digest;
        let mut session = state.desk.store.reader().await?;
        if !kept::unknown(&mut session, [digest]).await?.is_empty() {
            state.files.delete_renditions(&digest).await?;
        }
        Ok(())
    }
}
