//! Bodies that were asked to co-sign a text: how it stands with each, and the text as the body's
//! own people may read it.
//!
//! Who answers for a body sees the very edition it was asked about, while that lies before the
//! reviewers, and nothing else of its document: no list of editions, no later draft, no review.

use jiff::Timestamp;
use schema::{
    digest::Digest,
    edition::{Card, Content},
    ids::{ActorId, AuthorityId, ContentId, CosignatureId, DocumentId, EditionId, ReviewId},
    message::Bilingual,
    names::{AuthorityKey, Locale, TypeName},
    permission::Role,
    review::{CosignState, Silence, Track},
    tree::AuthorityParticulars,
    viewer::Viewer,
};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Review,
    queue::{Position, Wait, Waiting},
};
use crate::{
    Error, Session, UnitOfWork, convert, dialect::Ids, editions, moment::Moment,
    statement::Statement,
};

/// A body that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// Its id.
    pub id: CosignatureId,
    /// In which review.
    pub review: ReviewId,
    /// Of which document.
    pub document: DocumentId,
    /// In which round.
    pub round: u32,
    /// The body.
    pub body: AuthorityId,
    /// What people call it by now.
    pub name: Bilingual,
    /// Its key.
    pub key: AuthorityKey,
    /// The text it was asked about.
    pub edition: EditionId,
    /// When.
    pub asked_at: Timestamp,
    /// By whom.
    pub asked_by: ActorId,
    /// Whether a rule names it; else somebody asked for it.
    pub by_rule: bool,
    /// What no answer in time means.
    pub silence: Silence,
    /// Who may overrule its objection.
    pub overruled_by: Option<Role>,
    /// When an answer is late.
    pub due_at: Option<Timestamp>,
    /// How it stands.
    pub state: CosignState,
    /// When it answered, or counted as having agreed.
    pub answered_at: Option<Timestamp>,
    /// By whom.
    pub answered_by: Option<ActorId>,
}

row! {
    struct Row {
        id: Uuid,
        review_id: Uuid,
        document_id: Uuid,
        round: i64,
        body_id: Uuid,
        particulars: Json<AuthorityParticulars>,
        key: String,
        edition_id: Uuid,
        asked_at: Moment,
        asked_by: Uuid,
        by_rule: bool,
        silence: String,
        overruled_by: Option<String>,
        due_at: Option<Moment>,
        state: String,
        answered_at: Option<Moment>,
        answered_by: Option<Uuid>,
    }
}

impl Row {
    fn into_cosignature(self) -> Result<Cosignature, Error> {
        let overruled_by = self.overruled_by.map(|word| {
            Role::parse(&word).ok_or_else(|| Error::corrupt("cosignature.overruled_by", &word))
        });
        Ok(Cosignature {
            id: self.id.into(),
            review: self.review_id.into(),
            document: self.document_id.into(),
            round: convert::number("cosignature.round", self.round)?,
            body: self.body_id.into(),
            name: self.particulars.0.name,
            key: convert::text("authority.key", &self.key)?,
            edition: self.edition_id.into(),
            asked_at: self.asked_at.0,
            asked_by: self.asked_by.into(),
            by_rule: self.by_rule,
            silence: Silence::parse(&self.silence)
                .ok_or_else(|| Error::corrupt("cosignature.silence", &self.silence))?,
            overruled_by: overruled_by.transpose()?,
            due_at: self.due_at.map(|Moment(at)| at),
            state: CosignState::parse(&self.state)
                .ok_or_else(|| Error::corrupt("cosignature.state", &self.state))?,
            answered_at: self.answered_at.map(|Moment(at)| at),
            answered_by: self.answered_by.map(Into::into),
        })
    }
}

macro_rules! cosignatures {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.review_id, c.document_id, c.round, c.body_id, a.particulars, a.key, c.edition_id, \
             c.asked_at, c.asked_by, c.by_rule, c.silence, c.overruled_by, c.due_at, c.state, c.answered_at, \
             c.answered_by FROM cosignature c JOIN authority a ON a.id = c.body_id ",
            $rest
        )
    };
}

/// Writes a body that was asked.
///
/// # Errors
/// [`Error::Database`]; a unique violation where it was asked in this round already.
pub async fn insert(work: &mut UnitOfWork, asked: &Cosignature) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO cosignature (id, review_id, document_id, round, body_id, edition_id, asked_at, asked_by, by_rule, \
         silence, overruled_by, due_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        asked.id.uuid(),
        asked.review.uuid(),
        asked.document.uuid(),
        i64::from(asked.round),
        asked.body.uuid(),
        asked.edition.uuid(),
        Moment(asked.asked_at),
        asked.asked_by.uuid(),
        asked.by_rule,
        asked.silence.as_str(),
        asked.overruled_by.map(Role::as_str),
        asked.due_at.map(Moment),
        asked.state.as_str(),
    )?;
    Ok(())
}

/// Writes how it stands with a body now, by the actor of `work`.
///
/// # Errors
/// [`Error::Database`].
pub async fn answer(
    work: &mut UnitOfWork,
    cosignature: &mut Cosignature,
    state: CosignState,
) -> Result<(), Error> {
    let is_answer = !matches!(state, CosignState::Asked | CosignState::Void);
    cosignature.state = state;
    cosignature.answered_at = is_answer.then(|| work.now());
    cosignature.answered_by = is_answer.then(|| work.actor().id);
    execute!(
        work.session(),
        "UPDATE cosignature SET state = $2, answered_at = $3, answered_by = $4 WHERE id = $1",
        cosignature.id.uuid(),
        state.as_str(),
        cosignature.answered_at.map(Moment),
        cosignature.answered_by.map(ActorId::uuid),
    )?;
    Ok(())
}

/// The bodies that were asked in `round` of a review, in the order in which they were. Whoever asks
/// has found out that the viewer may know of the review.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn of_round(
    session: &mut Session,
    review: ReviewId,
    round: u32,
) -> Result<Vec<Cosignature>, Error> {
    fetch_all!(
        session,
        Row,
        cosignatures!("WHERE c.review_id = $1 AND c.round = $2 ORDER BY c.asked_at, a.key"),
        review.uuid(),
        i64::from(round),
    )?
    .into_iter()
    .map(Row::into_cosignature)
    .collect()
}

/// The body that was asked by this id, whoever may know of it.
///
/// # Errors
/// As [`of_round`].
pub async fn by_id(session: &mut Session, id: CosignatureId) -> Result<Option<Cosignature>, Error> {
    fetch_optional!(session, Row, cosignatures!("WHERE c.id = $1"), id.uuid())?
        .map(Row::into_cosignature)
        .transpose()
}

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

row! {
    struct WaitingRow {
        id: Uuid,
        body_id: Uuid,
        review_id: Uuid,
        document_id: Uuid,
        content_id: Uuid,
        locale: String,
        type_name: String,
        track: String,
        round: i64,
        asked_at: Moment,
        by_name: Option<String>,
        due_at: Option<Moment>,
        card: Option<String>,
    }
}

impl WaitingRow {
    fn into_waiting(self) -> Result<Waiting, Error> {
        Ok(Waiting {
            waits: vec![Wait::Cosignature(self.id.into(), self.body_id.into())],
            review: self.review_id.into(),
            document: self.document_id.into(),
            content: self.content_id.into(),
            locale: convert::text("document.locale", &self.locale)?,
            r#type: convert::text("document.type", &self.type_name)?,
            track: Track::parse(&self.track)
                .ok_or_else(|| Error::corrupt("review.track", &self.track))?,
            round: convert::number("review.round", self.round)?,
            since: self.asked_at.0,
            by: self.by_name,
            due_at: self.due_at.map(|Moment(at)| at),
            card: self
                .card
                .map(|card| serde_json::from_str::<Card>(&card))
                .transpose()
                .map_err(|error| Error::corrupt("derived.card", error))?,
        })
    }
}

/// At most `limit` texts that wait for bodies that `viewer` answers for, the longest waiting first.
pub(super) async fn waiting(
    session: &mut Session,
    viewer: &Viewer,
    after: Option<Position>,
    limit: u32,
) -> Result<Vec<Waiting>, Error> {
    let bodies = viewer.bodies();
    if bodies.is_empty() {
        return Ok(Vec::new());
    }
    let (since, review) = match after {
        Some(after) => (after.since, after.review.uuid()),
        None => (Timestamp::UNIX_EPOCH, Uuid::nil()),
    };
    let statement = waiting_statement(session, &bodies, (since, review), limit);
    let rows = statement.fetch_all::<WaitingRow>(session).await?;
    rows.into_iter().map(WaitingRow::into_waiting).collect()
}

pub(super) fn waiting_statement(
    session: &Session,
    bodies: &[AuthorityId],
    (since, review): (Timestamp, Uuid),
    limit: u32,
) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push(
            "SELECT c.id, c.body_id, c.review_id, c.document_id, d.content_id, d.locale, d.type AS type_name, r.track, \
             r.round, c.asked_at, w.name AS by_name, c.due_at, v.card FROM cosignature c \
             JOIN review r ON r.id = c.review_id JOIN document d ON d.id = c.document_id \
             JOIN edition e ON e.id = c.edition_id LEFT JOIN derived v ON v.content_digest = e.content_digest \
             LEFT JOIN person w ON w.id = c.asked_by WHERE c.state = 'asked' AND (c.asked_at, c.review_id) > (",
        )
        .bind(Moment(since))
        .push(", ")
        .bind(review)
        .push(") AND c.body_id ")
        .is_one_of(bodies.iter().map(|body| body.uuid()).collect::<Ids>())
        .push(" ORDER BY c.asked_at, c.review_id LIMIT ")
        .bind(i64::from(limit));
    statement
}

/// The bodies of `review` that still have to answer in its round.
///
/// # Errors
/// As [`of_round`].
pub async fn open_of(work: &mut UnitOfWork, review: &Review) -> Result<Vec<Cosignature>, Error> {
    let mut asked = of_round(work.session(), review.id, review.round).await?;
    asked.retain(|one| one.state == CosignState::Asked);
    Ok(asked)
}
