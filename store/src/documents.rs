//! Documents: one row per content and locale, with what the public sees of it.

use jiff::Timestamp;
use schema::{
    ids::{ActorId, AuthorityId, ContentId, DocumentId, EditionId},
    names::{Locale, TypeName},
    permission::Touched,
    viewer::Viewer,
    visibility::{Notice, Visibility},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, access::previews, convert, limits, moment::Moment};

/// One piece of content in one locale (信息).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its id on this hub.
    pub id: DocumentId,
    /// Its name across locales and sites.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Whether this is the language that owns the facts shared by all.
    pub main_locale: bool,
    /// Who owns it.
    pub authority: AuthorityId,
    /// Its type.
    pub r#type: TypeName,
    /// Counts its changes, for optimistic locking.
    pub version: i64,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Who changed it last.
    pub changed_by: ActorId,
    /// The draft.
    pub draft: Option<EditionId>,
    /// The edition the public sees: while live, and while withdrawn.
    pub live: Option<EditionId>,
    /// Number of the edition the public saw last, 0 before the first.
    pub last_edition: u32,
    /// What the public sees.
    pub visibility: Visibility,
    /// What the public is told where it is not simply live.
    pub notice: Option<Notice>,
    /// First publication on this hub.
    pub first_published_at: Option<Timestamp>,
    /// Publication of the last edition.
    pub published_at: Option<Timestamp>,
    /// Publication of the last edition that readers were told of.
    pub major_at: Option<Timestamp>,
    /// First publication elsewhere, before this hub: a claim, attributed at the publication.
    pub originally_published_at: Option<Timestamp>,
    /// The recalled document it takes over from.
    pub takes_over: Option<DocumentId>,
    /// Translations: number of the main edition that the draft follows.
    pub draft_follows: Option<u32>,
    /// Translations: number of the main edition that the live edition follows.
    pub live_follows: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
}

row! {
    struct Row {
        id: Uuid,
        content_id: Uuid,
        locale: String,
        main_locale: bool,
        authority_id: Uuid,
        type_name: String,
        version: i64,
        changed_at: Moment,
        changed_by: Uuid,
        draft_edition_id: Option<Uuid>,
        live_edition_id: Option<Uuid>,
        last_edition_number: i64,
        visibility: String,
        notice: Option<Json<Notice>>,
        first_published_at: Option<Moment>,
        published_at: Option<Moment>,
        major_at: Option<Moment>,
        originally_published_at: Option<Moment>,
        takes_over_id: Option<Uuid>,
        draft_follows: Option<i64>,
        live_follows: Option<i64>,
        created_at: Moment,
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.content_id, d.locale, d.main_locale, d.authority_id, d.type AS type_name, d.version, \
             d.changed_at, d.changed_by, d.draft_edition_id, d.live_edition_id, d.last_edition_number, d.visibility, \
             d.notice, d.first_published_at, d.published_at, d.major_at, d.originally_published_at, d.takes_over_id, \
             d.draft_follows, d.live_follows, d.created_at FROM document d ",
            $rest
        )
    };
}

impl Row {
    fn into_document(self) -> Result<Document, Error> {
        let follows = |number: Option<i64>| {
            number.map(|number| convert::number("document.follows", number)).transpose()
        };
        let time = |moment: Option<Moment>| moment.map(|Moment(time)| time);
        Ok(Document {
            id: self.id.into(),
            content: self.content_id.into(),
            locale: convert::text("document.locale", &self.locale)?,
            main_locale: self.main_locale,
            authority: self.authority_id.into(),
            r#type: convert::text("document.type", &self.type_name)?,
            version: self.version,
            changed_at: self.changed_at.0,
            changed_by: self.changed_by.into(),
            draft: self.draft_edition_id.map(Into::into),
            live: self.live_edition_id.map(Into::into),
            last_edition: convert::number(
                "document.last_edition_number",
                self.last_edition_number,
            )?,
            visibility: convert::visibility(&self.visibility)?,
            notice: self.notice.map(|Json(notice)| notice),
            first_published_at: time(self.first_published_at),
            published_at: time(self.published_at),
            major_at: time(self.major_at),
            originally_published_at: time(self.originally_published_at),
            takes_over: self.takes_over_id.map(Into::into),
            draft_follows: follows(self.draft_follows)?,
            live_follows: follows(self.live_follows)?,
            created_at: self.created_at.0,
        })
    }
}

impl Document {
    /// What a permission question about it is about, with the sites it is placed on.
    pub fn touched(&self, sites: Vec<schema::ids::SiteId>) -> Touched {
        Touched { authority: Some(self.authority), sites, ..Touched::default() }
    }

    /// The same as `viewer` may see it: nothing of a draft for those who see none, and
    /// nothing at all of what was never published.
    fn shown_to(mut self, viewer: &Viewer, touched: &Touched) -> Option<Self> {
        if viewer.sees_drafts_of(self.content, touched) {
            return Some(self);
        }
        self.draft = None;
        self.draft_follows = None;
        (self.visibility != Visibility::Unpublished).then_some(self)
    }
}

/// The document `id`, as `viewer` may see it.
///
/// # Errors
/// [`Error::Database`].
pub async fn document(
    session: &mut Session,
    viewer: &Viewer,
    id: DocumentId,
) -> Result<Option<Document>, Error> {
    let row = fetch_optional!(session, Row, select!("WHERE d.id = $1"), id.uuid())?;
    seen(session, viewer, row).await
}

/// The document of `content` in `locale` that was not recalled, as `viewer` may see it; a
/// recalled one where there is no other.
///
/// # Errors
/// [`Error::Database`].
pub async fn in_locale(
    session: &mut Session,
    viewer: &Viewer,
    content: ContentId,
    locale: &Locale,
) -> Result<Option<Document>, Error> {
    let row = fetch_optional!(
        session,
        Row,
        select!(
            "WHERE d.content_id = $1 AND d.locale = $2 \
             ORDER BY CASE WHEN d.visibility IN ('recalled', 'erased') THEN 1 ELSE 0 END, d.id DESC LIMIT 1"
        ),
        content.uuid(),
        locale.as_str(),
    )?;
    seen(session, viewer, row).await
}

async fn seen(
    session: &mut Session,
    viewer: &Viewer,
    row: Option<Row>,
) -> Result<Option<Document>, Error> {
    let Some(document) = row.map(Row::into_document).transpose()? else { return Ok(None) };
    let touched = touched(session, &document).await?;
    Ok(document.shown_to(viewer, &touched))
}

/// What a permission question about `document` is about, with whom its drafts are limited to.
///
/// # Errors
/// [`Error::Database`].
pub async fn touched(session: &mut Session, document: &Document) -> Result<Touched, Error> {
    // That nothing is limited, as nearly everywhere, costs no statement of its own.
    let rows = fetch_all!(
        session,
        (Uuid, bool),
        "SELECT site_id, 1 = 0 FROM placement WHERE document_id = $1 AND own \
         UNION SELECT site_id, 1 = 0 FROM route WHERE document_id = $1 AND state = 'reserved' \
         UNION SELECT content_id, 1 = 1 FROM draft_limit WHERE content_id = $2",
        document.id.uuid(),
        document.content.uuid(),
    )?;
    let is_limited = rows.iter().any(|(_, is_limit)| *is_limit);
    let sites = rows.into_iter().filter(|(_, is_limit)| !is_limit).map(|(site, _)| site.into());
    let mut touched = document.touched(sites.collect());
    if is_limited {
        touched.limit = limits::of_document(session, document.id).await?;
    }
    Ok(touched)
}

/// What a document touches, and the edition that is its draft, for the audit, which tells nobody of
/// a text; `None` where there is no such document.
///
/// # Errors
/// [`Error::Database`].
pub async fn for_the_audit(
    session: &mut Session,
    id: DocumentId,
) -> Result<Option<(Touched, Option<EditionId>)>, Error> {
    let found = fetch_optional!(session, Row, select!("WHERE d.id = $1"), id.uuid())?;
    let Some(document) = found.map(Row::into_document).transpose()? else { return Ok(None) };
    Ok(Some((touched(session, &document).await?, document.draft)))
}

/// Every document of `content`, whatever its language, as far as `viewer` may see it: the
/// recalled ones too.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_content(
    session: &mut Session,
    viewer: &Viewer,
    content: ContentId,
) -> Result<Vec<Document>, Error> {
    let rows = fetch_all!(
        session,
        Row,
        select!("WHERE d.content_id = $1 ORDER BY d.id"),
        content.uuid(),
    )?;
    let mut documents = Vec::with_capacity(rows.len());
    for row in rows {
        documents.extend(seen(session, viewer, Some(row)).await?);
    }
    Ok(documents)
}

/// Every document of `content`, for what decides who may know of it.
///
/// # Errors
/// [`Error::Database`].
pub async fn every_of_content(
    session: &mut Session,
    content: ContentId,
) -> Result<Vec<Document>, Error> {
    let sql = select!("WHERE d.content_id = $1 ORDER BY d.id");
    let rows = fetch_all!(session, Row, sql, content.uuid())?;
    rows.into_iter().map(Row::into_document).collect()
}

/// A page of all documents in the order of their ids, for what the hub finds out about itself: it
/// is told to nobody.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn every(
    session: &mut Session,
    after: Option<DocumentId>,
    limit: u32,
) -> Result<(Vec<Document>, Option<DocumentId>), Error> {
    let rows = rows_after(session, after, limit).await?;
    let more = rows.len() == limit as usize;
    let next = rows.last().filter(|_| more).map(|row| row.id.into());
    let documents = rows.into_iter().map(Row::into_document).collect::<Result<_, _>>()?;
    Ok((documents, next))
}

async fn rows_after(
    session: &mut Session,
    after: Option<DocumentId>,
    limit: u32,
) -> Result<Vec<Row>, Error> {
    fetch_all!(
        session,
        Row,
        select!("WHERE d.id > $1 ORDER BY d.id LIMIT $2"),
        after.map_or(Uuid::nil(), DocumentId::uuid),
        i64::from(limit),
    )
}

/// A page of all documents in the order of their ids, for export and checks; what `viewer`
/// may not see is left out.
///
/// # Errors
/// [`Error::Database`].
pub async fn page(
    session: &mut Session,
    viewer: &Viewer,
    after: Option<DocumentId>,
    limit: u32,
) -> Result<(Vec<Document>, Option<DocumentId>), Error> {
    let rows = rows_after(session, after, limit).await?;
    let more = rows.len() == limit as usize;
    let next = rows.last().filter(|_| more).map(|row| row.id.into());
    let mut documents = Vec::with_capacity(rows.len());
    for row in rows {
        documents.extend(seen(session, viewer, Some(row)).await?);
    }
    Ok((documents, next))
}

/// The document `id`, locked until the work ends.
///
/// # Errors
/// [`Error::Database`].
pub async fn lock(work: &mut UnitOfWork, id: DocumentId) -> Result<Option<Document>, Error> {
    let session = work.session();
    let sql = dialect!(session,
        sqlite: select!("WHERE d.id = $1"),
        postgres: select!("WHERE d.id = $1 FOR UPDATE"),
    );
    fetch_optional!(session, Row, sql, id.uuid())?.map(Row::into_document).transpose()
}

/// Every document of `content`, locked in the order of their ids until the work ends.
///
/// # Errors
/// [`Error::Database`].
pub async fn lock_content(
    work: &mut UnitOfWork,
    content: ContentId,
) -> Result<Vec<Document>, Error> {
    let session = work.session();
    let sql = dialect!(session,
        sqlite: select!("WHERE d.content_id = $1 ORDER BY d.id"),
        postgres: select!("WHERE d.content_id = $1 ORDER BY d.id FOR UPDATE"),
    );
    let rows = fetch_all!(session, Row, sql, content.uuid())?;
    rows.into_iter().map(Row::into_document).collect()
}

/// Writes a new document.
///
/// # Errors
/// [`Error::Database`]; a unique violation when the content has one in this locale.
pub async fn insert(work: &mut UnitOfWork, document: &Document) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO document (id, content_id, locale, main_locale, authority_id, type, version, changed_at, \
         changed_by, last_edition_number, visibility, takes_over_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12)",
        document.id.uuid(),
        document.content.uuid(),
        document.locale.as_str(),
        document.main_locale,
        document.authority.uuid(),
        document.r#type.as_str(),
        document.version,
        Moment(document.changed_at),
        document.changed_by.uuid(),
        document.visibility.as_str(),
        document.takes_over.map(DocumentId::uuid),
        Moment(document.created_at),
    )?;
    work.newborn().begins(document.id);
    Ok(())
}

/// Writes everything that can change of a locked document; counts the change and notes who
/// made it.
///
/// # Errors
/// [`Error::Database`].
pub async fn update(work: &mut UnitOfWork, document: &mut Document) -> Result<(), Error> {
    document.version += 1;
    document.changed_at = work.now();
    document.changed_by = work.actor().id;
    execute!(
        work.session(),
        "UPDATE document SET version = $2, changed_at = $3, changed_by = $4, draft_edition_id = $5, \
         live_edition_id = $6, last_edition_number = $7, visibility = $8, notice = $9, first_published_at = $10, \
         published_at = $11, major_at = $12, originally_published_at = $13, draft_follows = $14, live_follows = $15, \
         type = $16 WHERE id = $1",
        document.id.uuid(),
        document.version,
        Moment(document.changed_at),
        document.changed_by.uuid(),
        document.draft.map(EditionId::uuid),
        document.live.map(EditionId::uuid),
        i64::from(document.last_edition),
        document.visibility.as_str(),
        document.notice.as_ref().map(Json),
        document.first_published_at.map(Moment),
        document.published_at.map(Moment),
        document.major_at.map(Moment),
        document.originally_published_at.map(Moment),
        document.draft_follows.map(i64::from),
        document.live_follows.map(i64::from),
        document.r#type.as_str(),
    )?;
    Ok(())
}

/// Deletes a document that was never published, with its drafts and reservations.
///
/// # Errors
/// [`Error::Database`]; a foreign key refuses one that was published.
pub async fn delete_unpublished(work: &mut UnitOfWork, id: DocumentId) -> Result<(), Error> {
    previews::forget(work, id).await?;
    for sql in [
        "DELETE FROM draft_limit_name WHERE content_id = (SELECT content_id FROM document WHERE id = $1) \
         AND NOT EXISTS (SELECT 1 FROM document o WHERE o.content_id = draft_limit_name.content_id AND o.id <> $1)",
        "DELETE FROM draft_limit WHERE content_id = (SELECT content_id FROM document WHERE id = $1) \
         AND NOT EXISTS (SELECT 1 FROM document o WHERE o.content_id = draft_limit.content_id AND o.id <> $1)",
        "DELETE FROM import_record WHERE document_id = $1",
        "DELETE FROM route WHERE document_id = $1",
        "DELETE FROM embargo WHERE document_id = $1",
        "UPDATE document SET draft_edition_id = NULL WHERE id = $1",
        "DELETE FROM edition WHERE document_id = $1",
        "DELETE FROM document WHERE id = $1",
    ] {
        execute!(work.session(), sql, id.uuid())?;
    }
    Ok(())
}

/// Whether any document has this content id, and of which type.
///
/// # Errors
/// [`Error::Database`].
pub async fn type_of_content(
    session: &mut Session,
    content: ContentId,
) -> Result<Option<TypeName>, Error> {
    fetch_optional!(
        session,
        (String,),
        "SELECT type FROM document WHERE content_id = $1 LIMIT 1",
        content.uuid(),
    )?
    .map(|(name,)| convert::text("document.type", &name))
    .transpose()
}
