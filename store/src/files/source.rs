//! What can be handed in as a file.

use std::{fmt, path::PathBuf};

use bytes::Bytes;
use tokio::io::AsyncRead;

/// The body of a file to be stored.
pub enum FileSource {
    /// Already in memory.
    Bytes(Bytes),
    /// Arriving, for instance from a request; read once, as fast as it is stored.
    Reader(Box<dyn AsyncRead + Send + Unpin>),
    /// A file on this machine; it stays where it is.
    Path(PathBuf),
}

impl FileSource {
    /// A body that arrives through `reader`.
    pub fn reader(reader: impl AsyncRead + Send + Unpin + 'static) -> Self {
        Self::Reader(Box::new(reader))
    }
}

impl fmt::Debug for FileSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(formatter, "FileSource::Bytes({} bytes)", bytes.len()),
            Self::Reader(_) => formatter.write_str("FileSource::Reader"),
            Self::Path(path) => write!(formatter, "FileSource::Path({})", path.display()),
        }
    }
}

impl From<Bytes> for FileSource {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Vec<u8>> for FileSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<PathBuf> for FileSource {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}
