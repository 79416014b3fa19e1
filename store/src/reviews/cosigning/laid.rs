//! The text that was laid before a body, as its own people may read it.
//!
//! Who answers for a body sees the very edition it was asked about, while that lies before the
//! reviewers, and nothing else of its document: no list of editions, no later draft, no review.

use schema::{
    digest::Digest,
    edition::Content,
    ids::{ContentId, CosignatureId, DocumentId, EditionId},
    message::Bilingual,
    names::{Locale, TypeName},
    tree::AuthorityParticulars,
    viewer::Viewer,
};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Cosignature, by_id};
use crate::{Error, Session, convert, dialect::Ids, editions, statement::Statement};

/// A text as a body is shown that was asked to co-sign it.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// The body, and how it stands with it.
    pub cosignature: Cosignature,
    /// The content of the document.
    pub content_id: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Its type.
    pub r#type: TypeName,
    /// Who owns the text.
    pub owner: Bilingual,
    /// What people call who asked; `None` for the command line.
    pub asked_by: Option<String>,
    /// The text and its digest, while it lies before the reviewers as it was laid before the body.
    pub text: Option<(Digest, Content)>,
    /// What this body agreed to before, in an earlier round.
    pub agreed_before: Option<Content>,
    /// What it last wrote of this text.
    pub note: Option<String>,
}

/// What was laid before a body, for a `viewer` who answers for it; `None` for everybody else.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn laid(
    session: &mut Session,
    viewer: &Viewer,
    id: CosignatureId,
) -> Result<Option<Laid>, Error> {
    let Some(cosignature) = by_id(session, id).await? else { return Ok(None) };
    if !viewer.answers_for(cosignature.body) {
        return Ok(None);
    }
    type About = (Uuid, String, String, Json<AuthorityParticulars>, Option<String>);
    let about = fetch_optional!(
        session,
        About,
        "SELECT d.content_id, d.locale, d.type, a.particulars, w.name FROM cosignature c \
         JOIN document d ON d.id = c.document_id JOIN authority a ON a.id = d.authority_id \
         LEFT JOIN person w ON w.id = c.asked_by WHERE c.id = $1",
        id.uuid(),
    )?;
    // A draft that was never public and was thrown away.
    let Some((content, locale, type_name, owner, asked_by)) = about else { return Ok(None) };
    let text = match lies_before(session, id).await? {
        true => text_of(session, cosignature.edition).await?,
        false => None,
    };
    let before = fetch_optional!(
        session,
        (Uuid,),
        "SELECT b.edition_id FROM cosignature b WHERE b.document_id = $1 AND b.body_id = $2 AND b.id <> $3 \
         AND b.state = 'confirmed' ORDER BY b.answered_at DESC LIMIT 1",
        cosignature.document.uuid(),
        cosignature.body.uuid(),
        id.uuid(),
    )?;
    let agreed_before = match before.filter(|_| text.is_some()) {
        Some((edition,)) => text_of(session, edition.into()).await?.map(|(_, content)| content),
        None => None,
    };
    let note = fetch_optional!(
        session,
        (Option<String>,),
        "SELECT note FROM review_act WHERE review_id = $1 AND round = $2 AND body_id = $3 \
         AND kind IN ('cosigned', 'cosignObjected') ORDER BY number DESC LIMIT 1",
        cosignature.review.uuid(),
        i64::from(cosignature.round),
        cosignature.body.uuid(),
    )?;
    Ok(Some(Laid {
        content_id: content.into(),
        locale: convert::text("document.locale", &locale)?,
        r#type: convert::text("document.type", &type_name)?,
        owner: owner.0.name,
        asked_by,
        text,
        agreed_before,
        note: note.and_then(|(note,)| note),
        cosignature,
    }))
}

/// Whether the text that a body was asked about lies before the reviewers still.
async fn lies_before(session: &mut Session, id: CosignatureId) -> Result<bool, Error> {
    let found = fetch_optional!(
        session,
        (Uuid,),
        "SELECT c.id FROM cosignature c JOIN review r ON r.id = c.review_id AND r.round = c.round \
         WHERE c.id = $1 AND r.closed_at IS NULL AND r.state = 'submitted' AND r.edition_id = c.edition_id",
        id.uuid(),
    )?;
    Ok(found.is_some())
}

async fn text_of(
    session: &mut Session,
    edition: EditionId,
) -> Result<Option<(Digest, Content)>, Error> {
    let found = editions::edition(session, edition).await?.and_then(|edition| edition.text);
    let Some(text) = found else { return Ok(None) };
    Ok(Some((text.digest, editions::content(session, text.content_digest).await?)))
}

/// Of the texts that use the file under `digest`, one that lies before a body that `viewer` answers
/// for.
pub(crate) async fn with_file(
    session: &mut Session,
    viewer: &Viewer,
    digest: &Digest,
) -> Result<Option<(DocumentId, Digest)>, Error> {
    let bodies = viewer.bodies();
    if bodies.is_empty() {
        return Ok(None);
    }
    let mut statement = Statement::new(session.engine());
    statement
        .push(
            "SELECT c.document_id, u.content_digest FROM content_file u \
             JOIN edition e ON e.content_digest = u.content_digest JOIN cosignature c ON c.edition_id = e.id \
             JOIN review r ON r.id = c.review_id AND r.round = c.round AND r.edition_id = c.edition_id \
             WHERE r.closed_at IS NULL AND r.state = 'submitted' AND u.file_digest = ",
        )
        .bind(convert::bytes(digest).to_vec())
        .push(" AND c.body_id ")
        .is_one_of(bodies.iter().map(|body| body.uuid()).collect::<Ids>())
        .push(" LIMIT 1");
    let found = statement.fetch_all::<(Uuid, Vec<u8>)>(session).await?;
    let found = found.into_iter().next();
    found
        .map(|(id, text)| Ok((id.into(), convert::digest("content_file.content_digest", &text)?)))
        .transpose()
}
