//! Drafts, for previews: many at once, as far as the viewer sees them.
//!
//! Two statements whatever the number, none for the public. Nothing else in `reading` comes upon
//! a draft: whoever shows one asked here for it.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use schema::{
    digest::Digest,
    edition::{Card, Content, Place},
    ids::{AuthorityId, ContentId, DocumentId},
    names::{FieldName, Locale, TypeName},
    viewer::{Covers, Viewer},
    visibility::{Notice, Visibility},
};
use sqlx::types::Json;
use uuid::Uuid;

use super::sight::{Drafted, sees_drafts};
use crate::{Error, Session, convert, dialect::Ids, moment::Moment, statement::Statement};

/// Drafts of one type that are looked through for links, the newest of all.
const LOOKED_THROUGH: i64 = 1_000;

/// A draft, and what is known of its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its document.
    pub id: DocumentId,
    /// The name of that across locales and sites.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Whether this is the language that owns the facts shared by all.
    pub main_locale: bool,
    /// Who owns it.
    pub authority: AuthorityId,
    /// Its type.
    pub r#type: TypeName,
    /// Counts the changes of the document.
    pub version: i64,
    /// When the draft was saved.
    pub saved_at: Timestamp,
    /// What the public sees of the document.
    pub visibility: Visibility,
    /// What the public is told where it is not simply live.
    pub notice: Option<Notice>,
    /// First publication on this hub.
    pub first_published_at: Option<Timestamp>,
    /// First publication elsewhere, before this hub: a claim.
    pub originally_published_at: Option<Timestamp>,
    /// Translations: number of the main edition that the draft follows.
    pub follows: Option<u32>,
    /// Digest over content and place.
    pub digest: Digest,
    /// Digest of the content.
    pub content_digest: Digest,
    /// Where its owner is to place it.
    pub place: Place,
    /// Its summary, or the start of its text where nobody wrote one.
    pub summary: String,
    /// Length of its main text in characters.
    pub characters: u64,
    /// Its short fields and its links.
    pub card: Card,
    /// The text.
    pub text: Content,
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
        saved_at: Moment,
        visibility: String,
        notice: Option<Json<Notice>>,
        first_published_at: Option<Moment>,
        originally_published_at: Option<Moment>,
        draft_follows: Option<i64>,
        digest: Vec<u8>,
        content_digest: Vec<u8>,
        place: String,
        summary: String,
        characters: i64,
        card: String,
        body: String,
    }
}

const COLUMNS: &str = "SELECT d.id, d.content_id, d.locale, d.main_locale, d.authority_id, d.type AS type_name, \
     d.version, e.created_at AS saved_at, d.visibility, d.notice, d.first_published_at, \
     d.originally_published_at, d.draft_follows, e.digest, e.content_digest, e.place, v.summary, v.characters, \
     v.card, c.body FROM ";
const JOINED: &str =
    " CROSS JOIN document d CROSS JOIN edition e CROSS JOIN content c CROSS JOIN derived v WHERE ";
const KEYS: &str = " AND e.id = d.draft_edition_id AND c.digest = e.content_digest AND v.content_digest = e.content_digest";

/// The drafts of `documents`. What has none, and what the viewer may not see, is left out.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn drafts(
    session: &mut Session,
    viewer: &Viewer,
    documents: &[DocumentId],
) -> Result<HashMap<DocumentId, Draft>, Error> {
    if documents.is_empty() || *viewer == Viewer::Public {
        return Ok(HashMap::new());
    }
    let statement = statement(session, documents);
    let seen = seen(session, viewer, statement).await?;
    Ok(seen.into_iter().map(|draft| (draft.id, draft)).collect())
}

pub(super) fn statement(session: &Session, documents: &[DocumentId]) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push(COLUMNS)
        .rows_of(documents.iter().map(|id| id.uuid()).collect::<Ids>())
        .push(JOINED)
        .push("d.id = wanted.id")
        .push(KEYS);
    statement
}

/// The drafts of `contents` in every language.
///
/// # Errors
/// As [`drafts()`].
pub async fn drafts_of_contents(
    session: &mut Session,
    viewer: &Viewer,
    contents: &[ContentId],
) -> Result<Vec<Draft>, Error> {
    if contents.is_empty() || *viewer == Viewer::Public {
        return Ok(Vec::new());
    }
    let statement = of_contents_statement(session, contents);
    seen(session, viewer, statement).await
}

pub(super) fn of_contents_statement(session: &Session, contents: &[ContentId]) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push(COLUMNS)
        .rows_of(contents.iter().map(|id| id.uuid()).collect::<Ids>())
        .push(JOINED)
        .push("d.content_id = wanted.id")
        .push(KEYS);
    statement
}

/// The drafts of `type` whose `field` links to any of `targets`, the newest document first.
///
/// It looks through the links of all drafts of the type that the viewer's preview covers, at most
/// of the newest thousand.
///
/// # Errors
/// As [`drafts()`].
pub async fn drafts_linking(
    session: &mut Session,
    viewer: &Viewer,
    targets: &BTreeSet<ContentId>,
    r#type: &TypeName,
    field: &FieldName,
) -> Result<Vec<Draft>, Error> {
    if targets.is_empty() || *viewer == Viewer::Public {
        return Ok(Vec::new());
    }
    let covers = viewer.preview().map(|preview| &preview.covers);
    let statement = linking_statement(session, covers, r#type);
    let mut linking = Vec::new();
    for (document, card) in statement.fetch_all::<(Uuid, String)>(session).await? {
        let card: Card = json("derived.card", &card)?;
        let mut links = card.links.get(field).into_iter().flatten();
        if links.any(|target| targets.contains(target)) {
            linking.push(document.into());
        }
    }
    let mut found = drafts(session, viewer, &linking).await?;
    Ok(linking.iter().filter_map(|document| found.remove(document)).collect())
}

pub(super) fn linking_statement(
    session: &Session,
    covers: Option<&Covers>,
    r#type: &TypeName,
) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push(
            "SELECT d.id, v.card FROM document d CROSS JOIN edition e CROSS JOIN derived v \
             WHERE d.draft_edition_id IS NOT NULL AND d.type = ",
        )
        .bind(r#type.as_str())
        .push(" AND e.id = d.draft_edition_id AND v.content_digest = e.content_digest");
    if let Some(Covers::Contents(contents)) = covers {
        let contents = contents.iter().map(|content| content.uuid()).collect::<Ids>();
        statement.push(" AND d.content_id ").is_one_of(contents);
    }
    statement.push(" ORDER BY d.id DESC LIMIT ").bind(LOOKED_THROUGH);
    statement
}

/// What `viewer` sees of the drafts that a statement reads.
async fn seen(
    session: &mut Session,
    viewer: &Viewer,
    statement: Statement,
) -> Result<Vec<Draft>, Error> {
    let rows = statement.fetch_all::<Row>(session).await?;
    let drafted = rows
        .iter()
        .map(|row| {
            Ok(Drafted {
                id: row.id.into(),
                content: row.content_id.into(),
                authority: row.authority_id.into(),
                visibility: convert::visibility(&row.visibility)?,
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let sees = sees_drafts(session, viewer, &drafted).await?;
    rows.into_iter().zip(sees).filter(|(_, sees)| *sees).map(|(row, _)| row.into_draft()).collect()
}

impl Row {
    fn into_draft(self) -> Result<Draft, Error> {
        let follows =
            self.draft_follows.map(|number| convert::number("document.draft_follows", number));
        Ok(Draft {
            id: self.id.into(),
            content: self.content_id.into(),
            locale: convert::text("document.locale", &self.locale)?,
            main_locale: self.main_locale,
            authority: self.authority_id.into(),
            r#type: convert::text("document.type", &self.type_name)?,
            version: self.version,
            saved_at: self.saved_at.0,
            visibility: convert::visibility(&self.visibility)?,
            notice: self.notice.map(|Json(notice)| notice),
            first_published_at: self.first_published_at.map(|Moment(at)| at),
            originally_published_at: self.originally_published_at.map(|Moment(at)| at),
            follows: follows.transpose()?,
            digest: convert::digest("edition.digest", &self.digest)?,
            content_digest: convert::digest("edition.content_digest", &self.content_digest)?,
            place: json("edition.place", &self.place)?,
            summary: self.summary,
            characters: u64::try_from(self.characters)
                .map_err(|error| Error::corrupt("derived.characters", error))?,
            card: json("derived.card", &self.card)?,
            text: Content::from_canonical(&self.body)
                .map_err(|error| Error::corrupt("content", error))?,
        })
    }
}

fn json<T: for<'text> serde::Deserialize<'text>>(
    what: &'static str,
    text: &str,
) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::corrupt(what, error))
}
