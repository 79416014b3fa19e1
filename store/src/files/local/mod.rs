//! Files in a local folder: `ab/cd/<64 hexadecimal digits>`; their renditions:
//! `renditions/ab/<64 hexadecimal digits>/<name>`.
//!
//! Pieces of uploads under way: `uploads/<id>/<id>`.
//!
//! A file comes into being by a rename inside the folder, after its bytes were flushed; then
//! the folders are flushed too. So a crash leaves a temporary file or a whole one.

mod pieces;

use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use schema::digest::Digest;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::{
    FileError, FileSource, FileStore, FileStream, ListedFile, Pieces as _, RenditionName, Staged,
    StoredFile,
    staging::{self, Durability, blocking},
    stream::{Chunks, cut},
};

/// Read from the disk at a time.
const CHUNK: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct LocalFiles {
    root: PathBuf,
}

impl LocalFiles {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Inside the root, so that a rename from it never crosses file systems.
    fn staging(&self) -> PathBuf {
        self.root.join("incoming")
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        path(&self.root, &digest.hex())
    }

    async fn open(&self, digest: &Digest) -> Result<(tokio::fs::File, u64), FileError> {
        let found = async {
            let file = tokio::fs::File::open(self.path(digest)).await?;
            let size = file.metadata().await?.len();
            Ok((file, size))
        };
        found.await.map_err(|error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => FileError::NotFound(*digest),
            _ => FileError::at(&self.root, &error),
        })
    }

    fn chunks(&self, file: tokio::fs::File, length: u64) -> Chunks {
        let root = self.root.clone();
        ReaderStream::with_capacity(file.take(length), CHUNK)
            .map_err(move |error| FileError::at(&root, &error))
            .boxed()
    }
}

#[async_trait]
impl FileStore for LocalFiles {
    async fn stage(&self, body: FileSource, limit: u64) -> Result<Staged, FileError> {
        staging::stage(body, limit, &self.staging(), Durability::Kept).await
    }

    async fn keep(&self, staged: Staged) -> Result<StoredFile, FileError> {
        let Staged { file, stored } = staged;
        blocking(&self.root, move |root| {
            let target = path(root, &stored.digest.hex());
            let folders: Vec<&Path> = target.ancestors().skip(1).take(3).collect();
            fs::create_dir_all(folders[0])?;
            file.persist(&target).map_err(|error| error.error)?;
            // From the file up: an entry is safe when the folder that holds it is.
            folders.into_iter().try_for_each(flush)
        })
        .await?;
        Ok(stored)
    }

    async fn get(&self, digest: &Digest) -> Result<FileStream, FileError> {
        let (file, size) = self.open(digest).await?;
        Ok(FileStream::whole(*digest, size, self.chunks(file, size)))
    }

    async fn get_range(&self, digest: &Digest, range: Range<u64>) -> Result<FileStream, FileError> {
        let (mut file, size) = self.open(digest).await?;
        let range = cut(range, size)?;
        let start = io::SeekFrom::Start(range.start);
        file.seek(start).await.map_err(|error| FileError::at(&self.root, &error))?;
        let chunks = self.chunks(file, range.end - range.start);
        Ok(FileStream::part(size, range, chunks))
    }

    async fn size(&self, digest: &Digest) -> Result<Option<u64>, FileError> {
        match self.open(digest).await {
            Ok((_, size)) => Ok(Some(size)),
            Err(FileError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn delete(&self, digest: &Digest) -> Result<bool, FileError> {
        // Before the file: a deletion that fails half-way is repeated as long as there is one.
        self.delete_renditions(digest).await?;
        let hex = digest.hex();
        blocking(&self.root, move |root| {
            let target = path(root, &hex);
            match fs::remove_file(&target) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(error),
            }
            // An erasure must not come undone by a power cut.
            target.parent().map_or(Ok(()), flush)?;
            Ok(true)
        })
        .await
    }

    async fn list(
        &self,
        after: Option<Digest>,
        limit: usize,
    ) -> Result<Vec<ListedFile>, FileError> {
        let after = after.map(|digest| digest.hex()).unwrap_or_default();
        blocking(&self.root, move |root| {
            let mut listed = Vec::new();
            for first in names(root, 2)? {
                if first.as_str() < after.get(..2).unwrap_or_default() {
                    continue;
                }
                for second in names(&root.join(&first), 2)? {
                    for name in names(&root.join(&first).join(&second), 64)? {
                        if listed.len() == limit {
                            return Ok(listed);
                        }
                        if name > after
                            && let Ok(digest) = Digest::from_hex(&name)
                            && let Some(file) = listed_file(digest, &path(root, &name))?
                        {
                            listed.push(file);
                        }
                    }
                }
            }
            Ok(listed)
        })
        .await
    }

    async fn rendition(
        &self,
        digest: &Digest,
        name: &RenditionName,
    ) -> Result<Option<FileStream>, FileError> {
        let path = renditions(&self.root, &digest.hex()).join(name.as_str());
        let opened = async {
            let file = tokio::fs::File::open(path).await?;
            let size = file.metadata().await?.len();
            Ok::<_, io::Error>((file, size))
        };
        match opened.await {
            Ok((file, size)) => Ok(Some(FileStream::part(size, 0..size, self.chunks(file, size)))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileError::at(&self.root, &error)),
        }
    }

    async fn put_rendition(
        &self,
        digest: &Digest,
        name: &RenditionName,
        bytes: Bytes,
    ) -> Result<(), FileError> {
        // Flushed, or a power cut could leave an empty file under a good name.
        let Staged { file, .. } = self.stage(bytes.into(), u64::MAX).await?;
        let (hex, name) = (digest.hex(), name.clone());
        blocking(&self.root, move |root| {
            let folder = renditions(root, &hex);
            fs::create_dir_all(&folder)?;
            file.persist(folder.join(name.as_str())).map_err(|error| error.error)?;
            Ok(())
        })
        .await
    }

    async fn delete_renditions(&self, digest: &Digest) -> Result<u64, FileError> {
        let hex = digest.hex();
        blocking(&self.root, move |root| {
            let folder = renditions(root, &hex);
            let entries = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
                entries => entries?,
            };
            let count = entries.count() as u64;
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            folder.parent().map_or(Ok(()), flush)?;
            Ok(count)
        })
        .await
    }

    async fn rendered(
        &self,
        after: Option<Digest>,
        limit: usize,
    ) -> Result<Vec<Digest>, FileError> {
        let after = after.map(|digest| digest.hex()).unwrap_or_default();
        blocking(&self.root, move |root| {
            let folder = root.join(RENDITIONS);
            let mut found = Vec::new();
            for first in names(&folder, 2)? {
                if first.as_str() < after.get(..2).unwrap_or_default() {
                    continue;
                }
                for name in names(&folder.join(&first), 64)? {
                    if found.len() == limit {
                        return Ok(found);
                    }
                    found.extend(Digest::from_hex(&name).ok().filter(|_| name > after));
                }
            }
            Ok(found)
        })
        .await
    }

    async fn clean(&self, now: Timestamp, age: Duration) -> Result<u64, FileError> {
        let staged = staging::clean(&self.staging(), now, age).await?;
        Ok(staged + self.forget_pieces(now).await?)
    }

    async fn check(&self) -> Result<(), FileError> {
        let probe = FileSource::from(b"gongbao".to_vec());
        let staged = staging::stage(probe, 7, &self.staging(), Durability::Kept).await?;
        blocking(&self.root, move |_| {
            if fs::read(staged.file.path())? != b"gongbao" {
                return Err(io::Error::other("the probe was read back differently"));
            }
            staged.file.close()
        })
        .await
    }
}

fn path(root: &Path, hex: &str) -> PathBuf {
    root.join(&hex[..2]).join(&hex[2..4]).join(hex)
}

/// Folder of all renditions. Longer than two characters: no file is looked for in it.
const RENDITIONS: &str = "renditions";

/// Where the renditions of one file lie.
fn renditions(root: &Path, hex: &str) -> PathBuf {
    root.join(RENDITIONS).join(&hex[..2]).join(hex)
}

fn flush(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// `None` when it was deleted while the listing was made.
fn listed_file(digest: Digest, path: &Path) -> io::Result<Option<ListedFile>> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    let stored_at = Timestamp::try_from(metadata.modified()?).map_err(io::Error::other)?;
    Ok(Some(ListedFile { digest, size: metadata.len(), stored_at }))
}

/// Names of `length` characters in `folder`, in order; none when there is no folder.
fn names(folder: &Path, length: usize) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string().ok().filter(|name| name.len() == length));
    }
    names.sort_unstable();
    Ok(names)
}
