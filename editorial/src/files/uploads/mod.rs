//! Uploads that can be interrupted: begun, written to piece by piece, and at their end passed
//! through the same door as every file.
//!
//! How far an upload is says what is safe: the bytes were flushed, or taken by the object store,
//! before the database heard of them. The last piece is noted together with the file that the
//! whole became, so that an upload is never whole without having passed the door.

mod direct;
mod refusal;
mod writing;

use std::{sync::Arc, time::Duration};

use schema::{ids::UploadId, permission::Actor};
use store::{
    files::FileStore,
    kept::{self, KeptFile},
    uploads::{self, Piece, Upload},
};

use super::{MOST_BYTES, TakenIn, note, refusal::plain_name, take_in};
use crate::{Desk, Error, Refusal, files};

pub use direct::{Addresses, addresses, begin_direct, complete};
pub use refusal::UploadRefusal;
pub use writing::{Checksum, append};

/// How long an upload to which nothing comes is kept.
pub const LASTS: Duration = Duration::from_secs(24 * 60 * 60);
/// Uploads of one person that may be under way.
const MOST_UNDER_WAY: u64 = 20;
/// Bytes that the uploads of one person under way may come to have together.
const MOST_RESERVED: u64 = 16 << 30;
/// Uploads that are over and forgotten in one round.
const ROUND: u32 = 100;

/// What its sender says of a file that is to come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewUpload {
    /// What it is called.
    pub name: Option<String>,
    /// What was said of it, to be told again.
    pub metadata: Option<String>,
    /// How long it is, in bytes.
    pub length: u64,
}

/// Begins an upload. An empty file has arrived with that, and is taken in.
///
/// # Errors
/// Missing permission; [`Refusal::Upload`]; [`Refusal::File`]; [`Error::Store`].
pub async fn begin(
    desk: &Desk,
    files: &Arc<dyn FileStore>,
    actor: &Actor,
    new: NewUpload,
) -> Result<(Upload, Option<TakenIn>), Error> {
    check(desk, actor, &new).await?;
    let (upload, _) = crate::work!(desk, actor, work => {
        let upload = Upload {
            id: work.new_id(),
            actor: actor.id,
            name: new.name.clone(),
            metadata: new.metadata.clone(),
            length: new.length,
            received: 0,
            direct: None,
            expires_at: work.now() + LASTS,
            file: None,
        };
        uploads::begin(work, &upload).await?;
        Ok(upload)
    })?;
    if upload.length > 0 {
        return Ok((upload, None));
    }
    append(desk, files, actor, upload.id, 0, None, &mut tokio::io::empty()).await
}

/// Whether `actor` may begin this. Two that begin at once may both do what only one more may:
/// the limits keep disks from filling, not people from counting.
async fn check(desk: &Desk, actor: &Actor, new: &NewUpload) -> Result<(), Error> {
    files::may_store(actor)?;
    if let Some(name) = &new.name {
        plain_name(name).map_err(|refusal| Error::from(Refusal::File(refusal)))?;
    }
    if new.length > MOST_BYTES {
        return Err(refused(UploadRefusal::TooLong { limit: MOST_BYTES }));
    }
    let (count, bytes) = uploads::under_way(&mut desk.store.reader().await?, actor.id).await?;
    if count >= MOST_UNDER_WAY || bytes.saturating_add(new.length) > MOST_RESERVED {
        return Err(refused(UploadRefusal::TooMany));
    }
    Ok(())
}

/// The upload `id` of `actor`, and the file that it became.
///
/// # Errors
/// Missing permission; [`Refusal::NotFound`] also for that of somebody else; [`Error::Store`].
pub async fn find(
    desk: &Desk,
    actor: &Actor,
    id: UploadId,
) -> Result<(Upload, Option<KeptFile>), Error> {
    files::may_store(actor)?;
    let mut session = desk.store.reader().await?;
    let upload = uploads::find(&mut session, id, actor.id, desk.clock.now()).await?;
    let upload = upload.ok_or_else(|| Error::from(Refusal::not_found("upload", id)))?;
    let file = match &upload.file {
        Some(digest) => kept::find(&mut session, digest).await?,
        None => None,
    };
    Ok((upload, file))
}

/// Gives an upload up; what has come of it is destroyed.
///
/// # Errors
/// As [`find`].
pub async fn cancel(
    desk: &Desk,
    files: &Arc<dyn FileStore>,
    actor: &Actor,
    id: UploadId,
) -> Result<(), Error> {
    let (upload, _) = find(desk, actor, id).await?;
    crate::work!(desk, actor, work => Ok(uploads::end(work, id).await?))?;
    clear(desk, &**files, actor, &upload).await
}

/// Forgets uploads that are over, with what came of them; how many there were.
///
/// # Errors
/// Missing permission; [`Error::Store`]. It is safe to repeat.
pub async fn forget_what_is_over(
    desk: &Desk,
    files: &dyn FileStore,
    actor: &Actor,
) -> Result<u64, Error> {
    crate::maintenance::may_maintain(actor)?;
    let now = desk.clock.now();
    let over = uploads::over(&mut desk.store.reader().await?, now, ROUND).await?;
    for upload in &over {
        clear(desk, files, actor, upload).await?;
    }
    Ok(over.len() as u64)
}

/// Destroys what came of an upload that nobody writes to any more, and forgets it.
async fn clear(
    desk: &Desk,
    files: &dyn FileStore,
    actor: &Actor,
    upload: &Upload,
) -> Result<(), Error> {
    if let (Some(to), Some(direct), None) = (&upload.direct, files.direct(), upload.file) {
        direct.abort(upload.id, to.piece, &to.remote).await.map_err(files::failed)?;
    }
    files.drop_pieces(upload.id).await.map_err(files::failed)?;
    crate::work!(desk, actor, work => Ok(uploads::forget(work, upload.id).await?))?;
    Ok(())
}

/// Passes a whole upload through the door. `pieces` are all of it, of which `new` are not noted
/// yet. One that the door refuses is over.
async fn finish(
    desk: &Desk,
    files: &Arc<dyn FileStore>,
    actor: &Actor,
    upload: &Upload,
    turn: i64,
    pieces: &[Piece],
    new: &[Piece],
) -> Result<TakenIn, Error> {
    let names = pieces.iter().map(|piece| (piece.id, piece.length)).collect();
    let source = store::files::pieces::joined(Arc::clone(files), upload.id, names);
    let taken = match take_in(&**files, source, upload.name.as_deref(), upload.length).await {
        Err(error) if matches!(&error, Error::Refused(it) if matches!(**it, Refusal::File(_))) => {
            crate::work!(desk, actor, work => Ok(uploads::end(work, upload.id).await?))?;
            // What stays now goes with housekeeping.
            let _ = clear(desk, &**files, actor, upload).await;
            return Err(error);
        }
        taken => taken?,
    };
    crate::work!(desk, actor, work => {
        let until = work.now() + LASTS;
        if !uploads::advance(work, upload.id, turn, new, until).await? {
            return Err(refused(UploadRefusal::Overtaken));
        }
        note(work, &taken).await?;
        uploads::became(work, upload.id, &taken.digest).await?;
        files::tell_the_audit(work, &taken).await
    })?;
    files::is_kept(&**files, &taken).await?;
    // What stays now goes with housekeeping.
    let _ = files.drop_pieces(upload.id).await;
    Ok(taken)
}

fn refused(refusal: UploadRefusal) -> Error {
    Refusal::Upload(refusal).into()
}
