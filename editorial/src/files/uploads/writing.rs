//! Bytes of an upload as they come.

use std::{io, sync::Arc};

use bytes::{Bytes, BytesMut};
use ring::digest;
use schema::{
    ids::{PieceId, UploadId},
    parameters::new_uuid,
    permission::Actor,
};
use store::{
    files::{FileError, FileStore},
    uploads::{self, Piece, Upload},
};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{LASTS, TakenIn, UploadRefusal, find, finish, refused};
use crate::{Desk, Error, files::failed};

/// Bytes of a piece, at the most: what is lost when a process dies, and what is held in memory.
const PIECE: usize = 4 << 20;
/// Pieces of one upload, at the most.
const MOST_PIECES: usize = 10_000;

/// What bytes should be, as their sender says.
#[derive(Clone, Debug)]
pub struct Checksum {
    algorithm: &'static digest::Algorithm,
    value: Vec<u8>,
}

impl Checksum {
    /// Names of the algorithms, in the words of the tus protocol.
    pub const NAMES: [&str; 2] = ["sha1", "sha256"];

    /// `None` for an algorithm that is none of [`NAMES`](Self::NAMES), or a value that is not as
    /// long as its values are.
    pub fn new(algorithm: &str, value: Vec<u8>) -> Option<Self> {
        let algorithm = match algorithm {
            // The protocol wants it: against bytes that broke on their way it does.
            "sha1" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            "sha256" => &digest::SHA256,
            _ => return None,
        };
        (value.len() == algorithm.output_len()).then_some(Self { algorithm, value })
    }
}

/// Writes what `body` brings behind the first `offset` bytes of the upload `id` of `actor`: how far
/// it is then, and the file that it became where that was all of it.
///
/// What has come is kept when the body breaks off; with a `checksum`, all of it or nothing.
///
/// # Errors
/// Missing permission; [`Refusal::NotFound`](crate::Refusal::NotFound);
/// [`Refusal::Upload`](crate::Refusal::Upload); [`Refusal::File`](crate::Refusal::File), with which
/// the upload is over; [`Error::Store`].
pub async fn append(
    desk: &Desk,
    files: &Arc<dyn FileStore>,
    actor: &Actor,
    id: UploadId,
    offset: u64,
    checksum: Option<Checksum>,
    body: &mut (dyn AsyncRead + Send + Unpin),
) -> Result<(Upload, Option<TakenIn>), Error> {
    let (upload, _) = find(desk, actor, id).await?;
    if upload.direct.is_some() {
        return Err(crate::Refusal::not_found("upload", id).into());
    }
    let (taken, _) = crate::work!(desk, actor, work => {
        match uploads::take_turn(work, id, offset).await? {
            Some(turn) => Ok(Some((turn, uploads::pieces(work.session(), id).await?))),
            None => Ok(None),
        }
    })?;
    let Some((turn, noted)) = taken else {
        let (upload, _) = find(desk, actor, id).await?;
        return Err(refused(UploadRefusal::WrongOffset { received: upload.received }));
    };
    if noted.len() >= MOST_PIECES {
        return Err(refused(UploadRefusal::TooManyPieces));
    }
    let hasher = checksum.as_ref().map(|sum| digest::Context::new(sum.algorithm));
    let mut writing = Writing { desk, files, actor, upload, turn, noted, new: Vec::new(), hasher };
    let written = writing.write(body, checksum).await;
    if written.is_err() {
        for piece in &writing.new {
            // What stays goes with the upload.
            let _ = files.drop_piece(id, piece.id).await;
        }
    }
    written.map(|taken| (writing.upload, taken))
}

/// A turn of writing.
struct Writing<'a> {
    desk: &'a Desk,
    files: &'a Arc<dyn FileStore>,
    actor: &'a Actor,
    upload: Upload,
    turn: i64,
    /// Pieces that the database knows.
    noted: Vec<Piece>,
    /// Pieces behind them that it does not know yet.
    new: Vec<Piece>,
    hasher: Option<digest::Context>,
}

impl Writing<'_> {
    async fn write(
        &mut self,
        body: &mut (dyn AsyncRead + Send + Unpin),
        checksum: Option<Checksum>,
    ) -> Result<Option<TakenIn>, Error> {
        loop {
            let (bytes, end) = read(body).await;
            let room = self.upload.length - self.end();
            if bytes.len() as u64 > room {
                return Err(refused(UploadRefusal::TooLong { limit: self.upload.length }));
            }
            if let Some(hasher) = &mut self.hasher {
                hasher.update(&bytes);
            }
            if !bytes.is_empty() && (end.is_ok() || checksum.is_none()) {
                self.put(bytes).await?;
            }
            let is_whole = self.end() == self.upload.length;
            match end {
                Ok(false) => {}
                Ok(true) => {
                    let hasher = self.hasher.take().map(digest::Context::finish);
                    let same =
                        hasher.zip(checksum).is_none_or(|(is, said)| is.as_ref() == said.value);
                    if !same {
                        return Err(refused(UploadRefusal::WrongChecksum));
                    }
                    return match is_whole {
                        true => self.finish().await.map(Some),
                        false => self.note().await.map(|()| None),
                    };
                }
                Err(error) => {
                    // The last piece is noted with the file, or not at all.
                    if checksum.is_none() && !is_whole {
                        self.note().await?;
                    }
                    return Err(failed(FileError::Source(error)));
                }
            }
            if checksum.is_none() && !is_whole {
                self.note().await?;
            }
        }
    }

    /// Where the bytes end that are in the file store.
    fn end(&self) -> u64 {
        self.new.last().map_or(self.upload.received, |piece| piece.start + piece.length)
    }

    async fn put(&mut self, bytes: Bytes) -> Result<(), Error> {
        let id: PieceId = new_uuid(self.desk.clock.now(), &*self.desk.entropy).into();
        let piece = Piece { id, start: self.end(), length: bytes.len() as u64 };
        if self.noted.len() + self.new.len() >= MOST_PIECES {
            return Err(refused(UploadRefusal::TooManyPieces));
        }
        // Before it is there: what fails half-way is dropped too.
        self.new.push(piece);
        self.files.put_piece(self.upload.id, id, bytes).await.map_err(failed)
    }

    async fn note(&mut self) -> Result<(), Error> {
        if self.new.is_empty() {
            return Ok(());
        }
        let (id, turn, new) = (self.upload.id, self.turn, &self.new);
        let (until, _) = crate::work!(self.desk, self.actor, work => {
            let until = work.now() + LASTS;
            match uploads::advance(work, id, turn, new, until).await? {
                true => Ok(until),
                false => Err(refused(UploadRefusal::Overtaken)),
            }
        })?;
        self.upload.received = self.end();
        self.upload.expires_at = until;
        self.noted.append(&mut self.new);
        Ok(())
    }

    async fn finish(&mut self) -> Result<TakenIn, Error> {
        let pieces = [self.noted.as_slice(), &self.new].concat();
        let Self { desk, files, actor, upload, turn, new, .. } = &*self;
        let taken = finish(desk, files, actor, upload, *turn, &pieces, new).await?;
        self.upload.received = self.upload.length;
        self.upload.file = Some(taken.digest);
        self.new.clear();
        Ok(taken)
    }
}

/// The next bytes of `body`, a piece of them or what is left; whether that was its end, or how it
/// broke off behind them.
async fn read(body: &mut (dyn AsyncRead + Send + Unpin)) -> (Bytes, io::Result<bool>) {
    let mut bytes = BytesMut::with_capacity(64 * 1024);
    let end = loop {
        if bytes.len() >= PIECE {
            break Ok(false);
        }
        match (&mut *body).take((PIECE - bytes.len()) as u64).read_buf(&mut bytes).await {
            Ok(0) => break Ok(true),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
    };
    (bytes.freeze(), end)
}
