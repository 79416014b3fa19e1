//! Files on their way in, piece by piece: what an upload that can be interrupted has brought so
//! far, kept where every node reaches it.
//!
//! A piece is written once under a name that is never used again, so two who write for one upload
//! never spoil each other's bytes; which pieces make the file, the database knows. What it does not
//! know of is garbage, and goes with the upload or by its age.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use schema::{
    ids::{PieceId, UploadId},
    message::Bilingual,
};
use tokio_util::io::StreamReader;

use super::{FileError, FileSource, FileStore, FileStream};

/// Older than this, pieces belong to no upload any more: every upload is over sooner.
pub const FORGOTTEN: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Where pieces lie until they are a file.
#[async_trait]
pub trait Pieces {
    /// Keeps a piece. When this returns, it survives a crash of the machine.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service.
    async fn put_piece(
        &self,
        upload: UploadId,
        piece: PieceId,
        bytes: Bytes,
    ) -> Result<(), FileError>;

    /// A piece, or what was sent straight to the store under this name; `None` where there is none.
    /// What it holds is not checked: the door looks at the whole.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service.
    async fn piece(
        &self,
        upload: UploadId,
        piece: PieceId,
    ) -> Result<Option<FileStream>, FileError>;

    /// Destroys a piece that was not noted.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service. It is safe to repeat.
    async fn drop_piece(&self, upload: UploadId, piece: PieceId) -> Result<(), FileError>;

    /// Destroys every piece of an upload; how many there were.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service. It is safe to repeat.
    async fn drop_pieces(&self, upload: UploadId) -> Result<u64, FileError>;

    /// Destroys the pieces of uploads to which none came within [`FORGOTTEN`] before `now`.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service.
    async fn forget_pieces(&self, now: Timestamp) -> Result<u64, FileError>;

    /// The way in that passes the hub by; `None` for a store that nobody else can reach.
    fn direct(&self) -> Option<&dyn Direct>;
}

/// An address to which one part of a file is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPart {
    /// Which part, from 1.
    pub number: u32,
    /// Its length in bytes, which is signed: the store takes no other.
    pub length: u64,
    /// Where it is PUT. Whoever has the address may, until it is over.
    pub address: String,
}

/// A part that lies in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivedPart {
    /// Which part, from 1.
    pub number: u32,
    /// Its length in bytes.
    pub length: u64,
    /// By what the store knows its bytes.
    pub tag: String,
}

/// Uploads that senders make straight to the store, in parts, by addresses that the hub signs.
#[async_trait]
pub trait Direct: Send + Sync {
    /// Begins one, which will be the piece of this name; what the store calls it.
    ///
    /// # Errors
    /// What goes wrong with the service.
    async fn begin(&self, upload: UploadId, piece: PieceId) -> Result<String, FileError>;

    /// Addresses for parts of these numbers and lengths, good for so long.
    ///
    /// # Errors
    /// [`FileError::Settings`] when nothing can be signed.
    async fn sign(
        &self,
        upload: UploadId,
        piece: PieceId,
        remote: &str,
        parts: &[(u32, u64)],
        valid: Duration,
    ) -> Result<Vec<SignedPart>, FileError>;

    /// What has arrived, in the order of the numbers.
    ///
    /// # Errors
    /// What goes wrong with the service.
    async fn arrived(
        &self,
        upload: UploadId,
        piece: PieceId,
        remote: &str,
    ) -> Result<Vec<ArrivedPart>, FileError>;

    /// Makes the parts one piece.
    ///
    /// # Errors
    /// What goes wrong with the service.
    async fn complete(
        &self,
        upload: UploadId,
        piece: PieceId,
        remote: &str,
        parts: &[ArrivedPart],
    ) -> Result<(), FileError>;

    /// Gives it up: what has arrived is destroyed, and its addresses are good for nothing.
    ///
    /// # Errors
    /// What goes wrong with the service. It is safe to repeat.
    async fn abort(&self, upload: UploadId, piece: PieceId, remote: &str) -> Result<(), FileError>;
}

/// The pieces one after the other, each checked for the length it should have.
pub fn joined(
    files: Arc<dyn FileStore>,
    upload: UploadId,
    pieces: Vec<(PieceId, u64)>,
) -> FileSource {
    let chunks = stream::iter(pieces).then(move |(piece, length)| {
        let files = Arc::clone(&files);
        async move {
            match files.piece(upload, piece).await? {
                Some(stream) if stream.size == length => Ok(stream.into_stream()),
                Some(stream) => {
                    Err(lost(&format_args!("a piece of {length} bytes has {}", stream.size)))
                }
                None => Err(lost(&"a piece is not there")),
            }
        }
    });
    let bytes = Box::pin(chunks.try_flatten().map_err(std::io::Error::other));
    FileSource::reader(StreamReader::new(bytes))
}

/// What the database knows of is not there.
fn lost(what: &dyn std::fmt::Display) -> FileError {
    FileError::Unavailable { place: "uploads".to_owned(), reason: what.to_string() }
}

/// Nothing can be signed with these settings.
pub(super) fn unsigned(reason: &dyn std::fmt::Display) -> FileError {
    FileError::Settings(Bilingual::new(
        format!("无法签发直传地址：{reason}"),
        format!("no address for direct uploads can be signed: {reason}"),
    ))
}

/// Name of the folder of all pieces. It sorts after every file, and no file is looked for in it.
pub(super) const UPLOADS: &str = "uploads";
