//! Paths: who holds which path of a site. A path is reserved by a draft, current, or former;
//! a former path leads to wherever its document stands now, so redirects never form chains.

use schema::{
    ids::{DocumentId, SiteId},
    names::DocumentPath,
};
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, convert, newborn::Rows};

/// How a document holds a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteState {
    /// A draft wants it; readers see nothing there.
    Reserved,
    /// The document stands there.
    Current,
    /// The document stood there.
    Former,
}

impl RouteState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Current => "current",
            Self::Former => "former",
        }
    }

    fn parse(word: &str) -> Result<Self, Error> {
        [Self::Reserved, Self::Current, Self::Former]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| Error::corrupt("route.state", word))
    }
}

/// Who holds `path` of `site`. What the holder may show is decided by who asks for it.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(
    session: &mut Session,
    site: SiteId,
    path: &DocumentPath,
) -> Result<Option<(DocumentId, RouteState)>, Error> {
    fetch_optional!(
        session,
        (Uuid, String),
        "SELECT document_id, state FROM route WHERE site_id = $1 AND path = $2",
        site.uuid(),
        path.as_str(),
    )?
    .map(|(document, state)| Ok((document.into(), RouteState::parse(&state)?)))
    .transpose()
}

/// Reserves `path` for the draft of `document`, unless the document holds it already; gives
/// the document that holds it instead, if another one does.
///
/// # Errors
/// [`Error::Database`].
pub async fn reserve(
    work: &mut UnitOfWork,
    site: SiteId,
    path: &DocumentPath,
    document: DocumentId,
) -> Result<Option<DocumentId>, Error> {
    work.newborn().gets(document, Rows::ReservedPaths);
    if insert(work, site, path, document, RouteState::Reserved).await? {
        return Ok(None);
    }
    let holder = find(work.session(), site, path).await?;
    Ok(holder.map(|(holder, _)| holder).filter(|holder| *holder != document))
}

/// Gives back what the draft of `document` reserved.
///
/// # Errors
/// [`Error::Database`].
pub async fn release_reserved(work: &mut UnitOfWork, document: DocumentId) -> Result<(), Error> {
    if !work.newborn().can_have(document, Rows::ReservedPaths) {
        return Ok(());
    }
    execute!(
        work.session(),
        "DELETE FROM route WHERE document_id = $1 AND state = 'reserved'",
        document.uuid(),
    )?;
    Ok(())
}

/// Current paths of document $1 on site $2 become former ones. SQLite, as long as it has no
/// statistics, would rather read every path of the site than those of the document.
macro_rules! make_former {
    ($route:literal, $which:literal) => {
        concat!(
            "UPDATE ",
            $route,
            " SET state = 'former' WHERE document_id = $1 AND site_id = $2 AND state = 'current'",
            $which,
        )
    };
}

/// Makes `path` the current one of `document` on `site`; the one before becomes former. Takes
/// it from `predecessor` if that holds it. Gives the document that holds it, if another does:
/// then nothing was changed.
///
/// # Errors
/// [`Error::Database`].
pub async fn make_current(
    work: &mut UnitOfWork,
    site: SiteId,
    path: &DocumentPath,
    document: DocumentId,
    predecessor: Option<DocumentId>,
) -> Result<Option<DocumentId>, Error> {
    let is_new = insert(work, site, path, document, RouteState::Current).await?;
    if !is_new {
        match find(work.session(), site, path).await? {
            Some((holder, _)) if holder != document && Some(holder) != predecessor => {
                return Ok(Some(holder));
            }
            _ => {}
        }
    }
    if work.newborn().can_have(document, Rows::Paths) {
        let session = work.session();
        let others = dialect!(session,
            sqlite: make_former!("route INDEXED BY route_document", " AND path <> $3"),
            postgres: make_former!("route", " AND path <> $3"),
        );
        execute!(session, others, document.uuid(), site.uuid(), path.as_str())?;
    }
    work.newborn().gets(document, Rows::Paths);
    if is_new {
        return Ok(None);
    }
    execute!(
        work.session(),
        "UPDATE route SET state = 'current', document_id = $3 WHERE site_id = $1 AND path = $2",
        site.uuid(),
        path.as_str(),
        document.uuid(),
    )?;
    Ok(None)
}

/// The document stands on `site` no longer: its current path there becomes former.
///
/// # Errors
/// [`Error::Database`].
pub async fn leave(work: &mut UnitOfWork, site: SiteId, document: DocumentId) -> Result<(), Error> {
    let session = work.session();
    let all = dialect!(session,
        sqlite: make_former!("route INDEXED BY route_document", ""),
        postgres: make_former!("route", ""),
    );
    execute!(session, all, document.uuid(), site.uuid())?;
    Ok(())
}

/// Gives `path` to `document`; `false` where somebody holds it.
async fn insert(
    work: &mut UnitOfWork,
    site: SiteId,
    path: &DocumentPath,
    document: DocumentId,
    state: RouteState,
) -> Result<bool, Error> {
    let new = execute!(
        work.session(),
        "INSERT INTO route (site_id, path, document_id, state) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (site_id, path) DO NOTHING",
        site.uuid(),
        path.as_str(),
        document.uuid(),
        state.as_str(),
    )?;
    Ok(new == 1)
}

/// Every path that `document` holds, for those who ask where it is.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_document(
    session: &mut Session,
    document: DocumentId,
) -> Result<Vec<(SiteId, DocumentPath, RouteState)>, Error> {
    fetch_all!(
        session,
        (Uuid, String, String),
        "SELECT site_id, path, state FROM route WHERE document_id = $1 ORDER BY site_id, path",
        document.uuid(),
    )?
    .into_iter()
    .map(|(site, path, state)| {
        Ok((site.into(), convert::text("route.path", &path)?, RouteState::parse(&state)?))
    })
    .collect()
}
