//! The way in: a body is written to a temporary file while it is hashed and counted, since
//! only its end tells its name. What a crash leaves here is removed by age.

use std::{io, path::Path, time::Duration};

use bytes::BytesMut;
use jiff::Timestamp;
use schema::digest::Digest;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    task::spawn_blocking,
};

use super::{FileError, FileSource, StoredFile};

/// Name prefix of temporary files; `clean` touches nothing else.
const PREFIX: &str = "incoming-";

/// Read and hashed at a time.
const CHUNK: usize = 256 * 1024;

/// A body that has arrived completely and is not kept yet; its file goes when this is dropped.
#[derive(Debug)]
pub struct Staged {
    pub(super) file: NamedTempFile,
    pub(super) stored: StoredFile,
}

impl Staged {
    /// Where it lies, to be looked at.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Digest and length of what arrived.
    pub fn arrived(&self) -> StoredFile {
        self.stored
    }
}

/// Whether a staged file must survive a crash of the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// It becomes the stored file: flush it to the disk.
    Kept,
    /// It is a copy on its way to somewhere else.
    Passing,
}

/// Writes `source` to a temporary file in `folder`, which is made when missing.
pub(super) async fn stage(
    source: FileSource,
    limit: u64,
    folder: &Path,
    durability: Durability,
) -> Result<Staged, FileError> {
    let failed = |error: io::Error| FileError::at(folder, &error);
    let file = temporary_file(folder).await?;
    let mut writer = File::from_std(file.as_file().try_clone().map_err(failed)?);
    let mut reader: Box<dyn AsyncRead + Send + Unpin> = match source {
        FileSource::Bytes(bytes) => Box::new(io::Cursor::new(bytes)),
        FileSource::Reader(reader) => reader,
        FileSource::Path(path) => Box::new(File::open(path).await.map_err(FileError::Source)?),
    };

    let mut hasher = Sha256::new();
    let mut size = 0_u64;
    let mut chunk = BytesMut::with_capacity(CHUNK);
    loop {
        chunk.clear();
        let read = reader.read_buf(&mut chunk).await.map_err(FileError::Source)?;
        if read == 0 {
            break;
        }
        size += read as u64;
        if size > limit {
            return Err(FileError::TooLarge { limit });
        }
        hasher.update(&chunk);
        writer.write_all(&chunk).await.map_err(failed)?;
    }
    writer.flush().await.map_err(failed)?;
    if durability == Durability::Kept {
        writer.sync_all().await.map_err(failed)?;
    }
    let digest = Digest::from_bytes(hasher.finalize().into());
    Ok(Staged { file, stored: StoredFile { digest, size } })
}

/// An empty temporary file, for its owner's eyes alone.
pub(super) async fn temporary_file(folder: &Path) -> Result<NamedTempFile, FileError> {
    blocking(folder, |folder| {
        std::fs::create_dir_all(folder)?;
        tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder)
    })
    .await
}

/// Removes temporary files in `folder` that were last written more than `age` before `now`.
pub(super) async fn clean(folder: &Path, now: Timestamp, age: Duration) -> Result<u64, FileError> {
    blocking(folder, move |folder| {
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut removed = 0;
        for entry in entries {
            let entry = entry?;
            if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
                continue;
            }
            // It may be finished and gone by the time it is looked at.
            let Ok(written) = entry.metadata().and_then(|metadata| metadata.modified()) else {
                continue;
            };
            if is_older(Timestamp::try_from(written).ok(), now, age)
                && std::fs::remove_file(entry.path()).is_ok()
            {
                removed += 1;
            }
        }
        Ok(removed)
    })
    .await
}

/// Whether something last written at `written` is a leftover; an unknown time is not.
pub(super) fn is_older(written: Option<Timestamp>, now: Timestamp, age: Duration) -> bool {
    written.is_some_and(|written| now.duration_since(written).unsigned_abs() > age && now > written)
}

/// Runs file system calls where they may block, and says what a failure means at `place`.
pub(super) async fn blocking<T: Send + 'static>(
    place: &Path,
    work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> Result<T, FileError> {
    let folder = place.to_owned();
    let done = spawn_blocking(move || work(&folder)).await.map_err(io::Error::other);
    done.flatten().map_err(|error| FileError::at(place, &error))
}
