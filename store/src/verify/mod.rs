//! Verification: editions against their digests, the log for gaps and changed rows, what
//! readers are shown against what was published, files against the file store.
//!
//! Everything is read in one snapshot, so that it can run beside a working hub. A damaged row
//! is a finding, not the end of the run.

mod audit;
mod chain;
mod document;
mod files;
mod texts;

use std::fmt;

use schema::{content_type::TypeRegistry, ids::DocumentId, message::Bilingual};
use serde::Serialize;

use crate::{Error, Session, Store, files::FileStore};

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Stable code, snake case: `text_changed`, `log_gap`, `listing_differs`, …
    pub code: &'static str,
    /// The document it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
    /// What was found, and what to do.
    pub message: Bilingual,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.document {
            Some(document) => write!(formatter, "[{}] {document}: {}", self.code, self.message),
            None => write!(formatter, "[{}] {}", self.code, self.message),
        }
    }
}

/// How far a run has come, and what it has looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Texts whose digest was computed again.
    pub texts: u64,
    /// Rows of the log whose hash was computed again.
    pub events: u64,
    /// Rows of the audit whose hash was computed again.
    pub audited: u64,
    /// Rows of the audit that have no place in its chain yet.
    pub unsealed: u64,
    /// Documents held against the log and what lists say of them.
    pub documents: u64,
    /// Files looked for in the file store.
    pub files: u64,
    /// Findings so far.
    pub findings: u64,
}

/// Where findings and progress go while a run goes on.
pub trait Report: Send {
    /// Something was found.
    fn found(&mut self, finding: Finding);
    /// A page was done.
    fn progress(&mut self, progress: Progress);
}

struct Run<'run> {
    session: Session,
    types: &'run TypeRegistry,
    report: &'run mut dyn Report,
    progress: Progress,
}

impl Run<'_> {
    fn found(
        &mut self,
        code: &'static str,
        document: Option<DocumentId>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.progress.findings += 1;
        self.report.found(Finding { code, document, message: Bilingual::new(zh, en) });
    }

    fn step(&mut self) {
        self.report.progress(self.progress);
    }

    /// Turns a row that cannot be read back into a finding; passes other errors on.
    fn readable<T>(
        &mut self,
        document: Option<DocumentId>,
        result: Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error @ Error::Corrupt { .. }) => {
                let reason = error.to_string();
                self.found(
                    "unreadable",
                    document,
                    format!("存储的数据已损坏，请从备份恢复：{reason}"),
                    format!("stored data is damaged, restore it from a backup: {reason}"),
                );
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Verifies everything.
///
/// # Errors
/// [`Error::Database`] when the database cannot be read at all; [`Error::File`] when the file
/// store does not answer. What is wrong with the data goes to `report`.
pub async fn run(
    store: &Store,
    types: &TypeRegistry,
    files: &dyn FileStore,
    report: &mut dyn Report,
) -> Result<Progress, Error> {
    let session = store.snapshot().await?;
    let mut run = Run { session, types, report, progress: Progress::default() };
    texts::verify(&mut run).await?;
    chain::verify(&mut run).await?;
    audit::verify(&mut run).await?;
    document::verify(&mut run).await?;
    files::verify(&mut run, files).await?;
    Ok(run.progress)
}
