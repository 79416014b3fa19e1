//! Contents for which a time allowed may be running: drafts that were never public, and what is
//! public and may have to be answered by something else.

use jiff::Timestamp;
use schema::{
    edition::Content,
    ids::{ContentId, DocumentId, SiteId},
    names::{Locale, TypeName},
    permission::Action,
    viewer::Viewer,
};
use uuid::Uuid;

use crate::{Error, Session, convert, limits, moment::Moment, scopes::Scopes};

/// A content that may be late.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The document, of the language that owns the facts shared by all.
    pub document: DocumentId,
    /// Its content id.
    pub id: ContentId,
    /// Its language.
    pub locale: Locale,
    /// When it was first published.
    pub published: Option<Timestamp>,
    /// What the draft says, or of what was published the live edition.
    pub content: Content,
}

type Row = (Uuid, Uuid, String, Option<Moment>, String);

fn candidates(rows: Vec<Row>) -> Result<Vec<Candidate>, Error> {
    let candidate = |(document, id, locale, published, body): Row| {
        Ok(Candidate {
            document: document.into(),
            id: id.into(),
            locale: convert::text("document.locale", &locale)?,
            published: published.map(|Moment(at)| at),
            content: Content::from_canonical(&body)
                .map_err(|error| Error::corrupt("content", error))?,
        })
    };
    rows.into_iter().map(candidate).collect()
}

macro_rules! unpublished {
    () => {
        concat!(
            "SELECT d.id, d.content_id, d.locale, d.first_published_at, x.body FROM document d \
             JOIN edition e ON e.id = d.draft_edition_id JOIN content x ON x.digest = e.content_digest \
             WHERE d.draft_edition_id IS NOT NULL AND d.type = $1 AND d.visibility = 'unpublished' \
             AND d.main_locale AND EXISTS (SELECT 1 FROM route s WHERE s.document_id = d.id \
                                           AND s.site_id = $2 AND s.state = 'reserved') AND ",
            not_hidden!(),
            " AND ",
            within!("$3"),
            " ORDER BY d.id DESC LIMIT $6"
        )
    };
}

/// At most `limit` drafts of `type` on `site` that were never public and that `viewer` may see, the
/// newest first.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn unpublished(
    session: &mut Session,
    viewer: &Viewer,
    site: SiteId,
    r#type: &TypeName,
    limit: u32,
) -> Result<Vec<Candidate>, Error> {
    let scopes = Scopes::of(viewer, Action::ReadDrafts);
    if scopes.is_nowhere() {
        return Ok(Vec::new());
    }
    let hidden = limits::hidden_from(session, viewer).await?;
    candidates(fetch_all!(
        session,
        Row,
        with_scopes!(session, "$4", "$5", "$7", unpublished!()),
        r#type.as_str(),
        site.uuid(),
        scopes.everything,
        scopes.authorities.as_str(),
        scopes.sites.as_str(),
        i64::from(limit),
        hidden.as_str(),
    )?)
}

/// At most `limit` live documents of `type` on `site` that the public sees there since `since`, the
/// newest first. They are live, so anybody may know of them.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn published(
    session: &mut Session,
    _: &Viewer,
    site: SiteId,
    r#type: &TypeName,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<Candidate>, Error> {
    candidates(fetch_all!(
        session,
        Row,
        "SELECT d.id, d.content_id, d.locale, d.first_published_at, x.body FROM listing l \
         JOIN document d ON d.id = l.document_id JOIN edition e ON e.id = d.live_edition_id \
         JOIN content x ON x.digest = e.content_digest \
         WHERE l.scope_id = $1 AND l.type = $2 AND l.sort_at >= $3 AND d.main_locale \
         AND d.visibility = 'live' ORDER BY l.sort_at DESC, l.document_id DESC LIMIT $4",
        site.uuid(),
        r#type.as_str(),
        Moment(since),
        i64::from(limit),
    )?)
}
