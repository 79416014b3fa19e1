//! The door that every file passes on its way in, whoever brings it: an upload, an import, parts
//! that were put together.
//!
//! What a file is, its bytes decide ([`schema::media`]). Pictures are decoded under limits before
//! they are kept, and kept without what cameras write beside them; packages are looked into, and
//! refused where they would burst. Nothing of this is done while a unit of work is open.

mod agreement;
mod clean;
mod door;
mod package;
mod picture;
pub mod reading;
mod refusal;
mod rendition;
mod text;
pub mod uploads;

#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc};

use schema::{
    digest::Digest,
    media::Media,
    permission::{Action, Actor, Role},
};
use serde_json::json;
use store::{
    UnitOfWork, audit,
    files::{FileError, FileSource, FileStore},
    kept::{self, KeptFile},
    search,
};
use tokio::task::spawn_blocking;

use crate::{Error, Refusal};

pub use agreement::faults;
pub use door::{Examined, examine};
pub use picture::at_once;
pub use refusal::FileRefusal;
pub use rendition::{Format, SIDES, Wanted, render};

/// Bytes of one file, at the most.
pub const MOST_BYTES: u64 = 4 << 30;
/// Bytes of one file that is sent at once; a longer one is sent piece by piece.
pub const MOST_AT_ONCE: u64 = 512 << 20;

/// A file that passed the door and lies in the file store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenIn {
    /// Its name in the store. A picture that was cleaned has another than what was sent.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// What it is.
    pub media: &'static Media,
    /// Width and height of a picture in points, as it is shown.
    pub points: Option<(u32, u32)>,
    /// What search reads off it; `None` where nothing was read.
    pub text: Option<Arc<str>>,
}

/// Whether `actor` may hand in files. They belong to drafts: who may draft nowhere has no use for
/// one.
///
/// # Errors
/// [`Refusal::NotPermitted`].
pub fn may_store(actor: &Actor) -> Result<(), Error> {
    let drafts = |role: Role| role.carries(Action::Draft) || role.carries(Action::Import);
    match actor.grants.iter().any(|grant| drafts(grant.role)) {
        true => Ok(()),
        false => Err(Refusal::NotPermitted(Action::Draft).into()),
    }
}

/// Tells the audit of a file that was handed in.
///
/// # Errors
/// [`Error::Store`].
pub async fn tell_the_audit(work: &mut UnitOfWork, file: &TakenIn) -> Result<(), Error> {
    // Without the digest: the audit outlives an erasure.
    Ok(audit::record(work, "file.store", "file", &json!({ "size": file.size })).await?)
}

/// Takes a file in: stages it, looks at it, keeps it. Its row is written by [`note`] in a unit of
/// work of the caller, without which it is collected again.
///
/// # Errors
/// [`Refusal::File`]; what goes wrong with the file store.
pub async fn take_in(
    files: &dyn FileStore,
    body: FileSource,
    name: Option<&str>,
    limit: u64,
) -> Result<TakenIn, Error> {
    if let Some(name) = name {
        refusal::plain_name(name).map_err(refused)?;
    }
    let staged = files.stage(body, limit).await.map_err(failed)?;
    let called = name.map(str::to_owned);
    let (staged, examined, text) = spawn_blocking(move || {
        let examined = examine(staged.path(), called.as_deref());
        let text = examined.as_ref().ok().and_then(|it| reading::read(staged.path(), it.media));
        (staged, examined, text)
    })
    .await
    .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    let Examined { media, points, cleaned } = examined.map_err(refused)?;
    let stored = match cleaned {
        None => files.keep(staged).await,
        Some(bytes) => {
            drop(staged);
            files.put(bytes.into(), limit).await
        }
    };
    let stored = stored.map_err(failed)?;
    let text = text.map(Arc::from);
    Ok(TakenIn { digest: stored.digest, size: stored.size, media, points, text })
}

/// Writes the row of a file that was taken in.
///
/// # Errors
/// [`Error::Store`]; `Again` while an erased file of the same bytes waits to be destroyed.
pub async fn note(work: &mut UnitOfWork, file: &TakenIn) -> Result<(), Error> {
    let kept = KeptFile {
        digest: file.digest,
        size: file.size,
        media_type: Some(file.media.name.to_owned()),
        points: file.points,
    };
    kept::note(work, &kept).await?;
    if let Some(text) = &file.text {
        search::keep_text(work, &file.digest, reading::VERSION, text).await?;
    }
    Ok(())
}

/// Whether a file whose row was just written lies in the store: what was being destroyed when it
/// came may have taken its bytes along.
///
/// # Errors
/// `Again` when it does not, so that its sender sends it once more.
pub async fn is_kept(files: &dyn FileStore, file: &TakenIn) -> Result<(), Error> {
    match files.size(&file.digest).await.map_err(failed)? {
        Some(_) => Ok(()),
        None => Err(store::Error::Again.into()),
    }
}

/// Digest and length that a file on this machine will have in the store, and what it is.
///
/// # Errors
/// [`FileRefusal`].
pub(crate) fn foresee(path: &Path, name: Option<&str>) -> Result<Foreseen, FileRefusal> {
    let Examined { media, cleaned, .. } = examine(path, name)?;
    let cleaned = cleaned.map(|bytes| (Digest::of(&bytes), bytes.len() as u64));
    Ok(Foreseen { media, cleaned })
}

/// What will become of a file.
pub(crate) struct Foreseen {
    pub(crate) media: &'static Media,
    /// Digest and length, where it is not kept as it lies there.
    pub(crate) cleaned: Option<(Digest, u64)>,
}

fn refused(refusal: FileRefusal) -> Error {
    Refusal::File(refusal).into()
}

pub(crate) fn failed(error: FileError) -> Error {
    store::Error::File(error).into()
}
