//! Editions and the texts they point to. A text is stored once, under its digest; an edition
//! is a row that never changes.

use jiff::Timestamp;
use schema::{
    canonical::to_canonical,
    content_type::ContentType,
    derived::Derived,
    digest::Digest,
    edition::{Card, Content, Place, commitment, edition_digest},
    ids::{ActorId, DocumentId, EditionId},
    rich_text,
};
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// One immutable text of a document (版本).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Its id.
    pub id: EditionId,
    /// Its document.
    pub document: DocumentId,
    /// What it holds; `None` after an erasure.
    pub text: Option<Text>,
    /// When it was saved.
    pub created_at: Timestamp,
    /// Who saved it.
    pub created_by: ActorId,
}

/// What an edition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Digest of its content.
    pub content_digest: Digest,
    /// Where its owner places it.
    pub place: Place,
    /// Digest over both, which approvals bind to.
    pub digest: Digest,
    /// Salt of its commitments.
    pub salt: [u8; 32],
}

impl Text {
    /// What stands in the log instead of the digest.
    pub fn commitment(&self) -> Digest {
        commitment(&self.salt, self.digest)
    }
}

row! {
    struct Row {
        id: Uuid,
        document_id: Uuid,
        content_digest: Option<Vec<u8>>,
        place: Option<String>,
        digest: Option<Vec<u8>>,
        salt: Option<Vec<u8>>,
        created_at: Moment,
        created_by: Uuid,
    }
}

impl Row {
    fn into_edition(self) -> Result<Edition, Error> {
        let text = match (self.content_digest, self.place, self.digest, self.salt) {
            (Some(content_digest), Some(place), Some(digest), Some(salt)) => Some(Text {
                content_digest: convert::digest("edition.content_digest", &content_digest)?,
                place: serde_json::from_str(&place)
                    .map_err(|error| Error::corrupt("edition.place", error))?,
                digest: convert::digest("edition.digest", &digest)?,
                salt: salt
                    .try_into()
                    .map_err(|_| Error::corrupt("edition.salt", "it is not 32 bytes long"))?,
            }),
            _ => None,
        };
        Ok(Edition {
            id: self.id.into(),
            document: self.document_id.into(),
            text,
            created_at: self.created_at.0,
            created_by: self.created_by.into(),
        })
    }
}

/// A text to be stored.
#[derive(Clone, Debug)]
pub struct NewText<'text> {
    /// What it says.
    pub content: &'text Content,
    /// What is read off its fields.
    pub derived: &'text Derived,
    /// Where its owner places it.
    pub place: Place,
}

/// Stores a text, what is derived of it, and an edition that holds it.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a content that has no canonical form, which
/// checked input never is.
pub async fn insert(
    work: &mut UnitOfWork,
    document: DocumentId,
    content_type: &ContentType,
    new: NewText<'_>,
) -> Result<Edition, Error> {
    let NewText { content, derived, place } = new;
    let not_canonical = |error| Error::corrupt("content", error);
    let body = content.to_canonical().map_err(not_canonical)?;
    let content_digest = Digest::of(body.as_bytes());
    insert_content(work, content_digest, &body, content).await?;
    keep_derived(work.session(), content_digest, content_type, content, derived).await?;

    let edition = Edition {
        id: work.new_id(),
        document,
        text: Some(Text {
            content_digest,
            digest: edition_digest(content_digest, &place).map_err(not_canonical)?,
            salt: work.new_salt(),
            place,
        }),
        created_at: work.now(),
        created_by: work.actor().id,
    };
    let Some(text) = &edition.text else { return Ok(edition) };
    execute!(
        work.session(),
        "INSERT INTO edition (id, document_id, content_digest, place, digest, salt, created_at, created_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        edition.id.uuid(),
        document.uuid(),
        convert::bytes(&content_digest),
        to_canonical(&text.place).map_err(not_canonical)?,
        convert::bytes(&text.digest),
        text.salt.as_slice(),
        Moment(edition.created_at),
        edition.created_by.uuid(),
    )?;
    Ok(edition)
}

async fn insert_content(
    work: &mut UnitOfWork,
    digest: Digest,
    body: &str,
    content: &Content,
) -> Result<(), Error> {
    let new = execute!(
        work.session(),
        "INSERT INTO content (digest, body) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
        convert::bytes(&digest),
        body,
    )?;
    if new == 0 {
        return Ok(());
    }
    for file in &content.files {
        execute!(
            work.session(),
            "INSERT INTO content_file (content_digest, file_digest) VALUES ($1, $2)",
            convert::bytes(&digest),
            convert::bytes(file),
        )?;
    }
    Ok(())
}

/// Stores what is derived from a text, unless that was done by this renderer.
pub(crate) async fn keep_derived(
    session: &mut Session,
    digest: Digest,
    content_type: &ContentType,
    content: &Content,
    derived: &Derived,
) -> Result<(), Error> {
    let characters = i64::try_from(derived.characters).unwrap_or(i64::MAX);
    let card = to_canonical(&Card::of(content_type, content))
        .map_err(|error| Error::corrupt("content", error))?;
    execute!(
        session,
        "INSERT INTO derived (content_digest, renderer, characters, summary, card, plain_text) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (content_digest) DO UPDATE \
         SET renderer = excluded.renderer, characters = excluded.characters, summary = excluded.summary, \
             card = excluded.card, plain_text = excluded.plain_text \
         WHERE derived.renderer <> excluded.renderer",
        convert::bytes(&digest),
        i64::from(rich_text::RENDERER_VERSION),
        characters,
        derived.summary.as_str(),
        card,
        derived.plain_text.as_str(),
    )?;
    Ok(())
}

/// The edition `id`.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn edition(
    session: &mut Session,
    id: EditionId,
) -> Result<Option<Edition>, Error> {
    fetch_optional!(
        session,
        Row,
        "SELECT id, document_id, content_digest, place, digest, salt, created_at, created_by \
         FROM edition WHERE id = $1",
        id.uuid(),
    )?
    .map(Row::into_edition)
    .transpose()
}

/// What the edition `id` is committed to; `None` where it was erased or there is none.
///
/// # Errors
/// [`Error::Database`].
pub async fn commitment_to(session: &mut Session, id: EditionId) -> Result<Option<Digest>, Error> {
    let found = fetch_optional!(
        session,
        (Option<Vec<u8>>, Option<Vec<u8>>),
        "SELECT digest, salt FROM edition WHERE id = $1",
        id.uuid(),
    )?;
    let Some((Some(digest), Some(salt))) = found else { return Ok(None) };
    let salt =
        salt.try_into().map_err(|_| Error::corrupt("edition", "its salt has no 32 bytes"))?;
    Ok(Some(commitment(&salt, convert::digest("edition.digest", &digest)?)))
}

/// The edition `id`, within a unit of work.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] when there is none.
pub async fn of_work(work: &mut UnitOfWork, id: EditionId) -> Result<Edition, Error> {
    edition(work.session(), id).await?.ok_or_else(|| Error::corrupt("edition", "it is missing"))
}

/// The text under `digest`, within a unit of work.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] when there is none or it cannot be read.
pub async fn content_of_work(work: &mut UnitOfWork, digest: Digest) -> Result<Content, Error> {
    content(work.session(), digest).await
}

/// The text under `digest`.
pub(crate) async fn content(session: &mut Session, digest: Digest) -> Result<Content, Error> {
    let (body,) = fetch_optional!(
        session,
        (String,),
        "SELECT body FROM content WHERE digest = $1",
        convert::bytes(&digest),
    )?
    .ok_or_else(|| Error::corrupt("content", "it is missing"))?;
    Content::from_canonical(&body).map_err(|error| Error::corrupt("content", error))
}
