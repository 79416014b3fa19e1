//! What an editor sees first: the documents one may work on, the last changed first, whatever
//! the public sees of them; and the orders that wait for a second person.

use jiff::Timestamp;
use schema::{
    edition::Card,
    ids::{ActorId, ContentId, DocumentId, SiteId},
    names::{Locale, TypeName},
    permission::{Action, Touched, may},
    viewer::Viewer,
    visibility::Visibility,
};
use uuid::Uuid;

use crate::{
    Error, Session, convert, documents,
    erasures::{self, Erasure},
    limits,
    moment::Moment,
    scopes::Scopes,
};

/// Which documents are asked for; what is `None` is not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Those that stand, or are drafted to stand, on this site.
    pub site: Option<SiteId>,
    /// Those of this type.
    pub r#type: Option<TypeName>,
    /// Those in this language.
    pub locale: Option<Locale>,
    /// Those the public sees so.
    pub visibility: Option<Visibility>,
    /// Those that have a draft, or have none.
    pub drafted: Option<bool>,
    /// Those that this one changed last.
    pub changed_by: Option<ActorId>,
}

/// Where a page ended: when the last document was changed, and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// When it was changed.
    pub changed_at: Timestamp,
    /// Its id.
    pub document: DocumentId,
}

/// One line of the list: what people choose by, without the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The document.
    pub document: DocumentId,
    /// Its name across locales and sites.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Its type.
    pub r#type: TypeName,
    /// Its version, for optimistic locking.
    pub version: i64,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Who changed it last.
    pub changed_by: ActorId,
    /// What people call them; `None` for the command line.
    pub changed_by_name: Option<String>,
    /// What the public sees.
    pub visibility: Visibility,
    /// Whether it has a draft.
    pub drafted: bool,
    /// Number of the edition the public saw last, 0 before the first.
    pub edition: u32,
    /// Publication of that edition.
    pub published_at: Option<Timestamp>,
    /// The short fields of the draft, or of the live edition where there is no draft; `None`
    /// where there is neither.
    pub card: Option<Card>,
}

row! {
    struct Row {
        id: Uuid,
        content_id: Uuid,
        locale: String,
        type_name: String,
        version: i64,
        changed_at: Moment,
        changed_by: Uuid,
        changed_by_name: Option<String>,
        visibility: String,
        drafted: bool,
        last_edition_number: i64,
        published_at: Option<Moment>,
        card: Option<String>,
    }
}

impl Row {
    fn into_line(self) -> Result<Line, Error> {
        Ok(Line {
            document: self.id.into(),
            content: self.content_id.into(),
            locale: convert::text("document.locale", &self.locale)?,
            r#type: convert::text("document.type", &self.type_name)?,
            version: self.version,
            changed_at: self.changed_at.0,
            changed_by: self.changed_by.into(),
            changed_by_name: self.changed_by_name,
            visibility: convert::visibility(&self.visibility)?,
            drafted: self.drafted,
            edition: convert::number("document.last_edition_number", self.last_edition_number)?,
            published_at: self.published_at.map(|Moment(at)| at),
            card: self
                .card
                .map(|card| serde_json::from_str(&card))
                .transpose()
                .map_err(|error| Error::corrupt("derived.card", error))?,
        })
    }
}

macro_rules! list {
    () => {
        concat!("SELECT d.id, d.content_id, d.locale, d.type AS type_name, d.version, d.changed_at, d.changed_by, \
         w.name AS changed_by_name, d.visibility, d.draft_edition_id IS NOT NULL AND ", not_hidden!(), " AS drafted, \
         d.last_edition_number, d.published_at, r.card FROM document d \
         LEFT JOIN person w ON w.id = d.changed_by \
         LEFT JOIN edition e ON e.id = CASE WHEN ", not_hidden!(), " \
             THEN COALESCE(d.draft_edition_id, d.live_edition_id) ELSE d.live_edition_id END \
         LEFT JOIN derived r ON r.content_digest = e.content_digest \
         WHERE (d.changed_at, d.id) < ($1, $2) \
         AND ($3 IS NULL OR d.type = $3) AND ($4 IS NULL OR d.locale = $4) \
         AND ($5 IS NULL OR d.visibility = $5) AND ($7 IS NULL OR d.changed_by = $7) \
         AND (d.visibility <> 'unpublished' OR ", not_hidden!(), ") \
         AND ($6 IS NULL OR (d.draft_edition_id IS NOT NULL AND ", not_hidden!(), ") = $6) \
         AND ($8 IS NULL \
              OR EXISTS (SELECT 1 FROM placement p WHERE p.document_id = d.id AND p.site_id = $8) \
              OR EXISTS (SELECT 1 FROM route t WHERE t.document_id = d.id AND t.site_id = $8 AND t.state = 'reserved' \
                         AND ", not_hidden!(), ")) \
         AND ", within!("$9"), " \
         ORDER BY d.changed_at DESC, d.id DESC LIMIT $10")
    };
}

/// At most `limit` documents that `viewer` may see the drafts of, after `after`, the last
/// changed first. A draft that is limited to others is not told of: what is public under it is.
///
/// # Errors
/// [`Error::Database`].
pub async fn documents(
    session: &mut Session,
    viewer: &Viewer,
    wanted: &Wanted,
    after: Option<Position>,
    limit: u32,
) -> Result<Vec<Line>, Error> {
    let seen = Scopes::of(viewer, Action::ReadDrafts);
    let (at, id) = match after {
        Some(after) => (after.changed_at, after.document.uuid()),
        None => (Timestamp::MAX, Uuid::max()),
    };
    let hidden = limits::hidden_from(session, viewer).await?;
    let sql = with_scopes!(session, "$11", "$12", "$13", list!());
    let rows = fetch_all!(
        session,
        Row,
        sql,
        Moment(at),
        id,
        wanted.r#type.as_ref().map(TypeName::as_str),
        wanted.locale.as_ref().map(Locale::as_str),
        wanted.visibility.map(Visibility::as_str),
        wanted.drafted,
        wanted.changed_by.map(ActorId::uuid),
        wanted.site.map(SiteId::uuid),
        seen.everything,
        i64::from(limit),
        seen.authorities.as_str(),
        seen.sites.as_str(),
        hidden.as_str(),
    )?;
    rows.into_iter().map(Row::into_line).collect()
}

/// The orders to erase `document`, done and open, if `viewer` may confirm one or reads what
/// is past.
///
/// # Errors
/// [`Error::Database`].
pub async fn erasures(
    session: &mut Session,
    viewer: &Viewer,
    document: &documents::Document,
) -> Result<Vec<Erasure>, Error> {
    let touched: Touched = documents::touched(session, document).await?;
    let may_confirm = matches!(viewer, Viewer::Known(actor) if may(actor, Action::Erase, &touched));
    if !may_confirm && !viewer.sees_past(&touched) {
        return Ok(Vec::new());
    }
    erasures::of_document(session, document.id).await
}
