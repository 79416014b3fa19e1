//! What can go wrong in the store, as far as a caller acts differently on it.

use crate::files::FileError;

/// A fault of the store. Foreseen refusals are not here: they are results of `editorial`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Two units of work met; the same work may be done again from the start.
    #[error("another change came first; the work can be repeated")]
    Again,
    /// The database answered with an error.
    #[error("database: {0}")]
    Database(sqlx::Error),
    /// The database's structure could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A database address that names neither engine.
    #[error("{0}: a database address starts with sqlite:// or postgres://")]
    Address(String),
    /// The file store failed.
    #[error("files: {0}")]
    File(#[from] FileError),
    /// A stored value does not read back as what was written.
    #[error("stored {what} cannot be read back: {why}")]
    Corrupt {
        /// Which value.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl Error {
    /// A stored value that does not read back.
    pub(crate) fn corrupt(what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Corrupt { what, why: why.to_string() }
    }

    /// Whether the database itself did not answer: it is away, has no connection to spare, or
    /// its disk failed. The same call may work when it is back.
    pub fn is_unavailable(&self) -> bool {
        let error = match self {
            Self::Database(error) => error,
            Self::File(error) => return matches!(error, FileError::Unavailable { .. }),
            _ => return false,
        };
        match error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut => true,
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|code| match code.parse::<u32>() {
                    // SQLite, whose low byte is the class: BUSY for longer than we wait, IOERR,
                    // CANTOPEN.
                    Ok(code) if code < 10_000 => matches!(code & 0xff, 5 | 10 | 14),
                    // Classes 08 connection exception, 53 insufficient resources, 57 operator
                    // intervention such as a shutdown (PostgreSQL).
                    _ => code.len() == 5 && ["08", "53", "57"].contains(&&code[..2]),
                })
            }
            _ => false,
        }
    }

    /// Whether the disk of the database, or of the files, takes no more: it is full, or the
    /// hub is over its quota or limit there.
    pub fn is_full(&self) -> bool {
        let error = match self {
            Self::Database(sqlx::Error::Database(error)) => error,
            Self::File(error) => return matches!(error, FileError::Full { .. }),
            _ => return false,
        };
        // SQLITE_FULL; IOERR_WRITE and IOERR_SHMSIZE, which quotas, limits and a full disk end
        // in as well; disk_full of PostgreSQL.
        let full = ["13", "778", "4874", "53100"];
        error.code().is_some_and(|code| full.contains(&code.as_ref()))
    }

    /// Whether a unique constraint stopped a write.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::ColumnDecode { index, source } = &error {
            return Self::corrupt("value", format_args!("column {index}: {source}"));
        }
        // 40001 serialization failure, 40P01 deadlock (PostgreSQL); 517 busy snapshot (SQLite).
        let again = error
            .as_database_error()
            .and_then(|error| error.code())
            .is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01" | "517"));
        if again { Self::Again } else { Self::Database(error) }
    }
}
