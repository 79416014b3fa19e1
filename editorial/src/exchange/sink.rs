//! Where an export goes, and what can go wrong on the way there.

use std::io::{self, Write};

use store::files::FileError;

use crate::Refusal;

/// Where an export goes.
pub trait Sink: Send {
    /// Takes one line, without its end.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn line(&mut self, line: &str) -> io::Result<()>;

    /// Whether files and the tree are wanted too.
    fn takes_files(&self) -> bool;

    /// Takes a small file.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn file(&mut self, name: &str, text: &[u8]) -> io::Result<()>;

    /// A place for a file of the site; `None` where it is kept already.
    ///
    /// # Errors
    /// When there is none.
    fn asset(&mut self, name: &str) -> io::Result<Option<Box<dyn Write + Send>>>;

    /// The file that [`asset`](Self::asset) gave a place for is complete.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn asset_done(&mut self, name: &str) -> io::Result<()>;

    /// So many documents were looked at.
    fn progress(&mut self, documents: u64);
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The actor may not, or names what is not there.
    #[error("{}", .0.message())]
    Refused(Box<Refusal>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The file store failed.
    #[error(transparent)]
    Files(#[from] FileError),
    /// The export cannot be written.
    #[error("the export cannot be written: {0}")]
    Written(#[from] io::Error),
}

impl From<crate::Error> for ExportError {
    fn from(error: crate::Error) -> Self {
        match error {
            crate::Error::Store(error) => Self::Store(error),
            crate::Error::Refused(refusal) => Self::Refused(refusal),
        }
    }
}

impl From<Refusal> for ExportError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}
