//! Release sets: drafts that become public in one transaction or not at all.

use jiff::Timestamp;
use schema::{
    ids::{ActorId, DocumentId, EditionId, ReleaseSetId, SiteId},
    permission::Action,
    viewer::Viewer,
};
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, moment::Moment, scopes::Scopes};

/// How a set stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetState {
    /// It is put together.
    Open,
    /// Everything in it was published.
    Published,
    /// It was given up; its drafts are as they were.
    Dissolved,
}

impl SetState {
    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Published => "published",
            Self::Dissolved => "dissolved",
        }
    }

    fn parse(word: &str) -> Result<Self, Error> {
        [Self::Open, Self::Published, Self::Dissolved]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| Error::corrupt("release_set.state", word))
    }
}

/// A release set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseSet {
    /// Its id.
    pub id: ReleaseSetId,
    /// The site whose editors put it together; its documents may stand elsewhere as well.
    pub site: SiteId,
    /// What people call it.
    pub name: String,
    /// How it stands.
    pub state: SetState,
    /// When it was begun.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: ActorId,
    /// When it was published or dissolved.
    pub closed_at: Option<Timestamp>,
    /// By whom.
    pub closed_by: Option<ActorId>,
}

/// A draft in a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The document.
    pub document: DocumentId,
    /// The draft that was looked at.
    pub edition: EditionId,
    /// When it was added, or looked at anew.
    pub added_at: Timestamp,
    /// By whom.
    pub added_by: ActorId,
}

row! {
    struct Row {
        id: Uuid,
        site_id: Uuid,
        name: String,
        state: String,
        created_at: Moment,
        created_by: Uuid,
        closed_at: Option<Moment>,
        closed_by: Option<Uuid>,
    }
}

impl Row {
    fn into_set(self) -> Result<ReleaseSet, Error> {
        Ok(ReleaseSet {
            id: self.id.into(),
            site: self.site_id.into(),
            name: self.name,
            state: SetState::parse(&self.state)?,
            created_at: self.created_at.0,
            created_by: self.created_by.into(),
            closed_at: self.closed_at.map(|Moment(at)| at),
            closed_by: self.closed_by.map(Into::into),
        })
    }
}

macro_rules! sets {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.site_id, r.name, r.state, r.created_at, r.created_by, r.closed_at, r.closed_by \
             FROM release_set r ",
            $rest
        )
    };
}

/// Writes a new set.
///
/// # Errors
/// [`Error::Database`].
pub async fn insert(work: &mut UnitOfWork, set: &ReleaseSet) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO release_set (id, site_id, name, state, created_at, created_by) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        set.id.uuid(),
        set.site.uuid(),
        set.name.as_str(),
        set.state.as_str(),
        Moment(set.created_at),
        set.created_by.uuid(),
    )?;
    Ok(())
}

/// The set `id`, whoever may know of it.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn release_set(
    session: &mut Session,
    id: ReleaseSetId,
) -> Result<Option<ReleaseSet>, Error> {
    fetch_optional!(session, Row, sets!("WHERE r.id = $1"), id.uuid())?
        .map(Row::into_set)
        .transpose()
}

/// The same, locked until the unit of work ends.
///
/// # Errors
/// As [`release_set`]; [`Error::Again`].
pub async fn lock(work: &mut UnitOfWork, id: ReleaseSetId) -> Result<Option<ReleaseSet>, Error> {
    let session = work.session();
    let sql = dialect!(session,
        sqlite: sets!("WHERE r.id = $1"),
        postgres: sets!("WHERE r.id = $1 FOR UPDATE"),
    );
    fetch_optional!(session, Row, sql, id.uuid())?.map(Row::into_set).transpose()
}

/// Closes a set, by the actor of `work`.
///
/// # Errors
/// [`Error::Database`].
pub async fn close(work: &mut UnitOfWork, id: ReleaseSetId, state: SetState) -> Result<(), Error> {
    let (now, actor) = (Moment(work.now()), work.actor().id);
    execute!(
        work.session(),
        "UPDATE release_set SET state = $2, closed_at = $3, closed_by = $4 WHERE id = $1 AND state = 'open'",
        id.uuid(),
        state.as_str(),
        now,
        actor.uuid(),
    )?;
    Ok(())
}

/// Puts a draft into a set, or in the place of the one of its document that is there.
///
/// # Errors
/// [`Error::Database`].
pub async fn put(
    work: &mut UnitOfWork,
    set: ReleaseSetId,
    document: DocumentId,
    edition: EditionId,
) -> Result<(), Error> {
    let (now, actor) = (Moment(work.now()), work.actor().id);
    execute!(
        work.session(),
        "INSERT INTO release_set_item (set_id, document_id, edition_id, added_at, added_by) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (set_id, document_id) DO UPDATE SET \
         edition_id = excluded.edition_id, added_at = excluded.added_at, added_by = excluded.added_by",
        set.uuid(),
        document.uuid(),
        edition.uuid(),
        now,
        actor.uuid(),
    )?;
    Ok(())
}

/// Takes a document out of a set; `false` where it was not in it.
///
/// # Errors
/// [`Error::Database`].
pub async fn take_out(
    work: &mut UnitOfWork,
    set: ReleaseSetId,
    document: DocumentId,
) -> Result<bool, Error> {
    let sql = "DELETE FROM release_set_item WHERE set_id = $1 AND document_id = $2";
    Ok(execute!(work.session(), sql, set.uuid(), document.uuid())? > 0)
}

/// What is in a set, in the order in which it was added.
///
/// # Errors
/// [`Error::Database`].
pub async fn items(session: &mut Session, set: ReleaseSetId) -> Result<Vec<Item>, Error> {
    let rows = fetch_all!(
        session,
        (Uuid, Uuid, Moment, Uuid),
        "SELECT document_id, edition_id, added_at, added_by FROM release_set_item WHERE set_id = $1 \
         ORDER BY added_at, document_id",
        set.uuid(),
    )?;
    let item = |(document, edition, added_at, added_by): (Uuid, Uuid, Moment, Uuid)| Item {
        document: document.into(),
        edition: edition.into(),
        added_at: added_at.0,
        added_by: added_by.into(),
    };
    Ok(rows.into_iter().map(item).collect())
}

/// The open sets in which a document is.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn open_with(
    session: &mut Session,
    document: DocumentId,
) -> Result<Vec<ReleaseSet>, Error> {
    let sql = sets!(
        "JOIN release_set_item i ON i.set_id = r.id WHERE i.document_id = $1 AND r.state = 'open' \
         ORDER BY r.created_at, r.id"
    );
    fetch_all!(session, Row, sql, document.uuid())?.into_iter().map(Row::into_set).collect()
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// When the last one was begun.
    pub at: Timestamp,
    /// Its id.
    pub id: ReleaseSetId,
}

macro_rules! listed {
    () => {
        sets!(
            "JOIN site s ON s.id = r.site_id WHERE (r.created_at, r.id) < ($1, $2) AND ($3 \
             OR s.authority_id IN (SELECT id FROM of_authority) OR s.id IN (SELECT id FROM of_site)) \
             ORDER BY r.created_at DESC, r.id DESC LIMIT $6"
        )
    };
}

/// At most `limit` sets of sites whose drafts `viewer` may see, the newest first, before `before`.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn page(
    session: &mut Session,
    viewer: &Viewer,
    before: Option<Position>,
    limit: u32,
) -> Result<Vec<ReleaseSet>, Error> {
    let scopes = Scopes::of(viewer, Action::ReadDrafts);
    if scopes.is_nowhere() {
        return Ok(Vec::new());
    }
    let (at, id) = before.map_or((END, Uuid::max()), |before| (before.at, before.id.uuid()));
    let rows = fetch_all!(
        session,
        Row,
        with_scopes!(session, "$4", "$5", listed!()),
        Moment(at),
        id,
        scopes.everything,
        scopes.authorities.as_str(),
        scopes.sites.as_str(),
        i64::from(limit),
    )?;
    rows.into_iter().map(Row::into_set).collect()
}

/// Later than any set was begun, and within what both databases can hold.
const END: Timestamp = Timestamp::constant(253_402_207_200, 0);
