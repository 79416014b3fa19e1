//! What was imported as what, so that a second run of the same file changes nothing.

use schema::{digest::Digest, ids::DocumentId};
use uuid::Uuid;

use crate::{Error, UnitOfWork, convert};

/// Names a record in the world it came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// The collection, as the mapping names it.
    pub source: String,
    /// The thing within it.
    pub key: String,
    /// The version of the thing; empty where it has none.
    pub version: String,
}

/// What a record became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The document.
    pub document: DocumentId,
    /// Digest of the record as it was read; `None` after an erasure.
    pub digest: Option<Digest>,
}

/// What the record `key` became, if it was imported.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(work: &mut UnitOfWork, key: &RecordKey) -> Result<Option<Imported>, Error> {
    fetch_optional!(
        work.session(),
        (Uuid, Option<Vec<u8>>),
        "SELECT document_id, digest FROM import_record WHERE source = $1 AND key = $2 AND version = $3",
        key.source.as_str(),
        key.key.as_str(),
        key.version.as_str(),
    )?
    .map(|(document, digest)| {
        let digest = digest.map(|digest| convert::digest("import_record.digest", &digest));
        Ok(Imported { document: document.into(), digest: digest.transpose()? })
    })
    .transpose()
}

/// The document that some version of the thing became.
///
/// # Errors
/// [`Error::Database`].
pub async fn document_of(
    work: &mut UnitOfWork,
    source: &str,
    key: &str,
) -> Result<Option<DocumentId>, Error> {
    Ok(fetch_optional!(
        work.session(),
        (Uuid,),
        "SELECT document_id FROM import_record WHERE source = $1 AND key = $2 ORDER BY version DESC LIMIT 1",
        source,
        key,
    )?
    .map(|(document,)| document.into()))
}

/// Notes what the record `key` became.
///
/// # Errors
/// [`Error::Database`].
pub async fn note(
    work: &mut UnitOfWork,
    key: &RecordKey,
    digest: Digest,
    document: DocumentId,
) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO import_record (source, key, version, digest, document_id) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (source, key, version) DO UPDATE SET digest = excluded.digest",
        key.source.as_str(),
        key.key.as_str(),
        key.version.as_str(),
        convert::bytes(&digest),
        document.uuid(),
    )?;
    Ok(())
}
