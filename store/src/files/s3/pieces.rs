//! Pieces in a bucket: `prefix/uploads/<id of the upload>/<id of the piece>`, and parts that
//! senders PUT straight into it by addresses that are signed here.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use aws_sdk_s3::{
    error::ProvideErrorMetadata as _,
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::Bytes;
use jiff::Timestamp;
use schema::{
    digest::Digest,
    ids::{PieceId, UploadId},
};

use super::{PAGE, S3Files, timestamp, upload::checksum};
use crate::files::{
    ArrivedPart, Direct, FileError, FileStream, Pieces, SignedPart,
    pieces::{FORGOTTEN, UPLOADS, unsigned},
    staging::is_older,
};

impl S3Files {
    fn pieces_of(&self, upload: UploadId) -> String {
        format!("{}{UPLOADS}/{upload}/", self.prefix)
    }

    fn piece_key(&self, upload: UploadId, piece: PieceId) -> String {
        format!("{}{piece}", self.pieces_of(upload))
    }

    /// Whether a key is that of a piece.
    pub(super) fn is_piece(&self, key: &str) -> bool {
        key.strip_prefix(&self.prefix).is_some_and(|rest| rest.starts_with(&format!("{UPLOADS}/")))
    }
}

#[async_trait]
impl Pieces for S3Files {
    async fn put_piece(
        &self,
        upload: UploadId,
        piece: PieceId,
        bytes: Bytes,
    ) -> Result<(), FileError> {
        let (encryption, encryption_key) = self.encryption();
        let sum = checksum(&Digest::of(&bytes));
        let request = self.client.put_object().bucket(&self.bucket);
        let request = request.key(self.piece_key(upload, piece)).body(ByteStream::from(bytes));
        let request = request.checksum_sha256(sum).set_server_side_encryption(encryption);
        let sent = request.set_ssekms_key_id(encryption_key).send().await;
        sent.map(drop).map_err(|error| self.failed(&error))
    }

    async fn piece(
        &self,
        upload: UploadId,
        piece: PieceId,
    ) -> Result<Option<FileStream>, FileError> {
        let request = self.client.get_object().bucket(&self.bucket);
        let object = match request.key(self.piece_key(upload, piece)).send().await {
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            object => object.map_err(|error| self.failed(&error))?,
        };
        let size = object.content_length().and_then(|length| u64::try_from(length).ok());
        let size = size.ok_or_else(|| self.answered_oddly("Content-Length"))?;
        Ok(Some(FileStream::part(size, 0..size, self.chunks(object.body))))
    }

    async fn drop_piece(&self, upload: UploadId, piece: PieceId) -> Result<(), FileError> {
        self.destroy(&self.piece_key(upload, piece)).await.map(drop)
    }

    async fn drop_pieces(&self, upload: UploadId) -> Result<u64, FileError> {
        let mut destroyed = 0;
        let mut after = None;
        loop {
            let keys = self.keys(&self.pieces_of(upload), after.take(), PAGE).await?;
            for key in &keys {
                self.destroy(key).await?;
                destroyed += 1;
            }
            if keys.len() < PAGE as usize {
                return Ok(destroyed);
            }
            after = keys.last().cloned();
        }
    }

    async fn forget_pieces(&self, now: Timestamp) -> Result<u64, FileError> {
        let folder = format!("{}{UPLOADS}/", self.prefix);
        let mut newest: BTreeMap<UploadId, Timestamp> = BTreeMap::new();
        let mut after = None;
        loop {
            let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(&folder);
            let page = request.max_keys(PAGE).set_start_after(after).send().await;
            let page = page.map_err(|error| self.failed(&error))?;
            for object in page.contents() {
                let upload = object.key().and_then(|key| key.strip_prefix(&folder));
                let upload = upload.and_then(|rest| rest.split('/').next()?.parse().ok());
                let at = object.last_modified().and_then(timestamp);
                if let Some((upload, at)) = upload.zip(at) {
                    let newest = newest.entry(upload).or_insert(at);
                    *newest = at.max(*newest);
                }
            }
            after = page.contents().last().and_then(|last| last.key()).map(str::to_owned);
            if page.is_truncated() != Some(true) || after.is_none() {
                break;
            }
        }
        let mut destroyed = 0;
        for (upload, at) in newest {
            if is_older(Some(at), now, FORGOTTEN) {
                destroyed += self.drop_pieces(upload).await?;
            }
        }
        Ok(destroyed)
    }

    fn direct(&self) -> Option<&dyn Direct> {
        Some(self)
    }
}

#[async_trait]
impl Direct for S3Files {
    async fn begin(&self, upload: UploadId, piece: PieceId) -> Result<String, FileError> {
        let (encryption, encryption_key) = self.encryption();
        let request = self.client.create_multipart_upload().bucket(&self.bucket);
        let request = request.key(self.piece_key(upload, piece));
        let request = request.set_server_side_encryption(encryption);
        let begun = request.set_ssekms_key_id(encryption_key).send().await;
        let begun = begun.map_err(|error| self.failed(&error))?;
        begun.upload_id().map(str::to_owned).ok_or_else(|| self.answered_oddly("UploadId"))
    }

    async fn sign(
        &self,
        upload: UploadId,
        piece: PieceId,
        remote: &str,
        parts: &[(u32, u64)],
        valid: Duration,
    ) -> Result<Vec<SignedPart>, FileError> {
        let valid = PresigningConfig::expires_in(valid).map_err(|error| unsigned(&error))?;
        let mut signed = Vec::with_capacity(parts.len());
        for &(number, length) in parts {
            let request = self.client.upload_part().bucket(&self.bucket);
            let request = request.key(self.piece_key(upload, piece)).upload_id(remote);
            let request = request.part_number(i32::try_from(number).unwrap_or(i32::MAX));
            let request = request.content_length(i64::try_from(length).unwrap_or(i64::MAX));
            let address = request.presigned(valid.clone()).await;
            let address = address.map_err(|error| unsigned(&error))?.uri().to_owned();
            signed.push(SignedPart { number, length, address });
        }
        Ok(signed)
    }

    async fn arrived(
        &self,
        upload: UploadId,
        piece: PieceId,
        remote: &str,
    ) -> Result<Vec<ArrivedPart>, FileError> {
        let mut arrived = Vec::new();
        let mut marker = None;
        loop {
            let request = self.client.list_parts().bucket(&self.bucket).upload_id(remote);
            let request = request.key(self.piece_key(upload, piece));
            let page = request.set_part_number_marker(marker).send().await;
            let page = page.map_err(|error| self.failed(&error))?;
            arrived.extend(page.parts().iter().filter_map(|part| {
                Some(ArrivedPart {
                    number: u32::try_from(part.part_number()?).ok()?,
                    length: u64::try_from(part.size()?).ok()?,
                    tag: part.e_tag()?.to_owned(),
                })
            }));
            marker = page.next_part_number_marker().map(str::to_owned);
            if page.is_truncated() != Some(true) || marker.is_none() {
                arrived.sort_unstable_by_key(|part| part.number);
                return Ok(arrived);
            }
        }
    }

    async fn complete(
        &self,
        upload: UploadId,
        piece: PieceId,
        remote: &str,
        parts: &[ArrivedPart],
    ) -> Result<(), FileError> {
        let parts = parts.iter().map(|part| {
            let number = i32::try_from(part.number).unwrap_or(i32::MAX);
            CompletedPart::builder().part_number(number).e_tag(&part.tag).build()
        });
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let request = self.client.complete_multipart_upload().bucket(&self.bucket);
        let request = request.key(self.piece_key(upload, piece)).upload_id(remote);
        let done = request.multipart_upload(parts).send().await;
        done.map(drop).map_err(|error| self.failed(&error))
    }

    async fn abort(&self, upload: UploadId, piece: PieceId, remote: &str) -> Result<(), FileError> {
        match self.abort_upload(&self.piece_key(upload, piece), remote).await {
            Err(error) if error.code() == Some("NoSuchUpload") => Ok(()),
            answer => answer.map(drop).map_err(|error| self.failed(&error)),
        }
    }
}
