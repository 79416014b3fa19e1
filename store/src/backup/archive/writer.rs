//! Writing an archive, entry after entry, with a digest over all of it.

use std::io::{self, SeekFrom};

use schema::digest::Digest;
use sha2::{Digest as _, Sha256};
use tokio::{
    fs::File,
    io::{AsyncSeekExt as _, AsyncWriteExt as _, BufWriter},
};

use super::{BLOCK, DIGEST, header, padding};

const BUFFER: usize = 1024 * 1024;

/// An archive being written. Dropped without [`finish`](Self::finish) it is no archive.
pub(in super::super) struct Writer {
    out: BufWriter<File>,
    hasher: Sha256,
    position: u64,
    modified: u64,
}

/// A point between two entries, to come back to.
pub(in super::super) struct Mark {
    hasher: Sha256,
    position: u64,
}

impl Writer {
    /// An archive whose entries have the time `modified`, in seconds since 1970.
    pub(in super::super) fn new(out: std::fs::File, modified: u64) -> Self {
        let out = BufWriter::with_capacity(BUFFER, File::from_std(out));
        Self { out, hasher: Sha256::new(), position: 0, modified }
    }

    /// Adds an entry at once.
    pub(in super::super) async fn entry(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.begin(name, bytes.len() as u64).await?;
        self.add(bytes).await?;
        self.end(bytes.len() as u64).await
    }

    /// Begins an entry of exactly `size` bytes, which [`add`](Self::add) adds and
    /// [`end`](Self::end) ends.
    pub(in super::super) async fn begin(&mut self, name: &str, size: u64) -> io::Result<()> {
        self.add(&header::write(name, size, self.modified)?).await
    }

    pub(in super::super) async fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.position += bytes.len() as u64;
        self.out.write_all(bytes).await
    }

    pub(in super::super) async fn end(&mut self, size: u64) -> io::Result<()> {
        const ZEROS: [u8; BLOCK as usize] = [0; BLOCK as usize];
        self.add(&ZEROS[..padding(size) as usize]).await
    }

    /// The point after the last entry.
    pub(in super::super) fn mark(&self) -> Mark {
        Mark { hasher: self.hasher.clone(), position: self.position }
    }

    /// Takes back what was written since `mark`.
    pub(in super::super) async fn back_to(&mut self, mark: Mark) -> io::Result<()> {
        self.out.flush().await?;
        self.out.get_mut().set_len(mark.position).await?;
        self.out.seek(SeekFrom::Start(mark.position)).await?;
        (self.hasher, self.position) = (mark.hasher, mark.position);
        Ok(())
    }

    /// Ends the archive and flushes it to the disk; gives its length.
    pub(in super::super) async fn finish(mut self) -> io::Result<u64> {
        let digest = Digest::from_bytes(self.hasher.clone().finalize().into());
        self.entry(DIGEST, format!("{}\n", digest.hex()).as_bytes()).await?;
        self.add(&[0; 2 * BLOCK as usize]).await?;
        self.out.flush().await?;
        self.out.get_mut().sync_all().await?;
        Ok(self.position)
    }
}
