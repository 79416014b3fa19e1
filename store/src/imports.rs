//! What was imported as what, so that a second run of the same file changes nothing.

use std::collections::BTreeSet;

use schema::{digest::Digest, ids::DocumentId};
use uuid::Uuid;

use crate::{Engine, Error, Session, UnitOfWork, convert};

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

/// One version of a thing that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedVersion {
    /// The version; empty where the thing has none.
    pub version: String,
    /// What it became.
    pub imported: Imported,
}

/// Keeps every other import from working on these things until this unit of work ends, so
/// that two of them never make two documents of one thing. Taken once per unit of work and
/// before anything else; always in one order, so that imports wait and do not deadlock.
///
/// # Errors
/// [`Error::Database`].
pub async fn lock(
    work: &mut UnitOfWork,
    source: &str,
    keys: impl IntoIterator<Item = &str>,
) -> Result<(), Error> {
    if work.session().engine() == Engine::Sqlite {
        // The unit of work is the only writer already.
        return Ok(());
    }
    let locks: BTreeSet<i64> = keys.into_iter().map(|key| lock_number(source, key)).collect();
    let list = locks.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    fetch_all!(
        work.session(),
        (bool,),
        "SELECT pg_advisory_xact_lock(sorted.number) IS NULL FROM \
         (SELECT CAST(part AS BIGINT) AS number FROM unnest(string_to_array($1, ',')) part ORDER BY 1) sorted",
        list,
    )?;
    Ok(())
}

/// A number for an advisory lock; two things that share one merely wait for each other.
fn lock_number(source: &str, key: &str) -> i64 {
    let parts = [b"import\0".as_slice(), source.as_bytes(), b"\0", key.as_bytes()];
    let digest = Digest::of_parts(&parts);
    digest.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
}

/// Every version of the thing that was imported, in the order of their bytes.
///
/// # Errors
/// [`Error::Database`].
pub async fn versions(
    session: &mut Session,
    source: &str,
    key: &str,
) -> Result<Vec<ImportedVersion>, Error> {
    let mut found = fetch_all!(
        session,
        (String, Uuid, Option<Vec<u8>>),
        "SELECT version, document_id, digest FROM import_record WHERE source = $1 AND key = $2",
        source,
        key,
    )?
    .into_iter()
    .map(|(version, document, digest)| {
        let digest = digest.map(|digest| convert::digest("import_record.digest", &digest));
        let imported = Imported { document: document.into(), digest: digest.transpose()? };
        Ok(ImportedVersion { version, imported })
    })
    .collect::<Result<Vec<_>, Error>>()?;
    found.sort_by(|one, other| one.version.cmp(&other.version));
    Ok(found)
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
