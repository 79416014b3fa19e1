//! What is known of the files in the file store: how long they are, what the door found them to
//! be, and since when no edition uses them.
//!
//! A file is taken back only after it was seen to be unused twice, with the grace period between
//! the two: so a text that comes to use it meanwhile is always in time. Its row goes first, its
//! bytes after the commit ([`erasures::purge`](crate::erasures::purge)); until they are gone it is
//! not taken in again.

use jiff::Timestamp;
use schema::digest::Digest;

use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// A file in the file store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFile {
    /// Its name in the store.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// What the door found it to be; `None` for files that came before it looked.
    pub media_type: Option<String>,
    /// Width and height of a picture in points, as it is shown.
    pub points: Option<(u32, u32)>,
}

row! {
    struct Row {
        digest: Vec<u8>,
        size: i64,
        media_type: Option<String>,
        width: Option<i64>,
        height: Option<i64>,
        unused_since: Option<Moment>,
    }
}

impl Row {
    fn into_file(self) -> Result<KeptFile, Error> {
        let points = |number: Option<i64>| {
            number.map(|number| convert::number("file.width", number)).transpose()
        };
        Ok(KeptFile {
            digest: convert::digest("file.digest", &self.digest)?,
            size: u64::try_from(self.size).map_err(|error| Error::corrupt("file.size", error))?,
            media_type: self.media_type,
            points: points(self.width)?.zip(points(self.height)?),
        })
    }
}

/// Notes that a file lies in the file store. Its time of grace begins anew.
///
/// # Errors
/// [`Error::Again`] while bytes of this digest wait to be destroyed; [`Error::Database`].
pub async fn note(work: &mut UnitOfWork, file: &KeptFile) -> Result<(), Error> {
    let now = Moment(work.now());
    let (width, height) = file.points.unzip();
    execute!(
        work.session(),
        "INSERT INTO file (digest, size, created_at, media_type, width, height) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO UPDATE SET unused_since = NULL, \
         media_type = excluded.media_type, width = excluded.width, height = excluded.height",
        convert::bytes(&file.digest),
        i64::try_from(file.size).unwrap_or(i64::MAX),
        now,
        file.media_type.as_deref(),
        width.map(i64::from),
        height.map(i64::from),
    )?;
    // After the row was written, so that whoever takes it back has committed or waits for us.
    let removal = fetch_optional!(
        work.session(),
        (i64,),
        "SELECT COUNT(*) FROM file_removal WHERE digest = $1",
        convert::bytes(&file.digest),
    )?;
    match removal {
        Some((0,)) | None => Ok(()),
        Some(_) => Err(Error::Again),
    }
}

/// The file under `digest`, for a text that is about to use it.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row that does not read back.
pub async fn for_use(work: &mut UnitOfWork, digest: &Digest) -> Result<Option<KeptFile>, Error> {
    let found = row(work.session(), digest).await?;
    let Some(found) = found else { return Ok(None) };
    if found.unused_since.is_some() {
        let still_there = execute!(
            work.session(),
            "UPDATE file SET unused_since = NULL WHERE digest = $1",
            convert::bytes(digest),
        )?;
        if still_there == 0 {
            return Ok(None);
        }
    }
    found.into_file().map(Some)
}

/// The file under `digest`.
///
/// # Errors
/// As [`for_use`].
pub async fn find(session: &mut Session, digest: &Digest) -> Result<Option<KeptFile>, Error> {
    row(session, digest).await?.map(Row::into_file).transpose()
}

async fn row(session: &mut Session, digest: &Digest) -> Result<Option<Row>, Error> {
    Ok(fetch_optional!(
        session,
        Row,
        "SELECT digest, size, media_type, width, height, unused_since FROM file WHERE digest = $1",
        convert::bytes(digest),
    )?)
}

/// What a look at some files found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The file.
    pub digest: Digest,
    /// Whether an edition uses it.
    pub used: bool,
    /// Since when it is known to be unused.
    pub unused_since: Option<Timestamp>,
}

/// Up to `limit` files in the order of their digests, from the first one after `after`, and
/// whether they are used.
///
/// # Errors
/// [`Error::Database`].
pub async fn look(
    session: &mut Session,
    after: Option<Digest>,
    limit: u32,
) -> Result<Vec<Seen>, Error> {
    let after = after.map(|digest| convert::bytes(&digest).to_vec()).unwrap_or_default();
    let rows = fetch_all!(
        session,
        (Vec<u8>, Option<Moment>, i64),
        "SELECT f.digest, f.unused_since, (SELECT COUNT(*) FROM (SELECT 1 FROM content_file u \
         JOIN edition e ON e.content_digest = u.content_digest WHERE u.file_digest = f.digest LIMIT 1) one) \
         FROM file f WHERE f.digest > $1 ORDER BY f.digest LIMIT $2",
        after,
        i64::from(limit),
    )?;
    rows.into_iter()
        .map(|(digest, since, uses)| {
            Ok(Seen {
                digest: convert::digest("file.digest", &digest)?,
                used: uses > 0,
                unused_since: since.map(|Moment(at)| at),
            })
        })
        .collect()
}

/// Notes that no edition uses the file, if that is still so.
///
/// # Errors
/// [`Error::Database`].
pub async fn mark_unused(work: &mut UnitOfWork, digest: &Digest) -> Result<(), Error> {
    let now = Moment(work.now());
    execute!(
        work.session(),
        "UPDATE file SET unused_since = $2 WHERE digest = $1 AND unused_since IS NULL AND NOT EXISTS \
         (SELECT 1 FROM content_file u JOIN edition e ON e.content_digest = u.content_digest \
          WHERE u.file_digest = $1)",
        convert::bytes(digest),
        now,
    )?;
    Ok(())
}

/// Notes that the file is in use after all.
///
/// # Errors
/// [`Error::Database`].
pub async fn mark_used(work: &mut UnitOfWork, digest: &Digest) -> Result<(), Error> {
    execute!(
        work.session(),
        "UPDATE file SET unused_since = NULL WHERE digest = $1",
        convert::bytes(digest),
    )?;
    Ok(())
}

/// Takes a file back that no edition uses and none was known to use since before `cutoff`; its
/// bytes are destroyed after the commit. `false` when it is not so any more.
///
/// # Errors
/// [`Error::Database`].
pub async fn take_back(
    work: &mut UnitOfWork,
    digest: &Digest,
    cutoff: Timestamp,
) -> Result<bool, Error> {
    let gone = execute!(
        work.session(),
        "DELETE FROM file WHERE digest = $1 AND unused_since < $2 AND NOT EXISTS \
         (SELECT 1 FROM content_file u JOIN edition e ON e.content_digest = u.content_digest \
          WHERE u.file_digest = $1)",
        convert::bytes(digest),
        Moment(cutoff),
    )?;
    if gone == 0 {
        return Ok(false);
    }
    destroy(work, digest).await?;
    Ok(true)
}

/// Orders the bytes under `digest` to be destroyed, which no row speaks of (any more).
///
/// # Errors
/// [`Error::Database`].
pub async fn destroy(work: &mut UnitOfWork, digest: &Digest) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO file_removal (digest) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM file WHERE digest = $1) \
         ON CONFLICT DO NOTHING",
        convert::bytes(digest),
    )?;
    Ok(())
}

/// Which of `digests` no row speaks of.
///
/// # Errors
/// [`Error::Database`].
pub async fn unknown(
    session: &mut Session,
    digests: impl IntoIterator<Item = Digest>,
) -> Result<Vec<Digest>, Error> {
    let mut unknown = Vec::new();
    for digest in digests {
        if row(session, &digest).await?.is_none() {
            unknown.push(digest);
        }
    }
    Ok(unknown)
}
