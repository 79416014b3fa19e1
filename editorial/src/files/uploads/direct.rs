//! Uploads that pass the hub by: it signs addresses, to which the parts are sent, and takes the
//! whole in through the door like any other file.

use std::{sync::Arc, time::Duration};

use schema::{
    ids::{PieceId, UploadId},
    parameters::new_uuid,
    permission::Actor,
};
use store::{
    files::{ArrivedPart, Direct, FileStore, SignedPart},
    uploads::{self, DirectUpload, Piece, Upload},
};

use super::{LASTS, NewUpload, TakenIn, UploadRefusal, check, find, finish, refused};
use crate::{Desk, Error, Refusal, files::failed};

/// Bytes of a part, the last excepted. Stores take none below 5 MiB.
const PART: u64 = 32 << 20;
/// How long an address is good. One that is over is asked for anew.
const VALID: Duration = Duration::from_secs(15 * 60);

/// Where the parts are sent that have not arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The upload.
    pub upload: Upload,
    /// Bytes of a part, the last excepted.
    pub part_size: u64,
    /// The parts that are missing.
    pub parts: Vec<SignedPart>,
    /// How long the addresses are good.
    pub valid: Duration,
}

/// Begins an upload that goes straight to the store.
///
/// # Errors
/// Missing permission; [`Refusal::Upload`], on a folder always; [`Refusal::File`]; [`Error::Store`].
pub async fn begin_direct(
    desk: &Desk,
    files: &Arc<dyn FileStore>,
    actor: &Actor,
    new: NewUpload,
) -> Result<Addresses, Error> {
    check(desk, actor, &new).await?;
    let store = store_of(files)?;
    if new.length == 0 {
        // A multipart upload has at least one part, and a part at least one byte.
        return Err(refused(UploadRefusal::PartsMissing(vec![1])));
    }
    let made = |now| new_uuid(now, &*desk.entropy);
    let now = desk.clock.now();
    let (id, piece): (UploadId, PieceId) = (made(now).into(), made(now).into());
    // Before its row: one without is given up by its age.
    let remote = store.begin(id, piece).await.map_err(failed)?;
    let to = DirectUpload { piece, remote };
    let (upload, _) = crate::work!(desk, actor, work => {
        let upload = Upload {
            id,
            actor: actor.id,
            name: new.name.clone(),
            metadata: new.metadata.clone(),
            length: new.length,
            received: 0,
            direct: Some(to.clone()),
            expires_at: work.now() + LASTS,
            file: None,
        };
        uploads::begin(work, &upload).await?;
        Ok(upload)
    })?;
    sign(store, upload, &to, &[]).await
}

/// Addresses for the parts that have not arrived.
///
/// # Errors
/// As [`find`], and what goes wrong with the store.
pub async fn addresses(
    desk: &Desk,
    files: &Arc<dyn FileStore>,
    actor: &Actor,
    id: UploadId,
) -> Result<Addresses, Error> {
    let (upload, to) = direct(desk, actor, id).await?;
    let store = store_of(files)?;
    let arrived = store.arrived(id, to.piece, &to.remote).await.map_err(failed)?;
    sign(store, upload, &to, &arrived).await
}

/// Takes in what has arrived, when all of it has.
///
/// # Errors
/// As [`find`]; [`Refusal::Upload`]; [`Refusal::File`], with which the upload is over;
/// [`Error::Store`].
pub async fn complete(
    desk: &Desk,
    files: &Arc<dyn FileStore>,
    actor: &Actor,
    id: UploadId,
) -> Result<TakenIn, Error> {
    let (upload, to) = direct(desk, actor, id).await?;
    let store = store_of(files)?;
    // An earlier call may have come this far and no further.
    if files.piece(id, to.piece).await.map_err(failed)?.is_none() {
        let arrived = store.arrived(id, to.piece, &to.remote).await.map_err(failed)?;
        let missing: Vec<u32> =
            missing(upload.length, &arrived).map(|(number, _)| number).collect();
        if !missing.is_empty() {
            return Err(refused(UploadRefusal::PartsMissing(missing)));
        }
        let wanted = parts(upload.length).count();
        let arrived = arrived.get(..wanted).unwrap_or(&arrived);
        store.complete(id, to.piece, &to.remote, arrived).await.map_err(failed)?;
    }
    let (turn, _) = crate::work!(desk, actor, work => Ok(uploads::take_turn(work, id, 0).await?))?;
    let turn = turn.ok_or_else(|| refused(UploadRefusal::Overtaken))?;
    let whole = [Piece { id: to.piece, start: 0, length: upload.length }];
    finish(desk, files, actor, &upload, turn, &whole, &whole).await
}

/// An upload that goes straight to the store and is not a file yet.
async fn direct(desk: &Desk, actor: &Actor, id: UploadId) -> Result<(Upload, DirectUpload), Error> {
    let (upload, _) = find(desk, actor, id).await?;
    match upload.direct.clone().filter(|_| upload.file.is_none()) {
        Some(to) => Ok((upload, to)),
        None => Err(Refusal::not_found("upload", id).into()),
    }
}

fn store_of(files: &Arc<dyn FileStore>) -> Result<&dyn Direct, Error> {
    files.direct().ok_or_else(|| refused(UploadRefusal::NotDirect))
}

async fn sign(
    store: &dyn Direct,
    upload: Upload,
    to: &DirectUpload,
    arrived: &[ArrivedPart],
) -> Result<Addresses, Error> {
    let wanted: Vec<_> = missing(upload.length, arrived).collect();
    let parts = store.sign(upload.id, to.piece, &to.remote, &wanted, VALID).await;
    Ok(Addresses { parts: parts.map_err(failed)?, upload, part_size: PART, valid: VALID })
}

/// Number and length of every part of a file.
fn parts(length: u64) -> impl Iterator<Item = (u32, u64)> {
    let count = u32::try_from(length.div_ceil(PART)).unwrap_or(u32::MAX);
    (1..=count).map(move |number| (number, PART.min(length - u64::from(number - 1) * PART)))
}

/// Those that have not arrived as they should.
fn missing(length: u64, arrived: &[ArrivedPart]) -> impl Iterator<Item = (u32, u64)> {
    parts(length).filter(|(number, length)| {
        !arrived.iter().any(|part| part.number == *number && part.length == *length)
    })
}
