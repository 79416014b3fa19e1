//! Placements: where a document stands on which site. One text, many placements.

use jiff::Timestamp;
use schema::{
    edition::PlacedAt,
    ids::{ColumnId, DocumentId, PlacementId, SiteId},
    names::{DocumentPath, SiteKey},
    visibility::{Notice, Visibility},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, convert, moment::Moment, newborn::Rows};

/// Where a document stands on one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Its id on this hub.
    pub id: PlacementId,
    /// The document.
    pub document: DocumentId,
    /// The site.
    pub site: SiteId,
    /// The site's key.
    pub site_key: SiteKey,
    /// Whether the owner's edition placed it, not another authority's act.
    pub own: bool,
    /// The path there.
    pub path: DocumentPath,
    /// What the public sees at this placement while the document is live.
    pub visibility: Visibility,
    /// What the public is told where that is not the text.
    pub notice: Option<Notice>,
    /// First publication on this site.
    pub first_published_at: Timestamp,
    /// Last publication on this site.
    pub published_at: Timestamp,
}

/// A placement to be written: site and columns found, path claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The site.
    pub site: SiteId,
    /// The columns, the main one first.
    pub columns: Vec<ColumnId>,
    /// The path.
    pub path: DocumentPath,
}

row! {
    struct Row {
        id: Uuid,
        document_id: Uuid,
        site_id: Uuid,
        site_key: String,
        own: bool,
        path: String,
        visibility: String,
        notice: Option<Json<Notice>>,
        first_published_at: Moment,
        published_at: Moment,
    }
}

impl Row {
    fn into_placement(self) -> Result<Placement, Error> {
        Ok(Placement {
            id: self.id.into(),
            document: self.document_id.into(),
            site: self.site_id.into(),
            site_key: convert::text("site.key", &self.site_key)?,
            own: self.own,
            path: convert::text("placement.path", &self.path)?,
            visibility: convert::visibility(&self.visibility)?,
            notice: self.notice.map(|Json(notice)| notice),
            first_published_at: self.first_published_at.0,
            published_at: self.published_at.0,
        })
    }
}

/// The placements of `document`, the owner's own first. They are facts about what was
/// published, so whoever may know of the document may read them.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_document(
    session: &mut Session,
    document: DocumentId,
) -> Result<Vec<Placement>, Error> {
    fetch_all!(
        session,
        Row,
        "SELECT p.id, p.document_id, p.site_id, s.key AS site_key, p.own, p.path, p.visibility, p.notice, \
         p.first_published_at, p.published_at FROM placement p JOIN site s ON s.id = p.site_id \
         WHERE p.document_id = $1 ORDER BY p.own DESC, p.id",
        document.uuid(),
    )?
    .into_iter()
    .map(Row::into_placement)
    .collect()
}

/// As [`of_document`], within a unit of work.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_work(work: &mut UnitOfWork, document: DocumentId) -> Result<Vec<Placement>, Error> {
    match work.newborn().can_have(document, Rows::Placements) {
        true => of_document(work.session(), document).await,
        false => Ok(Vec::new()),
    }
}

/// Where the public finds a live document listed: its placements that are live themselves.
///
/// # Errors
/// [`Error::Database`].
pub async fn positions(
    session: &mut Session,
    document: DocumentId,
) -> Result<Vec<PlacedAt>, Error> {
    let live = read_positions(session, document).await?;
    Ok(live.into_iter().map(|(_, position)| position).collect())
}

/// Those of [`positions`] that the owner's edition made.
///
/// # Errors
/// [`Error::Database`].
pub async fn own_positions(
    work: &mut UnitOfWork,
    document: DocumentId,
) -> Result<Vec<PlacedAt>, Error> {
    if !work.newborn().can_have(document, Rows::Placements) {
        return Ok(Vec::new());
    }
    let live = read_positions(work.session(), document).await?;
    Ok(live.into_iter().filter(|(own, _)| *own).map(|(_, position)| position).collect())
}

async fn read_positions(
    session: &mut Session,
    document: DocumentId,
) -> Result<Vec<(bool, PlacedAt)>, Error> {
    let rows = fetch_all!(
        session,
        (bool, String, String, String),
        "SELECT p.own, s.key, p.path, c.path FROM placement p JOIN site s ON s.id = p.site_id \
         JOIN placement_column pc ON pc.placement_id = p.id JOIN site_column c ON c.id = pc.column_id \
         WHERE p.document_id = $1 AND p.visibility = 'live' ORDER BY p.own DESC, p.id, pc.position",
        document.uuid(),
    )?;
    let mut positions: Vec<(bool, PlacedAt)> = Vec::new();
    for (own, site, path, column) in rows {
        let site = convert::text("site.key", &site)?;
        let column = convert::text("column.path", &column)?;
        match positions.last_mut().filter(|(_, last)| last.site == site) {
            Some((_, last)) => last.columns.push(column),
            None => {
                let path = convert::text("placement.path", &path)?;
                positions.push((own, PlacedAt { site, columns: vec![column], path }));
            }
        }
    }
    Ok(positions)
}

/// Makes the owner's placements of `document` be exactly `placed`, all live; other
/// authorities' placements stay.
///
/// # Errors
/// [`Error::Database`].
pub async fn write_own(
    work: &mut UnitOfWork,
    document: DocumentId,
    placed: &[Placed],
) -> Result<(), Error> {
    let existing = of_work(work, document).await?;
    for old in existing.iter().filter(|old| old.own) {
        if !placed.iter().any(|new| new.site == old.site) {
            remove(work, old.id).await?;
        }
    }
    for new in placed {
        let old = existing.iter().find(|old| old.site == new.site).map(|old| old.id);
        write(work, document, new, old, true).await?;
    }
    Ok(())
}

/// Writes one placement, live: a new one, or over `old`.
///
/// # Errors
/// [`Error::Database`].
pub async fn write(
    work: &mut UnitOfWork,
    document: DocumentId,
    placed: &Placed,
    old: Option<PlacementId>,
    own: bool,
) -> Result<PlacementId, Error> {
    work.newborn().gets(document, Rows::Placements);
    let now = Moment(work.now());
    let id = match old {
        Some(id) => {
            execute!(
                work.session(),
                "UPDATE placement SET path = $2, visibility = 'live', notice = NULL, published_at = $3, own = $4 \
                 WHERE id = $1",
                id.uuid(),
                placed.path.as_str(),
                now,
                own,
            )?;
            execute!(
                work.session(),
                "DELETE FROM placement_column WHERE placement_id = $1",
                id.uuid(),
            )?;
            id
        }
        None => {
            let id: PlacementId = work.new_id();
            execute!(
                work.session(),
                "INSERT INTO placement (id, document_id, site_id, own, path, visibility, first_published_at, \
                 published_at) VALUES ($1, $2, $3, $4, $5, 'live', $6, $6)",
                id.uuid(),
                document.uuid(),
                placed.site.uuid(),
                own,
                placed.path.as_str(),
                now,
            )?;
            id
        }
    };
    for (position, column) in (0_i64..).zip(&placed.columns) {
        execute!(
            work.session(),
            "INSERT INTO placement_column (placement_id, position, column_id) VALUES ($1, $2, $3)",
            id.uuid(),
            position,
            column.uuid(),
        )?;
    }
    Ok(id)
}

/// Sets what the public sees at one placement.
///
/// # Errors
/// [`Error::Database`].
pub async fn set_visibility(
    work: &mut UnitOfWork,
    id: PlacementId,
    visibility: Visibility,
    notice: Option<&Notice>,
) -> Result<(), Error> {
    execute!(
        work.session(),
        "UPDATE placement SET visibility = $2, notice = $3 WHERE id = $1",
        id.uuid(),
        visibility.as_str(),
        notice.map(Json),
    )?;
    Ok(())
}

async fn remove(work: &mut UnitOfWork, id: PlacementId) -> Result<(), Error> {
    execute!(work.session(), "DELETE FROM placement WHERE id = $1", id.uuid())?;
    Ok(())
}
