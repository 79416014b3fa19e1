//! Backup and restore: everything a hub holds, as one archive that either database can be
//! restored from.
//!
//! | part | what |
//! | --- | --- |
//! | `catalogue` | tables and columns, asked of the database itself |
//! | `rows` | rows as lines of JSON in the types both databases share, and back |
//! | `archive` | the file: a tar of a fixed order, with a digest over all of it |
//! | `take` | one snapshot of the tables, then the files it names |
//! | `check` | reads an archive through, believing nothing, writing nothing |
//! | `restore` | files first, then every row in one transaction |
//!
//! The archive is described in `docs/decisions/backups.md`.

mod archive;
mod catalogue;
mod check;
mod error;
mod restore;
mod rows;
mod take;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use schema::digest::Digest;
use serde::{Deserialize, Serialize};

pub use check::{Archive, check};
pub use error::BackupError;
pub use restore::{Restored, restore};
pub use take::{Taken, take};

/// What the first entry calls itself.
const FORMAT: &str = "gongbao-backup";
/// Version of the archive's own form. What the tables look like is the migration's number.
const VERSION: u32 = 1;

/// The first entry: what this is and whence, before anything that needs to be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    format: String,
    version: u32,
    /// Version of the program that made it.
    pub program: String,
    /// `sqlite` or `postgres`: where it was read, for people; it restores into either.
    pub engine: String,
    /// Number of the newest migration the rows follow.
    pub migration: i64,
    /// When the snapshot was taken.
    pub taken_at: Timestamp,
    /// The end of the publication log in the snapshot.
    pub log: LogHead,
    /// Every table, with its columns in the order of each row.
    tables: BTreeMap<String, Vec<catalogue::Column>>,
}

/// The end of the publication log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogHead {
    /// Number of the last event, 0 when there is none.
    pub sequence: u64,
    /// Its hash.
    pub hash: Digest,
}

/// The entry before the last: what there was, counted while it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Manifest {
    tables: BTreeMap<String, TableSum>,
    files: FileSum,
}

/// A table as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TableSum {
    rows: u64,
    parts: u32,
    /// Over its lines, in order.
    digest: Digest,
}

/// The files as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileSum {
    count: u64,
    bytes: u64,
    /// Files that an erasure destroyed after the snapshot was taken.
    erased: u64,
    /// Files the hub should have had and did not have whole.
    faulty: u64,
}

/// How far a backup, a check or a restore has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows of the database.
    pub rows: u64,
    /// Files.
    pub files: u64,
}

/// Where progress goes.
pub type Watch<'w> = &'w mut (dyn FnMut(Progress) + Send);
