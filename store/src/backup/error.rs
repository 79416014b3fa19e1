//! Why a backup was not taken, or an archive not restored.

use std::io;

use schema::message::Bilingual;

use crate::{Error, files::FileError};

/// Why a backup was not taken, or an archive not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
    /// The file store failed.
    #[error(transparent)]
    Files(#[from] FileError),
    /// The archive could not be written.
    #[error("the archive cannot be written: {0}")]
    Written(#[source] io::Error),
    /// The archive could not be read from its disk.
    #[error("the archive cannot be read: {0}")]
    Read(#[source] io::Error),
    /// It is no archive of this kind, or not of a version this program reads.
    #[error("{0}")]
    Foreign(Bilingual),
    /// It was cut off, changed or damaged, or never was right.
    #[error("{0}")]
    Damaged(Bilingual),
    /// The database to restore into holds something already.
    #[error("table {0} holds rows already")]
    NotEmpty(String),
    /// The database to restore into has a newer structure than the archive.
    #[error("the database has a newer structure than the backup (migration {archive})")]
    NewerDatabase {
        /// Of the archive.
        archive: i64,
    },
}

impl BackupError {
    pub(super) fn damaged(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Damaged(Bilingual::new(zh, en))
    }

    /// An entry that is not what it should be.
    pub(super) fn entry(name: &str, zh: &str, en: &str) -> Self {
        Self::damaged(format!("归档中的 {name} {zh}"), format!("{name} in the archive {en}"))
    }
}
