//! Reading an archive. Every byte is somebody else's until it was checked: an entry that this
//! program would not have written ends the reading, and no size is believed beyond a limit.

use std::io::{self, SeekFrom};

use schema::digest::Digest;
use sha2::{Digest as _, Sha256};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _, BufReader},
};

use super::{super::error::BackupError, BLOCK, header, padding};

const CHUNK: usize = 256 * 1024;

/// An archive being read.
pub(in super::super) struct Reader {
    input: BufReader<File>,
    hasher: Sha256,
    position: u64,
    modified: Option<u64>,
}

/// An entry whose content follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Entry {
    pub(in super::super) name: String,
    pub(in super::super) size: u64,
    /// Where its content begins in the file.
    pub(in super::super) begin: u64,
    /// Of every byte before the entry, where nothing was skipped.
    pub(in super::super) before: Digest,
}

impl Reader {
    /// Reads from the beginning of `input`.
    pub(in super::super) async fn new(input: &std::fs::File) -> Result<Self, BackupError> {
        let mut input = File::from_std(input.try_clone().map_err(BackupError::Read)?);
        input.seek(SeekFrom::Start(0)).await.map_err(BackupError::Read)?;
        let input = BufReader::with_capacity(CHUNK, input);
        Ok(Self { input, hasher: Sha256::new(), position: 0, modified: None })
    }

    /// The next entry; `None` at the end of the archive, behind which nothing follows.
    pub(in super::super) async fn next(&mut self) -> Result<Option<Entry>, BackupError> {
        let before = Digest::from_bytes(self.hasher.clone().finalize().into());
        let mut block = [0; header::LENGTH];
        self.exactly(&mut block).await?;
        if block.iter().all(|byte| *byte == 0) {
            self.exactly(&mut block).await?;
            let more = self.input.read(&mut [0]).await.map_err(BackupError::Read)?;
            if block.iter().any(|byte| *byte != 0) || more != 0 {
                return Err(self.strange());
            }
            return Ok(None);
        }
        let (name, size, modified) = header::read(&block).ok_or_else(|| self.strange())?;
        if *self.modified.get_or_insert(modified) != modified {
            return Err(self.strange());
        }
        Ok(Some(Entry { name, size, begin: self.position, before }))
    }

    /// The whole content of a small entry.
    pub(in super::super) async fn content(
        &mut self,
        entry: &Entry,
        limit: u64,
    ) -> Result<Vec<u8>, BackupError> {
        if entry.size > limit {
            return Err(BackupError::entry(&entry.name, "过长", "is too long"));
        }
        // Grows with what is there, not with what is claimed.
        let mut content = Vec::new();
        self.pass(entry, |chunk| content.extend_from_slice(chunk)).await?;
        Ok(content)
    }

    /// The digest of an entry's content.
    pub(in super::super) async fn digest(&mut self, entry: &Entry) -> Result<Digest, BackupError> {
        let mut hasher = Sha256::new();
        self.pass(entry, |chunk| hasher.update(chunk)).await?;
        Ok(Digest::from_bytes(hasher.finalize().into()))
    }

    /// Passes over the content of an entry without reading it; digests of what is before an
    /// entry mean nothing from here on.
    pub(in super::super) async fn skip(&mut self, entry: &Entry) -> Result<(), BackupError> {
        let end = entry.begin + entry.size + padding(entry.size);
        self.input.seek(SeekFrom::Start(end)).await.map_err(BackupError::Read)?;
        self.position = end;
        Ok(())
    }

    async fn pass(
        &mut self,
        entry: &Entry,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), BackupError> {
        let mut buffer = vec![0; CHUNK];
        let mut left = entry.size;
        while left > 0 {
            let length = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
            self.exactly(&mut buffer[..length]).await?;
            each(&buffer[..length]);
            left -= length as u64;
        }
        let mut rest = [0; BLOCK as usize];
        let rest = &mut rest[..padding(entry.size) as usize];
        self.exactly(rest).await?;
        if rest.iter().any(|byte| *byte != 0) {
            return Err(self.strange());
        }
        Ok(())
    }

    async fn exactly(&mut self, buffer: &mut [u8]) -> Result<(), BackupError> {
        match self.input.read_exact(buffer).await {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(BackupError::damaged(
                    "归档不完整：在结尾之前中断",
                    "the archive is cut off before its end",
                ));
            }
            Err(error) => return Err(BackupError::Read(error)),
        }
        self.hasher.update(&*buffer);
        self.position += buffer.len() as u64;
        Ok(())
    }

    fn strange(&self) -> BackupError {
        let at = self.position;
        BackupError::damaged(
            format!("归档在第 {at} 字节之前有不属于备份的内容，已损坏或被改动"),
            format!("the archive is damaged or was changed before byte {at}"),
        )
    }
}
