//! The way of a staged file into the bucket: one request, or parts for a long one.

use std::{
    io::{self, Read as _, Seek as _},
    time::Duration,
};

use aws_sdk_s3::{
    operation::abort_multipart_upload::{AbortMultipartUploadError, AbortMultipartUploadOutput},
    primitives::{ByteStream, Length},
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ServerSideEncryption},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use schema::digest::Digest;
use sha2::{Digest as _, Sha256};

use super::{Encryption, FileError, S3Files, failure::Failure, timestamp};
use crate::files::{
    pieces::FORGOTTEN,
    staging::{self, Staged, blocking},
};

const MIB: u64 = 1024 * 1024;

/// The most parts that an upload may have.
const MOST_PARTS: u64 = 10_000;

/// When and how a file is divided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    /// Longest file sent in one request, in bytes.
    pub(super) threshold: u64,
    /// Length of a part in bytes; at least 5 MiB, except for the last.
    pub(super) size: u64,
}

impl Parts {
    pub(super) const STANDARD: Self = Self { threshold: 64 * MIB, size: 16 * MIB };

    /// Offset and length of every part of a file of `size` bytes.
    fn of(self, size: u64) -> impl Iterator<Item = (u64, u64)> {
        let part = self.size.max(size.div_ceil(MOST_PARTS));
        (0..size.div_ceil(part)).map(move |number| {
            let offset = number * part;
            (offset, part.min(size - offset))
        })
    }
}

impl S3Files {
    /// Sends a staged file to `key`. The service checks every byte against a SHA-256.
    pub(super) async fn upload(&self, staged: &Staged, key: &str) -> Result<(), FileError> {
        if staged.stored.size > self.parts.threshold {
            return self.upload_in_parts(staged, key).await;
        }
        let (encryption, encryption_key) = self.encryption();
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(self.body(staged, 0, staged.stored.size).await?)
            .checksum_sha256(checksum(&staged.stored.digest))
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(encryption_key)
            .send()
            .await
            .map_err(|error| self.failed(&error))?;
        Ok(())
    }

    async fn upload_in_parts(&self, staged: &Staged, key: &str) -> Result<(), FileError> {
        let (encryption, encryption_key) = self.encryption();
        let begun = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(encryption_key)
            .send()
            .await
            .map_err(|error| self.failed(&error))?;
        let upload = begun.upload_id().ok_or_else(|| self.answered_oddly("UploadId"))?;
        let sent = self.send_parts(staged, key, upload).await;
        if sent.is_err() {
            // Best effort: parts that stay are removed by `clean`.
            let _ = self.abort(key, upload).await;
        }
        sent
    }

    async fn send_parts(&self, staged: &Staged, key: &str, upload: &str) -> Result<(), FileError> {
        let mut parts = Vec::new();
        for (number, (offset, length)) in (1..).zip(self.parts.of(staged.stored.size)) {
            let checksum = self.checksum_of_part(staged, offset, length).await?;
            let sent = self
                .client
                .upload_part()
                .bucket(&self.bucket)
                .key(key)
                .upload_id(upload)
                .part_number(number)
                .body(self.body(staged, offset, length).await?)
                .checksum_sha256(&checksum)
                .send()
                .await
                .map_err(|error| self.failed(&error))?;
            parts.push(
                CompletedPart::builder()
                    .part_number(number)
                    .set_e_tag(sent.e_tag().map(str::to_owned))
                    // A service that knows no checksums must not be shown one.
                    .set_checksum_sha256(sent.checksum_sha256().map(str::to_owned))
                    .build(),
            );
        }
        self.client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(upload)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .send()
            .await
            .map_err(|error| self.failed(&error))?;
        Ok(())
    }

    /// Aborts uploads below the prefix that began more than `age` before `now`.
    pub(super) async fn abort_abandoned(
        &self,
        now: Timestamp,
        age: Duration,
    ) -> Result<u64, FileError> {
        let mut aborted = 0;
        let mut marker = (None, None);
        loop {
            let page = self.client.list_multipart_uploads().bucket(&self.bucket);
            let page = page.prefix(&self.prefix).set_key_marker(marker.0);
            let page = page.set_upload_id_marker(marker.1).send().await;
            let page = page.map_err(|error| self.failed(&error))?;
            for upload in page.uploads() {
                let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) else {
                    continue;
                };
                let begun = upload.initiated().and_then(timestamp);
                // What senders make straight to the store may take longer than what the hub makes.
                let is_left = match self.is_piece(key) {
                    true => staging::is_older(begun, now, age.max(FORGOTTEN)),
                    false => self.digest(key).is_some() && staging::is_older(begun, now, age),
                };
                if is_left {
                    self.abort(key, id).await?;
                    aborted += 1;
                }
            }
            if page.is_truncated() != Some(true) {
                return Ok(aborted);
            }
            marker = (
                page.next_key_marker().map(str::to_owned),
                page.next_upload_id_marker().map(str::to_owned),
            );
        }
    }

    async fn abort(&self, key: &str, upload: &str) -> Result<(), FileError> {
        let answer = self.abort_upload(key, upload).await;
        answer.map(drop).map_err(|error| self.failed(&error))
    }

    pub(super) async fn abort_upload(
        &self,
        key: &str,
        upload: &str,
    ) -> Result<AbortMultipartUploadOutput, Failure<AbortMultipartUploadError>> {
        let request = self.client.abort_multipart_upload().bucket(&self.bucket).key(key);
        request.upload_id(upload).send().await
    }

    /// Part of the staged file, which is opened anew for every retry.
    async fn body(
        &self,
        staged: &Staged,
        offset: u64,
        length: u64,
    ) -> Result<ByteStream, FileError> {
        let part = ByteStream::read_from().path(staged.file.path()).offset(offset);
        let part = part.length(Length::Exact(length)).build().await;
        part.map_err(|error| FileError::at(&self.staging, &io::Error::other(error)))
    }

    async fn checksum_of_part(
        &self,
        staged: &Staged,
        offset: u64,
        length: u64,
    ) -> Result<String, FileError> {
        let path = staged.file.path().to_owned();
        let digest = blocking(&self.staging, move |_| {
            let mut file = std::fs::File::open(path)?;
            file.seek(io::SeekFrom::Start(offset))?;
            let mut part = file.take(length);
            let mut hasher = Sha256::new();
            let mut chunk = vec![0; 256 * 1024];
            loop {
                match part.read(&mut chunk)? {
                    0 => return Ok(Digest::from_bytes(hasher.finalize().into())),
                    read => hasher.update(&chunk[..read]),
                }
            }
        });
        Ok(checksum(&digest.await?))
    }

    pub(super) fn encryption(&self) -> (Option<ServerSideEncryption>, Option<String>) {
        match &self.encryption {
            None => (None, None),
            Some(Encryption::Aes256) => (Some(ServerSideEncryption::Aes256), None),
            Some(Encryption::Kms(key)) => (Some(ServerSideEncryption::AwsKms), Some(key.clone())),
        }
    }
}

/// A digest as the service wants it.
pub(super) fn checksum(digest: &Digest) -> String {
    STANDARD.encode(digest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_a_file_without_gap_and_are_never_too_many() {
        for size in [1, 16 * MIB, 16 * MIB + 1, 100 * MIB, 5 * 1024 * 1024 * MIB] {
            let parts: Vec<_> = Parts::STANDARD.of(size).collect();

            assert!(parts.len() as u64 <= MOST_PARTS);
            let end = parts.iter().try_fold(0, |end, (offset, length)| {
                (*offset == end && *length > 0).then_some(end + length)
            });
            assert_eq!(end, Some(size));
        }
    }
}
