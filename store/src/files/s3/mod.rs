//! Files in a bucket of an S3-compatible service: `prefix/ab/<64 hexadecimal digits>`; their
//! renditions: `prefix/renditions/ab/<64 hexadecimal digits>/<name>`.
//!
//! Only what the common services share is used: plain requests with a length, checksums sent
//! as headers, never as trailers. A versioned bucket works, and a deletion there takes every
//! version, because an erasure must leave nothing.

mod client;
mod failure;
mod pieces;
mod upload;

use std::{ops::Range, path::PathBuf, time::Duration};

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    error::ProvideErrorMetadata,
    operation::get_object::GetObjectOutput,
    primitives::{ByteStream, DateTime},
};
use bytes::Bytes;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use schema::digest::Digest;
use tokio_util::io::ReaderStream;

use super::{
    Encryption, FileError, FileSettings, FileSource, FileStore, FileStream, ListedFile,
    Pieces as _, RenditionName, Staged, StoredFile, staging, stream::Chunks,
};

/// Folder of all renditions. It sorts after every file, and no file is looked for in it.
const RENDITIONS: &str = "renditions";
/// Keys asked for at once.
const PAGE: i32 = 1000;

#[derive(Debug)]
pub(super) struct S3Files {
    client: Client,
    bucket: String,
    /// Empty, or ending in `/`.
    prefix: String,
    staging: PathBuf,
    encryption: Option<Encryption>,
    parts: upload::Parts,
}

impl S3Files {
    pub(super) fn new(
        bucket: String,
        prefix: String,
        settings: &FileSettings,
    ) -> Result<Self, FileError> {
        let prefix = if prefix.is_empty() { prefix } else { format!("{prefix}/") };
        Ok(Self {
            client: client::new(&settings.s3)?,
            bucket,
            prefix,
            staging: settings.staging.clone(),
            encryption: settings.s3.encryption.clone(),
            parts: upload::Parts::STANDARD,
        })
    }

    #[cfg(test)]
    pub(super) fn with_parts(self, threshold: u64, size: u64) -> Self {
        Self { parts: upload::Parts { threshold, size }, ..self }
    }

    fn key(&self, digest: &Digest) -> String {
        let hex = digest.hex();
        format!("{}{}/{hex}", self.prefix, &hex[..2])
    }

    /// The digest that a key of a listing stands for; `None` for what is not ours.
    fn digest(&self, key: &str) -> Option<Digest> {
        let (folder, hex) = key.strip_prefix(&self.prefix)?.split_once('/')?;
        Digest::from_hex(hex).ok().filter(|_| hex.get(..2) == Some(folder))
    }

    /// The bucket as people know it.
    fn place(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }

    fn failed<E>(&self, error: &failure::Failure<E>) -> FileError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        failure::meaning(self.place(), error)
    }

    async fn object(
        &self,
        digest: &Digest,
        range: Option<String>,
    ) -> Result<GetObjectOutput, FileError> {
        let request = self.client.get_object().bucket(&self.bucket).key(self.key(digest));
        match request.set_range(range).send().await {
            Ok(object) => Ok(object),
            Err(error) if error.code() == Some("NoSuchKey") => Err(FileError::NotFound(*digest)),
            // The answer seldom says how long the file is.
            Err(error) if error.code() == Some("InvalidRange") => {
                Err(match self.size(digest).await? {
                    Some(size) => FileError::OutOfRange { size },
                    None => FileError::NotFound(*digest),
                })
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn chunks(&self, body: ByteStream) -> Chunks {
        let place = self.place();
        ReaderStream::with_capacity(body.into_async_read(), 64 * 1024)
            .map(move |chunk| {
                chunk.map_err(|error| FileError::Unavailable {
                    place: place.clone(),
                    reason: error.to_string(),
                })
            })
            .boxed()
    }

    fn answered_oddly(&self, what: &str) -> FileError {
        FileError::Unavailable { place: self.place(), reason: format!("answer without {what}") }
    }

    /// Deletes one key, with every version of it; how many versions there were.
    async fn destroy(&self, key: &str) -> Result<usize, FileError> {
        let answer = self.client.delete_object().bucket(&self.bucket).key(key).send().await;
        let answer = answer.map_err(|error| self.failed(&error))?;
        // A versioned bucket only marks the file as deleted and says so. Asked even when there
        // was no file: an earlier deletion may have failed half-way.
        let versioned = answer.delete_marker() == Some(true) || answer.version_id().is_some();
        if versioned { self.delete_versions(key).await } else { Ok(0) }
    }

    /// Up to `limit` keys of the bucket, from the first one after `after`.
    async fn keys(
        &self,
        prefix: &str,
        after: Option<String>,
        limit: i32,
    ) -> Result<Vec<String>, FileError> {
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let page = request.max_keys(limit).set_start_after(after).send().await;
        let page = page.map_err(|error| self.failed(&error))?;
        Ok(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)).collect())
    }

    /// What the keys of the renditions of one file start with.
    fn renditions(&self, digest: &Digest) -> String {
        let hex = digest.hex();
        format!("{}{RENDITIONS}/{}/{hex}/", self.prefix, &hex[..2])
    }

    /// Deletes every version and every deletion mark of one key; how many there were.
    async fn delete_versions(&self, key: &str) -> Result<usize, FileError> {
        let mut deleted = 0;
        let mut marker = (None, None);
        loop {
            let page = self.client.list_object_versions().bucket(&self.bucket).prefix(key);
            let page = page.set_key_marker(marker.0).set_version_id_marker(marker.1).send().await;
            let page = page.map_err(|error| self.failed(&error))?;
            let versions =
                page.versions().iter().map(|version| (version.key(), version.version_id()));
            let marks = page.delete_markers().iter().map(|mark| (mark.key(), mark.version_id()));
            let ours: Vec<_> =
                versions.map(|found| (found, 1)).chain(marks.map(|found| (found, 0))).collect();
            for ((found, version), counts) in ours {
                if found != Some(key) {
                    continue;
                }
                let request = self.client.delete_object().bucket(&self.bucket).key(key);
                let answer = request.set_version_id(version.map(str::to_owned)).send().await;
                answer.map_err(|error| self.failed(&error))?;
                deleted += counts;
            }
            if page.is_truncated() != Some(true) {
                return Ok(deleted);
            }
            marker = (
                page.next_key_marker().map(str::to_owned),
                page.next_version_id_marker().map(str::to_owned),
            );
        }
    }
}

#[async_trait]
impl FileStore for S3Files {
    async fn stage(&self, body: FileSource, limit: u64) -> Result<Staged, FileError> {
        staging::stage(body, limit, &self.staging, staging::Durability::Passing).await
    }

    async fn keep(&self, staged: Staged) -> Result<StoredFile, FileError> {
        self.upload(&staged, &self.key(&staged.stored.digest)).await?;
        Ok(staged.stored)
    }

    async fn get(&self, digest: &Digest) -> Result<FileStream, FileError> {
        let object = self.object(digest, None).await?;
        let size = object.content_length().and_then(|length| u64::try_from(length).ok());
        let size = size.ok_or_else(|| self.answered_oddly("Content-Length"))?;
        Ok(FileStream::whole(*digest, size, self.chunks(object.body)))
    }

    async fn get_range(&self, digest: &Digest, range: Range<u64>) -> Result<FileStream, FileError> {
        if range.is_empty() {
            let size = self.size(digest).await?.ok_or(FileError::NotFound(*digest))?;
            return Err(FileError::OutOfRange { size });
        }
        let asked = format!("bytes={}-{}", range.start, range.end - 1);
        let object = self.object(digest, Some(asked)).await?;
        let (range, size) = object
            .content_range()
            .and_then(content_range)
            .filter(|(answered, _)| answered.start == range.start && answered.end <= range.end)
            .ok_or_else(|| self.answered_oddly("the right Content-Range"))?;
        Ok(FileStream::part(size, range, self.chunks(object.body)))
    }

    async fn size(&self, digest: &Digest) -> Result<Option<u64>, FileError> {
        let request = self.client.head_object().bucket(&self.bucket).key(self.key(digest));
        match request.send().await {
            Ok(head) => {
                let size = head.content_length().and_then(|length| u64::try_from(length).ok());
                size.map(Some).ok_or_else(|| self.answered_oddly("Content-Length"))
            }
            Err(error) if error.as_service_error().is_some_and(|error| error.is_not_found()) => {
                Ok(None)
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    async fn delete(&self, digest: &Digest) -> Result<bool, FileError> {
        // Before the file: a deletion that fails half-way is repeated as long as there is one.
        self.delete_renditions(digest).await?;
        let existed = self.size(digest).await?.is_some();
        let versions = self.destroy(&self.key(digest)).await?;
        Ok(existed || versions > 0)
    }

    async fn list(
        &self,
        after: Option<Digest>,
        limit: usize,
    ) -> Result<Vec<ListedFile>, FileError> {
        let mut listed = Vec::new();
        let mut start_after = after.map(|digest| self.key(&digest));
        while listed.len() < limit {
            let wanted = i32::try_from(limit - listed.len()).unwrap_or(i32::MAX).min(1000);
            let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(&self.prefix);
            let page = request.max_keys(wanted).set_start_after(start_after).send().await;
            let page = page.map_err(|error| self.failed(&error))?;
            listed.extend(page.contents().iter().filter_map(|object| {
                Some(ListedFile {
                    digest: self.digest(object.key()?)?,
                    size: u64::try_from(object.size()?).ok()?,
                    stored_at: timestamp(object.last_modified()?)?,
                })
            }));
            start_after = page.contents().last().and_then(|last| last.key()).map(str::to_owned);
            // No file lies beyond the hexadecimal digits; renditions do, many of them.
            let is_over = start_after.as_ref().is_none_or(|key| *key > format!("{}g", self.prefix));
            if page.is_truncated() != Some(true) || is_over {
                break;
            }
        }
        Ok(listed)
    }

    async fn rendition(
        &self,
        digest: &Digest,
        name: &RenditionName,
    ) -> Result<Option<FileStream>, FileError> {
        let key = format!("{}{}", self.renditions(digest), name.as_str());
        let object = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(object) => object,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(self.failed(&error)),
        };
        let size = object.content_length().and_then(|length| u64::try_from(length).ok());
        let size = size.ok_or_else(|| self.answered_oddly("Content-Length"))?;
        Ok(Some(FileStream::part(size, 0..size, self.chunks(object.body))))
    }

    async fn put_rendition(
        &self,
        digest: &Digest,
        name: &RenditionName,
        bytes: Bytes,
    ) -> Result<(), FileError> {
        let staged = self.stage(bytes.into(), u64::MAX).await?;
        self.upload(&staged, &format!("{}{}", self.renditions(digest), name.as_str())).await
    }

    async fn delete_renditions(&self, digest: &Digest) -> Result<u64, FileError> {
        let prefix = self.renditions(digest);
        let mut deleted = 0;
        loop {
            let keys = self.keys(&prefix, None, PAGE).await?;
            for key in &keys {
                self.destroy(key).await?;
                deleted += 1;
            }
            if keys.is_empty() {
                return Ok(deleted);
            }
        }
    }

    async fn rendered(
        &self,
        after: Option<Digest>,
        limit: usize,
    ) -> Result<Vec<Digest>, FileError> {
        let folder = format!("{}{RENDITIONS}/", self.prefix);
        let mut found = Vec::new();
        // The character after the slash: past every rendition of one file.
        let past = |digest: &Digest| format!("{}0", self.renditions(digest).trim_end_matches('/'));
        let mut start_after = after.as_ref().map(past);
        while found.len() < limit {
            let keys = self.keys(&folder, start_after.take(), 1).await?;
            let Some(key) = keys.first() else { break };
            let hex = key.strip_prefix(&folder).and_then(|rest| rest.split('/').nth(1));
            match hex.and_then(|hex| Digest::from_hex(hex).ok()) {
                Some(digest) => {
                    start_after = Some(past(&digest));
                    found.push(digest);
                }
                None => start_after = Some(key.clone()),
            }
        }
        Ok(found)
    }

    async fn clean(&self, now: Timestamp, age: Duration) -> Result<u64, FileError> {
        let staged = staging::clean(&self.staging, now, age).await?;
        let aborted = self.abort_abandoned(now, age).await?;
        Ok(staged + aborted + self.forget_pieces(now).await?)
    }

    async fn check(&self) -> Result<(), FileError> {
        let source = FileSource::from(b"gongbao".to_vec());
        let probe = staging::stage(source, 7, &self.staging, staging::Durability::Passing).await?;
        // The random name of the temporary file keeps two checks at once apart.
        let name = probe.file.path().file_name().unwrap_or_default().to_string_lossy();
        let key = format!("{}check/{name}", self.prefix);
        self.upload(&probe, &key).await?;
        let request = self.client.get_object().bucket(&self.bucket).key(&key);
        let object = request.send().await.map_err(|error| self.failed(&error))?;
        let size = probe.stored.size;
        let read = FileStream::whole(probe.stored.digest, size, self.chunks(object.body));
        let read = read.read_to_end().await;
        let request = self.client.delete_object().bucket(&self.bucket).key(&key);
        request.send().await.map_err(|error| self.failed(&error))?;
        read.map(drop)
    }
}

/// Reads `bytes 0-99/1234` as `0..100` of 1234.
fn content_range(text: &str) -> Option<(Range<u64>, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let end = last.parse::<u64>().ok()?.checked_add(1)?;
    Some((first.parse().ok()?..end, size.parse().ok()?))
}

fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}
