//! Import and export: files of records become documents, and a site becomes a file again.
//!
//! A record is read ([`reading`]), mapped to the fields of a type ([`mapping`]), checked and
//! cleaned outside any unit of work, and taken in by [`documents`](crate::documents) in
//! batches. What was committed is told; what was refused is named with its place and its
//! reason, and the rest goes on. The same file a second time changes nothing.

mod attachments;
mod batch;
mod error;
mod export;
mod format;
pub mod import;
pub mod mapping;
mod order;
mod plan;
pub mod reading;
mod record;
mod recorded;
mod report;
mod restore;
mod run;
mod sink;
mod task;
mod tree;

use std::fmt;

use schema::message::{Bilingual, Fault};
use serde::Serialize;

pub use export::export;
pub use format::{EndLine as Exported, FILES, RECORDS, TREE};
pub use sink::{ExportError, Sink};

use crate::Refusal;

/// The largest that is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one record.
    pub record: u64,
    /// Bytes of a whole file of records, uncompressed.
    pub whole: u64,
    /// Bytes of one attachment.
    pub file: u64,
    /// Bytes of records that wait in memory for an earlier version further down the file.
    pub waiting: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { record: 16 << 20, whole: 16 << 30, file: 500 << 20, waiting: 1 << 30 }
    }
}

/// Where a record stands in what is imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The file within the folder; `None` for a file of records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

impl Position {
    /// A line of a file of records.
    pub const fn line(line: u64) -> Self {
        Self { file: None, line: Some(line) }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(formatter, "{file}:{line}"),
            (Some(file), None) => formatter.write_str(file),
            (None, Some(line)) => write!(formatter, "第 {line} 行 / line {line}"),
            (None, None) => formatter.write_str("文件 / file"),
        }
    }
}

/// Why a record was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable code in snake case.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: Bilingual,
}

impl Reason {
    /// A reason in both languages.
    pub fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, message: Bilingual::new(zh, en) }
    }

    fn invalid(faults: Vec<Fault>) -> Self {
        Refusal::Invalid(faults).into()
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code(), message: refusal.message() }
    }
}
