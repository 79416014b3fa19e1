//! Files by content: a file is known by the SHA-256 of its bytes, so it is stored once, never
//! changes, and can always be checked against its name.
//!
//! Two stores keep them, a local folder and an S3-compatible service, and pass the same tests.
//! Every `put` writes anew, also what is already there: that heals a damaged copy and renews
//! [`ListedFile::stored_at`], by which a collector of unused files spares what was just handed
//! in and has no reference yet.
//!
//! Beside a file lie its renditions: made from it, by names that say how, lost with it, and made
//! again whenever they are missed.

mod error;
mod local;
pub mod pieces;
mod s3;
mod settings;
mod source;
mod staging;
mod stream;

#[cfg(test)]
pub(crate) mod tests;

use std::{fmt, ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use schema::digest::Digest;

pub use error::FileError;
pub use pieces::{ArrivedPart, Direct, Pieces, SignedPart};
pub use settings::{Encryption, FileSettings, S3Settings, Secret};
pub use source::FileSource;
pub use staging::Staged;
pub use stream::FileStream;

/// What a store says about a file it took in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its name: the SHA-256 of its bytes.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// One file of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// Its name: the SHA-256 its bytes should have.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// When it was handed in last, by the clock of the store.
    pub stored_at: Timestamp,
}

/// What a rendition is called: how it was made, in a way that is a file name everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RenditionName(String);

impl RenditionName {
    /// `None` unless it is 1 to 80 small letters, digits, dashes and dots, starting with a letter.
    pub fn new(name: &str) -> Option<Self> {
        let is_plain = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
        };
        let is_name = (1..=80).contains(&name.len())
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.bytes().all(is_plain);
        is_name.then(|| Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where files are kept. All methods may be called at once, from several nodes.
#[async_trait]
pub trait FileStore: Pieces + fmt::Debug + Send + Sync {
    /// Takes a file in as a stream. When this returns, the file survives a crash of the
    /// machine; when it fails, nothing of it is kept.
    ///
    /// # Errors
    /// [`FileError::TooLarge`] beyond `limit` bytes, [`FileError::Source`] when the body broke
    /// off, and what goes wrong with a disk or a service.
    async fn put(&self, body: FileSource, limit: u64) -> Result<StoredFile, FileError> {
        let staged = self.stage(body, limit).await?;
        self.keep(staged).await
    }

    /// Takes a file in as a stream, to be looked at before it is kept.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    async fn stage(&self, body: FileSource, limit: u64) -> Result<Staged, FileError>;

    /// Keeps what was staged here. When this returns, the file survives a crash of the machine.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service.
    async fn keep(&self, staged: Staged) -> Result<StoredFile, FileError>;

    /// The whole file. Its stream ends with [`FileError::Damaged`], before the last bytes,
    /// when they are not what the digest says.
    ///
    /// # Errors
    /// [`FileError::NotFound`], and what goes wrong with a disk or a service.
    async fn get(&self, digest: &Digest) -> Result<FileStream, FileError>;

    /// A part of the file, as bytes `range.start..range.end`, cut at the end of the file. A
    /// part cannot be checked against the digest.
    ///
    /// # Errors
    /// As [`get`](Self::get), and [`FileError::OutOfRange`] when no byte lies in the range.
    async fn get_range(&self, digest: &Digest, range: Range<u64>) -> Result<FileStream, FileError>;

    /// Length in bytes; `None` when there is no such file.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service.
    async fn size(&self, digest: &Digest) -> Result<Option<u64>, FileError>;

    /// Destroys a file and its renditions, with every version that a versioned bucket keeps;
    /// `false` when there was no file.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service. It is safe to repeat.
    async fn delete(&self, digest: &Digest) -> Result<bool, FileError>;

    /// Up to `limit` files in the order of their digests, from the first one after `after`.
    /// Fewer than `limit` means that there are no more.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service.
    async fn list(&self, after: Option<Digest>, limit: usize)
    -> Result<Vec<ListedFile>, FileError>;

    /// The rendition of a file that is called `name`; `None` when there is none.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service.
    async fn rendition(
        &self,
        digest: &Digest,
        name: &RenditionName,
    ) -> Result<Option<FileStream>, FileError>;

    /// Keeps a rendition of a file, in place of one of the same name. It need not survive a crash,
    /// but is never there in part.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service.
    async fn put_rendition(
        &self,
        digest: &Digest,
        name: &RenditionName,
        bytes: Bytes,
    ) -> Result<(), FileError>;

    /// Destroys the renditions of a file, as [`delete`](Self::delete) does; how many there were.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service. It is safe to repeat.
    async fn delete_renditions(&self, digest: &Digest) -> Result<u64, FileError>;

    /// Up to `limit` digests of files that have renditions, whether or not the files are there, in
    /// order, from the first one after `after`. Fewer than `limit` means that there are no more.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service.
    async fn rendered(&self, after: Option<Digest>, limit: usize)
    -> Result<Vec<Digest>, FileError>;

    /// Removes what crashes left half-written and older than `age` at `now`; the number of
    /// leftovers. Whole files are not touched.
    ///
    /// # Errors
    /// What goes wrong with a disk or a service.
    async fn clean(&self, now: Timestamp, age: Duration) -> Result<u64, FileError>;

    /// Writes, reads and deletes a probe outside the files' own names.
    ///
    /// # Errors
    /// The first thing that did not work.
    async fn check(&self) -> Result<(), FileError>;
}

/// The store at `url`: `file:///absolute/path`, `file://relative/path` or
/// `s3://bucket/prefix`. Nothing is contacted or created yet.
///
/// # Errors
/// [`FileError::Settings`] when the address or a setting it needs is wrong or missing.
pub fn open(url: &str, settings: &FileSettings) -> Result<Arc<dyn FileStore>, FileError> {
    Ok(match settings::Location::parse(url)? {
        settings::Location::Folder(path) => Arc::new(local::LocalFiles::new(path)),
        settings::Location::Bucket { bucket, prefix } => {
            Arc::new(s3::S3Files::new(bucket, prefix, settings)?)
        }
    })
}
