//! Preview links: what shows a draft to somebody without an account. As of a token, the store
//! holds the SHA-256 of the secret.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schema::{
    access::Granted,
    digest::Digest,
    edition::Card,
    ids::{ActorId, ContentId, DocumentId, PreviewLinkId},
    permission::Grant,
    preview::{LinkState, Terms},
    standing::Standing,
    visibility::Visibility,
};
use uuid::Uuid;

use super::{grants, people::standing};
use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// A preview link, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewLink {
    /// Its id.
    pub id: PreviewLinkId,
    /// The document whose draft it shows.
    pub document: DocumentId,
    /// What it is for.
    pub label: String,
    /// The first letters of the secret, to tell links apart.
    pub hint: String,
    /// When it stops being good.
    pub terms: Terms,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: ActorId,
    /// Who revoked it.
    pub revoked_by: Option<ActorId>,
}

/// A link that somebody shows, with all that decides what it is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The link.
    pub link: PreviewLink,
    /// What the store keeps of its secret.
    pub hash: Digest,
    /// The content of its document.
    pub content: ContentId,
    /// Number of the edition of its document that the public saw last.
    pub last_edition: u32,
    /// What the public sees of its document.
    pub visibility: Visibility,
    /// What its maker was granted when it was made.
    pub grants: Vec<Granted>,
    /// What people call its maker.
    pub maker_name: String,
    /// What its maker is granted.
    pub maker_grants: Vec<Granted>,
    /// On what terms its maker has an account.
    pub maker_standing: Standing,
}

impl Shown {
    /// What has become of the link.
    pub fn state(&self, now: Timestamp) -> LinkState {
        self.link.terms.state(now, self.last_edition, self.visibility)
    }
}

row! {
    struct Row {
        id: Uuid,
        document_id: Uuid,
        label: String,
        hint: String,
        hash: Vec<u8>,
        edition: i64,
        created_at: Moment,
        created_by: Uuid,
        expires_at: Moment,
        revoked_at: Option<Moment>,
        revoked_by: Option<Uuid>,
        content_id: Uuid,
        last_edition_number: i64,
        visibility: String,
        maker_name: String,
        employment: Option<String>,
        contract_ends_on: Option<String>,
        disabled_at: Option<Moment>,
    }
}

macro_rules! links {
    ($rest:literal) => {
        concat!(
            "SELECT l.id, l.document_id, l.label, l.hint, l.hash, l.edition, l.created_at, l.created_by, \
             l.expires_at, l.revoked_at, l.revoked_by, d.content_id, d.last_edition_number, d.visibility, \
             p.name AS maker_name, p.employment, p.contract_ends_on, p.disabled_at \
             FROM preview_link l JOIN document d ON d.id = l.document_id JOIN person p ON p.id = l.created_by ",
            $rest
        )
    };
}

impl Row {
    fn into_link(self) -> Result<PreviewLink, Error> {
        Ok(PreviewLink {
            id: self.id.into(),
            document: self.document_id.into(),
            label: self.label,
            hint: self.hint,
            terms: Terms {
                edition: convert::number("preview_link.edition", self.edition)?,
                expires_at: self.expires_at.0,
                revoked_at: self.revoked_at.map(|Moment(at)| at),
            },
            created_at: self.created_at.0,
            created_by: self.created_by.into(),
            revoked_by: self.revoked_by.map(Into::into),
        })
    }
}

/// The link whose secret hashes to `hash`, whatever has become of it.
///
/// # Errors
/// [`Error::Database`].
pub async fn shown(session: &mut Session, hash: Digest) -> Result<Option<Shown>, Error> {
    let row = fetch_optional!(session, Row, links!("WHERE l.hash = $1"), convert::bytes(&hash))?;
    with_grants(session, row).await
}

/// The link `id`, whatever has become of it.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_id(session: &mut Session, id: PreviewLinkId) -> Result<Option<Shown>, Error> {
    let row = fetch_optional!(session, Row, links!("WHERE l.id = $1"), id.uuid())?;
    with_grants(session, row).await
}

async fn with_grants(session: &mut Session, row: Option<Row>) -> Result<Option<Shown>, Error> {
    let Some(mut row) = row else { return Ok(None) };
    Ok(Some(Shown {
        hash: convert::digest("preview_link.hash", &row.hash)?,
        content: row.content_id.into(),
        last_edition: convert::number("document.last_edition_number", row.last_edition_number)?,
        visibility: convert::visibility(&row.visibility)?,
        grants: grants::of(session, row.id).await?,
        maker_name: row.maker_name.clone(),
        maker_grants: grants::of(session, row.created_by).await?,
        maker_standing: standing(
            row.employment.take(),
            row.contract_ends_on.take(),
            row.disabled_at,
        )?,
        link: row.into_link()?,
    }))
}

/// The links of a document, the newest first. The caller has been shown its drafts, which is what
/// decides who may know of them.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_document(
    session: &mut Session,
    document: DocumentId,
) -> Result<Vec<PreviewLink>, Error> {
    fetch_all!(
        session,
        Row,
        links!("WHERE l.document_id = $1 ORDER BY l.id DESC"),
        document.uuid(),
    )?
    .into_iter()
    .map(Row::into_link)
    .collect()
}

/// The contents that a link to `content` covers: itself in every language, and what its drafts
/// link to.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn covered(
    session: &mut Session,
    content: ContentId,
) -> Result<BTreeSet<ContentId>, Error> {
    let cards = fetch_all!(
        session,
        (String,),
        "SELECT v.card FROM document d JOIN edition e ON e.id = d.draft_edition_id \
         JOIN derived v ON v.content_digest = e.content_digest WHERE d.content_id = $1",
        content.uuid(),
    )?;
    let mut covered = BTreeSet::from([content]);
    for (card,) in cards {
        let card: Card =
            serde_json::from_str(&card).map_err(|error| Error::corrupt("derived.card", error))?;
        covered.extend(card.links.into_values().flatten());
    }
    Ok(covered)
}

/// Writes a new link, with what its maker was granted.
///
/// # Errors
/// [`Error::Database`].
pub async fn insert(
    work: &mut UnitOfWork,
    link: &PreviewLink,
    hash: Digest,
    granted: &[Grant],
) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO preview_link (id, document_id, label, hint, hash, edition, created_at, created_by, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        link.id.uuid(),
        link.document.uuid(),
        link.label.as_str(),
        link.hint.as_str(),
        convert::bytes(&hash),
        i64::from(link.terms.edition),
        Moment(link.created_at),
        link.created_by.uuid(),
        Moment(link.terms.expires_at),
    )?;
    for grant in granted {
        grants::grant(work, link.id.uuid(), *grant).await?;
    }
    Ok(())
}

/// Revokes a link from now on.
///
/// # Errors
/// [`Error::Database`].
pub async fn revoke(work: &mut UnitOfWork, id: PreviewLinkId) -> Result<(), Error> {
    let (now, actor) = (Moment(work.now()), work.actor().id.uuid());
    execute!(
        work.session(),
        "UPDATE preview_link SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL",
        id.uuid(),
        now,
        actor,
    )?;
    Ok(())
}

/// Forgets the links of a document that is destroyed: their labels may repeat its words.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn forget(work: &mut UnitOfWork, document: DocumentId) -> Result<(), Error> {
    for sql in [
        "DELETE FROM role_grant WHERE holder_id IN (SELECT id FROM preview_link WHERE document_id = $1)",
        "DELETE FROM preview_link WHERE document_id = $1",
    ] {
        execute!(work.session(), sql, document.uuid())?;
    }
    Ok(())
}
