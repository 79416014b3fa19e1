//! Notices of sites: reading those that are not over, and writing them.
//!
//! What a reader may be told of them by the time that it is, `schema::tree::notice` says: here they
//! are looked for by when they are over, which is the one thing about them that an index can hold.

use jiff::Timestamp;
use schema::{
    ids::{NoticeId, SiteId},
    tree::notice::{END_OF_TIME, NoticeParticulars, NoticeTime, SiteNotice},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, dialect::Ids, moment::Moment, trees::one};

row! {
    struct Row {
        id: Uuid,
        site_id: Uuid,
        particulars: Json<NoticeParticulars>,
        starts_at: Moment,
        ends_at: Option<Moment>,
        ended_at: Option<Moment>,
        version: i64,
        created_at: Moment,
        created_by: Uuid,
        changed_at: Moment,
        changed_by: Uuid,
    }
}

impl From<Row> for SiteNotice {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            site: row.site_id.into(),
            particulars: row.particulars.0,
            time: NoticeTime {
                starts_at: row.starts_at.0,
                ends_at: row.ends_at.map(|Moment(at)| at),
            },
            ended_at: row.ended_at.map(|Moment(at)| at),
            version: row.version,
            created_at: row.created_at.0,
            created_by: row.created_by.into(),
            changed_at: row.changed_at.0,
            changed_by: row.changed_by.into(),
        }
    }
}

macro_rules! notices {
    ($rest:literal) => {
        concat!(
            "SELECT id, site_id, particulars, starts_at, ends_at, ended_at, version, created_at, \
             created_by, changed_at, changed_by FROM site_notice ",
            $rest
        )
    };
}

fn notices(rows: Vec<Row>) -> Vec<SiteNotice> {
    rows.into_iter().map(Into::into).collect()
}

/// The notice of this id.
///
/// # Errors
/// [`Error::Database`].
pub async fn notice(session: &mut Session, id: NoticeId) -> Result<Option<SiteNotice>, Error> {
    let found = fetch_optional!(session, Row, notices!("WHERE id = $1"), id.uuid())?;
    Ok(found.map(Into::into))
}

/// The notices of `ids`, over or not, in no order.
///
/// # Errors
/// [`Error::Database`].
pub async fn notices_by_id(
    session: &mut Session,
    ids: &[NoticeId],
) -> Result<Vec<SiteNotice>, Error> {
    let sql = dialect!(session,
        sqlite: notices!("WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: notices!("WHERE id = ANY($1)"),
    );
    let wanted = ids.iter().map(|id| id.uuid()).collect::<Ids>();
    Ok(notices(fetch_all!(session, Row, sql, &wanted)?))
}

/// The notices of `sites` themselves that are not over at `now`, in no order.
///
/// # Errors
/// [`Error::Database`].
pub async fn open_on(
    session: &mut Session,
    sites: &[SiteId],
    now: Timestamp,
) -> Result<Vec<SiteNotice>, Error> {
    let sql = dialect!(session,
        sqlite: notices!(
            "WHERE site_id IN (SELECT unhex(value) FROM json_each($1)) AND over_at > $2"
        ),
        postgres: notices!("WHERE site_id = ANY($1) AND over_at > $2"),
    );
    let wanted = sites.iter().map(|id| id.uuid()).collect::<Ids>();
    Ok(notices(fetch_all!(session, Row, sql, &wanted, Moment(now))?))
}

/// At most `limit` notices of one site, over or not, those that start last first.
///
/// # Errors
/// [`Error::Database`].
pub async fn newest_of(
    session: &mut Session,
    site: SiteId,
    limit: u32,
) -> Result<Vec<SiteNotice>, Error> {
    let found = fetch_all!(
        session,
        Row,
        notices!("WHERE site_id = $1 ORDER BY starts_at DESC, id DESC LIMIT $2"),
        site.uuid(),
        i64::from(limit),
    )?;
    Ok(notices(found))
}

/// Keeps every other unit of work from putting a notice up on `site` until this one ends, so that
/// they can be counted.
///
/// # Errors
/// [`Error::Database`]; [`Error::Again`].
pub async fn lock(work: &mut UnitOfWork, site: SiteId) -> Result<(), Error> {
    let session = work.session();
    // Documents go on being placed there.
    let sql = dialect!(session,
        sqlite: "SELECT id FROM site WHERE id = $1",
        postgres: "SELECT id FROM site WHERE id = $1 FOR NO KEY UPDATE",
    );
    fetch_optional!(session, (Uuid,), sql, site.uuid())?;
    Ok(())
}

/// When nobody has said that a notice ends.
fn over_at(notice: &SiteNotice) -> Moment {
    Moment(notice.over_at().unwrap_or(END_OF_TIME))
}

/// Adds a notice.
///
/// # Errors
/// [`Error::Database`].
pub async fn insert(work: &mut UnitOfWork, notice: &SiteNotice) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO site_notice (id, site_id, particulars, starts_at, ends_at, ended_at, over_at, \
                                  version, created_at, created_by, changed_at, changed_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        notice.id.uuid(),
        notice.site.uuid(),
        Json(&notice.particulars),
        Moment(notice.time.starts_at),
        notice.time.ends_at.map(Moment),
        notice.ended_at.map(Moment),
        over_at(notice),
        notice.version,
        Moment(notice.created_at),
        notice.created_by.uuid(),
        Moment(notice.changed_at),
        notice.changed_by.uuid(),
    )?;
    Ok(())
}

/// Writes what `notice` says, when it is shown, and who changed it last, and counts its version
/// up, where it still has the version that `notice` carries.
///
/// # Errors
/// [`Error::Again`] when another unit of work changed it since it was read.
pub async fn update(work: &mut UnitOfWork, notice: &SiteNotice) -> Result<SiteNotice, Error> {
    let touched = execute!(
        work.session(),
        "UPDATE site_notice SET particulars = $1, starts_at = $2, ends_at = $3, ended_at = $4, \
                over_at = $5, changed_at = $6, changed_by = $7, version = version + 1 \
         WHERE id = $8 AND version = $9",
        Json(&notice.particulars),
        Moment(notice.time.starts_at),
        notice.time.ends_at.map(Moment),
        notice.ended_at.map(Moment),
        over_at(notice),
        Moment(notice.changed_at),
        notice.changed_by.uuid(),
        notice.id.uuid(),
        notice.version,
    )?;
    one(touched)?;
    Ok(SiteNotice { version: notice.version + 1, ..notice.clone() })
}
