//! Authorities and sites: reading and writing the two upper trees.
//!
//! Keys never change, parents and particulars do. A writer names the version it has seen; a
//! row that has moved on is not written.

use jiff::Timestamp;
use schema::{
    ids::{ActorId, AuthorityId, SiteId},
    names::{AuthorityKey, SiteKey},
    tree::{Authority, AuthorityParticulars, Site, SiteParticulars},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

row! {
    struct AuthorityRow {
        id: Uuid,
        key: String,
        parent_id: Option<Uuid>,
        particulars: Json<AuthorityParticulars>,
        version: i64,
    }
}

row! {
    struct SiteRow {
        id: Uuid,
        key: String,
        authority_id: Uuid,
        parent_id: Option<Uuid>,
        particulars: Json<SiteParticulars>,
        version: i64,
    }
}

impl AuthorityRow {
    fn into_authority(self) -> Result<Authority, Error> {
        Ok(Authority {
            id: self.id.into(),
            key: convert::text("authority.key", &self.key)?,
            parent: self.parent_id.map(AuthorityId::from),
            particulars: self.particulars.0,
            version: self.version,
        })
    }
}

impl SiteRow {
    fn into_site(self) -> Result<Site, Error> {
        Ok(Site {
            id: self.id.into(),
            key: convert::text("site.key", &self.key)?,
            authority: self.authority_id.into(),
            parent: self.parent_id.map(SiteId::from),
            particulars: self.particulars.0,
            version: self.version,
        })
    }
}

macro_rules! authority_columns {
    ($rest:literal) => {
        concat!("SELECT id, key, parent_id, particulars, version FROM authority ", $rest)
    };
}

macro_rules! site_columns {
    ($rest:literal) => {
        concat!("SELECT id, key, authority_id, parent_id, particulars, version FROM site ", $rest)
    };
}

// After the macros it uses.
mod by_id;
mod lines;

pub use by_id::{authorities_by_id, sites_by_id};
pub use lines::{sites_above, sites_below};

/// The authority of this id.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn authority(session: &mut Session, id: AuthorityId) -> Result<Option<Authority>, Error> {
    fetch_optional!(session, AuthorityRow, authority_columns!("WHERE id = $1"), id.uuid())?
        .map(AuthorityRow::into_authority)
        .transpose()
}

/// The authority of this key.
///
/// # Errors
/// As [`authority`].
pub async fn authority_by_key(
    session: &mut Session,
    key: &AuthorityKey,
) -> Result<Option<Authority>, Error> {
    fetch_optional!(session, AuthorityRow, authority_columns!("WHERE key = $1"), key.as_str())?
        .map(AuthorityRow::into_authority)
        .transpose()
}

/// Every authority, by key.
///
/// # Errors
/// As [`authority`].
pub async fn authorities(session: &mut Session) -> Result<Vec<Authority>, Error> {
    let mut found = fetch_all!(session, AuthorityRow, authority_columns!(""))?
        .into_iter()
        .map(AuthorityRow::into_authority)
        .collect::<Result<Vec<_>, _>>()?;
    // Sorted here: the databases disagree on where a hyphen sorts.
    found.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(found)
}

/// The site of this id.
///
/// # Errors
/// As [`authority`].
pub async fn site(session: &mut Session, id: SiteId) -> Result<Option<Site>, Error> {
    fetch_optional!(session, SiteRow, site_columns!("WHERE id = $1"), id.uuid())?
        .map(SiteRow::into_site)
        .transpose()
}

/// The site of this key.
///
/// # Errors
/// As [`authority`].
pub async fn site_by_key(session: &mut Session, key: &SiteKey) -> Result<Option<Site>, Error> {
    fetch_optional!(session, SiteRow, site_columns!("WHERE key = $1"), key.as_str())?
        .map(SiteRow::into_site)
        .transpose()
}

/// Every site, by key.
///
/// # Errors
/// As [`authority`].
pub async fn sites(session: &mut Session) -> Result<Vec<Site>, Error> {
    by_key(fetch_all!(session, SiteRow, site_columns!(""))?)
}

/// The sites of one authority, by key.
///
/// # Errors
/// As [`authority`].
pub async fn sites_of(session: &mut Session, authority: AuthorityId) -> Result<Vec<Site>, Error> {
    by_key(fetch_all!(
        session,
        SiteRow,
        site_columns!("WHERE authority_id = $1"),
        authority.uuid()
    )?)
}

fn by_key(rows: Vec<SiteRow>) -> Result<Vec<Site>, Error> {
    let mut found = rows.into_iter().map(SiteRow::into_site).collect::<Result<Vec<_>, _>>()?;
    found.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(found)
}

/// From $1 up to its root, as far as that is $2.
macro_rules! upwards {
    ($table:literal) => {
        concat!(
            "WITH RECURSIVE up (id) AS (SELECT id FROM ",
            $table,
            " WHERE id = $1 UNION SELECT below.parent_id FROM ",
            $table,
            " AS below JOIN up ON below.id = up.id WHERE below.parent_id IS NOT NULL) \
             SELECT id FROM up WHERE id = $2",
        )
    };
}

/// Whether `above` is `authority` itself or stands over it.
///
/// # Errors
/// [`Error::Database`].
pub async fn authority_is_within(
    session: &mut Session,
    authority: AuthorityId,
    above: AuthorityId,
) -> Result<bool, Error> {
    let (from, to) = (authority.uuid(), above.uuid());
    let found = fetch_optional!(session, (Uuid,), upwards!("authority"), from, to)?;
    Ok(found.is_some())
}

/// Whether `above` is `site` itself or stands over it.
///
/// # Errors
/// [`Error::Database`].
pub async fn site_is_within(
    session: &mut Session,
    site: SiteId,
    above: SiteId,
) -> Result<bool, Error> {
    let (from, to) = (site.uuid(), above.uuid());
    let found = fetch_optional!(session, (Uuid,), upwards!("site"), from, to)?;
    Ok(found.is_some())
}

/// Keeps every other unit of work from giving an authority or a site another parent until
/// this one ends: two moves that are harmless one by one can close a circle together.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn lock_parents(work: &mut UnitOfWork) -> Result<(), Error> {
    // On SQLite the unit of work is the only writer already.
    let session = work.session();
    let authorities = dialect!(session,
        sqlite: "SELECT id FROM authority LIMIT 0",
        postgres: "SELECT id FROM authority ORDER BY id FOR NO KEY UPDATE",
    );
    fetch_all!(session, (Uuid,), authorities)?;
    let sites = dialect!(session,
        sqlite: "SELECT id FROM site LIMIT 0",
        postgres: "SELECT id FROM site ORDER BY id FOR NO KEY UPDATE",
    );
    fetch_all!(session, (Uuid,), sites)?;
    Ok(())
}

/// For acts that place documents: the site of this key, with its columns kept as they are
/// until this unit of work ends. Taken before the columns are looked up; many may hold it at
/// once.
///
/// # Errors
/// As [`authority`]; [`Error::Again`].
pub async fn site_with_held_columns(
    work: &mut UnitOfWork,
    key: &SiteKey,
) -> Result<Option<Site>, Error> {
    let session = work.session();
    let sql = dialect!(session,
        sqlite: site_columns!("WHERE key = $1"),
        postgres: site_columns!("WHERE key = $1 FOR KEY SHARE"),
    );
    fetch_optional!(session, SiteRow, sql, key.as_str())?.map(SiteRow::into_site).transpose()
}

/// For acts that rearrange the columns of `site`: waits until no unit of work that places
/// documents there is open, and keeps new ones waiting.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn lock_columns(work: &mut UnitOfWork, site: SiteId) -> Result<(), Error> {
    let session = work.session();
    let sql = dialect!(session,
        sqlite: "SELECT id FROM site WHERE id = $1",
        postgres: "SELECT id FROM site WHERE id = $1 FOR UPDATE",
    );
    fetch_optional!(session, (Uuid,), sql, site.uuid())?;
    Ok(())
}

/// Adds an authority.
///
/// # Errors
/// [`Error::Database`], a unique violation where the key is taken.
pub async fn insert_authority(work: &mut UnitOfWork, authority: &Authority) -> Result<(), Error> {
    let now = Moment(work.now());
    execute!(
        work.session(),
        "INSERT INTO authority (id, key, parent_id, particulars, version, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        authority.id.uuid(),
        authority.key.as_str(),
        authority.parent.map(AuthorityId::uuid),
        Json(&authority.particulars),
        authority.version,
        now,
    )?;
    Ok(())
}

/// Writes parent and particulars of `authority` and counts its version up, where it still has
/// the version that `authority` carries.
///
/// # Errors
/// [`Error::Again`] when another unit of work changed it since it was read.
pub async fn update_authority(
    work: &mut UnitOfWork,
    authority: &Authority,
) -> Result<Authority, Error> {
    let touched = execute!(
        work.session(),
        "UPDATE authority SET parent_id = $1, particulars = $2, version = version + 1 \
         WHERE id = $3 AND version = $4",
        authority.parent.map(AuthorityId::uuid),
        Json(&authority.particulars),
        authority.id.uuid(),
        authority.version,
    )?;
    one(touched)?;
    Ok(Authority { version: authority.version + 1, ..authority.clone() })
}

/// Adds a site.
///
/// # Errors
/// [`Error::Database`], a unique violation where the key is taken.
pub async fn insert_site(work: &mut UnitOfWork, site: &Site) -> Result<(), Error> {
    let now = Moment(work.now());
    execute!(
        work.session(),
        "INSERT INTO site (id, key, authority_id, parent_id, particulars, version, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        site.id.uuid(),
        site.key.as_str(),
        site.authority.uuid(),
        site.parent.map(SiteId::uuid),
        Json(&site.particulars),
        site.version,
        now,
    )?;
    Ok(())
}

/// Writes parent and particulars of `site` and counts its version up, where it still has the
/// version that `site` carries.
///
/// # Errors
/// [`Error::Again`] when another unit of work changed it since it was read.
pub async fn update_site(work: &mut UnitOfWork, site: &Site) -> Result<Site, Error> {
    let touched = execute!(
        work.session(),
        "UPDATE site SET parent_id = $1, particulars = $2, version = version + 1 \
         WHERE id = $3 AND version = $4",
        site.parent.map(SiteId::uuid),
        Json(&site.particulars),
        site.id.uuid(),
        site.version,
    )?;
    one(touched)?;
    Ok(Site { version: site.version + 1, ..site.clone() })
}

/// Who last changed `subject` of the audit, and when.
///
/// # Errors
/// [`Error::Database`].
pub async fn last_change(
    session: &mut Session,
    subject: &str,
) -> Result<Option<(ActorId, Timestamp)>, Error> {
    let found = fetch_optional!(
        session,
        (Uuid, Moment),
        "SELECT actor_id, at FROM audit WHERE subject = $1 ORDER BY at DESC, id DESC LIMIT 1",
        subject,
    )?;
    Ok(found.map(|(actor, Moment(at))| (actor.into(), at)))
}

pub(crate) fn one(touched: u64) -> Result<(), Error> {
    if touched == 1 { Ok(()) } else { Err(Error::Again) }
}
