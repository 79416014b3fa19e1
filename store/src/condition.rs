//! The condition of the database, for those who operate it: of which structure it is, how far
//! its log has come, how its connections are used.

use crate::{Error, Session, Store, log, open::newest_migration};

/// Of which structure the database is, and how far its log has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Structure {
    /// Number of the newest migration that was applied.
    pub migration: i64,
    /// Number of the newest migration this program knows.
    pub known: i64,
    /// Number of the last event of the log.
    pub log_head: u64,
}

impl Structure {
    /// Whether the database is of the structure this program was made for. Another node of a
    /// newer version may have changed it since the start.
    pub const fn is_current(&self) -> bool {
        self.migration == self.known
    }
}

/// How many connections are open. On SQLite, those that read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// In use.
    pub busy: u32,
    /// Waiting to be used.
    pub idle: u32,
}

impl Store {
    /// Asks the database, so that an answer also says that it is there.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn structure(&self) -> Result<Structure, Error> {
        let mut session = self.reader().await?;
        let migration = applied(&mut session).await?;
        let log_head = log::head(&mut session).await?.sequence;
        Ok(Structure { migration, known: newest_migration(self.engine()), log_head })
    }

    /// How many connections are open, now.
    pub fn connections(&self) -> Connections {
        let (open, idle) = self.reading_connections();
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        Connections { busy: open.saturating_sub(idle), idle }
    }
}

/// Number of the newest migration that was applied.
pub(crate) async fn applied(session: &mut Session) -> Result<i64, Error> {
    let newest = fetch_optional!(
        session,
        (Option<i64>,),
        "SELECT MAX(version) FROM _sqlx_migrations WHERE success",
    )?;
    Ok(newest.and_then(|(version,)| version).unwrap_or(0))
}
