//! Pieces in a local folder: `uploads/<id of the upload>/<id of the piece>`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use schema::ids::{PieceId, UploadId};

use super::{LocalFiles, flush};
use crate::files::{
    Direct, FileError, FileStore as _, FileStream, Pieces, Staged,
    pieces::{FORGOTTEN, UPLOADS},
    staging::{blocking, is_older},
};

fn folder(root: &Path, upload: UploadId) -> PathBuf {
    root.join(UPLOADS).join(upload.to_string())
}

#[async_trait]
impl Pieces for LocalFiles {
    async fn put_piece(
        &self,
        upload: UploadId,
        piece: PieceId,
        bytes: Bytes,
    ) -> Result<(), FileError> {
        let Staged { file, .. } = self.stage(bytes.into(), u64::MAX).await?;
        blocking(&self.root, move |root| {
            let folder = folder(root, upload);
            fs::create_dir_all(&folder)?;
            file.persist(folder.join(piece.to_string())).map_err(|error| error.error)?;
            folder.ancestors().take(3).try_for_each(flush)
        })
        .await
    }

    async fn piece(
        &self,
        upload: UploadId,
        piece: PieceId,
    ) -> Result<Option<FileStream>, FileError> {
        let opened = async {
            let path = folder(&self.root, upload).join(piece.to_string());
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

    async fn drop_piece(&self, upload: UploadId, piece: PieceId) -> Result<(), FileError> {
        blocking(&self.root, move |root| {
            match fs::remove_file(folder(root, upload).join(piece.to_string())) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        })
        .await
    }

    async fn drop_pieces(&self, upload: UploadId) -> Result<u64, FileError> {
        blocking(&self.root, move |root| destroy(&folder(root, upload))).await
    }

    async fn forget_pieces(&self, now: Timestamp) -> Result<u64, FileError> {
        blocking(&self.root, move |root| {
            let uploads = match fs::read_dir(root.join(UPLOADS)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
                uploads => uploads?,
            };
            let mut destroyed = 0;
            for upload in uploads {
                let upload = upload?;
                let is_one = upload
                    .file_name()
                    .to_str()
                    .is_some_and(|name| name.parse::<UploadId>().is_ok());
                // Every piece that comes changes the folder it comes into.
                let changed = upload.metadata().and_then(|it| it.modified()).ok();
                let changed = changed.and_then(|at| Timestamp::try_from(at).ok());
                if is_one && is_older(changed, now, FORGOTTEN) {
                    destroyed += destroy(&upload.path())?;
                }
            }
            Ok(destroyed)
        })
        .await
    }

    fn direct(&self) -> Option<&dyn Direct> {
        None
    }
}

/// Removes a folder and what lies in it; how much that was.
fn destroy(folder: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let count = entries.count() as u64;
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => folder.parent().map_or(Ok(()), flush).map(|()| count),
    }
}
