//! The way out: bytes as they come, checked against the name they were asked for by.

use std::{fmt, io, ops::Range, pin::Pin};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use schema::digest::Digest;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;

use super::FileError;

pub(super) type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, FileError>> + Send>>;

/// A file, or a part of it, being read.
pub struct FileStream {
    /// Length of the whole file in bytes.
    pub size: u64,
    /// The part of it that follows; all of it for a whole file.
    pub range: Range<u64>,
    chunks: Chunks,
}

impl FileStream {
    pub(super) fn whole(digest: Digest, size: u64, chunks: Chunks) -> Self {
        Self { size, range: 0..size, chunks: verified(chunks, digest, size) }
    }

    pub(super) fn part(size: u64, range: Range<u64>, chunks: Chunks) -> Self {
        Self { size, range, chunks }
    }

    /// Number of bytes that follow.
    pub fn length(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// The bytes, for a response body.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, FileError>> + Send + 'static {
        self.chunks
    }

    /// The bytes, for code that reads; a [`FileError`] is inside the I/O error.
    pub fn into_reader(self) -> impl AsyncRead + Send + Unpin + 'static {
        StreamReader::new(self.chunks.map_err(io::Error::other))
    }

    /// The bytes at once, for files known to be small.
    ///
    /// # Errors
    /// What the stream ends with.
    pub async fn read_to_end(mut self) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunks.try_next().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

impl fmt::Debug for FileStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, range, .. } = self;
        write!(formatter, "FileStream({range:?} of {size})")
    }
}

/// The bytes that `range` asks for of a file of `size`.
pub(super) fn cut(range: Range<u64>, size: u64) -> Result<Range<u64>, FileError> {
    let cut = range.start..range.end.min(size);
    if cut.is_empty() { Err(FileError::OutOfRange { size }) } else { Ok(cut) }
}

/// Passes chunks on while hashing them. The chunk that completes the file is held back until
/// the digest was compared, so that a reader of damaged bytes never sees a complete file.
fn verified(chunks: Chunks, digest: Digest, size: u64) -> Chunks {
    let start = (chunks, Sha256::new(), 0_u64);
    stream::try_unfold(start, move |(mut chunks, mut hasher, seen)| async move {
        let Some(chunk) = chunks.try_next().await? else {
            // Ended early, except for an empty file, whose digest nobody has compared yet.
            let complete = seen == size && (size > 0 || Digest::of(b"") == digest);
            return if complete { Ok(None) } else { Err(FileError::Damaged(digest)) };
        };
        hasher.update(&chunk);
        let seen = seen + chunk.len() as u64;
        let whole = seen == size;
        if seen > size || whole && Digest::from_bytes(hasher.clone().finalize().into()) != digest {
            return Err(FileError::Damaged(digest));
        }
        Ok(Some((chunk, (chunks, hasher, seen))))
    })
    .boxed()
}
